//! The one lock: what happens to a request between its arrival and its last byte.
//!
//! A request arrives, is matched, answered and finished here; each step is one edit of the state,
//! and an attempt is in the journal before anything is sent. This wing does not wait, does not run
//! user code under the lock, and does not use sockets.

mod answer;
mod arrive;
mod broke;
mod config;
mod contracts;
mod delivery;
mod events;
#[allow(
    clippy::module_inception,
    reason = "the wing and its main type have one name"
)]
mod exchange;
mod intake;
mod progress;
mod search;
mod stall;
mod streaming;
mod subject;
#[cfg(test)]
mod tests;
mod unanswered;
mod verify;

pub(crate) use self::config::{Config, PrintsJournal};
pub(crate) use self::events::Run;
pub(crate) use self::exchange::{Exchange, State};
pub(crate) use self::subject::{Arrived, Subject};
