//! The test's own closures, and requests that are none.

use fake_lambda::Invocation;
use serde_json::{Value, json};

use super::{ask, call};
use crate::panics::{caught, text_of};
use crate::raw::{self, Client};
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
fn requests_that_are_not_faked() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let send = |line: &str| {
            let mut client = Client::connect(&lambda);
            client.send(format!("{line} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes());
            client.read_reply();
        };
        send("GET /2015-03-31/functions");
        send("POST /2021-11-15/functions/pay/response-streaming-invocations");
        raw::invoke(&lambda, "pay", &[], "{\"order\": ");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 400 InvalidRequestContentException: Could not parse request body into json: Could not parse payload into json: Unexpected end-of-input within/between Object entries at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 11]
    fake-lambda, started at tests/it/any_transport/verification/closures.rs:LINE#1, found 3 problems:

    ✗ not an Invoke request: journal entry 1, GET /2015-03-31/functions
        to change: only `POST /2015-03-31/functions/<name>/invocations` is faked; see which client sends this
        the client got 403 AccessDeniedException

    ✗ InvokeWithResponseStream is not faked: journal entry 2, pay
        to change: call `Invoke`, or keep this call out of the test
        the client got 501 FakeLambdaNotFaked

    ✗ refused: call 3, pay RequestResponse {"order": 
        to change: correct the request; a rule for the function, or `on_any()`, says that the test means it
        the client got 400 InvalidRequestContentException: Could not parse request body into json: Could not parse payload into json: Unexpected end-of-input within/between Object entries at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 11]

    journal
      1 GET /2015-03-31/functions
        → 403 AccessDeniedException (not an Invoke request)
      2 pay
        → 501 FakeLambdaNotFaked (InvokeWithResponseStream is not faked)
      3 pay RequestResponse {"order": 
        attempt 1 → 400 InvalidRequestContentException
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
