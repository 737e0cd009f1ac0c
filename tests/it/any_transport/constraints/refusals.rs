//! The exact bytes of each refusal, and its entry in the journal.

use std::time::Duration;

use fake_lambda::{Constraint, Handle, sdk_client};
use insta::assert_snapshot;
use rstest::rstest;
use serde_json::json;

use super::said;
use crate::raw;
use crate::transport::FakeLambda;
use crate::waits::SendInTime;

const EVENT: &str = "X-Amz-Invocation-Type: Event";
const DRY_RUN: &str = "X-Amz-Invocation-Type: DryRun";

pub(crate) type Set = fn(&Handle) -> Constraint;

/// The status line, the code and the body.
pub(crate) type Answer = (&'static str, &'static str, String);

/// A throttle with a reason, as the service words it.
pub(crate) fn throttle(reason: &str, message: &str) -> Answer {
    let body = format!(r#"{{"Reason":"{reason}","Type":"User","message":"{message}"}}"#);
    ("429 Too Many Requests", "TooManyRequestsException", body)
}

fn conflict(message: &str) -> Answer {
    let body = format!(r#"{{"Type":"User","message":"{message}"}}"#);
    ("409 Conflict", "ResourceConflictException", body)
}

fn invalid_value(message: &str) -> Answer {
    let body = format!(r#"{{"Type":"User","message":"{message}"}}"#);
    ("400 Bad Request", "InvalidParameterValueException", body)
}

fn not_ready() -> Answer {
    let body = r#"{"Message":"Lambda is initializing your function. It will be ready to invoke once your function state becomes ACTIVE.","Type":"User"}"#;
    (
        "409 Conflict",
        "SnapStartNotReadyException",
        body.to_owned(),
    )
}

#[rstest]
#[case::reserved(
    |l: &Handle| l.reserve_concurrency("resize", 0),
    throttle("ReservedFunctionConcurrentInvocationLimitExceeded", "Rate Exceeded."),
    "reserved concurrency 0"
)]
#[case::account(
    |l: &Handle| l.account_concurrency(0),
    throttle("ConcurrentInvocationLimitExceeded", "Rate Exceeded."),
    "account concurrency 0"
)]
#[case::caller_s_rate(
    |l: &Handle| { let constraint = l.rate_limit(0, 1); assert_eq!(said(l, "pay"), "200"); constraint },
    throttle("CallerRateLimitExceeded", "Rate exceeded"),
    "caller's rate 0/s, burst 1"
)]
#[case::function_s_rate(
    |l: &Handle| { let constraint = l.function_rate_limit("resize", 0.0, 1); assert_eq!(said(l, "resize"), "200"); constraint },
    throttle("FunctionInvocationRateLimitExceeded", "Rate Exceeded."),
    "function's rate 0/s, burst 1"
)]
#[case::tenant(
    |l: &Handle| l.require_tenant_id("resize"),
    invalid_value("The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again."),
    "no tenant id"
)]
#[case::pending(
    |l: &Handle| l.pending("resize", 1),
    conflict("The operation cannot be performed at this time. The function is currently in the following state: Pending"),
    "pending"
)]
#[case::updating(
    |l: &Handle| l.updating("resize:7", Duration::from_secs(3600)),
    conflict("The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:us-east-1:123456789012:function:resize"),
    "update in progress"
)]
#[case::snapshot(
    |l: &Handle| l.snap_start("resize:7", 1, Duration::ZERO),
    not_ready(),
    "snapshot not ready"
)]
fn a_constraint_rejects_with_the_service_s_text(
    #[case] set: Set,
    #[case] answer: Answer,
    #[case] text: &str,
) {
    assert_refuses(&FakeLambda::start(), set, answer, text);
}

/// Checks that the setting rejects an attempt with exactly these bytes, and none after its stop.
pub(crate) fn assert_refuses(lambda: &Handle, set: Set, (status, code, body): Answer, text: &str) {
    lambda.on("pay").reply(json!(1));
    let script = lambda.on("resize").reply(json!({"ok": true}));
    let constraint = set(lambda);
    let before = script.calls().len();
    let reply = raw::invoke(lambda, "resize:7", &[], "{}");
    let head = format!(
        "HTTP/1.1 {status}\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-ErrorType: {code}\r\n\r\n",
        body.len()
    );
    assert_eq!(reply.masked(), head + &body);
    assert_eq!(constraint.refused(), 1);
    assert_eq!(
        script.calls().len(),
        before,
        "it does not count for the rule"
    );
    let call = lambda.journal().calls().pop().unwrap();
    let attempt = &call.attempts()[0];
    assert_eq!(attempt.constraint().as_deref(), Some(text));
    assert!(
        attempt.to_string().ends_with(&format!(" ({text})")),
        "{attempt}"
    );
    assert!(!attempt.is_unscripted() && !attempt.has_run());
    constraint.stop();
    assert_eq!(said(lambda, "resize:7"), "200");
}

