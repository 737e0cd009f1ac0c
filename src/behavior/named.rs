//! Settings that name a function, and where they were written: otherwise a typo in a name would go
//! unnoticed.

use crate::aws::target::Target;
use crate::ground::location::Location;

/// A setting that a test made for a function.
#[derive(Clone, Debug)]
pub(crate) struct NamedSetting {
    /// `alias`.
    pub(crate) verb: &'static str,
    pub(crate) target: Target,
    pub(crate) written_at: Location,
    /// Whether verification has reported it.
    pub(crate) reported: bool,
}

impl NamedSetting {
    /// Returns `true` if it is this setting of this function.
    pub(crate) fn is(&self, verb: &str, target: &Target) -> bool {
        self.verb == verb && self.target == *target
    }

    pub(crate) fn new(verb: &'static str, target: Target, written_at: Location) -> Self {
        Self {
            verb,
            target,
            written_at,
            reported: false,
        }
    }
}
