//! The real SDK as a witness.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use fake_lambda::{Context, FunctionError, Reply, sdk_client};
use serde_json::Value;

use super::{Order, Receipt};
use crate::transport::FakeLambda;
use crate::waits::SendInTime;

#[tokio::test]
async fn the_sdk_sends_an_order_and_gets_a_receipt() {
    let lambda = FakeLambda::start();
    let client = sdk_client!(aws_sdk_lambda, lambda);
    lambda.on("pay").handle_json(
        async |order: Order, _: Context| -> Result<Receipt, String> {
            match order.items.is_empty() {
                true => Err(format!("order {} is empty", order.id)),
                false => Ok(order.receipt()),
            }
        },
    );
    let send = |event: &'static str| {
        let call = client.invoke().function_name("pay");
        call.payload(Blob::new(event)).send_in_time()
    };

    let output = send(r#"{"id": 7, "items": [{"cents": 30}]}"#)
        .await
        .unwrap();
    assert_eq!(output.function_error(), None);
    let receipt = output.payload().unwrap().as_ref();
    assert_eq!(receipt, br#"{"order":7,"cents":30}"#);

    let output = send(r#"{"id": 8}"#).await.unwrap();
    assert_eq!(output.function_error(), Some("Unhandled"));
    let error: Value = serde_json::from_slice(output.payload().unwrap().as_ref()).unwrap();
    assert_eq!(error["errorMessage"], "order 8 is empty");
    lambda.assert_calls(2);
    lambda.assert_attempts(2);
}

/// A timeout is a success to the SDK, so the function does not run again.
#[tokio::test]
async fn the_sdk_does_not_retry_a_function_that_timed_out() {
    let lambda = FakeLambda::start();
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let hangs = Reply::handle_json(async |_: Value, _: Context| {
        std::future::pending::<Result<(), FunctionError>>().await
    });
    let script = lambda
        .on("pay")
        .reply(hangs.timeout(Duration::from_millis(20)));
    let output = client.invoke().function_name("pay").send_in_time().await;
    let output = output.unwrap();
    assert_eq!(output.function_error(), Some("Unhandled"));
    let error: Value = serde_json::from_slice(output.payload().unwrap().as_ref()).unwrap();
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    script.assert_attempts(1);
}
