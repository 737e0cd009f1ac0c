//! What only the reply of a function that ran has: a version and a log.

use super::{Answer, Reply};
use crate::log_tail;

impl Reply {
    /// The version that ran, sent as `X-Amz-Executed-Version`: `$LATEST` or a number.
    ///
    /// Without it a numeric qualifier is the version, and anything else ran `$LATEST`.
    ///
    /// # Panics
    ///
    /// At this line when the text is neither, or the reply is none of a function that ran.
    #[track_caller]
    pub fn executed_version(mut self, version: impl AsRef<str>) -> Self {
        let version = version.as_ref();
        let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        assert!(
            version == "$LATEST" || is_number,
            "`{version}` is no version that could have run: use `$LATEST` or a number"
        );
        assert!(
            matches!(self.answer, Answer::Payload(_) | Answer::FunctionError(_)),
            "{} has no executed version: only a function that ran has one",
            self.answer.kind()
        );
        self.executed_version = Some(version.into());
        self
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
    pub fn log(mut self, text: impl AsRef<str>) -> Self {
        let advice = match self.answer {
            Answer::Payload(_) | Answer::FunctionError(_) => None,
            Answer::Handler(_) => Some("write it inside, with `invocation.log(..)`"),
            _ => Some("only a function that ran has one"),
        };
        if let Some(advice) = advice {
            panic!("{} has no log: {advice}", self.answer.kind());
        }
        let log = log_tail::written(self.log.as_deref(), text.as_ref());
        self.log = Some(log.into());
        self
    }
}
