//! The rows of the tables of reactions, one for each fault and each malformed reply, and the
//! fixture with the measured reaction of each SDK.
//!
//! `tests/interop` measures its columns with the same rows.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use fake_lambda::{Fault, Handle, Reply, Script, ServiceError};
use serde_json::{Value, json};

/// The environment variable that makes a test write the measured values instead of comparing them.
const BLESS: &str = "FAKE_LAMBDA_BLESS";

/// The timeout of a client for a row that hangs.
pub(crate) const PATIENCE: Duration = Duration::from_millis(400);

/// The names of the columns in the fixture.
pub(crate) const COLUMNS: [&str; 3] = ["rust", "boto3", "js"];

/// A fault or a malformed reply that every attempt of a call gets.
pub(crate) struct Row {
    /// `faults` or `lies`.
    pub(crate) table: &'static str,
    pub(crate) what: String,
    /// The damaged thing: a reply, such as `a 200`, the reply to `the previous call`, or `nothing`.
    pub(crate) to: &'static str,
    pub(crate) reply: Reply,
    /// The fault, if the row is one.
    pub(crate) fault: Option<Fault>,
    /// Whether it applies to the first call of a client, and the second one is measured.
    pub(crate) again: bool,
}

impl Row {
    /// Scripts the reply of the row for every measured attempt, or for the previous call.
    pub(crate) fn script(&self, lambda: &Handle, function: &str) -> Script {
        let script = lambda.on(function).reply(self.reply.clone());
        match self.again {
            true => script.times(1).then(json!("again")),
            false => script,
        }
    }

    /// Whether a client without a timeout would wait forever.
    pub(crate) fn hangs(&self) -> bool {
        matches!(self.fault, Some(Fault::Hang | Fault::StallAfter(_)))
    }
}

/// The measured reaction of a client to a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Reaction {
    pub(crate) attempts: u64,
    pub(crate) got: String,
}

pub(crate) fn rows() -> Vec<Row> {
    faults().into_iter().chain(lies()).collect()
}

fn faults() -> Vec<Row> {
    const PAUSE: Duration = Duration::from_millis(1);
    let row = |fault: Fault, to, reply| Row {
        table: "faults",
        what: format!("{fault:?}"),
        to,
        reply,
        fault: Some(fault),
        again: false,
    };
    let alone = [
        Fault::Reset,
        Fault::CloseBeforeReply,
        Fault::Hang,
        Fault::Garbage,
    ];
    let damaging = [
        Fault::ResetInHead,
        Fault::TruncateHead,
        Fault::SlowHead {
            bytes: 50,
            every: PAUSE,
        },
        Fault::TruncateAfter(5),
        Fault::ResetAfter(5),
        Fault::StallAfter(5),
        Fault::Dribble {
            bytes: 4,
            every: PAUSE,
        },
        Fault::BadChunk,
        Fault::LengthTooLong(7),
        Fault::LengthTooShort(2),
        Fault::CloseAfterReply,
        Fault::ResetOnReuse,
    ];
    let success = || Reply::json(json!({"paid": 42}));
    let error = || Reply::error(ServiceError::ResourceNotFoundException);
    let alone = alone.map(|fault| row(fault, "nothing", fault.into()));
    let damaged = damaging.iter().flat_map(|fault| {
        [
            row(*fault, "a 200", success().fault(*fault)),
            row(*fault, "a 404", error().fault(*fault)),
        ]
    });
    let reused = Row {
        again: true,
        ..row(
            Fault::ResetOnReuse,
            "the previous call",
            success().fault(Fault::ResetOnReuse),
        )
    };
    alone.into_iter().chain(damaged).chain([reused]).collect()
}

