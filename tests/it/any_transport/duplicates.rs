//! Work that was executed more than once.

use fake_lambda::{FunctionError, Invocation, Reply, ServiceError};
use insta::assert_snapshot;
use serde_json::json;

use crate::panics::text_of;
use crate::raw;
use crate::transport::FakeLambda;

const EVENT: &str = "X-Amz-Invocation-Type: Event";

/// An attempt of a call, as an SDK numbers it.
fn attempt(lambda: &FakeLambda, id: &str, number: u32, payload: &str) {
    let id = format!("amz-sdk-invocation-id: {id}");
    let number = format!("amz-sdk-request: attempt={number}; max=3");
    raw::invoke(lambda, "pay", &[&*id, &*number], payload);
}

#[test]
fn executions_with_an_equal_payload_are_duplicates() {
    let lambda = FakeLambda::start();
    lambda
        .on("pay")
        .reply(json!({"paid": true}))
        .times(2)
        .then(ServiceError::ServiceException)
        .then(json!({"paid": true}));
    attempt(&lambda, "a", 1, r#"{"order":7}"#);
    attempt(&lambda, "a", 2, r#"{"order":7}"#);
    attempt(&lambda, "b", 1, r#"{"order":7}"#); // the function does not run
    attempt(&lambda, "c", 1, r#"{"order":8}"#);
    attempt(&lambda, "d", 1, r#"{"order":7}"#);

    let [duplicate] = &lambda.duplicates()[..] else {
        panic!("one piece of work")
    };
    assert_eq!(duplicate.function(), "pay");
    assert_eq!(duplicate.key(), r#"{"order":7}"#);
    assert_eq!(duplicate.executions(), [(1, 1), (1, 2), (4, 1)]);
    // The journal and the timeline show the repetition within a call on their own.
    let mark = "(ran twice: attempt 1/3 had run it)";
    assert_eq!(lambda.journal().to_string().matches(mark).count(), 1);
    assert_eq!(lambda.timeline().to_string().matches(mark).count(), 1);
    assert_snapshot!(text_of(|| lambda.assert_no_duplicates()), @r#"
    error: `pay` did the same work 3 times
      help: do not repeat a request whose reply was lost or late, or make the function idempotent
      pay {"order":7}: call 1, attempt 1/3; call 1, attempt 2/3; call 4, attempt 1/3

    journal
      1 pay RequestResponse {"order":7}
        attempt 1/3 → 200 {"paid":true}
        attempt 2/3 → 200 {"paid":true} (ran twice: attempt 1/3 had run it)
      2 pay RequestResponse {"order":7}
        attempt 1/3 → 500 ServiceException
      3 pay RequestResponse {"order":8}
        attempt 1/3 → 200 {"paid":true}
      4 pay RequestResponse {"order":7}
        attempt 1/3 → 200 {"paid":true}
    "#);
}

/// An idempotent function forgets an error, so making it idempotent would not help.
#[test]
fn a_request_that_is_repeated_after_a_function_error_is_a_duplicate() {
    let lambda = FakeLambda::start();
    let pay = lambda.on("pay").idempotent_by(Invocation::payload_json);
    pay.reply(FunctionError::new("E", "boom")).then(json!(1));
    attempt(&lambda, "a", 1, r#"{"order":7}"#);
    attempt(&lambda, "b", 1, r#"{"order":7}"#);
    assert_snapshot!(text_of(|| lambda.assert_no_duplicates()), @r#"
    error: `pay` did the same work 2 times
      help: do not repeat a request that got a function error: its function has run
      pay {"order":7}: call 1, attempt 1/3; call 2, attempt 1/3

    journal
      1 pay RequestResponse {"order":7}
        attempt 1/3 → 200 function error {"errorMessage":"boom","errorType":"E"}
      2 pay RequestResponse {"order":7}
        attempt 1/3 → 200 1
    "#);
}

#[test]
fn payloads_that_differ_are_duplicates_if_their_keys_are_equal() {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(json!(null));
    for (function, payload) in [
        ("pay", r#"{"order":7,"at":1}"#),
        ("pay", r#"{"order":7,"at":2}"#),
        ("mail", r#"{"order":7,"at":2}"#),
        ("mail", r#"{"order":8,"at":2}"#),
        ("mail", r#"{"order":8,"at":3}"#),
    ] {
        raw::invoke(&lambda, function, &[], payload);
    }
    lambda.assert_no_duplicates();
    let order = |invocation: &Invocation| invocation.payload_json()["order"].clone();
    assert_snapshot!(text_of(|| lambda.assert_no_duplicates_by(order)), @r#"
    error: 2 pieces of work were done more than once
      help: do not repeat a request whose reply was lost or late, or make the function idempotent
      pay 7: call 1, attempt 1; call 2, attempt 1
      mail 8: call 4, attempt 1; call 5, attempt 1

    journal
      1 pay RequestResponse {"at":1,"order":7}
        attempt 1 → 200 null
      2 pay RequestResponse {"at":2,"order":7}
        attempt 1 → 200 null
      3 mail RequestResponse {"at":2,"order":7}
        attempt 1 → 200 null
      4 mail RequestResponse {"at":2,"order":8}
        attempt 1 → 200 null
      5 mail RequestResponse {"at":3,"order":8}
        attempt 1 → 200 null
    "#);
}

/// Lambda's own retries of a failed event are not duplicates; a second delivery of an event is.
#[test]
fn a_second_delivery_is_a_duplicate_and_a_retry_of_an_event_is_not() {
    let lambda = FakeLambda::start();
    let failed = FunctionError::new("Error", "busy");
    lambda.on("mail").reply(failed).times(2).then(json!(null));
    raw::invoke(&lambda, "mail", &[EVENT], r#"{"to":"me"}"#);
    lambda.settle_events().block();
    assert_eq!(lambda.only_delivery().invoke_count(), 3);
    lambda.assert_no_duplicates();

    let twice = Reply::json(json!(null)).delivered_times(2);
    lambda.on("bill").reply(twice);
    raw::invoke(&lambda, "bill", &[EVENT], "7");
    lambda.settle_events().block();
    let [duplicate] = &lambda.duplicates()[..] else {
        panic!("one piece of work")
    };
    assert_eq!(duplicate.executions(), [(2, 1), (2, 1)]);
}

#[test]
fn the_message_lists_a_few_of_many_executions() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    for _ in 0..13 {
        raw::invoke(&lambda, "pay", &[], "7");
    }
    let text = text_of(|| lambda.assert_no_duplicates());
    let first: Vec<&str> = text.lines().take(3).collect();
    assert_snapshot!(first.join("\n"), @r"
    error: `pay` did the same work 13 times
      help: do not repeat a request whose reply was lost or late, or make the function idempotent
      pay 7: call 1, attempt 1; call 2, attempt 1; call 3, attempt 1; call 4, attempt 1; call 5, attempt 1; call 6, attempt 1; call 7, attempt 1; call 8, attempt 1; call 9, attempt 1; call 10, attempt 1; and 3 more
    ");
}
