//! The lines that a function writes to its log while it runs, kept only if the caller requested the
//! log tail.

use std::sync::{Mutex, PoisonError};

use super::Invocation;
use crate::aws::log_tail::{self, LineForm};
use crate::aws::words::{InvocationType, LogType};

/// The lines so far, shared by all clones of an invocation; `None` if the caller did not request
/// them, or if they were already taken.
#[derive(Debug)]
pub(super) struct Written(Mutex<Option<String>>);

impl Written {
    pub(super) fn for_reply(invocation_type: InvocationType, log_type: LogType) -> Self {
        let is_asked_for =
            invocation_type == InvocationType::RequestResponse && log_type == LogType::Tail;
        Self(Mutex::new(is_asked_for.then(String::new)))
    }

    fn edit<T>(&self, edit: impl FnOnce(&mut Option<String>) -> T) -> T {
        // No user code runs under this lock.
        edit(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Invocation {
    /// Writes lines to the log of this run, from inside a handler. Text with several lines adds
    /// several lines.
    ///
    /// A caller that requests the log tail gets them before those that
    /// [`Reply::log`](crate::Reply::log) adds. For other callers, and after the reply was sent,
    /// this does nothing.
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
        self.write_log(text.as_ref(), LineForm::Record);
    }

    /// Writes lines like [`log`](Self::log), but unchanged in the JSON format, where `log` puts a
    /// record around each line. So a line can be text that is not JSON, or empty, as on the
    /// standard output of a process.
    ///
    /// Consumers of tails have failed on such lines, according to a report published in 2024.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Invocation, LogFormat};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::builder().log_format(LogFormat::Json).start();
    /// lambda.on("pay").handle(async |invocation: Invocation| {
    ///     invocation.log_raw("");
    ///     invocation.log_raw("warning: slow disk");
    ///     json!({"ok": true})
    /// });
    /// ```
    pub fn log_raw(&self, text: impl AsRef<str>) {
        self.write_log(text.as_ref(), LineForm::Raw);
    }

    fn write_log(&self, text: &str, form: LineForm) {
        self.request.written.edit(|log| {
            if let Some(log) = log {
                log_tail::write(log, text, form);
            }
        });
    }

    /// The lines so far, if the caller requested the tail; later lines are lost.
    pub(crate) fn take_log(&self) -> Option<String> {
        self.request.written.edit(Option::take)
    }

    /// The id that was drawn, even if the client sent its own.
    pub(crate) fn drawn_id(&self) -> &str {
        self.request_id.as_str()
    }
}
