//! Panics of the test's own code in places where no handler or condition runs.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::{Pin, pin};
use std::sync::{Arc, mpsc};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use fake_lambda::{Chunks, FakeLambda, Gate, Invocation, Reply, Wait};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::panics::caught;
use crate::raw::{self, Client};
use crate::streams::{chunk, http_chunk};
use crate::text::without_lines;

/// A generous timeout: the awaited event takes milliseconds.
const SOON: Duration = Duration::from_secs(10);

/// Panics when it is dropped.
struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("the drop panics");
    }
}

/// Panics when it is woken.
struct PanicsInWake;

impl Wake for PanicsInWake {
    fn wake(self: Arc<Self>) {
        panic!("the waker panics");
    }
}

#[test]
fn a_panic_of_a_condition_whose_payload_panics_in_its_drop_is_answered_and_reported() {
    let lambda = FakeLambda::start();
    let condition = |_: &Invocation| -> bool { panic_any(PanicsInDrop) };
    lambda.on("f").when(condition).reply(json!(1));
    assert_eq!(raw::invoke(&lambda, "f", &[], "{}").status(), 418);
    lambda.wait_until_idle().block();
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains("a value that is not text"), "{report}");
}

#[test]
fn a_panic_of_a_handler_whose_payload_panics_in_its_drop_is_answered_and_reported() {
    let lambda = FakeLambda::start();
    let handler = async |_: Invocation| -> Value { panic_any(PanicsInDrop) };
    lambda.on("f").handle(handler);
    assert_eq!(raw::invoke(&lambda, "f", &[], "{}").status(), 418);
    lambda.wait_until_idle().block();
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains("a handler panicked at call 1"), "{report}");
}

