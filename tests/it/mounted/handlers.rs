//! Handlers, for which the server's one thread waits.

use std::future::pending;
use std::thread;
use std::time::Duration;

use fake_lambda::FakeLambda;
use fake_lambda::{ChunkSender, Fault, FunctionError, Gate, Invocation, Reply};
use rstest::rstest;
use serde_json::json;

use super::{invoke, mounted};
use crate::raw::{Client, End};
use crate::text::{Places, without_lines};
use crate::waits::until;

#[tokio::test]
async fn a_handler_runs_on_the_fakes_own_thread() {
    let (_server, lambda) = mounted().await;
    lambda.on("f").handle(async |_: Invocation| {
        tokio::task::yield_now().await;
        json!(thread::current().name())
    });
    let own = format!("\"fake-lambda of {}\"", thread::current().name().unwrap());
    assert_eq!(invoke(&lambda, "f").text(), own);
}

#[tokio::test]
async fn a_handler_that_needs_another_request_is_given_up_and_reported() {
    let (_server, lambda) = mounted().await;
    let handle = lambda.handle();
    let mut places = Places::default();
    places.next("handler", "handle(async");
    lambda.on("f").handle(async move |_: Invocation| {
        let called = handle.seen("g").wait_for_calls(1);
        called.within(Duration::from_secs(60)).await;
        json!(1)
    });
    lambda.on("g").reply(json!(2));
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    until(|| !lambda.calls().is_empty());
    assert_eq!(invoke(&lambda, "g").text(), "2", "sent in the meantime");
    assert_eq!(client.read_reply().status(), 418);
    lambda.wait_until_idle().await;
    let report = places.named(lambda.try_verify().unwrap_err());
    insta::assert_snapshot!(without_lines(report), @"
    fake-lambda (started at tests/it/mounted.rs:LINE#1) found 1 problem

    error: a handler took too long at call 1: f RequestResponse {}
      help: write a slow reply with `Reply::delay`; if the handler waits for another request, start this fake with `FakeLambda::start()`
      handler: written at <handler>; the client got 418 FakeLambdaGivenUp
        it had not replied after 3s, and a `wiremock::MockServer` answers one request at a time

    journal
      1 f RequestResponse {}
        attempt 1 → 418 FakeLambdaGivenUp (ran, lost 200 1)
      2 g RequestResponse (empty)
        attempt 1 → 200 2
    ");
}

/// The function still runs until it ends, after the client has received an answer.
#[tokio::test]
async fn a_handler_that_sends_chunks_too_late_ends() {
    let (_server, lambda) = mounted().await;
    let handle = lambda.handle();
    lambda
        .on("f")
        .handle_stream(async move |_: Invocation, out: ChunkSender| {
            out.send("Hel").await;
            handle.seen("f").wait_for_calls(1).await;
            Ok::<_, FunctionError>(())
        });
    let mut client = Client::connect(&lambda);
    client.send_streamed("f", &[]);
    assert_eq!(client.read_reply().status(), 418);
    lambda.wait_until_idle().await;
    assert_eq!(
        lambda.only_call().attempts()[0].to_string(),
        "418 FakeLambdaGivenUp (ran, lost 200 stream, 0 chunks)"
    );
    lambda.try_verify().unwrap_err();
}

#[rstest]
#[case::a_fault(|| Fault::Reset.into(), "`Fault::Reset` cannot be sent by a `wiremock::MockServer`")]
#[case::a_gate(|| Reply::json(json!(1)).hold(&Gate::new()), "`hold` cannot be used on a `wiremock::MockServer`")]
#[tokio::test]
async fn a_handlers_reply_that_needs_the_fakes_own_server_is_a_418_and_is_reported(
    #[case] reply: fn() -> Reply,
    #[case] told: &str,
) {
    let (_server, lambda) = mounted().await;
    lambda.on("f").handle(async move |_: Invocation| reply());
    assert_eq!(invoke(&lambda, "f").status(), 418);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains(told), "{report}");
}

#[tokio::test]
async fn a_drop_releases_the_client_of_a_running_handler() {
    let (server, lambda) = mounted().await;
    lambda
        .on("f")
        .handle(async |_: Invocation| -> FunctionError { pending().await });
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    until(|| !lambda.calls().is_empty());
    drop(lambda);
    assert_eq!(client.read_out(), (Vec::new(), End::Closed));
    let lambda = FakeLambda::mount_on(&server).await;
    lambda.on("f").reply(json!(1));
    assert_eq!(invoke(&lambda, "f").text(), "1");
}
