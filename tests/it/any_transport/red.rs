//! Tests that fail, each because of one common mistake, and the message that their author reads.
//!
//! The message alone must be enough to fix the test: its first six lines name a line of the test
//! and the change to make.

mod counts;
mod flow;
mod requests;
mod unscripted;

use std::pin::Pin;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::SdkError;
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use aws_sdk_lambda::primitives::Blob;
use fake_lambda::Handle;

use crate::panics::caught;
use crate::raw;
use crate::text::without_lines;
use crate::transport::FakeLambda;
use crate::waits::SendInTime as _;

/// The number of lines in which the message must name a line of the test and the change to make.
const FIRST: usize = 6;

/// Runs a test that fails, and returns the message that the author of the test reads.
#[track_caller]
fn red(test: impl FnOnce()) -> String {
    let shown = without_lines(caught(test).shown());
    let first: Vec<&str> = shown.lines().take(FIRST).collect();
    let first = first.join("\n");
    assert!(
        first.contains("tests/it/any_transport/red/"),
        "no line of the test:\n{shown}"
    );
    assert!(first.contains("  help: "), "no change to make:\n{shown}");
    shown
}

/// Runs an async test that fails, and returns the message that the author of the test reads.
#[track_caller]
fn red_async(test: impl Future<Output = ()>) -> String {
    red(|| sdk(test))
}

/// Runs an async test.
fn sdk<'a>(test: impl Future<Output = ()> + 'a) {
    let test: Pin<Box<dyn Future<Output = ()> + 'a>> = Box::pin(test);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(test);
}

/// Makes one call with the SDK.
async fn invoke(
    client: &Client,
    function: &str,
    payload: &str,
) -> Result<InvokeOutput, SdkError<InvokeError>> {
    let call = client.invoke().function_name(function);
    call.payload(Blob::new(payload)).send_in_time().await
}

/// Makes one call with a plain HTTP client, with these lines in the head of the request.
fn post(lambda: &Handle, function: &str, fields: &[&str], payload: &str) {
    raw::invoke(lambda, function, fields, payload);
}

/// A fake that answers for every function, for tests about what was sent.
fn willing() -> FakeLambda {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(serde_json::json!({"ok": true}));
    lambda
}
