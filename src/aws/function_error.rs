//! The answer of a function that ran and failed: HTTP 200, `X-Amz-Function-Error` and a payload.
//!
//! This module holds the payload, byte for byte as Lambda sends it, and the error's form in a
//! stream and in a log. `reply::outcome` decides the header: `Unhandled`, or, until 2018, `Handled`
//! for an error of the function itself.

mod frames;
mod platform;
mod raised;
mod text;
mod thrown;
mod write;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use bytes::Bytes;
use serde::Serialize;

pub(crate) use self::platform::LONGEST_TIMEOUT;
pub use self::raised::IntoFunctionError;
use crate::aws::era::Era;
pub(crate) use crate::aws::function_error::thrown::Thrown;
use crate::aws::words::Runtime;
use crate::ground::json::text_of;
use crate::ground::message::{Message, accepted};

/// A failed function: the caller gets HTTP 200 with `X-Amz-Function-Error: Unhandled` and this
/// payload.
///
/// The service ran the function, so an SDK sees a success and does not retry.
///
/// ```
/// use fake_lambda::{FakeLambda, FunctionError, Runtime};
///
/// let lambda = FakeLambda::start();
/// lambda.on("pay").reply(FunctionError::new("ValueError", "no such order").runtime(Runtime::Python));
/// ```
///
/// # The payload of each runtime
///
/// Member order, spacing, escapes and stack match the runtime's own interface client:
///
/// | runtime | payload |
/// |---|---|
/// | `dotnet` | `errorType`, `errorMessage`, `stackTrace`, `cause`, on many lines, with a line feed at the end |
/// | `go` | `errorMessage`, `errorType`; for a panic also `stackTrace`, whose frames are objects |
/// | `java` | `errorMessage`, `errorType`, `stackTrace`, `cause` |
/// | `nodejs` | `errorType`, `errorMessage`, `trace`, which begins with the type and message |
/// | `python` | `errorMessage`, `errorType`, `requestId`, `stackTrace`, with a space after each colon and comma |
/// | `ruby` | `errorMessage`, `errorType` as `Function<…>` or `Init<…>`, `stackTrace` |
/// | `rust` | `errorType`, `errorMessage`; the default without [`runtime`](Self::runtime) |
///
/// The order was recorded from AWS in November 2025 and January 2026 for Go, Java, Node.js, Python
/// and Rust. For .NET and Ruby it is known from the source of their clients and from AWS's
/// documentation. Spacing and escapes come from the source of each client.
///
/// [`Builder::era`](crate::Builder::era) selects earlier forms: until 2019, Node.js 8
/// (`errorMessage`, `errorType`, `stackTrace`) and Python 3.7 (`stackTrace` with lists as frames,
/// `errorType`, `errorMessage`); in 2020 and 2021, Python 3.8, which has no `requestId`.
///
/// # The runtime's own errors
///
/// Errors that a runtime itself detects have the same shape, so they are written the same way:
///
/// ```
/// use fake_lambda::{FunctionError, Runtime};
///
/// // the module does not load, or has no such handler
/// FunctionError::new("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'requests'")
///     .runtime(Runtime::Python)
///     .at_init();
/// FunctionError::new("Runtime.HandlerNotFound", "index.handler is undefined or not exported").runtime(Runtime::Node).at_init();
///
/// // what the handler returned is not JSON
/// FunctionError::new("Runtime.MarshalError", "Unable to marshal response: Object of type float32 is not JSON serializable")
///     .runtime(Runtime::Python);
/// ```
#[derive(Clone, Eq, PartialEq)]
#[must_use = "a function error does nothing until a rule answers it: `lambda.on(..).reply(error)`"]
pub struct FunctionError(Payload);

/// The content of a function error.
#[derive(Clone, Eq, PartialEq)]
pub(crate) enum Payload {
    /// Exactly these bytes.
    Given(Bytes),
    /// An error of the platform: `RequestId: <id> Error: <text>`. The id is known only when there
    /// is a request.
    Platform {
        error_type: Arc<str>,
        text: Arc<str>,
    },
    /// An extension whose process ended at the start: its name and exit code.
    Extension { name: Arc<str>, code: i32 },
    /// Raised by the function or its runtime.
    Thrown(Thrown),
}

impl FunctionError {
    /// Creates the error of a function that failed with this error type and message:
    /// `{"errorType":"…","errorMessage":"…"}`.
    ///
    /// The Rust runtime sends this shape; [`runtime`](Self::runtime) selects another one.
    pub fn new(error_type: impl AsRef<str>, message: impl AsRef<str>) -> Self {
        Self(Payload::Thrown(Thrown::new(
            error_type.as_ref(),
            message.as_ref(),
        )))
    }

