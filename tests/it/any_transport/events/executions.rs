//! How often and when a function runs for one event.

use std::sync::{Arc, Mutex};

use fake_lambda::matchers::payload_partial;
use fake_lambda::{EventCondition, FunctionError, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::{Value, json};

use super::{EVENT, QUEUE, boom, send, times};
use crate::raw;
use crate::transport::FakeLambda;

fn throttle() -> Reply {
    Reply::error(ServiceError::TooManyRequestsException).in_queue()
}

#[rstest]
#[case::a_success_ends_it(|l: &FakeLambda| { l.on("f").reply(json!(1)); }, &[0], EventCondition::Success)]
#[case::a_function_error_is_retried(|l: &FakeLambda| { l.on("f").reply(boom()); }, &[0, 60, 180], EventCondition::RetriesExhausted)]
#[case::until_it_succeeds(|l: &FakeLambda| { l.on("f").reply(boom()).then(json!(1)); }, &[0, 60], EventCondition::Success)]
#[case::a_throttle_in_the_queue_is_not_counted(|l: &FakeLambda| { l.on("f").reply(throttle()).times(3).then(boom()); }, &[0, 1, 3, 7, 67, 187], EventCondition::RetriesExhausted)]
#[case::a_failure_of_the_service_is_not_counted(|l: &FakeLambda| { l.on("f").reply(boom()).then(ServiceError::ServiceException).then(json!(1)); }, &[0, 60, 61], EventCondition::Success)]
#[case::an_error_of_a_load_balancer_is_not_counted(|l: &FakeLambda| { l.on("f").reply(boom()).then(Reply::http(502, "")).then(json!(1)); }, &[0, 60, 61], EventCondition::Success)]
#[case::a_handler_runs_each_time(|l: &FakeLambda| { l.on("f").handle(async |_: Invocation| boom()); }, &[0, 60, 180], EventCondition::RetriesExhausted)]
#[case::a_handler_may_be_refused(|l: &FakeLambda| { l.on("f").handle(async |_: Invocation| ServiceError::ServiceException).times(1).then(json!(1)); }, &[0, 1], EventCondition::Success)]
fn an_event_runs_as_scripted(
    #[case] script: fn(&FakeLambda),
    #[case] expected: &[u64],
    #[case] condition: EventCondition,
) {
    let lambda = FakeLambda::start();
    script(&lambda);
    send(&lambda, "f", "{}");
    lambda.settle_events().block();
    let delivery = lambda.only_delivery();
    assert_eq!(times(&delivery), expected, "{delivery}");
    assert_eq!(delivery.condition(), Some(condition));
    lambda.assert_executions(expected.len());
}

#[test]
fn each_execution_consumes_a_step_but_only_the_request_is_an_attempt() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(boom()).times(2).then(json!(1));
    send(&lambda, "f", "{}");
    lambda.settle_events().block();
    script.assert_calls(1);
    script.assert_attempts(1);
    script.assert_executions(3);
    lambda.seen("f").assert_executions(3);
    lambda.seen("g").assert_executions(0);
    script.assert_delivered(1);
    assert_eq!(script.only_delivery(), lambda.only_delivery());
    assert_eq!(lambda.seen("f").deliveries().len(), 1);
    assert!(lambda.seen("g").deliveries().is_empty());
}

#[test]
fn every_execution_has_the_request_id_of_the_202_and_no_client_context() {
    let lambda = FakeLambda::start();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let seeing = seen.clone();
    lambda.on("f").handle(async move |invocation: Invocation| {
        let context = invocation.client_context();
        let id = invocation.request_id().to_owned();
        seeing.lock().unwrap().push((id, context));
        boom()
    });
    let context = "X-Amz-Client-Context: eyJhIjoxfQ==";
    let reply = raw::invoke(&lambda, "f", &[EVENT, context], "{}");
    lambda.settle_events().block();
    let id = reply.field("x-amzn-RequestId").unwrap().to_owned();
    assert_eq!(*seen.lock().unwrap(), vec![(id, None); 3]);
    // The journal still shows what the client sent.
    assert_eq!(
        lambda.only_call().first().client_context(),
        Some(json!({"a": 1}))
    );
}

#[test]
fn conditions_are_evaluated_for_each_execution() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!("other"));
    let mine = lambda
        .on("f")
        .when(payload_partial(json!({"id": 7})))
        .reply(boom())
        .times(2);
    send(&lambda, "f", r#"{"id":7}"#);
    send(&lambda, "f", r#"{"id":8}"#);
    lambda.settle_events().block();
    mine.assert_executions(2);
    mine.assert_delivered(0);
    // A condition of the assertion does not change which executions are the rule's.
    let matching = mine.matching(payload_partial(json!({})));
    matching.assert_executions(2);
    matching.assert_delivered(0);
    let [seven, eight] = &lambda.deliveries()[..] else {
        panic!("two events were sent");
    };
    assert_eq!((times(seven), times(eight)), (vec![0, 60, 180], vec![0]));
    assert_eq!(seven.executions()[2].payload().unwrap(), r#""other""#);
}

#[test]
fn a_rule_counts_its_executions_of_an_event_that_another_rule_accepted() {
    let lambda = FakeLambda::start();
    let last = lambda.on("f").reply(json!("ok"));
    lambda.on("f").reply(boom()).times(1);
    send(&lambda, "f", "{}");
    lambda.settle_events().block();
    let matching = last.matching(payload_partial(json!({})));
    last.assert_executions(1);
    matching.assert_executions(1);
    last.assert_delivered(1);
    matching.assert_delivered(1);
}

/// The last execution decides which rule counts an event that ends without another one.
#[test]
fn a_rule_counts_a_dead_letter_of_an_event_that_ends_between_executions() {
    let lambda = FakeLambda::start();
    lambda.event_invoke_config("f").dead_letter_queue(QUEUE);
    let script = lambda.on("f").reply(boom());
    send(&lambda, "f", "{}");
    lambda.reserve_concurrency("f", 0);
    lambda.settle_events().block();
    script.assert_dead_lettered(1);
    let matching = script.matching(payload_partial(json!({})));
    matching.assert_dead_lettered(1);
}

#[test]
fn a_queued_event_runs_with_the_current_rules_and_versions() {
    let lambda = FakeLambda::start();
    lambda.alias("f:live", "1");
    let old = lambda.on("f").reply(boom());
    send(&lambda, "f:live", "{}");
    old.remove();
    lambda.on("f").reply(json!("new"));
    lambda.alias("f:live", "2");
    lambda.settle_events().block();
    let delivery = lambda.only_delivery();
    let versions = delivery
        .executions()
        .iter()
        .map(|one| one.executed_version());
    assert_eq!(versions.collect::<Vec<_>>(), [Some("1"), Some("2")]);
    assert_eq!(
        delivery.function_arn(),
        "arn:aws:lambda:us-east-1:123456789012:function:f:live"
    );
}

#[test]
fn a_typed_error_of_the_function_is_in_its_execution() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle(async |_: Invocation| Err::<Value, _>(FunctionError::new("KeyError", "id")));
    send(&lambda, "f", "{}");
    lambda.wait_until_idle().block();
    let delivery = lambda.only_delivery();
    let execution = &delivery.executions()[0];
    assert!(execution.is_function_error() && execution.error_code().is_none());
    assert_eq!(execution.status(), 200);
    assert_eq!(
        execution.payload().unwrap(),
        r#"{"errorType":"KeyError","errorMessage":"id"}"#
    );
    assert!(!delivery.is_settled());
}
