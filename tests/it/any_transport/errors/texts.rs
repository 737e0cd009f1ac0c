//! The default texts, and the reasons of a throttle.

use std::time::Duration;

use aws_sdk_lambda::operation::invoke::InvokeError;
use fake_lambda::{Reply, ServiceError, ThrottleReason, sdk_client};
use rstest::rstest;
use serde_json::Value;

use super::{FUNCTION, call, facts, text};
use crate::raw::{Client, Reply as RawReply};
use crate::transport::FakeLambda;
use crate::waits::SendInTime as _;

#[rstest]
#[case::not_found(
    ServiceError::ResourceNotFoundException,
    "pay",
    "Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST"
)]
#[case::alias_not_found(
    ServiceError::ResourceNotFoundException,
    "pay:live",
    "Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:live"
)]
#[case::version_not_found(
    ServiceError::ResourceNotFoundException,
    "pay:7",
    "Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:7"
)]
#[case::latest_not_found(
    ServiceError::ResourceNotFoundException,
    "pay:$LATEST",
    "Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST"
)]
#[case::not_found_in_another_account(
    ServiceError::ResourceNotFoundException,
    "210987654321:function:pay",
    "Function not found: arn:aws:lambda:us-east-1:210987654321:function:pay:$LATEST"
)]
#[case::denied(
    ServiceError::AccessDeniedException,
    "pay",
    "User: arn:aws:sts::123456789012:assumed-role/role/session is not authorized to perform: lambda:InvokeFunction on \
     resource: arn:aws:lambda:us-east-1:123456789012:function:pay because no identity-based policy allows the \
     lambda:InvokeFunction action"
)]
#[case::alias_denied(
    ServiceError::AccessDeniedException,
    "pay:live",
    "User: arn:aws:sts::123456789012:assumed-role/role/session is not authorized to perform: lambda:InvokeFunction on \
     resource: arn:aws:lambda:us-east-1:123456789012:function:pay:live because no identity-based policy allows the \
     lambda:InvokeFunction action"
)]
fn a_default_text_names_the_requested_function(
    #[case] error: ServiceError,
    #[case] function: &str,
    #[case] message: &str,
) {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(error);
    let reply = Client::connect(&lambda).invoke(function, "", b"{}");
    assert_eq!(json_of(&reply)["Message"], message);
    let call = lambda.only_call();
    assert_eq!(call.attempts()[0].error_message(), Some(message));
}

#[rstest]
#[case::caller_rate("CallerRateLimitExceeded", "Rate exceeded")]
#[case::concurrency("ConcurrentInvocationLimitExceeded", "Rate Exceeded.")]
#[case::snapshots(
    "ConcurrentSnapshotCreateLimitExceeded",
    "Lambda was unable to create new snapshot because you have reached your concurrent snapshot create limit"
)]
#[case::function_rate("FunctionInvocationRateLimitExceeded", "Rate Exceeded.")]
#[case::reserved_concurrency("ReservedFunctionConcurrentInvocationLimitExceeded", "Rate Exceeded.")]
#[case::reserved_rate("ReservedFunctionInvocationRateLimitExceeded", "Rate Exceeded.")]
fn a_throttle_has_its_reason_and_the_text_of_that_reason(
    #[case] reason: &str,
    #[case] message: &str,
) {
    let lambda = FakeLambda::start();
    let throttle = || Reply::error(ServiceError::TooManyRequestsException);
    lambda.on(FUNCTION).reply(throttle().reason(reason));
    let body = format!(r#"{{"Reason":"{reason}","Type":"User","message":"{message}"}}"#);
    assert_eq!(call(&lambda).text(), body);
    let seen = lambda.only_call();
    assert_eq!(seen.attempts()[0].error_message(), Some(message));
}

#[test]
fn the_throttle_reasons_are_those_of_the_facts() {
    let facts: Vec<&str> = facts("throttle_reasons")
        .map(|fact| text(fact, "reason"))
        .collect();
    let words: Vec<&str> = ThrottleReason::ALL
        .iter()
        .map(|reason| reason.as_str())
        .collect();
    assert_eq!(words, facts);
}

#[tokio::test]
async fn the_sdk_reads_reason_and_retry_after_of_a_throttle() {
    use aws_sdk_lambda::types::ThrottleReason as SdkReason;

    let lambda = FakeLambda::start();
    lambda.on("pay").reply(
        Reply::error(ServiceError::TooManyRequestsException)
            .reason(SdkReason::CallerRateLimitExceeded)
            .retry_after(Duration::from_secs(7)),
    );
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let failure = client
        .invoke()
        .function_name("pay")
        .send_in_time()
        .await
        .unwrap_err();
    let InvokeError::TooManyRequestsException(throttle) = failure.into_service_error() else {
        panic!("not the throttle's variant")
    };
    assert_eq!(throttle.reason(), Some(&SdkReason::CallerRateLimitExceeded));
    assert_eq!(throttle.retry_after_seconds(), Some("7"));
    lambda.assert_attempts(3);
}

fn json_of(reply: &RawReply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}
