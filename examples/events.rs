//! An event that fails twice and is delivered: three minutes of AWS's queue pass on a virtual
//! clock.

use aws_sdk_lambda::types::InvocationType;
use fake_lambda::{FakeLambda, FunctionError, sdk_client};
use serde_json::json;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lambda = FakeLambda::start();
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let busy = FunctionError::new("Busy", "try again");
    let script = lambda.on("mail").reply(busy).times(2).then(json!(null));

    let event = client.invoke().function_name("mail");
    event.invocation_type(InvocationType::Event).send().await?;
    script.assert_executions(1);

    lambda.advance(Duration::from_secs(60)).await;
    script.assert_executions(2);
    lambda.settle_events().await;
    script.assert_delivered(1);
    println!("{}", lambda.journal());
    Ok(())
}
