//! Finds out why a test failed: near rules, calls that arrived instead, parts of the script that
//! cannot apply, unmet expectations.
//!
//! These functions take the script and the record. Some of them evaluate conditions again; those
//! are not called under the lock.

mod near_calls;
mod near_misses;
mod reach;
mod unmet;
mod unused;

pub(crate) use self::near_calls::{Beside, near_calls, set_up};
pub(crate) use self::near_misses::{Answers, near_misses, near_rules};
pub(crate) use self::reach::{misnamed, unreachable};
pub(crate) use self::unmet::{is_event_expected, unmet};
pub(crate) use self::unused::unused;
