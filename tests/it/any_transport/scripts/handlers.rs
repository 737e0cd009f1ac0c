//! Handlers.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use fake_lambda::{FunctionError, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::{Value, json};

use super::{ask, said};
use crate::raw::{self};
use crate::transport::FakeLambda;

#[rstest]
#[case::value(|l: &FakeLambda| { l.on("f").handle(async |i: Invocation| json!({"echo": i.payload_json()})); }, r#"{"echo":7}"#)]
#[case::reply(|l: &FakeLambda| { l.on("f").handle(async |_: Invocation| -> Reply { ServiceError::KmsDisabledException.into() }); }, "502 KMSDisabledException")]
#[case::ok(|l: &FakeLambda| { l.on("f").handle(async |i: Invocation| Ok::<_, FunctionError>(i.payload_json())); }, "7")]
#[case::function_error(|l: &FakeLambda| { l.on("f").handle(async |_: Invocation| Err::<Value, _>(FunctionError::payload(json!("no")))); }, r#"Unhandled "no""#)]
#[case::service_error(|l: &FakeLambda| { l.on("f").handle(async |_: Invocation| Err::<Value, _>(ServiceError::ResourceConflictException)); }, "409 ResourceConflictException")]
#[case::in_then(|l: &FakeLambda| { l.on("f").reply(json!(1)).then(Reply::handle(async |i: Invocation| json!([i.payload_json()]))); ask(l, "f"); }, "[7]")]
#[case::a_handler_that_answers_a_handler(|l: &FakeLambda| { l.on("f").handle(async |_: Invocation| Reply::handle(async |i: Invocation| i.payload_json())); }, "7")]
#[case::sleep(|l: &FakeLambda| { l.on("f").handle(async |i: Invocation| { tokio::time::sleep(Duration::from_millis(1)).await; i.payload_json() }); }, "7")] // a handler can use tokio's timer: time is the subject
#[case::spawn(|l: &FakeLambda| { l.on("f").handle(async |i: Invocation| tokio::spawn(async move { i.payload_json() }).await.unwrap()); }, "7")]
#[case::spawn_blocking(|l: &FakeLambda| { l.on("f").handle(async |i: Invocation| tokio::task::spawn_blocking(move || i.payload_json()).await.unwrap()); }, "7")]
#[case::not_send(|l: &FakeLambda| { l.on("f").handle(async |_: Invocation| { let n = Rc::new(Cell::new(6)); tokio::task::yield_now().await; n.set(n.get() + 1); json!(n.get()) }); }, "7")]
fn a_handler_can_be_written_in_several_ways(
    #[case] script: fn(&FakeLambda),
    #[case] expected: &str,
) {
    let lambda = FakeLambda::start();
    script(&lambda);
    assert_eq!(said(&raw::invoke(&lambda, "f", &[], "7")), expected);
}
