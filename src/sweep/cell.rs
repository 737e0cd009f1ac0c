//! One cell: a function, a failure mode and how often it occurs, with the verdict about the run.

use std::fmt;
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use super::mode::{Kind, Nature};
use super::persistence::Persistence;
use crate::ground::location::Location;

/// The reaction of the tested code to a failure mode; worst first. A cell has the first verdict
/// that holds. An `Ok` that [`degrades`](super::Sweep::degrades) allows counts as the golden one.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Verdict {
    /// The code panics.
    Panics,
    /// The code does not return within the [`patience`](super::Sweep::patience) of the sweep, or
    /// within its limit of attempts, usually 1,000.
    Unbounded,
    /// The code returns `Ok`, but not that of the golden run.
    Wrong,
    /// Some [`work`](super::Sweep::work) is executed more often than in the golden run; new work
    /// may be executed once.
    Repeats,
    /// The code returns `Err`, although the mode is temporary and occurs once.
    GivesUp,
    /// The mode is permanent and always occurs, and the code makes more attempts than in the golden
    /// run.
    Wastes,
    /// The code returns `Err`.
    Fails,
    /// The code returns the golden `Ok`; the mode occurred, but not always.
    Recovers,
    /// The code returns the golden `Ok`, although the mode always occurs.
    Tolerates,
}

/// The result of one run of the tested code.
#[derive(Clone, Debug)]
pub struct Cell {
    pub(super) function: Arc<str>,
    pub(super) mode: Arc<str>,
    pub(super) kind: Kind,
    pub(super) nature: Nature,
    /// Whether the function is called with `InvokeWithResponseStream`.
    pub(super) is_streamed: bool,
    pub(super) persistence: Persistence,
    /// Whether the mode has a persistence of its own, in place of the sweep's.
    pub(super) has_own_persistence: bool,
    pub(super) verdict: Verdict,
    pub(super) ended: Ended,
    pub(super) attempts: usize,
    pub(super) golden_attempts: usize,
    pub(super) executions: usize,
    pub(super) golden_executions: usize,
    /// The functions that repeated work, and how often each.
    pub(super) repeated: Vec<(Arc<str>, usize)>,
    pub(super) elapsed: Duration,
    pub(super) calls_after: usize,
    pub(super) unscripted: Vec<Arc<str>>,
    pub(super) timeline: Arc<str>,
}

/// How a run of the tested code ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Ended {
    Panicked {
        text: String,
        at: Option<Location>,
    },
    TimedOut,
    /// It was ended after this many attempts.
    TooManyAttempts(u64),
    /// The result as `Debug` writes it.
    Returned {
        is_ok: bool,
        text: String,
    },
}

/// The function of a cell whose mode occurs at all functions.
pub(super) const EVERY_FUNCTION: &str = "*";

/// The most characters of a result that a report prints.
const SHORT: usize = 60;

impl Cell {
    /// Returns the name of the function at which the mode occurs; `*` if it occurs at all of them.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// Returns the name of the mode.
    pub fn mode(&self) -> &str {
        &self.mode
    }

    /// Returns whether a retry helps in this mode.
    pub fn nature(&self) -> Nature {
        self.nature
    }

    /// Returns how often the mode occurs.
    pub fn persistence(&self) -> Persistence {
        self.persistence
    }

    /// Returns the verdict about the run.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Returns the first line of the result, cut after 60 characters: `Ok("paid 42")`,
    /// `panicked: ` with the text of a panic, `no result`, or `no result after 1000 attempts`.
    pub fn result(&self) -> String {
        self.ended.to_string()
    }

    /// Returns `true` if the code returned `Ok`.
    pub fn is_ok(&self) -> bool {
        matches!(self.ended, Ended::Returned { is_ok: true, .. })
    }

    /// Returns the number of attempts at the function.
    pub fn attempts(&self) -> usize {
        self.attempts
    }

    /// Returns how often the function ran. An attempt counts even if its reply was lost; a delivery
    /// of an event counts once, however often Lambda retried it.
    pub fn executions(&self) -> usize {
        self.executions
    }

    /// Returns how often work was executed again, at any function: the executions of the same
    /// [`work`](super::Sweep::work) beyond those in the golden run, or beyond the first if the
    /// golden run does not do this work.
    pub fn extra_executions(&self) -> usize {
        self.repeated.iter().map(|(_, extra)| extra).sum()
    }

    /// Returns the duration of the run on tokio's clock, until it returned, panicked or was ended.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns the number of calls to any function after the first failure.
    pub fn calls_after_failure(&self) -> usize {
        self.calls_after
    }

    /// Returns the journal of the run with its times, as [`timeline`](crate::Handle::timeline)
    /// prints it; of more than 1,000 lines, only the first 1,000.
    pub fn timeline(&self) -> &str {
        &self.timeline
    }

    /// `pay, Reset, once`.
    pub(super) fn name(&self) -> String {
        let function = title(&self.function);
        format!("{function}, {}, {}", self.mode, self.persistence)
    }
}

impl Verdict {
    /// All verdicts, worst first.
    pub const ALL: [Self; 9] = [
        Self::Panics,
        Self::Unbounded,
        Self::Wrong,
        Self::Repeats,
        Self::GivesUp,
        Self::Wastes,
        Self::Fails,
        Self::Recovers,
        Self::Tolerates,
    ];

    /// Returns its name in a report: `gives up`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Panics => "panics",
            Self::Unbounded => "unbounded",
            Self::Wrong => "wrong",
            Self::Repeats => "repeats",
            Self::GivesUp => "gives up",
            Self::Wastes => "wastes",
            Self::Fails => "fails",
            Self::Recovers => "recovers",
            Self::Tolerates => "tolerates",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A single verdict, for methods that accept several.
impl AsRef<[Self]> for Verdict {
    fn as_ref(&self) -> &[Self] {
        slice::from_ref(self)
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked { text, .. } => write!(f, "panicked: {}", short(text)),
            Self::TimedOut => f.write_str("no result"),
            Self::TooManyAttempts(most) => write!(f, "no result after {most} attempts"),
            Self::Returned { text, .. } => f.write_str(&short(text)),
        }
    }
}

/// The name of a function as a report prints it.
pub(super) fn title(function: &str) -> &str {
    match function {
        EVERY_FUNCTION => "every function",
        named => named,
    }
}

/// The first line, cut to a length that a table can show.
fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut cut: String = line.chars().take(SHORT).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}
