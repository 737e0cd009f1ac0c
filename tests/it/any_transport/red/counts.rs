//! Calls and attempts that are too few or too many.

use aws_sdk_lambda::config::retry::RetryConfig;
use fake_lambda::matchers::payload_partial;
use fake_lambda::{FunctionError, ServiceError, sdk_client};
use serde_json::json;

use super::{invoke, post, red, red_async, willing};
use crate::transport::FakeLambda;

#[test]
fn a_missing_retry() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda, |config| {
            config.retry_config(RetryConfig::disabled())
        });
        let script = lambda
            .on("charge-card")
            .reply(ServiceError::TooManyRequestsException)
            .then(json!({"paid": true}));
        let _ = invoke(&client, "charge-card", r#"{"order":7}"#).await;
        script.assert_attempts(2);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/counts.rs:LINE#2
    expected exactly 2 attempts answered by this rule, got 1
      scripted at tests/it/any_transport/red/counts.rs:LINE#1, on charge-card
      to change: the client's retries are off (it says `max=1`): turn them on, as `sdk_client!` does, or expect 1 attempt

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/1 → 429 TooManyRequestsException
    "#);
}

#[test]
fn too_many_retries() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let script = lambda
            .on("charge-card")
            .reply(ServiceError::KmsDisabledException);
        let _ = invoke(&client, "charge-card", r#"{"order":7}"#).await;
        script.assert_attempts(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/counts.rs:LINE#2
    expected exactly 1 attempt answered by this rule, got 3
      scripted at tests/it/any_transport/red/counts.rs:LINE#1, on charge-card
      to change: call 1 was retried after 502 KMSDisabledException: take the retry from the client or the error from the script, or expect 3 attempts

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/3 → 502 KMSDisabledException
        attempt 2/3 → 502 KMSDisabledException
        attempt 3/3 → 502 KMSDisabledException
    "#);
}

#[test]
fn a_retry_of_what_is_not_retried() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let script = lambda
            .on("charge-card")
            .reply(ServiceError::ResourceConflictException)
            .then(json!({"paid": true}));
        let _ = invoke(&client, "charge-card", r#"{"order":7}"#).await;
        script.assert_attempts(2);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/counts.rs:LINE#2
    expected exactly 2 attempts answered by this rule, got 1
      scripted at tests/it/any_transport/red/counts.rs:LINE#1, on charge-card
      to change: the client does not retry after 409 ResourceConflictException: script an error that it retries, or expect 1 attempt

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/3 → 409 ResourceConflictException
    "#);
}

#[test]
fn a_client_that_gives_up_too_early() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        lambda
            .on("charge-card")
            .reply(ServiceError::TooManyRequestsException)
            .times(4)
            .then(json!({"paid": true}))
            .expect_attempts(5);
        let _ = invoke(&client, "charge-card", r#"{"order":7}"#).await;
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 429 TooManyRequestsException: Rate Exceeded.
    fake-lambda, started at tests/it/any_transport/red/counts.rs:LINE#1, found 1 problem:

    ✗ unmet: expected exactly 5 attempts, got 3
        scripted at tests/it/any_transport/red/counts.rs:LINE#2, on charge-card
        to change: the client gave up after attempt 3/3: raise its `max_attempts`, or script fewer errors, or expect 3 attempts

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/3 → 429 TooManyRequestsException
        attempt 2/3 → 429 TooManyRequestsException
        attempt 3/3 → 429 TooManyRequestsException
    seed 0
    "#);
}

#[test]
fn a_swallowed_function_error() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        lambda
            .on("charge-card")
            .reply(FunctionError::new("CardDeclined", "no funds"));
        lambda.on("send-receipt").reply(json!(null));
        if invoke(&client, "charge-card", r#"{"order":7}"#)
            .await
            .is_ok()
        {
            let _ = invoke(&client, "send-receipt", r#"{"order":7}"#).await;
        }
        lambda.seen("send-receipt").assert_calls(0);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/counts.rs:LINE#1
    expected exactly 0 calls of `send-receipt`, got 1
      to change: call 1, before it, got a function error, which SDKs return as `Ok`: let the caller look at `function_error()`, or expect 1 call

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/3 → 200 function error {"errorMessage":"no funds","errorType":"CardDeclined"}
      2 send-receipt RequestResponse {"order":7}
        attempt 1/3 → 200 null
    "#);
}

#[test]
fn a_client_with_another_endpoint() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("charge-card")
            .named("the payment")
            .reply(json!({"paid": true}))
            .expect_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    no client got an answer from this fake
    fake-lambda, started at tests/it/any_transport/red/counts.rs:LINE#1, found 1 problem:

    ✗ unmet: expected exactly 1 call, got 0
        "the payment" scripted at tests/it/any_transport/red/counts.rs:LINE#2, on charge-card
        to change: make the call, or await it with `wait_for_calls(1)`; or is the client's endpoint not this fake's `endpoint_url()`?

    the journal is empty: no request has come
    seed 0
    "#);
}

#[test]
fn a_rule_behind_a_newer_one() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda
            .on("charge-card")
            .reply(ServiceError::TooManyRequestsException);
        lambda.on("charge-card").reply(json!({"paid": true}));
        post(&lambda, "charge-card", &[], r#"{"order":7}"#);
        script.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/counts.rs:LINE#3
    expected exactly 1 call answered by this rule, got 0
      scripted at tests/it/any_transport/red/counts.rs:LINE#1, on charge-card
      to change: the rule at tests/it/any_transport/red/counts.rs:LINE#2 answered: take it out, or ask that one instead, or expect 0 calls
      1 attempt went to the rule scripted at tests/it/any_transport/red/counts.rs:LINE#2, on charge-card; it is newer, so it goes first
      came instead: call 1, charge-card RequestResponse {"order":7} → 200 {"paid":true}

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1 → 200 {"paid":true}
    "#);
}

#[test]
fn a_condition_that_sends_the_call_to_the_default() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("charge-card").reply(json!({"paid": false}));
        lambda
            .on("charge-card")
            .when(payload_partial(json!({"order": 7})))
            .reply(json!({"paid": true}))
            .expect_calls(1);
        post(&lambda, "charge-card", &[], r#"{"order":"7"}"#);
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 200 {"paid":false}
    fake-lambda, started at tests/it/any_transport/red/counts.rs:LINE#1, found 1 problem:

    ✗ unmet: expected exactly 1 call, got 0
        scripted at tests/it/any_transport/red/counts.rs:LINE#3, on charge-card when payload_partial({"order":7})
        to change: correct what is sent: $.order expected 7, got "7"; or the condition at tests/it/any_transport/red/counts.rs:LINE#4, or expect 0 calls
        1 attempt went to the rule scripted at tests/it/any_transport/red/counts.rs:LINE#2, on charge-card
        came instead: call 1, charge-card RequestResponse {"order":"7"} → 200 {"paid":false}
          ✗ payload_partial({"order":7}): $.order expected 7, got "7"  (tests/it/any_transport/red/counts.rs:LINE#4)

    journal
      1 charge-card RequestResponse {"order":"7"}
        attempt 1 → 200 {"paid":false}
    seed 0
    "#);
}

#[test]
fn a_typo_in_the_rule_that_is_expected() {
    let text = red(|| {
        let lambda = willing();
        lambda
            .on("charge-cart")
            .reply(json!({"paid": true}))
            .expect_calls(1);
        post(&lambda, "charge-card", &[], r#"{"order":7}"#);
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 200 {"ok":true}
    fake-lambda, started at tests/it/any_transport/red.rs:LINE#1, found 1 problem:

    ✗ unmet: expected exactly 1 call, got 0
        scripted at tests/it/any_transport/red/counts.rs:LINE#1, on charge-cart
        to change: `charge-card` was called and the rule at tests/it/any_transport/red/counts.rs:LINE#1 is for `charge-cart`: correct one of them, or expect 0 calls
        1 attempt went to the rule scripted at tests/it/any_transport/red.rs:LINE#2, on any function
        came instead: call 1, charge-card RequestResponse {"order":7} → 200 {"ok":true}
          ✗ function: the call asked for `charge-card`, the rule is for `charge-cart`

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1 → 200 {"ok":true}
    seed 0
    "#);
}

#[test]
fn a_call_of_something_else() {
    let text = red_async(async {
        let lambda = willing();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        for function in ["charge-card", "send-receipt"] {
            invoke(&client, function, r#"{"order":7}"#).await.unwrap();
        }
        lambda.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/counts.rs:LINE#1
    expected exactly 1 call in all, got 2
      to change: `send-receipt` was called, too: take that call out, or ask one function alone with `seen(..)`, or expect 2 calls

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/3 → 200 {"ok":true}
      2 send-receipt RequestResponse {"order":7}
        attempt 1/3 → 200 {"ok":true}
    "#);
}

#[test]
fn retries_counted_as_calls() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda
            .on("charge-card")
            .reply(ServiceError::TooManyRequestsException)
            .then(json!({"paid": true}));
        for attempt in ["attempt=1; max=3", "attempt=2; max=3"] {
            let request = format!("amz-sdk-request: {attempt}");
            let fields = ["amz-sdk-invocation-id: 7", &request];
            post(&lambda, "charge-card", &fields, r#"{"order":7}"#);
        }
        script.assert_calls(2);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/counts.rs:LINE#2
    expected exactly 2 calls answered by this rule, got 1
      scripted at tests/it/any_transport/red/counts.rs:LINE#1, on charge-card
      to change: a retry is no call of its own: count attempts, `assert_attempts(2)`, or expect 1 call

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/3 → 429 TooManyRequestsException
        attempt 2/3 → 200 {"paid":true}
    "#);
}
