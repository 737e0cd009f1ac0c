//! Expectations.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use fake_lambda::matchers::payload_partial;
use fake_lambda::{Invocation, ServiceError};
use serde_json::json;

use super::{ask, call};
use crate::panics::text_of;
use crate::transport::{FakeLambda, as_on_a_socket};

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
    insta::assert_snapshot!(as_on_a_socket(&text), @r#"
    fake-lambda (started at tests/it/any_transport/verification/expectations.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule "the payment" expected 1 call, got none
      help: await the call, check that its client uses `lambda.endpoint_url()`, and wait for background calls with `wait_for_calls(1)`
      rule: "the payment" (`pay`), scripted at tests/it/any_transport/verification/expectations.rs:LINE#2

    journal: empty, no request arrived
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
    fake-lambda (started at tests/it/any_transport/verification/expectations.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `pay` expected at least 3 attempts, got 2
      help: script more errors first, or expect 2 attempts; attempt 2/3 got 200, which ended call 1
      rule: `pay`, scripted at tests/it/any_transport/verification/expectations.rs:LINE#2

    journal
      1 pay RequestResponse {"id":7}
        attempt 1/3 → 500 ServiceException
        attempt 2/3 → 200 1
    "#);
}

#[test]
fn an_expectation_unmet_because_of_a_more_specific_rule() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay:live").reply(json!(1));
        lambda.on("pay").reply(json!(2)).expect_calls(2);
        ask(&lambda, "pay:live");
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/expectations.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `pay` expected 2 calls, got 1
      help: count the calls of the more specific rule at tests/it/any_transport/verification/expectations.rs:LINE#2, remove it, or expect 1 call
      rule: `pay`, scripted at tests/it/any_transport/verification/expectations.rs:LINE#3
      got: call 1 was answered by the rule for `pay:live`, which is more specific and takes precedence: pay:live RequestResponse {"id":"7"} → 200 1

    journal
      1 pay:live RequestResponse {"id":"7"}
        attempt 1 → 200 1
      2 pay RequestResponse {"id":"7"}
        attempt 1 → 200 2
    "#);
}

#[test]
fn an_expectation_unmet_because_of_a_newer_rule() {
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
    fake-lambda (started at tests/it/any_transport/verification/expectations.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule "default" expected 2 to 3 attempts, got none
      help: remove the newer rule at tests/it/any_transport/verification/expectations.rs:LINE#3, or count its calls instead
      rule: "default" (`pay`), scripted at tests/it/any_transport/verification/expectations.rs:LINE#2
      got: call 1 was answered by the newer rule, which takes precedence: pay RequestResponse {"id":"7"} → 200 2

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 2
    "#);
}

#[test]
fn the_report_of_an_unmet_expectation_does_not_call_a_closure() {
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
    fake-lambda (started at tests/it/any_transport/verification/expectations.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `pay` expected 1 call, got none
      help: send `$.id` as 7, or change the condition
      rule: `pay` with 2 conditions, scripted at tests/it/any_transport/verification/expectations.rs:LINE#3
        ✗ payload_partial({"id":7}): `$.id` expected 7, got "7" (tests/it/any_transport/verification/expectations.rs:LINE#4)
        ? closure was not called for this report (tests/it/any_transport/verification/expectations.rs:LINE#5)
      got: call 1 was answered by "default" (`pay`), scripted at tests/it/any_transport/verification/expectations.rs:LINE#2: pay RequestResponse {"id":"7"} → 200 1

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
}
