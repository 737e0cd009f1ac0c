//! The reply, as the test writes it.
//!
//! A [`Reply`] is data and does not depend on a request; [`outcome`](crate::reply::outcome) applies
//! it to an attempt. An invalid reply panics at the line that makes it or gives it to a rule; if a
//! handler returns it, the client gets 418, and verification fails.

mod checked;
mod event;
mod handlers;
mod idempotent;
mod into_reply;
mod memory;
mod mistakes;
mod options;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

pub use self::handlers::OfRuntime;
pub(crate) use self::handlers::{
    Failure, Handler, HandlerFuture, HandlerResult, Run, StreamFuture, UnreadEvent, UnreadPart,
    answer_to_panic,
};
pub use self::into_reply::IntoReply;
pub(crate) use self::memory::Memory;
pub(crate) use self::options::ReplyOptions;
use crate::aws::function_error::FunctionError;
use crate::aws::log_tail::LineForm;
use crate::aws::service_error::ServiceError;
use crate::aws::words::ThrottleReason;
use crate::ground::json::text_of;
use crate::ground::message::{Message, accepted};
use crate::reply::chunks::{Boundaries, Chunks, End};
use crate::reply::fault::Fault;
use crate::reply::stream::Live;

/// The text of [`Reply::role_cannot_be_assumed`].
pub(crate) const ROLE_CANNOT_BE_ASSUMED: &str =
    "The role defined for the function cannot be assumed by Lambda.";

/// The answer of one step of a script.
///
/// A [`serde_json::Value`], a [`ServiceError`], a [`FunctionError`], a [`Fault`] and a `Result` of
/// two replies all convert to one, so most scripts never name this type. Wrap a value of another
/// type in [`Reply::json`].
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
    /// The function's log lines, as `log_tail::write` stores them.
    pub(crate) log: Option<Arc<str>>,
    pub(crate) headers: Vec<(Arc<str>, Arc<str>)>,
    /// How it is sent, unless it is sent immediately and unchanged.
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
    /// Chunks, for a caller of either operation.
    Stream(Arc<Chunks>),
    /// The chunks of a handler that runs.
    Live(Live),
    /// No reply at all.
    Fault(Fault),
}

/// A service error with the changes that the test made to it.
#[derive(Clone, Debug)]
pub(crate) struct ErrorReply {
    pub(crate) error: ServiceError,
    pub(crate) message: Option<Arc<str>>,
    pub(crate) reason: Option<ThrottleReason>,
    pub(crate) retry_after: Option<u64>,
    pub(crate) ec2_error_code: Option<Arc<str>>,
    /// The value of `Type`, if the test set it; `None` inside is `null`.
    pub(crate) type_value: Option<Option<Arc<str>>>,
}

impl Reply {
    /// Creates the reply of a function that returned this value: your own type, a
    /// [`serde_json::Value`], a number, a string, a list or a map.
    ///
    /// It is written like the equal [`serde_json::Value`]: members sorted by name, without white
    /// space. To keep the order of a type's fields, answer with [`handle_json`](Self::handle_json).
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
    /// Panics if `payload` cannot be written as JSON, such as a map whose keys are lists.
    #[track_caller]
    pub fn json(payload: impl Serialize) -> Self {
        Self::payload(text_of(&payload).into())
    }

    /// Creates the reply of a function that streams these [`Chunks`], or a list of strings or byte
    /// strings.
    ///
    /// The caller of `InvokeWithResponseStream` gets them one by one, the caller of `Invoke` as one
    /// payload. A function's other results are streamed as well: a payload is one chunk, and a
    /// function error is the error at the end of an empty stream.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply, sdk_client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("chat").reply(Reply::stream(["Hel", "lo"]));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let whole = client.invoke().function_name("chat").send().await.unwrap();
    /// assert_eq!(whole.payload.unwrap().as_ref(), b"Hello");
    /// # }
    /// ```
    pub fn stream(chunks: impl Into<Chunks>) -> Self {
        Self::new(Answer::Stream(Arc::new(chunks.into())))
    }

    /// The reply whose chunks a running handler sends.
    pub(crate) fn live(live: Live) -> Self {
        Self::new(Answer::Live(live))
    }

