//! What to answer, as the test writes it.
//!
//! A [`Reply`] is data and knows no request; [`outcome`](crate::reply::outcome) is what it comes to for one attempt. Mistakes in
//! a reply panic at the line that makes them.

mod checked;
mod event;
mod handlers;
mod into_reply;
mod mistakes;
mod options;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

pub(crate) use self::handlers::{Failure, Handler, HandlerFuture, HandlerResult, UnreadEvent};
pub use self::into_reply::IntoReply;
pub(crate) use self::options::ReplyOptions;
use crate::aws::function_error::FunctionError;
use crate::aws::service_error::ServiceError;
use crate::aws::words::ThrottleReason;
use crate::ground::json::text_of;
use crate::ground::message::accepted;
use crate::reply::fault::Fault;

/// What one step of a script answers.
///
/// A [`serde_json::Value`], a [`ServiceError`], a [`FunctionError`], a [`Fault`] and a `Result` of two replies all convert into one, so
/// most scripts never name this type; a value of another type is wrapped in [`Reply::json`].
///
/// ```
/// use fake_lambda::{FakeLambda, Reply, ServiceError, ThrottleReason};
/// use serde_json::json;
/// use std::time::Duration;
///
/// let lambda = FakeLambda::start();
/// lambda.on("resize:live").reply(Reply::json(json!({"ok": 1})).executed_version("7"));
/// lambda.on("pay").reply(
///     Reply::error(ServiceError::TooManyRequestsException)
///         .reason(ThrottleReason::CallerRateLimitExceeded)
///         .retry_after(Duration::from_secs(1)),
/// );
/// lambda.on("edge").reply(Reply::http(502, "<html>bad gateway</html>"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a reply does nothing until a rule gives it: `lambda.on(..).reply(reply)`"]
pub struct Reply {
    pub(crate) answer: Answer,
    pub(crate) executed_version: Option<Arc<str>>,
    /// What the function writes to its log, each line with its end.
    pub(crate) log: Option<Arc<str>>,
    pub(crate) headers: Vec<(Arc<str>, Arc<str>)>,
    /// How it is sent, where that is anything but at once, whole and true.
    pub(crate) options: Option<Arc<ReplyOptions>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Payload(Bytes),
    FunctionError(FunctionError),
    Error(ErrorReply),
    Unmodeled {
        code: Arc<str>,
        status: u16,
        message: Option<Arc<str>>,
    },
    Http {
        status: u16,
        body: Bytes,
    },
    Handler(Handler),
    /// No reply at all.
    Fault(Fault),
}

/// A service error with what the test changed about it.
#[derive(Clone, Debug)]
pub(crate) struct ErrorReply {
    pub(crate) error: ServiceError,
    pub(crate) message: Option<Arc<str>>,
    pub(crate) reason: Option<ThrottleReason>,
    pub(crate) retry_after: Option<u64>,
    pub(crate) ec2_error_code: Option<Arc<str>>,
}

