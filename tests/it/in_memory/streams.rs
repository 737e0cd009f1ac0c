//! Streams on a paused clock, as the SDK sees them.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::types::InvokeWithResponseStreamResponseEvent as Event;
use fake_lambda::{
    Boundaries, ChunkSender, Chunks, FakeLambda, Fault, FunctionError, Gate, Invocation, Reply,
    sdk_client,
};
use insta::{allow_duplicates, assert_snapshot};
use rstest::rstest;
use tokio::time::Instant;

use super::seconds;
use crate::own_server::streams::rows::{compare, rows};
use crate::streams::{chunk, open, reaction, rest, seen};
use crate::text::without_lines;

const MINUTE: Duration = Duration::from_secs(60);

/// A client with the SDK's own settings except for its timeouts.
fn client(lambda: &FakeLambda, timeouts: TimeoutConfig) -> Client {
    sdk_client!(aws_sdk_lambda, lambda, |config| {
        config
            .retry_config(RetryConfig::standard())
            .timeout_config(timeouts)
    })
}

fn every_timeout() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_timeout(MINUTE)
        .operation_attempt_timeout(seconds(20))
        .read_timeout(seconds(10))
        .build()
}

fn hel() -> Chunks {
    Chunks::new().send("Hel")
}

/// To the SDK every stream is the same in memory as on a socket.
#[tokio::test(start_paused = true)]
async fn every_stream_has_its_reaction() {
    let mut measured = Vec::new();
    for row in rows() {
        let lambda = FakeLambda::in_memory();
        lambda.on("f").reply(row.reply);
        let timeouts = match row.hangs {
            true => every_timeout(),
            false => TimeoutConfig::disabled(),
        };
        measured.push(Some(reaction(&client(&lambda, timeouts)).await));
    }
    compare("rust", &measured);
}

