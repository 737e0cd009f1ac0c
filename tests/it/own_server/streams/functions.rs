//! Functions that wait between chunks, and clients that leave.

use std::time::Duration;

use fake_lambda::{Chunks, FakeLambda, FunctionError, Gate, Reply};
use insta::assert_snapshot;

use super::{asking, lines, read_head};
use crate::raw::Client;
use crate::streams::{chunk, complete, http_chunk, messages};
use crate::text::without_lines;
use crate::waits::begun;

const HOUR: Duration = Duration::from_secs(3600);

/// A fake whose function `f` sends `Hel`, waits at the gate, and sends `lo`.
fn held() -> (FakeLambda, Gate) {
    let (lambda, gate) = (FakeLambda::start(), Gate::new());
    let chunks = Chunks::new().send("Hel").hold(&gate).send("lo");
    lambda.on("f").reply(Reply::stream(chunks));
    (lambda, gate)
}

#[test]
fn chunks_arrive_before_the_gate_opens() {
    let (lambda, gate) = held();
    let second = begun(lambda.wait_for_chunks(2));
    let mut client = asking(&lambda);
    read_head(&mut client);
    let first = http_chunk(&chunk("Hel"));
    assert_eq!(client.read_bytes(first.len()), first);
    gate.reached(1).block();
    assert!(client.is_silent());
    assert_snapshot!(lines(&lambda), @"200 streaming, 1 chunk: Hel (still running)");
    let call = lambda.only_call();
    let attempt = &call.attempts()[0];
    assert!(attempt.is_running() && !attempt.has_run() && !attempt.is_waiting());
    assert_eq!(attempt.chunks(), ["Hel"]);
    gate.open();
    second.block();
    let second = [http_chunk(&chunk("lo")), http_chunk(&complete("{}"))].concat();
    assert_eq!(client.read_bytes(second.len()), second);
    lambda.wait_for_attempts(1).block();
    assert!(lambda.only_call().attempts()[0].has_run());
    assert_snapshot!(lines(&lambda), @"200 stream, 2 chunks: Hello");
}

#[test]
fn a_function_continues_without_its_client() {
    let (lambda, gate) = held();
    let mut client = asking(&lambda);
    read_head(&mut client);
    gate.reached(1).block();
    drop(client);
    lambda.wait_for_attempts(1).block();
    assert!(lambda.only_call().attempts()[0].is_running());
    assert_snapshot!(lines(&lambda), @"200 streaming, 1 chunk: Hel (still running) (abandoned by the client)");
    gate.open();
    lambda.wait_until_idle().block();
    assert!(lambda.only_call().attempts()[0].has_run());
    assert_eq!(lambda.only_call().attempts()[0].chunks(), ["Hel"]);
    assert_snapshot!(lines(&lambda), @"200 stream, 1 chunk: Hel (ran, lost the rest) (abandoned by the client)");
}

#[test]
fn a_function_whose_client_left_before_the_head_continues() {
    let (lambda, gate) = (FakeLambda::start(), Gate::new());
    lambda.on("f").reply(Reply::stream(["Hel"]).hold(&gate));
    let client = asking(&lambda);
    gate.reached(1).block();
    drop(client);
    lambda.wait_for_attempts(1).block();
    gate.open();
    lambda.wait_until_idle().block();
    assert_snapshot!(lines(&lambda), @"no answer (ran, lost 200 stream, 0 chunks) (abandoned by the client)");
}

/// A reserved slot is free only when the function has ended.
#[test]
fn a_function_without_its_client_keeps_its_slot() {
    let (lambda, gate) = held();
    let _one = lambda.reserve_concurrency("f", 1);
    let client = asking(&lambda);
    gate.reached(1).block();
    drop(client);
    lambda.wait_for_attempts(1).block();
    assert_eq!(asking(&lambda).read_reply().status(), 429);
    gate.open();
    lambda.wait_until_idle().block();
    assert_eq!(asking(&lambda).read_reply().status(), 200);
}

#[test]
fn dropping_the_fake_ends_a_stream() {
    let (lambda, gate) = held();
    let mut client = asking(&lambda);
    read_head(&mut client);
    gate.reached(1).block();
    drop(lambda);
    let (bytes, _) = client.read_out();
    assert_eq!(bytes, http_chunk(&chunk("Hel")));
}

#[test]
fn a_dropped_gate_is_in_the_journal() {
    let (lambda, gate) = held();
    drop(gate);
    let body = asking(&lambda).read_reply().body;
    assert_eq!(body, [chunk("Hel"), chunk("lo"), complete("{}")].concat());
    assert_snapshot!(lines(&lambda), @"200 stream, 2 chunks: Hello (its gate was dropped)");
}

