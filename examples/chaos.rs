//! Ten payments while three attempts in ten fail: the same attempts in every run.

use fake_lambda::{Chaos, FakeLambda, ServiceError, sdk_client};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let lambda = FakeLambda::start();
    let client = sdk_client!(aws_sdk_lambda, lambda);
    lambda.on("pay").reply(json!({"paid": true}));
    let chaos = lambda.chaos(Chaos::seeded(5).rate(0.3, ServiceError::ServiceException));

    let mut paid = 0;
    for _ in 0..10 {
        let call = client.invoke().function_name("pay").send();
        paid += u32::from(call.await.is_ok());
    }
    println!("{paid} of 10 payments went through; chaos hit");
    for hit in chaos.hits() {
        println!("  {hit}");
    }
    assert!(!chaos.hits().is_empty());
}
