//! The attempts of one call, and the quota of retries.

use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use fake_lambda::{ServiceError, sdk_client};
use serde_json::json;

use super::payload_of;
use crate::transport::FakeLambda;
use crate::waits::SendInTime as _;

#[tokio::test]
async fn attempts_of_one_call_share_an_id_and_are_numbered() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(ServiceError::ServiceException)
        .times(2)
        .then(json!({"ok": true}));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let output = client
        .invoke()
        .function_name("f")
        .send_in_time()
        .await
        .unwrap();
    assert_eq!(payload_of(&output), json!({"ok": true}));
    let call = lambda.only_call();
    let seen = call.attempts().iter().map(|attempt| {
        let invocation = attempt.invocation();
        (
            invocation.attempt(),
            attempt.status(),
            invocation.invocation_id() == call.first().invocation_id(),
        )
    });
    assert_eq!(
        seen.collect::<Vec<_>>(),
        [
            (Some(1), Some(500), true),
            (Some(2), Some(500), true),
            (Some(3), Some(200), true)
        ]
    );
    assert!(call.first().invocation_id().is_some());
}

#[tokio::test]
async fn the_caller_gets_the_answer_to_the_last_of_three_attempts() {
    let lambda = FakeLambda::start();
    let script = lambda
        .on("f")
        .reply(ServiceError::TooManyRequestsException)
        .times(2);
    script.then(ServiceError::KmsDisabledException);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let failure = client
        .invoke()
        .function_name("f")
        .send_in_time()
        .await
        .unwrap_err();
    assert!(matches!(failure, SdkError::ServiceError(_)), "{failure:?}");
    assert_eq!(failure.code(), Some("KMSDisabledException"));
    script.assert_attempts(3);
}

/// The SDK's retry quota (500 tokens, 5 or 14 per retry) would end retries within this many calls
/// if clients shared it.
const CALLS: u64 = 150;

#[tokio::test]
async fn clients_of_one_fake_never_run_out_of_retries() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(ServiceError::ServiceException);
    for call in 1..=CALLS {
        let client = sdk_client!(aws_sdk_lambda, lambda);
        client
            .invoke()
            .function_name("f")
            .send_in_time()
            .await
            .unwrap_err();
        script.assert_attempts(3 * call);
    }
}

#[tokio::test]
async fn clients_of_many_fakes_never_run_out_of_retries() {
    for _ in 1..=CALLS {
        let lambda = FakeLambda::start();
        let script = lambda.on("f").reply(ServiceError::ServiceException);
        let client = sdk_client!(aws_sdk_lambda, lambda);
        client
            .invoke()
            .function_name("f")
            .send_in_time()
            .await
            .unwrap_err();
        script.assert_attempts(3);
    }
}
