//! Constraints: the effect of limits, states and starts of a function on its callers.

mod denied;
mod mistakes;
pub(crate) mod refusals;
pub(crate) mod starts;

use fake_lambda::Handle;

use crate::raw;

/// The status of one call, and its error code if the reply is a service error.
pub(crate) fn said(lambda: &Handle, function: &str) -> String {
    let reply = raw::invoke(lambda, function, &[], "{}");
    match reply.field("x-amzn-ErrorType") {
        Some(error) => format!("{} {error}", reply.status()),
        None => reply.status().to_string(),
    }
}

pub(crate) const THROTTLED: &str = "429 TooManyRequestsException";
