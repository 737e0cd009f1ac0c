//! Why a test failed: rules that came near, calls that came instead, what nothing can reach, expectations that were not met.
//!
//! Functions of what was scripted and what was recorded. Conditions are asked here again, so none of those is called under the lock.

mod near_calls;
mod near_misses;
mod reach;
mod unmet;

pub(crate) use self::near_calls::{Beside, near_calls};
pub(crate) use self::near_misses::{Answers, near_misses, near_rules};
pub(crate) use self::reach::{misnamed, unreachable};
pub(crate) use self::unmet::{is_event_expected, unmet};
