//! Accepted events: when they run, how they end, and which records are sent.

mod clock;
mod concurrency;
mod configuration;
mod delivery_faults;
mod destinations;
mod executions;
mod races;
mod reports;
mod runs;

use std::time::Duration;

use aws_sdk_lambda::types::InvocationType;
use fake_lambda::{Delivery, EventCondition, FunctionError, Handle, sdk_client};
use serde_json::json;

use crate::raw;
use crate::transport::FakeLambda;
use crate::waits::SendInTime;

pub(crate) const EVENT: &str = "X-Amz-Invocation-Type: Event";
pub(crate) const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:q";

/// Sends an event, which is accepted.
#[track_caller]
pub(crate) fn send(lambda: &Handle, function: &str, payload: &str) {
    let reply = raw::invoke(lambda, function, &[EVENT], payload);
    assert_eq!(reply.status(), 202, "{reply}");
}

pub(crate) fn boom() -> FunctionError {
    FunctionError::new("Error", "boom")
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The times of a delivery's executions, in seconds from the acceptance of the event.
pub(crate) fn times(delivery: &Delivery) -> Vec<u64> {
    let executions = delivery.executions().iter();
    executions.map(|one| one.after().as_secs()).collect()
}

#[tokio::test]
async fn three_executions_of_an_event_take_no_real_time() {
    let lambda = FakeLambda::start();
    lambda.on("resize").reply(boom());
    lambda.event_invoke_config("resize").on_failure(QUEUE);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = client
        .invoke()
        .function_name("resize")
        .payload(r#"{"id":7}"#.as_bytes().to_vec().into());
    let sent = call
        .invocation_type(InvocationType::Event)
        .send_in_time()
        .await
        .unwrap();
    assert_eq!((sent.status_code(), sent.function_error()), (202, None));

    lambda.settle_events().within(seconds(1)).await;

    lambda.assert_event_retry_delays([seconds(60), seconds(120)]);
    let delivery = lambda.only_delivery();
    assert_eq!(delivery.condition(), Some(EventCondition::RetriesExhausted));
    assert_eq!(
        delivery.request_id(),
        aws_sdk_lambda::operation::RequestId::request_id(&sent).unwrap()
    );
    let record = delivery.record().unwrap();
    assert_eq!(record.destination(), QUEUE);
    assert_eq!(record.json()["requestPayload"], json!({"id": 7}));
    assert_eq!(record.json()["requestContext"]["approximateInvokeCount"], 3);
    assert_eq!(record.json()["timestamp"], "2025-01-01T00:03:00.000Z");
}
