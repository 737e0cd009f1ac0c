//! Handlers and conditions that panic.

use aws_sdk_lambda::error::ProvideErrorMetadata;
use fake_lambda::{Handle, Invocation, sdk_client};
use rstest::rstest;
use serde_json::{Value, json};

use super::{ask, call};
use crate::panics::text_of;
use crate::raw::{self};
use crate::transport::FakeLambda;
use crate::waits::SendInTime;

#[test]
fn a_panic_in_a_handler() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("pay")
            .handle(async |i: Invocation| -> Value { panic!("no order in {}", i.payload_json()) });
        call(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/closures.rs:LINE#1) found 1 problem

    error: a handler panicked at call 1: pay RequestResponse {"id":7}
      help: fix the panic, or return an `Err` if the function is meant to fail
      handler: written at tests/it/any_transport/verification/closures.rs:LINE#2; the client got 418 FakeLambdaPanicked
      panicked at tests/it/any_transport/verification/closures.rs:LINE#3
        no order in {"id":7}

    journal
      1 pay RequestResponse {"id":7}
        attempt 1/3 → 418 FakeLambdaPanicked
    "#);
}

#[test]
fn a_failed_assertion_in_a_handler() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").handle(async |i: Invocation| {
            assert_eq!(i.payload_json(), json!({"id": 8}));
            json!(1)
        });
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/closures.rs:LINE#1) found 1 problem

    error: a handler panicked at call 1: pay RequestResponse {"id":"7"}
      help: fix the panic, or return an `Err` if the function is meant to fail
      handler: written at tests/it/any_transport/verification/closures.rs:LINE#2; the client got 418 FakeLambdaPanicked
      panicked at tests/it/any_transport/verification/closures.rs:LINE#3
        assertion `left == right` failed
          left: Object {"id": String("7")}
         right: Object {"id": Number(8)}

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 418 FakeLambdaPanicked
    "#);
}

#[test]
fn a_panic_in_a_condition() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("pay")
            .when(|_: &Invocation| -> bool { panic!("what now") })
            .reply(json!(1));
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/closures.rs:LINE#1) found 1 problem

    error: a condition panicked at call 1: pay RequestResponse {"id":"7"}
      help: fix the panic, or return `false` instead of panicking
      condition: written at tests/it/any_transport/verification/closures.rs:LINE#2; the client got 418 FakeLambdaPanicked
      panicked at tests/it/any_transport/verification/closures.rs:LINE#3
        what now

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 418 FakeLambdaPanicked
    "#);
}

#[test]
fn a_panic_in_the_handler_of_an_event() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("mail")
            .handle(async |_: Invocation| -> Value { serde_json::from_str("{").ok().unwrap() });
        raw::invoke(&lambda, "mail", &["X-Amz-Invocation-Type: Event"], "{}");
        lambda.wait_until_idle().block();
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/closures.rs:LINE#1) found 1 problem

    error: a handler panicked at call 1: mail Event {}
      help: fix the panic, or return an `Err` if the function is meant to fail
      handler: written at tests/it/any_transport/verification/closures.rs:LINE#2; the client had already received its 202
      panicked at tests/it/any_transport/verification/closures.rs:LINE#3
        called `Option::unwrap()` on a `None` value

    journal
      1 mail Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"RequestId: <request-id> Error: Runtime exited with error: exit status 101","errorType":"Runtime.ExitError"}
          queued until 1m
    "#);
}

#[rstest]
#[case::in_a_handler(|lambda: &Handle| {
    lambda.on("pay").handle(async |_: Invocation| -> Value { panic!("no order") });
})]
#[case::in_a_condition(|lambda: &Handle| {
    lambda.on("pay").when(|_: &Invocation| -> bool { panic!("no order") }).reply(json!(1));
})]
#[tokio::test]
async fn the_sdk_does_not_retry_a_panic(#[case] script: fn(&Handle)) {
    let lambda = FakeLambda::start();
    script(&lambda);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = client.invoke().function_name("pay");
    let error = call.send_in_time().await.unwrap_err();
    assert_eq!(error.code(), Some("FakeLambdaPanicked"));
    lambda.assert_attempts(1);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains("found 1 problem"), "{report}");
}
