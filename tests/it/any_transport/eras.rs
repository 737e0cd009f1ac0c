//! The answers of earlier years.

use std::time::Duration;

use fake_lambda::FunctionError;
use rstest::rstest;
use serde_json::json;

use crate::raw::{self, Reply};
use crate::transport::FakeLambda;

fn in_year(year: u16) -> FakeLambda {
    FakeLambda::start_with(|builder| builder.era(year).allow_unscripted())
}

#[rstest]
#[case::until_2025(
    2025,
    "Function not found: arn:aws:lambda:us-east-1:123456789012:function:f"
)]
#[case::today(
    2026,
    "Function not found: arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST"
)]
fn a_missing_function(#[case] year: u16, #[case] message: &str) {
    let reply = raw::invoke(&in_year(year), "f", &[], "{}");
    assert_eq!(
        reply.text(),
        format!(r#"{{"Message":"{message}","Type":"User"}}"#)
    );
}

#[rstest]
#[case::in_2017(2017, 131_072)]
#[case::until_2025(2025, 262_144)]
#[case::today(2026, 1_048_576)]
fn the_limit_of_an_event(#[case] year: u16, #[case] limit: usize) {
    let lambda = in_year(year);
    lambda.on("f").reply(json!(null));
    let send = |length: usize| {
        let payload = format!("\"{}\"", "x".repeat(length - 2));
        raw::invoke(&lambda, "f", &["X-Amz-Invocation-Type: Event"], payload)
    };
    assert_eq!(send(limit).status(), 202);
    let reply = send(limit + 1);
    assert_eq!(reply.status(), 413);
    let length = limit + 1;
    let message = format!(
        "{length} byte payload is too large for the Event invocation type (limit {limit} bytes)"
    );
    assert_eq!(reply.text(), format!(r#"{{"Message":"{message}"}}"#));
}

#[rstest]
#[case::until_2019(
    2019,
    "6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)"
)]
#[case::today(
    2026,
    "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
)]
fn a_request_over_the_limit(#[case] year: u16, #[case] message: &str) {
    let lambda = in_year(year);
    let payload = format!("\"{}\"", "x".repeat(6_291_455));
    let reply = raw::invoke(&lambda, "f", &[], payload);
    assert_eq!(reply.text(), format!(r#"{{"Message":"{message}"}}"#));
}

#[rstest]
#[case::in_2018(2018, "", "[B@29e283fa", 2)]
#[case::in_2023(2023, "Could not parse payload into json: ", "(byte[])\"'test'\"", 2)]
#[case::today(
    2026,
    "Could not parse payload into json: ",
    "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)",
    1
)]
fn a_body_that_is_not_json(
    #[case] year: u16,
    #[case] more: &str,
    #[case] source: &str,
    #[case] column: usize,
) {
    let reply = raw::invoke(&in_year(year), "f", &[], "'test'");
    let message = json!(format!(
        "Could not parse request body into json: {more}Unexpected character (''' (code 39)): expected a valid value \
         (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: {source}; line: 1, column: {column}]"
    ));
    assert_eq!(
        reply.text(),
        format!(r#"{{"Type":"User","message":{message}}}"#)
    );
}

/// The parser names its source at the place of a fault and inside some messages.
#[rstest]
#[case::in_2018(2018, "{", "[B@29e283fa")]
#[case::in_2023(2023, "{", "(byte[])\"{\"")]
#[case::in_2026(
    2026,
    "{",
    "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
)]
fn a_container_that_is_not_closed(#[case] year: u16, #[case] body: &str, #[case] source: &str) {
    let reply = raw::invoke(&in_year(year), "f", &[], body);
    let reply: serde_json::Value = serde_json::from_str(reply.text()).unwrap();
    let message = reply["message"].as_str().unwrap();
    let place = format!("[Source: {source}; line: 1, column: ");
    assert_eq!(message.matches(&place).count(), 2, "{message}");
    assert_eq!(message.matches("[Source: ").count(), 2, "{message}");
}

