//! Replies computed by async closures of the test.

use std::any::type_name;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Answer, IntoReply, Reply, ReplyOptions};
use crate::aws::function_error::{FunctionError, IntoFunctionError};
use crate::ground::location::Location;
use crate::ground::message::accepted;
use crate::ground::panics::CaughtPanic;
use crate::request::context::Context;
use crate::request::invocation::Invocation;

/// An async closure of the test at work; it stays on the fake's thread.
pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = Result<Reply, Failure>>>>;

/// An async closure of the test, and where it was written.
#[derive(Clone)]
pub(crate) struct Handler {
    pub(crate) run: Arc<dyn Fn(Context) -> HandlerFuture + Send + Sync>,
    pub(crate) written_at: Location,
    /// What is done to whatever the closure replies.
    pub(crate) options: Option<Arc<ReplyOptions>>,
    pub(crate) headers: Vec<(Arc<str>, Arc<str>)>,
}

/// Why a handler has no reply.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It ended with a panic, or with a reply that cannot be.
    Panicked(CaughtPanic),
    /// It may still reply, and nobody waits for that any more, for this reason.
    #[cfg(feature = "wiremock")]
    GivenUp(String),
    /// It took longer than it may.
    TimedOut(Duration),
    /// It was never asked.
    UnreadEvent(UnreadEvent),
}

impl Failure {
    /// Whether the handler is still at work.
    pub(crate) fn goes_on(&self) -> bool {
        match self {
            #[cfg(feature = "wiremock")]
            Self::GivenUp(_) => true,
            Self::Panicked(_) | Self::TimedOut(_) | Self::UnreadEvent(_) => false,
        }
    }
}

/// An event that a typed handler does not take.
#[derive(Debug)]
pub(crate) struct UnreadEvent {
    /// The type it would have to be.
    pub(crate) wanted: &'static str,
    /// Where it is wrong, and how.
    pub(crate) why: String,
    pub(crate) error: FunctionError,
}

impl Reply {
    /// A reply computed from the invocation by an async closure; see [`Rule::handle`](crate::Rule::handle).
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Invocation, Reply, ServiceError};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda
    ///     .on("echo")
    ///     .reply(ServiceError::ServiceException)
    ///     .then(Reply::handle(async |invocation: Invocation| json!({"echo": invocation.payload_json()})));
    /// ```
    #[track_caller]
    pub fn handle<F, R>(handler: F) -> Self
    where
        F: AsyncFn(Invocation) -> R + Send + Sync + 'static,
        R: IntoReply,
    {
        let handler = Arc::new(handler);
        Self::computed(move |context| {
            let handler = handler.clone();
            Box::pin(async move { Ok(handler(context.invocation().clone()).await.into_reply()) })
        })
    }

    /// A reply computed from a typed event by an async closure; see [`Rule::handle_json`](crate::Rule::handle_json).
    ///
    /// ```
    /// use fake_lambda::{Context, FakeLambda, FunctionError, Reply};
    /// use std::time::Duration;
    ///
    /// let lambda = FakeLambda::start();
    /// let double = Reply::handle_json(async |n: u64, _: Context| Ok::<_, FunctionError>(2 * n));
    /// lambda.on("double").reply(double.timeout(Duration::from_secs(3)));
    /// ```
    #[track_caller]
    pub fn handle_json<F, I, R>(handler: F) -> Self
    where
        F: AsyncFn(I, Context) -> R + Send + Sync + 'static,
        I: DeserializeOwned + 'static,
        R: HandlerResult + 'static,
    {
        let handler = Arc::new(handler);
        Self::computed(move |context| {
            let handler = handler.clone();
            Box::pin(async move {
                let event = read(&context).map_err(Failure::UnreadEvent)?;
                Ok(match handler(event, context).await.written() {
                    Ok(Ok(output)) => Self::new(Answer::Payload(output.into())),
                    Ok(Err(text)) => {
                        return Err(Failure::Panicked(CaughtPanic {
                            text,
                            panicked_at: None,
                        }));
                    }
                    Err(error) => error.into(),
                })
            })
        })
    }

    /// Bounds how long the function may take: past it, the caller gets [`FunctionError::timed_out`].
    ///
    /// Counted is what makes the reply late: a handler, a [`delay`](Self::delay), a gate it is [held](Self::hold) by. What happens on the
    /// wire is not: a [`body_delay`](Self::body_delay), a [`fault`](Self::fault). The reply is then AWS's for a function that ran into its timeout, its
    /// log tail included, with the headers and the damage that were said of this one. A handler is dropped at its next `await`,
    /// as its sandbox would be; one that blocks the fake's thread is waited for, and too late all the same. For an Event
    /// nobody sees it.
    ///
    /// The time is real, and the payload names it in hundredths of a second: `Task timed out after 0.05 seconds`.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Invocation, Reply};
    /// use std::time::Duration;
    ///
    /// let lambda = FakeLambda::start();
    /// let hangs = Reply::handle(async |_: Invocation| std::future::pending::<Reply>().await);
    /// lambda.on("stuck").reply(hangs.timeout(Duration::from_millis(50)));
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when no function can have this timeout (zero, or over 15 minutes), or the reply is none of a function that ran. At
    /// the line of `reply` or `then` when nothing makes the reply late.
    #[track_caller]
    pub fn timeout(self, timeout: Duration) -> Self {
        accepted(self.try_timeout(timeout))
    }

    /// The same reply, with what was said of the handler that made it; what the reply says itself goes before.
    pub(crate) fn made_by(mut self, handler: &Handler) -> Self {
        let says = |name: &str| {
            let mut own = self.headers.iter().map(|(own, _)| own);
            own.any(|own| own.eq_ignore_ascii_case(name))
        };
        let outer = handler.headers.iter().filter(|(name, _)| !says(name));
        let outer: Vec<_> = outer.cloned().collect();
        self.headers.extend(outer);
        self.under(handler.options.as_ref())
    }

    #[track_caller]
    fn computed(run: impl Fn(Context) -> HandlerFuture + Send + Sync + 'static) -> Self {
        Self::new(Answer::Handler(Handler {
            run: Arc::new(run),
            written_at: Location::here(),
            options: None,
            headers: Vec::new(),
        }))
    }
}

