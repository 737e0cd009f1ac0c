//! A payment whose reply is lost: the SDK retries, and the order is paid twice.

use aws_sdk_lambda::primitives::Blob;
use fake_lambda::{FakeLambda, Fault, Gate, Invocation, Reply, sdk_client};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(serde::Deserialize)]
struct Order {
    order: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lambda = FakeLambda::start();
    let client = sdk_client!(aws_sdk_lambda, lambda);

    // The function counts its runs; the first reply is cut by a reset after five bytes.
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let pay = move || {
        let counted = counted.clone();
        Reply::handle(async move |invocation: Invocation| {
            let run = counted.fetch_add(1, Ordering::Relaxed) + 1;
            let Order { order } = invocation.payload_as();
            json!({"order": order, "run": run})
        })
    };
    lambda
        .on("pay")
        .reply(pay().fault(Fault::ResetAfter(5)))
        .then(pay());
    let output = client
        .invoke()
        .function_name("pay")
        .payload(Blob::new(r#"{"order":7}"#))
        .send()
        .await?;
    let paid: Value = serde_json::from_slice(output.payload().unwrap().as_ref())?;
    assert_eq!(paid, json!({"order": 7, "run": 2}));
    assert_eq!(runs.load(Ordering::Relaxed), 2);

    // Two calls are held at a gate, so the test knows without a clock when both are in progress.
    let gate = Gate::new();
    lambda
        .on("resize")
        .reply(Reply::json(json!({"ok": true})).hold(&gate));
    let call = || tokio::spawn(client.invoke().function_name("resize").send());
    let calls = [call(), call()];
    gate.reached(2).await;
    gate.open();
    for call in calls {
        call.await??;
    }

    println!("{}", lambda.journal());
    Ok(())
}
