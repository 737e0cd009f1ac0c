//! Messages about fakes in memory: clients that cannot connect, and requests that a paused clock
//! never ends.

use std::time::Duration;

use super::{Report, calls};
use crate::ground::message::Message;
use crate::record::finding::Found;

/// Why a client cannot connect to a fake in memory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NotConnected {
    /// No tokio runtime runs on this thread.
    NoRuntime,
    /// The runtime has several threads.
    MultiThread,
    /// An outage refuses connections.
    Outage,
    /// The fake was dropped.
    Dropped,
}

/// The text of an error that a client gets, on one line.
pub(crate) fn not_connected(why: NotConnected) -> String {
    match why {
        NotConnected::NoRuntime => {
            "a fake in memory needs a tokio runtime; help: use the client inside `#[tokio::test]`, or start the fake with `FakeLambda::start()`".to_owned()
        }
        NotConnected::MultiThread => {
            "a fake in memory needs a current-thread runtime; help: remove `flavor = \"multi_thread\"`, or start it with \
             `FakeLambda::start()`"
                .to_owned()
        }
        NotConnected::Outage => "connection refused by `lambda.outage()`".to_owned(),
        NotConnected::Dropped => {
            "the fake in memory was dropped; help: keep the `FakeLambda` in a variable until the end of the test".to_owned()
        }
    }
}

/// A client on a runtime that has several threads.
pub(super) fn refused_runtime() -> Message {
    Message::new(
        "a client of this fake in memory ran on a multi-thread runtime and could not connect",
        "remove `flavor = \"multi_thread\"` from the test, or start this fake with `FakeLambda::start()`",
    )
    .line("tokio can pause the clock of a current-thread runtime only")
}

/// A request that would never end, however far the paused clock moves.
pub(super) fn never_ends(
    found: &Found,
    reason: &str,
    headline: &str,
    cure: Option<&str>,
    is_stream: bool,
    length: Duration,
) -> Message {
    let timeout = match found.calls.len() {
        1 => "give the client a timeout",
        _ => "give the clients a timeout",
    };
    let each = if is_stream { " for each chunk" } else { "" };
    let help = match cure {
        Some(cure) => format!("{timeout}{each}, or {cure}"),
        None => format!("{timeout}{each}"),
    };
    Message::new(
        format!(
            "{} would never end: {reason}: {headline}",
            calls(&found.calls)
        ),
        help,
    )
    .lines(is_stream.then(|| "no timeout of the Rust SDK covers the chunks of a stream".to_owned()))
    .line(format!(
        "nothing else could happen for {} days on tokio's clock, so the connection was reset",
        length.as_secs() / 86_400
    ))
}

/// Something that only a fake in memory has: `` `connect` ``.
pub(crate) fn needs_memory(written: &str) -> Report {
    Report::of(
        Message::new(
            format!("{written} cannot be used on a fake with a port"),
            "start this fake with `FakeLambda::in_memory()`",
        )
        .line("clients reach this fake at `endpoint_url()`"),
    )
}
