//! From the bytes of a request to an [`Invocation`](invocation::Invocation), and the questions that a test asks about one.
//!
//! An invocation is complete once it is read: what the service itself refuses is found here, in the service's order and words. Nothing
//! here knows what a script answers.

pub(crate) mod context;
pub(crate) mod invocation;
pub mod matchers;
pub(crate) mod operation;
