//! Request ids and other draws: from the seed, and so the same in every run.

use super::Exchange;
use crate::ground::draws::{hashed, mixed, share};
use crate::request::invocation::{Invocation, RequestId};

impl Exchange {
    /// A lower-case UUID that follows from the seed, the target and the number of the attempt at that target.
    pub(super) fn request_id(&self, invocation: &Invocation, number: u64) -> RequestId {
        let start = self.start_of(invocation);
        RequestId::from_bits(
            mixed(start.wrapping_add(number * 2)),
            mixed(start.wrapping_add(number * 2 + 1)),
        )
    }

    /// A number from 0 to 1 that follows from the same three, for the choice among an alias's versions.
    pub(super) fn share(&self, invocation: &Invocation, number: u64) -> f64 {
        share(mixed(!self.start_of(invocation).wrapping_add(number)))
    }

    /// Two numbers that follow from the same three, for the figures in a log.
    pub(super) fn draws(&self, invocation: &Invocation) -> [u64; 2] {
        let id = hashed(&[invocation.drawn_id()]);
        [mixed(id), mixed(!id)]
    }

    fn start_of(&self, invocation: &Invocation) -> u64 {
        let name = match invocation.target() {
            Some(target) => hashed(&[
                &target.name,
                target.qualifier.as_deref().unwrap_or_default(),
            ]),
            None => hashed(&[invocation.path_and_query()]),
        };
        name ^ mixed(self.config.seed)
    }
}
