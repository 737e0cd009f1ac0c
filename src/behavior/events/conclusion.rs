//! The end of an event: the invocation record and the dead letter that the service sends, byte for
//! byte.
//!
//! Members are written one by one, in the order recorded from AWS, or in that of the documentation
//! for an event on a bus. JSON is inserted with its white space: the checksum of a recorded dead
//! letter is that of the event with its white space.

use serde_json::Value;

use super::EventCondition;
use super::clock::Moment;
use super::config::Settings;
use super::delivery::Inner;
use super::destination::{Destination, DestinationKind};
use super::execution::{Execution, ExecutionEnd};
use super::record::{DeadLetter, InvocationRecord};
use crate::ground::draws::{hashed, mixed};
use crate::ground::json;
use crate::request::invocation::RequestId;

/// The most bytes of an error's message in a dead letter: 1 KB according to the documentation.
const MESSAGE_LIMIT: usize = 1_024;

/// The error in the dead letter of an event that has no execution, or whose function has a reserved
/// concurrency of 0; assumed, never recorded.
const NO_CONCURRENCY: (u16, &str) = (429, "Rate Exceeded.");

/// Ends an event and stores the record and the dead letter that the service sends for it.
pub(super) fn conclude(
    delivery: &mut Inner,
    now: Moment,
    condition: EventCondition,
    settings: &Settings,
) {
    let (destination, queue) = match condition {
        EventCondition::Success => (&settings.on_success, &None),
        EventCondition::EventAgeExceeded
        | EventCondition::RetriesExhausted
        | EventCondition::ZeroReservedConcurrency => (&settings.on_failure, &settings.dead_letters),
    };
    delivery.record = destination
        .as_ref()
        .map(|destination| record(delivery, condition, now, destination));
    delivery.dead_letter = queue
        .as_ref()
        .map(|queue| dead_letter(delivery, condition, queue));
    delivery.end(now, condition);
}

/// The record of `delivery`, which ends now.
fn record(
    delivery: &Inner,
    condition: EventCondition,
    now: Moment,
    destination: &Destination,
) -> InvocationRecord {
    let text = record_text(delivery, condition, now);
    let seed = hashed(&[&delivery.request_id, "record"]) ^ delivery.number;
    let id = RequestId::from_bits(mixed(seed), mixed(!seed));
    let id = id.as_str();
    let (event, key) = match destination.kind {
        DestinationKind::EventBridge => {
            let event = on_a_bus(&text, delivery, condition, now, destination, id);
            (Some(event), None)
        }
        DestinationKind::S3 => {
            let (name, at) = (&delivery.function.name, now.key());
            (None, Some(format!("aws/lambda/async/{name}/{at}-{id}")))
        }
        DestinationKind::Lambda | DestinationKind::Sns | DestinationKind::Sqs => (None, None),
    };
    InvocationRecord {
        destination: destination.clone(),
        text,
        event,
        key,
    }
}

/// The dead letter of `delivery`, which failed.
fn dead_letter(delivery: &Inner, condition: EventCondition, queue: &Destination) -> DeadLetter {
    let last = delivery.executions.last().map(|execution| &*execution.end);
    let (error_code, message) = match last {
        Some(ExecutionEnd::Refused {
            status, message, ..
        }) if condition != EventCondition::ZeroReservedConcurrency => {
            (*status, message.to_string())
        }
        Some(ExecutionEnd::Ran { payload, .. })
            if condition != EventCondition::ZeroReservedConcurrency =>
        {
            (200, message_of(payload))
        }
        _ => (NO_CONCURRENCY.0, NO_CONCURRENCY.1.to_owned()),
    };
    DeadLetter {
        queue: queue.clone(),
        body: delivery.payload.clone(),
        request_id: delivery.request_id.clone(),
        error_code,
        error_message: cut(message),
    }
}

