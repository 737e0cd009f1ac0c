//! Handlers that send chunks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use fake_lambda::{ChunkSender, Chunks, FakeLambda, FunctionError, Invocation, Reply};
use insta::assert_snapshot;

use super::{asking, lines, read_head};
use crate::raw::Client;
use crate::streams::{chunk, complete, http_chunk, messages};
use crate::text::without_lines;
use crate::waits::until;

#[test]
fn chunks_arrive_while_the_handler_runs() {
    let lambda = FakeLambda::start();
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    let receiver = std::sync::Mutex::new(Some(receiver));
    lambda
        .on("f")
        .handle_stream(async move |invocation: Invocation, out: ChunkSender| {
            out.send(invocation.function_name().to_owned()).await;
            let receiver = receiver.lock().unwrap().take().unwrap();
            receiver.await?;
            out.send("lo").await;
            Ok::<_, FunctionError>(())
        });
    let mut client = asking(&lambda);
    read_head(&mut client);
    let first = http_chunk(&chunk("f"));
    assert_eq!(client.read_bytes(first.len()), first);
    assert!(client.is_silent());
    assert_snapshot!(lines(&lambda), @"200 streaming, 1 chunk: f (still running)");
    sender.send(()).unwrap();
    let rest = [
        http_chunk(&chunk("lo")),
        http_chunk(&complete("{}")),
        b"0\r\n\r\n".to_vec(),
    ]
    .concat();
    assert_eq!(client.read_bytes(rest.len()), rest);
    lambda.wait_for_attempts(1).block();
    assert_snapshot!(lines(&lambda), @"200 stream, 2 chunks: flo");
    assert_eq!(lambda.only_call().attempts()[0].chunks(), ["f", "lo"]);
}

#[test]
fn the_head_comes_with_the_first_chunk() {
    let lambda = FakeLambda::start();
    let (send, is_sent) = tokio::sync::oneshot::channel::<()>();
    let is_sent = std::sync::Mutex::new(Some(is_sent));
    lambda
        .on("f")
        .handle_stream(async move |_: Invocation, out: ChunkSender| {
            let is_sent = is_sent.lock().unwrap().take().unwrap();
            is_sent.await.map_err(|error| error.to_string())?;
            out.send("Hel").await;
            Err::<(), String>("no more".to_owned())
        });
    let mut client = asking(&lambda);
    until(|| lambda.calls().len() == 1);
    assert!(client.is_silent());
    send.send(()).unwrap();
    let reply = client.read_reply();
    assert_eq!(
        messages(&reply.body),
        [
            "PayloadChunk: Hel",
            r#"InvokeComplete: {"ErrorCode":"Unhandled","ErrorDetails":"{\"errorType\":\"&alloc::string::String\",\"errorMessage\":\"no more\"}"}"#
        ]
    );
    assert!(lambda.only_call().attempts()[0].is_function_error());
}

#[test]
fn a_handler_that_sends_nothing_has_an_empty_stream() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle_stream(async |_: Invocation, _: ChunkSender| Ok::<_, FunctionError>(()))
        .then(Reply::handle_stream(
            async |_: Invocation, _: ChunkSender| Err::<(), _>("boom"),
        ));
    assert_eq!(asking(&lambda).read_reply().body, complete("{}"));
    let body = asking(&lambda).read_reply().body;
    assert_eq!(
        messages(&body),
        [
            r#"InvokeComplete: {"ErrorCode":"Unhandled","ErrorDetails":"{\"errorType\":\"&&str\",\"errorMessage\":\"boom\"}"}"#
        ]
    );
}

/// `send` returns only after the chunk was written, and the system's buffers are too small for this
/// chunk.
#[test]
fn a_client_that_does_not_read_holds_the_function() {
    const LENGTH: usize = 32 << 20;
    let lambda = FakeLambda::start();
    let reads = Arc::new(AtomicBool::new(false));
    let has_read = reads.clone();
    lambda
        .on("f")
        .handle_stream(async move |_: Invocation, out: ChunkSender| {
            out.send(vec![b'x'; LENGTH]).await;
            assert!(has_read.load(Ordering::SeqCst), "it is not written");
            Ok::<_, FunctionError>(())
        });
    let mut client = Client::connect(&lambda);
    client.send_streamed("f", &["Connection: close"]);
    read_head(&mut client);
    client.read_bytes(LENGTH / 4);
    reads.store(true, Ordering::SeqCst);
    assert!(client.read_to_end().ends_with(b"\r\n0\r\n\r\n"));
    lambda.wait_until_idle().block();
    lambda.verify();
}

