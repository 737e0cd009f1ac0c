//! The records and dead letters that the service sends when an event ends, as their receivers get
//! them.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::destination::{Destination, DestinationKind};

/// The invocation record of an event that has ended, as its destination gets it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvocationRecord {
    pub(crate) destination: Destination,
    pub(super) text: String,
    pub(super) event: Option<String>,
    pub(super) key: Option<String>,
}

/// The dead letter of an event that failed, as its dead-letter queue gets it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeadLetter {
    pub(crate) queue: Destination,
    pub(super) body: Bytes,
    pub(super) request_id: Arc<str>,
    pub(super) error_code: u16,
    pub(super) error_message: String,
}

impl InvocationRecord {
    /// Returns the ARN of the destination.
    pub fn destination(&self) -> &str {
        &self.destination.arn
    }

    /// Returns the kind of the destination.
    pub fn kind(&self) -> DestinationKind {
        self.destination.kind
    }

    /// Returns the record as JSON text: the message of a queue or topic, the payload of a function,
    /// the object in a bucket, or the `detail` on a bus.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the record as JSON.
    ///
    /// # Panics
    ///
    /// Panics if a payload in it is JSON that a [`serde_json::Value`] cannot hold, such as `1e999`.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.text) {
            Ok(record) => record,
            Err(error) => panic!(
                "this record is not a valid `serde_json::Value`: {error}; `text()` gives its {} bytes",
                self.text.len()
            ),
        }
    }

    /// Returns the whole event on an EventBridge bus, with the record as its `detail`; `None` for
    /// other destinations.
    pub fn event_bridge_event(&self) -> Option<&str> {
        self.event.as_deref()
    }

    /// Returns the key of the object in an S3 bucket; `None` for other destinations.
    ///
    /// It has the form `aws/lambda/async/<function>/2025/01/01/2025-01-01T00.03.00-<UUID>`, as
    /// documented by AWS.
    pub fn object_key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

impl DeadLetter {
    /// Returns the ARN of the queue or topic.
    pub fn destination(&self) -> &str {
        &self.queue.arn
    }

    /// Returns the event as it was sent.
    pub fn body(&self) -> Bytes {
        self.body.clone()
    }

    /// Returns name, type and value of the three message attributes, in the documentation's order:
    /// `RequestID`, `ErrorCode`, `ErrorMessage`.
    pub fn attributes(&self) -> [(&'static str, &'static str, String); 3] {
        [
            ("RequestID", "String", self.request_id.to_string()),
            ("ErrorCode", "Number", self.error_code.to_string()),
            ("ErrorMessage", "String", self.error_message.clone()),
        ]
    }

    /// Returns the status of the last execution, 200 for a function error; 429 if the event ended
    /// because of a reserved concurrency of 0.
    pub fn error_code(&self) -> u16 {
        self.error_code
    }

    /// Returns the message of the last error, up to 1,024 bytes.
    pub fn error_message(&self) -> &str {
        &self.error_message
    }
}
