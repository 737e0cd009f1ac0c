//! The delivery of accepted events, and the records that were sent.

use std::sync::{Arc, Mutex};

use fake_lambda::{Delivery, EventCondition, FunctionError, Handle, Invocation, Runtime};
use serde_json::json;

use super::case::{Case, filled, recorded, start};
use super::json::Json;
use crate::raw;
use crate::transport::FakeLambda;

const EVENT: &str = "X-Amz-Invocation-Type: Event";
const QUEUE: &str = "arn:aws:sqs:us-east-1:111111111111:queue";
const BUS: &str = "arn:aws:events:us-east-1:111111111111:event-bus/<event-bus-name>";

recorded! {
    is_accepted_although_it_never_runs: event_accepted_although_reserved_zero;
    records_that_it_never_ran: onfailure_zero_reserved_concurrency;
    records_a_success: dest_onsuccess_sqs;
    records_a_failure: dest_onfailure_sqs_retries0 dest_onfailure_default_retries dest_event_age_exceeded_one_retry;
    puts_a_success_on_a_bus: dest_eventbridge_success;
    sends_a_dead_letter: dlq_sqs_message;
    keeps_its_request_id: async_retry_same_request_id;
    retries_after_one_and_two_minutes: async_retry_delays;
}

/// Sends an event with this payload, settles it, and returns its delivery.
fn delivered(lambda: &Handle, payload: &str) -> Delivery {
    let reply = raw::invoke(lambda, "function-name", &[EVENT], payload);
    assert_eq!(reply.status(), 202, "{reply}");
    lambda.settle_events().block();
    let delivery = lambda.only_delivery();
    assert_eq!(Some(delivery.request_id()), reply.field("x-amzn-RequestId"));
    delivery
}

/// The recorded JSON with the placeholders replaced; the members keep their order.
fn meant(recorded: &Json, delivery: &Delivery, at: &str) -> Json {
    recorded.map(&|text| match text {
        "date" => at.to_owned(),
        _ => filled(text, delivery.request_id()),
    })
}

/// The error of the recorder's Python function, which failed with this payload.
fn fails_with(payload: &Json) -> FunctionError {
    let text = |name: &str| payload.at(name).unwrap().text().unwrap();
    let frames = payload.at("stackTrace").unwrap().items();
    let frames: Vec<_> = frames.iter().filter_map(Json::text).collect();
    FunctionError::new(text("errorType"), text("errorMessage"))
        .runtime(Runtime::Python)
        .stack(frames)
}

fn records_a_success(case: &Case) {
    let lambda = start();
    // The fake cannot know the function's state, so the handler returns it here.
    lambda.on("function-name").handle(async |inv: Invocation| {
        let name = inv.function_name();
        json!({"event": inv.payload_json(), "context": {
            "invoked_function_arn": inv.function_arn(),
            "function_version": inv.function_version(),
            "function_name": name,
            "memory_limit_in_mb": "128",
            "aws_request_id": inv.request_id(),
            "log_group_name": format!("/aws/lambda/{name}"),
            "log_stream_name": "<log-stream-name:1>",
            "client_context": inv.client_context(),
        }})
    });
    lambda
        .event_invoke_config("function-name")
        .on_success(QUEUE);
    let delivery = delivered(&lambda, "{}");
    let record = Json::parse(delivery.record().unwrap().text().as_bytes());
    let meant = meant(case.at("observed"), &delivery, "2025-01-01T00:00:00.000Z");
    assert_eq!(record.value(), meant.value());
    // The order of the function's own JSON depends on the features of `serde_json`.
    assert_eq!(record.names(), meant.names());
    for member in ["requestContext", "responseContext"] {
        assert_eq!(record.at(member), meant.at(member));
    }
}

fn records_a_failure(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .reply(fails_with(case.at("observed.responsePayload")));
    let config = lambda.event_invoke_config("function-name");
    config.on_failure(QUEUE);
    let at = match case.name() {
        "dest_onfailure_sqs_retries0" => {
            config.maximum_retry_attempts(0);
            "2025-01-01T00:00:00.000Z"
        }
        "dest_event_age_exceeded_one_retry" => {
            let age = case
                .at("request.MaximumEventAgeInSeconds")
                .number()
                .unwrap();
            config.maximum_event_age(std::time::Duration::from_secs(age));
            "2025-01-01T00:01:00.000Z"
        }
        _ => "2025-01-01T00:03:00.000Z",
    };
    let payload = case.at("observed.requestPayload").to_string();
    let delivery = delivered(&lambda, &payload);
    let record = Json::parse(delivery.record().unwrap().text().as_bytes());
    assert_eq!(record, meant(case.at("observed"), &delivery, at));
}

