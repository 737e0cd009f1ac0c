//! How the AWS SDK for Rust reacts to every fault and malformed reply, and the page that shows it
//! next to the other SDKs.

use std::fmt::Write as _;
use std::path::Path;

use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use aws_sdk_lambda::primitives::Blob;
use fake_lambda::{FakeLambda, FunctionError, Reply, sdk_client};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::rows::{COLUMNS, PATIENCE, Reaction, Row, compare, fixture, kept, rows};
use crate::own_server::streams::rows as stream_rows;
use crate::waits::{DEADLINE, SendInTime as _};

/// The environment variable that makes the test write the page before it compares it.
const BLESS: &str = "FAKE_LAMBDA_BLESS";

/// Each call ends within `send_in_time`'s deadline.
#[tokio::test]
async fn every_fault_and_malformed_reply_has_its_error_and_attempts() {
    let mut measured = Vec::new();
    for row in rows() {
        measured.push(measure(row).await);
    }
    compare("rust", &measured);
}

async fn measure(row: Row) -> Reaction {
    let lambda = FakeLambda::start();
    row.script(&lambda, "f");
    lambda.on("first").reply(json!("first"));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    // A client's first call takes a long time, and the timeout is meant for the reply only.
    let first = client.invoke().function_name("first").send_in_time();
    first.await.unwrap();
    let call = client.invoke().function_name("f");
    if row.again {
        call.clone().send_in_time().await.unwrap();
    }
    let result = match row.hangs() {
        false => call.send_in_time().await,
        true => {
            let patience = TimeoutConfig::builder().operation_attempt_timeout(PATIENCE);
            let config = aws_sdk_lambda::config::Builder::new().timeout_config(patience.build());
            let call = call.customize().config_override(config).send();
            timeout(DEADLINE, call).await.expect("the call has no end")
        }
    };
    lambda.wait_until_idle().await;
    let calls = lambda.seen("f").calls();
    assert_eq!(calls.len(), if row.again { 2 } else { 1 });
    Reaction {
        attempts: calls.last().unwrap().attempts().len() as u64,
        got: got(&result),
    }
}

fn got(result: &Result<InvokeOutput, SdkError<InvokeError>>) -> String {
    match result {
        Ok(output) => {
            let payload = output.payload().map_or(&[][..], Blob::as_ref);
            let text = String::from_utf8_lossy(payload);
            format!("{} {text}", output.status_code())
                .trim_end()
                .to_owned()
        }
        Err(SdkError::DispatchFailure(failure)) if failure.is_io() => "DispatchFailure, io".into(),
        Err(SdkError::DispatchFailure(failure)) if failure.is_timeout() => {
            "DispatchFailure, timeout".into()
        }
        Err(SdkError::DispatchFailure(_)) => "DispatchFailure, other".into(),
        Err(SdkError::TimeoutError(_)) => "TimeoutError".into(),
        Err(SdkError::ResponseError(_)) => "ResponseError".into(),
        Err(SdkError::ServiceError(error)) => match error.err().code() {
            Some(code) => format!("ServiceError, {code}"),
            None => "ServiceError without a code".into(),
        },
        Err(other) => format!("{other:?}"),
    }
}

/// To the SDK a function error is a success, so it reacts to each fault in the same way.
#[tokio::test]
async fn each_fault_that_ends_has_the_same_effect_on_a_function_error_as_on_a_success() {
    let fixture = fixture();
    let rows = rows().into_iter().filter(|row| row.table == "faults");
    for row in rows.filter(|row| row.to == "a 200" && !row.hangs()) {
        let expected = kept(&fixture, &row, "rust").unwrap();
        let fault = row.fault.unwrap();
        let lambda = FakeLambda::start();
        let error = FunctionError::new("ValueError", "no such order");
        let script = lambda.on("f").reply(Reply::from(error).fault(fault));
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let result = client.invoke().function_name("f").send_in_time().await;
        assert_eq!(result.is_ok(), expected.got.starts_with("200"), "{fault:?}");
        lambda.wait_until_idle().await;
        script.assert_attempts(expected.attempts);
        let call = lambda.only_call();
        assert!(call.attempts().iter().all(|attempt| attempt.has_run()));
    }
}