/// The text of a record, as recorded in November 2025 from queues: `requestContext` always names a
/// qualifier, and there is no response if the function never ran.
fn record_text(delivery: &Inner, condition: EventCondition, now: Moment) -> String {
    let mut out = String::with_capacity(512 + delivery.payload.len());
    out.push_str("{\"version\":\"1.0\",\"timestamp\":\"");
    out.push_str(&now.to_string());
    out.push_str("\",\"requestContext\":{\"requestId\":");
    push_text(&mut out, &delivery.request_id);
    out.push_str(",\"functionArn\":");
    push_text(&mut out, &delivery.function.arn);
    out.push_str(",\"condition\":");
    push_text(&mut out, condition.as_str());
    let count = delivery.invoke_count();
    out.push_str(&format!(
        ",\"approximateInvokeCount\":{count}}},\"requestPayload\":"
    ));
    push_payload(&mut out, &delivery.payload);
    let last_run = delivery.executions.iter().rev().find(|one| one.ran());
    if let Some(ExecutionEnd::Ran {
        payload,
        version,
        failed,
        is_replay: _,
    }) = last_run.map(|execution: &Execution| &*execution.end)
    {
        out.push_str(",\"responseContext\":{\"statusCode\":200,\"executedVersion\":");
        push_text(&mut out, version);
        if *failed {
            out.push_str(",\"functionError\":\"Unhandled\"");
        }
        out.push_str("},\"responsePayload\":");
        push_payload(&mut out, payload);
    }
    out.push('}');
    out
}

/// The event on a bus: members as recorded in November 2025, in the order of EventBridge's
/// documentation.
fn on_a_bus(
    record: &str,
    delivery: &Inner,
    condition: EventCondition,
    now: Moment,
    bus: &Destination,
    id: &str,
) -> String {
    let result = match condition {
        EventCondition::Success => "Success",
        EventCondition::EventAgeExceeded
        | EventCondition::RetriesExhausted
        | EventCondition::ZeroReservedConcurrency => "Failure",
    };
    let function = &delivery.function;
    let mut out = String::with_capacity(512 + record.len());
    out.push_str(&format!(
        "{{\"version\":\"0\",\"id\":\"{id}\",\"detail-type\":\"Lambda Function Invocation Result \
         - {result}\",\"source\":\"lambda\",\"account\":"
    ));
    push_text(&mut out, &function.account);
    out.push_str(&format!(",\"time\":\"{}\",\"region\":", now.seconds()));
    push_text(&mut out, &function.region);
    out.push_str(",\"resources\":[");
    push_text(&mut out, &bus.arn);
    out.push(',');
    push_text(&mut out, &function.arn);
    out.push_str("],\"detail\":");
    out.push_str(record);
    out.push('}');
    out
}

fn push_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::to_string(text).expect("a string is JSON"));
}

/// Adds a payload: JSON unchanged, but without a byte order mark; an empty payload as the empty
/// object that the function got; any other payload as a JSON string.
fn push_payload(out: &mut String, payload: &[u8]) {
    if payload.is_empty() {
        return out.push_str("{}");
    }
    let text = String::from_utf8_lossy(payload);
    match json::check(payload) {
        Ok(()) => out.push_str(text.trim_start_matches('\u{feff}')),
        Err(_) => push_text(out, &text),
    }
}

/// The `errorMessage` of a function error, or else the whole payload.
fn message_of(payload: &[u8]) -> String {
    let value: Option<Value> = serde_json::from_slice(payload).ok();
    let message = value.as_ref().and_then(|value| value.get("errorMessage"));
    match message.and_then(Value::as_str) {
        Some(message) => message.to_owned(),
        None => String::from_utf8_lossy(payload).into_owned(),
    }
}

/// At most the first 1,024 bytes, to the end of a character.
fn cut(mut message: String) -> String {
    let mut end = message.len().min(MESSAGE_LIMIT);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    message.truncate(end);
    message
}