fn puts_a_success_on_a_bus(case: &Case) {
    let lambda = start();
    let answer = case.at("observed.detail.responsePayload").value();
    lambda.on("function-name").reply(answer);
    lambda
        .event_invoke_config("function-name")
        .on_success(filled(BUS, ""));
    let payload = case.at("observed.detail.requestPayload").to_string();
    let delivery = delivered(&lambda, &payload);
    let record = delivery.record().unwrap();
    let event = Json::parse(record.event_bridge_event().unwrap().as_bytes());
    let id = event.at("id").unwrap().text().unwrap();
    let mut recorded = case.at("observed").value();
    // The recorder sorted the members, and the event's own id is random.
    recorded["id"] = json!(id);
    recorded["time"] = json!("2025-01-01T00:00:00Z");
    let recorded = Json::parse(recorded.to_string().as_bytes());
    let meant = meant(&recorded, &delivery, "2025-01-01T00:00:00.000Z");
    assert_eq!(event.value(), meant.value());
}

fn sends_a_dead_letter(case: &Case) {
    let attributes = case.at("observed.MessageAttributes");
    let message = attributes.at("ErrorMessage.StringValue").unwrap();
    let lambda = start();
    let error = FunctionError::new("Exception", message.text().unwrap());
    lambda
        .on("function-name")
        .reply(error.runtime(Runtime::Python));
    lambda
        .event_invoke_config("function-name")
        .dead_letter_queue(QUEUE);
    // The payload has a space after its colon, and the recorded checksum of the queued message
    // shows that the queue got this space.
    let payload = case.text("request.Payload");
    let delivery = delivered(&lambda, payload);
    let letter = delivery.dead_letter().unwrap();
    assert_eq!(letter.body(), payload);
    assert_eq!(Json::parse(&letter.body()), *case.at("observed.Body"));
    let mut sent = letter.attributes();
    sent.sort();
    let sent = sent.map(|(name, kind, value)| {
        let members = [("DataType", kind), ("StringValue", &value)];
        let members = members.map(|(name, text)| (name.to_owned(), Json::Scalar(text.into())));
        (name.to_owned(), Json::Object(members.into()))
    });
    assert_eq!(
        Json::Object(sent.into()),
        meant(attributes, &delivery, "no date")
    );
}

/// Collects the request id of each execution, all of which fail.
fn noting_ids(lambda: &FakeLambda) -> Arc<Mutex<Vec<String>>> {
    let ids = Arc::new(Mutex::new(Vec::new()));
    let noted = ids.clone();
    lambda
        .on("function-name")
        .handle(async move |inv: Invocation| {
            noted.lock().unwrap().push(inv.request_id().to_owned());
            FunctionError::new("Exception", "some error occurred")
        });
    ids
}

fn keeps_its_request_id(case: &Case) {
    let retries = case.at("request.MaximumRetryAttempts").number().unwrap();
    let lambda = start();
    let ids = noting_ids(&lambda);
    lambda
        .event_invoke_config("function-name")
        .maximum_retry_attempts(retries as u32);
    let delivery = delivered(&lambda, "{}");
    let runs = case.at("observed").items().len();
    assert_eq!(*ids.lock().unwrap(), vec![delivery.request_id(); runs]);
}

fn retries_after_one_and_two_minutes(case: &Case) {
    let lambda = start();
    let ids = noting_ids(&lambda);
    let delivery = delivered(&lambda, "{}");
    for (wait, attempt) in delivery.waits().iter().zip(["attempt 2", "attempt 3"]) {
        let recorded = case.observed(attempt).and_then(Json::text).unwrap();
        let about = format!("~{} s after", wait.as_secs());
        assert!(recorded.starts_with(&about), "{recorded}");
    }
    assert_eq!(delivery.condition(), Some(EventCondition::RetriesExhausted));
    assert_eq!(*ids.lock().unwrap(), vec![delivery.request_id(); 3]);
}

/// A function that is not allowed to run at all.
fn forbidden() -> FakeLambda {
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    lambda.reserve_concurrency("function-name", 0);
    lambda
        .event_invoke_config("function-name")
        .on_failure(QUEUE);
    lambda
}

fn is_accepted_although_it_never_runs(case: &Case) {
    let lambda = forbidden();
    case.assert_answer(&case.invoke(&lambda, "{}"));
    assert_eq!(lambda.only_delivery().executions(), []);
}

fn records_that_it_never_ran(case: &Case) {
    let lambda = forbidden();
    let delivery = delivered(&lambda, "{}");
    let record = Json::parse(delivery.record().unwrap().text().as_bytes());
    let at = "2025-01-01T00:00:00.000Z";
    assert_eq!(record, meant(case.at("observed.Body"), &delivery, at));
}
