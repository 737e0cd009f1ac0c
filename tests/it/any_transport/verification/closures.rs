//! The test's own closures, and requests that are none.

use fake_lambda::Invocation;
use serde_json::{Value, json};

use super::{ask, call};
use crate::panics::{caught, text_of};
use crate::raw::{self};
use crate::transport::FakeLambda;

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
    the client last got 500 ServiceException: fake-lambda: a handler panicked: no order in {"id":7}
    fake-lambda, started at tests/it/any_transport/verification/closures.rs:LINE#1, found 1 problem:

    ✗ a handler panicked, written at tests/it/any_transport/verification/closures.rs:LINE#2: no order in {"id":7}
        call 1, pay RequestResponse {"id":7}; the client got 500 ServiceException

    journal
      1 pay RequestResponse {"id":7}
        attempt 1/3 → 500 ServiceException
        attempt 2/3 → 500 ServiceException
        attempt 3/3 → 500 ServiceException
    seed 0
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
    the client last got 500 ServiceException: fake-lambda: a handler panicked: assertion `left == right` failed left: Object {"id": String("7")} right: Object {"id": Number(8)}
    fake-lambda, started at tests/it/any_transport/verification/closures.rs:LINE#1, found 1 problem:

    ✗ a handler panicked, written at tests/it/any_transport/verification/closures.rs:LINE#2: assertion `left == right` failed
          left: Object {"id": String("7")}
         right: Object {"id": Number(8)}
        call 1, pay RequestResponse {"id":"7"}; the client got 500 ServiceException

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 500 ServiceException
    seed 0
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
    the client last got 500 ServiceException: fake-lambda: a condition panicked: what now
    fake-lambda, started at tests/it/any_transport/verification/closures.rs:LINE#1, found 1 problem:

    ✗ a condition panicked, written at tests/it/any_transport/verification/closures.rs:LINE#2: what now
        call 1, pay RequestResponse {"id":"7"}; the client got 500 ServiceException

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 500 ServiceException
    seed 0
    "#);
}

#[test]
fn a_panic_in_a_handler_that_nobody_waits_for() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("mail")
            .handle(async |_: Invocation| -> Value { serde_json::from_str("{").ok().unwrap() });
        raw::invoke(&lambda, "mail", &["X-Amz-Invocation-Type: Event"], "{}");
        lambda.wait_until_idle().block();
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 202
    fake-lambda, started at tests/it/any_transport/verification/closures.rs:LINE#1, found 1 problem:

    ✗ a handler panicked, written at tests/it/any_transport/verification/closures.rs:LINE#2: called `Option::unwrap()` on a `None` value
        call 1, mail Event {}; the client had got its 202

    journal
      1 mail Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"RequestId: <request-id> Error: Runtime exited with error: exit status 101","errorType":"Runtime.ExitError"}
          queued until 1m
    seed 0
    "#);
}

#[test]
fn a_panic_of_an_event_handler_is_told_although_the_fake_is_dropped_at_once() {
    for _ in 0..20 {
        let dropped = caught(|| {
            let lambda = FakeLambda::start();
            lambda
                .on("f")
                .handle(async |_: Invocation| -> Value { panic!("no such order") });
            raw::invoke(&lambda, "f", &["X-Amz-Invocation-Type: Event"], "{}");
        });
        assert!(
            dropped.text.contains("✗ a handler panicked"),
            "{}",
            dropped.text
        );
    }
}
