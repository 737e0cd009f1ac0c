//! The records sent when an event ends, and their destinations.

use std::sync::{Arc, Mutex};

use fake_lambda::{DestinationKind, EventCondition, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use super::{QUEUE, boom, seconds, send, times};
use crate::raw;
use crate::transport::FakeLambda;

const AFTER: &str = "arn:aws:lambda:us-east-1:123456789012:function:after";

#[rstest]
#[case::queue("arn:aws:sqs:us-east-1:123456789012:q", DestinationKind::Sqs)]
#[case::topic("arn:aws:sns:us-east-1:123456789012:t", DestinationKind::Sns)]
#[case::bus(
    "arn:aws:events:us-east-1:123456789012:event-bus/b",
    DestinationKind::EventBridge
)]
#[case::bucket("arn:aws:s3:::b", DestinationKind::S3)]
#[case::function(AFTER, DestinationKind::Lambda)]
fn a_failure_is_recorded_at_every_kind_of_destination(
    #[case] arn: &str,
    #[case] kind: DestinationKind,
) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(boom());
    lambda.on("after").reply(json!(null));
    lambda
        .event_invoke_config("f")
        .on_failure(arn)
        .dead_letter_queue(QUEUE);
    send(&lambda, "f", r#"{"id":7}"#);
    lambda.settle_events().block();
    let delivery = &lambda.deliveries()[0];
    let record = delivery.record().unwrap();
    assert_eq!((record.destination(), record.kind()), (arn, kind));
    assert_eq!(
        record.json()["requestContext"]["requestId"],
        delivery.request_id()
    );
    assert_eq!(
        record.event_bridge_event().is_some(),
        kind == DestinationKind::EventBridge
    );
    assert_eq!(record.object_key().is_some(), kind == DestinationKind::S3);
    // A destination does not replace a dead-letter queue.
    let letter = delivery.dead_letter().unwrap();
    assert_eq!(letter.body(), r#"{"id":7}"#);
    assert_eq!(letter.error_message(), "boom");
}

#[test]
fn a_function_gets_the_record_of_another_functions_event() {
    let lambda = FakeLambda::start();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let seeing = seen.clone();
    lambda.on("f").reply(json!({"ok": true}));
    lambda
        .on("after")
        .handle(async move |invocation: Invocation| {
            let mut seen = seeing.lock().unwrap();
            seen.push((
                invocation.function_arn(),
                invocation.invocation_type(),
                invocation.payload(),
            ));
            json!(null)
        });
    lambda.event_invoke_config("f").on_success(AFTER);
    send(&lambda, "f", r#"{"id":7}"#);
    lambda.settle_events().block();
    let [first, second] = &lambda.deliveries()[..] else {
        panic!("{}", lambda.journal());
    };
    let record = first.record().unwrap().text();
    let seen = seen.lock().unwrap();
    assert_eq!(
        *seen,
        [(
            AFTER.to_owned(),
            fake_lambda::InvocationType::Event,
            record.to_owned().into()
        )]
    );
    assert_eq!((second.sent_by(), second.call()), (Some(1), None));
    assert_ne!(second.request_id(), first.request_id());
    assert_eq!(second.condition(), Some(EventCondition::Success));
    lambda.seen("after").assert_executions(1);
    lambda.seen("after").assert_calls(0);
    assert_eq!(lambda.only_call().attempts()[0].deliveries().len(), 2);
}

#[test]
fn a_function_that_sends_its_failures_to_itself_ends_and_is_reported() {
    let lambda = FakeLambda::start();
    lambda.on("after").reply(boom());
    lambda
        .event_invoke_config("after")
        .on_failure(AFTER)
        .maximum_retry_attempts(0);
    send(&lambda, "after", "{}");
    lambda.settle_events().block();
    assert_eq!(lambda.deliveries().len(), 16);
    lambda.assert_executions(16);
    let report = lambda.try_verify().unwrap_err().to_string();
    let told = report.split("\n\n").nth(1).unwrap();
    insta::assert_snapshot!(told, @r"
    error: call 1 started a chain of functions, which was stopped after 16 functions
      help: send the records of one of these functions to a queue, or to no destination
      the record of `after` was not sent to arn:aws:lambda:us-east-1:123456789012:function:after; AWS also stops such a chain
    ");
}

#[test]
fn an_unscripted_execution_does_not_hide_an_unscripted_destination() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(boom()).times(1);
    lambda
        .event_invoke_config("f")
        .maximum_event_age(seconds(65))
        .on_failure(AFTER);
    send(&lambda, "f", "{}");
    lambda.settle_events().block();
    let report = lambda.try_verify().unwrap_err().to_string();
    let told = report.lines().filter(|line| line.starts_with("error: "));
    let told: Vec<_> = told.map(|line| line.split(" {").next().unwrap()).collect();
    assert_eq!(
        told,
        [
            "error: the script was exhausted at call 1, which got 404 ResourceNotFoundException in the queue: f Event",
            "error: the record of call 1 was not scripted and got 404 ResourceNotFoundException in the queue: after Event",
        ]
    );
}

#[test]
fn a_success_leaves_no_dead_letter_and_no_record_of_failures() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    lambda
        .event_invoke_config("f")
        .on_failure(QUEUE)
        .dead_letter_queue(QUEUE);
    send(&lambda, "f", "{}");
    let delivery = lambda.only_delivery();
    assert_eq!((delivery.record(), delivery.dead_letter()), (None, None));
    lambda.assert_dead_lettered(0);
}

#[test]
fn an_event_that_never_runs_has_no_response_in_its_record() {
    let lambda = FakeLambda::start();
    let throttle = fake_lambda::Reply::error(fake_lambda::ServiceError::TooManyRequestsException);
    lambda.on("f").reply(throttle.in_queue());
    lambda
        .event_invoke_config("f")
        .maximum_event_age(seconds(60))
        .on_failure(QUEUE)
        .dead_letter_queue(QUEUE);
    send(&lambda, "f", "{}");
    lambda.settle_events().block();
    let delivery = lambda.only_delivery();
    assert_eq!(delivery.condition(), Some(EventCondition::EventAgeExceeded));
    let record = delivery.record().unwrap().json();
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
    assert_eq!(record.get("responsePayload"), None);
    let letter = delivery.dead_letter().unwrap();
    assert_eq!(
        (letter.error_code(), letter.error_message()),
        (429, "Rate Exceeded.")
    );
}

#[test]
fn a_stopped_recursion_ends_the_event_and_sends_it_on() {
    let lambda = FakeLambda::start();
    let stopped = Reply::error(ServiceError::RecursiveInvocationException);
    lambda.on("f").reply(boom()).then(stopped.in_queue());
    lambda
        .event_invoke_config("f")
        .on_failure(QUEUE)
        .dead_letter_queue(QUEUE);
    send(&lambda, "f", r#"{"id":7}"#);
    lambda.settle_events().block();
    let delivery = lambda.only_delivery();
    assert_eq!(times(&delivery), [0, 60]);
    assert_eq!(delivery.condition(), Some(EventCondition::RetriesExhausted));
    let record = delivery.record().unwrap().json();
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 1);
    assert_eq!(record["requestPayload"], json!({"id": 7}));
    let letter = delivery.dead_letter().unwrap();
    assert_eq!(
        (letter.body(), letter.error_code()),
        (r#"{"id":7}"#.into(), 400)
    );
    assert!(letter.error_message().starts_with("Lambda has detected"));
    lambda.assert_dead_lettered(1);
}

#[test]
fn a_stopped_recursion_is_an_ordinary_error_for_a_caller_that_waits() {
    let lambda = FakeLambda::start();
    let stopped = Reply::error(ServiceError::RecursiveInvocationException);
    lambda.on("f").reply(stopped.in_queue());
    assert_eq!(raw::invoke(&lambda, "f", &[], "{}").status(), 400);
}

#[test]
fn an_error_message_is_cut_after_a_kilobyte() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(fake_lambda::FunctionError::new("E", "é".repeat(600)));
    lambda
        .event_invoke_config("f")
        .maximum_retry_attempts(0)
        .dead_letter_queue(QUEUE);
    send(&lambda, "f", "{}");
    let delivery = lambda.only_delivery();
    assert_eq!(
        delivery.dead_letter().unwrap().error_message(),
        "é".repeat(512)
    );
}
