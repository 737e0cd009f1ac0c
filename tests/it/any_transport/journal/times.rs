//! When things happened.

use std::time::Duration;

use fake_lambda::ServiceError;
use serde_json::json;

use crate::raw::{self};
use crate::transport::FakeLambda;

#[test]
fn a_wait_lasts_from_the_end_of_an_attempt_to_the_next_arrival() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(ServiceError::ServiceException)
        .then(json!(1));
    let pause = Duration::from_millis(20);
    for attempt in [
        "amz-sdk-request: attempt=1; max=3",
        "amz-sdk-request: attempt=2; max=3",
    ] {
        raw::invoke(&lambda, "f", &["amz-sdk-invocation-id: 1", attempt], "{}");
        lambda.wait_until_idle().block();
        std::thread::sleep(pause); // a client's backoff: time is the subject
    }
    let call = lambda.only_call();
    let [first, second] = call.attempts() else {
        panic!("two attempts");
    };
    let ended = first.ended().unwrap();
    assert!(first.arrived() <= ended && ended <= second.arrived());
    assert_eq!(call.waits(), [second.arrived() - ended]);
    assert!(call.waits()[0] >= pause, "{:?}", call.waits());
    lambda.assert_backoff_at_least(pause);
    lambda
        .try_assert_backoff_at_least(Duration::from_secs(3_600))
        .unwrap_err();
    // Only the attempts that match are checked, and a first attempt is not a retry.
    let first = fake_lambda::matchers::attempt(1);
    lambda
        .matching(first)
        .try_assert_backoff_at_least(pause)
        .unwrap_err();
}

/// Makes three calls of one function and one of another in between; returns the two gaps between
/// the three.
fn called_three_times(lambda: &FakeLambda) -> [Duration; 2] {
    lambda.on_any().reply(json!(1));
    for function in ["f", "g", "f:live", "f"] {
        raw::invoke(lambda, function, &[], "{}");
        lambda.wait_until_idle().block();
    }
    let calls = lambda.seen("f").calls();
    let gap = |at: usize| {
        let ended = calls[at].attempts()[0].ended().unwrap();
        calls[at + 1].attempts()[0].arrived() - ended
    };
    [gap(0), gap(1)]
}

#[test]
fn a_gap_is_from_the_end_of_a_call_to_the_next_of_its_function() {
    let lambda = FakeLambda::start();
    let [first, second] = called_three_times(&lambda);
    let shortest = first.min(second);
    let seen = lambda.seen("f");
    seen.assert_call_gaps_at_least(shortest);
    seen.assert_call_gaps_at_least(Duration::ZERO);
    let nano = Duration::from_nanos(1);
    seen.try_assert_call_gaps_at_least(shortest + nano)
        .unwrap_err();
    // A call of another function came between the first two, and ended after the first.
    lambda.assert_call_gaps_at_least(shortest);
    lambda
        .try_assert_call_gaps_at_least(shortest + nano)
        .unwrap_err();
}

#[test]
fn a_gap_begins_when_the_last_attempt_of_a_call_has_ended() {
    let lambda = FakeLambda::start();
    let error = ServiceError::ServiceException;
    lambda.on("f").reply(error).then(json!(1)).then(json!(2));
    for (id, attempt) in [("a", 1), ("a", 2), ("b", 1)] {
        let id = format!("amz-sdk-invocation-id: {id}");
        let attempt = format!("amz-sdk-request: attempt={attempt}; max=3");
        raw::invoke(&lambda, "f", &[&id, &attempt], "{}");
        lambda.wait_until_idle().block();
    }
    let calls = lambda.calls();
    let ended = calls[0].attempts()[1].ended().unwrap();
    let gap = calls[1].attempts()[0].arrived() - ended;
    lambda.assert_call_gaps_at_least(gap);
    let report = lambda.try_assert_call_gaps_at_least(gap + Duration::from_nanos(1));
    report.unwrap_err();
}
