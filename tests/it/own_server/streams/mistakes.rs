//! An impossible stream panics at the line that creates it.

use std::time::Duration;

use fake_lambda::{Boundaries, Chunks, FakeLambda, Fault, FunctionError, Reply};
use insta::assert_snapshot;

use crate::panics::caught;

const HOUR: Duration = Duration::from_secs(3600);

const SLOW: Fault = Fault::Dribble {
    bytes: 1,
    every: HOUR,
};

#[test]
fn an_impossible_stream_panics_in_the_callers_file() {
    let mistakes: [fn(); 20] = [
        || drop(Chunks::new().no_end().send("Hel")),
        || drop(Chunks::new().fail(FunctionError::exited(1)).no_end()),
        || drop(Chunks::new().fault(Fault::Reset).send("Hel")),
        || drop(Chunks::new().fault(Fault::TruncateHead)),
        || drop(Chunks::new().fault(Fault::CloseAfterReply)),
        || {
            drop(Chunks::new().fault(Fault::Dribble {
                bytes: 0,
                every: Duration::ZERO,
            }))
        },
        || drop(Chunks::new().fault(Fault::TruncateAfter(3)).no_end()),
        || drop(Chunks::new().bad_checksum().no_end()),
        || drop(Chunks::new().bad_checksum().wait(HOUR).no_end()),
        || drop(Chunks::new().bad_checksum().wait(HOUR).fault(Fault::Reset)),
        || drop(Chunks::new().bad_checksum().bad_prelude()),
        || drop(Chunks::new().fault(SLOW).wait(HOUR).fault(SLOW)),
        || drop(Chunks::new().wait(Duration::from_secs(2)..Duration::from_secs(1))),
        || drop(Chunks::new().http(100, [])),
        || drop(Chunks::new().error_message("E", "x".repeat(32_768))),
        || drop(Chunks::new().error_message("", "no more")),
        || drop(Chunks::new().error_message("E", "")),
        || drop(Chunks::new().event("", 1)),
        || drop(Chunks::new().boundaries(Boundaries::Every(0))),
        || drop(FakeLambda::builder().boundaries(Boundaries::Every(0))),
    ];
    let texts = mistakes.map(|mistake| {
        let caught = caught(mistake);
        assert!(caught.file.ends_with("mistakes.rs"), "{}", caught.file);
        caught.text
    });
    assert_snapshot!(texts.join("\n\n"), @"
    error: `send` follows `no_end(..)`, which ends the stream
      help: move `send` before `no_end(..)`, or remove `send`

    error: `no_end` follows `fail(..)`, which ends the stream
      help: move `no_end` before `fail(..)`, or remove `no_end`

    error: `send` follows `Fault::Reset`, which ends the stream
      help: move `send` before `Fault::Reset`, or remove `send`

    error: `Fault::TruncateHead` is not a fault inside a stream
      help: use it on the whole reply: `Reply::stream(..).fault(..)`

    error: `Fault::CloseAfterReply` is not a fault inside a stream
      help: use it on the whole reply: `Reply::stream(..).fault(..)`

    error: `Dribble { bytes: 0, every: 0ns }` sends pieces of 0 bytes
      help: use at least 1 byte

    error: a step damages the next frame, but `no_end` sends none
      help: remove `no_end`, or send another chunk before it

    error: a step damages the next frame, but `no_end` sends none
      help: remove `no_end`, or send another chunk before it

    error: a step damages the next frame, but `no_end` sends none
      help: remove `no_end`, or send another chunk before it

    error: a step damages the next frame, but `Fault::Reset` sends none
      help: remove one of the two steps, or send a chunk between them

    error: `bad_prelude` damages a frame that an earlier step already damages
      help: send a chunk between these two steps, or remove one of them

    error: `fault` damages a frame that an earlier step already damages
      help: send a chunk between these two steps, or remove one of them

    error: the delay range 2s to 1s is reversed
      help: put the shorter bound first

    error: `100` is not the status of a final HTTP response
      help: use a status from 200 to 599

    error: a string of 32768 bytes does not fit in a frame header
      help: use 1 to 32,767 bytes

    error: a string of 0 bytes does not fit in a frame header
      help: use 1 to 32,767 bytes

    error: a string of 0 bytes does not fit in a frame header
      help: use 1 to 32,767 bytes

    error: a string of 0 bytes does not fit in a frame header
      help: use 1 to 32,767 bytes

    error: `Boundaries::Every(0)` sends events of 0 bytes
      help: use at least 1 byte

    error: `Boundaries::Every(0)` sends events of 0 bytes
      help: use at least 1 byte
    ");
}

#[test]
fn a_timeout_that_nothing_reaches_panics() {
    let lambda = FakeLambda::start();
    let reply = Reply::stream(["Hel"]).timeout(Duration::from_secs(1));
    let caught = caught(|| drop(lambda.on("f").reply(reply)));
    assert_snapshot!(caught.text, @r#"
    error: `timeout(1s)` can never be reached: nothing makes this reply late
      help: reply with `FunctionError::timed_out(..)`, or add a `delay` or `hold`
    "#);
}

#[test]
fn a_stream_takes_the_options_of_a_function() {
    let lambda = FakeLambda::start();
    let reply = Reply::stream(["Hel"])
        .executed_version("7")
        .log("a line")
        .header("x-a", "b");
    lambda.on("f").reply(reply);
    let reply = super::asking(&lambda).read_reply();
    assert_eq!(reply.field("X-Amz-Executed-Version"), Some("7"));
    assert_eq!(reply.field("x-a"), Some("b"));
    assert_eq!(super::lines(&lambda), "200 stream, 1 chunk: Hel version 7");
}

#[test]
fn a_stream_has_faults_between_chunks_or_one_of_the_whole_reply() {
    let caught = caught(|| {
        let slow = Chunks::new().fault(SLOW).send("Hel");
        drop(Reply::stream(slow).fault(Fault::ResetAfter(5)));
    });
    assert!(caught.file.ends_with("mistakes.rs"), "{}", caught.file);
    assert_snapshot!(caught.text, @"
    error: the stream already has a fault between its chunks
      help: remove it, or remove the fault of the whole reply
    ");
}
