//! Tests that run only on the fake's own server. Most are about its connections, break a reply, or
//! hold a request or a reply.

mod advice;
mod causes;
mod chaos;
pub(crate) mod conformance;
mod connections;
mod constraints;
mod errors;
mod events;
pub(crate) mod faults;
mod first_use;
mod handlers;
mod http;
mod idempotency;
mod journal;
mod lifecycle;
mod log_tail;
mod outages;
pub(crate) mod panics;
mod paused;
mod properties;
mod scripts;
mod silence;
pub(crate) mod streams;
mod verification;
