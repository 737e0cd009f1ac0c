//! What leaves the service when an event has ended: invocation records and dead letters, byte for byte.
//!
//! Members stand in the order in which AWS was seen to send them, written row by row. Payloads stand in them as they came: the checksum
//! of a dead letter that was recorded is that of the event with its blank in it.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::EventCondition;
use super::clock::Moment;
use super::delivery::Inner;
use super::destination::{Destination, DestinationKind};
use super::execution::{End, Execution};
use crate::ground::draws::{hashed, mixed};
use crate::ground::json;
use crate::request::invocation::RequestId;

/// The most bytes of an error's message in a dead letter: 1 KB by the documentation.
const MESSAGE_LIMIT: usize = 1_024;

/// What kept an event of a function without any concurrency from running, as its dead letter says it; never recorded.
const NO_CONCURRENCY: (u16, &str) = (429, "Rate Exceeded.");

/// The record of an event that has ended, as its destination gets it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvocationRecord {
    pub(crate) destination: Destination,
    text: String,
    event: Option<String>,
    key: Option<String>,
}

/// An event that was given up, as its dead-letter queue gets it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeadLetter {
    pub(crate) queue: Destination,
    body: Bytes,
    request_id: Arc<str>,
    error_code: u16,
    error_message: String,
}

impl InvocationRecord {
    /// The ARN of the destination.
    pub fn destination(&self) -> &str {
        &self.destination.arn
    }

    /// What kind of resource that is.
    pub fn kind(&self) -> DestinationKind {
        self.destination.kind
    }

    /// The record as JSON text: the message of a queue or topic, the payload of a function, the object of a bucket, the `detail` on a bus.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The record as JSON.
    ///
    /// # Panics
    ///
    /// At this line when the payload in it is no JSON that a [`serde_json::Value`] can hold.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.text) {
            Ok(record) => record,
            Err(error) => panic!(
                "this record is no `serde_json::Value`: {error}; `text()` gives its {} bytes",
                self.text.len()
            ),
        }
    }

    /// The whole event on an EventBridge bus, with the record as its `detail`; `None` for other destinations.
    pub fn event_bridge_event(&self) -> Option<&str> {
        self.event.as_deref()
    }

    /// The key of the object in an S3 bucket; `None` for other destinations.
    ///
    /// `aws/lambda/async/<function>/2025/01/01/2025-01-01T00.03.00-<UUID>`, as AWS documents it.
    pub fn object_key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The record of `delivery`, which ends now.
    pub(super) fn of(
        delivery: &Inner,
        condition: EventCondition,
        now: Moment,
        destination: &Destination,
    ) -> Self {
        let text = record(delivery, condition, now);
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
            _ => (None, None),
        };
        Self {
            destination: destination.clone(),
            text,
            event,
            key,
        }
    }
}

impl DeadLetter {
    /// The ARN of the queue or topic.
    pub fn destination(&self) -> &str {
        &self.queue.arn
    }

    /// The event, as it was sent.
    pub fn body(&self) -> Bytes {
        self.body.clone()
    }

    /// Name, type and value of the three message attributes, in the documentation's order: `RequestID`, `ErrorCode`, `ErrorMessage`.
    pub fn attributes(&self) -> [(&'static str, &'static str, String); 3] {
        [
            ("RequestID", "String", self.request_id.to_string()),
            ("ErrorCode", "Number", self.error_code.to_string()),
            ("ErrorMessage", "String", self.error_message.clone()),
        ]
    }

    /// The status of the last execution: 200 for a function error.
    pub fn error_code(&self) -> u16 {
        self.error_code
    }

    /// What the last error said, its first 1,024 bytes.
    pub fn error_message(&self) -> &str {
        &self.error_message
    }

    pub(super) fn of(delivery: &Inner, condition: EventCondition, queue: &Destination) -> Self {
        let last = delivery.executions.last().map(|execution| &*execution.end);
        let (error_code, message) = match last {
            Some(End::Refused {
                status, message, ..
            }) if condition != EventCondition::ZeroReservedConcurrency => {
                (*status, message.to_string())
            }
            Some(End::Ran { payload, .. })
                if condition != EventCondition::ZeroReservedConcurrency =>
            {
                (200, message_of(payload))
            }
            _ => (NO_CONCURRENCY.0, NO_CONCURRENCY.1.to_owned()),
        };
        Self {
            queue: queue.clone(),
            body: delivery.payload.clone(),
            request_id: delivery.request_id.clone(),
            error_code,
            error_message: cut(message),
        }
    }
}

/// Recorded in November 2025, of queues: `requestContext` names a qualifier always; no response where the function never ran.
fn record(delivery: &Inner, condition: EventCondition, now: Moment) -> String {
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
    if let Some(End::Ran {
        payload,
        version,
        failed,
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

/// Members as recorded in November 2025, in the order of EventBridge's documentation.
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
        _ => "Failure",
    };
    let function = &delivery.function;
    let mut out = String::with_capacity(512 + record.len());
    out.push_str(&format!(
        "{{\"version\":\"0\",\"id\":\"{id}\",\"detail-type\":\"Lambda Function Invocation Result - {result}\",\"source\":\"lambda\",\"account\":"
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

/// A payload as it came, where it is JSON; none at all is the empty object that the function got.
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

/// `errorMessage` of a function error, else all of it.
fn message_of(payload: &[u8]) -> String {
    let value: Option<Value> = serde_json::from_slice(payload).ok();
    let message = value.as_ref().and_then(|value| value.get("errorMessage"));
    match message.and_then(Value::as_str) {
        Some(message) => message.to_owned(),
        None => String::from_utf8_lossy(payload).into_owned(),
    }
}

/// At most the first 1,024 bytes, to where a character ends.
fn cut(mut message: String) -> String {
    let mut end = message.len().min(MESSAGE_LIMIT);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    message.truncate(end);
    message
}
