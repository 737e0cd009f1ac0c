//! The rows of the table of streams: each stream, and the measured reaction of each SDK.
//!
//! `tests/interop` measures its columns with the same rows.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use fake_lambda::{Boundaries, Chunks, Fault, FunctionError, Reply, ServiceError};
use serde_json::{Value, json};

/// The environment variable that makes a test write the measured values instead of comparing them.
const BLESS: &str = "FAKE_LAMBDA_BLESS";

/// The names of the columns in the fixture.
pub(crate) const COLUMNS: [&str; 3] = ["rust", "boto3", "js"];

/// The frame of the chunk `lo`.
const LO: &[u8] = b"\x00\x00\x00\x6c\x00\x00\x00\x5a\xb2\x5e\xfd\xcf\x0b:event-type\x07\x00\x0cPayloadChunk\x0d:content-type\x07\x00\x18application/octet-stream\x0d:message-type\x07\x00\x05eventlo";

/// A stream that every caller gets.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) reply: Reply,
    /// Whether the stream stops until the client disconnects. The client of such a row has a
    /// timeout, if its SDK has one.
    pub(crate) hangs: bool,
}

pub(crate) fn rows() -> Vec<Row> {
    let hel = || Chunks::new().send("Hel");
    let row = |what, chunks: Chunks| Row {
        what,
        reply: Reply::stream(chunks),
        hangs: false,
    };
    let slow = Fault::Dribble {
        bytes: 60,
        every: Duration::from_millis(1),
    };
    vec![
        row("two chunks", ["Hel", "lo"].into()),
        row("an empty chunk", [""].into()),
        row(
            "two events in one HTTP chunk",
            Chunks::from(["Hello"]).boundaries(Boundaries::Every(3)),
        ),
        row(
            "an event in pieces: `Dribble`",
            Chunks::new().fault(slow).send("Hel"),
        ),
        row("no `InvokeComplete`: `no_end`", hel().no_end()),
        row(
            "an error at the end: `fail`",
            hel().fail(FunctionError::new("E", "boom")),
        ),
        row(
            "a process that ended: `fail(FunctionError::exited(1))`",
            hel().fail(FunctionError::exited(1)),
        ),
        row(
            "events after `InvokeComplete`",
            hel().event("InvokeComplete", json!({})).send("lo"),
        ),
        row(
            "an unknown event: `event`",
            hel().event("Heartbeat", json!({})).send("lo"),
        ),
        row(
            "`exception(ServiceException)`",
            hel().exception(ServiceError::ServiceException).send("lo"),
        ),
        row(
            "`exception(TooManyRequestsException)`",
            hel().exception(ServiceError::TooManyRequestsException),
        ),
        row(
            "`error_message(\"Overload\", ..)`",
            hel().error_message("Overload", "too much").send("lo"),
        ),
        row(
            "`bad_checksum`, then a chunk",
            hel().bad_checksum().send("lo").send("!"),
        ),
        row(
            "`bad_prelude`, then a chunk",
            hel().bad_prelude().send("lo").send("!"),
        ),
        row("`Garbage` after a chunk", hel().fault(Fault::Garbage)),
        Row {
            what: "half an event, clean end",
            reply: Reply::stream(["Hel"]).body(&LO[..50]),
            hangs: false,
        },
        row(
            "`TruncateAfter` inside an event",
            hel().fault(Fault::TruncateAfter(20)).send("lo"),
        ),
        row(
            "`ResetAfter` inside an event",
            hel().fault(Fault::ResetAfter(20)).send("lo"),
        ),
        row(
            "`CloseBeforeReply` after a chunk",
            hel().fault(Fault::CloseBeforeReply),
        ),
        row("`Reset` after a chunk", hel().fault(Fault::Reset)),
        row(
            "`Reset` before the first event",
            Chunks::new().fault(Fault::Reset),
        ),
        row(
            "`CloseBeforeReply` before the first event",
            Chunks::new().fault(Fault::CloseBeforeReply),
        ),
        Row {
            what: "`Hang` after a chunk",
            reply: Reply::stream(hel().fault(Fault::Hang)),
            hangs: true,
        },
    ]
}

pub(crate) fn fixture() -> Value {
    let text = std::fs::read_to_string(path()).unwrap_or_else(|_| "[]".to_owned());
    serde_json::from_str(&text).unwrap()
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/stream_reactions.json")
}

/// The stored reaction to a row.
pub(crate) fn kept(fixture: &Value, row: &Row, column: &str) -> Option<String> {
    let rows = fixture["rows"].as_array()?;
    let row = rows.iter().find(|kept| kept["what"] == row.what)?;
    row[column].as_str().map(str::to_owned)
}

/// A reaction with the number of its attempts, if there was more than one.
pub(crate) fn with_attempts(got: String, attempts: usize) -> String {
    match attempts {
        1 => got,
        several => format!("{got} ×{several}"),
    }
}

/// Compares one column with the stored one, or stores it; `None` for a row that was not measured.
#[track_caller]
pub(crate) fn compare(column: &str, measured: &[Option<String>]) {
    let (fixture, rows) = (fixture(), rows());
    assert_eq!(measured.len(), rows.len());
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(path(), written(&fixture, &rows, column, measured)).unwrap();
        return;
    }
    let mut wrong = String::new();
    for (row, measured) in rows.iter().zip(measured) {
        let kept = kept(&fixture, row, column);
        if measured.is_some() && kept != *measured {
            writeln!(wrong, "{}:\n  got  {measured:?}\n  kept {kept:?}", row.what).unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong}\nif this is right, run this test with {BLESS}=1"
    );
}

/// The fixture with one column changed, one row per line.
fn written(fixture: &Value, rows: &[Row], column: &str, measured: &[Option<String>]) -> String {
    let line = |(row, measured): (&Row, &Option<String>)| {
        let cells = COLUMNS.map(|other| {
            let measured = measured.clone().filter(|_| other == column);
            let got = measured.or_else(|| kept(fixture, row, other));
            format!("\"{other}\": {}", json!(got))
        });
        format!(
            "    {{\"what\": {}, {}}}",
            json!(row.what),
            cells.join(", ")
        )
    };
    let lines: Vec<_> = rows.iter().zip(measured).map(line).collect();
    format!(
        "{{\n  \"source\": \"measured by tests/it/own_server/streams/reactions.rs and tests/it/in_memory/streams.rs (rust) and tests/interop/streams.rs (boto3, js)\",\n  \"rows\": [\n{}\n  ]\n}}\n",
        lines.join(",\n")
    )
}
