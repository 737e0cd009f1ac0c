//! Closures that change the client.

use std::time::Duration;

use aws_sdk_lambda::config::Region;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use fake_lambda::sdk_client;
use serde_json::json;

use crate::transport::FakeLambda;
use crate::waits::SendInTime as _;

#[tokio::test]
async fn a_closure_changes_the_client_and_can_capture() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let region = String::from("eu-west-1");
    let attempts = 1;
    let client = sdk_client!(aws_sdk_lambda, lambda, |config| {
        let retries =
            aws_sdk_lambda::config::retry::RetryConfig::standard().with_max_attempts(attempts);
        config.region(Region::new(region)).retry_config(retries)
    });
    client
        .invoke()
        .function_name("f")
        .send_in_time()
        .await
        .unwrap();
    let call = lambda.only_call();
    assert_eq!(
        (call.first().region(), call.first().signing_region()),
        ("eu-west-1", Some("eu-west-1"))
    );
    assert_eq!(call.first().max_attempts(), Some(attempts));
}

#[tokio::test]
async fn a_closure_can_be_a_variable_and_the_fake_a_handle() {
    let lambda = FakeLambda::start_with(|builder| builder.region("ap-south-1"));
    lambda.on("f").reply(json!(1));
    let handle = lambda.handle();
    let limit = Duration::from_secs(30);
    let patient = move |config: aws_sdk_lambda::config::Builder| {
        config.timeout_config(TimeoutConfig::builder().operation_timeout(limit).build())
    };
    let client = sdk_client!(aws_sdk_lambda, handle, patient,);
    client
        .invoke()
        .function_name("f")
        .send_in_time()
        .await
        .unwrap();
    assert_eq!(
        lambda.only_call().first().signing_region(),
        Some("ap-south-1")
    );
}

/// A test module can turn off the prelude.
mod without_prelude {
    #![no_implicit_prelude]

    use ::aws_sdk_lambda;

    use crate::transport::FakeLambda;

    pub(super) fn client(lambda: &FakeLambda) -> aws_sdk_lambda::Client {
        ::fake_lambda::sdk_client!(aws_sdk_lambda, lambda)
    }
}

#[tokio::test]
async fn a_client_is_made_without_the_prelude() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let client = without_prelude::client(&lambda);
    let call = client.invoke().function_name("f");
    call.send_in_time().await.unwrap();
}
