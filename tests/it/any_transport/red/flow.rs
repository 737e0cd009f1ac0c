//! Calls in another order, too soon, too late, or not at all because the test ended early.

use std::time::Duration;

use fake_lambda::{ServiceError, sdk_client};
use regex::Regex;
use serde_json::json;

use super::{invoke, post, red, red_async, sdk, willing};
use crate::transport::FakeLambda;

/// Times replaced: they are real.
fn timeless(text: &str) -> String {
    let times = Regex::new(r"\d+(\.\d+)?( ?ms|µs|ns)").unwrap();
    let lanes = Regex::new(r"\|[#. x]{40}\|").unwrap();
    let text = times.replace_all(text, "<time>");
    lanes.replace_all(&text, "|<lane>|").into_owned()
}

#[test]
fn another_order() {
    let text = red(|| {
        let lambda = willing();
        for function in ["check-order", "send-receipt", "charge-card"] {
            post(&lambda, function, &[], "{}");
        }
        lambda.assert_order(["check-order", "charge-card", "send-receipt"]);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#1
    expected calls in the order check-order, charge-card, send-receipt, got check-order, send-receipt, charge-card
      to change: call 2, of `send-receipt`, came where `charge-card` was expected: await the one before beginning the other, or correct the order

    journal
      1 check-order RequestResponse {}
        attempt 1 → 200 {"ok":true}
      2 send-receipt RequestResponse {}
        attempt 1 → 200 {"ok":true}
      3 charge-card RequestResponse {}
        attempt 1 → 200 {"ok":true}
    "#);
}

#[test]
fn a_call_too_many_in_an_order() {
    let text = red(|| {
        let lambda = willing();
        for function in ["check-order", "charge-card", "charge-card"] {
            post(&lambda, function, &[], "{}");
        }
        lambda.assert_order(["check-order", "charge-card"]);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#1
    expected calls in the order check-order, charge-card, got check-order, charge-card, charge-card
      to change: call 3, of `charge-card`, came on top: call it less often, or add it to the order

    journal
      1 check-order RequestResponse {}
        attempt 1 → 200 {"ok":true}
      2 charge-card RequestResponse {}
        attempt 1 → 200 {"ok":true}
      3 charge-card RequestResponse {}
        attempt 1 → 200 {"ok":true}
    "#);
}

#[test]
fn a_retry_without_back_off() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let throttled = lambda
            .on("charge-card")
            .reply(ServiceError::TooManyRequestsException)
            .then(json!({"paid": true}));
        invoke(&client, "charge-card", "{}").await.unwrap();
        throttled.assert_backoff_at_least(Duration::from_secs(30));
    });
    insta::assert_snapshot!(timeless(&text), @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#1
    expected every retry answered by this rule to wait at least 30s, but call 1 waited <time> before attempt 2/3
      to change: lengthen the client's back-off (`sdk_client!` bounds it to a millisecond), or expect less

    1 call, 2 attempts, in <time> (real time: not for snapshots)
    1 |<lane>| charge-card RequestResponse {}
      <time> + <time>: attempt 1/3, 2 bytes in → 429 TooManyRequestsException
      waited <time>
      <time> + <time>: attempt 2/3, 2 bytes in, 13 out → 200 {"paid":true}
    "#);
}

#[test]
fn back_off_where_nothing_is_retried() {
    let text = red(|| {
        let lambda = willing();
        post(&lambda, "charge-card", &[], "{}");
        lambda.assert_backoff_at_least(Duration::from_millis(1));
    });
    insta::assert_snapshot!(timeless(&text), @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#1
    expected every retry to wait at least <time>, but nothing was retried
      to change: script an error that the client retries, and give the client retries

    1 call, 1 attempt, in <time> (real time: not for snapshots)
    1 |<lane>| charge-card RequestResponse {}
      <time> + <time>: attempt 1, 2 bytes in, 11 out → 200 {"ok":true}
    "#);
}

#[test]
fn a_wait_for_a_call_that_never_comes() {
    let text = red(|| {
        let lambda = willing();
        post(&lambda, "charge-card", &[], "{}");
        let seen = lambda.seen("charge-card");
        seen.wait_for_calls(2)
            .within(Duration::from_millis(1))
            .block();
    });
    insta::assert_snapshot!(timeless(&text), @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#2
    waited <time> for 2 calls of `charge-card`: got 1 so far
      the wait was made at tests/it/any_transport/red/flow.rs:LINE#1
      to change: let it come about while the wait lasts, or wait longer with `.within(..)`

    journal
      1 charge-card RequestResponse {}
        attempt 1 → 200 {"ok":true}
    "#);
}

fn a_test_returns_its_error() -> Result<(), String> {
    let lambda = FakeLambda::start();
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let declined = ServiceError::KmsDisabledException;
    let script = lambda.on("charge-card").reply(declined).expect_calls(2);
    sdk(async {
        let paid = invoke(&client, "charge-card", "{}").await;
        assert!(paid.is_err());
    });
    // What `?` does with the error of the code under test.
    Err::<(), _>("the payment failed".to_owned())?;
    script.assert_calls(2);
    Ok(())
}

#[test]
fn a_test_that_returns_early_with_its_error() {
    let text = red(|| a_test_returns_its_error().unwrap());
    insta::assert_snapshot!(text, @r#"
    the client last got 502 KMSDisabledException: Lambda was unable to decrypt the environment variables because the KMS key used is disabled. Please check the function's KMS key settings.
    fake-lambda, started at tests/it/any_transport/red/flow.rs:LINE#1, found 1 problem:

    ✗ unmet: expected exactly 2 calls, got 1
        scripted at tests/it/any_transport/red/flow.rs:LINE#2, on charge-card
        to change: make 1 more call, await that with `wait_for_calls(2)`, or expect 1 call

    journal
      1 charge-card RequestResponse {}
        attempt 1/3 → 502 KMSDisabledException
        attempt 2/3 → 502 KMSDisabledException
        attempt 3/3 → 502 KMSDisabledException
    seed 0
    "#);
}
