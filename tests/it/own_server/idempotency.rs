//! An idempotent function that is held by a gate or reached by two requests at the same time, which
//! the mount does not allow.

use std::thread;
use std::time::Duration;

use fake_lambda::{FakeLambda, Gate, Invocation, Reply};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::raw;

fn order(invocation: &Invocation) -> Value {
    invocation.payload_json()["order"].clone()
}

fn pay(lambda: &FakeLambda, payload: &str) -> String {
    let reply = raw::invoke(lambda, "pay", &[], payload);
    String::from_utf8(reply.body.to_vec()).unwrap()
}

#[test]
fn a_request_during_the_first_execution_gets_an_error() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let held = Reply::json(json!({"receipt": 1})).hold(&gate);
    lambda.on("pay").idempotent_by(order).reply(held);
    let payload = r#"{"order":7}"#;
    thread::scope(|scope| {
        let first = scope.spawn(|| pay(&lambda, payload));
        gate.reached(1).block();
        assert_snapshot!(pay(&lambda, payload), @r#"
        {"errorType":"IdempotencyAlreadyInProgressError","errorMessage":"Execution already in progress with idempotency key: 7"}
        "#);
        gate.open();
        assert_eq!(first.join().unwrap(), r#"{"receipt":1}"#);
    });
    assert_eq!(pay(&lambda, payload), r#"{"receipt":1}"#);
    lambda.assert_no_duplicates();
}

#[test]
fn the_gate_of_an_idempotent_function_is_known_to_the_fake() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let held = Reply::json(json!({"receipt": 1})).hold(&gate);
    lambda.on("pay").idempotent_by(order).reply(held);
    drop(gate.reached(1));
    assert_snapshot!(error_of(&lambda), @"error: the wait for 1 reply at a gate did nothing: it was dropped before it was awaited");
    drop(gate);
    for _ in 0..2 {
        pay(&lambda, r#"{"order":7}"#);
    }
    assert_snapshot!(lambda.journal(), @r#"
    1 pay RequestResponse {"order":7}
      attempt 1 → 200 {"receipt":1} (its gate was dropped)
    2 pay RequestResponse {"order":7}
      attempt 1 → 200 {"receipt":1} (idempotent: not executed again)
    "#);
}

#[test]
fn the_random_delay_of_an_idempotent_function_depends_on_the_seed() {
    let lambda = FakeLambda::builder().seed(7).start();
    let late = Reply::json(json!(1)).delay(Duration::ZERO..Duration::from_millis(1));
    let script = lambda.on("pay").idempotent_by(order).reply(late);
    script.expect_calls(1);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.ends_with("\nseed 7"), "{report}");
}

/// The first line of the only problem.
fn error_of(lambda: &FakeLambda) -> String {
    let report = lambda.try_verify().unwrap_err().to_string();
    report.lines().nth(2).unwrap().to_owned()
}
