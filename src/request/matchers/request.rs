//! Conditions about how a request was made: its operation, log type, tenant id, durable execution
//! name, signature and header fields.

use std::sync::Arc;

use super::{Condition, ConditionInput, Known, Mismatch, Verdict};
use crate::aws::words::{LogType, Operation};
use crate::ground::cut::cut;
use crate::request::invocation::Invocation;

/// The most bytes of a header's value that a reason quotes.
const VALUE_LIMIT: usize = 120;

/// The reason if a request has no credential to compare.
const UNSIGNED: &str = "the request is not signed";

/// Matches a log type: a [`LogType`], the AWS SDK's type, or its name.
///
/// ```
/// use fake_lambda::{FakeLambda, matchers::log_type};
///
/// let lambda = FakeLambda::start();
/// lambda.matching(log_type("Tail")).assert_calls(0);
/// ```
///
/// # Panics
///
/// Panics if AWS has no such log type.
#[track_caller]
pub fn log_type(word: impl AsRef<str>) -> Condition {
    let expected: LogType = match word.as_ref().parse() {
        Ok(word) => word,
        Err(unknown) => panic!("{}", unknown.message()),
    };
    Condition::new(Known::LogType(expected), move |input| {
        let got = input.invocation.log_type();
        same(input, got == expected, || Mismatch::expected(expected, got))
    })
}

/// Matches an operation: an [`Operation`] or its name.
///
/// ```
/// use fake_lambda::{FakeLambda, Operation, Reply, matchers::operation};
/// use serde_json::json;
///
/// let lambda = FakeLambda::start();
/// lambda.on("chat").reply(json!("Hello"));
/// lambda.on("chat").when(operation(Operation::InvokeWithResponseStream)).reply(Reply::stream(["Hel", "lo"]));
/// ```
///
/// # Panics
///
/// Panics if [`Operation`] has no operation with this name.
#[track_caller]
pub fn operation(word: impl AsRef<str>) -> Condition {
    let expected: Operation = match word.as_ref().parse() {
        Ok(word) => word,
        Err(unknown) => panic!("{}", unknown.message()),
    };
    Condition::new(Known::Operation(expected), move |input| {
        let got = input.invocation.operation();
        same(input, got == expected, || Mismatch::expected(expected, got))
    })
}

/// Matches exactly this tenant id, as a client sends it for a function with tenant isolation.
///
/// ```
/// use fake_lambda::{FakeLambda, matchers::tenant_id, sdk_client};
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let lambda = FakeLambda::start();
/// lambda.on("pay").when(tenant_id("blue")).reply(json!({"paid": true}));
/// let client = sdk_client!(aws_sdk_lambda, lambda);
/// client.invoke().function_name("pay").tenant_id("blue").send().await.unwrap();
/// lambda.matching(tenant_id("blue")).assert_calls(1);
/// # }
/// ```
#[track_caller]
pub fn tenant_id(id: impl AsRef<str>) -> Condition {
    let id: Arc<str> = id.as_ref().into();
    let known = Known::TenantId(id.clone());
    part(known, id, Invocation::tenant_id, "no tenant id was sent")
}

/// Matches exactly this name of a durable execution.
///
/// ```
/// use fake_lambda::{FakeLambda, matchers::durable_execution_name};
///
/// let lambda = FakeLambda::start();
/// lambda.matching(durable_execution_name("order-7")).assert_calls(0);
/// ```
#[track_caller]
pub fn durable_execution_name(name: impl AsRef<str>) -> Condition {
    let name: Arc<str> = name.as_ref().into();
    let known = Known::DurableExecutionName(name.clone());
    part(
        known,
        name,
        Invocation::durable_execution_name,
        "no durable execution name was sent",
    )
}

/// Matches requests that are signed for this region: the region of the signature's credential
/// scope, whatever the function's ARN says.
///
/// The signature itself is not verified; with the feature `signature`, `Builder::require_signature`
/// does that.
///
/// ```
/// use fake_lambda::{FakeLambda, matchers::signing_region};
///
/// let lambda = FakeLambda::start();
/// lambda.matching(signing_region("eu-west-1")).assert_calls(0);
/// ```
#[track_caller]
pub fn signing_region(region: impl AsRef<str>) -> Condition {
    let region: Arc<str> = region.as_ref().into();
    let known = Known::SigningRegion(region.clone());
    part(known, region, Invocation::signing_region, UNSIGNED)
}

/// Matches requests that are signed with this access key id, to distinguish clients.
///
/// ```
/// use fake_lambda::{FakeLambda, matchers::access_key_id};
///
/// let lambda = FakeLambda::start();
/// lambda.matching(access_key_id("AKIAIOSFODNN7EXAMPLE")).assert_calls(0);
/// ```
#[track_caller]
pub fn access_key_id(id: impl AsRef<str>) -> Condition {
    let id: Arc<str> = id.as_ref().into();
    let known = Known::AccessKeyId(id.clone());
    part(known, id, Invocation::access_key_id, UNSIGNED)
}

/// Matches if the value of a header field with this name contains this text:
/// `header_contains("user-agent", "app/checkout")`. The casing matters in the text, but not in the
/// name.
///
/// ```
/// use fake_lambda::{FakeLambda, matchers::header_contains, sdk_client};
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let lambda = FakeLambda::start();
/// lambda.on("resize").reply(json!({"ok": true}));
/// let client = sdk_client!(aws_sdk_lambda, lambda);
/// client.invoke().function_name("resize").send().await.unwrap();
/// lambda.matching(header_contains("user-agent", "aws-sdk-rust/")).assert_calls(1);
/// # }
/// ```
#[track_caller]
pub fn header_contains(name: impl AsRef<str>, text: impl AsRef<str>) -> Condition {
    let (name, text): (Arc<str>, Arc<str>) = (name.as_ref().into(), text.as_ref().into());
    let known = Known::HeaderContains {
        name: name.clone(),
        text: text.clone(),
    };
    Condition::new(known, move |input| {
        let values: Vec<_> = input.invocation.head().values(&name).collect();
        let values = values.into_iter().map(String::from_utf8_lossy);
        let values: Vec<_> = values.collect();
        if values.iter().any(|value| value.contains(&*text)) {
            return Verdict::Yes;
        }
        input.no(|| match values.first() {
            Some(value) => format!("expected `{text}` in `{}`", cut(value, VALUE_LIMIT)),
            None => format!("no `{name}` was sent"),
        })
    })
}

/// A condition that a part of the request equals `expected`; `missing` is the reason for a failure
/// if the request has no such part.
#[track_caller]
fn part(
    known: Known,
    expected: Arc<str>,
    part: for<'a> fn(&'a Invocation) -> Option<&'a str>,
    missing: &'static str,
) -> Condition {
    Condition::new(known, move |input| match part(input.invocation) {
        Some(got) => same(input, got == &*expected, || {
            Mismatch::expected(&expected, cut(got, VALUE_LIMIT))
        }),
        None => input.no(|| missing.to_owned()),
    })
}

fn same(input: &ConditionInput<'_>, is_same: bool, why: impl FnOnce() -> Mismatch) -> Verdict {
    if is_same { Verdict::Yes } else { input.no(why) }
}
