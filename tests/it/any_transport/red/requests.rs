//! Requests with other content than the test expects.

use aws_sdk_lambda::config::Region;
use fake_lambda::matchers::{
    client_context_partial, header_contains, invocation_type, log_type, payload_is, signing_region,
};
use fake_lambda::{Invocation, sdk_client};
use serde_json::json;

use super::{invoke, post, red, red_async, willing};

#[test]
fn a_payload_without_a_member() {
    let text = red(|| {
        let lambda = willing();
        post(&lambda, "charge-card", &[], r#"{"order":7}"#);
        let seen = lambda.seen("charge-card");
        seen.matching(payload_is(json!({"order": 7, "currency": "EUR"})))
            .assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/requests.rs:LINE#2
    error: expected 1 call to `charge-card` matching payload_is({"currency":"EUR","order":7}), got none
      help: send `$.currency` as "EUR", or change the condition
      ✗ payload_is({"currency":"EUR","order":7}): `$.currency` expected "EUR", got nothing (tests/it/any_transport/red/requests.rs:LINE#1)
      got: call 1: charge-card RequestResponse {"order":7} → 200 {"ok":true}

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1 → 200 {"ok":true}
    "#);
}

#[test]
fn another_invocation_type() {
    let text = red_async(async {
        let lambda = willing();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        invoke(&client, "send-receipt", "{}").await.unwrap();
        let seen = lambda.seen("send-receipt");
        seen.matching(invocation_type("Event")).assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/requests.rs:LINE#2
    error: expected 1 call to `send-receipt` matching invocation_type(Event), got none
      help: change the request to meet the condition marked ✗, or change the condition
      ✗ invocation_type(Event): expected Event, got RequestResponse (tests/it/any_transport/red/requests.rs:LINE#1)
      got: call 1: send-receipt RequestResponse {} → 200 {"ok":true}

    journal
      1 send-receipt RequestResponse {}
        attempt 1/3 → 200 {"ok":true}
    "#);
}

#[test]
fn another_log_type() {
    let text = red(|| {
        let lambda = willing();
        post(&lambda, "charge-card", &[], "{}");
        lambda.matching(log_type("Tail")).assert_calls(1..);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/requests.rs:LINE#2
    error: expected at least 1 call matching log_type(Tail), got none
      help: change the request to meet the condition marked ✗, or change the condition
      ✗ log_type(Tail): expected Tail, got None (tests/it/any_transport/red/requests.rs:LINE#1)
      got: call 1: charge-card RequestResponse {} → 200 {"ok":true}

    journal
      1 charge-card RequestResponse {}
        attempt 1 → 200 {"ok":true}
    "#);
}

#[test]
fn a_client_context_that_is_not_encoded() {
    let text = red(|| {
        let lambda = willing();
        let field = r#"X-Amz-Client-Context: {"custom":{"tenant":"a"}}"#;
        post(&lambda, "charge-card", &[field], "{}");
        let tenant = client_context_partial(json!({"custom": {"tenant": "a"}}));
        lambda.matching(tenant).assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/requests.rs:LINE#2
    error: expected 1 call matching client_context_partial({"custom":{"tenant":"a"}}), got none
      help: change the request to meet the condition marked ✗, or change the condition
      ✗ client_context_partial({"custom":{"tenant":"a"}}): the client context is not base64-encoded JSON (tests/it/any_transport/red/requests.rs:LINE#1)
      got: call 1: charge-card RequestResponse {} → 400 InvalidRequestContentException

    journal
      1 charge-card RequestResponse {} (client context not in base64 {"custom":{"tenant":"a"}})
        attempt 1 → 400 InvalidRequestContentException
    "#);
}

/// SDKs send an empty field for an empty client context.
#[test]
fn a_client_context_that_is_not_sent() {
    for fields in [&[][..], &["X-Amz-Client-Context: "]] {
        let text = red(|| {
            let lambda = willing();
            post(&lambda, "charge-card", fields, "{}");
            let tenant = client_context_partial(json!({"custom": {"tenant": "a"}}));
            lambda.matching(tenant).assert_calls(1);
        });
        insta::allow_duplicates! {
            insta::assert_snapshot!(text, @r#"
            panicked at tests/it/any_transport/red/requests.rs:LINE#2
            error: expected 1 call matching client_context_partial({"custom":{"tenant":"a"}}), got none
              help: change the request to meet the condition marked ✗, or change the condition
              ✗ client_context_partial({"custom":{"tenant":"a"}}): no client context was sent (tests/it/any_transport/red/requests.rs:LINE#1)
              got: call 1: charge-card RequestResponse {} → 200 {"ok":true}

            journal
              1 charge-card RequestResponse {}
                attempt 1 → 200 {"ok":true}
            "#);
        }
    }
}

#[test]
fn an_unsigned_client() {
    let text = red(|| {
        let lambda = willing();
        post(&lambda, "charge-card", &[], "{}");
        lambda.matching(signing_region("us-east-1")).assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/requests.rs:LINE#2
    error: expected 1 call matching signing_region(us-east-1), got none
      help: change the request to meet the condition marked ✗, or change the condition
      ✗ signing_region(us-east-1): the request is not signed (tests/it/any_transport/red/requests.rs:LINE#1)
      got: call 1: charge-card RequestResponse {} → 200 {"ok":true}

    journal
      1 charge-card RequestResponse {}
        attempt 1 → 200 {"ok":true}
    "#);
}

#[test]
fn a_signature_for_another_region() {
    let text = red_async(async {
        let lambda = willing();
        let client = sdk_client!(aws_sdk_lambda, lambda, |config| {
            config.region(Region::new("eu-west-1"))
        });
        invoke(&client, "charge-card", "{}").await.unwrap();
        lambda.matching(signing_region("us-east-1")).assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/requests.rs:LINE#2
    error: expected 1 call matching signing_region(us-east-1), got none
      help: change the request to meet the condition marked ✗, or change the condition
      ✗ signing_region(us-east-1): expected us-east-1, got eu-west-1 (tests/it/any_transport/red/requests.rs:LINE#1)
      got: call 1: charge-card RequestResponse {} → 200 {"ok":true}

    journal
      1 charge-card RequestResponse {} (region eu-west-1)
        attempt 1/3 → 200 {"ok":true}
    "#);
}

#[test]
fn another_user_agent() {
    let text = red(|| {
        let lambda = willing();
        post(
            &lambda,
            "charge-card",
            &["User-Agent: aws-sdk-rust/1.3"],
            "{}",
        );
        let app = header_contains("user-agent", "app/checkout");
        lambda.matching(app).assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/requests.rs:LINE#2
    error: expected 1 call matching header_contains(user-agent, app/checkout), got none
      help: change the request to meet the condition marked ✗, or change the condition
      ✗ header_contains(user-agent, app/checkout): expected `app/checkout` in `aws-sdk-rust/1.3` (tests/it/any_transport/red/requests.rs:LINE#1)
      got: call 1: charge-card RequestResponse {} → 200 {"ok":true}

    journal
      1 charge-card RequestResponse {}
        attempt 1 → 200 {"ok":true}
    "#);
}

#[test]
fn a_closure_as_a_condition() {
    let text = red(|| {
        let lambda = willing();
        post(&lambda, "charge-card", &[], "{}");
        let is_whole = |call: &Invocation| call.payload_json()["order"].is_u64();
        lambda.matching(is_whole).assert_attempts(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/any_transport/red/requests.rs:LINE#2
    error: expected 1 attempt matching a closure, got none
      help: change the request to meet the condition marked ✗, or change the condition
      ✗ closure returned false (tests/it/any_transport/red/requests.rs:LINE#1)
      got: call 1: charge-card RequestResponse {} → 200 {"ok":true}

    journal
      1 charge-card RequestResponse {}
        attempt 1 → 200 {"ok":true}
    "#);
}
