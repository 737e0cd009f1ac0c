//! The messages, lines and columns below are jackson-core 2.18.2's own, printed by running it,
//! unless the name of the test says that they were recorded from AWS.

use crate::ground::json::{canonical, check};

const VALUE: &str = "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const TOKEN: &str =
    "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const SOURCE: &str =
    "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: ";

/// In the expected messages, `VALUE!`, `TOKEN!` and `SOURCE!` stand for the constants above.
#[track_caller]
pub(super) fn refused(cases: &[(&[u8], usize, usize, &str)]) {
    for (body, line, column, words) in cases {
        let words = words
            .replace("VALUE!", VALUE)
            .replace("TOKEN!", TOKEN)
            .replace("SOURCE!", SOURCE);
        let shown = body.escape_ascii().to_string();
        let error = check(body).expect_err(&shown);
        assert_eq!(
            (error.line(), error.column(), error.to_string()),
            (*line, *column, words),
            "for {shown}"
        );
        assert_eq!(canonical(body), None, "for {shown}");
    }
}

#[test]
fn bodies_recorded_from_aws_get_the_recorded_message_and_column() {
    refused(&[
        (
            b"\x99\xAD\xB2",
            1,
            1,
            "Unexpected character ((CTRL-CHAR, code 153)): VALUE!",
        ),
        (
            b"\x6e\x87\x72\x9e\xe9\xb5\xd7\x49\xee\x9b\x6d\x74",
            1,
            3,
            "Invalid UTF-8 start byte 0x87",
        ),
    ]);
}

#[test]
fn a_character_that_starts_no_value_is_unexpected() {
    refused(&[
        (
            b"'test'",
            1,
            1,
            "Unexpected character (''' (code 39)): VALUE!",
        ),
        (b".5", 1, 1, "Unexpected character ('.' (code 46)): VALUE!"),
        (b"[:", 1, 2, "Unexpected character (':' (code 58)): VALUE!"),
        (
            b"\xD7",
            1,
            1,
            "Unexpected character ('\u{D7}' (code 215)): VALUE!",
        ),
        (
            b"[1,]",
            1,
            4,
            "Unexpected character (']' (code 93)): expected a value",
        ),
        (
            b"{\"a\":}",
            1,
            6,
            "Unexpected character ('}' (code 125)): expected a value",
        ),
        (
            b"{\"a\":]",
            1,
            6,
            "Unexpected character (']' (code 93)): VALUE!",
        ),
        (
            b"[,1]",
            1,
            2,
            "Unexpected character (',' (code 44)): expected a value",
        ),
        (b"#", 1, 1, "Unexpected character ('#' (code 35)): VALUE!"),
        (
            b"/**/1",
            1,
            1,
            "Unexpected character ('/' (code 47)): maybe a (non-standard) comment? (not recognized as one since \
             Feature 'ALLOW_COMMENTS' not enabled for parser)",
        ),
    ]);
}

#[test]
fn a_separator_that_is_missing_is_named() {
    refused(&[
        (
            b"[1 2]",
            1,
            4,
            "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
        ),
        (
            b"{\"a\":1 \"b\":2}",
            1,
            8,
            "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
        ),
        (
            b"{\"a\" 1}",
            1,
            6,
            "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
        ),
        (
            b"{a:1}",
            1,
            2,
            "Unexpected character ('a' (code 97)): was expecting double-quote to start field name",
        ),
        (
            b"{\"a\":1,}",
            1,
            8,
            "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
        ),
        (
            b"{\xC3\xA9",
            1,
            3,
            "Unexpected character ('\u{E9}' (code 233)): was expecting double-quote to start field name",
        ),
        (
            b"1x",
            1,
            2,
            "Unexpected character ('x' (code 120)): Expected space separating root-level values",
        ),
    ]);
}

