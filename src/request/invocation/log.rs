//! What the function writes to its log while it runs, kept only for a caller that asked for the log tail.

use std::sync::{Mutex, PoisonError};

use super::Invocation;
use crate::aws::log_tail;
use crate::aws::words::{InvocationType, LogType};

/// The lines so far, shared by every clone of an invocation; `None` when nobody will read them, or somebody has.
#[derive(Debug)]
pub(super) struct Written(Mutex<Option<String>>);

impl Written {
    pub(super) fn for_reply(invocation_type: InvocationType, log_type: LogType) -> Self {
        let is_asked_for =
            invocation_type == InvocationType::RequestResponse && log_type == LogType::Tail;
        Self(Mutex::new(is_asked_for.then(String::new)))
    }

    fn edit<T>(&self, edit: impl FnOnce(&mut Option<String>) -> T) -> T {
        // No code of the test runs under this lock.
        edit(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Invocation {
    /// Writes to the log of this run, as a handler: a text of several lines is several lines.
    ///
    /// A caller that asked for the log tail gets them in front of what [`Reply::log`](crate::Reply::log) adds. For others, and once
    /// the reply has left, this does nothing.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Invocation};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").handle(async |invocation: Invocation| {
    ///     invocation.log(format!("charging {}", invocation.payload_json()["card"]));
    ///     json!({"ok": true})
    /// });
    /// ```
    pub fn log(&self, text: impl AsRef<str>) {
        let text = text.as_ref();
        self.request.written.edit(|log| {
            if let Some(log) = log {
                log_tail::write(log, text);
            }
        });
    }

    /// What was written, if the caller asked for the tail; what comes later is lost.
    pub(crate) fn take_log(&self) -> Option<String> {
        self.request.written.edit(Option::take)
    }

    /// The id that was drawn, also where the client sent one of its own.
    pub(crate) fn drawn_id(&self) -> &str {
        self.request_id.as_str()
    }
}
