//! Clients that get a stream.

use std::collections::BTreeSet;

use aws_sdk_lambda::types::InvokeWithResponseStreamResponseEvent as Event;
use fake_lambda::sweep::{Modes, Persistence, Report, Verdict};
use fake_lambda::{ChunkSender, FakeLambda, Invocation, Reply, sweep};
use insta::assert_snapshot;
use tokio::time::timeout;

use super::{bounded, correct, lines, seconds, two_functions};
use crate::panics::text_of;

/// The checks that a client of streams must make itself, because no SDK makes them.
#[derive(Clone, Copy)]
struct Checks {
    /// Whether `InvokeComplete` arrives, and its error code.
    end: bool,
    /// A timeout for each event.
    time: bool,
}

const ALL: Checks = Checks {
    end: true,
    time: true,
};

/// The text of a stream, from a client that makes these checks.
async fn ask(lambda: &FakeLambda, checks: Checks) -> Result<String, String> {
    let client = bounded(lambda, 1);
    let call = client.invoke_with_response_stream().function_name("chat");
    let answer = call.send().await.map_err(|error| error.to_string())?;
    let (mut stream, mut text, mut is_complete) = (answer.event_stream, Vec::new(), false);
    loop {
        let event = match checks.time {
            true => timeout(seconds(30), stream.recv()).await,
            false => Ok(stream.recv().await),
        };
        let event = event.map_err(|_| "no event for 30 s".to_owned())?;
        match event.map_err(|error| error.to_string())? {
            Some(Event::PayloadChunk(chunk)) => {
                text.extend(chunk.payload.unwrap_or_default().into_inner());
            }
            Some(Event::InvokeComplete(end)) => {
                is_complete = true;
                if let Some(code) = end.error_code.filter(|_| checks.end) {
                    return Err(code);
                }
            }
            Some(other) => return Err(format!("{other:?}")),
            None if checks.end && !is_complete => return Err("the stream has no end".to_owned()),
            None => return String::from_utf8(text).map_err(|error| error.to_string()),
        }
    }
}

fn chat(lambda: &FakeLambda) {
    lambda.on("chat").reply(Reply::stream(["Hel", "lo"]));
}

fn only_streams(checks: Checks) -> Report {
    sweep(chat, async |lambda: &FakeLambda| ask(lambda, checks).await)
        .modes(Modes::streams())
        .persistence([Persistence::Once])
        .run()
}

/// The modes with this verdict.
fn with(report: &Report, verdict: Verdict) -> BTreeSet<&str> {
    let cells = report.cells().iter();
    let cells = cells.filter(|cell| cell.verdict() == verdict);
    cells.map(|cell| cell.mode()).collect()
}