#[test]
fn a_close_marker_of_the_wrong_kind_names_where_its_container_starts() {
    refused(&[
        (
            b"[1}",
            1,
            3,
            "Unexpected close marker '}': expected ']' (for Array starting at SOURCE!1, column: 1])",
        ),
        (
            b"\n {\"a\":1]",
            2,
            8,
            "Unexpected close marker ']': expected '}' (for Object starting at SOURCE!2, column: 2])",
        ),
        (
            b"]",
            1,
            1,
            "Unexpected close marker ']': expected '}' (for root starting at SOURCE!1])",
        ),
        (
            b"{}]",
            1,
            3,
            "Unexpected close marker ']': expected '}' (for root starting at SOURCE!1])",
        ),
    ]);
}

#[test]
fn an_unknown_token_is_quoted_whole_with_the_column_after_it() {
    refused(&[
        (b"value", 1, 6, "Unrecognized token 'value': TOKEN!"),
        (b"tru", 1, 4, "Unrecognized token 'tru': TOKEN!"),
        (b"[nulll]", 1, 8, "Unrecognized token 'nulll': TOKEN!"),
        (b"a\nb", 1, 3, "Unrecognized token 'a': TOKEN!"),
        (b"tr\xC3\xA9", 1, 5, "Unrecognized token 'tr\u{E9}': TOKEN!"),
        (b"tr\xFF", 1, 4, "Invalid UTF-8 start byte 0xff"),
        (
            b"{\"a\":1,\r\n \"b\":x}",
            2,
            8,
            "Unrecognized token 'x': TOKEN!",
        ),
        (
            b"NaN",
            1,
            4,
            "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow",
        ),
        (
            b"-Infinity",
            1,
            10,
            "Non-standard token '-Infinity': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow",
        ),
    ]);
    let long = "x".repeat(300);
    let error = check(long.as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("Unrecognized token '{}...': {TOKEN}", "x".repeat(256))
    );
    assert_eq!(error.column(), 257);
}

#[test]
fn a_truncated_body_is_reported_with_the_part_it_ends_in() {
    refused(&[
        (
            b"{",
            1,
            2,
            "Unexpected end-of-input: expected close marker for Object (start marker at SOURCE!1, column: 1])",
        ),
        (
            b"[1",
            1,
            3,
            "Unexpected end-of-input: expected close marker for Array (start marker at SOURCE!1, column: 1])",
        ),
        (
            b"[1,",
            1,
            4,
            "Unexpected end-of-input within/between Array entries",
        ),
        (
            b"{\"a\":",
            1,
            6,
            "Unexpected end-of-input within/between Object entries",
        ),
        (
            b"{\"",
            1,
            3,
            "Unexpected end-of-input: was expecting closing '\"' for name",
        ),
        (b"{\"a", 1, 4, "Unexpected end-of-input in field name"),
        (b"\"abc", 1, 5, "Unexpected end-of-input in VALUE_STRING"),
        (
            b"\"a\\u12",
            1,
            7,
            "Unexpected end-of-input in character escape sequence",
        ),
        (b"-", 1, 2, "Unexpected end-of-input in null"),
        (b"{\"a\":1e", 1, 8, "Unexpected end-of-input in FIELD_NAME"),
        (b"+", 1, 2, "Unexpected end-of-input in a Number value"),
    ]);
}

#[test]
fn an_empty_body_is_refused() {
    refused(&[
        (b"", 1, 1, "No content to map due to end-of-input"),
        (b"\n ", 2, 2, "No content to map due to end-of-input"),
    ]);
}

#[test]
fn anything_after_the_root_value_is_refused() {
    let trailing = |kind| {
        format!(
            "Trailing token (of type {kind}) found after value (bound as `com.fasterxml.jackson.databind.JsonNode`): \
             not allowed as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`"
        )
    };
    refused(&[
        (b"1 2", 1, 3, &trailing("VALUE_NUMBER_INT")),
        (b"{}{}", 1, 3, &trailing("START_OBJECT")),
        (b"\"a\"\n\"b", 2, 1, &trailing("VALUE_STRING")),
        (b"{} x", 1, 5, "Unrecognized token 'x': TOKEN!"),
        (
            b"[] ,",
            1,
            4,
            "Unexpected character (',' (code 44)): expected a value",
        ),
    ]);
}
