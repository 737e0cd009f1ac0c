//! Requests that name no function, or name one in an invalid form.

use serde_json::json;

use super::case::{Case, filled, recorded, start};
use crate::raw;

recorded! {
    answers_as_recorded: function_not_found_2025 wrong_region_arn validate_invalid_characters_in_function_name
        validate_invalid_characters_in_qualifier validate_qualifier_too_long validate_invalid_account_id_in_partial_arn
        validate_invalid_region_in_arn validate_function_name_too_long validate_function_name_too_long_and_invalid_region
        validate_full_arn_with_multiple_qualifiers validate_incomplete_arn validate_partial_arn_with_extra_qualifier
        validate_latest_version_with_additional_qualifier validate_lowercase_latest_qualifier
        validate_missing_region_in_arn validate_misspelled_latest_in_arn;
    reads_as_java_printed_it: sdk_java_v1_rendering_of_404;
    names_the_alias: not_found_body_raw;
    is_no_json: invalid_json_bad_utf8_start_byte;
}

/// The service says this whether the function exists or not.
fn answers_as_recorded(case: &Case) {
    let nothing_there = start();
    case.assert_answer(&case.invoke(&nothing_there, "{}"));
    if matches!(case.observed("Code").and_then(|code| code.text()), Some(code) if code != "ResourceNotFoundException")
    {
        let all_there = start();
        all_there.on_any().reply(json!(1));
        case.assert_answer(&case.invoke(&all_there, "{}"));
    }
}

fn reads_as_java_printed_it(case: &Case) {
    let lambda = start();
    let reply = raw::invoke(&lambda, "no_such_function-name", &[], "{}");
    let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    let id = reply.field("x-amzn-RequestId").unwrap();
    let printed = format!(
        "{} (Service: AWSLambda; Status Code: {}; Error Code: {}; Request ID: {id}; Proxy: null)",
        body["Message"].as_str().unwrap(),
        reply.status(),
        reply.field("x-amzn-ErrorType").unwrap(),
    );
    assert_eq!(printed, filled(case.text("observed.cause"), id));
}

fn names_the_alias(case: &Case) {
    let lambda = start();
    let name = "SC-E-local-Sidecar-Zoom-EnableCustomLivestreaming";
    let reply = raw::invoke(&lambda, &format!("{name}%3Aactive"), &[], "{}");
    // The publisher masked half of the account.
    let body = case
        .text("observed.body")
        .replace(":111111:", ":111111111111:");
    assert_eq!((reply.status(), reply.text()), (404, &*body));
}

fn is_no_json(case: &Case) {
    let hex = case.text("request.Payload_hex");
    let digits = hex.as_bytes().chunks(2);
    let payload: Vec<u8> = digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    case.assert_answer(&case.invoke(&lambda, payload));
}
