//! Service errors: how each SDK handles one, and how often it retries.

use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::Duration;

use fake_lambda::matchers::payload_is;
use fake_lambda::{FakeLambda, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::{Value, json};

use crate::sdk::Sdk;

/// The function in the default texts, so that the text in the fixture is the text on the wire.
const FUNCTION: &str = "my-function";

static ERRORS: LazyLock<Value> =
    LazyLock::new(|| fixture(include_str!("../../fixtures/aws/service_errors.json")));
static RETRIES: LazyLock<Value> =
    LazyLock::new(|| fixture(include_str!("../../fixtures/aws/sdk_retries.json")));

/// Also runs without the SDKs, on the fixtures only.
#[test]
fn the_fixtures_agree_on_what_the_sdk_for_rust_retries() {
    let errors = errors().map(|error| (&error["name"], &error["rust_retries"]));
    let retries = facts(&RETRIES).map(|fact| (&fact["name"], &fact["rust"]));
    assert_eq!(retries.collect::<Vec<_>>(), errors.collect::<Vec<_>>());
    let of_the_model = facts(&RETRIES).filter(|fact| fact["in_botocore"] == true);
    assert_eq!(of_the_model.count(), 45);
}

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn every_error_has_its_code_status_text_class_members_and_attempts(#[case] sdk: Sdk) {
    let lambda = FakeLambda::start();
    let mut calls = Vec::new();
    for error in errors() {
        let name = text(error, "name");
        let reply: ServiceError = name.parse().expect("the fact has its row");
        lambda
            .on(FUNCTION)
            .when(payload_is(json!(name)))
            .reply(reply);
        calls.push(json!({"FunctionName": FUNCTION, "Payload": json!(name).to_string()}));
    }
    let answers = sdk.answers(&lambda, &calls);
    let mut report = String::new();
    for ((error, retries), answer) in errors().zip(facts(&RETRIES)).zip(answers) {
        let expected = expected(sdk, error, retries);
        if answer != expected {
            writeln!(
                report,
                "{}:\n    got      {answer}\n    expected {expected}\n",
                text(error, "name")
            )
            .unwrap();
        }
    }
    assert!(report.is_empty(), "\n\n{report}");
}

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn a_panic_of_a_handler_is_not_retried(#[case] sdk: Sdk) {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    lambda
        .on(FUNCTION)
        .handle(async |_: Invocation| -> Value { panic!("no order") });
    sdk.answers(&lambda, &[json!({"FunctionName": FUNCTION})]);
    lambda.assert_attempts(1);
}

/// The result at a client for an error that every attempt gets.
fn expected(sdk: Sdk, error: &Value, retries: &Value) -> Value {
    let (name, message) = (text(error, "name"), text(error, "message"));
    // boto3 leaves out a `null`, and JavaScript shows it.
    let kind = Some(&error["type_value"])
        .filter(|kind| **kind != json!("absent") && !(kind.is_null() && sdk == Sdk::Boto3));
    let (in_sdk, retried, untyped) = match sdk {
        Sdk::Boto3 => ("in_botocore", "botocore_standard", "ClientError"),
        Sdk::JavaScript => ("in_js", "js", "LambdaServiceException"),
    };
    let is_typed = retries[in_sdk] == true;
    let mut members = json!({});
    // boto3 reads the members of errors that it has a class for, and the text under its name on the
    // wire. JavaScript reads all members, and the text is the error's own `message`.
    if let Some(kind) = kind.filter(|_| is_typed || sdk == Sdk::JavaScript) {
        members["Type"] = json!(kind);
    }
    if is_typed && sdk == Sdk::Boto3 {
        members[text(error, "message_member")] = json!(message);
    }
    json!({
        "status": error["status"],
        "attempts": if retries[retried] == true { 3 } else { 1 },
        "code": name,
        "message": message,
        "class": if is_typed { name } else { untyped },
        "is_typed": is_typed,
        "members": members,
    })
}

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn reason_retry_after_and_ec2_error_code_reach_the_caller(#[case] sdk: Sdk) {
    let lambda = FakeLambda::start();
    let throttle =
        || Reply::error(ServiceError::TooManyRequestsException).reason("CallerRateLimitExceeded");
    // Only the last one has a `Retry-After`, because the JavaScript SDK would wait.
    lambda
        .on("throttled")
        .reply(throttle())
        .times(2)
        .then(throttle().retry_after(Duration::from_secs(7)));
    let refused = Reply::error(ServiceError::Ec2UnexpectedException)
        .message("no")
        .ec2_error_code("InsufficientCapacity");
    lambda.on("vpc").reply(refused);

    let answers = sdk.answers(
        &lambda,
        &[
            json!({"FunctionName": "throttled"}),
            json!({"FunctionName": "vpc"}),
        ],
    );

    let mut throttled =
        json!({"Reason": "CallerRateLimitExceeded", "Type": "User", "retryAfterSeconds": "7"});
    let mut vpc = json!({"EC2ErrorCode": "InsufficientCapacity", "Type": "User"});
    if sdk == Sdk::Boto3 {
        throttled["message"] = json!("Rate exceeded");
        vpc["Message"] = json!("no");
    }
    assert_eq!(
        answers,
        [
            json!({
                "status": 429, "attempts": 3,
                "code": "TooManyRequestsException", "message": "Rate exceeded",
                "class": "TooManyRequestsException", "is_typed": true, "members": throttled,
            }),
            json!({
                "status": 502, "attempts": 3, "code": "EC2UnexpectedException", "message": "no",
                "class": "EC2UnexpectedException", "is_typed": true, "members": vpc,
            }),
        ]
    );
}

#[rstest]
#[case::boto3(Sdk::Boto3, "ClientError")]
#[case::java_script(Sdk::JavaScript, "LambdaServiceException")]
#[ignore = "needs the SDKs: tests/interop/run"]
fn the_status_decides_whether_an_unknown_error_is_retried(#[case] sdk: Sdk, #[case] class: &str) {
    let lambda = FakeLambda::start();
    // The AWS SDK for Rust does not retry a 429 with an unknown code; these two do.
    let statuses = [(418, 1), (429, 3), (500, 3), (503, 3), (509, 1)];
    let calls = statuses.map(|(status, _)| {
        let error = Reply::unmodeled_error("BrandNewException", status).message("not yet");
        lambda.on(format!("f{status}")).reply(error);
        json!({"FunctionName": format!("f{status}")})
    });
    let expected = statuses.map(|(status, attempts)| {
        json!({
            "status": status, "attempts": attempts,
            "code": "BrandNewException", "message": "not yet",
            "class": class, "is_typed": false, "members": {},
        })
    });
    assert_eq!(sdk.answers(&lambda, &calls), expected);
}

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn a_retry_gets_the_next_step_of_the_script(#[case] sdk: Sdk) {
    let lambda = FakeLambda::start();
    let once = |error: ServiceError| {
        lambda
            .on(error.code())
            .reply(error)
            .then(json!({"ok": true}))
    };
    let twice = |error: ServiceError| {
        lambda
            .on(error.code())
            .reply(error)
            .times(2)
            .then(json!({"ok": true}))
    };
    let scripts = [
        (once(ServiceError::EniNotReadyException), 2),
        (twice(ServiceError::EniLimitReachedException), 3),
        (once(ServiceError::KmsAccessDeniedException), 2),
        (twice(ServiceError::KmsNotFoundException), 3),
        (once(ServiceError::TooManyRequestsException), 2),
        (twice(ServiceError::Ec2ThrottledException), 3),
    ];
    let names = [
        "ENINotReadyException",
        "ENILimitReachedException",
        "KMSAccessDeniedException",
        "KMSNotFoundException",
        "TooManyRequestsException",
        "EC2ThrottledException",
    ];
    let calls = names.map(|name| json!({"FunctionName": name}));
    for (answer, (script, attempts)) in sdk.answers(&lambda, &calls).iter().zip(&scripts) {
        assert_eq!(
            (&answer["status"], &answer["payload"]),
            (&json!(200), &json!(r#"{"ok":true}"#))
        );
        assert_eq!(answer["attempts"], *attempts);
        script.assert_calls(1);
        script.assert_attempts(*attempts);
    }
}

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).expect("the fixture is JSON")
}

fn errors() -> impl Iterator<Item = &'static Value> {
    facts(&ERRORS)
}

fn facts(fixture: &'static Value) -> impl Iterator<Item = &'static Value> {
    fixture["errors"]
        .as_array()
        .expect("a list of errors")
        .iter()
}

fn text<'a>(fact: &'a Value, field: &str) -> &'a str {
    fact[field].as_str().expect("the field is text")
}
