//! Waits for what a client has left.

use std::future::pending;
use std::time::Duration;

use fake_lambda::{FakeLambda, Invocation, sdk_client};
use serde_json::Value;

use crate::any_transport::scripts::is_waiting;

#[tokio::test]
async fn a_call_that_was_given_up_is_abandoned_once_the_fake_is_idle() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle(async |_: Invocation| pending::<Value>().await);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = tokio::spawn(client.invoke().function_name("f").send());
    let is_there = async {
        while !is_waiting(&lambda) {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(10), is_there).await;
    in_time.expect("the request comes");
    call.abort();
    lambda.wait_until_idle().await;
    assert!(lambda.only_call().attempts()[0].is_abandoned());
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse (empty)
      attempt 1/3 → no answer (abandoned by the client)
    "#);
}
