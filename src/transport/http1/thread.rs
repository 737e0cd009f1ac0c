//! The fake's own thread and its runtime.

use std::future::Future;
use std::io;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::LocalSet;

/// How long a drop waits for the fake's thread; a handler that blocks it longer is abandoned.
const GRACE: Duration = Duration::from_secs(1);

/// The thread on which a fake runs its handlers.
pub(crate) struct OwnThread {
    ended: Mutex<mpsc::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl OwnThread {
    /// Starts the thread; it ends soon after `work` has finished.
    ///
    /// Builds the runtime first, on the thread of the caller, and runs `prepare` inside it, so that
    /// nothing can fail after this returns.
    pub(crate) fn start(prepare: &dyn Fn() -> io::Result<()>, work: Task<()>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let runtime = OwnRuntime(Some(runtime));
        {
            let _inside = runtime.enter();
            prepare()?;
        }
        let (ending, ended) = mpsc::channel();
        let thread = thread::Builder::new().name(name()).spawn(move || {
            run(&runtime, work);
            drop(runtime);
            drop(ending);
        })?;
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

/// A runtime that does not wait for blocking tasks when it is dropped: a handler can leave one
/// behind, and if a fake cannot start, the drop is on the test's thread, which must not block.
struct OwnRuntime(Option<Runtime>);

impl Deref for OwnRuntime {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("it is taken when it is dropped")
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A future of the fake, of the type that all of its tasks have.
pub(crate) type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Starts a task of the fake. Much of tokio would be compiled again for each other type of future.
pub(crate) fn spawn(task: Task<()>) {
    tokio::spawn(task);
}

/// The main function of the thread.
fn run(runtime: &Runtime, work: Task<()>) {
    // Handlers can return futures that are not `Send`, so they run as local tasks. The fake's other
    // tasks do not, because a local task costs more.
    let local = LocalSet::new();
    let _inside = local.enter();
    local.block_on(runtime, async {
        work.await;
        // Handlers of accepted events that have not been polled yet are polled now.
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
    });
}

/// The fake's thread is named after the test's, so that a panic of a handler shows its test.
fn name() -> String {
    match thread::current().name() {
        Some(name) => format!("fake-lambda of {name}"),
        None => "fake-lambda".to_owned(),
    }
}
