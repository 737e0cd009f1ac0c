//! What only the reply of a function that ran has: a version and a log.

use super::Reply;
use crate::ground::nearest::accepted;

impl Reply {
    /// The version that ran, sent as `X-Amz-Executed-Version`: `$LATEST` or a number.
    ///
    /// Without it a numeric qualifier is the version, and anything else ran `$LATEST`.
    ///
    /// # Panics
    ///
    /// At this line when the text is neither, or the reply is none of a function that ran.
    #[track_caller]
    pub fn executed_version(self, version: impl AsRef<str>) -> Self {
        accepted(self.try_executed_version(version.as_ref()))
    }

    /// Lines of the function's log, for a caller that asks for the log tail; may be repeated.
    ///
    /// A text of several lines is several lines. They stand between `START` and `END`, behind what a handler wrote with
    /// [`Invocation::log`](crate::Invocation::log). The last 4,096 bytes of the log are sent, as `X-Amz-Log-Result`.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, FunctionError, Reply};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda
    ///     .on("pay")
    ///     .reply(Reply::json(json!({"ok": true})).log("charging card 42"))
    ///     .then(Reply::from(FunctionError::new("ValueError", "no such card")).log("[ERROR] ValueError: no such card"));
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when the reply is none of a function that ran.
    #[track_caller]
    pub fn log(self, text: impl AsRef<str>) -> Self {
        accepted(self.try_log(text.as_ref()))
    }
}
