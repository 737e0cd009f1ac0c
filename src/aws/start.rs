//! How a run of a function gets its execution environment.

use std::time::Duration;

/// How a run got its environment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Start {
    /// An earlier run had created it.
    Warm,
    /// It was created for this run; the init took this long, if anything sets the time.
    Cold(Option<Duration>),
    /// It was restored from a snapshot for this run, in this time.
    Restored(Duration),
}
