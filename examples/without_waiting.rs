//! A client's real backoff, and a function that takes 15 minutes, on tokio's paused clock.

use fake_lambda::{FakeLambda, Reply, ServiceError, sdk_client};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let begun = Instant::now();
    let lambda = FakeLambda::in_memory();
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let rendered = Reply::json(json!({"ok": true})).delay(Duration::from_secs(900));
    lambda
        .on("render")
        .reply(ServiceError::TooManyRequestsException)
        .times(2)
        .then(rendered);

    client.invoke().function_name("render").send().await?;

    println!("{}", lambda.timeline());
    println!("took {:?} in real time", begun.elapsed());
    Ok(())
}
