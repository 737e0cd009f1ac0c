//! What carries requests and replies: the fake's own HTTP/1.1 server, and a `wiremock::MockServer` of the test's.
//!
//! [`drive`](drive::drive) performs what the exchange has decided, once for every transport, and the attempt is recorded as finished before
//! its connection ends. Nothing here decides what is answered, or knows how AWS spells it.

pub(crate) mod deadline;
pub(crate) mod drive;
pub(crate) mod http1;
#[cfg(feature = "wiremock")]
pub(crate) mod wiremock;
