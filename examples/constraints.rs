//! Twelve concurrent calls of a function with a concurrency of ten: two get AWS's 429, and the
//! SDK retries them.

use fake_lambda::{FakeLambda, Gate, Reply, sdk_client};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let lambda = FakeLambda::start();
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let gate = Gate::new();
    lambda
        .on("resize")
        .reply(Reply::json(json!({"ok": true})).hold(&gate));
    let limit = lambda.reserve_concurrency("resize", 10);

    let call = || tokio::spawn(client.invoke().function_name("resize").send());
    let calls: Vec<_> = (0..12).map(|_| call()).collect();
    gate.reached(10).await; // ten are running
    gate.open();
    let mut succeeded = 0;
    for call in calls {
        succeeded += u32::from(call.await.unwrap().is_ok());
    }
    println!(
        "{succeeded} of 12 calls succeeded, {} attempts were refused",
        limit.refused()
    );
    assert_eq!(limit.peak(), 10);
}
