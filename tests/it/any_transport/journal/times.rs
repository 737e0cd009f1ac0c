//! When things happened.

use std::time::Duration;

use fake_lambda::ServiceError;
use serde_json::json;

use crate::raw::{self};
use crate::transport::FakeLambda;

#[test]
fn an_attempt_ends_when_its_reply_has_left_and_the_wait_is_until_the_next_arrives() {
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
        std::thread::sleep(pause); // a client's back-off: time is the subject
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
    // Only the attempts that match are looked at, and a first attempt is no retry.
    let first = fake_lambda::matchers::attempt(1);
    lambda
        .matching(first)
        .try_assert_backoff_at_least(pause)
        .unwrap_err();
}
