//! Handlers and timeouts when a reply is held, broken or abandoned, and the headers of a handler's
//! replies.

use std::future::pending;

use fake_lambda::{Context, FakeLambda, Fault, FunctionError, Gate, Invocation, Reply, limits};
use serde_json::{Value, json};

use crate::any_transport::handlers::pay;
use crate::any_transport::handlers::timeouts::{SHORT, hangs};
use crate::any_transport::handlers::unread::charge;
use crate::raw::{self, Client};

#[test]
fn a_held_reply_times_out_and_the_gate_counts_it() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda
        .on("pay")
        .reply(Reply::json(json!(1)).hold(&gate).timeout(SHORT));
    assert!(
        pay(&lambda, "{}")
            .text()
            .contains("Task timed out after 0.02 seconds")
    );
    gate.reached(1).block();
    gate.open();
    assert_eq!(pay(&lambda, "{}").text(), "1");
}

#[test]
fn a_function_whose_client_disconnected_is_dropped_at_its_timeout() {
    let lambda = FakeLambda::start();
    let (called, gone) = (Gate::new(), Gate::new());
    let (opened, opens) = (called.clone(), gone.clone());
    struct Opens(Gate);
    impl Drop for Opens {
        fn drop(&mut self) {
            self.0.open();
        }
    }
    lambda.on("gone").reply(Reply::json(json!(1)).hold(&gone));
    lambda.on("pay").reply(
        Reply::handle(async move |_: Invocation| {
            let _opens = Opens(opens.clone());
            opened.open();
            pending::<Reply>().await
        })
        .timeout(10 * SHORT),
    );
    lambda
        .on("called")
        .reply(Reply::json(json!(1)).hold(&called));
    let mut client = Client::connect(&lambda);
    client.send_invoke("pay", &[], "{}");
    raw::invoke(&lambda, "called", &[], "{}");
    client.reset();
    assert_eq!(raw::invoke(&lambda, "gone", &[], "{}").text(), "1");
}

#[test]
fn options_of_the_reply_apply_to_its_timeout() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(
        hangs()
            .header("X-Trace", "7")
            .fault(Fault::TruncateAfter(12))
            .timeout(SHORT),
    );
    let mut client = Client::connect(&lambda);
    client.send_invoke("pay", &[], "{}");
    let bytes = String::from_utf8(client.read_to_end()).unwrap();
    assert!(bytes.contains("\r\nX-Trace: 7\r\n"), "{bytes}");
    assert!(bytes.ends_with("\r\n\r\n{\"errorType\""), "{bytes}");
}

#[test]
fn a_header_of_a_handler_is_on_its_replies() {
    let lambda = FakeLambda::start();
    let inner = async |_: Value, _: Context| Ok::<_, FunctionError>(());
    lambda
        .on("pay")
        .reply(Reply::handle_json(inner).header("X-Trace", "7"));
    assert_eq!(pay(&lambda, "{}").field("X-Trace"), Some("7"));
    lambda.on("pay").reply(
        Reply::handle(async |_| Reply::json(json!(1)).header("X-Trace", "inner"))
            .header("X-Trace", "outer"),
    );
    assert_eq!(pay(&lambda, "{}").field("X-Trace"), Some("inner"));
}

#[test]
fn the_reply_to_an_unreadable_event_can_be_held() {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    let gate = Gate::new();
    lambda
        .on("pay")
        .reply(Reply::handle_json(charge).hold(&gate));
    let mut client = Client::connect(&lambda);
    client.send_invoke("pay", &[], "{}");
    gate.reached(1).block();
    gate.open();
    assert!(client.read_reply().text().contains("missing field `id`"));
}

/// This test runs only here: on a `MockServer`, a handler has three seconds, and a busy machine can
/// take longer to write 6 MiB.
#[test]
fn a_typed_answer_over_the_limit_is_refused_as_usual() {
    let lambda = FakeLambda::start();
    lambda.on("pay").handle_json(async |_: Value, _: Context| {
        Ok::<_, FunctionError>("x".repeat(limits::RESPONSE))
    });
    let reply = pay(&lambda, "{}");
    assert_eq!(reply.field("X-Amz-Function-Error"), Some("Unhandled"));
    assert!(reply.text().contains("Function.ResponseSizeTooLarge"));
}
