//! The transports of requests and replies: the fake's own HTTP/1.1 server, and a user's
//! `wiremock::MockServer`.
//!
//! [`drive`](drive::drive) performs the decisions of the exchange in one place for every transport,
//! and an attempt is recorded as finished before its connection ends. This wing does not decide
//! what is answered, and does not know how AWS spells it.

pub(crate) mod deadline;
pub(crate) mod drive;
pub(crate) mod http1;
#[cfg(feature = "wiremock")]
pub(crate) mod wiremock;
