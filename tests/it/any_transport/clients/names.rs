//! The forms in which the SDK can name a function.

use aws_sdk_lambda::error::ProvideErrorMetadata;
use fake_lambda::{Invocation, sdk_client};
use rstest::rstest;
use serde_json::json;

use super::payload_of;
use crate::transport::FakeLambda;
use crate::waits::SendInTime as _;

#[rstest]
#[case::name("f", None, "latest")]
#[case::latest_in_the_name("f:$LATEST", None, "latest")]
#[case::latest_as_qualifier("f", Some("$LATEST"), "latest")]
#[case::alias_in_the_name("f:live", None, "live")]
#[case::alias_as_qualifier("f", Some("live"), "live")]
#[case::alias_in_both("f:live", Some("live"), "live")]
#[case::version_in_the_name("f:7", None, "7")]
#[case::version_as_qualifier("f", Some("7"), "7")]
#[case::alias_without_a_rule("f:beta", None, "any")]
#[case::version_without_a_rule("f", Some("8"), "any")]
#[case::lower_case_latest_is_another_qualifier("f", Some("$latest"), "any")]
#[case::function_prefix("function:f:live", None, "live")]
#[case::partial_arn("123456789012:function:f", None, "latest")]
#[case::partial_arn_with_alias("123456789012:function:f:live", None, "live")]
#[case::partial_arn_and_qualifier("123456789012:function:f", Some("7"), "7")]
#[case::partial_arn_with_region("us-east-1:123456789012:function:f:beta", None, "any")]
#[case::full_arn("arn:aws:lambda:us-east-1:123456789012:function:f", None, "latest")]
#[case::full_arn_with_alias("arn:aws:lambda:us-east-1:123456789012:function:f:live", None, "live")]
#[case::full_arn_with_version("arn:aws:lambda:us-east-1:123456789012:function:f:7", None, "7")]
#[case::full_arn_with_latest(
    "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
    None,
    "latest"
)]
#[case::full_arn_and_qualifier(
    "arn:aws:lambda:us-east-1:123456789012:function:f",
    Some("live"),
    "live"
)]
#[case::elsewhere(
    "arn:aws:lambda:us-east-1:210987654321:function:f:beta",
    None,
    "elsewhere"
)]
#[case::a_qualifier_comes_first_in_another_account(
    "arn:aws:lambda:us-east-1:210987654321:function:f:live",
    None,
    "live"
)]
#[case::another_function("g", None, "other")]
#[case::name_with_the_same_beginning("f-2", None, "other")]
#[tokio::test]
async fn every_form_of_a_function_name_finds_its_rule(
    #[case] name: &str,
    #[case] qualifier: Option<&str>,
    #[case] rule: &str,
) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!("any"));
    lambda.on("f:live").reply(json!("live"));
    lambda.on("f:7").reply(json!("7"));
    lambda.on("f:$LATEST").reply(json!("latest"));
    lambda
        .on("arn:aws:lambda:us-east-1:210987654321:function:f")
        .reply(json!("elsewhere"));
    lambda.on_any().reply(json!("other"));
    let client = sdk_client!(aws_sdk_lambda, lambda);

    let output = client
        .invoke()
        .function_name(name)
        .set_qualifier(qualifier.map(str::to_owned))
        .send_in_time()
        .await
        .unwrap();

    assert_eq!(payload_of(&output), json!(rule));
    let version = if rule == "7" || qualifier == Some("8") {
        qualifier.unwrap_or("7")
    } else {
        "$LATEST"
    };
    assert_eq!(output.executed_version(), Some(version));
}

#[tokio::test]
async fn an_arn_of_another_region_is_reachable_only_from_there() {
    let lambda = FakeLambda::start();
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:f";
    lambda.on("f").reply(json!("any"));
    lambda.on(arn).reply(json!("ireland"));

    let here = sdk_client!(aws_sdk_lambda, lambda);
    let error = here
        .invoke()
        .function_name(arn)
        .send_in_time()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
    let text = "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')";
    assert_eq!(error.message(), Some(text));

    let there = sdk_client!(aws_sdk_lambda, lambda, |config| {
        config.region(aws_sdk_lambda::config::Region::new("eu-west-1"))
    });
    let output = there
        .invoke()
        .function_name(arn)
        .send_in_time()
        .await
        .unwrap();
    assert_eq!(payload_of(&output), json!("ireland"));
    let output = there
        .invoke()
        .function_name("f")
        .send_in_time()
        .await
        .unwrap();
    assert_eq!(
        payload_of(&output),
        json!("ireland"),
        "the signature gives the region if the name does not"
    );
}

#[rstest]
#[case::name(
    "f",
    None,
    "f",
    None,
    "arn:aws:lambda:us-east-1:123456789012:function:f"
)]
#[case::qualifier(
    "f",
    Some("live"),
    "f",
    Some("live"),
    "arn:aws:lambda:us-east-1:123456789012:function:f:live"
)]
#[case::latest(
    "f:$LATEST",
    None,
    "f",
    Some("$LATEST"),
    "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST"
)]
#[case::partial_arn(
    "210987654321:function:f:7",
    None,
    "f",
    Some("7"),
    "arn:aws:lambda:us-east-1:210987654321:function:f:7"
)]
#[case::full_arn(
    "arn:aws:lambda:us-east-1:210987654321:function:f",
    Some("7"),
    "f",
    Some("7"),
    "arn:aws:lambda:us-east-1:210987654321:function:f:7"
)]
#[tokio::test]
async fn a_handler_sees_one_form_of_every_name(
    #[case] name: &str,
    #[case] asked: Option<&str>,
    #[case] function: &str,
    #[case] qualifier: Option<&str>,
    #[case] arn: &str,
) {
    let lambda = FakeLambda::start();
    lambda.on_any().handle(async |invocation: Invocation| {
        json!([
            invocation.function_name(),
            invocation.qualifier(),
            invocation.function_arn(),
            invocation.request_id()
        ])
    });
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = client
        .invoke()
        .function_name(name)
        .set_qualifier(asked.map(str::to_owned));
    let output = call.send_in_time().await.unwrap();
    let request_id = aws_sdk_lambda::operation::RequestId::request_id(&output);
    assert_eq!(
        payload_of(&output),
        json!([function, qualifier, arn, request_id])
    );
}
