//! Expectations.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use fake_lambda::matchers::payload_partial;
use fake_lambda::{Invocation, ServiceError};
use serde_json::json;

use super::{ask, call};
use crate::panics::text_of;
use crate::transport::FakeLambda;

#[test]
fn an_expectation_without_a_call() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("pay")
            .named("the payment")
            .reply(json!(1))
            .expect_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    no client got an answer from this fake
    fake-lambda, started at tests/it/any_transport/verification/expectations.rs:LINE#1, found 1 problem:

    ✗ unmet: expected exactly 1 call, got 0
        "the payment" scripted at tests/it/any_transport/verification/expectations.rs:LINE#2, on pay
        to change: make the call, or await it with `wait_for_calls(1)`; or is the client's endpoint not this fake's `endpoint_url()`?

    the journal is empty: no request has come
    seed 0
    "#);
}

#[test]
fn an_expectation_of_attempts() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let script = lambda
            .on("pay")
            .reply(ServiceError::ServiceException)
            .then(json!(1));
        script.expect_calls(1).expect_attempts(3..);
        call(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 200 1
    fake-lambda, started at tests/it/any_transport/verification/expectations.rs:LINE#1, found 1 problem:

    ✗ unmet: expected at least 3 attempts, got 2
        scripted at tests/it/any_transport/verification/expectations.rs:LINE#2, on pay
        to change: attempt 2/3 of call 1 got 200, which ends a call: script more errors before it, or expect 2 attempts

    journal
      1 pay RequestResponse {"id":7}
        attempt 1/3 → 500 ServiceException
        attempt 2/3 → 200 1
    seed 0
    "#);
}

#[test]
fn an_expectation_that_a_more_specific_rule_kept_unmet() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay:live").reply(json!(1));
        lambda.on("pay").reply(json!(2)).expect_calls(2);
        ask(&lambda, "pay:live");
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 200 2
    fake-lambda, started at tests/it/any_transport/verification/expectations.rs:LINE#1, found 1 problem:

    ✗ unmet: expected exactly 2 calls, got 1
        scripted at tests/it/any_transport/verification/expectations.rs:LINE#3, on pay
        to change: the rule at tests/it/any_transport/verification/expectations.rs:LINE#2 answered: take it out, or ask that one instead, or expect 1 call
        1 attempt went to the rule scripted at tests/it/any_transport/verification/expectations.rs:LINE#2, on pay:live; it is more specific, so it goes before this newer rule
        came instead: call 1, pay:live RequestResponse {"id":"7"} → 200 1

    journal
      1 pay:live RequestResponse {"id":"7"}
        attempt 1 → 200 1
      2 pay RequestResponse {"id":"7"}
        attempt 1 → 200 2
    seed 0
    "#);
}

#[test]
fn an_expectation_that_a_newer_rule_kept_unmet() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("pay")
            .named("default")
            .reply(json!(1))
            .expect_attempts(2..=3);
        lambda.on("pay").named("override").reply(json!(2));
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 200 2
    fake-lambda, started at tests/it/any_transport/verification/expectations.rs:LINE#1, found 1 problem:

    ✗ unmet: expected 2 to 3 attempts, got 0
        "default" scripted at tests/it/any_transport/verification/expectations.rs:LINE#2, on pay
        to change: the rule at tests/it/any_transport/verification/expectations.rs:LINE#3 answered: take it out, or ask that one instead, or expect 0 attempts
        1 attempt went to the rule "override" scripted at tests/it/any_transport/verification/expectations.rs:LINE#3, on pay; it is newer, so it goes first
        came instead: call 1, pay RequestResponse {"id":"7"} → 200 2

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 2
    seed 0
    "#);
}

#[test]
fn an_expectation_that_code_of_the_test_kept_unmet() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").named("default").reply(json!(1));
        let asked = AtomicU32::new(0);
        let rule = lambda.on("pay").when(payload_partial(json!({"id": 7})));
        rule.when(move |_: &Invocation| panic!("asked {} times", asked.fetch_add(1, Relaxed) + 1))
            .reply(json!(2))
            .expect_calls(1);
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 200 1
    fake-lambda, started at tests/it/any_transport/verification/expectations.rs:LINE#1, found 1 problem:

    ✗ unmet: expected exactly 1 call, got 0
        scripted at tests/it/any_transport/verification/expectations.rs:LINE#3, on pay when payload_partial({"id":7}), closure
        to change: correct what is sent: $.id expected 7, got "7"; or the condition at tests/it/any_transport/verification/expectations.rs:LINE#4, or expect 0 calls
        1 attempt went to the rule "default" scripted at tests/it/any_transport/verification/expectations.rs:LINE#2, on pay
        came instead: call 1, pay RequestResponse {"id":"7"} → 200 1
          ✗ payload_partial({"id":7}): $.id expected 7, got "7"  (tests/it/any_transport/verification/expectations.rs:LINE#4)
          ? closure: the test's own code is not asked again  (tests/it/any_transport/verification/expectations.rs:LINE#5)

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
    seed 0
    "#);
}