#[test]
fn a_durable_function_needs_a_qualifier_for_every_type_but_dry_run() {
    let lambda = FakeLambda::start();
    lambda.on("resize").reply(json!(1));
    let durable = lambda.durable("resize");
    for (field, status) in [("X-A: b", 400), (EVENT, 400), (DRY_RUN, 204)] {
        assert_eq!(
            raw::invoke(&lambda, "resize", &[field], "{}").status(),
            status
        );
    }
    assert_eq!(durable.refused(), 2);
    let call = lambda.journal().calls().remove(0);
    assert_snapshot!(call.attempts()[0], @"400 InvalidParameterValueException (durable, no qualifier)");
    durable.stop();
    let reply = raw::invoke(&lambda, "resize", &[], "{}");
    assert_eq!(
        (reply.status(), reply.field("X-Amz-Durable-Execution-Arn")),
        (200, None)
    );
}

#[tokio::test]
async fn a_rejection_counts_for_the_target_and_consumes_no_step() {
    let lambda = FakeLambda::start();
    let script = lambda.on("resize").reply(json!(1)).times(1);
    let limit = lambda.reserve_concurrency("resize", 0);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let resize = || client.invoke().function_name("resize").send_in_time();
    let error = resize().await.unwrap_err().into_service_error();
    assert!(error.is_too_many_requests_exception());
    limit.stop();
    resize().await.unwrap();
    script.assert_attempts(1);
    lambda.seen("resize").assert_attempts(4);
    assert_eq!(limit.refused(), 3);
    assert_snapshot!(lambda.journal(), @r"
    1 resize RequestResponse (empty)
      attempt 1/3 → 429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded (reserved concurrency 0)
      attempt 2/3 → 429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded (reserved concurrency 0)
      attempt 3/3 → 429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded (reserved concurrency 0)
    2 resize RequestResponse (empty)
      attempt 1/3 → 200 1
    ");
    let call = &lambda.calls()[0];
    assert_eq!(
        serde_json::to_value(&call.attempts()[0]).unwrap(),
        json!({
            "attempt": 1, "max_attempts": 3, "status": 429, "error": "TooManyRequestsException",
            "reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "constraint": "reserved concurrency 0",
        })
    );
}

#[test]
fn concurrency_rejects_neither_the_request_of_an_event_nor_a_dry_run() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let reserved = lambda.reserve_concurrency("f", 0);
    let rate = lambda.function_rate_limit("f", 0, 1);
    for (field, status) in [(EVENT, 202), (EVENT, 202), (DRY_RUN, 204)] {
        assert_eq!(raw::invoke(&lambda, "f", &[field], "{}").status(), status);
    }
    // After their 202, both reached the limit in the queue; no rate applies there.
    assert_eq!((reserved.refused(), rate.refused()), (2, 0));
    lambda.pending("f", 1);
    assert_eq!(raw::invoke(&lambda, "f", &[DRY_RUN], "{}").status(), 204);
    assert_eq!(raw::invoke(&lambda, "f", &[EVENT], "{}").status(), 409);
    lambda.rate_limit(0, 1);
    let reply = raw::invoke(&lambda, "f", &[EVENT], "{}");
    assert_eq!(reply.status(), 202);
    let reply = raw::invoke(&lambda, "f", &[EVENT], "{}");
    assert!(reply.text().contains("CallerRateLimitExceeded"), "{reply}");
}

#[test]
fn unscripted_and_invalid_requests_are_not_checked_against_constraints() {
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    let limit = lambda.rate_limit(0, 1);
    assert_eq!(said(&lambda, "f"), "404 ResourceNotFoundException");
    let script = lambda.on("f").reply(json!(1)).times(1);
    let reply = raw::invoke(&lambda, "f", &[], "no JSON");
    assert_eq!(reply.status(), 400);
    assert_eq!(said(&lambda, "f"), "200");
    assert_eq!(said(&lambda, "f"), "404 ResourceNotFoundException");
    script.assert_attempts(1);
    assert_eq!(limit.refused(), 0);
}

#[test]
fn constraints_apply_to_rules_with_conditions() {
    let lambda = FakeLambda::start();
    let yes = lambda.on("f").when(|_: &fake_lambda::Invocation| true);
    yes.reply(json!(1));
    lambda.pending("f", 2);
    let answers = [(); 3].map(|()| said(&lambda, "f"));
    let conflict = "409 ResourceConflictException";
    assert_eq!(answers, [conflict, conflict, "200"]);
}