#[test]
fn a_sent_chunk_is_in_the_journal() {
    let lambda = FakeLambda::start();
    let handle = lambda.handle();
    lambda
        .on("f")
        .handle_stream(async move |_: Invocation, out: ChunkSender| {
            for count in 1..=3 {
                out.send("Hel").await;
                assert_eq!(handle.only_call().attempts()[0].chunks().len(), count);
            }
            Ok::<_, FunctionError>(())
        });
    assert_eq!(asking(&lambda).read_reply().status(), 200);
    lambda.verify();
}

#[test]
fn a_handler_continues_without_its_client() {
    let lambda = FakeLambda::start();
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let handle = lambda.handle();
    lambda
        .on("f")
        .handle_stream(async move |_: Invocation, out: ChunkSender| {
            out.send("Hel").await;
            handle.wait_for_attempts(1).await; // the client has left
            for _ in 0..100 {
                out.send("lo").await;
                count.fetch_add(1, Ordering::SeqCst);
            }
            Ok::<_, FunctionError>(())
        });
    let mut client = asking(&lambda);
    read_head(&mut client);
    drop(client);
    lambda.wait_until_idle().block();
    assert_eq!(sent.load(Ordering::SeqCst), 100);
    assert_snapshot!(lines(&lambda), @"200 stream, 1 chunk: Hel (ran, lost the rest) (abandoned by the client)");
}

#[test]
fn what_is_sent_after_the_end_is_discarded() {
    let lambda = FakeLambda::start();
    let (done, is_done) = std::sync::mpsc::channel();
    lambda
        .on("f")
        .handle_stream(async move |_: Invocation, out: ChunkSender| {
            let (later, done) = (out.clone(), done.clone());
            out.send("Hel").await;
            tokio::task::spawn_local(async move {
                tokio::time::sleep(Duration::from_millis(5)).await;
                later.send("late").await;
                done.send(()).unwrap();
            });
            Ok::<_, FunctionError>(())
        });
    assert_eq!(
        asking(&lambda).read_reply().body,
        [chunk("Hel"), complete("{}")].concat()
    );
    is_done.recv_timeout(Duration::from_secs(10)).unwrap();
}

#[test]
fn a_chunk_whose_send_was_dropped_is_sent() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle_stream(async |_: Invocation, out: ChunkSender| {
            tokio::select! {
                biased;
                () = out.send("Hel") => {}
                () = std::future::ready(()) => {}
            }
            Ok::<_, FunctionError>(())
        });
    assert_eq!(
        asking(&lambda).read_reply().body,
        [chunk("Hel"), complete("{}")].concat()
    );
    let mut client = Client::connect(&lambda);
    assert_eq!(client.invoke("f", "", b"").text(), "Hel");
}

