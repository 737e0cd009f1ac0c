//! What runs a function, and what it waits for then.

use std::time::Duration;

use super::{Held, Todo};

impl Todo {
    /// Does the same once an environment was started, in this time.
    pub(crate) fn after_start(self, length: Duration) -> Self {
        let then = match self {
            // It is entered into the journal when it is let go.
            Self::Send(outcome) => Self::Hold(Box::new(Held {
                gate: None,
                delay: Duration::ZERO,
                outcome,
                late: None,
            })),
            other @ (Self::Run(_) | Self::Hold(_) | Self::Start(..)) => other,
        };
        Self::Start(length, Box::new(then))
    }

    /// Whether the function runs for it while the caller waits.
    pub(crate) fn runs_function(&self) -> bool {
        match self {
            Self::Send(outcome) => outcome.has_run(),
            Self::Hold(held) => held.outcome.has_run(),
            Self::Run(_) => true,
            Self::Start(_, then) => then.runs_function(),
        }
    }
}
