//! The one lock: what happens to a request between its arrival and its last byte.
//!
//! A request arrives, is searched for, is answered and is finished here; each is one edit of the state, and an attempt is in the journal
//! before anything is sent. Nothing here waits, runs code of the test under the lock, or knows what a socket is.

mod answer;
mod arrive;
mod config;
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
mod subject;
#[cfg(test)]
mod tests;
mod unanswered;
mod verify;
mod wakers;

pub(crate) use self::config::Config;
pub(crate) use self::events::Run;
pub(crate) use self::exchange::{Exchange, State};
pub(crate) use self::subject::{Arrived, Subject};
