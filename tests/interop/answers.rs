//! Everything but errors of a script: values, function errors, invocation types, names, versions, limits, the service's refusals.

use std::time::Duration;

use fake_lambda::{FakeLambda, FunctionError, Invocation};
use rstest::rstest;
use serde_json::{Value, json};

use crate::sdk::Sdk;

/// What a client gets of a function that ran.
fn ran(payload: &str, version: &str) -> Value {
    json!({
        "status": 200, "attempts": 1, "function_error": null, "log_result": null,
        "executed_version": version, "payload": payload,
    })
}

/// What a client gets of an accepted event or a dry run.
fn empty(status: u16) -> Value {
    json!({
        "status": status, "attempts": 1, "function_error": null, "log_result": null,
        "executed_version": null, "payload": "",
    })
}

/// What a client gets of a request that the service itself refuses.
fn refused(sdk: Sdk, status: u16, code: &str, message: &str) -> Value {
    let typed = !["RequestEntityTooLargeException", "ValidationException"].contains(&code);
    let class = match (typed, sdk) {
        (true, _) => code,
        (false, Sdk::Boto3) => "ClientError",
        (false, Sdk::JavaScript) => "LambdaServiceException",
    };
    let mut members = if typed {
        json!({"Type": "User"})
    } else {
        json!({})
    };
    if typed && sdk == Sdk::Boto3 {
        let member = if code == "ResourceNotFoundException" {
            "Message"
        } else {
            "message"
        };
        members[member] = json!(message);
    }
    json!({
        "status": status, "attempts": 1, "code": code, "message": message,
        "class": class, "is_typed": typed, "members": members,
    })
}

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn a_function_error_is_a_success_with_its_payload(#[case] sdk: Sdk) {
    let errors = [
        (
            FunctionError::new("ValueError", "no such order")
                .runtime("python")
                .stack(["  File \"/var/task/app.py\", line 3\n"]),
            r#"{"errorMessage": "no such order", "errorType": "ValueError", "requestId": "<request-id>", "stackTrace": ["  File \"/var/task/app.py\", line 3\n"]}"#,
        ),
        (
            FunctionError::timed_out(Duration::from_secs(3)),
            r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: <request-id> Error: Task timed out after 3.00 seconds"}"#,
        ),
        (
            FunctionError::out_of_memory(),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: <request-id> Error: Runtime exited with error: signal: killed"}"#,
        ),
        (FunctionError::payload(json!(["ü", 1])), r#"["ü",1]"#),
    ];
    let lambda = FakeLambda::start();
    let (mut calls, mut expected) = (Vec::new(), Vec::new());
    for (number, (error, payload)) in errors.into_iter().enumerate() {
        let name = format!("f{number}");
        lambda.on(&name).reply(error);
        calls.push(json!({"FunctionName": name, "Payload": "{}"}));
        let mut answer = ran(payload, "$LATEST");
        answer["function_error"] = json!("Unhandled");
        expected.push(answer);
    }
    assert_eq!(sdk.answers(&lambda, &calls), expected);
}

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn an_event_is_accepted_and_a_dry_run_is_empty(#[case] sdk: Sdk) {
    let lambda = FakeLambda::start();
    lambda.on("fine").reply(json!({"ok": true}));
    lambda
        .on("fails")
        .reply(FunctionError::new("ValueError", "no"));
    let answers = sdk.answers(
        &lambda,
        &[
            json!({"FunctionName": "fine", "InvocationType": "Event", "LogType": "Tail", "Payload": "{}"}),
            json!({"FunctionName": "fails", "InvocationType": "Event", "Payload": "{}"}),
            json!({"FunctionName": "fine", "InvocationType": "DryRun"}),
            json!({"FunctionName": "fine", "InvocationType": "RequestResponse", "LogType": "None", "Payload": "{}"}),
        ],
    );
    assert_eq!(
        answers,
        [
            empty(202),
            empty(202),
            empty(204),
            ran(r#"{"ok":true}"#, "$LATEST")
        ]
    );
}

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn every_way_to_name_a_function_finds_its_rule(#[case] sdk: Sdk) {
    let lambda = FakeLambda::start();
    lambda.on("f:live").reply(json!("live"));
    lambda.on("f:7").reply(json!("7"));
    lambda.on("f:$LATEST").reply(json!("latest"));
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:f";
    let encoded = "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af";
    let cases = [
        ("f", None, "f", "latest", "$LATEST"),
        ("f:$LATEST", None, "f%3A%24LATEST", "latest", "$LATEST"),
        ("f", Some("$LATEST"), "f/?%24LATEST", "latest", "$LATEST"),
        ("f:live", None, "f%3Alive", "live", "$LATEST"),
        ("f", Some("live"), "f/?live", "live", "$LATEST"),
        ("f:7", Some("7"), "f%3A7/?7", "7", "7"),
        (
            "123456789012:function:f:live",
            None,
            "123456789012%3Afunction%3Af%3Alive",
            "live",
            "$LATEST",
        ),
        (arn, None, encoded, "latest", "$LATEST"),
        (
            &format!("{arn}:7"),
            None,
            &format!("{encoded}%3A7"),
            "7",
            "7",
        ),
        (
            arn,
            Some("live"),
            &format!("{encoded}/?live"),
            "live",
            "$LATEST",
        ),
    ];
    let calls = cases.map(|(name, qualifier, ..)| match qualifier {
        Some(qualifier) => json!({"FunctionName": name, "Qualifier": qualifier}),
        None => json!({"FunctionName": name}),
    });
    let answers = sdk.answers(&lambda, &calls);
    for ((case, answer), call) in cases.iter().zip(answers).zip(lambda.calls()) {
        let (name, qualifier, sent, rule, version) = case;
        assert_eq!(
            answer,
            ran(&json!(rule).to_string(), version),
            "{name} {qualifier:?}"
        );
        // As AWS wants it: each colon and dollar of the label encoded.
        let (label, query) = match sent.split_once("/?") {
            Some((label, qualifier)) => (label, format!("?Qualifier={qualifier}")),
            None => (*sent, String::new()),
        };
        assert_eq!(
            call.first().path_and_query(),
            format!("/2015-03-31/functions/{label}/invocations{query}"),
            "{name} {qualifier:?}"
        );
    }
}

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn the_executed_version_follows_the_alias(#[case] sdk: Sdk) {
    let lambda = FakeLambda::start();
    lambda.alias("resize:live", "7");
    lambda
        .alias("resize:all-new", "7")
        .additional_version("8", 1.0);
    lambda.publish_version("resize:1");
    lambda
        .on("resize")
        .handle(async |invocation: Invocation| json!(invocation.function_arn()));
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:resize";
    let answers = sdk.answers(
        &lambda,
        &[
            json!({"FunctionName": "resize"}),
            json!({"FunctionName": "resize:live"}),
            json!({"FunctionName": "resize", "Qualifier": "live"}),
            json!({"FunctionName": "resize", "Qualifier": "all-new"}),
            json!({"FunctionName": "resize", "Qualifier": "1"}),
            json!({"FunctionName": "resize:beta"}),
        ],
    );
    let missing = format!("Function not found: {arn}:beta");
    assert_eq!(
        answers,
        [
            ran(&format!("\"{arn}\""), "$LATEST"),
            ran(&format!("\"{arn}:live\""), "7"),
            ran(&format!("\"{arn}:live\""), "7"),
            ran(&format!("\"{arn}:all-new\""), "8"),
            ran(&format!("\"{arn}:1\""), "1"),
            refused(sdk, 404, "ResourceNotFoundException", &missing),
        ]
    );
}

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
fn any_json_value_is_an_event_and_nothing_else_is(#[case] sdk: Sdk) {
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
fn a_client_context_arrives_and_a_bad_one_is_refused(#[case] sdk: Sdk) {
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
fn the_service_refuses_names_before_it_looks_them_up(#[case] sdk: Sdk) {
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

#[rstest]
#[case::boto3(Sdk::Boto3, "Boto3/1.")]
#[case::java_script(Sdk::JavaScript, "aws-sdk-js/3.")]
#[ignore = "needs the SDKs: tests/interop/run"]
fn region_and_credentials_come_from_the_environment(#[case] sdk: Sdk, #[case] agent: &str) {
    let lambda = FakeLambda::builder().region("eu-west-1").start();
    lambda.on("f").reply(json!(1));
    sdk.answers(&lambda, &[json!({"FunctionName": "f", "Payload": "{}"})]);
    let call = lambda.only_call();
    let sent = call.first();
    assert_eq!(
        (sent.region(), sent.signing_region()),
        ("eu-west-1", Some("eu-west-1"))
    );
    assert_eq!(sent.access_key_id(), Some("AKIAFAKELAMBDA000000"));
    assert_eq!(sent.header("x-amz-security-token"), None);
    let sent_agent = sent.header("User-Agent").expect("an SDK names itself");
    assert!(sent_agent.starts_with(agent), "{sent_agent}");
}
