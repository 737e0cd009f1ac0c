//! Names and header values that are refused.

use insta::assert_snapshot;
use rstest::rstest;
use serde_json::{Value, json};

use super::{assert_refused, invoke, json_of};
use crate::transport::FakeLambda;

const NAME_PATTERN: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";
const QUALIFIER_PATTERN: &str = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";

const TENANT_PATTERN: &str = r"[a-zA-Z0-9\._:\/=+\-@ ]+";

#[rstest]
#[case::exclamation_mark("my-function!", "my-function!")]
#[case::exclamation_mark_encoded("my-function%21", "my-function!")]
#[case::star("*", "*")]
#[case::account_of_letters(
    "invalid-account:function:my-function",
    "invalid-account:function:my-function"
)]
#[case::account_with_a_sign(
    "123400000000%40:function:my-function",
    "123400000000@:function:my-function"
)]
#[case::bad_region(
    "arn:aws:lambda:invalid-region:123456789012:function:my-function",
    "arn:aws:lambda:invalid-region:123456789012:function:my-function"
)]
#[case::no_region(
    "arn:aws:lambda::123456789012:function:my-function",
    "arn:aws:lambda::123456789012:function:my-function"
)]
#[case::another_service(
    "arn:aws:ec2:us-east-1:123456789012:instance:i-1",
    "arn:aws:ec2:us-east-1:123456789012:instance:i-1"
)]
#[case::misspelled_latest("my-function:$LATES", "my-function:$LATES")]
#[case::two_qualifiers(
    "arn:aws:lambda:us-east-1:123456789012:function:my-function:1:2",
    "arn:aws:lambda:us-east-1:123456789012:function:my-function:1:2"
)]
#[case::something_after_latest(
    "function:my-function:$LATEST:extra",
    "function:my-function:$LATEST:extra"
)]
#[case::quotes_and_a_letter_beyond_ascii("%22%C3%BC%22", "\"ü\"")]
fn a_name_that_does_not_match_the_pattern_is_refused_with_the_pattern(
    #[case] label: &str,
    #[case] value: &str,
) {
    let message = format!(
        "1 validation error detected: Value '{value}' at 'functionName' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: {NAME_PATTERN}"
    );
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    assert_refused(
        invoke(&lambda, label, "", b"{}"),
        400,
        "ValidationException",
        &json!({"message": message}),
    );
}

#[test]
fn a_validation_error_has_one_member_and_these_bytes() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let reply = invoke(&lambda, "f?Qualifier=invalid%21", "", b"{}");
    assert_snapshot!(reply.stable(), @r#"
    HTTP/1.1 400 Bad Request
    Date: <date>
    Content-Type: application/json
    Content-Length: 195
    Connection: keep-alive
    x-amzn-RequestId: <request-id>
    x-amzn-ErrorType: ValidationException

    {"message":"1 validation error detected: Value 'invalid!' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"}
    "#);
}

#[rstest]
#[case::comma("X-Amz-Tenant-Id", "a,b", "tenantId", "")]
#[case::letter_beyond_ascii("X-Amz-Tenant-Id", "bl\u{fc}", "tenantId", "")]
#[case::blank_in_a_durable_name(
    "X-Amz-Durable-Execution-Name",
    "order 7",
    "durableExecutionName",
    "[a-zA-Z0-9-_]+"
)]
#[case::dot_in_a_durable_name(
    "X-Amz-Durable-Execution-Name",
    "order.7",
    "durableExecutionName",
    "[a-zA-Z0-9-_]+"
)]
fn a_tenant_or_durable_name_that_does_not_match_the_pattern_is_refused(
    #[case] field: &str,
    #[case] value: &str,
    #[case] member: &str,
    #[case] pattern: &str,
) {
    let pattern = if pattern.is_empty() {
        TENANT_PATTERN
    } else {
        pattern
    };
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let message = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: {pattern}"
    );
    assert_refused(
        invoke(&lambda, "f", &format!("{field}: {value}\r\n"), b"{}"),
        400,
        "ValidationException",
        &json!({"message": message}),
    );
}

