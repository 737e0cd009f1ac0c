//! Events: accepted immediately, and delivered on the virtual clock.

use std::time::Duration;

use fake_lambda::{EventCondition, FakeLambda, FunctionError, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use crate::sdk::Sdk;

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn an_event_is_retried_after_its_202_and_recorded_with_its_request_id(#[case] sdk: Sdk) {
    let lambda = FakeLambda::start();
    let queue = "arn:aws:sqs:us-east-1:123456789012:failed";
    lambda
        .on("resize")
        .reply(FunctionError::new("ValueError", "no such image"));
    lambda
        .event_invoke_config("resize")
        .on_failure(queue)
        .dead_letter_queue(queue);
    let throttled = Reply::error(ServiceError::TooManyRequestsException).in_queue();
    lambda
        .on("mail")
        .reply(throttled)
        .times(2)
        .then(json!(null));
    let event = |function: &str| json!({"FunctionName": function, "InvocationType": "Event", "Payload": r#"{"id": 7}"#});
    let answers = sdk.answers(&lambda, &[event("resize"), event("mail")]);
    for answer in answers {
        assert_eq!(
            (&answer["status"], &answer["payload"]),
            (&json!(202), &json!(""))
        );
        assert_eq!(answer["attempts"], 1);
    }

    lambda
        .settle_events()
        .within(Duration::from_secs(1))
        .block();

    let resize = lambda.seen("resize").only_delivery();
    assert_eq!(resize.condition(), Some(EventCondition::RetriesExhausted));
    let sent_id = lambda
        .seen("resize")
        .only_call()
        .first()
        .request_id()
        .to_owned();
    let record = resize.record().expect("a destination is configured");
    assert_eq!(record.json()["requestContext"]["requestId"], sent_id);
    let letter = resize.dead_letter().expect("a queue is configured");
    assert_eq!(letter.body(), r#"{"id": 7}"#);
    let waits = [60, 120].map(Duration::from_secs);
    lambda.seen("resize").assert_event_retry_delays(waits);
    let waits = [1, 2].map(Duration::from_secs);
    lambda.seen("mail").assert_event_retry_delays(waits);
    lambda.seen("mail").assert_delivered(1);
}
