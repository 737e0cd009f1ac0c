//! An idempotent function that two requests reach at the same time, which the mount does not allow.

use std::thread;

use fake_lambda::{FakeLambda, Gate, Invocation, Reply};
use insta::assert_snapshot;
use serde_json::json;

use crate::raw;

fn pay(lambda: &FakeLambda, payload: &str) -> String {
    let reply = raw::invoke(lambda, "pay", &[], payload);
    String::from_utf8(reply.body.to_vec()).unwrap()
}

#[test]
fn a_request_during_the_first_execution_gets_an_error() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let held = Reply::json(json!({"receipt": 1})).hold(&gate);
    lambda
        .on("pay")
        .idempotent_by(|invocation: &Invocation| invocation.payload_json()["order"].clone())
        .reply(held);
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
