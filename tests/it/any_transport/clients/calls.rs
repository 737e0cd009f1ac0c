//! The parts of a call that the SDK sends, and how it handles the reply.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types;
use fake_lambda::{FunctionError, InvocationType, LogType, sdk_client};
use serde_json::json;

use super::payload_of;
use crate::transport::FakeLambda;
use crate::waits::SendInTime as _;

#[tokio::test]
async fn an_event_gets_an_empty_202() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(FunctionError::new(
        "ValueError",
        "the caller does not get it",
    ));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = client
        .invoke()
        .function_name("f")
        .invocation_type(types::InvocationType::Event);
    let output = call
        .payload(Blob::new(r#"{"id":7}"#))
        .send_in_time()
        .await
        .unwrap();
    assert_eq!(output.status_code(), 202);
    assert_eq!(output.payload(), None);
    assert_eq!(output.function_error(), None);
    assert_eq!(output.executed_version(), None);
    let call = lambda.only_call();
    assert_eq!(call.first().invocation_type(), InvocationType::Event);
    assert_eq!(call.first().payload_json(), json!({"id": 7}));
}

#[tokio::test]
async fn a_dry_run_is_permitted_and_consumes_no_step() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(json!(1)).times(1);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = client.invoke().function_name("f");
    let dry = call
        .clone()
        .invocation_type(types::InvocationType::DryRun)
        .send_in_time()
        .await
        .unwrap();
    assert_eq!(
        (dry.status_code(), dry.payload(), dry.executed_version()),
        (204, None, None)
    );
    assert_eq!(
        lambda.only_call().first().invocation_type(),
        InvocationType::DryRun
    );
    assert_eq!(payload_of(&call.send_in_time().await.unwrap()), json!(1));
    script.assert_calls(1);
    lambda.assert_calls(2);
}

#[tokio::test]
async fn options_of_a_call_reach_the_invocation() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(null));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    client
        .invoke()
        .function_name("f")
        .log_type(types::LogType::Tail)
        // {"custom":{"a":"ü"}}
        .client_context("eyJjdXN0b20iOnsiYSI6IsO8In19")
        .tenant_id("tenant one@example/+=")
        .durable_execution_name("run-1")
        .send_in_time()
        .await
        .unwrap();
    let call = lambda.only_call();
    let invocation = call.first();
    assert_eq!(
        invocation.invocation_type(),
        InvocationType::RequestResponse
    );
    assert_eq!(invocation.log_type(), LogType::Tail);
    assert_eq!(
        invocation.client_context(),
        Some(json!({"custom": {"a": "ü"}}))
    );
    assert_eq!(invocation.tenant_id(), Some("tenant one@example/+="));
    assert_eq!(invocation.durable_execution_name(), Some("run-1"));
    assert_eq!(
        (invocation.attempt(), invocation.max_attempts()),
        (Some(1), Some(3))
    );
    assert_eq!(invocation.signing_region(), Some("us-east-1"));
    assert_eq!(invocation.access_key_id(), Some("AKIAFAKELAMBDA000000"));
    assert_eq!(invocation.payload_len(), 0);
    assert_eq!(invocation.payload_json(), json!({}));
}

#[tokio::test]
async fn options_that_a_call_omits_are_absent() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(null));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    client
        .invoke()
        .function_name("f")
        .send_in_time()
        .await
        .unwrap();
    let call = lambda.only_call();
    let invocation = call.first();
    assert_eq!(
        invocation.invocation_type(),
        InvocationType::RequestResponse
    );
    assert_eq!(invocation.log_type(), LogType::None);
    assert_eq!(invocation.qualifier(), None);
    assert_eq!(invocation.client_context(), None);
    assert_eq!(invocation.tenant_id(), None);
    assert_eq!(invocation.durable_execution_name(), None);
}

#[tokio::test]
async fn a_payload_arrives_byte_for_byte() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(null));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let payload = "{ \"b\" : 1.0,\n \"a\":\"\\u00fc ü\" }";
    client
        .invoke()
        .function_name("f")
        .payload(Blob::new(payload))
        .send_in_time()
        .await
        .unwrap();
    assert_eq!(lambda.only_call().first().payload(), payload.as_bytes());
}

#[tokio::test]
async fn a_function_error_is_a_success_to_the_sdk() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(FunctionError::timed_out(Duration::from_secs(3)));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let output = client
        .invoke()
        .function_name("f")
        .send_in_time()
        .await
        .unwrap();
    assert_eq!(
        (output.status_code(), output.function_error()),
        (200, Some("Unhandled"))
    );
    let id = aws_sdk_lambda::operation::RequestId::request_id(&output).unwrap();
    let message = format!("RequestId: {id} Error: Task timed out after 3.00 seconds");
    assert_eq!(
        payload_of(&output),
        json!({"errorType": "Sandbox.Timedout", "errorMessage": message})
    );
    lambda.assert_attempts(1);
}
