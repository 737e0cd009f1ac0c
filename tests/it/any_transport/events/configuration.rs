//! Event configurations, and those that are refused where they are written.

use std::time::Duration;

use fake_lambda::{EventCondition, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use super::{QUEUE, boom, seconds, send, times};
use crate::panics::caught;
use crate::transport::FakeLambda;

#[rstest]
#[case::three_retries(|l: &FakeLambda| { l.event_invoke_config("f").maximum_retry_attempts(3); }, "`maximum_retry_attempts(3)` is out of range")]
#[case::too_young(|l: &FakeLambda| { l.event_invoke_config("f").maximum_event_age(seconds(59)); }, "`maximum_event_age(59s)` is out of range")]
#[case::too_old(|l: &FakeLambda| { l.event_invoke_config("f").maximum_event_age(seconds(21_601)); }, "`maximum_event_age(21601s)` is out of range")]
#[case::half_a_second(|l: &FakeLambda| { l.event_invoke_config("f").maximum_event_age(Duration::from_millis(60_500)); }, "`maximum_event_age(60.5s)` is not a whole number of seconds")]
#[case::invalid_function_name(|l: &FakeLambda| { l.event_invoke_config("f!"); }, "`f!` is not a valid function name: `!` is not allowed")]
#[case::not_an_arn(|l: &FakeLambda| { l.event_invoke_config("f").on_success("q"); }, "`on_success(\"q\")` is not an ARN")]
#[case::a_bucket_for_successes(|l: &FakeLambda| { l.event_invoke_config("f").on_success("arn:aws:s3:::b"); }, "`s3` takes records of failures only")]
#[case::a_fifo_queue(|l: &FakeLambda| { l.event_invoke_config("f").on_failure("arn:aws:sqs:us-east-1:123456789012:q.fifo"); }, "`on_failure(\"arn:aws:sqs:us-east-1:123456789012:q.fifo\")` is a FIFO queue or topic, to which Lambda does not send")]
#[case::dead_letters_to_a_function(|l: &FakeLambda| { l.event_invoke_config("f").dead_letter_queue("arn:aws:lambda:us-east-1:123456789012:function:g"); }, "`lambda` does not take dead letters")]
#[case::delivered_zero_times(|_: &FakeLambda| { let _ = Reply::json(json!(1)).delivered_times(0); }, "`delivered_times(0)` is out of range")]
#[case::copies_of_an_error(|_: &FakeLambda| { let _ = Reply::error(ServiceError::ServiceException).delivered_times(2); }, "a service error does not accept events")]
#[case::a_lost_error(|_: &FakeLambda| { let _ = Reply::http(502, "").lost(); }, "a plain HTTP reply does not accept events")]
#[case::a_value_in_the_queue(|_: &FakeLambda| { let _ = Reply::json(json!(1)).in_queue(); }, "a payload is not an error of the service")]
#[case::a_404_in_the_queue(|_: &FakeLambda| { let _ = Reply::error(ServiceError::ResourceNotFoundException).in_queue(); }, "an error with the status 404 cannot happen in the queue")]
#[case::negative_number_of_events(|l: &FakeLambda| { l.assert_delivered(-1); }, "`assert_delivered` got a negative number: -1")]
fn invalid_settings_of_events_panic_in_the_callers_file(
    #[case] mistake: fn(&FakeLambda),
    #[case] text: &str,
) {
    let lambda = FakeLambda::start();
    let caught = caught(|| mistake(&lambda));
    assert!(caught.text.contains(text), "{}", caught.text);
    assert!(
        caught.file.ends_with("events/configuration.rs"),
        "{}",
        caught.file
    );
}

#[rstest]
#[case::no_retry(0, &[0])]
#[case::one_retry(1, &[0, 60])]
#[case::two_retries(2, &[0, 60, 180])]
fn an_event_has_as_many_retries_as_configured(#[case] retries: u32, #[case] expected: &[u64]) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(boom());
    lambda
        .event_invoke_config("f")
        .maximum_retry_attempts(retries);
    send(&lambda, "f", "{}");
    lambda.settle_events().block();
    let delivery = lambda.only_delivery();
    assert_eq!(times(&delivery), expected);
    assert_eq!(delivery.condition(), Some(EventCondition::RetriesExhausted));
}

#[test]
fn a_qualifiers_configuration_overrides_its_functions() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(boom());
    lambda
        .event_invoke_config("f:live")
        .maximum_retry_attempts(0);
    lambda
        .event_invoke_config("f")
        .maximum_retry_attempts(1)
        .on_failure(QUEUE);
    for function in ["f", "f:live", "f:7"] {
        send(&lambda, function, "{}");
    }
    lambda.settle_events().block();
    let counts: Vec<_> = lambda
        .deliveries()
        .iter()
        .map(|delivery| (delivery.invoke_count(), delivery.record().is_some()))
        .collect();
    assert_eq!(counts, [(2, true), (1, true), (2, true)]);
}

#[test]
fn a_changed_configuration_applies_to_queued_events() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(boom());
    send(&lambda, "f", "{}");
    lambda
        .event_invoke_config("f")
        .maximum_retry_attempts(1)
        .dead_letter_queue(QUEUE);
    lambda.settle_events().block();
    lambda.assert_executions(2);
    lambda.assert_dead_lettered(1);
}

#[test]
fn an_event_that_a_change_makes_too_old_does_not_run_again() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(boom());
    send(&lambda, "f", "{}");
    lambda
        .event_invoke_config("f")
        .maximum_event_age(seconds(60))
        .on_failure(QUEUE);
    lambda.settle_events().block();
    let delivery = lambda.only_delivery();
    assert_eq!(times(&delivery), [0]);
    assert_eq!(delivery.condition(), Some(EventCondition::EventAgeExceeded));
    assert_eq!(
        delivery.record().unwrap().json()["timestamp"],
        "2025-01-01T00:01:00.000Z"
    );
}
