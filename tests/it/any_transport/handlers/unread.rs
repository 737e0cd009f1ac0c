//! Payloads that a typed handler cannot deserialize: the function fails as with Lambda's Rust
//! runtime, and verification reports the payload.

use fake_lambda::{Context, FunctionError};
use rstest::rstest;
use serde_json::Value;

use super::{EVENT, Order, Receipt, pay};
use crate::panics::text_of;
use crate::raw::{self};
use crate::transport::FakeLambda;

pub(crate) async fn charge(order: Order, _: Context) -> Result<Receipt, FunctionError> {
    Ok(order.receipt())
}

#[rstest]
#[case::missing_field(
    r#"{"items":[]}"#,
    r#"{"errorType":"&lambda_runtime::deserializer::DeserializeError","errorMessage":"failed to deserialize the incoming data into the function's payload type: missing field `id` at line 1 column 12\n"}"#
)]
#[case::below(
    r#"{"id":7,"items":[{"cents":1},{"cents":"10"}]}"#,
    r#"{"errorType":"&lambda_runtime::deserializer::DeserializeError","errorMessage":"failed to deserialize the incoming data into the function's payload type: [items[1].cents] items[1].cents: invalid type: string \"10\", expected u64 at line 1 column 42\n"}"#
)]
#[case::empty_body(
    "",
    r#"{"errorType":"&lambda_runtime::deserializer::DeserializeError","errorMessage":"failed to deserialize the incoming data into the function's payload type: missing field `id` at line 1 column 2\n"}"#
)]
fn the_caller_gets_the_error_of_the_runtime(#[case] event: &str, #[case] payload: &str) {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    lambda.on("pay").handle_json(charge);
    let reply = pay(&lambda, event);
    assert_eq!(reply.field("X-Amz-Function-Error"), Some("Unhandled"));
    assert_eq!(reply.text(), payload);
}

#[test]
fn the_report_names_the_invalid_member_of_the_payload() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").handle_json(charge);
        pay(&lambda, r#"{"id": 7, "items": [{"cents": "10"}]}"#);
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/handlers/unread.rs:LINE#1) found 1 problem

    error: the payload of call 1 is not a valid `Order`: items[0].cents: invalid type: string "10", expected u64
      help: correct the payload or the type; to reject payloads on purpose, take a `serde_json::Value` and return an `Err`
      handler: written at tests/it/any_transport/handlers/unread.rs:LINE#2; the client got a function error
      got: pay RequestResponse {"id":7,"items":[{"cents":"10"}]}

    journal
      1 pay RequestResponse {"id":7,"items":[{"cents":"10"}]}
        attempt 1 → 200 function error {"errorMessage":"failed to deserialize the incoming data into the function's payload type: [items[0].cents] items[0].cents: invalid type: string \"10\", expected u64 at line 1 column 34\n","errorType":"&lambda_runtime::deserializer::DeserializeError"}
    "#);
}

#[test]
fn an_unreadable_event_is_reported_although_its_caller_got_a_202() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("mail").handle_json(charge);
        raw::invoke(&lambda, "mail", &[EVENT], r#"{"to": "me"}"#);
        lambda.wait_until_idle().block();
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/handlers/unread.rs:LINE#1) found 1 problem

    error: the payload of call 1 is not a valid `Order`: missing field `id`
      help: correct the payload or the type; to reject payloads on purpose, take a `serde_json::Value` and return an `Err`
      handler: written at tests/it/any_transport/handlers/unread.rs:LINE#2; the client had already received its 202
      got: mail Event {"to":"me"}

    journal
      1 mail Event {"to":"me"}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"failed to deserialize the incoming data into the function's payload type: missing field `id` at line 1 column 12\n","errorType":"&lambda_runtime::deserializer::DeserializeError"}
          queued until 1m
    "#);
}

#[test]
fn a_handler_that_parses_the_payload_itself_can_reject_it() {
    let lambda = FakeLambda::start();
    lambda.on("pay").handle_json(
        async |event: Value, _: Context| -> Result<Receipt, FunctionError> {
            Ok(serde_json::from_value::<Order>(event)?.receipt())
        },
    );
    let reply = pay(&lambda, "{}");
    assert_eq!(
        reply.text(),
        r#"{"errorType":"&serde_json::error::Error","errorMessage":"missing field `id`"}"#
    );
}
