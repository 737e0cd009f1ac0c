//! Payloads and client contexts, and their limits.

use rstest::rstest;
use serde_json::json;

use super::{assert_refused, invoke};
use crate::transport::FakeLambda;

const MIB: usize = 1024 * 1024;

/// The two texts recorded from AWS in November 2025. The record of the first does not contain its
/// body, only the effect of the 0x99 at its start.
#[rstest]
#[case::control_character(b"\x99\xad", r"Unexpected character ((CTRL-CHAR, code 153)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", 1)]
#[case::bad_utf_8(
    b"n\x87r\x9e\xe9\xb5\xd7I\xee\x9bmt",
    "Invalid UTF-8 start byte 0x87",
    3
)]
fn a_body_that_is_not_json_is_refused_with_the_recorded_text(
    #[case] payload: &[u8],
    #[case] words: &str,
    #[case] column: u32,
) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let message = format!(
        "Could not parse request body into json: Could not parse payload into json: {words}\n at [Source: REDACTED \
         (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: {column}]"
    );
    let body = json!({"Type": "User", "message": message});
    for fields in ["", "X-Amz-Invocation-Type: Event\r\n"] {
        let reply = invoke(&lambda, "f", fields, payload);
        assert_refused(reply, 400, "InvalidRequestContentException", &body);
    }
}

#[test]
fn the_newline_in_the_text_about_invalid_json_is_escaped_once() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let reply = invoke(&lambda, "f", "", b"{\"a\":");
    assert!(
        reply
            .text()
            .contains(r"\n at [Source: REDACTED (`StreamReadFeature"),
        "{reply}"
    );
    assert!(
        reply
            .text()
            .starts_with(r#"{"Type":"User","message":"Could not parse"#),
        "{reply}"
    );
}

#[rstest]
#[case::nothing(b"")]
#[case::null(b"null")]
#[case::number(b"1.5e3")]
#[case::string(b"\"a\"")]
#[case::array_in_white_space(b" \t\r\n[1, 2]\n")]
fn every_json_value_is_a_payload_and_so_is_an_empty_body(#[case] payload: &[u8]) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    assert_eq!(invoke(&lambda, "f", "", payload).status(), 200);
    lambda.assert_calls(1);
}

#[rstest]
#[case::call("", 6 * MIB + 1, "Request must be smaller than 6291456 bytes for the InvokeFunction operation")]
#[case::event("X-Amz-Invocation-Type: Event\r\n", MIB + 1,
    "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)")]
#[case::event_of_the_record(
    "X-Amz-Invocation-Type: Event\r\n",
    2_236_568,
    "2236568 byte payload is too large for the Event invocation type (limit 1048576 bytes)"
)]
#[case::event_over_the_limit_of_any_request("X-Amz-Invocation-Type: Event\r\n", 6 * MIB + 1,
    "Request must be smaller than 6291456 bytes for the InvokeFunction operation")]
fn a_body_over_the_limit_is_refused_with_an_unmodeled_code(
    #[case] fields: &str,
    #[case] length: usize,
    #[case] message: &str,
) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let reply = invoke(&lambda, "f", fields, &string_of(length));
    assert!(
        reply
            .head
            .starts_with("HTTP/1.1 413 Request Entity Too Large\r\n"),
        "{reply}"
    );
    assert_refused(
        reply,
        413,
        "RequestEntityTooLargeException",
        &json!({"Message": message}),
    );
}

/// No recording shows whether AWS accepts exactly as many bytes as the limit names.
#[rstest]
#[case::call("", 6 * MIB, 200)]
#[case::event("X-Amz-Invocation-Type: Event\r\n", MIB, 202)]
#[case::call_over_the_limit_of_events("", MIB + 1, 200)]
fn a_body_of_exactly_the_limit_is_accepted(
    #[case] fields: &str,
    #[case] length: usize,
    #[case] status: u16,
) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    assert_eq!(
        invoke(&lambda, "f", fields, &string_of(length)).status(),
        status
    );
}

#[test]
fn unchecked_payloads_can_be_anything() {
    let lambda = FakeLambda::start_with(|builder| builder.check_payloads(false));
    lambda.on("f").reply(json!(1));
    assert_eq!(invoke(&lambda, "f", "", b"\xff{").status(), 200);
    assert_eq!(
        invoke(&lambda, "f", "", &string_of(6 * MIB + 1)).status(),
        200
    );
}

/// A JSON string with this many bytes, quotes included.
fn string_of(length: usize) -> Vec<u8> {
    let mut text = vec![b'a'; length];
    text[0] = b'"';
    text[length - 1] = b'"';
    text
}

#[rstest]
#[case::at_the_limit(6_291_556, None)]
#[case::one_over(6_291_557, Some("Unhandled"))]
fn a_response_over_the_limit_is_a_function_error(
    #[case] length: usize,
    #[case] function_error: Option<&str>,
) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!("x".repeat(length - 2)));
    let reply = invoke(&lambda, "f", "", b"{}");
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.field("X-Amz-Function-Error"), function_error);
    match function_error {
        None => assert_eq!(reply.body.len(), length),
        Some(_) => assert_eq!(
            reply.text(),
            "{\"errorMessage\":\"Response payload size exceeded maximum allowed payload size (6291556 bytes).\",\
             \"errorType\":\"Function.ResponseSizeTooLarge\"}"
        ),
    }
}

#[test]
fn without_the_checks_a_response_can_have_any_length() {
    let lambda = FakeLambda::start_with(|builder| builder.check_payloads(false));
    lambda.on("f").reply(json!("x".repeat(7_000_000)));
    assert_eq!(invoke(&lambda, "f", "", b"not json").body.len(), 7_000_002);
}

#[rstest]
#[case::not_base64("not base64!")]
#[case::not_json("bm90IGpzb24=")]
fn a_client_context_that_is_not_base64_of_json_is_refused(#[case] context: &str) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let reply = invoke(
        &lambda,
        "f",
        &format!("X-Amz-Client-Context: {context}\r\n"),
        b"{}",
    );
    assert_eq!(
        reply.field("x-amzn-ErrorType"),
        Some("InvalidRequestContentException")
    );
    assert_eq!(
        reply.text(),
        r#"{"Type":"User","message":"Client context must be a valid Base64-encoded JSON object."}"#
    );
}

#[rstest]
#[case::empty(String::new(), 200)]
#[case::at_the_limit(client_context(3_583), 200)]
#[case::over_the_limit(client_context(3_587), 400)]
fn a_client_context_has_a_limit(#[case] context: String, #[case] status: u16) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let reply = invoke(
        &lambda,
        "f",
        &format!("X-Amz-Client-Context: {context}\r\n"),
        b"{}",
    );
    assert_eq!(reply.status(), status);
    if status == 400 {
        let body = r#"{"Type":"User","message":"Client context is too long: 3584 bytes of Base64, the limit is 3583 bytes."}"#;
        assert_eq!(reply.text(), body);
        let journal = lambda.journal().to_string();
        let reason = " (the client context has 3584 bytes of base64, and the limit is 3583)";
        assert!(journal.ends_with(reason), "{journal}");
    }
}

/// Base64 of a JSON string, with the greatest length up to `limit`.
fn client_context(limit: usize) -> String {
    let json = format!("\"{}\"", "x".repeat(limit / 4 * 3 - 2));
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, json)
}
