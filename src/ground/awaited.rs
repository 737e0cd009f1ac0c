//! The waits of a test that run on this thread, for code that must not move a paused clock while
//! the test itself waits.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

thread_local! {
    static HERE: Arc<Waits> = Arc::default();
}

#[derive(Default)]
struct Waits {
    number: Mutex<usize>,
    changed: Notify,
}

/// A wait of the test, which lasts until this value is dropped.
pub(crate) struct Awaited(Arc<Waits>);

impl Awaited {
    /// Begins a wait on this thread.
    pub(crate) fn begin() -> Self {
        let waits = HERE.with(Arc::clone);
        *waits.lock() += 1;
        waits.changed.notify_waiters();
        Self(waits)
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
        self.0.changed.notify_waiters();
    }
}

impl Waits {
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.number.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sleeps this long on tokio's clock, counted from the end of the last wait on this thread.
pub(crate) async fn sleep_without_waits(length: Duration) {
    let waits = HERE.with(Arc::clone);
    loop {
        let mut changed = pin!(waits.changed.notified());
        changed.as_mut().enable();
        if *waits.lock() > 0 {
            changed.await;
            continue;
        }
        tokio::select! {
            biased;
            () = changed => {}
            () = tokio::time::sleep(length) => return,
        }
    }
}
