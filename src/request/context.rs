//! The context that a typed handler gets for each run, in addition to the event.
//!
//! A [`Context`] is a view of the invocation and a deadline. It does not end the run; the server
//! does, at the deadline of [`Reply::timeout`](crate::Reply::timeout).

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use serde::de::DeserializeOwned;

use crate::aws::function_error::LONGEST_TIMEOUT;
use crate::ground::clock::Clock;
use crate::request::invocation::Invocation;

/// The context that [`handle_json`](crate::Rule::handle_json) gives a function in addition to its
/// event, as Lambda's runtimes do.
///
/// Cheap to clone.
///
/// ```
/// use fake_lambda::{Context, FakeLambda, FunctionError};
/// use serde_json::{Value, json};
///
/// let lambda = FakeLambda::start();
/// lambda.on("whoami").handle_json(async |_: Value, context: Context| {
///     context.log(format!("{:?} left", context.remaining_time()));
///     Ok::<_, FunctionError>(json!({"id": context.request_id(), "arn": context.invoked_function_arn()}))
/// });
/// ```
#[derive(Clone)]
pub struct Context {
    invocation: Invocation,
    clock: Clock,
    ends: Instant,
    deadline: SystemTime,
}

impl Context {
    /// The context of a run that starts now.
    pub(crate) fn new(invocation: Invocation, timeout: Option<Duration>, clock: Clock) -> Self {
        let timeout = timeout.unwrap_or(LONGEST_TIMEOUT);
        Self {
            invocation,
            clock,
            ends: clock.now() + timeout,
            deadline: SystemTime::now() + timeout,
        }
    }

    /// Returns the id that the caller gets in `x-amzn-RequestId`; it differs for each attempt.
    pub fn request_id(&self) -> &str {
        self.invocation.request_id()
    }

    /// Returns the ARN as the caller requested it: qualified only if the caller qualified it.
    pub fn invoked_function_arn(&self) -> String {
        self.invocation.function_arn()
    }

    /// Returns the function's name without region, account and qualifier.
    pub fn function_name(&self) -> &str {
        self.invocation.function_name()
    }

    /// Returns the version that runs: the version of a declared alias, or else a numeric qualifier,
    /// or else `$LATEST`.
    pub fn function_version(&self) -> &str {
        self.invocation.function_version()
    }

    /// Returns the time at which the run must end: its start plus the reply's
    /// [`timeout`](crate::Reply::timeout). Without a timeout this is 15 minutes after its start,
    /// the longest timeout that a function can have; only a fake in memory then ends the run.
    pub fn deadline(&self) -> SystemTime {
        self.deadline
    }

    /// Returns the time until the run must end: in real time, or on tokio's clock if the fake is in
    /// memory.
    pub fn remaining_time(&self) -> Duration {
        self.ends.saturating_duration_since(self.clock.now())
    }

    /// Returns the client context as your own type or a [`serde_json::Value`]; `None` if the caller
    /// sent none, and always for an Event.
    ///
    /// ```
    /// use fake_lambda::{Context, FakeLambda, FunctionError};
    /// use serde_json::Value;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Caller {
    ///     device: String,
    /// }
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").handle_json(async |_: Value, context: Context| -> Result<String, FunctionError> {
    ///     let caller: Option<Caller> = context.client_context()?;
    ///     Ok(caller.map_or("unknown".to_owned(), |caller| caller.device))
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the client context is not a valid `T`.
    pub fn client_context<T: DeserializeOwned>(&self) -> Result<Option<T>, serde_json::Error> {
        let sent = self.invocation.client_context();
        sent.map(serde_json::from_value).transpose()
    }

    /// Writes to the log of this run; see [`Invocation::log`].
    pub fn log(&self, text: impl AsRef<str>) {
        self.invocation.log(text);
    }

    /// Writes lines without a record around them; like
    /// [`Invocation::log_raw`](crate::Invocation::log_raw).
    pub fn log_raw(&self, text: impl AsRef<str>) {
        self.invocation.log_raw(text);
    }

    /// Returns the request itself: its headers, its attempt number, its bytes.
    pub fn invocation(&self) -> &Invocation {
        &self.invocation
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("invocation", &self.invocation)
            .field("remaining_time", &self.remaining_time())
            .finish()
    }
}
