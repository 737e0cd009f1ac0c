//! From the bytes of a request to an [`Invocation`](invocation::Invocation), and the conditions
//! that a test can require of one.
//!
//! An invocation is complete once it is read: refusals by the service itself are found here, in the
//! service's order and with its messages. Nothing here depends on what a script answers.

pub(crate) mod context;
pub(crate) mod invocation;
pub mod matchers;
pub(crate) mod operation;
