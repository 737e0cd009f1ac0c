//! What a typed handler is told of its run besides the event.
//!
//! A [`Context`] is a view of the invocation and a deadline. It ends nothing: the server does, when the deadline is one of
//! [`Reply::timeout`](crate::Reply::timeout).

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use serde::de::DeserializeOwned;

use crate::aws::function_error::LONGEST_TIMEOUT;
use crate::request::invocation::Invocation;

/// What [`handle_json`](crate::Rule::handle_json) gives a function besides its event, as Lambda's runtimes do.
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
    ends: Instant,
    deadline: SystemTime,
}

impl Context {
    /// Of a run that begins now.
    pub(crate) fn new(invocation: Invocation, timeout: Option<Duration>) -> Self {
        let timeout = timeout.unwrap_or(LONGEST_TIMEOUT);
        Self {
            invocation,
            ends: Instant::now() + timeout,
            deadline: SystemTime::now() + timeout,
        }
    }

    /// The id that the caller gets in `x-amzn-RequestId`: another one for each attempt.
    pub fn request_id(&self) -> &str {
        self.invocation.request_id()
    }

    /// The ARN as the caller asked for it: qualified only when the caller qualified it.
    pub fn invoked_function_arn(&self) -> String {
        self.invocation.function_arn()
    }

    /// The function's name without region, account and qualifier.
    pub fn function_name(&self) -> &str {
        self.invocation.function_name()
    }

    /// The version that runs: what a declared alias comes to, else a numeric qualifier, else `$LATEST`.
    pub fn function_version(&self) -> &str {
        self.invocation.function_version()
    }

    /// When the run is to end: its begin and the reply's [`timeout`](crate::Reply::timeout). Without one nothing ends the run, and this
    /// is 15 minutes from its begin, the longest that a function may have.
    pub fn deadline(&self) -> SystemTime {
        self.deadline
    }

    /// How long it is to the [`deadline`](Self::deadline).
    pub fn remaining_time(&self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }

    /// The client context, as a type of the test's or a [`serde_json::Value`]; `None` when the caller sent none.
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
    ///     Ok(caller.map_or("nobody".to_owned(), |caller| caller.device))
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// When what was sent is no `T`.
    pub fn client_context<T: DeserializeOwned>(&self) -> Result<Option<T>, serde_json::Error> {
        let sent = self.invocation.client_context();
        sent.map(serde_json::from_value).transpose()
    }

    /// Writes to the log of this run; see [`Invocation::log`].
    pub fn log(&self, text: impl AsRef<str>) {
        self.invocation.log(text);
    }

    /// The request itself: its headers, its attempt number, its bytes.
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
