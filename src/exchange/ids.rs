//! Request ids and other draws: from the seed, and so the same in every run.

use super::Exchange;
use crate::invocation::{Invocation, RequestId};

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
        let draw = mixed(!self.start_of(invocation).wrapping_add(number));
        // The upper 53 bits are what a float holds exactly.
        (draw >> 11) as f64 / (1_u64 << 53) as f64
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

/// FNV-1a: short, and the same on every machine and compiler.
fn hashed(texts: &[&str]) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    texts
        .iter()
        .flat_map(|text| text.bytes().chain([0]))
        .fold(start, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

/// splitmix64: every bit of the input moves every bit of the output.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