fn lies() -> Vec<Row> {
    let throttle = || Reply::error(ServiceError::TooManyRequestsException);
    let missing = || Reply::error(ServiceError::ResourceNotFoundException);
    let success = || Reply::json(json!({"paid": 42}));
    let earlier = SystemTime::now() - Duration::from_secs(600);
    let date = httpdate::fmt_http_date(earlier);
    let suffixed =
        "TooManyRequestsException:http://internal.amazon.com/coral/com.amazonaws.lambda/";
    let rows = [
        ("an empty body", "a 429", throttle().body("")),
        (
            "a body of HTML",
            "a 429",
            throttle().body("<html>slow down</html>"),
        ),
        (
            "a body of HTML",
            "a 503",
            Reply::http(503, "<html>no backend</html>"),
        ),
        ("a body that is a JSON array", "a 404", missing().body("[]")),
        (
            "no `x-amzn-ErrorType`",
            "a 429",
            throttle().without_header("x-amzn-ErrorType"),
        ),
        (
            "no `x-amzn-ErrorType`",
            "a 404",
            missing().without_header("x-amzn-ErrorType"),
        ),
        (
            "an `x-amzn-ErrorType` with a URL appended",
            "a 429",
            throttle().header("x-amzn-ErrorType", suffixed),
        ),
        (
            "a `Date` ten minutes ago",
            "a 404",
            missing().header("Date", &date),
        ),
        (
            "a `Date` ten minutes ago",
            "a 403",
            Reply::error(ServiceError::AccessDeniedException).header("Date", &date),
        ),
        ("status 200", "a 429", throttle().status(200)),
        ("status 500", "a 404", missing().status(500)),
        ("status 500", "a 200", success().status(500)),
        ("status 302", "a 200", success().status(302)),
        (
            "a body of HTML",
            "a 200",
            success().body("<html>welcome</html>"),
        ),
    ];
    let row = |(what, to, reply): (&str, _, _)| Row {
        table: "lies",
        what: what.to_owned(),
        to,
        reply,
        fault: None,
        again: false,
    };
    rows.map(row).into()
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/fault_reactions.json")
}

/// The stored reactions of every row, in order.
pub(crate) fn fixture() -> Value {
    let text = std::fs::read_to_string(path()).unwrap_or_else(|_| "{}".into());
    serde_json::from_str(&text).expect("the fixture is JSON")
}

/// The stored reaction to a row.
pub(crate) fn kept(fixture: &Value, row: &Row, column: &str) -> Option<Reaction> {
    let kept = fixture[row.table].as_array()?;
    let kept = kept
        .iter()
        .find(|kept| kept["what"] == row.what && kept["to"] == row.to)?;
    Some(Reaction {
        attempts: kept[column]["attempts"].as_u64()?,
        got: kept[column]["got"].as_str()?.to_owned(),
    })
}

/// Compares one column with the stored one, or stores it.
#[track_caller]
pub(crate) fn compare(column: &str, measured: &[Reaction]) {
    let (fixture, rows) = (fixture(), rows());
    assert_eq!(measured.len(), rows.len());
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(path(), written(&fixture, &rows, column, measured)).unwrap();
        return;
    }
    let mut wrong = String::new();
    for (row, measured) in rows.iter().zip(measured) {
        let kept = kept(&fixture, row, column);
        if kept.as_ref() != Some(measured) {
            writeln!(
                wrong,
                "{} to {}:\n  got  {measured:?}\n  kept {kept:?}",
                row.what, row.to
            )
            .unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong}\nif this is right, run this test with {BLESS}=1"
    );
}

/// The fixture with one column changed, one row per line.
fn written(fixture: &Value, rows: &[Row], column: &str, measured: &[Reaction]) -> String {
    let line = |row: &Row, measured: &Reaction| {
        let cells = COLUMNS.map(|other| {
            let reaction = match other == column {
                true => Some(measured.clone()),
                false => kept(fixture, row, other),
            };
            let cell = reaction.map_or("null".to_owned(), |reaction| {
                let got = json!(reaction.got);
                format!("{{\"attempts\": {}, \"got\": {got}}}", reaction.attempts)
            });
            format!("\"{other}\": {cell}")
        });
        let (what, to) = (json!(row.what), json!(row.to));
        format!(
            "    {{\"what\": {what}, \"to\": {to}, {}}}",
            cells.join(", ")
        )
    };
    let table = |table: &str| {
        let rows = rows
            .iter()
            .zip(measured)
            .filter(|(row, _)| row.table == table);
        rows.map(|(row, measured)| line(row, measured))
            .collect::<Vec<_>>()
            .join(",\n")
    };
    format!(
        "{{\n  \"source\": \"measured by tests/it/own_server/faults/reactions.rs (rust) and tests/interop/faults.rs (boto3, js)\",\n  \
         \"faults\": [\n{}\n  ],\n  \"lies\": [\n{}\n  ]\n}}\n",
        table("faults"),
        table("lies")
    )
}