#[rstest]
#[case::tenant("X-Amz-Tenant-Id", "tenantId", 256)]
#[case::durable("X-Amz-Durable-Execution-Name", "durableExecutionName", 64)]
fn a_tenant_or_durable_name_over_the_limit_is_refused(
    #[case] field: &str,
    #[case] member: &str,
    #[case] limit: usize,
) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let sent = |value: &str| invoke(&lambda, "f", &format!("{field}: {value}\r\n"), b"{}");
    assert_eq!(sent(&"a".repeat(limit)).status(), 200);
    assert_eq!(sent("").status(), 200);
    let long = "a".repeat(limit + 1);
    let message = format!(
        "1 validation error detected: Value '{long}' at '{member}' failed to satisfy constraint: \
         Member must have length less than or equal to {limit}"
    );
    assert_refused(
        sent(&long),
        400,
        "ValidationException",
        &json!({"message": message}),
    );
}

#[test]
fn every_character_of_the_tenant_pattern_is_accepted() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let reply = invoke(&lambda, "f", "X-Amz-Tenant-Id: aZ0._:/=+-@ z\r\n", b"{}");
    assert_eq!(reply.status(), 200, "{reply}");
}

#[test]
fn a_reserved_header_is_refused_with_these_bytes_and_reported_by_name() {
    let lambda = FakeLambda::start();
    let reply = invoke(&lambda, "f", "x-amzn-vpc-id: vpc-1\r\n", b"{}");
    assert_snapshot!(reply.stable(), @r#"
    HTTP/1.1 403 Forbidden
    Date: <date>
    Content-Type: application/json
    Content-Length: 126
    Connection: keep-alive
    x-amzn-RequestId: <request-id>
    x-amzn-ErrorType: AccessDeniedException

    {"Message":"The request includes reserved HTTP headers. Reserved headers are required only for Lambda private link requests."}
    "#);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(
        report.contains("the request has the header `x-amzn-vpc-id`\n"),
        "{report}"
    );
}

#[test]
fn a_doubled_authorization_is_refused_with_these_bytes() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let fields = "Authorization: AWS4-HMAC-SHA256 a=1\r\nAuthorization: AWS4-HMAC-SHA256 a=2\r\n";
    let reply = invoke(&lambda, "f", fields, b"{}");
    assert_snapshot!(reply.stable(), @r#"
    HTTP/1.1 403 Forbidden
    Date: <date>
    Content-Type: application/json
    Content-Length: 151
    Connection: keep-alive
    x-amzn-RequestId: <request-id>
    x-amzn-ErrorType: IncompleteSignatureException

    {"message":"'AWS4-HMAC-SHA256' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 a=1, AWS4-HMAC-SHA256 a=2'."}
    "#);
}

#[test]
fn a_qualifier_of_129_characters_is_too_long() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let fits = "a".repeat(128);
    assert_eq!(
        invoke(&lambda, &format!("f?Qualifier={fits}"), "", b"{}").status(),
        200
    );
    let long = "a".repeat(129);
    let message = format!(
        "1 validation error detected: Value '{long}' at 'qualifier' failed to satisfy constraint: \
         Member must have length less than or equal to 128"
    );
    let reply = invoke(&lambda, &format!("f?Qualifier={long}"), "", b"{}");
    assert_refused(
        reply,
        400,
        "ValidationException",
        &json!({"message": message}),
    );
}

#[test]
fn a_name_of_257_characters_is_too_long() {
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    assert_eq!(invoke(&lambda, &"a".repeat(256), "", b"{}").status(), 404);
    let long = "a".repeat(257);
    let message = format!(
        "1 validation error detected: Value '{long}' at 'functionName' failed to satisfy constraint: \
         Member must have length less than or equal to 256"
    );
    assert_refused(
        invoke(&lambda, &long, "", b"{}"),
        400,
        "ValidationException",
        &json!({"message": message}),
    );
}

