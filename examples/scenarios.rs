//! A scenario file that is loaded, used and written back.

use fake_lambda::{FakeLambda, sdk_client};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lambda = FakeLambda::start();
    lambda.load("fixtures/scenarios/throttled_then_ok.json");
    let client = sdk_client!(aws_sdk_lambda, lambda);
    client.invoke().function_name("resize").send().await?;
    println!("{}\n{}", lambda.journal(), lambda.to_scenario()?);
    Ok(())
}
