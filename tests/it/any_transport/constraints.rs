//! Constraints: what limits, states and starts of a function do to its callers.

mod denied;
mod mistakes;
pub(crate) mod refusals;
pub(crate) mod starts;

use fake_lambda::Handle;

use crate::raw;

/// The status of one call, and what refused it.
pub(crate) fn said(lambda: &Handle, function: &str) -> String {
    let reply = raw::invoke(lambda, function, &[], "{}");
    match reply.field("x-amzn-ErrorType") {
        Some(error) => format!("{} {error}", reply.status()),
        None => reply.status().to_string(),
    }
}

pub(crate) const THROTTLED: &str = "429 TooManyRequestsException";