#[test]
fn a_long_arn_that_does_not_match_the_pattern_has_one_complaint() {
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    let arn = format!(
        "arn:aws:lambda:invalid-region:123456789012:function:my-function{}",
        "a".repeat(170)
    );
    let body: Value = json_of(&invoke(&lambda, &arn, "", b"{}"));
    let message = body["message"].as_str().unwrap();
    assert!(
        message.starts_with("1 validation error detected: Value 'arn:aws:lambda:invalid-region:"),
        "{message}"
    );
    assert!(message.ends_with(NAME_PATTERN), "{message}");
}

#[test]
fn two_complaints_are_in_one_message() {
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    let reply = invoke(&lambda, "f%21?Qualifier=%21", "", b"{}");
    // AWS's order of the two is not known.
    let message = format!(
        "2 validation errors detected: Value 'f!' at 'functionName' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: {NAME_PATTERN}; Value '!' at 'qualifier' failed to satisfy \
         constraint: Member must satisfy regular expression pattern: {QUALIFIER_PATTERN}"
    );
    assert_refused(
        reply,
        400,
        "ValidationException",
        &json!({"message": message}),
    );
}

#[rstest]
#[case::invocation_type("X-Amz-Invocation-Type: Nope\r\n", "Nope", "invocationType", &["DryRun", "Event", "RequestResponse"])]
#[case::invocation_type_in_lower_case(
    "x-amz-invocation-type: event\r\n", "event", "invocationType", &["DryRun", "Event", "RequestResponse"]
)]
#[case::log_type("X-Amz-Log-Type: Head\r\n", "Head", "logType", &["None", "Tail"])]
fn an_unknown_word_is_refused_with_the_valid_set(
    #[case] fields: &str,
    #[case] value: &str,
    #[case] member: &str,
    #[case] set: &[&str],
) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let reply = invoke(&lambda, "f", fields, b"{}");
    assert_eq!(
        (reply.status(), reply.field("x-amzn-ErrorType")),
        (400, Some("ValidationException"))
    );
    let body = json_of(&reply);
    let message = body["message"].as_str().unwrap();
    let start = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         Member must satisfy enum value set: ["
    );
    let words = message
        .strip_prefix(&start)
        .and_then(|rest| rest.strip_suffix(']'));
    let mut words: Vec<_> = words
        .unwrap_or_else(|| panic!("{message}"))
        .split(", ")
        .collect();
    // The service's order within the brackets is not known.
    words.sort_unstable();
    assert_eq!(words, set);
}

#[rstest]
#[case::in_the_name("f:live?Qualifier=beta")]
#[case::in_the_arn("arn:aws:lambda:us-east-1:123456789012:function:f:%24LATEST?Qualifier=1")]
fn a_qualifier_that_contradicts_the_name_is_refused(#[case] label: &str) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let message =
        "The derived qualifier from the function name does not match the specified qualifier.";
    let body = json!({"Type": "User", "message": message});
    assert_refused(
        invoke(&lambda, label, "", b"{}"),
        400,
        "InvalidParameterValueException",
        &body,
    );
}

#[rstest]
#[case::syntax_before_the_qualifiers("f%21:a?Qualifier=b", "", b"{}".as_slice(), "ValidationException")]
#[case::words_before_the_body("f", "X-Amz-Log-Type: no\r\n", b"{".as_slice(), "ValidationException")]
#[case::qualifiers_before_the_lookup("g:a?Qualifier=b", "", b"{}".as_slice(), "InvalidParameterValueException")]
fn checks_have_the_order_of_the_service(
    #[case] label: &str,
    #[case] fields: &str,
    #[case] payload: &[u8],
    #[case] code: &str,
) {
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    lambda.on("f").reply(json!(1));
    assert_eq!(
        invoke(&lambda, label, fields, payload).field("x-amzn-ErrorType"),
        Some(code)
    );
}
