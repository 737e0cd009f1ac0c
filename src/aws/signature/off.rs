//! What is left without the feature `signature`: no keys, and no refusal.

use std::time::SystemTime;

use super::Refusal;
use crate::ground::head::Head;

#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(());

impl Keys {
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
