//! Requests that the service accepts or refuses, whatever the script says: lengths, bodies, client
//! contexts, names.

use fake_lambda::{FakeLambda, Invocation};
use rstest::rstest;
use serde_json::json;

use crate::answers::{empty, ran, refused};
use crate::sdk::Sdk;

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn a_request_over_the_limit_is_refused(#[case] sdk: Sdk) {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle(async |invocation: Invocation| json!(invocation.payload_len()));
    let answers = sdk.answers(
        &lambda,
        &[
            json!({"FunctionName": "f", "PayloadBytes": 6_291_456}),
            json!({"FunctionName": "f", "PayloadBytes": 6_291_457}),
            json!({"FunctionName": "f", "InvocationType": "Event", "PayloadBytes": 1_048_576}),
            json!({"FunctionName": "f", "InvocationType": "Event", "PayloadBytes": 1_048_577}),
        ],
    );
    let too_large = |text| refused(sdk, 413, "RequestEntityTooLargeException", text);
    assert_eq!(
        answers,
        [
            ran("6291456", "$LATEST"),
            too_large(
                "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
            ),
            empty(202),
            too_large(
                "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"
            ),
        ]
    );
}

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn every_json_value_is_a_payload_and_nothing_else_is(#[case] sdk: Sdk) {
    let lambda = FakeLambda::start();
    lambda
        .on("echo")
        .handle(async |invocation: Invocation| invocation.payload_json());
    let echoed = ["{\"ü\":[1.0,null]}", "\"text\"", "true", "null", "-1e3"];
    let mut calls = echoed
        .map(|payload| json!({"FunctionName": "echo", "Payload": payload}))
        .to_vec();
    calls.push(json!({"FunctionName": "echo"}));
    calls.push(json!({"FunctionName": "echo", "Payload": "'text'"}));
    calls.push(json!({"FunctionName": "echo", "Payload": "{\"a\":\n value}"}));
    let at = |line: u32, column: u32| {
        format!(
            "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
        )
    };
    let no_json = |error: String| {
        let message = format!(
            "Could not parse request body into json: Could not parse payload into json: {error}"
        );
        refused(sdk, 400, "InvalidRequestContentException", &message)
    };
    let quote = "Unexpected character (''' (code 39)): expected a valid value \
                 (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    let token = "Unrecognized token 'value': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    let mut expected = ["{\"ü\":[1.0,null]}", "\"text\"", "true", "null", "-1000.0"]
        .map(|payload| ran(payload, "$LATEST"))
        .to_vec();
    expected.push(ran("{}", "$LATEST"));
    expected.push(no_json(format!("{quote}{}", at(1, 1))));
    expected.push(no_json(format!("{token}{}", at(2, 8))));
    assert_eq!(sdk.answers(&lambda, &calls), expected);
}

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn a_client_context_arrives_and_an_invalid_one_is_refused(#[case] sdk: Sdk) {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle(async |invocation: Invocation| json!(invocation.client_context()));
    let answers = sdk.answers(
        &lambda,
        &[
            json!({"FunctionName": "f", "ClientContext": "eyJjdXN0b20iOnsiYSI6MX19"}),
            json!({"FunctionName": "f", "ClientContext": "{\"custom\":{\"a\":1}}"}),
            json!({"FunctionName": "f", "ClientContext": "bm90IEpTT04="}),
        ],
    );
    let bad = refused(
        sdk,
        400,
        "InvalidRequestContentException",
        "Client context must be a valid Base64-encoded JSON object.",
    );
    assert_eq!(
        answers,
        [ran(r#"{"custom":{"a":1}}"#, "$LATEST"), bad.clone(), bad]
    );
}

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn a_missing_function_and_invalid_names_are_refused(#[case] sdk: Sdk) {
    let lambda = FakeLambda::builder().allow_unscripted().start();
    let answers = sdk.answers(
        &lambda,
        &[
            json!({"FunctionName": "missing"}),
            json!({"FunctionName": "f:$LATEST", "Qualifier": "1"}),
            json!({"FunctionName": "arn:aws:lambda:us-west-2:123456789012:function:f"}),
        ],
    );
    let missing =
        "Function not found: arn:aws:lambda:us-east-1:123456789012:function:missing:$LATEST";
    let conflict =
        "The derived qualifier from the function name does not match the specified qualifier.";
    let elsewhere = "Functions from 'us-west-2' are not reachable in this region ('us-east-1')";
    assert_eq!(
        answers,
        [
            refused(sdk, 404, "ResourceNotFoundException", missing),
            refused(sdk, 400, "InvalidParameterValueException", conflict),
            refused(sdk, 404, "ResourceNotFoundException", elsewhere),
        ]
    );
    let too_long = "q".repeat(129);
    let message = format!(
        "1 validation error detected: Value '{too_long}' at 'qualifier' failed to satisfy constraint: \
         Member must have length less than or equal to 128"
    );
    let lambda = FakeLambda::builder().allow_unscripted().start();
    assert_eq!(
        sdk.answers(
            &lambda,
            &[json!({"FunctionName": "f", "Qualifier": too_long})]
        ),
        [refused(sdk, 400, "ValidationException", &message)]
    );
}
