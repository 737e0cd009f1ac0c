//! Input, output, and the conversion of an `Err`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fake_lambda::{Context, FunctionError, IntoFunctionError, Reply, Runtime, ServiceError};
use rstest::rstest;
use serde_json::{Value, json};

use super::{Order, Receipt, pay};
use crate::transport::FakeLambda;

type BoxError = Box<dyn Error + Send + Sync>;

/// The test's own error type, for which no conversion into a `FunctionError` is written.
#[derive(Debug)]
struct NoSuchOrder(u64);

impl fmt::Display for NoSuchOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no order {}", self.0)
    }
}

impl Error for NoSuchOrder {}

async fn charge(order: Order, _: Context) -> Result<Receipt, BoxError> {
    Ok(order.receipt())
}

#[rstest]
#[case::closure(Reply::handle_json(async |order: Order, _: Context| Ok::<_, FunctionError>(order.receipt())), r#"{"order":7,"cents":30}"#)]
#[case::return_type(Reply::handle_json(async |order: Order, _: Context| -> Result<Receipt, NoSuchOrder> { Ok(order.receipt()) }), r#"{"order":7,"cents":30}"#)]
#[case::function(Reply::handle_json(charge), r#"{"order":7,"cents":30}"#)]
#[case::value(Reply::handle_json(async |event: Value, _: Context| Ok::<_, FunctionError>(event["id"].clone())), "7")]
#[case::unit(Reply::handle_json(async |_: Order, _: Context| Ok::<_, FunctionError>(())), "null")]
#[case::option(Reply::handle_json(async |_: Order, _: Context| Ok::<Option<u8>, FunctionError>(None)), "null")]
#[case::text(Reply::handle_json(async |_: Order, _: Context| Ok::<_, FunctionError>("a\"b")), r#""a\"b""#)]
#[case::map(Reply::handle_json(async |event: BTreeMap<String, Value>, _: Context| Ok::<_, FunctionError>(event.into_keys().collect::<Vec<_>>())), r#"["id","items"]"#)]
fn a_typed_function_can_be_written_in_several_ways(#[case] reply: Reply, #[case] expected: &str) {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(reply);
    let event = r#"{"id": 7, "items": [{"cents": 10}, {"cents": 20}]}"#;
    assert_eq!(pay(&lambda, event).text(), expected);
}

#[test]
fn a_closure_captures_by_move_and_its_state_stays_in_the_test() {
    let lambda = FakeLambda::start();
    let total = Arc::new(AtomicU64::new(0));
    let kept = total.clone();
    let script = lambda
        .on("pay")
        .handle_json(async move |order: Order, _: Context| {
            let before = kept.fetch_add(order.id, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok::<_, FunctionError>(before)
        });
    assert_eq!(pay(&lambda, r#"{"id": 7}"#).text(), "0");
    assert_eq!(pay(&lambda, r#"{"id": 8}"#).text(), "7");
    assert_eq!(total.load(Ordering::Relaxed), 15);
    script.assert_attempts(2);
}

#[test]
fn an_empty_body_is_an_empty_object() {
    let lambda = FakeLambda::start();
    lambda
        .on("pay")
        .handle_json(async |event: Value, _: Context| Ok::<_, FunctionError>(event));
    assert_eq!(pay(&lambda, "").text(), "{}");
}

#[test]
fn a_typed_answer_has_the_usual_head() {
    let lambda = FakeLambda::start();
    lambda.on("pay").handle_json(charge);
    let typed = pay(&lambda, r#"{"id": 7}"#).masked();
    lambda
        .on("pay")
        .reply(Reply::json(json!({"order": 7, "cents": 0})));
    let scripted = pay(&lambda, "{}").masked();
    let head = |reply: &str| reply.split("\r\n\r\n").next().unwrap().to_owned();
    assert_eq!(head(&typed), head(&scripted));
    assert!(
        typed.ends_with("\r\n\r\n{\"order\":7,\"cents\":0}"),
        "{typed}"
    );
}

fn number(text: &str) -> Result<u8, FunctionError> {
    Ok(text.parse()?)
}

#[rstest]
#[case::function_error(
    Reply::handle_json(async |_: Value, _: Context| Err::<(), _>(FunctionError::new("NoOrder", "no order"))),
    r#"{"errorType":"NoOrder","errorMessage":"no order"}"#
)]
#[case::of_another_runtime(
    Reply::handle_json(async |_: Value, _: Context| Err::<(), _>(FunctionError::new("error", "no order").runtime(Runtime::Go))),
    r#"{"errorMessage":"no order","errorType":"error"}"#
)]
#[case::boxed(
    Reply::handle_json(async |_: Value, _: Context| -> Result<(), BoxError> { Err("some_error_msg")? }),
    r#"{"errorType":"&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>","errorMessage":"some_error_msg"}"#
)]
#[case::text(
    Reply::handle_json(async |_: Value, _: Context| Err::<(), _>("no order".to_owned())),
    r#"{"errorType":"&alloc::string::String","errorMessage":"no order"}"#
)]
#[case::own_error(
    Reply::handle_json(async |_: Value, _: Context| Err::<(), _>(NoSuchOrder(7))),
    r#"{"errorType":"&it::any_transport::handlers::typed::NoSuchOrder","errorMessage":"no order 7"}"#
)]
#[case::question_mark(
    Reply::handle_json(async |_: Value, _: Context| -> Result<(), FunctionError> { Err(NoSuchOrder(7))? }),
    r#"{"errorType":"&it::any_transport::handlers::typed::NoSuchOrder","errorMessage":"no order 7"}"#
)]
#[case::question_mark_in_a_function(
    Reply::handle_json(async |_: Value, _: Context| number("x")),
    r#"{"errorType":"&core::num::error::ParseIntError","errorMessage":"invalid digit found in string"}"#
)]
fn an_error_becomes_a_function_error(#[case] reply: Reply, #[case] payload: &str) {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(reply);
    let reply = pay(&lambda, "{}");
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.field("X-Amz-Function-Error"), Some("Unhandled"));
    assert_eq!(reply.text(), payload);
}

/// The type was recorded from a Rust function in January 2026, on two operating systems.
#[test]
fn a_boxed_error_has_the_type_recorded_from_aws() {
    let fact = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/aws/observed.json"
    ));
    let facts: Value = serde_json::from_str(fact).unwrap();
    let text = facts.to_string();
    let error = BoxError::from("some_error_msg").into_function_error();
    let kind =
        "&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>";
    assert_eq!(error, FunctionError::new(kind, "some_error_msg"));
    assert!(text.contains(kind), "the fact is gone");
}

#[test]
fn a_typed_function_can_be_any_step() {
    let lambda = FakeLambda::start();
    lambda
        .on("pay")
        .reply(ServiceError::ServiceException)
        .then(Reply::handle_json(charge))
        .times(1)
        .then(json!("again"));
    let said: Vec<_> = (0..3)
        .map(|_| pay(&lambda, r#"{"id": 7}"#).status())
        .collect();
    assert_eq!(said, [500, 200, 200]);
}