    /// Writes the payload as this runtime does; takes a [`Runtime`] or its name.
    ///
    /// If the runtime sends a stack with this error, the payload includes that of a small handler,
    /// the same each time, unless [`stack`](Self::stack) sets another.
    ///
    /// ```
    /// use fake_lambda::{FunctionError, Runtime};
    ///
    /// let error = FunctionError::new("ValueError", "no such order").runtime(Runtime::Python);
    /// assert_eq!(error, FunctionError::new("ValueError", "no such order").runtime("python"));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if no runtime has this name, if the error already has a runtime, or if it was not
    /// created with [`new`](Self::new): the platform's errors are the same on every runtime.
    #[track_caller]
    pub fn runtime(mut self, runtime: impl AsRef<str>) -> Self {
        let runtime = match runtime.as_ref().parse::<Runtime>() {
            Ok(runtime) => runtime,
            Err(unknown) => panic!("{}", unknown.message()),
        };
        let thrown = self.thrown("runtime(..)");
        if let Some(other) = thrown.runtime {
            panic!(
                "{}",
                Message::new(
                    format!("the error already has the runtime `{other}`, got `{runtime}`"),
                    "keep one of the two",
                )
            );
        }
        thrown.runtime = Some(runtime);
        self
    }

    /// Marks the error as raised before the handler ran, while the function was loaded.
    ///
    /// To a caller this is not a service error: the status is 200 as well. Python then sends an
    /// empty `requestId`, Ruby says `Init<…>`, Java omits the stack, and the default stacks of
    /// Node.js, Python and Ruby are those of a module while it is loaded.
    ///
    /// # Panics
    ///
    /// Panics if the error has no runtime, if its runtime does not send such an error (a Go or Rust
    /// process exits, see [`exited`](Self::exited)), or if it is a Java error with a stack or a
    /// cause, both of which Java omits at init.
    #[track_caller]
    pub fn at_init(mut self) -> Self {
        self.thrown("at_init()").at_init = true;
        self.possible()
    }