#[test]
fn a_timeout_ends_the_handler() {
    let lambda = FakeLambda::start();
    let hangs = Reply::handle_stream(async |_: Invocation, out: ChunkSender| {
        out.send("Hel").await;
        std::future::pending::<()>().await;
        Ok::<_, FunctionError>(())
    });
    lambda
        .on("f")
        .reply(hangs.timeout(Duration::from_millis(20)));
    let reply = asking(&lambda).read_reply();
    let id = reply.field("x-amzn-RequestId").unwrap();
    assert_snapshot!(messages(&reply.body).join("\n").replace(id, "<id>"), @r#"
    PayloadChunk: Hel
    InvokeComplete: {"ErrorCode":"Sandbox.Timeout","ErrorDetails":"RequestId: <id> Error: Task timed out after 0.02 seconds"}
    "#);
    assert_snapshot!(lines(&lambda), @"200 stream, 1 chunk: Hel, then function error Sandbox.Timeout RequestId: <request-id> Error: Task timed out after 0.02 seconds");
}

#[test]
fn a_panic_after_the_first_chunk_is_reported() {
    let lambda = FakeLambda::start();
    lambda.on("f").handle_stream(
        async |_: Invocation, out: ChunkSender| -> Result<(), FunctionError> {
            out.send("Hel").await;
            panic!("no such order");
        },
    );
    let body = asking(&lambda).read_reply().body;
    let text = messages(&body).join("\n");
    assert_snapshot!(without_lines(text), @r#"
    PayloadChunk: Hel
    InvokeComplete: {"ErrorCode":"FakeLambdaPanicked","ErrorDetails":"fake-lambda: a handler panicked at tests/it/own_server/streams/handlers.rs:LINE#1: no such order"}
    "#);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert_snapshot!(without_lines(report), @r#"
    fake-lambda (started at tests/it/own_server/streams/handlers.rs:LINE#1) found 1 problem

    error: a handler panicked at call 1: f RequestResponse streamed (empty)
      help: fix the panic, or return an `Err` if the function is meant to fail
      handler: written at tests/it/own_server/streams/handlers.rs:LINE#2; the client got the error code FakeLambdaPanicked at the end of the stream
      panicked at tests/it/own_server/streams/handlers.rs:LINE#3
        no such order

    journal
      1 f RequestResponse streamed (empty)
        attempt 1 → 200 stream, 1 chunk: Hel, then function error FakeLambdaPanicked fake-lambda: a handler panicked at tests/it/own_server/streams/handlers.rs:LINE#3: no such order
    "#);
}

#[test]
fn a_panic_before_the_first_chunk_is_a_418() {
    let lambda = FakeLambda::start();
    lambda.on("f").handle_stream(
        async |_: Invocation, _: ChunkSender| -> Result<(), FunctionError> {
            panic!("no such order");
        },
    );
    assert_eq!(asking(&lambda).read_reply().status(), 418);
    lambda.try_verify().unwrap_err();
}

#[test]
fn a_caller_of_invoke_gets_all_chunks_of_a_handler() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle_stream(async |_: Invocation, out: ChunkSender| {
            out.send("Hel").await;
            out.send("lo").await;
            Ok::<_, FunctionError>(())
        })
        .then(Reply::handle_stream(
            async |_: Invocation, out: ChunkSender| {
                out.send("Hel").await;
                Err::<(), _>("boom")
            },
        ));
    let mut client = Client::connect(&lambda);
    assert_eq!(client.invoke("f", "", b"").text(), "Hello");
    let reply = client.invoke("f", "", b"");
    assert_eq!(reply.field("X-Amz-Function-Error"), Some("Unhandled"));
    assert_eq!(
        reply.text(),
        r#"{"errorType":"&&str","errorMessage":"boom"}"#
    );
}

/// The journal drops all chunks of a stream that exceeds its limit, and keeps only their number and
/// their length.
#[test]
fn the_chunks_of_a_handler_count_toward_the_limit_of_the_journal() {
    let lambda = FakeLambda::builder().journal_bytes(100_000).start();
    lambda
        .on("f")
        .handle_stream(async |_: Invocation, out: ChunkSender| {
            for _ in 0..30 {
                out.send(vec![b'x'; 10_000]).await;
            }
            Ok::<_, FunctionError>(())
        });
    let body = asking(&lambda).read_reply().body;
    assert_eq!(
        body.len(),
        chunk(vec![b'x'; 10_000]).len() * 30 + complete("{}").len()
    );
    lambda.wait_for_attempts(1).block();
    assert_snapshot!(lines(&lambda), @"200 stream, 30 chunks <300000 bytes, dropped>");
    assert!(lambda.only_call().attempts()[0].chunks().is_empty());
}

/// A timeout ends the function, and the fake then drops its handler.
#[test]
fn a_timeout_before_the_first_byte_drops_the_handler() {
    let lambda = FakeLambda::start();
    let (alive, is_dropped) = std::sync::mpsc::channel::<()>();
    let alive = std::sync::Mutex::new(Some(alive));
    let hangs = Reply::handle_stream(async move |_: Invocation, out: ChunkSender| {
        let _alive = alive.lock().unwrap().take();
        out.send("Hel").await;
        std::future::pending::<()>().await;
        Ok::<_, FunctionError>(())
    });
    let hour = Duration::from_secs(3600);
    lambda
        .on("f")
        .reply(hangs.delay(hour).timeout(Duration::from_millis(20)));
    assert_eq!(
        messages(&asking(&lambda).read_reply().body).len(),
        1,
        "only the end"
    );
    let dropped = is_dropped.recv_timeout(Duration::from_secs(10));
    assert_eq!(
        dropped,
        Err(std::sync::mpsc::RecvTimeoutError::Disconnected)
    );
}

#[test]
fn a_client_that_leaves_while_a_chunk_is_written_loses_the_rest() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Reply::stream(["x".repeat(32 << 20), "lo".to_owned()]));
    let mut client = asking(&lambda);
    read_head(&mut client);
    client.read_bytes(1);
    drop(client);
    lambda.wait_until_idle().block();
    let lines = lines(&lambda);
    let (chunks, rest) = lines.split_once(": ").unwrap();
    assert_eq!(chunks, "200 stream, 1 chunk");
    assert!(
        rest.ends_with(" (ran, lost the rest) (abandoned by the client)"),
        "{rest}"
    );
}

/// The error of a failed stream counts toward the limit as well.
#[test]
fn streams_that_fail_count_toward_the_limit_of_the_journal() {
    let lambda = FakeLambda::builder().journal_bytes(100_000).start();
    let long = FunctionError::new("E", "x".repeat(10_000));
    let fails = Chunks::new().send("Hel").fail(long);
    lambda.on("f").reply(Reply::stream(fails));
    for _ in 0..30 {
        asking(&lambda).read_reply();
    }
    lambda.wait_until_idle().block();
    let kept = lambda.calls().len();
    assert!((1..10).contains(&kept), "{kept}");
}