    /// The same stream with these boundaries.
    pub(crate) fn try_boundaries(mut self, boundaries: Boundaries) -> Result<Self, Message> {
        if let Answer::Stream(chunks) = &mut self.answer {
            *chunks = Arc::new((**chunks).clone().try_boundaries(boundaries)?);
        }
        Ok(self)
    }

    /// The error with which its stream ends.
    pub(crate) fn stream_error(self) -> Result<(), FunctionError> {
        match &self.answer {
            Answer::Stream(chunks) => match chunks.end() {
                End::Failed(error) => Err(error.clone()),
                End::Complete | End::Missing => Ok(()),
            },
            Answer::FunctionError(error) => Err(error.clone()),
            Answer::Live(_)
            | Answer::Payload(_)
            | Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Handler(_)
            | Answer::Fault(_) => Ok(()),
        }
    }

    /// Creates the reply of a function that returned these bytes.
    pub(crate) fn payload(payload: Bytes) -> Self {
        Self::new(Answer::Payload(payload))
    }

    /// Creates a service error that can be refined with [`message`](Self::message),
    /// [`reason`](Self::reason) and others.
    pub fn error(error: ServiceError) -> Self {
        Self::new(Answer::Error(ErrorReply::new(error)))
    }

    /// Creates the 403 `AccessDeniedException` of a function whose execution role Lambda cannot
    /// assume, with its text as recorded in 2020.
    ///
    /// The caller has the permission to invoke the function. Without it, a caller gets the same
    /// error with another text.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply};
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").reply(Reply::role_cannot_be_assumed());
    /// ```
    pub fn role_cannot_be_assumed() -> Self {
        Self::new(Answer::Error(ErrorReply {
            message: Some(ROLE_CANNOT_BE_ASSUMED.into()),
            ..ErrorReply::new(ServiceError::AccessDeniedException)
        }))
    }

    /// Creates an error that is not in the service model: this `x-amzn-ErrorType`, this status and,
    /// unless [`message`](Self::message) sets one, no message.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not between 400 and 599, or if `code` is empty or not a valid header
    /// value.
    #[track_caller]
    pub fn unmodeled_error(code: impl AsRef<str>, status: u16) -> Self {
        accepted(Self::try_unmodeled_error(code.as_ref(), status))
    }

    /// Creates a reply with exactly this status and body and none of Lambda's headers, as a load
    /// balancer or proxy sends it.
    ///
    /// The content type is `text/html` unless [`header`](Self::header) sets another.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not between 200 and 599, or if there is a body with a status for which
    /// HTTP forbids one (204 and 304).
    #[track_caller]
    pub fn http(status: u16, body: impl Into<Bytes>) -> Self {
        accepted(Self::try_http(status, body.into()))
    }

    /// Sets the error's message, instead of the service's usual one.
    ///
    /// # Panics
    ///
    /// Panics if the reply is neither a [`ServiceError`] nor an
    /// [`unmodeled_error`](Self::unmodeled_error).
    #[track_caller]
    pub fn message(self, text: impl AsRef<str>) -> Self {
        accepted(self.try_message(text.as_ref()))
    }

    /// Sets the `Reason` member of a throttle: a [`ThrottleReason`], the AWS SDK's type, or its
    /// name.
    ///
    /// # Panics
    ///
    /// Panics if the error has no such member, or if AWS documents no such reason.
    #[track_caller]
    pub fn reason(self, reason: impl AsRef<str>) -> Self {
        accepted(self.try_reason(reason.as_ref()))
    }

    /// Sets the `Retry-After` header of a throttle, in whole seconds.
    ///
    /// The service model has this header, but no recorded answer of Invoke carried it, and the AWS
    /// SDK for Rust ignores it. To control that SDK's backoff use
    /// `.header("x-amz-retry-after", "<milliseconds>")`.
    ///
    /// # Panics
    ///
    /// Panics if the error has no such header, or if `after` is not a whole number of seconds.
    #[track_caller]
    pub fn retry_after(self, after: Duration) -> Self {
        accepted(self.try_retry_after(after))
    }

    /// Sets the `EC2ErrorCode` member of an
    /// [`Ec2UnexpectedException`](ServiceError::Ec2UnexpectedException).
    ///
    /// # Panics
    ///
    /// Panics if the error has no such member.
    #[track_caller]
    pub fn ec2_error_code(self, code: impl AsRef<str>) -> Self {
        accepted(self.try_ec2_error_code(code.as_ref()))
    }

