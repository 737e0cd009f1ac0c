//! Replies computed by the test's async closures.

use std::any::type_name;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Answer, IntoReply, Memory, Reply, ReplyOptions};
use crate::aws::function_error::{FunctionError, IntoFunctionError};
use crate::aws::words::Runtime;
use crate::ground::cut::short_type;
use crate::ground::location::Location;
use crate::ground::message::{Message, accepted};
use crate::ground::panics::{CaughtPanic, NOT_TEXT};
use crate::reply::chunk_sender::ChunkSender;
use crate::request::context::Context;
use crate::request::invocation::Invocation;

/// The exit code of a Rust process whose `main` returns an error.
const EXIT_CODE_OF_ERROR: i32 = 1;

/// The running async closure of a test; it stays on the thread that called it.
pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = Result<Reply, Failure>>>>;

/// The running async closure with which a test sends chunks.
pub(crate) type StreamFuture = Pin<Box<dyn Future<Output = Result<(), FunctionError>>>>;

/// The code of a handler.
#[derive(Clone)]
pub(crate) enum Run {
    /// Returns the whole reply.
    Reply(Arc<dyn Fn(Context) -> HandlerFuture + Send + Sync>),
    /// Sends chunks, and returns how the stream ends.
    Stream(Arc<dyn Fn(Context, ChunkSender) -> StreamFuture + Send + Sync>),
    /// Returns this reply, or the known one of its key.
    Idempotent(Arc<Memory>, Arc<Reply>),
}

/// The code of a reply, and where it was written.
#[derive(Clone)]
pub(crate) struct Handler {
    pub(crate) run: Run,
    pub(crate) written_at: Location,
    /// Options that apply to every reply of the closure.
    pub(crate) options: Option<Arc<ReplyOptions>>,
    pub(crate) headers: Vec<(Arc<str>, Arc<str>)>,
    /// Whether the caller gets a panic as a function error of Lambda's Rust runtime.
    pub(crate) is_of_runtime: bool,
}

/// The reason why a handler has no reply.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It panicked.
    Panicked(CaughtPanic),
    /// It ended with a value that cannot be its reply.
    Impossible(Message),
    /// It is still running, but nothing waits for its reply anymore, for this reason.
    #[cfg(feature = "wiremock")]
    GivenUp(String),
    /// It exceeded its timeout.
    TimedOut(Duration),
    /// It was not called.
    UnreadEvent(UnreadEvent),
}

impl Failure {
    /// The panic of a handler; any other failure becomes a panic whose text describes it.
    pub(crate) fn into_panic(self) -> CaughtPanic {
        let text = match self {
            Self::Panicked(panic) => return panic,
            Self::Impossible(mistake) => mistake.error().to_owned(),
            #[cfg(feature = "wiremock")]
            Self::GivenUp(text) => text,
            Self::TimedOut(timeout) => format!("it exceeded its timeout of {timeout:?}"),
            Self::UnreadEvent(unread) => unread.why,
        };
        CaughtPanic {
            text,
            panicked_at: None,
        }
    }

    /// Returns `true` if the handler is still running.
    pub(crate) fn is_still_running(&self) -> bool {
        match self {
            #[cfg(feature = "wiremock")]
            Self::GivenUp(_) => true,
            Self::Panicked(_) | Self::Impossible(_) | Self::TimedOut(_) | Self::UnreadEvent(_) => {
                false
            }
        }
    }
}

/// An event of which a typed handler cannot deserialize the payload or the client context.
#[derive(Debug)]
pub(crate) struct UnreadEvent {
    pub(crate) part: UnreadPart,
    /// The type that the handler expects.
    pub(crate) wanted: &'static str,
    /// The path and the reason of the error.
    pub(crate) why: String,
    pub(crate) error: FunctionError,
}

/// The part of an event that cannot be deserialized.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum UnreadPart {
    Payload,
    ClientContext,
}