#[test]
fn a_timeout_ends_a_stream_with_an_error() {
    let (lambda, gate) = (FakeLambda::start(), Gate::new());
    let limit = Duration::from_millis(20); // time is the subject
    let chunks = || Chunks::new().send("Hel");
    lambda
        .on("f")
        .reply(Reply::stream(chunks().hold(&gate).send("lo")).timeout(limit))
        .then(Reply::stream(chunks().wait(HOUR).send("lo")).timeout(limit));
    for _ in 0..2 {
        let reply = asking(&lambda).read_reply();
        let id = reply.field("x-amzn-RequestId").unwrap();
        let seen = messages(&reply.body).join("\n").replace(id, "<id>");
        insta::allow_duplicates! { assert_snapshot!(seen, @r#"
        PayloadChunk: Hel
        InvokeComplete: {"ErrorCode":"Sandbox.Timeout","ErrorDetails":"RequestId: <id> Error: Task timed out after 0.02 seconds"}
        "#); }
    }
    assert_snapshot!(lines(&lambda), @r#"
    200 stream, 1 chunk: Hel, then function error Sandbox.Timeout RequestId: <request-id> Error: Task timed out after 0.02 seconds
    200 stream, 1 chunk: Hel, then function error Sandbox.Timeout RequestId: <request-id> Error: Task timed out after 0.02 seconds
    "#);
    // Sent as one payload, the timeout is the usual function error.
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "");
    let whole = client.read_reply();
    assert_eq!(whole.field("X-Amz-Function-Error"), Some("Unhandled"));
    assert!(
        whole.text().contains("Sandbox.Timedout"),
        "{}",
        whole.text()
    );
}

/// The time before the first byte counts as well.
#[test]
fn a_timeout_includes_the_delay_before_the_stream() {
    let lambda = FakeLambda::start();
    let limit = Duration::from_millis(40);
    let late = Reply::stream(Chunks::new().wait(limit / 2).send("Hel"));
    lambda
        .on("f")
        .reply(late.delay(limit * 3 / 4).timeout(limit));
    let body = asking(&lambda).read_reply().body;
    let messages = messages(&body);
    assert!(
        messages[0].starts_with("InvokeComplete: {\"ErrorCode\":\"Sandbox.Timeout\""),
        "{messages:?}"
    );
}

#[test]
fn a_missed_wait_names_the_gate() {
    let (lambda, gate) = held();
    let mut client = asking(&lambda);
    read_head(&mut client);
    gate.reached(1).block();
    let caught = crate::panics::caught(|| {
        lambda.wait_for_chunks(2).within(Duration::ZERO).block();
    });
    assert_snapshot!(without_lines(caught.text), @r#"
    error: waited 0ns for 2 chunks, got 1, but a closed gate holds call 1
      help: call `gate.open()` before this wait
      gate created at tests/it/own_server/streams/functions.rs:LINE#1, used by `f`, scripted at tests/it/own_server/streams/functions.rs:LINE#2
      wait created at tests/it/own_server/streams/functions.rs:LINE#3

    journal
      1 f RequestResponse streamed (empty)
        attempt 1 → 200 streaming, 1 chunk: Hel (still running)
    "#);
    gate.open();
}

#[test]
fn a_wait_for_chunks_counts_those_of_its_rule() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(Reply::stream(["Hel", "lo"]));
    lambda.on("g").reply(Reply::stream(["a"]));
    asking(&lambda).read_reply();
    let mut client = Client::connect(&lambda);
    client.send_streamed("g", &[]);
    client.read_reply();
    script.wait_for_chunks(2).block();
    lambda.seen("g").wait_for_chunks(1).block();
    lambda.wait_for_chunks(3).block();
    let matching = lambda.matching(fake_lambda::matchers::operation("InvokeWithResponseStream"));
    matching.wait_for_chunks(3).block();
    lambda.wait_until_idle().block();
    let caught = crate::panics::caught(|| script.wait_for_chunks(3).within(Duration::ZERO).block());
    assert_snapshot!(without_lines(caught.text.split("\n\n").next().unwrap()), @r#"
    error: waited 0ns for 3 chunks sent by the rule for `f`, got 2
      help: script 1 more chunk, or wait for 2 chunks; every stream has ended
      wait created at tests/it/own_server/streams/functions.rs:LINE#1
    "#);
}

#[test]
fn a_caller_of_invoke_waits_for_every_pause() {
    let (lambda, first, second) = (FakeLambda::start(), Gate::new(), Gate::new());
    let chunks = Chunks::new()
        .hold(&first)
        .send("Hel")
        .hold(&second)
        .send("lo");
    lambda.on("f").reply(Reply::stream(chunks));
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "");
    first.reached(1).block();
    assert_snapshot!(lines(&lambda), @"held by a gate");
    first.open();
    second.reached(1).block();
    assert!(client.is_silent());
    second.open();
    assert_eq!(client.read_reply().text(), "Hello");
}

#[test]
fn an_error_after_a_pause_is_the_whole_reply_of_invoke() {
    let lambda = FakeLambda::start();
    let chunks = Chunks::new().send("Hel").wait(Duration::from_millis(1));
    let boom = FunctionError::new("ValueError", "no more");
    lambda.on("f").reply(Reply::stream(chunks.fail(boom)));
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "");
    let reply = client.read_reply();
    assert_eq!(reply.field("X-Amz-Function-Error"), Some("Unhandled"));
    assert_eq!(
        reply.text(),
        r#"{"errorType":"ValueError","errorMessage":"no more"}"#
    );
}