    /// Sets the `Type` member of the error's body; `None` is `null`.
    ///
    /// In a 4xx that has this member, AWS sends `User`. Bodies of 5xx were published with `null`
    /// (in 2018) and with `User` (in 2017), and none with `Service`, so the fake sends `null` or
    /// `User`; the page of [every error](crate::documentation::errors) lists the value of each
    /// error and how certain it is.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply, ServiceError};
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").reply(Reply::error(ServiceError::ServiceException).type_value("Service"));
    /// lambda.on("mail").reply(Reply::error(ServiceError::EniNotReadyException).type_value(None));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the error has no such member.
    #[track_caller]
    pub fn type_value<'a>(self, value: impl Into<Option<&'a str>>) -> Self {
        accepted(self.try_type_value(value.into()))
    }

    /// Adds a response header, or replaces the one of this name that Lambda sends. If this method
    /// is called again with the same name, all values are sent.
    ///
    /// # Panics
    ///
    /// Panics if HTTP does not allow the name or the value, if the name is `content-length` or
    /// `transfer-encoding`, which follow from the body, or if the step is a [`Fault`] without a
    /// reply.
    #[track_caller]
    pub fn header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        accepted(self.try_header(name.as_ref(), value.as_ref()))
    }

    /// Sets the version that ran, sent as `X-Amz-Executed-Version`: `$LATEST` or a number.
    ///
    /// By default it is the version of a declared alias, or else a numeric qualifier, or else
    /// `$LATEST`.
    ///
    /// # Panics
    ///
    /// Panics if `version` is neither `$LATEST` nor a number, or if the reply is not a payload, a
    /// function error or a stream.
    #[track_caller]
    pub fn executed_version(self, version: impl AsRef<str>) -> Self {
        accepted(self.try_executed_version(version.as_ref()))
    }

    /// Adds lines to the function's log, for a caller that requests the log tail. Can be repeated.
    ///
    /// Text with several lines adds several lines. They appear between `START` and `END`, after
    /// the lines that a handler wrote with [`Invocation::log`](crate::Invocation::log). The last
    /// 4,096 bytes of the log are sent as `X-Amz-Log-Result`.
    ///
    /// In the text format a failed function of Python or Node.js has the lines in which its runtime
    /// reports the error, unless its reply has lines of its own.
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
    /// Panics if the reply is not a payload, a function error or a stream. If it is a handler, call
    /// [`Invocation::log`](crate::Invocation::log) in the closure.
    #[track_caller]
    pub fn log(self, text: impl AsRef<str>) -> Self {
        accepted(self.try_log(text.as_ref(), LineForm::Record))
    }

    /// Adds lines like [`log`](Self::log), but unchanged in the JSON format, where `log` puts a
    /// record around each line. So a line can be text that is not JSON, or empty. Consumers of
    /// tails have failed on such lines.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, LogFormat, Reply};
    ///
    /// let lambda = FakeLambda::builder().log_format(LogFormat::Json).start();
    /// lambda.on("pay").reply(Reply::json(1).log_raw("").log_raw("warning: slow disk"));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the reply is not a payload, a function error or a stream. If it is a handler, call
    /// [`Invocation::log_raw`](crate::Invocation::log_raw) in the closure.
    #[track_caller]
    pub fn log_raw(self, text: impl AsRef<str>) -> Self {
        accepted(self.try_log(text.as_ref(), LineForm::Raw))
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

/// No reply: the fault happens, and the function does not run.
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
    /// The error as AWS sends it.
    pub(crate) fn new(error: ServiceError) -> Self {
        Self {
            error,
            message: None,
            reason: None,
            retry_after: None,
            ec2_error_code: None,
            type_value: None,
        }
    }

    /// The error's text: set by the test, or else the reason's, or else the error's own.
    pub(crate) fn text(&self) -> &str {
        let usual = || match self.reason {
            Some(reason) => reason.default_message(),
            None => self.error.default_message(),
        };
        self.message.as_deref().unwrap_or_else(usual)
    }

    /// The value of `Type`: set by the test, or else the error's own.
    pub(crate) fn type_value(&self) -> Option<Option<&str>> {
        match &self.type_value {
            Some(value) => Some(value.as_deref()),
            None => self.error.type_value(),
        }
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
            Self::Stream(_) | Self::Live(_) => "a stream",
            Self::Fault(_) => "a fault without a reply",
        }
    }
}
