//! The transports of requests and replies: the fake's own HTTP/1.1 server, and a user's
//! `wiremock::MockServer`.
//!
//! [`drive`](drive::drive) performs the decisions of the exchange in one place for every transport,
//! and an attempt is recorded as finished before its connection ends. Nothing here decides what
//! is answered, or depends on how AWS spells it.

pub(crate) mod deadline;
pub(crate) mod drive;
pub(crate) mod http1;
#[cfg(feature = "wiremock")]
pub(crate) mod wiremock;
