//! What leaves the service when an event has ended, as its receiver gets it.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::destination::{Destination, DestinationKind};

/// The record of an event that has ended, as its destination gets it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvocationRecord {
    pub(crate) destination: Destination,
    pub(super) text: String,
    pub(super) event: Option<String>,
    pub(super) key: Option<String>,
}

/// An event that was given up, as its dead-letter queue gets it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeadLetter {
    pub(crate) queue: Destination,
    pub(super) body: Bytes,
    pub(super) request_id: Arc<str>,
    pub(super) error_code: u16,
    pub(super) error_message: String,
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
}
