//! How often a failure mode occurs at its function.

use std::fmt;
use std::time::Duration;

/// How often a failure mode occurs at its function: which of the attempts there it hits.
///
/// Attempts are counted at the function from the start of the run, including retries.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Persistence {
    /// The first attempt.
    Once,
    /// The first attempts, this many.
    Burst(u64),
    /// Every attempt that arrives during this time from the start of the run, on tokio's clock.
    For(Duration),
    /// Every attempt.
    Always,
}

impl Persistence {
    /// The number of the last attempt that it hits, if that is known before the run.
    pub(super) fn last(self) -> Option<u64> {
        match self {
            Self::Once => Some(1),
            Self::Burst(attempts) => Some(attempts),
            Self::For(_) | Self::Always => None,
        }
    }
}

/// `once`, `2 times`, `for 10s`, `always`.
impl fmt::Display for Persistence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once => f.pad("once"),
            Self::Burst(attempts) => f.pad(&format!("{attempts} times")),
            Self::For(length) => f.pad(&format!("for {length:?}")),
            Self::Always => f.pad("always"),
        }
    }
}
