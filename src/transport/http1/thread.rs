//! A thread of the fake's own, with a runtime on it for tasks that stay on their thread.

use std::future::Future;
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::LocalOptions;

/// How long a drop waits for the fake's thread; a handler that blocks it longer is left behind.
const GRACE: Duration = Duration::from_secs(1);

/// The thread on which a fake runs its handlers.
pub(crate) struct OwnThread {
    ended: Mutex<mpsc::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl OwnThread {
    /// Starts it; it ends soon after what `work` makes is done.
    pub(crate) fn start<W>(work: impl FnOnce() -> W + Send + 'static) -> io::Result<Self>
    where
        W: Future<Output = ()>,
    {
        let (ending, ended) = mpsc::channel();
        let thread = thread::Builder::new().name(name()).spawn(move || {
            run(work());
            drop(ending);
        })?;
        Ok(Self {
            ended: Mutex::new(ended),
            thread: Some(thread),
        })
    }

    /// Waits for its end, at most a second; `false` when a handler blocks it longer. From the thread itself nothing is waited for.
    pub(crate) fn ends_in_time(&mut self) -> bool {
        let Some(thread) = self.thread.take() else {
            return true;
        };
        if thread.thread().id() == thread::current().id() {
            return true;
        }
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        match ended.recv_timeout(GRACE) {
            Err(RecvTimeoutError::Timeout) => false,
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                // A panic of the thread was printed when it happened; a drop has nothing to add.
                let _ = thread.join();
                true
            }
        }
    }
}

/// The life of the thread.
fn run(work: impl Future<Output = ()>) {
    // Handlers may return futures that are not `Send`, so everything runs as local tasks.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
        .expect("the system has the descriptors for a runtime");
    runtime.block_on(async {
        work.await;
        // Handlers of accepted events that had no turn yet get one.
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
    });
    // A handler may have left a blocking task behind, which nobody waits for.
    runtime.shutdown_background();
}

/// The test's thread names the fake's, so a panic of a handler says which test it belongs to.
fn name() -> String {
    match thread::current().name() {
        Some(name) => format!("fake-lambda of {name}"),
        None => "fake-lambda".to_owned(),
    }
}
