//! Scripts: which rule answers, which step, and what the caller gets. Conditions, handlers, live
//! edits, waits.

mod conditions;
mod edits;
mod handlers;
mod invocation_types;
mod rules;
pub(crate) mod waits;

use fake_lambda::Handle;
use fake_lambda::matchers::IntoCondition;
use serde_json::json;

use crate::raw;
use crate::transport::FakeLambda;

pub(crate) const EVENT: &str = "X-Amz-Invocation-Type: Event";
pub(crate) const DRY_RUN: &str = "X-Amz-Invocation-Type: DryRun";

/// A reply as a caller sees it: the payload, or the status with its reason.
fn said(reply: &raw::Reply) -> String {
    let (status, body) = (reply.status(), String::from_utf8_lossy(&reply.body));
    let error = reply.field("x-amzn-ErrorType");
    match (status, error, reply.field("X-Amz-Function-Error")) {
        (200, None, None) => body.into_owned(),
        (200, None, Some(kind)) => format!("{kind} {body}"),
        (_, Some(error), _) => format!("{status} {error}"),
        _ => format!("{status} {body}").trim_end().to_owned(),
    }
}

pub(crate) fn ask(lambda: &Handle, function: &str) -> String {
    said(&raw::invoke(lambda, function, &[], "{}"))
}

pub(crate) fn ask_as(lambda: &Handle, function: &str, field: &str) -> String {
    said(&raw::invoke(lambda, function, &[field], "{}"))
}

/// Returns `true` if a rule with this condition answers such a request.
fn holds<M>(condition: impl IntoCondition<M>, fields: &[&str], payload: &str) -> bool {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(false));
    lambda.on("f").when(condition).reply(json!(true));
    match &*raw::invoke(&lambda, "f", fields, payload).body {
        b"true" => true,
        b"false" => false,
        other => panic!("{}", String::from_utf8_lossy(other)),
    }
}

pub(crate) fn is_waiting(lambda: &Handle) -> bool {
    let calls = lambda.calls();
    calls.iter().any(|call| call.attempts()[0].is_waiting())
}
