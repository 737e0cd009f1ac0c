//! The fake on a `wiremock::MockServer` that a test already has.

use fake_lambda::{FakeLambda, ServiceError, sdk_client};
use serde_json::json;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = MockServer::start().await;
    let orders = Mock::given(path("/orders")).respond_with(ResponseTemplate::new(200));
    orders.mount(&server).await;

    let lambda = FakeLambda::mount_on(&server).await;
    lambda
        .on("resize")
        .reply(ServiceError::TooManyRequestsException)
        .then(json!({"ok": true}));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    client.invoke().function_name("resize").send().await?;
    println!("{}", lambda.journal());
    Ok(())
}