#[test]
fn the_page_of_faults_matches_the_measurements() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs/faults.md");
    let page = page();
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "src/docs/faults.md does not match the measurements: run this test with {BLESS}=1"
    );
}

const INTRODUCTION: &str = "\
# How clients react to faults

This page shows how the AWS SDK for Rust, boto3 and the JavaScript SDK react to each [`Fault`](crate::Fault), to malformed replies and to failures
inside a stream. In the first two tables, every attempt gets the fault or the malformed reply, unless stated otherwise. The tables are generated
from measurements; tests repeat the measurements and compare the page with them. The SDKs have their default settings, with retries on, except that
the waits between attempts are shortened and that rows that hang have a client timeout. `Cargo.lock` and `tests/interop` name the versions of the SDKs.

The column *applied to* shows the reply that is damaged. A fault that is applied to *nothing* replaces a reply. `ResetOnReuse` on *the previous
call* resets the first attempt of the measured call, and only that.

Each cell shows what the caller gets and the number of attempts. **If only the reply was lost, the function ran once for each attempt**: a row
for a 200 with three attempts means that an order is charged three times, unless the function recognizes the duplicate. A function error is a 200
to an SDK, so it has the same row as a success.

`Hang` and `StallAfter` were measured with a client timeout of 400 ms per attempt. By default only boto3 has a read timeout, 60 s; the other
two wait as long as the connection is open.

";

const MALFORMED_REPLIES: &str = "
## Malformed replies

These replies are valid HTTP that Lambda does not send. Script them with [`Reply::status`](crate::Reply::status), [`body`](crate::Reply::body),
[`header`](crate::Reply::header), [`without_header`](crate::Reply::without_header) and [`Reply::http`](crate::Reply::http).

";

const STREAMS: &str = "
## Streams

Each cell shows what a caller of `InvokeWithResponseStream` gets, event by event, until the end or the first error after which its SDK returns no
more events. The first chunk is `Hel`, unless the row says otherwise. `end` is the end of the iteration without an error: a caller that only looks
for errors takes it for a success. The lowercase names in the first column are methods of [`Chunks`](crate::Chunks);
[`Chunks::fault`](crate::Chunks::fault) sets the faults. A cell without a number of attempts is one attempt. `Hang` was measured with every timeout
that the SDK has: boto3's `read_timeout` and JavaScript's `socketTimeout` cover the chunks, and no timeout of the Rust SDK does.

";

fn page() -> String {
    let fixture = fixture();
    let rows = rows();
    let mut page = String::from(INTRODUCTION);
    table(
        &mut page,
        "fault",
        rows.iter().filter(|row| row.table == "faults"),
        &fixture,
    );
    page.push_str(MALFORMED_REPLIES);
    table(
        &mut page,
        "malformed reply",
        rows.iter().filter(|row| row.table == "lies"),
        &fixture,
    );
    page.push_str(STREAMS);
    page.push_str("| stream | Rust | boto3 | JavaScript |\n|---|---|---|---|\n");
    let fixture = stream_rows::fixture();
    for row in stream_rows::rows() {
        write!(page, "| {} |", row.what).unwrap();
        for column in stream_rows::COLUMNS {
            match stream_rows::kept(&fixture, &row, column) {
                Some(got) => write!(page, " `{got}` |").unwrap(),
                None => write!(page, " not measured |").unwrap(),
            }
        }
        page.push('\n');
    }
    page
}

fn table<'a>(page: &mut String, of: &str, rows: impl Iterator<Item = &'a Row>, fixture: &Value) {
    writeln!(
        page,
        "| {of} | applied to | Rust | boto3 | JavaScript |\n|---|---|---|---|---|"
    )
    .unwrap();
    for row in rows {
        let what = match row.fault {
            Some(_) => format!("`{}`", row.what),
            None => row.what.clone(),
        };
        write!(page, "| {what} | {} |", row.to).unwrap();
        for column in COLUMNS {
            match kept(fixture, row, column) {
                Some(Reaction { attempts, got }) => {
                    let got = got.replace('|', "\\|");
                    write!(page, " `{got}` ×{attempts} |").unwrap();
                }
                None => write!(page, " not measured |").unwrap(),
            }
        }
        page.push('\n');
    }
}
