//! Whether a test fails when the drop of its fake panics.

use std::backtrace::Backtrace;
use std::process;
use std::thread::{self, ThreadId};

use tokio::task;

thread_local! {
    static THREAD: AtThreadEnd = const { AtThreadEnd };
}

/// A value that is dropped when its thread ends; among such values, the first used is dropped last.
struct AtThreadEnd;

/// Where a fake was started.
#[derive(Debug)]
pub(super) struct Witness {
    thread: ThreadId,
    task: Option<task::Id>,
    process: u32,
}

/// Where a fake is dropped, if no test fails when it panics there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Unseen {
    Task,
    Thread(Option<String>),
    /// A panic here would end the process.
    ThreadEnd,
}

impl Witness {
    /// A fake that is started here.
    pub(super) fn here() -> Self {
        Self {
            thread: thread::current().id(),
            task: task::try_id(),
            process: process::id(),
        }
    }

    /// Changes the process to another one, as a forked process sees it.
    #[cfg(test)]
    pub(super) fn leave_process(&mut self) {
        self.process = !self.process;
    }

    /// Returns `true` in a process that was forked after the start: the fake's thread is not there,
    /// but its sockets are those of the parent.
    pub(super) fn is_in_a_fork(&self) -> bool {
        self.process != process::id()
    }

    /// Notes that a fake is in use, by using `THREAD`. A `thread_local!` that was initialized with
    /// a fake before the first such call on its thread is dropped after `THREAD`.
    pub(super) fn note_use() {
        let _ = THREAD.try_with(|_| ());
    }

    /// Where the fake is being dropped; `None` if a panic there fails the test.
    pub(super) fn unseen(&self) -> Option<Unseen> {
        if THREAD.try_with(|_| ()).is_err() || is_in_a_thread_local() {
            return Some(Unseen::ThreadEnd);
        }
        match task::try_id() {
            Some(task) => (self.task != Some(task)).then_some(Unseen::Task),
            None => {
                let thread = thread::current();
                let name = || thread.name().map(str::to_owned);
                (self.thread != thread.id()).then(|| Unseen::Thread(name()))
            }
        }
    }
}

impl Unseen {
    /// The place as a report names it.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Task => "in a spawned task".to_owned(),
            Self::Thread(Some(name)) => format!("on the thread `{name}`"),
            Self::Thread(None) => "on another thread".to_owned(),
            Self::ThreadEnd => "at the end of its thread".to_owned(),
        }
    }
}

/// Returns `true` if the value of a `thread_local!` is being dropped. `std` does not report this,
/// so this searches the backtrace for the module of `std` that drops such values.
fn is_in_a_thread_local() -> bool {
    Backtrace::force_capture()
        .to_string()
        .contains("std::sys::thread_local")
}

/// Without this impl nothing would be dropped at the end of the thread, and `try_with` would never
/// fail.
impl Drop for AtThreadEnd {
    fn drop(&mut self) {}
}
