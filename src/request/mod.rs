//! From the bytes of a request to an [`Invocation`](invocation::Invocation), and the conditions
//! that a test can require of one.
//!
//! Reading a request also finds the reason why the service itself would refuse it, in the service's
//! order and with its messages. Nothing here depends on what a script answers.

pub(crate) mod context;
pub(crate) mod invocation;
pub mod matchers;
pub(crate) mod operation;
