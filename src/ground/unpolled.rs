//! A wait that did nothing.

use super::location::Location;

/// A wait that was dropped before its first poll.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct UnpolledWait {
    /// What it was for: `for 1 call`.
    pub(crate) what: String,
    pub(crate) made_at: Location,
}