impl Reply {
    /// Creates a reply that an async closure computes from the invocation; see
    /// [`Rule::handle`](crate::Rule::handle).
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
        Self::computed(false, move |context| {
            let handler = handler.clone();
            Box::pin(async move { Ok(handler(context.invocation().clone()).await.into_reply()) })
        })
    }

    /// Creates a reply that an async closure computes from a typed event; see
    /// [`Rule::handle_json`](crate::Rule::handle_json).
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
        Self::computed(R::IS_OF_RUNTIME, move |context| {
            let handler = handler.clone();
            Box::pin(async move {
                let event = read(&context).map_err(Failure::UnreadEvent)?;
                let result = handler(event, context).await;
                if let Some(why) = result.unread_client_context() {
                    return Err(Failure::UnreadEvent(unread_client_context(why)));
                }
                Ok(match result.written() {
                    Ok(Ok(output)) => Self::new(Answer::Payload(output.into())),
                    Ok(Err(text)) => {
                        let help = "return a value that JSON can hold; the keys of its maps must \
                                    be strings or numbers";
                        return Err(Failure::Impossible(Message::new(text, help)));
                    }
                    Err(error) => error.into(),
                })
            })
        })
    }

    /// Creates a reply whose chunks an async closure sends; see
    /// [`Rule::handle_stream`](crate::Rule::handle_stream).
    ///
    /// ```
    /// use fake_lambda::{ChunkSender, FakeLambda, FunctionError, Invocation, Reply};
    /// use std::time::Duration;
    ///
    /// let lambda = FakeLambda::start();
    /// let ticks = Reply::handle_stream(async |_: Invocation, out: ChunkSender| {
    ///     out.send("tick").await;
    ///     out.send("tock").await;
    ///     Ok::<_, FunctionError>(())
    /// });
    /// lambda.on("clock").reply(ticks.timeout(Duration::from_secs(3)));
    /// ```
    #[track_caller]
    pub fn handle_stream<F, E>(handler: F) -> Self
    where
        F: AsyncFn(Invocation, ChunkSender) -> Result<(), E> + Send + Sync + 'static,
        E: IntoFunctionError + 'static,
    {
        let handler = Arc::new(handler);
        let run = move |context: Context, sender| -> StreamFuture {
            let handler = handler.clone();
            Box::pin(async move {
                let ended = handler(context.invocation().clone(), sender).await;
                ended.map_err(IntoFunctionError::into_function_error)
            })
        };
        Self::run(false, Run::Stream(Arc::new(run)))
    }

    /// Sets the timeout of the function; when it passes, the caller gets
    /// [`FunctionError::timed_out`].
    ///
    /// The time of a handler, a [`delay`](Self::delay), a gate ([`hold`](Self::hold)) and a whole
    /// stream counts. If the reply is not a stream, its time on the wire does not count: that of a
    /// [`body_delay`](Self::body_delay) or a [`fault`](Self::fault). If a handler returns a service
    /// error or another reply that is not from a function, only the time of the handler counts.
    ///
    /// The timeout reply keeps this reply's headers and fault, and its log tail is that of a
    /// function that timed out. A handler is dropped at its next `.await`. One that blocks the
    /// fake's thread cannot be dropped; its reply arrives late and is a timeout as well. The caller
    /// of an Event never sees the timeout.
    ///
    /// The timeout is in real time, or on tokio's clock if the fake is in memory. The payload names
    /// it in hundredths of a second: `Task timed out after 0.05 seconds`.
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
    /// Panics if a function cannot have this timeout (zero, or over 15 minutes), or if the reply is
    /// not from a function that ran. The line of `reply` or `then` panics if the timeout can never
    /// pass, because nothing can delay the reply.
    #[track_caller]
    pub fn timeout(self, timeout: Duration) -> Self {
        accepted(self.try_timeout(timeout))
    }

    /// The same reply with the options of the handler that made it; the reply's own options take
    /// precedence.
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
    fn computed(
        is_of_runtime: bool,
        run: impl Fn(Context) -> HandlerFuture + Send + Sync + 'static,
    ) -> Self {
        Self::run(is_of_runtime, Run::Reply(Arc::new(run)))
    }

    #[track_caller]
    fn run(is_of_runtime: bool, run: Run) -> Self {
        Self::new(Answer::Handler(Handler {
            run,
            written_at: Location::here(),
            options: None,
            headers: Vec::new(),
            is_of_runtime,
        }))
    }
}

impl Handler {
    /// The same code with the options of its reply.
    pub(crate) fn under(&self, reply: &Reply) -> Self {
        let mut options = reply.options.clone();
        let run = match (&self.run, &mut options) {
            // The delay of chaos is part of the execution, as the other delay is.
            (Run::Idempotent(memory, executed), Some(options)) => {
                let options = Arc::make_mut(options);
                let mut executed = Reply::clone(executed);
                executed.options_mut().chaos_delay = mem::take(&mut options.chaos_delay);
                Run::Idempotent(memory.clone(), Arc::new(executed))
            }
            (Run::Idempotent(..), None) | (Run::Reply(_) | Run::Stream(_), _) => self.run.clone(),
        };
        Self {
            run,
            options,
            headers: reply.headers.clone(),
            ..self.clone()
        }
    }

    /// Returns `true` if it sends chunks.
    pub(crate) fn streams(&self) -> bool {
        match self.run {
            Run::Stream(_) => true,
            Run::Reply(_) | Run::Idempotent(..) => false,
        }
    }