#[test]
fn a_client_that_checks_the_end_and_the_time_is_correct() {
    let report = only_streams(ALL);
    report.assert();
    assert_snapshot!(lines(&report), @r#"
    chat, once, error after a chunk: fails, Err("Unhandled")
    chat, once, no end event: fails, Err("the stream has no end")
    chat, once, stall after a chunk: fails, Err("no event for 30 s")
    chat, once, cut event: fails, Err("dispatch failure")
    chat, once, merged chunks: recovers, Ok("Hello")
    chat, once, split chunks: recovers, Ok("Hello")
    "#);
    let report = sweep(chat, async |lambda: &FakeLambda| ask(lambda, ALL).await).run();
    report.assert();
    assert_snapshot!(report, @r#"
    123 cells: 15 gives up, 94 fails, 7 recovers, 7 tolerates
    golden run: Ok("Hello"), chat 1 attempt
    chat, once
      gives up   10 temporary service errors, 4 faults: 1 attempt, within 100s
      fails      20 permanent service errors, 4 function errors, 9 damaged replies, 900s late, 4 stream modes: 1 attempt, within 100s
      recovers   3 damaged replies, 1s late, 30s late, merged chunks, split chunks: 1 attempt, within 50s
    chat, always
      fails      10 temporary service errors, 20 permanent service errors, 4 function errors, 4 faults, 9 damaged replies, 900s late, 4 stream modes: 1 attempt, within 100s
      tolerates  3 damaged replies, 1s late, 30s late, merged chunks, split chunks: 1 attempt, within 50s
    chat, other
      gives up   throttle once: 1 attempt
      fails      3 throttles: 1 attempt
    every function, other
      fails      outage for 5s: 0 attempts
    not possible at chat: lost event, event delivered twice
    "#);
}

#[test]
fn a_client_that_does_not_check_the_end_is_wrong() {
    let report = only_streams(Checks { end: false, ..ALL });
    let wrong = ["error after a chunk", "no end event"];
    assert_eq!(with(&report, Verdict::Wrong), wrong.into());
    assert_snapshot!(text_of(|| report.assert()), @r#"
    error: 2 of 6 cells of the sweep have a problem (wrong: 2)
      help: check that `InvokeComplete` comes and has no `error_code`; if another `Ok` is correct, declare it: `.degrades("chat")`
      chat, error after a chunk, once: wrong: Ok("Hel") in place of Ok("Hello")
      chat, no end event, once: wrong: Ok("Hel") in place of Ok("Hello")

      timeline of chat, error after a chunk, once
        1 call, 1 attempt, in 0.0 ms (on tokio's clock)
        1 |#                                       | chat RequestResponse streamed (empty)
          0.0 ms + 0.0 ms: attempt 1/1, 0 bytes in, 3 out → 200 stream, 1 chunk: Hel, then function error Unhandled {"errorMessage":"boom","errorType":"Error"} (chaos: window 1)
    "#);
}

#[test]
fn a_client_without_a_timeout_for_each_event_is_unbounded() {
    let report = only_streams(Checks { time: false, ..ALL });
    let unbounded = ["stall after a chunk"];
    assert_eq!(with(&report, Verdict::Unbounded), unbounded.into());
    assert_snapshot!(text_of(|| report.assert()), @"
    error: 1 of 6 cells of the sweep has a problem (unbounded: 1)
      help: give each event of the stream a timeout, as in `tokio::time::timeout(.., stream.recv())`, and give the client a timeout for the call
      chat, stall after a chunk, once: unbounded: no result

      timeline of chat, stall after a chunk, once
        1 call, 1 attempt, in 3600.0 s (on tokio's clock)
        1 |########################################| chat RequestResponse streamed (empty)
          0.0 ms + 3600.0 s: attempt 1/1, 0 bytes in, 3 out → stalled after 109 bytes of the body (ran, lost 200 stream, 1 chunk: Hel) (chaos: window 1)
    ");
}

/// `é` is two bytes, which arrive in two events.
#[test]
fn a_client_that_takes_each_chunk_for_a_text_fails_if_chunks_are_split() {
    let each = async |lambda: &FakeLambda| {
        let client = bounded(lambda, 1);
        let call = client.invoke_with_response_stream().function_name("chat");
        let answer = call.send().await.map_err(|error| error.to_string())?;
        let (mut stream, mut text) = (answer.event_stream, String::new());
        while let Some(event) = stream.recv().await.map_err(|error| error.to_string())? {
            if let Event::PayloadChunk(chunk) = event {
                let chunk = chunk.payload.unwrap_or_default().into_inner();
                text += &String::from_utf8(chunk).map_err(|error| error.to_string())?;
            }
        }
        Ok::<_, String>(text)
    };
    let setup = |lambda: &FakeLambda| {
        lambda.on("chat").reply(Reply::stream(["caf", "é"]));
    };
    let report = sweep(setup, each).modes(Modes::streams()).run();
    assert_eq!(
        with(&report, Verdict::Fails),
        ["cut event", "split chunks"].into()
    );
}

#[test]
fn a_stream_of_one_chunk_cannot_be_merged_and_one_of_a_handler_cannot_be_changed() {
    let asked = async |lambda: &FakeLambda| ask(lambda, ALL).await;
    let one = |lambda: &FakeLambda| {
        lambda.on("chat").reply(Reply::stream(["Hello"]));
    };
    let report = sweep(one, asked).modes(Modes::streams()).run();
    assert_snapshot!(report, @r#"
    10 cells: 8 fails, 1 recovers, 1 tolerates
    golden run: Ok("Hello"), chat 1 attempt
    chat, once
      fails      4 stream modes: 1 attempt, within 50s
      recovers   split chunks: 1 attempt
    chat, always
      fails      4 stream modes: 1 attempt, within 50s
      tolerates  split chunks: 1 attempt
    not possible at chat: merged chunks
    "#);
    let handled = |lambda: &FakeLambda| {
        let handler = async |_: Invocation, out: ChunkSender| {
            out.send("Hel").await;
            out.send("lo").await;
            Ok::<_, String>(())
        };
        lambda.on("chat").handle_stream(handler);
    };
    let report = sweep(handled, asked).modes(Modes::streams()).run();
    assert_eq!(report.cells().len(), 0);
    assert_snapshot!(report, @r#"
    0 cells
    golden run: Ok("Hello"), chat 1 attempt
    not possible at chat: error after a chunk, no end event, stall after a chunk, cut event, merged chunks, split chunks
    "#);
}

#[test]
fn modes_of_streams_need_a_stream() {
    let run = || sweep(two_functions, correct).modes(Modes::streams()).run();
    assert_snapshot!(text_of(|| { run(); }), @r"
    error: every mode changes a stream, but no function of the sweep streams in the golden run
      help: add other modes, or let the code call a function with `InvokeWithResponseStream`
    ");
}
