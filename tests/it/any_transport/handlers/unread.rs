//! Events that a typed handler does not take: the caller gets what Lambda's runtime for Rust sends, and the test hears of it.

use std::collections::BTreeMap;

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
fn the_test_hears_where_the_event_is_wrong() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").handle_json(charge);
        pay(&lambda, r#"{"id": 7, "items": [{"cents": "10"}]}"#);
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 200 function error {"errorMessage":"failed to deserialize the incoming data into the function's payload type: [items[0].cents] items[0].cents: invalid type: string \"10\", expected u64 at line 1 column 34\n","errorType":"&lambda_runtime::deserializer::DeserializeError"}
    fake-lambda, started at tests/it/any_transport/handlers/unread.rs:LINE#1, found 1 problem:

    ✗ no `it::any_transport::handlers::Order`, as the handler written at tests/it/any_transport/handlers/unread.rs:LINE#2 takes it: items[0].cents: invalid type: string "10", expected u64 at line 1 column 34
        call 1, pay RequestResponse {"id":7,"items":[{"cents":"10"}]}; the client got a function error
        to change: correct the call or the type; a handler that is to refuse events takes a `serde_json::Value` and returns the error itself

    journal
      1 pay RequestResponse {"id":7,"items":[{"cents":"10"}]}
        attempt 1 → 200 function error {"errorMessage":"failed to deserialize the incoming data into the function's payload type: [items[0].cents] items[0].cents: invalid type: string \"10\", expected u64 at line 1 column 34\n","errorType":"&lambda_runtime::deserializer::DeserializeError"}
    seed 0
    "#);
}

#[test]
fn the_test_hears_of_an_event_whose_caller_was_told_nothing() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("mail").handle_json(charge);
        raw::invoke(&lambda, "mail", &[EVENT], r#"{"to": "me"}"#);
        lambda.wait_until_idle().block();
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 202
    fake-lambda, started at tests/it/any_transport/handlers/unread.rs:LINE#1, found 1 problem:

    ✗ no `it::any_transport::handlers::Order`, as the handler written at tests/it/any_transport/handlers/unread.rs:LINE#2 takes it: missing field `id` at line 1 column 12
        call 1, mail Event {"to":"me"}; the client had got its 202
        to change: correct the call or the type; a handler that is to refuse events takes a `serde_json::Value` and returns the error itself

    journal
      1 mail Event {"to":"me"}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"failed to deserialize the incoming data into the function's payload type: missing field `id` at line 1 column 12\n","errorType":"&lambda_runtime::deserializer::DeserializeError"}
          queued until 1m
    seed 0
    "#);
}

#[test]
fn an_output_that_is_no_json_is_a_panic_of_the_handler() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").handle_json(async |_: Value, _: Context| {
            Ok::<_, FunctionError>(BTreeMap::from([(Some([1, 2]), 3)]))
        });
        pay(&lambda, "{}");
    });
    insta::assert_snapshot!(text, @"
    the client last got 418 FakeLambdaPanicked: fake-lambda: a handler panicked: the `alloc::collections::btree::map::BTreeMap<core::option::Option<[i32; 2]>, i32>` it returned is not JSON: key must be a string
    fake-lambda, started at tests/it/any_transport/handlers/unread.rs:LINE#1, found 1 problem:

    ✗ a handler panicked, written at tests/it/any_transport/handlers/unread.rs:LINE#2: the `alloc::collections::btree::map::BTreeMap<core::option::Option<[i32; 2]>, i32>` it returned is not JSON: key must be a string
        call 1, pay RequestResponse {}; the client got 418 FakeLambdaPanicked

    journal
      1 pay RequestResponse {}
        attempt 1 → 418 FakeLambdaPanicked
    seed 0
    ");
}

#[test]
fn a_handler_that_reads_the_event_itself_may_refuse_it() {
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