    /// The reply that is returned for a new key, if its function recognizes keys.
    pub(super) fn executed(&self) -> Option<&Reply> {
        match &self.run {
            Run::Idempotent(_, executed) => Some(executed),
            Run::Reply(_) | Run::Stream(_) => None,
        }
    }

    /// The handler's timeout.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.options.as_ref()?.timeout
    }
}

/// The function error of a handler that panicked, as in `layers/panic.rs` of Lambda's Rust runtime.
pub(crate) fn answer_to_panic(panic: &CaughtPanic) -> FunctionError {
    let text = match panic.text.as_str() {
        NOT_TEXT => "Lambda panicked".to_owned(),
        text => format!("Lambda panicked: {text}"),
    };
    let error_type = "&alloc::boxed::Box<dyn core::any::Any + core::marker::Send>";
    FunctionError::new(error_type, text).runtime(Runtime::Rust)
}

/// The deserialized event. An error has the message of Lambda's Rust runtime, from its
/// `deserializer.rs`.
fn read<I: DeserializeOwned>(context: &Context) -> Result<I, UnreadEvent> {
    let mut json = serde_json::Deserializer::from_slice(context.invocation().json_payload());
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let at = match path.as_str() {
            "." => String::new(),
            path => format!("[{path}] "),
        };
        UnreadEvent {
            part: UnreadPart::Payload,
            wanted: type_name::<I>(),
            why: error.to_string(),
            error: FunctionError::new(
                "&lambda_runtime::deserializer::DeserializeError",
                format!(
                    "failed to deserialize the incoming data into the function's payload \
                     type: {at}{error}\n"
                ),
            ),
        }
    })
}

/// A client context that Lambda's Rust runtime cannot deserialize: `run` of the runtime returns the
/// error, the function's `main` returns it as well, and the process ends.
fn unread_client_context(why: &str) -> UnreadEvent {
    UnreadEvent {
        part: UnreadPart::ClientContext,
        wanted: "ClientContext",
        why: why.to_owned(),
        error: FunctionError::exited(EXIT_CODE_OF_ERROR),
    }
}

/// The return type of a closure for [`handle_json`](crate::Rule::handle_json): a `Result` of an
/// output and an error. Only the hidden result type of `lambda_handler!` also implements it.
#[diagnostic::on_unimplemented(
    message = "`handle_json` needs a `Result`: wrap the value in `Ok(..)`",
    label = "returns `{Self}`, not a `Result`",
    note = "the error of the `Result` is any type that implements `IntoFunctionError`: `Ok::<_, FunctionError>(value)`"
)]
pub trait HandlerResult {
    /// Whether the handler belongs to Lambda's Rust runtime, which turns a panic into a function
    /// error.
    #[doc(hidden)]
    const IS_OF_RUNTIME: bool = false;

    /// The output as JSON, with its fields in their own order, or the reason why it cannot be JSON;
    /// or the error as a function error.
    #[doc(hidden)]
    fn written(self) -> Result<Result<Vec<u8>, String>, FunctionError>;

    /// The error about a client context that Lambda's Rust runtime cannot deserialize, in which
    /// case the handler was not called.
    #[doc(hidden)]
    fn unread_client_context(&self) -> Option<&str> {
        None
    }
}

impl<O: Serialize, E: IntoFunctionError> HandlerResult for Result<O, E> {
    fn written(self) -> Result<Result<Vec<u8>, String>, FunctionError> {
        self.map(|output| written(&output))
            .map_err(IntoFunctionError::into_function_error)
    }
}

/// The result of a handler that [`lambda_handler!`](crate::lambda_handler) has wrapped.
#[derive(Debug)]
pub enum OfRuntime<O> {
    /// The handler was called.
    Ended(Result<O, FunctionError>),
    /// The handler was not called, because the runtime cannot deserialize the client context.
    UnreadClientContext(String),
}

// Only the macro makes one.
#[diagnostic::do_not_recommend]
impl<O: Serialize> HandlerResult for OfRuntime<O> {
    const IS_OF_RUNTIME: bool = true;

    fn written(self) -> Result<Result<Vec<u8>, String>, FunctionError> {
        match self {
            Self::Ended(result) => result.written(),
            Self::UnreadClientContext(why) => Ok(Err(why)),
        }
    }

    fn unread_client_context(&self) -> Option<&str> {
        match self {
            Self::Ended(_) => None,
            Self::UnreadClientContext(why) => Some(why),
        }
    }
}

/// The bytes of the function's result, or the reason why there are none.
fn written<O: Serialize>(output: &O) -> Result<Vec<u8>, String> {
    serde_json::to_vec(output).map_err(|error| {
        format!(
            "`{}` cannot be written as JSON: {error}",
            short_type(type_name::<O>())
        )
    })
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handler({})", self.written_at)
    }
}
