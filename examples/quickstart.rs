//! The AWS SDK gets a throttle, a KMS error and a function error, and the journal shows what
//! happened.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::primitives::Blob;
use fake_lambda::{FakeLambda, FunctionError, ServiceError, sdk_client};
use serde_json::{Value, json};

/// The tested code: pays an order, and returns the receipt or the kind of the error.
pub async fn pay(client: &Client) -> Result<Value, String> {
    let order = Blob::new(r#"{"order":7}"#);
    let call = client.invoke().function_name("pay").payload(order);
    let sent = call.send().await;
    let output = sent.map_err(|error| error.code().unwrap_or("no reply").to_owned())?;
    // To the SDK, a function that failed is a success; only `function_error()` says otherwise.
    if let Some(error) = output.function_error() {
        return Err(error.to_owned());
    }
    let receipt = output.payload().map_or(&b""[..], Blob::as_ref);
    serde_json::from_slice(receipt).map_err(|error| error.to_string())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let lambda = FakeLambda::start();
    let client = sdk_client!(aws_sdk_lambda, lambda);

    // Throttled once, then successful: the SDK retries by itself.
    let script = lambda
        .on("pay")
        .reply(ServiceError::TooManyRequestsException)
        .times(1)
        .then(json!({"paid": true}));
    assert_eq!(pay(&client).await, Ok(json!({"paid": true})));
    script.assert_calls(1);
    script.assert_attempts(2);

    // A disabled key stays disabled, but the SDK tries three times, because the status is 502.
    let script = lambda
        .on("pay")
        .reply(ServiceError::KmsDisabledException)
        .times(3);
    assert_eq!(pay(&client).await, Err("KMSDisabledException".to_owned()));
    script.assert_attempts(3);

    // The function itself fails.
    lambda
        .on("pay")
        .reply(FunctionError::new("ValueError", "no such order"));
    assert_eq!(pay(&client).await, Err("Unhandled".to_owned()));

    println!("{}", lambda.journal());
}
