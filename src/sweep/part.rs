//! The code that a sweep calls in addition to the tested code; its panic is not a verdict.

use crate::ground::message::Message;
use crate::ground::panics::{CaughtPanic, catch_quietly};

/// A part of that code.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Setup,
    /// The closure of [`work`](super::Sweep::work).
    Work,
    /// The `Debug` of a result.
    Debug,
    /// The closure of [`same_if`](super::Sweep::same_if).
    SameIf,
    /// Anything else, such as the drop of a result.
    Rest,
}

/// A panic of such a part.
#[derive(Debug)]
pub(super) struct Broken {
    part: Part,
    panic: CaughtPanic,
}

impl Part {
    /// Runs this part.
    pub(super) fn watch<V>(self, run: impl FnOnce() -> V) -> Result<V, Broken> {
        catch_quietly(run).map_err(|panic| Broken { part: self, panic })
    }
}

impl Broken {
    pub(super) fn message(self) -> Message {
        let (what, help) = match self.part {
            Part::Setup => (
                "the setup of the sweep",
                "correct the script, as the text of the panic says",
            ),
            Part::Work => (
                "the closure of `work`",
                "return a key for each request that a function gets, whatever its payload",
            ),
            Part::Debug => (
                "`Debug` of a result",
                "correct the implementation: the sweep prints each result",
            ),
            Part::SameIf => (
                "the closure of `same_if`",
                "return `false` for each result that differs, whatever it contains",
            ),
            Part::Rest => (
                "a run of the sweep",
                "correct what the text of the panic names, such as the `Drop` of a result",
            ),
        };
        let at = self.panic.panicked_at.map(|at| format!(" at {at}"));
        let error = format!("{what} panicked{}", at.unwrap_or_default());
        Message::new(error, help).line(self.panic.text)
    }
}