#[tokio::test(start_paused = true)]
async fn a_chunk_arrives_with_the_last_piece_of_its_frame() {
    let frame = chunk("Hel").len();
    let slow = Fault::Dribble {
        bytes: frame / 2 + 4,
        every: seconds(5),
    };
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .reply(Reply::stream(Chunks::new().fault(slow).send("Hel")));
    let text = seen(&client(&lambda, TimeoutConfig::disabled())).await;
    assert_snapshot!(text, @r#"
    10 s: chunk Hel
    10 s: complete
    10 s: end
    "#);
}

/// Neither the operation's timeout nor the attempt's, nor that of a read, covers the stream.
#[rstest]
#[case::none(TimeoutConfig::disabled())]
#[case::operation(TimeoutConfig::builder().operation_timeout(MINUTE).build())]
#[case::attempt(TimeoutConfig::builder().operation_attempt_timeout(seconds(20)).build())]
#[case::read(TimeoutConfig::builder().read_timeout(seconds(10)).build())]
#[tokio::test(start_paused = true)]
async fn a_pause_passes(#[case] timeouts: TimeoutConfig) {
    let lambda = FakeLambda::in_memory();
    let chunks = Chunks::new()
        .wait(5 * MINUTE)
        .send("Hel")
        .wait(2 * MINUTE)
        .send("lo");
    lambda.on("f").reply(Reply::stream(chunks));
    let text = seen(&client(&lambda, timeouts)).await;
    allow_duplicates! { assert_snapshot!(text, @r#"
    300 s: chunk Hel
    420 s: chunk lo
    420 s: complete
    420 s: end
    "#); }
}

#[rstest]
#[case::operation(TimeoutConfig::builder().operation_timeout(MINUTE).build())]
#[case::attempt(TimeoutConfig::builder().operation_attempt_timeout(seconds(20)).build())]
#[case::read(TimeoutConfig::builder().read_timeout(seconds(10)).build())]
#[tokio::test(start_paused = true)]
async fn a_hang_has_no_end(#[case] timeouts: TimeoutConfig) {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .reply(Reply::stream(hel().fault(Fault::Hang)));
    let mut answer = open(&client(&lambda, timeouts)).await;
    answer.event_stream.recv().await.unwrap().unwrap();
    let begun = Instant::now();
    let hour = tokio::time::timeout(60 * MINUTE, answer.event_stream.recv()).await;
    assert!(hour.is_err());
    assert_eq!(begun.elapsed(), 60 * MINUTE);
    drop(answer);
    lambda.wait_for_attempts(1).await;
}

/// The check that the guide recommends: a timeout for each chunk.
#[tokio::test(start_paused = true)]
async fn a_timeout_for_each_chunk_ends_a_hang() {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .reply(Reply::stream(hel().fault(Fault::Hang)));
    let mut answer = open(&client(&lambda, TimeoutConfig::disabled())).await;
    let begun = Instant::now();
    let ended = loop {
        match tokio::time::timeout(seconds(30), answer.event_stream.recv()).await {
            Ok(event) => assert!(matches!(event, Ok(Some(Event::PayloadChunk(_))))),
            Err(late) => break late,
        }
    };
    assert_eq!(
        (begun.elapsed(), ended.to_string()),
        (seconds(30), "deadline has elapsed".to_owned())
    );
    drop(answer);
    lambda.wait_for_attempts(1).await;
}

#[tokio::test(start_paused = true)]
async fn a_client_without_a_timeout_is_reported() {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .reply(Reply::stream(hel().fault(Fault::Hang)));
    let answer = open(&client(&lambda, TimeoutConfig::disabled())).await;
    assert_snapshot!(rest(answer).await, @r#"
    chunk Hel
    2592000 s: error: dispatch failure: io error: error reading a body from connection: Connection reset by peer
    2592000 s: end
    "#);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert_snapshot!(without_lines(report), @"
    fake-lambda (started at tests/it/in_memory/streams.rs:LINE#1) found 1 problem

    error: call 1 would never end: stalled after 109 bytes of the body, as scripted at tests/it/in_memory/streams.rs:LINE#2: f RequestResponse streamed (empty)
      help: give the client a timeout for each chunk
      no timeout of the Rust SDK covers the chunks of a stream
      nothing else could happen for 30 days on tokio's clock, so the connection was reset

    journal
      1 f RequestResponse streamed (empty)
        attempt 1/3 → stalled after 109 bytes of the body (ran, lost 200 stream, 1 chunk: Hel) (reset by the fake: nothing would have ended it)
    ");
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_stays_closed_is_reported() {
    let (lambda, gate) = (FakeLambda::in_memory(), Gate::new());
    lambda.on("f").reply(Reply::stream(hel().hold(&gate)));
    let answer = open(&client(&lambda, TimeoutConfig::disabled())).await;
    assert_snapshot!(rest(answer).await, @r#"
    chunk Hel
    2592000 s: error: dispatch failure: io error: error reading a body from connection: Connection reset by peer
    2592000 s: end
    "#);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert_snapshot!(without_lines(report), @"
    fake-lambda (started at tests/it/in_memory/streams.rs:LINE#1) found 1 problem

    error: call 1 would never end: held by the gate created at tests/it/in_memory/streams.rs:LINE#2: f RequestResponse streamed (empty)
      help: give the client a timeout for each chunk, or open the gate
      no timeout of the Rust SDK covers the chunks of a stream
      nothing else could happen for 30 days on tokio's clock, so the connection was reset

    journal
      1 f RequestResponse streamed (empty)
        attempt 1/3 → 200 streaming, 1 chunk: Hel (still running) (reset by the fake: nothing would have ended it)
    ");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_the_function_ends_the_stream() {
    let lambda = FakeLambda::in_memory();
    let chunks = hel().wait(MINUTE).send("lo");
    let hangs = Reply::handle_stream(async |_: Invocation, out: ChunkSender| {
        out.send("Hel").await;
        std::future::pending::<()>().await;
        Ok::<_, FunctionError>(())
    });
    lambda
        .on("f")
        .reply(Reply::stream(chunks).timeout(seconds(3)))
        .then(hangs.timeout(seconds(3)));
    for _ in 0..2 {
        let text = seen(&client(&lambda, TimeoutConfig::disabled())).await;
        let id = text.split("RequestId: ").nth(1).unwrap()[..36].to_owned();
        allow_duplicates! { assert_snapshot!(text.replace(&id, "<id>"), @r#"
        chunk Hel
        3 s: complete Sandbox.Timeout RequestId: <id> Error: Task timed out after 3.00 seconds
        3 s: end
        "#); }
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_paces_its_chunks() {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .handle_stream(async |_: Invocation, out: ChunkSender| {
            for text in ["one", "two", "three"] {
                tokio::time::sleep(seconds(10)).await;
                out.send(text).await;
            }
            Ok::<_, FunctionError>(())
        });
    assert_snapshot!(seen(&client(&lambda, TimeoutConfig::disabled())).await, @r#"
    chunk one
    10 s: chunk two
    20 s: chunk three
    20 s: complete
    20 s: end
    "#);
}

/// The service sends the first 6 MiB immediately, then 2 MiB per second.
#[tokio::test(start_paused = true)]
async fn a_stream_can_have_the_rate_of_the_service() {
    let lambda = FakeLambda::builder().limit_stream_rate().in_memory();
    lambda
        .on("f")
        .reply(Reply::stream(vec!["x".repeat(1 << 20); 10]))
        .then(Reply::stream(vec!["x".repeat(1 << 20); 6]));
    for seconds_taken in [2, 0] {
        let begun = Instant::now();
        seen(&client(&lambda, TimeoutConfig::disabled())).await;
        assert_eq!(begun.elapsed(), seconds(seconds_taken));
    }
}

/// The function does not end with its client, and a wait for its end takes no real time.
#[tokio::test(start_paused = true)]
async fn a_function_continues_without_its_client() {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .reply(Reply::stream(hel().wait(10 * MINUTE).send("lo")));
    let answer = open(&client(&lambda, TimeoutConfig::disabled())).await;
    drop(answer);
    lambda.wait_for_attempts(1).await;
    assert!(lambda.only_call().attempts()[0].is_running());
    let begun = Instant::now();
    lambda.wait_until_idle().await;
    assert_eq!(begun.elapsed(), 10 * MINUTE);
    assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse streamed (empty)
      attempt 1/3 → 200 stream, 1 chunk: Hel (ran, lost the rest) (abandoned by the client)
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_stream_fills_its_pipe_and_continues() {
    let lambda = FakeLambda::in_memory();
    let chunks = vec!["x".repeat(1 << 20); 16];
    lambda.on("f").reply(Reply::stream(chunks));
    let mut answer = open(&client(&lambda, TimeoutConfig::disabled())).await;
    let mut length = 0;
    while let Some(event) = answer.event_stream.recv().await.unwrap() {
        if let Event::PayloadChunk(chunk) = event {
            length += chunk.payload.unwrap().as_ref().len();
        }
    }
    assert_eq!(length, 16 << 20);
}

/// Boundaries change what the client gets, not when.
#[tokio::test(start_paused = true)]
async fn random_pauses_are_the_same_for_each_boundary_policy_and_operation() {
    let mut lengths = Vec::new();
    for boundaries in [Boundaries::AsSent, Boundaries::Every(1), Boundaries::Random] {
        let lambda = FakeLambda::builder().boundaries(boundaries).in_memory();
        let pause = || seconds(1)..seconds(100);
        let chunks = || {
            let chunks = Chunks::new().send("Hello").wait(pause()).send("Hello");
            Reply::stream(chunks.wait(pause()).send("!"))
        };
        lambda.on("f").reply(chunks());
        let client = client(&lambda, TimeoutConfig::disabled());
        let begun = Instant::now();
        seen(&client).await;
        lengths.push(begun.elapsed());
    }
    let lambda = FakeLambda::in_memory();
    let pause = || seconds(1)..seconds(100);
    let chunks = Chunks::new().send("Hello").wait(pause()).send("Hello");
    lambda
        .on("f")
        .reply(Reply::stream(chunks.wait(pause()).send("!")));
    let client = client(&lambda, TimeoutConfig::disabled());
    let begun = Instant::now();
    client.invoke().function_name("f").send().await.unwrap();
    lengths.push(begun.elapsed());
    assert!(lengths[0] > seconds(2));
    assert_eq!(lengths, [lengths[0]; 4]);
}