    /// Sets the frames of the stack, instead of the runtime's default frames.
    ///
    /// Each frame is written as given. A Python frame begins with two spaces and ends with a line
    /// feed. A Node.js frame begins with four spaces; omit the first lines of the stack, which
    /// contain the type and the message. A Go frame is `path:line label`; a Go error with frames is
    /// a panic.
    ///
    /// ```
    /// use fake_lambda::{FunctionError, Runtime};
    ///
    /// FunctionError::new("string", "index out of range").runtime(Runtime::Go).stack(["main.go:12 handler"]);
    /// FunctionError::new("TypeError", "x is not a function").runtime(Runtime::Node).stack([]);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the error has no runtime or one that sends no stack (Rust, and Java at init), or
    /// if a Go frame is not valid.
    #[track_caller]
    pub fn stack<'a>(mut self, frames: impl AsRef<[&'a str]>) -> Self {
        let frames = frames
            .as_ref()
            .iter()
            .map(|frame| (*frame).to_owned())
            .collect();
        self.thrown("stack(..)").stack = Some(frames);
        self.possible()
    }

    /// Sets the error that caused this one, of the same runtime: an inner exception in .NET, a
    /// cause in Java.
    ///
    /// The cause needs no [`runtime`](Self::runtime) call. An earlier version of Java's interface
    /// client sent causes; a later one sends only type, message and stack. Which of the two a
    /// managed runtime uses is not recorded.
    ///
    /// ```
    /// use fake_lambda::{FunctionError, Runtime};
    ///
    /// FunctionError::new("java.lang.RuntimeException", "no order")
    ///     .runtime(Runtime::Java)
    ///     .cause(FunctionError::new("java.io.IOException", "connection reset"));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the error has no runtime or one that sends no cause (any but .NET and Java, and
    /// Java at init), if it already has a cause, or if the cause was not created with
    /// [`new`](Self::new), is of another runtime, or failed at init.
    #[track_caller]
    pub fn cause(mut self, cause: Self) -> Self {
        let Payload::Thrown(inner) = &cause.0 else {
            panic!(
                "{}",
                Message::new(
                    format!("{cause:?} cannot be a cause"),
                    "create the cause with `FunctionError::new`",
                )
            );
        };
        let thrown = self.thrown("cause(..)");
        if let Some(first) = &thrown.cause {
            panic!(
                "{}",
                Message::new(
                    format!("the error already has the cause `{}`", first.error_type),
                    "call `.cause(..)` on that cause, or keep one of the two",
                )
            );
        }
        let inner = match thrown.runtime {
            Some(runtime) => inner.as_cause(runtime),
            None => Ok(inner.clone()),
        };
        match inner {
            Ok(inner) => thrown.cause = Some(Arc::new(inner)),
            Err(message) => panic!("{message}"),
        }
        self.possible()
    }

    /// Creates the error of a function that failed with this payload, as a custom runtime can post
    /// it.
    ///
    /// It accepts and writes the same values as [`Reply::json`](crate::Reply::json). To keep order
    /// and spacing, use [`bytes`](Self::bytes).
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, FunctionError};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").reply(FunctionError::payload(json!({"errorMessage": "boom", "errorType": "errorString"})));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `payload` cannot be written as JSON.
    #[track_caller]
    pub fn payload(payload: impl Serialize) -> Self {
        Self(Payload::Given(text_of(&payload).into()))
    }

    /// Creates the error of a function that failed with exactly these bytes, for tests where order
    /// and spacing count.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, FunctionError};
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").reply(FunctionError::bytes(r#"{ "errorType": "Bash", "errorMessage": "exit 1" }"#));
    /// ```
    pub fn bytes(payload: impl Into<Bytes>) -> Self {
        Self(Payload::Given(payload.into()))
    }

    /// The error that a runtime makes of these parts, or the reason why no runtime sends it.
    pub(crate) fn of_parts(parts: Thrown) -> Result<Self, Message> {
        match parts.impossible() {
            Some(fault) => Err(fault),
            None => Ok(Self(Payload::Thrown(parts))),
        }
    }

    pub(crate) fn parts(&self) -> &Payload {
        &self.0
    }

    /// The payload for one attempt.
    pub(crate) fn body(&self, request_id: &str, era: Era) -> Bytes {
        match &self.0 {
            Payload::Given(bytes) => bytes.clone(),
            Payload::Platform { error_type, text } => {
                platform::body(error_type, text, request_id, era).into()
            }
            Payload::Extension { code, .. } => platform::extension(*code, request_id).into(),
            Payload::Thrown(thrown) => write::payload(thrown, request_id, era).into(),
        }
    }

    /// The code and the details in the event that ends a stream; `is_begun` says whether its first
    /// chunk was sent.
    ///
    /// Callers published `Unhandled`, and, for a process that ended, `Runtime.TruncatedResponse`
    /// without details. The code of a timeout is the emulator's; no text of the details was
    /// recorded.
    pub(crate) fn in_stream(
        &self,
        request_id: &str,
        era: Era,
        is_begun: bool,
    ) -> (Cow<'static, str>, Option<String>) {
        match &self.0 {
            Payload::Platform { error_type, text } if **error_type == *"Sandbox.Timedout" => {
                let details = format!("RequestId: {request_id} Error: {text}");
                ("Sandbox.Timeout".into(), Some(details))
            }
            Payload::Platform { .. } | Payload::Extension { .. } if is_begun => {
                ("Runtime.TruncatedResponse".into(), None)
            }
            Payload::Platform { .. }
            | Payload::Extension { .. }
            | Payload::Given(_)
            | Payload::Thrown(_) => {
                let body = self.body(request_id, era);
                let details = String::from_utf8_lossy(&body).into_owned();
                ("Unhandled".into(), Some(details))
            }
        }
    }

    /// The chunk in which `lambda_runtime` 1.5 sends an error of a stream; `None` unless
    /// the error's runtime was set to Rust.
    pub(crate) fn as_chunk(&self) -> Option<Bytes> {
        let Payload::Thrown(thrown) = &self.0 else {
            return None;
        };
        let body = base64::engine::general_purpose::STANDARD.encode(&*thrown.message);
        let text = format!(
            "Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\n\
             Lambda-Runtime-Function-Error-Body: {body}\r\n"
        );
        (thrown.runtime == Some(Runtime::Rust)).then(|| text.into())
    }

    /// The lines in which the runtime or the platform reports it in a log of the text format, each
    /// with its line break; `None` if they are not known.
    pub(crate) fn log_lines(&self, request_id: &str) -> Option<String> {
        match &self.0 {
            Payload::Given(_) | Payload::Platform { .. } => None,
            Payload::Extension { name, .. } => Some(format!(
                "EXTENSION\tName: {name}\tState: InitError\tEvents: [INVOKE,SHUTDOWN]\n"
            )),
            Payload::Thrown(thrown) => write::log_lines(thrown, request_id),
        }
    }

    /// Returns `true` if the function itself failed, not the platform.
    pub(crate) fn is_of_the_function(&self) -> bool {
        match self.0 {
            // The payload of `response_too_large` is given as well, but the platform sends it.
            Payload::Given(_) => *self != Self::response_too_large(),
            Payload::Thrown(_) => true,
            Payload::Platform { .. } | Payload::Extension { .. } => false,
        }
    }

    /// The parts that `call` changes, if this kind of error has them.
    #[track_caller]
    fn thrown(&mut self, call: &str) -> &mut Thrown {
        match &mut self.0 {
            Payload::Thrown(thrown) => thrown,
            Payload::Given(_) | Payload::Platform { .. } | Payload::Extension { .. } => {
                panic!(
                    "{}",
                    Message::new(
                        format!(
                            "this error has no `{}`: its payload is the same on every runtime",
                            call.split('(').next().unwrap_or(call)
                        ),
                        format!("remove `.{call}`, or start with `FunctionError::new`"),
                    )
                )
            }
        }
    }

    #[track_caller]
    fn possible(self) -> Self {
        match self.0 {
            Payload::Thrown(parts) => accepted(Self::of_parts(parts)),
            Payload::Given(_) | Payload::Platform { .. } | Payload::Extension { .. } => self,
        }
    }
}

impl fmt::Debug for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "FunctionError({})",
            String::from_utf8_lossy(&self.body("<request-id>", Era::TODAY))
        )
    }
}
