//! Requests that the service refuses, and what it requires and returns for a durable function.

use fake_lambda::Invocation;
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
    is_not_json: invalid_json_bad_utf8_start_byte;
    refuses_each_field: reserved_header;
    cannot_be_two_signatures: doubled_authorization;
    requires_a_tenant: tenant_missing;
    requires_a_qualifier: durable_unqualified_arn;
    names_the_execution: durable_event_has_its_arn;
    is_not_queued: pending_event_is_refused;
}

/// Checks the answer for a function that does not exist and, unless it is a
/// `ResourceNotFoundException`, also for one that exists.
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

/// The service refuses a reserved header whether the function exists or not.
fn refuses_each_field(case: &Case) {
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    for name in case.at("request.headers").items() {
        let name = name.text().unwrap();
        let field = format!("{}: x", name.to_uppercase());
        for function in ["function-name", "missing"] {
            let reply = raw::invoke(&lambda, function, &[&field], "{}");
            case.assert_head(&reply);
            let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!(body["Message"], case.text("observed.message"), "{name}");
        }
    }
    let reply = raw::invoke(&lambda, "function-name", &["x-amzn-vpc: x"], "{}");
    assert_eq!(reply.status(), 200);
}

/// The two signatures are in separate header fields, or a proxy has joined them in one.
fn cannot_be_two_signatures(case: &Case) {
    let one = "AWS4-HMAC-SHA256 Credential=AKID/20221027/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0";
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    let field = format!("Authorization: {one}");
    assert_eq!(
        raw::invoke(&lambda, "function-name", &[&field], "{}").status(),
        200
    );
    let joined = format!("{field},{one}");
    for fields in [&[&*field, &*field][..], &[&*joined]] {
        let reply = raw::invoke(&lambda, "function-name", fields, "{}");
        case.assert_head(&reply);
        assert!(
            reply.text().starts_with(case.text("observed.body_start")),
            "{reply}"
        );
    }
}

fn requires_a_tenant(case: &Case) {
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    lambda.require_tenant_id("function-name");
    for fields in [
        &[][..],
        &["X-Amz-Tenant-Id: "],
        &["X-Amz-Invocation-Type: Event"],
    ] {
        case.assert_answer(&raw::invoke(&lambda, "function-name", fields, "{}"));
    }
    let reply = raw::invoke(&lambda, "function-name", &["X-Amz-Tenant-Id: blue"], "{}");
    assert_eq!(reply.status(), 200);
}

fn requires_a_qualifier(case: &Case) {
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    lambda.durable("function-name");
    case.assert_answer(&case.invoke(&lambda, "{}"));
    let arn = "arn:aws:lambda:us-east-1:111111111111:function:function-name";
    case.assert_answer(&raw::invoke(&lambda, arn, &[], "{}"));
    let reply = raw::invoke(&lambda, "function-name:$LATEST", &[], "{}");
    assert_eq!(reply.status(), 200);
}

/// The header is there with a stored reply and with a handler's, also for the caller of an Event,
/// who does not wait for the function.
fn names_the_execution(case: &Case) {
    let lambda = start();
    lambda.durable("function-name");
    let arn = "arn:aws:lambda:us-east-1:111111111111:function:function-name:7/durable-execution/";
    for is_computed in [false, true] {
        match is_computed {
            false => lambda.on("function-name").reply(json!(1)),
            true => lambda
                .on("function-name")
                .handle(async |_: Invocation| json!(1)),
        };
        for fields in [&["X-Amz-Invocation-Type: Event"][..], &[]] {
            let reply = raw::invoke(&lambda, "function-name:7", fields, "{}");
            let own = reply.field(case.text("observed.header")).unwrap();
            let (name, id) = own.strip_prefix(arn).unwrap().split_once('/').unwrap();
            assert_ne!(name, id);
            assert_eq!((name.len(), id.len()), (36, 36), "{own}");
            if !fields.is_empty() {
                case.assert_head(&reply);
            }
        }
        let named = ["X-Amz-Durable-Execution-Name: order-42"];
        let reply = raw::invoke(&lambda, "function-name:7", &named, "{}");
        let own = reply.field(case.text("observed.header")).unwrap();
        assert!(own.starts_with(&format!("{arn}order-42/")), "{own}");
    }
    lambda.on("other").reply(json!(1));
    let reply = raw::invoke(&lambda, "other:7", &[], "{}");
    assert_eq!(reply.field(case.text("observed.header")), None);
}

fn is_not_queued(case: &Case) {
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    lambda.pending("function-name", 1);
    case.assert_answer(&case.invoke(&lambda, "{}"));
    assert!(lambda.deliveries().is_empty());
}

fn is_not_json(case: &Case) {
    let hex = case.text("request.Payload_hex");
    let digits = hex.as_bytes().chunks(2);
    let payload: Vec<u8> = digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    case.assert_answer(&case.invoke(&lambda, payload));
}
