//! The answers of a script except service errors: values, function errors, invocation types, names,
//! versions.

use std::time::Duration;

use fake_lambda::{FakeLambda, FunctionError, Invocation};
use rstest::rstest;
use serde_json::{Value, json};

use crate::sdk::Sdk;

/// The result at a client for a function that ran.
pub(crate) fn ran(payload: &str, version: &str) -> Value {
    json!({
        "status": 200, "attempts": 1, "function_error": null, "log_result": null,
        "executed_version": version, "payload": payload,
    })
}

/// The result at a client for an accepted event or a dry run.
pub(crate) fn empty(status: u16) -> Value {
    json!({
        "status": status, "attempts": 1, "function_error": null, "log_result": null,
        "executed_version": null, "payload": "",
    })
}

/// The result at a client for a request that the service itself refuses.
pub(crate) fn refused(sdk: Sdk, status: u16, code: &str, message: &str) -> Value {
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
            json!({
                "FunctionName": "fine", "InvocationType": "Event",
                "LogType": "Tail", "Payload": "{}",
            }),
            json!({"FunctionName": "fails", "InvocationType": "Event", "Payload": "{}"}),
            json!({"FunctionName": "fine", "InvocationType": "DryRun"}),
            json!({
                "FunctionName": "fine", "InvocationType": "RequestResponse",
                "LogType": "None", "Payload": "{}",
            }),
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
fn every_form_of_a_function_name_finds_its_rule(#[case] sdk: Sdk) {
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
        // AWS requires that each colon and each dollar sign of the label is encoded.
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
    for version in ["resize:1", "resize:7", "resize:8"] {
        lambda.publish_version(version);
    }
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
