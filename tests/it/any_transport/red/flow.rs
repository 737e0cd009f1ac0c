//! Calls in another order, too soon, too late, or missing because the test ended early.

use std::time::Duration;

use fake_lambda::{ServiceError, sdk_client};
use regex::Regex;
use serde_json::json;

use super::{invoke, post, red, red_async, sdk, willing};
use crate::transport::FakeLambda;

/// Replaces what changes from run to run, and what differs between the transports.
fn timeless(text: &str) -> String {
    let times = Regex::new(r"\d+(\.\d+)?( ?ms|µs|ns)").unwrap();
    let lanes = Regex::new(r"\|[#. x]{40}\|").unwrap();
    let text = times.replace_all(text, "<time>");
    let text = lanes.replace_all(&text, "|<lane>|");
    // In memory, a message names another clock and gives no limit of the backoff.
    text.replace("(on tokio's clock)", "(real time: not for snapshots)")
        .replace("a longer backoff\n", "a longer backoff; `sdk_client!` limits it to <time> unless its last argument sets another limit\n")
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
    error: expected `charge-card` as call 2, got `send-receipt`
      help: await `charge-card` before calling `send-receipt`, or change the expected order
      expected: check-order, charge-card, send-receipt
      got:      check-order, send-receipt, charge-card

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
fn an_extra_call_in_an_order() {
    let text = red(|| {
        let lambda = willing();
        for function in ["check-order", "charge-card", "charge-card"] {
            post(&lambda, function, &[], "{}");
        }
        lambda.assert_order(["check-order", "charge-card"]);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#1
    error: expected 2 calls in order, got one more: `charge-card`
      help: remove call 3, or add `charge-card` to the expected order
      expected: check-order, charge-card
      got:      check-order, charge-card, charge-card

    journal
      1 check-order RequestResponse {}
        attempt 1 → 200 {"ok":true}
      2 to 3 (2 equal calls) charge-card RequestResponse {}
        attempt 1 → 200 {"ok":true}
    "#);
}

#[test]
fn a_retry_without_backoff() {
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
    panicked at tests/it/any_transport/red/flow.rs:LINE#2
    error: expected at least 30s before each retry, got <time> before attempt 2/3 of call 1
      help: configure a longer backoff; `sdk_client!` limits it to <time> unless its last argument sets another limit
      rule: `charge-card`, scripted at tests/it/any_transport/red/flow.rs:LINE#1

    1 call, 2 attempts, in <time> (real time: not for snapshots)
    1 |<lane>| charge-card RequestResponse {}
      <time> + <time>: attempt 1/3, 2 bytes in → 429 TooManyRequestsException
      waited <time>
      <time> + <time>: attempt 2/3, 2 bytes in, 13 out → 200 {"paid":true}
    "#);
}

#[test]
fn a_backoff_without_a_retry() {
    let text = red(|| {
        let lambda = willing();
        post(&lambda, "charge-card", &[], "{}");
        lambda.assert_backoff_at_least(Duration::from_millis(1));
    });
    insta::assert_snapshot!(timeless(&text), @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#1
    error: expected at least <time> before each retry, got no retry
      help: script an error that the client retries, and check that retries are on

    1 call, 1 attempt, in <time> (real time: not for snapshots)
    1 |<lane>| charge-card RequestResponse {}
      <time> + <time>: attempt 1, 2 bytes in, 11 out → 200 {"ok":true}
    "#);
}

#[test]
fn backoff_of_code_that_calls_again_by_itself() {
    let text = red(|| {
        let lambda = willing();
        for _ in 0..2 {
            post(&lambda, "charge-card", &[], "{}");
        }
        lambda.assert_backoff_at_least(Duration::from_secs(30));
    });
    insta::assert_snapshot!(timeless(&text), @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#1
    error: expected at least 30s before each retry, got no retry
      help: use `assert_call_gaps_at_least(..)` if the code under test, not the SDK, repeats the call, or script an error that the client retries

    2 calls, 2 attempts, in <time> (real time: not for snapshots)
    1 |<lane>| charge-card RequestResponse {}
      <time> + <time>: attempt 1, 2 bytes in, 11 out → 200 {"ok":true}
    2 |<lane>| charge-card RequestResponse {}
      <time> + <time>: attempt 1, 2 bytes in, 11 out → 200 {"ok":true}
    "#);
}

#[test]
fn a_call_too_soon_after_the_one_before() {
    let text = red(|| {
        let lambda = willing();
        for function in ["charge-card", "send-receipt", "charge-card"] {
            post(&lambda, function, &[], "{}");
        }
        let seen = lambda.seen("charge-card");
        seen.assert_call_gaps_at_least(Duration::from_secs(30));
    });
    insta::assert_snapshot!(timeless(&text), @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#1
    error: expected at least 30s between calls to `charge-card`, got <time> before call 3
      help: increase the delay between calls in the code under test

    3 calls, 3 attempts, in <time> (real time: not for snapshots)
    1 |<lane>| charge-card RequestResponse {}
      <time> + <time>: attempt 1, 2 bytes in, 11 out → 200 {"ok":true}
    2 |<lane>| send-receipt RequestResponse {}
      <time> + <time>: attempt 1, 2 bytes in, 11 out → 200 {"ok":true}
    3 |<lane>| charge-card RequestResponse {}
      <time> + <time>: attempt 1, 2 bytes in, 11 out → 200 {"ok":true}
    "#);
}

#[test]
fn gaps_where_one_call_was_made() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("charge-card").reply(json!({"ok": true}));
        post(&lambda, "charge-card", &[], "{}");
        script.assert_call_gaps_at_least(Duration::from_secs(30));
    });
    insta::assert_snapshot!(timeless(&text), @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#2
    error: expected at least 30s between calls, got 1 call
      help: script a reply that makes the code under test call again, or wait for the second call with `wait_for_calls(2)`
      rule: `charge-card`, scripted at tests/it/any_transport/red/flow.rs:LINE#1

    1 call, 1 attempt, in <time> (real time: not for snapshots)
    1 |<lane>| charge-card RequestResponse {}
      <time> + <time>: attempt 1, 2 bytes in, 11 out → 200 {"ok":true}
    "#);
}

#[test]
fn gaps_where_each_call_is_of_another_function() {
    let text = red(|| {
        let lambda = willing();
        for function in ["charge-card", "send-receipt"] {
            post(&lambda, function, &[], "{}");
        }
        lambda.assert_call_gaps_at_least(Duration::from_secs(30));
    });
    insta::assert_snapshot!(timeless(&text), @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#1
    error: expected at least 30s between calls, got 2 calls, each to a different function
      help: call the same function twice; calls to different functions are not compared

    2 calls, 2 attempts, in <time> (real time: not for snapshots)
    1 |<lane>| charge-card RequestResponse {}
      <time> + <time>: attempt 1, 2 bytes in, 11 out → 200 {"ok":true}
    2 |<lane>| send-receipt RequestResponse {}
      <time> + <time>: attempt 1, 2 bytes in, 11 out → 200 {"ok":true}
    "#);
}

#[test]
fn gaps_where_the_client_retries_and_makes_no_second_call() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let throttled = lambda
            .on("charge-card")
            .reply(ServiceError::TooManyRequestsException)
            .then(json!({"paid": true}));
        invoke(&client, "charge-card", "{}").await.unwrap();
        throttled.assert_call_gaps_at_least(Duration::from_secs(30));
    });
    insta::assert_snapshot!(timeless(&text), @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#2
    error: expected at least 30s between calls, got 1 call, with retries
      help: use `assert_backoff_at_least(..)`: a call includes the client's retries
      rule: `charge-card`, scripted at tests/it/any_transport/red/flow.rs:LINE#1

    1 call, 2 attempts, in <time> (real time: not for snapshots)
    1 |<lane>| charge-card RequestResponse {}
      <time> + <time>: attempt 1/3, 2 bytes in → 429 TooManyRequestsException
      waited <time>
      <time> + <time>: attempt 2/3, 2 bytes in, 13 out → 200 {"paid":true}
    "#);
}

#[test]
fn a_wait_for_a_call_that_never_comes() {
    let text = red(|| {
        let lambda = willing();
        post(&lambda, "charge-card", &[], "{}");
        let seen = lambda.seen("charge-card");
        // The attempt is finished in the journal a moment after the client has its reply.
        seen.wait_for_calls(1).block();
        seen.wait_for_calls(2)
            .within(Duration::from_millis(1))
            .block();
    });
    insta::assert_snapshot!(timeless(&text), @r#"
    panicked at tests/it/any_transport/red/flow.rs:LINE#2
    error: waited <time> for 2 calls to `charge-card`, got 1
      help: make 1 more call before the deadline, or extend the deadline with `.within(..)`
      wait created at tests/it/any_transport/red/flow.rs:LINE#1

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
    // The effect of `?` on an error of the code under test.
    Err::<(), _>("the payment failed".to_owned())?;
    script.assert_calls(2);
    Ok(())
}

#[test]
fn a_test_that_returns_early_with_its_error() {
    let text = red(|| a_test_returns_its_error().unwrap());
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/any_transport/red/flow.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `charge-card` expected 2 calls, got 1
      help: make 1 more call, wait for it with `wait_for_calls(2)`, or expect 1 call
      rule: `charge-card`, scripted at tests/it/any_transport/red/flow.rs:LINE#2

    note: call 1 ended with 502 KMSDisabledException: Lambda was unable to decrypt the environment variables because the KMS key used is disabled. Please check the function's…

    journal
      1 charge-card RequestResponse {}
        attempt 1/3 → 502 KMSDisabledException
        attempt 2/3 → 502 KMSDisabledException
        attempt 3/3 → 502 KMSDisabledException
    ");
}
