//! Invocation types.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fake_lambda::matchers::invocation_type;
use fake_lambda::{FunctionError, Invocation, InvocationType, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;
use tokio::sync::Notify;

use super::{DRY_RUN, EVENT, ask, ask_as, said};
use crate::panics::caught;
use crate::raw;
use crate::transport::FakeLambda;

#[rstest]
#[case::a_value_is_not_for_the_caller(json!(1).into(), "202")]
#[case::a_function_error_is_not_for_the_caller(FunctionError::new("E", "m").into(), "202")]
#[case::a_handler_is_not_for_the_caller(Reply::handle(async |_: Invocation| json!(1)), "202")]
#[case::an_error_of_a_handler_is_not_for_the_caller(Reply::handle(async |_: Invocation| ServiceError::ServiceException), "202")]
#[case::a_service_error_is_for_the_caller(ServiceError::TooManyRequestsException.into(), "429 TooManyRequestsException")]
#[case::the_error_of_a_load_balancer_is_for_the_caller(
    Reply::http(502, "bad gateway"),
    "502 bad gateway"
)]
fn the_caller_of_an_event_gets_its_acceptance_or_refusal(
    #[case] reply: Reply,
    #[case] expected: &str,
) {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(reply);
    let reply = raw::invoke(&lambda, "f", &[EVENT], r#"{"id":7}"#);
    assert_eq!(said(&reply), expected);
    if expected == "202" {
        assert_eq!(reply.field("X-Amz-Function-Error"), None);
        assert_eq!(reply.field("X-Amz-Executed-Version"), None);
    }
    assert_eq!(script.only_call().first().payload_json(), json!({"id": 7}));
    lambda.wait_until_idle().block();
}

#[test]
fn a_fake_is_idle_after_the_handler_of_an_event_has_ended() {
    let lambda = FakeLambda::start();
    let (go, ran) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let (gone, running) = (go.clone(), ran.clone());
    lambda.on("f").handle(async move |_: Invocation| {
        gone.notified().await;
        running.fetch_add(1, Ordering::SeqCst);
        json!(1)
    });
    assert_eq!(ask_as(&lambda, "f", EVENT), "202");
    lambda.wait_for_calls(1).block();
    let late = caught(|| {
        lambda
            .wait_until_idle()
            .within(Duration::from_millis(5))
            .block()
    });
    assert!(
        late.text
            .starts_with("error: waited 5ms for the fake to become idle"),
        "{}",
        late.text
    );
    assert_eq!(ran.load(Ordering::SeqCst), 0);
    go.notify_one();
    lambda.wait_until_idle().block();
    assert_eq!(ran.load(Ordering::SeqCst), 1);
}

#[rstest]
#[case::a_rule_permits(|l: &FakeLambda| { l.on("f").reply(json!(1)); }, "204")]
#[case::whatever_it_answers(|l: &FakeLambda| { l.on("f").reply(ServiceError::ServiceException); }, "204")]
#[case::of_any_function(|l: &FakeLambda| { l.on_any().reply(json!(1)); }, "204")]
#[case::whatever_its_condition_says(|l: &FakeLambda| { l.on("f").when(|_: &Invocation| false).reply(json!(1)); }, "204")]
#[case::and_when_it_is_exhausted(|l: &FakeLambda| { l.on("f").reply(json!(1)).times(1); ask(l, "f"); }, "204")]
#[case::a_rule_for_dry_runs_answers(|l: &FakeLambda| { l.on("f").when(invocation_type("DryRun")).reply(ServiceError::AccessDeniedException); l.on("f").reply(json!(1)); }, "403 AccessDeniedException")]
#[case::a_value_of_a_rule_for_dry_runs_permits(|l: &FakeLambda| { l.on("f").when(invocation_type(InvocationType::DryRun)).reply(json!(1)); }, "204")]
#[case::another_qualifier_is_unscripted(|l: &FakeLambda| { l.on("f:live").reply(json!(1)); }, "404 ResourceNotFoundException")]
#[case::a_removed_rule_does_not_count(|l: &FakeLambda| { l.on("f").reply(json!(1)).remove(); }, "404 ResourceNotFoundException")]
fn a_dry_run_succeeds_if_a_rule_covers_the_function(
    #[case] script: fn(&FakeLambda),
    #[case] expected: &str,
) {
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    script(&lambda);
    assert_eq!(ask_as(&lambda, "f", DRY_RUN), expected);
    assert_eq!(ask_as(&lambda, "f", DRY_RUN), expected, "asked again");
}

#[test]
fn a_dry_run_consumes_no_step_and_counts_for_no_rule() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(json!(1)).times(1).then(json!(2));
    for _ in 0..3 {
        assert_eq!(ask_as(&lambda, "f", DRY_RUN), "204");
    }
    assert_eq!([ask(&lambda, "f"), ask(&lambda, "f")], ["1", "2"]);
    script.assert_calls(2);
    lambda.assert_calls(5);
}

#[test]
fn a_dry_run_consumes_the_steps_of_a_rule_for_dry_runs() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let denied = lambda
        .on("f")
        .when(invocation_type("DryRun"))
        .reply(ServiceError::AccessDeniedException);
    denied.times(1).expect_attempts(1);
    assert_eq!(ask_as(&lambda, "f", DRY_RUN), "403 AccessDeniedException");
    assert_eq!(ask_as(&lambda, "f", DRY_RUN), "204");
    assert_eq!(ask(&lambda, "f"), "1");
}