impl Reply {
    /// A function that returned this value: a type of the test's own, a [`serde_json::Value`], a number, a text, a list, a map.
    ///
    /// It is written as the equal [`serde_json::Value`]: members in the order of their names, no white space. For the order of a type's fields,
    /// answer with [`handle_json`](Self::handle_json).
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply};
    ///
    /// #[derive(serde::Serialize)]
    /// struct Receipt {
    ///     order: u64,
    ///     cents: u64,
    /// }
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").reply(Reply::json(Receipt { order: 7, cents: 30 })); // {"cents":30,"order":7}
    /// lambda.on("greet").reply(Reply::json("hello"));
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when `payload` cannot be written as JSON, such as a map whose keys are lists.
    #[track_caller]
    pub fn json(payload: impl Serialize) -> Self {
        Self::payload(text_of(&payload).into())
    }

    /// A function that returned these bytes.
    pub(crate) fn payload(payload: Bytes) -> Self {
        Self::new(Answer::Payload(payload))
    }

    /// A service error, to be refined with [`message`](Self::message), [`reason`](Self::reason) and the like.
    pub fn error(error: ServiceError) -> Self {
        Self::new(Answer::Error(ErrorReply {
            error,
            message: None,
            reason: None,
            retry_after: None,
            ec2_error_code: None,
        }))
    }

    /// An error the service model does not know: this `x-amzn-ErrorType`, this status and, unless
    /// [`message`](Self::message) sets one, no message.
    ///
    /// # Panics
    ///
    /// At this line when `status` is not between 400 and 599, or `code` is no value of a header.
    #[track_caller]
    pub fn unmodeled_error(code: impl AsRef<str>, status: u16) -> Self {
        accepted(Self::try_unmodeled_error(code.as_ref(), status))
    }

    /// Exactly this status and body, with none of Lambda's headers: a load balancer or proxy speaking.
    ///
    /// The content type is `text/html` unless [`header`](Self::header) sets another.
    ///
    /// # Panics
    ///
    /// At this line when `status` is not between 200 and 599, or a body is given where HTTP forbids one (204 and 304).
    #[track_caller]
    pub fn http(status: u16, body: impl Into<Bytes>) -> Self {
        accepted(Self::try_http(status, body.into()))
    }

    /// The error's message instead of the service's usual one.
    ///
    /// # Panics
    ///
    /// At this line when the reply is no error.
    #[track_caller]
    pub fn message(self, text: impl AsRef<str>) -> Self {
        accepted(self.try_message(text.as_ref()))
    }

    /// The `Reason` member of a throttle: a [`ThrottleReason`], the AWS SDK's, or its word.
    ///
    /// # Panics
    ///
    /// At this line when the error has no such member or AWS documents no such reason.
    #[track_caller]
    pub fn reason(self, reason: impl AsRef<str>) -> Self {
        accepted(self.try_reason(reason.as_ref()))
    }

    /// The `Retry-After` header of a throttle, in whole seconds.
    ///
    /// The service model has it; no recorded answer of Invoke carried it, and the AWS SDK for Rust ignores it. To steer
    /// that SDK's backoff use `.header("x-amz-retry-after", "<milliseconds>")`.
    ///
    /// # Panics
    ///
    /// At this line when the error has no such header or `after` is not a whole number of seconds.
    #[track_caller]
    pub fn retry_after(self, after: Duration) -> Self {
        accepted(self.try_retry_after(after))
    }

    /// The `EC2ErrorCode` member of an [`Ec2UnexpectedException`](ServiceError::Ec2UnexpectedException).
    ///
    /// # Panics
    ///
    /// At this line when the error has no such member.
    #[track_caller]
    pub fn ec2_error_code(self, code: impl AsRef<str>) -> Self {
        accepted(self.try_ec2_error_code(code.as_ref()))
    }

    /// One more response header, or another value for one that the reply has anyway.
    ///
    /// # Panics
    ///
    /// At this line when HTTP does not allow the name or the value, for `content-length` and `transfer-encoding`, which
    /// follow from the body, and behind a [`Fault`] alone.
    #[track_caller]
    pub fn header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        accepted(self.try_header(name.as_ref(), value.as_ref()))
    }

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

    fn new(answer: Answer) -> Self {
        Self {
            answer,
            executed_version: None,
            log: None,
            headers: Vec::new(),
            options: None,
        }
    }
}

impl From<Value> for Reply {
    fn from(payload: Value) -> Self {
        Self::json(payload)
    }
}

impl From<ServiceError> for Reply {
    fn from(error: ServiceError) -> Self {
        Self::error(error)
    }
}

/// No reply: the fault happens and the function does not run.
impl From<Fault> for Reply {
    fn from(fault: Fault) -> Self {
        Self::new(Answer::Fault(fault))
    }
}

impl From<FunctionError> for Reply {
    fn from(error: FunctionError) -> Self {
        Self::new(Answer::FunctionError(error))
    }
}

impl<T: Into<Reply>, E: Into<Reply>> From<Result<T, E>> for Reply {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(reply) => reply.into(),
            Err(reply) => reply.into(),
        }
    }
}

impl ErrorReply {
    /// What the error says: the test's text, else that of the reason, else the error's own.
    pub(crate) fn text(&self) -> &str {
        let usual = || match self.reason {
            Some(reason) => reason.default_message(),
            None => self.error.default_message(),
        };
        self.message.as_deref().unwrap_or_else(usual)
    }
}

impl Answer {
    fn kind(&self) -> &'static str {
        match self {
            Self::Payload(_) => "a payload",
            Self::FunctionError(_) => "a function error",
            Self::Error(_) => "a service error",
            Self::Unmodeled { .. } => "an unmodeled error",
            Self::Http { .. } => "a plain HTTP reply",
            Self::Handler(_) => "a handler",
            Self::Fault(_) => "a fault without a reply",
        }
    }
}
