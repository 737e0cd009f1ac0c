//! An error raised by the function's code or its runtime, before it is written for one runtime.
//!
//! This module knows which parts each runtime has; `write` knows how the runtime writes them.

use std::sync::Arc;

use crate::aws::function_error::frames::default_frames;
use crate::aws::words::Runtime;
use crate::ground::message::Message;

#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Thrown {
    pub(crate) error_type: Arc<str>,
    pub(crate) message: Arc<str>,
    pub(crate) runtime: Option<Runtime>,
    pub(crate) at_init: bool,
    pub(crate) stack: Option<Arc<[String]>>,
    pub(crate) cause: Option<Arc<Thrown>>,
}

impl Thrown {
    pub(crate) fn new(error_type: &str, message: &str) -> Self {
        Self {
            error_type: error_type.into(),
            message: message.into(),
            runtime: None,
            at_init: false,
            stack: None,
            cause: None,
        }
    }

    /// The frames the test set, or else the runtime's default frames.
    pub(super) fn frames(&self) -> Vec<String> {
        match (&self.stack, self.runtime) {
            (Some(stack), _) => stack.to_vec(),
            (None, Some(runtime)) => {
                default_frames(runtime, self.at_init, &self.error_type, &self.message)
            }
            (None, None) => Vec::new(),
        }
    }

    /// The reason why the error's runtime does not send it, or why it needs a runtime.
    pub(super) fn impossible(&self) -> Option<Message> {
        let Some(runtime) = self.runtime else {
            let first = |part| {
                Message::new(
                    format!("{part} needs a runtime, which decides whether it is sent"),
                    "call `.runtime(..)` before this method",
                )
            };
            let part = [
                (self.at_init, "an error of init"),
                (self.stack.is_some(), "a stack"),
                (self.cause.is_some(), "a cause"),
            ];
            return part
                .into_iter()
                .find(|(is, _)| *is)
                .map(|(_, part)| first(part));
        };
        if self.at_init && matches!(runtime, Runtime::Go | Runtime::Rust) {
            return Some(Message::new(
                format!("`{runtime}` sends no error at init: its process exits"),
                "use `FunctionError::exited(1)`",
            ));
        }
        if self.stack.is_some() && runtime == Runtime::Rust {
            return Some(Message::new(
                "`rust` sends no stack",
                "remove `.stack(..)`, or use another runtime",
            ));
        }
        if self.cause.is_some() && !matches!(runtime, Runtime::DotNet | Runtime::Java) {
            return Some(Message::new(
                format!("`{runtime}` sends no cause"),
                "remove `.cause(..)`, or use the runtime `dotnet` or `java`",
            ));
        }
        if self.at_init
            && runtime == Runtime::Java
            && (self.stack.is_some() || self.cause.is_some())
        {
            return Some(Message::new(
                "`java` sends neither stack nor cause of an error at init",
                "remove them, or remove `.at_init()`",
            ));
        }
        let mut frames = self.stack.iter().flat_map(|stack| stack.iter());
        let wrong = frames.find(|frame| runtime == Runtime::Go && go_frame(frame).is_none())?;
        Some(Message::new(
            format!("`{wrong}` is not a valid stack frame of `go`"),
            "use `path:line label`, as in `main.go:12 handler`",
        ))
    }

    /// The same error with this runtime, unless it has another runtime or failed at init. Its own
    /// causes are not changed.
    pub(crate) fn as_cause(&self, runtime: Runtime) -> Result<Self, Message> {
        match self.runtime {
            Some(other) if other != runtime => Err(Message::new(
                format!("an error of `{runtime}` cannot be caused by an error of `{other}`"),
                "use one runtime for both",
            )),
            _ if self.at_init => Err(Message::new(
                "a cause cannot have `.at_init()`",
                "call `.at_init()` on the error that it caused",
            )),
            _ => Ok(Self {
                runtime: Some(runtime),
                ..self.clone()
            }),
        }
    }
}

/// The path, line and label of `path:line label`.
pub(super) fn go_frame(frame: &str) -> Option<(&str, u32, &str)> {
    let (location, label) = frame.split_once(' ')?;
    let (path, line) = location.rsplit_once(':')?;
    let line = line.parse().ok()?;
    (!path.is_empty() && !label.is_empty()).then_some((path, line, label))
}
