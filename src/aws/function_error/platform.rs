//! Errors of the platform, which ends a function from outside on any runtime.

use std::time::Duration;

use super::thrown::Thrown;
use super::{FunctionError, Payload, write};
use crate::aws::era::Era;
use crate::ground::message::{Message, accepted};

/// The longest timeout that a function can have.
pub(crate) const LONGEST_TIMEOUT: Duration = Duration::from_secs(900);

impl FunctionError {
    /// Creates an error of the platform, which can end a function on any runtime. The text follows
    /// `RequestId: <id> Error: `.
    ///
    /// The id is that of the reply. Use this for errors without a constructor of their own, such as
    /// `Runtime.InvalidWorkingDir`, `Extension.Crash`, or a `Runtime.ExitError` with a signal. The
    /// types and the shape are those of AWS's runtime interface emulator.
    ///
    /// ```
    /// use fake_lambda::FunctionError;
    ///
    /// FunctionError::platform("Extension.Crash", "exit status 1");
    /// FunctionError::platform("Runtime.ExitError", "Runtime exited with error: signal: segmentation fault");
    /// ```
    pub fn platform(error_type: impl AsRef<str>, text: impl AsRef<str>) -> Self {
        Self(Payload::Platform {
            error_type: error_type.as_ref().into(),
            text: text.as_ref().into(),
        })
    }

    /// Creates the error of a function that ran into its timeout: `Sandbox.Timedout`, with the
    /// seconds to two decimal places.
    ///
    /// The text was recorded from AWS in November 2025, for a handler and for an init that hangs.
    ///
    /// # Panics
    ///
    /// Panics if a function cannot have this timeout: zero, or over 15 minutes.
    #[track_caller]
    pub fn timed_out(timeout: Duration) -> Self {
        accepted(Self::try_timed_out(timeout))
    }

    /// Creates the error of a function that the platform killed because it ran out of memory:
    /// `Runtime.ExitError` with `signal: killed`.
    ///
    /// Recorded from AWS. `Runtime.OutOfMemory` appears only in the function's log, not in the
    /// reply.
    pub fn out_of_memory() -> Self {
        Self::platform(
            "Runtime.ExitError",
            "Runtime exited with error: signal: killed",
        )
    }

    /// Creates the error of a function whose process ended with this exit code:
    /// `Runtime.ExitError`.
    ///
    /// Exit code 0 is an error as well: `Runtime exited without providing a reason`, recorded in
    /// November 2025.
    ///
    /// # Panics
    ///
    /// Panics if `code` is not between 0 and 255. For a signal, see [`platform`](Self::platform).
    #[track_caller]
    pub fn exited(code: i32) -> Self {
        accepted(Self::try_exited(code))
    }

    /// Creates the error of a function that returned more than 6 MiB and 100 bytes:
    /// `Function.ResponseSizeTooLarge`, recorded in November 2025.
    pub fn response_too_large() -> Self {
        Self::bytes(
            r#"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#,
        )
    }

    /// Creates the error of a function on a custom runtime without a `bootstrap` file:
    /// `Runtime.InvalidEntrypoint`, with the documented text.
    pub fn invalid_entrypoint() -> Self {
        Self::platform(
            "Runtime.InvalidEntrypoint",
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
        )
    }

    /// Creates the error of a function whose extension ended with this exit code while it started:
    /// `Extension.InitError`.
    ///
    /// The log tail has the extension's line. Payload and line were published in March 2022, with
    /// the exit code 0.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, FunctionError};
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").reply(FunctionError::extension_exited("apm", 0));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `name` is empty or has a control character, or if `code` is not between 0 and 255.
    #[track_caller]
    pub fn extension_exited(name: impl AsRef<str>, code: i32) -> Self {
        accepted(Self::try_extension_exited(name.as_ref(), code))
    }

    pub(crate) fn try_extension_exited(name: &str, code: i32) -> Result<Self, Message> {
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(Message::new(
                format!(
                    "`{}` is not a valid name of an extension",
                    name.escape_debug()
                ),
                "use the name of its file, without line breaks and tabs",
            ));
        }
        check_exit_code(code)?;
        Ok(Self(Payload::Extension {
            name: name.into(),
            code,
        }))
    }

    pub(crate) fn try_timed_out(timeout: Duration) -> Result<Self, Message> {
        if timeout.is_zero() || timeout > LONGEST_TIMEOUT {
            return Err(Message::new(
                format!("`{timeout:?}` is not a valid timeout of a function"),
                "use a duration above zero, up to 15 minutes",
            ));
        }
        let seconds = timeout.as_secs_f64();
        Ok(Self::platform(
            "Sandbox.Timedout",
            format!("Task timed out after {seconds:.2} seconds"),
        ))
    }

    pub(crate) fn try_exited(code: i32) -> Result<Self, Message> {
        check_exit_code(code)?;
        let text = match code {
            0 => "Runtime exited without providing a reason".to_owned(),
            _ => format!("Runtime exited with error: exit status {code}"),
        };
        Ok(Self::platform("Runtime.ExitError", text))
    }
}

fn check_exit_code(code: i32) -> Result<(), Message> {
    match code {
        0..=255 => Ok(()),
        _ => Err(Message::new(
            format!("`{code}` is not a valid exit code"),
            "use 0 to 255",
        )),
    }
}

/// The payload about an extension, with the message first, as published in 2022.
pub(super) fn extension(code: i32, request_id: &str) -> String {
    let message = format!("RequestId: {request_id} Error: exit code {code}");
    let message = serde_json::Value::from(message);
    format!("{{\"errorMessage\":{message},\"errorType\":\"Extension.InitError\"}}")
}

/// The timestamp in timeout messages until 2025. It is constant, because nothing in a payload
/// depends on the clock.
const MOMENT: &str = "2025-01-01T00:00:00.000Z";

/// The payload that the platform posts instead of the function's.
pub(super) fn body(error_type: &str, text: &str, request_id: &str, era: Era) -> String {
    let only_message =
        |message: String| format!("{{\"errorMessage\":{}}}", serde_json::Value::from(message));
    match error_type {
        "Sandbox.Timedout" if !era.times_out_with_a_type() => {
            only_message(format!("{MOMENT} {request_id} {text}"))
        }
        "Runtime.ExitError" if era.exits_without_a_type() => only_message(format!(
            "RequestId: {request_id} Process exited before completing request"
        )),
        _ => write::rust(&Thrown::new(
            error_type,
            &format!("RequestId: {request_id} Error: {text}"),
        )),
    }
}
