//! Too few or too many calls and attempts.

use aws_sdk_lambda::config::retry::RetryConfig;
use fake_lambda::matchers::payload_partial;
use fake_lambda::{FunctionError, ServiceError, sdk_client};
use serde_json::json;

use super::{invoke, post, red, red_async, willing};
use crate::panics::help_of;
use crate::transport::{FakeLambda, as_on_a_socket};

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
    error: expected 2 attempts answered by this rule, got 1
      help: turn on the client's retries, which are off (it sent `max=1`), or expect 1 attempt
      rule: `charge-card`, scripted at tests/it/any_transport/red/counts.rs:LINE#1

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
    error: expected 1 attempt answered by this rule, got 3
      help: disable retries of 502 KMSDisabledException in the client, script another error, or expect 3 attempts
      rule: `charge-card`, scripted at tests/it/any_transport/red/counts.rs:LINE#1

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
    error: expected 2 attempts answered by this rule, got 1
      help: script an error that the client retries, or expect 1 attempt; it does not retry 409 ResourceConflictException
      rule: `charge-card`, scripted at tests/it/any_transport/red/counts.rs:LINE#1

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
    fake-lambda (started at tests/it/any_transport/red/counts.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `charge-card` expected 5 attempts, got 3
      help: raise the client's `max_attempts`, script fewer errors, or expect 3 attempts; it gave up after attempt 3/3
      rule: `charge-card`, scripted at tests/it/any_transport/red/counts.rs:LINE#2

    note: call 1 ended with 429 TooManyRequestsException: Rate Exceeded.

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/3 → 429 TooManyRequestsException
        attempt 2/3 → 429 TooManyRequestsException
        attempt 3/3 → 429 TooManyRequestsException
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
    error: expected no calls to `send-receipt`, got 1
      help: check `function_error()` in the caller, or expect 1 call; call 1 got a function error, which SDKs return as `Ok`

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/3 → 200 function error {"errorMessage":"no funds","errorType":"CardDeclined"}
      2 send-receipt RequestResponse {"order":7}
        attempt 1/3 → 200 null
    "#);
}

#[test]
fn a_function_error_before_a_call_that_is_expected() {
    let lambda = FakeLambda::start();
    let declined = FunctionError::new("CardDeclined", "no funds");
    lambda.on("charge-card").reply(declined);
    lambda.on("refund").reply(json!(null));
    for function in ["charge-card", "refund", "refund"] {
        post(&lambda, function, &[], "{}");
    }
    insta::assert_snapshot!(
        help_of(|| lambda.seen("refund").assert_calls(1)),
        @"make fewer calls, count attempts, or expect 2 calls; without the header `amz-sdk-invocation-id` each retry counts as a call"
    );
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
    insta::assert_snapshot!(as_on_a_socket(&text), @r#"
    fake-lambda (started at tests/it/any_transport/red/counts.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule "the payment" expected 1 call, got none
      help: await the call, check that its client uses `lambda.endpoint_url()`, and wait for background calls with `wait_for_calls(1)`
      rule: "the payment" (`charge-card`), scripted at tests/it/any_transport/red/counts.rs:LINE#2

    journal: empty, no request arrived
    "#);
}

#[test]
fn a_rule_shadowed_by_a_newer_one() {
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
    error: expected 1 call answered by this rule, got none
      help: remove the newer rule at tests/it/any_transport/red/counts.rs:LINE#2, or count its calls instead
      rule: `charge-card`, scripted at tests/it/any_transport/red/counts.rs:LINE#1
      got: call 1 was answered by the newer rule, which takes precedence: charge-card RequestResponse {"order":7} → 200 {"paid":true}

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1 → 200 {"paid":true}
    "#);
}

#[test]
fn a_failed_condition_with_a_default_rule() {
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
    fake-lambda (started at tests/it/any_transport/red/counts.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `charge-card` expected 1 call, got none
      help: send `$.order` as 7, or change the condition
      rule: `charge-card` with 1 condition, scripted at tests/it/any_transport/red/counts.rs:LINE#3
        ✗ payload_partial({"order":7}): `$.order` expected 7, got "7" (tests/it/any_transport/red/counts.rs:LINE#4)
      got: call 1 was answered by `charge-card`, scripted at tests/it/any_transport/red/counts.rs:LINE#2: charge-card RequestResponse {"order":"7"} → 200 {"paid":false}

    journal
      1 charge-card RequestResponse {"order":"7"}
        attempt 1 → 200 {"paid":false}
    "#);
}

#[test]
fn a_typo_in_a_rule_with_an_expectation() {
    let text = red(|| {
        let lambda = willing();
        lambda
            .on("charge-cart")
            .reply(json!({"paid": true}))
            .expect_calls(1);
        post(&lambda, "charge-card", &[], r#"{"order":7}"#);
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/red.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `charge-cart` expected 1 call, got none
      help: change `charge-cart` to `charge-card` in the rule, or `charge-card` to `charge-cart` in the call
      rule: `charge-cart`, scripted at tests/it/any_transport/red/counts.rs:LINE#1
        ✗ function: called `charge-card`, the rule matches `charge-cart`
      got: call 1 was answered by the rule for any function, scripted at tests/it/any_transport/red.rs:LINE#2: charge-card RequestResponse {"order":7} → 200 {"ok":true}

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1 → 200 {"ok":true}
    "#);
}

#[test]
fn a_call_to_another_function() {
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
    error: expected 1 call, got 2
      help: remove the call to `send-receipt`, count one function only: `lambda.seen("charge-card").assert_calls(1)`, or expect 2 calls

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
    error: expected 2 calls answered by this rule, got 1
      help: use `assert_attempts(2)` to count retries, or expect 1 call
      rule: `charge-card`, scripted at tests/it/any_transport/red/counts.rs:LINE#1
      call 1 made 2 attempts; a retry is not a separate call

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/3 → 429 TooManyRequestsException
        attempt 2/3 → 200 {"paid":true}
    "#);
}
