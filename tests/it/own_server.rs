//! What only the fake's own server does: its connections, replies that break, and whatever holds a request or a reply up.

mod advice;
mod chaos;
pub(crate) mod conformance;
mod connections;
mod constraints;
mod errors;
mod events;
mod faults;
mod handlers;
mod http;
mod journal;
mod lifecycle;
mod log_tail;
mod outages;
mod properties;
mod scripts;
mod silence;
mod verification;
