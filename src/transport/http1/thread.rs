//! The fake's own thread, with a runtime for tasks that stay on their thread.

use std::future::Future;
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::LocalOptions;

/// How long a drop waits for the fake's thread; a handler that blocks it longer is abandoned.
const GRACE: Duration = Duration::from_secs(1);

/// The thread on which a fake runs its handlers.
pub(crate) struct OwnThread {
    ended: Mutex<mpsc::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl OwnThread {
    /// Starts the thread; it ends soon after the future that `work` returns has finished.
    ///
    /// Returns after `work` has, which runs inside the thread's runtime, or with the reason why the
    /// thread cannot run.
    pub(crate) fn start<W>(
        work: impl FnOnce() -> io::Result<W> + Send + 'static,
    ) -> io::Result<Self>
    where
        W: Future<Output = ()>,
    {
        let (ending, ended) = mpsc::channel();
        let (starting, started) = mpsc::channel();
        let thread = thread::Builder::new().name(name()).spawn(move || {
            run(work, starting);
            drop(ending);
        })?;
        // The sender is dropped unused if the runtime itself panics without a resource.
        let ended_early = |_| Err(io::Error::other("its thread ended while it started"));
        started.recv().unwrap_or_else(ended_early)?;
        Ok(Self {
            ended: Mutex::new(ended),
            thread: Some(thread),
        })
    }

    /// Waits at most a second for the thread to end; `false` if a handler blocks it longer. On the
    /// thread itself it does not wait.
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
                // A panic of the thread was already printed; a drop has nothing to add.
                let _ = thread.join();
                true
            }
        }
    }
}

/// The main function of the thread.
fn run<W>(work: impl FnOnce() -> io::Result<W>, starting: mpsc::Sender<io::Result<()>>)
where
    W: Future<Output = ()>,
{
    // Handlers can return futures that are not `Send`, so everything runs as local tasks.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default());
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return report(&starting, Err(error)),
    };
    runtime.block_on(async {
        let work = match work() {
            Ok(work) => work,
            Err(error) => return report(&starting, Err(error)),
        };
        report(&starting, Ok(()));
        work.await;
        // Handlers of accepted events that were not polled yet are polled now.
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
    });
    // A handler can leave a blocking task behind, which is not waited for.
    runtime.shutdown_background();
}

/// Sends the result of starting to the thread that waits for it.
fn report(starting: &mpsc::Sender<io::Result<()>>, result: io::Result<()>) {
    // It waits until the sender is dropped.
    let _ = starting.send(result);
}

/// The fake's thread is named after the test's, so that a panic of a handler shows its test.
fn name() -> String {
    match thread::current().name() {
        Some(name) => format!("fake-lambda of {name}"),
        None => "fake-lambda".to_owned(),
    }
}