/// `é` has two bytes, so the 500th byte is the first half of one.
#[test]
fn until_2024_the_parser_quotes_500_bytes() {
    let body = format!("x{}", "é".repeat(300));
    let reply = raw::invoke(&in_year(2023), "f", &[], &body);
    let reply: serde_json::Value = serde_json::from_str(reply.text()).unwrap();
    let message = reply["message"].as_str().unwrap();
    let quoted = format!("x{}\u{fffd}", "é".repeat(249));
    let source = format!("[Source: (byte[])\"{quoted}\"[truncated 101 bytes]; line: 1, ");
    assert!(message.contains(&source), "{message}");
}

#[rstest]
#[case::timeout_until_2025(
    2025,
    FunctionError::timed_out(Duration::from_secs(1)),
    r#"{"errorMessage":"2025-01-01T00:00:00.000Z <id> Task timed out after 1.00 seconds"}"#
)]
#[case::timeout_today(
    2026,
    FunctionError::timed_out(Duration::from_secs(1)),
    r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: <id> Error: Task timed out after 1.00 seconds"}"#
)]
#[case::killed_until_2018(
    2018,
    FunctionError::out_of_memory(),
    r#"{"errorMessage":"RequestId: <id> Process exited before completing request"}"#
)]
#[case::killed_since_2019(
    2019,
    FunctionError::out_of_memory(),
    r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: <id> Error: Runtime exited with error: signal: killed"}"#
)]
#[case::too_large_until_2018(
    2018,
    FunctionError::response_too_large(),
    r#"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#
)]
fn an_error_of_the_platform(#[case] year: u16, #[case] error: FunctionError, #[case] body: &str) {
    let lambda = in_year(year);
    lambda.on("f").reply(error);
    let reply = raw::invoke(&lambda, "f", &[], "{}");
    assert_eq!(reply.field("X-Amz-Function-Error"), Some("Unhandled"));
    let id = reply.field("x-amzn-RequestId").unwrap();
    assert_eq!(reply.text().replace(id, "<id>"), body);
}

#[rstest]
#[case::until_2018(2018, "Handled")]
#[case::since_2019(2019, "Unhandled")]
fn an_error_of_the_function(#[case] year: u16, #[case] mark: &str) {
    let lambda = in_year(year);
    lambda.on("f").reply(FunctionError::new("Error", "boom"));
    let sixth = |reply: &Reply| reply.head.lines().nth(6).unwrap().to_owned();
    let reply = raw::invoke(&lambda, "f", &[], "{}");
    assert_eq!(
        sixth(&reply),
        format!("X-Amz-Function-Error: {mark}"),
        "the header is at its position"
    );
    let event = raw::invoke(&lambda, "f", &["X-Amz-Invocation-Type: Event"], "{}");
    assert_eq!(event.field("X-Amz-Function-Error"), None);
}

#[rstest]
#[case::until_2022(2022, "root=1-*;sampled=0")]
#[case::in_2023(2023, "root=1-*;sampled=0;lineage=*:0")]
#[case::until_2024(2024, "root=1-*;parent=*;sampled=0;lineage=*:0")]
#[case::since_2025(2025, "Root=1-*;Parent=*;Sampled=0;Lineage=1:*:0")]
#[case::today(2026, "Root=1-*;Parent=*;Sampled=0;Lineage=1:*:0")]
fn the_form_of_the_trace_id(#[case] year: u16, #[case] form: &str) {
    let lambda = in_year(year);
    lambda.on("f").reply(json!(null));
    let reply = raw::invoke(&lambda, "f", &[], "{}");
    let trace = reply.field("X-Amzn-Trace-Id").unwrap();
    let mut rest = trace;
    for part in form.split('*') {
        let start = rest
            .find(part)
            .unwrap_or_else(|| panic!("`{trace}` is not of the form `{form}`"));
        let drawn = &rest[..start];
        assert!(
            drawn
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b'-'),
            "{trace}"
        );
        rest = &rest[start + part.len()..];
    }
    assert_eq!(rest, "");
}

#[test]
#[should_panic(expected = "`era(2016)` is out of range")]
fn an_unknown_year_is_refused() {
    FakeLambda::start_with(|builder| builder.era(2016));
}
