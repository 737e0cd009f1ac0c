//! The AWS SDK gets a throttle, a KMS error and a function error, and the journal shows what
//! happened.

use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::primitives::Blob;
use fake_lambda::{FakeLambda, FunctionError, ServiceError, sdk_client};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lambda = FakeLambda::start();
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let order = || Blob::new(r#"{"order":7}"#);

    // Throttled once, then successful: the SDK retries by itself.
    let script = lambda
        .on("pay")
        .reply(ServiceError::TooManyRequestsException)
        .times(1)
        .then(json!({"paid": true}));
    let output = client
        .invoke()
        .function_name("pay")
        .payload(order())
        .send()
        .await?;
    assert_eq!(
        output.payload().map(Blob::as_ref),
        Some(&br#"{"paid":true}"#[..])
    );
    script.assert_calls(1);
    script.assert_attempts(2);

    // A disabled key stays disabled, but the SDK tries three times, because the status is 502.
    let script = lambda
        .on("pay")
        .reply(ServiceError::KmsDisabledException)
        .times(3);
    let error = client
        .invoke()
        .function_name("pay")
        .payload(order())
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("KMSDisabledException"));
    script.assert_attempts(3);

    // The function itself fails: to the SDK that is a success, with a mark.
    lambda
        .on("pay")
        .reply(FunctionError::new("ValueError", "no such order"));
    let output = client
        .invoke()
        .function_name("pay")
        .payload(order())
        .send()
        .await?;
    assert_eq!(output.function_error(), Some("Unhandled"));

    println!("{}", lambda.journal());
    Ok(())
}
