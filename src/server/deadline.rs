//! When a function that has a timeout is to be done.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// The end of the time that a function has.
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    pub(super) timeout: Duration,
}

impl Deadline {
    /// So long from now.
    pub(super) fn after(timeout: Duration) -> Self {
        Self {
            at: Instant::now() + timeout,
            timeout,
        }
    }

    pub(super) fn has_passed(&self) -> bool {
        Instant::now() >= self.at
    }
}

/// What `work` comes to, if it ends in time.
///
/// Work that blocked the thread ends without having been interrupted; it is too late all the same.
pub(super) async fn in_time<T>(
    deadline: Option<Deadline>,
    work: impl Future<Output = T>,
) -> Option<T> {
    let Some(deadline) = deadline else {
        return Some(work.await);
    };
    let done = timeout_at(deadline.at, work).await.ok();
    done.filter(|_| !deadline.has_passed())
}
