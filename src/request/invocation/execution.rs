//! An accepted event, in the form that its function gets.

use base64::Engine;
use bytes::{Bytes, BytesMut};
use serde_json::Value;

use super::{Defaults, Invocation};
use crate::aws::signature::Keys;
use crate::ground::head::Head;

impl Invocation {
    /// Returns the decoded client context. `None` if none was sent or it is not base64 of JSON, and
    /// always for the function of an Event, which gets none.
    pub fn client_context(&self) -> Option<Value> {
        if self.is_execution {
            return None;
        }
        let encoded = self.request.head.field("x-amz-client-context")?;
        let decoded = base64::engine::general_purpose::STANDARD
            .decode(encoded)
            .ok()?;
        serde_json::from_slice(&decoded).ok()
    }

    /// The same event for its function; its reply never reaches a caller.
    pub(crate) fn as_execution(&self) -> Self {
        Self {
            is_execution: true,
            ..self.clone()
        }
    }

    /// Returns `true` if it is an accepted event, in the form that its function gets.
    pub(crate) fn is_execution(&self) -> bool {
        self.is_execution
    }

    /// An event that the service itself sends to a function.
    pub(crate) fn event(function_arn: &str, payload: Bytes, defaults: &Defaults) -> Self {
        let head = format!(
            "POST /2015-03-31/functions/{function_arn}/invocations HTTP/1.1\r\nX-Amz-Invocation-Type: Event\r\nContent-Length: {}\r\n\r\n",
            payload.len()
        );
        let head = Head::take(&mut BytesMut::from(head.as_bytes()));
        let head = head
            .ok()
            .flatten()
            .expect("a parsed ARN cannot break the head");
        // The service checks neither signature nor size of its own requests.
        let defaults = Defaults {
            checks_payload: false,
            keys: Keys::default(),
            ..defaults.clone()
        };
        Self::read(head, payload, &defaults)
    }
}