/// The waker runs on the fake's thread, in the task of the connection.
#[test]
fn a_panic_in_the_task_of_a_connection_ends_its_attempt_and_is_reported() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let mut waiting = pin!(lambda.wait_for_calls(1));
    poll_to_panic(waiting.as_mut());
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    let reply = client.read_reply();
    insta::assert_snapshot!(reply.stable(), @r#"
    HTTP/1.1 418 I'm a teapot
    Date: <date>
    Content-Type: application/json
    Content-Length: 62
    Connection: close
    x-amzn-RequestId: <request-id>
    x-amzn-ErrorType: FakeLambdaPanicked

    {"Message":"fake-lambda: the fake panicked: the waker panics"}
    "#);
    assert_eq!(client.read_to_end(), b"");
    // Other waits are still woken, and the next connection is served.
    lambda.wait_until_idle().block();
    assert_eq!(raw::invoke(&lambda, "f", &[], "{}").status(), 200);
    insta::assert_snapshot!(report_of(&lambda), @r#"
    fake-lambda (started at tests/it/own_server/panics.rs:LINE#1) found 1 problem

    error: the fake panicked while it answered call 1: f RequestResponse {}
      help: fix the panic if it is in the test's own code, such as a `Drop` or a waker; otherwise report it as a bug in fake-lambda
      the client got 418 FakeLambdaPanicked
        the waker panics

    journal
      1 f RequestResponse {}
        attempt 1 → 418 FakeLambdaPanicked
      2 f RequestResponse {}
        attempt 1 → 200 1
    "#);
}

/// The waker runs in the task of the function, which has lost its client.
#[test]
fn a_panic_while_a_function_runs_without_its_client_ends_the_function() {
    let lambda = FakeLambda::start();
    let (go, gate) = (Arc::new(Notify::new()), Gate::new());
    let (goes, holds) = (go.clone(), gate.clone());
    let (begins, begun) = mpsc::channel();
    lambda.on("f").handle(async move |_: Invocation| {
        begins.send(()).unwrap();
        goes.notified().await;
        Reply::json(json!(1)).hold(&holds)
    });
    let mut reached = pin!(gate.reached(1));
    poll_to_panic(reached.as_mut());
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    begun.recv_timeout(SOON).unwrap();
    drop(client);
    lambda.wait_for_attempts(1).block();
    go.notify_one();
    lambda.wait_until_idle().block();
    insta::assert_snapshot!(report_of(&lambda), @r#"
    fake-lambda (started at tests/it/own_server/panics.rs:LINE#1) found 1 problem

    error: the fake panicked while it ran the function of call 1, f RequestResponse {}
      help: fix the panic if it is in the test's own code, such as a `Drop` or a waker; otherwise report it as a bug in fake-lambda
      the client had already disconnected
        the waker panics

    journal
      1 f RequestResponse {}
        attempt 1 → no answer (lost 418 FakeLambdaPanicked) (abandoned by the client)
    "#);
}

/// The waker runs in the task of the connection, after the head was sent.
#[test]
fn a_panic_while_a_stream_is_sent_ends_its_connection() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let chunks = Chunks::new().send("Hel").hold(&gate).send("lo");
    lambda.on("f").reply(Reply::stream(chunks));
    let mut client = Client::connect(&lambda);
    client.send_streamed("f", &[]);
    gate.reached(1).block();
    let mut second = pin!(lambda.wait_for_chunks(2));
    poll_to_panic(second.as_mut());
    gate.open();
    assert!(client.read_to_end().ends_with(&http_chunk(&chunk("Hel"))));
    lambda.wait_until_idle().block();
    insta::assert_snapshot!(report_of(&lambda), @"
    fake-lambda (started at tests/it/own_server/panics.rs:LINE#1) found 1 problem

    error: the fake panicked while it answered call 1: f RequestResponse streamed (empty)
      help: fix the panic if it is in the test's own code, such as a `Drop` or a waker; otherwise report it as a bug in fake-lambda
      the fake closed the connection
        the waker panics

    journal
      1 f RequestResponse streamed (empty)
        attempt 1 → 200 stream, 2 chunks: Hello (abandoned by the client)
    ");
}

/// The waker runs in the task of the function.
#[test]
fn a_panic_while_a_stream_continues_without_its_client_ends_it() {
    let lambda = FakeLambda::start();
    let (first, second) = (Gate::new(), Gate::new());
    let chunks = Chunks::new().send("Hel").hold(&first).hold(&second);
    lambda.on("f").reply(Reply::stream(chunks.send("lo")));
    let mut reached = pin!(second.reached(1));
    poll_to_panic(reached.as_mut());
    let mut client = Client::connect(&lambda);
    client.send_streamed("f", &[]);
    first.reached(1).block();
    drop(client);
    lambda.wait_for_attempts(1).block();
    first.open();
    lambda.wait_until_idle().block();
    insta::assert_snapshot!(report_of(&lambda), @"
    fake-lambda (started at tests/it/own_server/panics.rs:LINE#1) found 1 problem

    error: the fake panicked while it ran the function of call 1, f RequestResponse streamed (empty)
      help: fix the panic if it is in the test's own code, such as a `Drop` or a waker; otherwise report it as a bug in fake-lambda
      the client had already disconnected
        the waker panics

    journal
      1 f RequestResponse streamed (empty)
        attempt 1 → 200 stream, 1 chunk: Hel (ran, lost the rest) (abandoned by the client)
    ");
}

/// The waker runs in the task of the execution.
#[test]
fn a_panic_while_an_event_runs_ends_its_execution() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("f").reply(Reply::json(json!(1)).hold(&gate));
    let mut reached = pin!(gate.reached(1));
    poll_to_panic(reached.as_mut());
    let event = ["X-Amz-Invocation-Type: Event"];
    assert_eq!(raw::invoke(&lambda, "f", &event, "{}").status(), 202);
    gate.reached(1).block();
    gate.open();
    lambda.settle_events().block();
    insta::assert_snapshot!(report_of(&lambda), @r#"
    fake-lambda (started at tests/it/own_server/panics.rs:LINE#1) found 1 problem

    error: the fake panicked while it ran the function of call 1, f Event {}
      help: fix the panic if it is in the test's own code, such as a `Drop` or a waker; otherwise report it as a bug in fake-lambda
      the client had already received its 202
        the waker panics

    journal
      1 f Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"RequestId: <request-id> Error: Runtime exited with error: exit status 101","errorType":"Runtime.ExitError"}
          execution 2 after 1m → 200 1
          Success
    "#);
}

/// The report without the location of the panic, which is known only if a handler or a condition
/// has run in this process.
pub(crate) fn report_of(lambda: &FakeLambda) -> String {
    let report = lambda.try_verify().unwrap_err().to_string();
    let lines = report
        .lines()
        .filter(|line| !line.starts_with("  panicked at "));
    without_lines(lines.collect::<Vec<_>>().join("\n"))
}

/// Polls a wait once, with a waker that panics when the wait wakes it.
pub(crate) fn poll_to_panic(wait: Pin<&mut Wait>) {
    let waker = Waker::from(Arc::new(PanicsInWake));
    assert!(wait.poll(&mut Context::from_waker(&waker)).is_pending());
}

/// The report wins: it is about the code under test, and the panic was already printed.
#[rstest]
#[case::in_a_handler(true)]
#[case::in_a_condition(false)]
fn a_captured_value_that_panics_in_its_drop_does_not_replace_the_report(#[case] handler: bool) {
    let panic = caught(|| {
        let lambda = FakeLambda::start();
        script(&lambda, handler);
        raw::invoke(&lambda, "unscripted", &[], "{}");
    });
    assert!(panic.text.contains("was not scripted"), "{}", panic.text);
}

#[rstest]
#[case::in_a_handler(true)]
#[case::in_a_condition(false)]
fn a_captured_value_that_panics_in_its_drop_fails_a_test_without_a_report(#[case] handler: bool) {
    let panic = caught(|| script(&FakeLambda::start(), handler));
    assert_eq!(panic.text, "the drop panics");
}

/// A second panic during a panic would end the process.
#[rstest]
#[case::in_a_handler(true)]
#[case::in_a_condition(false)]
fn a_captured_value_that_panics_in_its_drop_does_not_end_the_process(#[case] handler: bool) {
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let lambda = FakeLambda::start();
        script(&lambda, handler);
        panic_any(7);
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&7));
}

/// Scripts a rule that never answers and owns a value that panics in its drop.
fn script(lambda: &FakeLambda, in_handler: bool) {
    let value = PanicsInDrop;
    match in_handler {
        true => lambda.on("f").handle(async move |_: Invocation| {
            let _ = &value;
            json!(1)
        }),
        false => lambda
            .on("f")
            .when(move |_: &Invocation| {
                let _ = &value;
                true
            })
            .reply(json!(1)),
    };
}
