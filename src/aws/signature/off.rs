//! Replaces the signature check if the feature `signature` is off: no keys, no refusal, and
//! credentials that nothing checks.

use std::time::SystemTime;

use super::Refusal;
use crate::ground::head::Head;

#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(());

impl Keys {
    pub(crate) fn are_required(&self) -> bool {
        false
    }

    pub(crate) fn refusal(
        &self,
        _: &Head,
        _: &[u8],
        _: &str,
        _: fn() -> SystemTime,
    ) -> Option<Refusal> {
        None
    }
}

/// Credentials that a scenario can name with any set of features.
#[derive(Default)]
pub(crate) struct Credentials(());

impl Credentials {
    pub(crate) fn new(_: String, _: String) -> Self {
        Self(())
    }

    pub(crate) fn session_token(self, _: String) -> Self {
        self
    }

    pub(crate) fn expired(self) -> Self {
        self
    }
}