impl Handler {
    /// The same closure, with what was said of its reply.
    pub(crate) fn under(&self, reply: &Reply) -> Self {
        Self {
            options: reply.options.clone(),
            headers: reply.headers.clone(),
            ..self.clone()
        }
    }

    /// How long it may take.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.options.as_ref()?.timeout
    }
}

/// The event as the function takes it. A failure is in the words of Lambda's runtime for Rust, `deserializer.rs`.
fn read<I: DeserializeOwned>(context: &Context) -> Result<I, UnreadEvent> {
    let mut json = serde_json::Deserializer::from_slice(context.invocation().json_payload());
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let at = match path.as_str() {
            "." => String::new(),
            path => format!("[{path}] "),
        };
        UnreadEvent {
            wanted: type_name::<I>(),
            why: error.to_string(),
            error: FunctionError::new(
                "&lambda_runtime::deserializer::DeserializeError",
                format!("failed to deserialize the incoming data into the function's payload type: {at}{error}\n"),
            ),
        }
    })
}

/// What a closure of [`handle_json`](crate::Rule::handle_json) returns: a `Result` of an output and an error. No other type implements it.
#[diagnostic::on_unimplemented(
    message = "`handle_json` needs a `Result`: wrap the value in `Ok(..)`",
    label = "returns `{Self}`, not a `Result`",
    note = "the error of the `Result` is any type that implements `IntoFunctionError`: `Ok::<_, FunctionError>(value)`"
)]
pub trait HandlerResult {
    /// The output in the order of its fields, or why it is not JSON; or the error as the function's own.
    #[doc(hidden)]
    fn written(self) -> Result<Result<Vec<u8>, String>, FunctionError>;
}

impl<O: Serialize, E: IntoFunctionError> HandlerResult for Result<O, E> {
    fn written(self) -> Result<Result<Vec<u8>, String>, FunctionError> {
        self.map(|output| written(&output))
            .map_err(IntoFunctionError::into_function_error)
    }
}

/// The bytes of what the function returned, or why there are none.
fn written<O: Serialize>(output: &O) -> Result<Vec<u8>, String> {
    serde_json::to_vec(output).map_err(|error| {
        format!(
            "the `{}` it returned is not JSON: {error}",
            type_name::<O>()
        )
    })
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handler({})", self.written_at)
    }
}
