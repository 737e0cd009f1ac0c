//! A function that recognizes a request that it has already received.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use fake_lambda::{FunctionError, Invocation, Reply, ServiceError};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::panics::text_of;
use crate::raw;
use crate::transport::FakeLambda;

fn order(invocation: &Invocation) -> Value {
    invocation.payload_json()["order"].clone()
}

fn pay(lambda: &FakeLambda, payload: &str) -> String {
    let reply = raw::invoke(lambda, "pay", &[], payload);
    String::from_utf8(reply.body.to_vec()).unwrap()
}

#[test]
fn a_result_is_replayed_for_an_equal_key() {
    let lambda = FakeLambda::start();
    let rule = lambda.on("pay").idempotent_by(order);
    let script = rule.reply(json!({"receipt": 1}));
    script
        .then(json!({"receipt": 2}))
        .then(json!({"receipt": 3}));
    assert_eq!(pay(&lambda, r#"{"order":7,"at":1}"#), r#"{"receipt":1}"#);
    assert_eq!(pay(&lambda, r#"{"order":7,"at":2}"#), r#"{"receipt":1}"#);
    assert_eq!(pay(&lambda, r#"{"order":8}"#), r#"{"receipt":3}"#);
    lambda.assert_no_duplicates_by(order);
    let calls = lambda.calls();
    let executions: Vec<usize> = calls.iter().map(|call| call.executions()).collect();
    assert_eq!(executions, [1, 0, 1]);
    assert_snapshot!(lambda.journal(), @r#"
    1 pay RequestResponse {"at":1,"order":7}
      attempt 1 → 200 {"receipt":1}
    2 pay RequestResponse {"at":2,"order":7}
      attempt 1 → 200 {"receipt":1} (idempotent: not executed again)
    3 pay RequestResponse {"order":8}
      attempt 1 → 200 {"receipt":3}
    "#);
    let journal = serde_json::to_value(lambda.journal()).unwrap().to_string();
    assert_eq!(
        journal.matches(r#""replayed":true"#).count(),
        1,
        "{journal}"
    );
}

/// Like another status, another body is what the client gets, not what the function returned.
#[test]
fn another_body_is_sent_to_every_request_of_its_step() {
    let lambda = FakeLambda::start();
    let page = Reply::json(json!({"receipt": 1}))
        .status(502)
        .body("<html>");
    let script = lambda.on("pay").idempotent_by(order).reply(page).times(2);
    script.then(json!({"receipt": 2}));
    let payload = r#"{"order":7}"#;
    let bodies = [(); 3].map(|()| pay(&lambda, payload));
    assert_eq!(bodies, ["<html>", "<html>", r#"{"receipt":1}"#]);
}

/// The sender repeats its event, and Lambda delivers another one twice.
#[test]
fn an_event_that_is_recognized_is_not_executed_again() {
    let lambda = FakeLambda::start();
    let rule = lambda.on("pay").idempotent_by(order);
    rule.reply(json!({"receipt": 1}))
        .times(2)
        .then(Reply::json(json!({"receipt": 3})).delivered_times(2));
    for order in [7, 7, 8] {
        let event = "X-Amz-Invocation-Type: Event";
        raw::invoke(
            &lambda,
            "pay",
            &[event],
            json!({"order": order}).to_string(),
        );
        lambda.settle_events().block();
    }
    lambda.assert_no_duplicates();
    let calls = lambda.calls();
    let executions: Vec<usize> = calls.iter().map(|call| call.executions()).collect();
    assert_eq!(executions, [1, 0, 1]);
    // To the service, each delivery is an invocation, even if the function did not execute again.
    let deliveries = lambda.deliveries();
    let counts: Vec<usize> = deliveries.iter().map(|one| one.invoke_count()).collect();
    assert_eq!(counts, [1, 1, 1, 1]);
    assert_snapshot!(lambda.journal(), @r#"
    1 pay Event {"order":7}
      attempt 1 → 202
        execution 1 → 200 {"receipt":1}
        Success
    2 pay Event {"order":7}
      attempt 1 → 202
        execution 1 → 200 {"receipt":1} (idempotent: not executed again)
        Success
    3 pay Event {"order":8}
      attempt 1 → 202
        execution 1 → 200 {"receipt":3}
        Success
        delivered again
          execution 1 → 200 {"receipt":3} (idempotent: not executed again)
          Success
    "#);
    let journal = serde_json::to_value(lambda.journal()).unwrap().to_string();
    assert_eq!(
        journal.matches(r#""replayed":true"#).count(),
        2,
        "{journal}"
    );
}

#[test]
fn a_function_error_and_an_error_of_the_service_are_forgotten() {
    let lambda = FakeLambda::start();
    let rule = lambda.on("pay").idempotent_by(order);
    rule.reply(FunctionError::new("Busy", "try again"))
        .then(ServiceError::ServiceException)
        .then(json!({"receipt": 3}))
        .then(json!({"receipt": 4}));
    let payload = r#"{"order":7}"#;
    assert!(pay(&lambda, payload).contains("Busy"));
    assert!(pay(&lambda, payload).contains("An error occurred"));
    for _ in 0..2 {
        assert_eq!(pay(&lambda, payload), r#"{"receipt":3}"#);
    }
}

#[test]
fn a_handler_runs_once_for_each_key() {
    let lambda = FakeLambda::start();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let rule = lambda.on("pay").idempotent_by(order);
    rule.handle(async move |_: Invocation| json!(counted.fetch_add(1, Ordering::SeqCst)));
    for (payload, result) in [("7", "0"), ("7", "0"), ("8", "1"), ("7", "0")] {
        assert_eq!(pay(&lambda, &format!(r#"{{"order":{payload}}}"#)), result);
    }
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[test]
fn an_idempotent_function_cannot_stream() {
    let lambda = FakeLambda::start();
    assert_snapshot!(text_of(|| drop(lambda.on("chat").idempotent_by(order).reply(Reply::stream(["Hel", "lo"])))), @"
    error: an idempotent function cannot stream its reply
      help: reply with a whole payload, or remove `.idempotent_by(..)`
    ");
    let script = lambda.on("chat").idempotent_by(order).reply(json!(1));
    assert_snapshot!(text_of(|| drop(script.then(Reply::stream(["Hel", "lo"])))), @"
    error: an idempotent function cannot stream its reply
      help: reply with a whole payload, or remove `.idempotent_by(..)`
    ");
}

#[test]
fn a_missing_key_is_reported() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let rule = lambda.on("pay").idempotent_by(order);
        rule.reply(json!({"receipt": 1}));
        for id in [7, 8] {
            pay(&lambda, &format!(r#"{{"id":{id}}}"#));
        }
    });
    assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/idempotency.rs:LINE#1) found 1 problem

    error: the reply to calls 1 and 2 is impossible: the key of the request is `null`, so all such requests would be equal
      help: correct the closure in `.idempotent_by(..)`, or the payload that the client sends
      scripted at tests/it/any_transport/idempotency.rs:LINE#2; the client got 418 FakeLambdaImpossibleReply
      got: pay RequestResponse {"id":7}

    journal
      1 pay RequestResponse {"id":7}
        attempt 1 → 418 FakeLambdaImpossibleReply
      2 pay RequestResponse {"id":8}
        attempt 1 → 418 FakeLambdaImpossibleReply
    "#);
}

#[test]
fn a_payload_that_is_null_can_be_the_key() {
    let lambda = FakeLambda::start();
    let rule = lambda.on("pay").idempotent_by(Invocation::payload_json);
    rule.reply(json!(1)).then(json!(2));
    assert_eq!([pay(&lambda, "null"), pay(&lambda, " null")], ["1", "1"]);
}
