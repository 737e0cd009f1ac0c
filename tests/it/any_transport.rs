//! Behavior that needs only HTTP, on any transport: `other_transports` runs these tests again on
//! each transport except the socket.
//!
//! Tests of behavior that another transport refuses or changes are in `own_server` or in `mounted`.

pub(crate) mod chaos;
mod clients;
pub(crate) mod conformance;
pub(crate) mod constraints;
mod contracts;

mod duplicates;
mod eras;
pub(crate) mod errors;
pub(crate) mod events;
mod function_errors;
pub(crate) mod handlers;
mod idempotency;
mod journal;
pub(crate) mod log_tail;
mod own_types;
mod red;
pub(crate) mod scripts;
#[cfg(feature = "signature")]
mod signature;
mod streams;
pub(crate) mod verification;
mod versions;
mod wire;
