//! The log tail: its exact bytes, when it is sent, and the lines that a test can add.

mod callers;
mod lines;
mod starts;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fake_lambda::{Builder, Handle, LogFormat};

use crate::raw;
use crate::transport::FakeLambda;

pub(crate) const TAIL: &str = "X-Amz-Log-Type: Tail";

/// The decoded tail of one call of `function`, its request id replaced.
#[track_caller]
pub(crate) fn tail(lambda: &Handle, function: &str) -> String {
    let (reply, tail) = bytes_of_tail(lambda, function);
    let id = reply.field("x-amzn-RequestId").unwrap();
    String::from_utf8(tail).unwrap().replace(id, "<id>")
}

#[track_caller]
pub(crate) fn bytes_of_tail(lambda: &Handle, function: &str) -> (raw::Reply, Vec<u8>) {
    let reply = raw::invoke(lambda, function, &[TAIL], "{}");
    let tail = STANDARD
        .decode(reply.field("X-Amz-Log-Result").expect("a log result"))
        .unwrap();
    (reply, tail)
}

/// A fake that ignores `FAKE_LAMBDA_SEED`, so that its figures are always the same.
pub(crate) fn start() -> FakeLambda {
    start_with(|builder| builder)
}

fn start_with(set: impl FnOnce(Builder) -> Builder) -> FakeLambda {
    FakeLambda::start_with(|builder| set(builder.seed(0)))
}

fn json_fake() -> FakeLambda {
    start_with(|builder| builder.log_format(LogFormat::Json))
}

/// The lines written by the function itself.
pub(crate) fn lines(tail: &str) -> Vec<&str> {
    let ours = |line: &&str| {
        !["START ", "END ", "REPORT "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    tail.lines().filter(ours).collect()
}
