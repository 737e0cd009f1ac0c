//! The platform's own errors: what ends a function from outside, whatever its runtime.

use std::time::Duration;

use super::thrown::Thrown;
use super::{FunctionError, Payload, write};
use crate::aws::era::Era;
use crate::ground::message::{Message, accepted};

/// The longest timeout that a function can have.
pub(crate) const LONGEST_TIMEOUT: Duration = Duration::from_secs(900);

impl FunctionError {
    /// An error of the platform, which every runtime's function can have: `RequestId: <id> Error: ` goes before the text.
    ///
    /// The id is that of the reply. This is for what has no name here: the types that start with `Extension.`, or
    /// `Runtime.InvalidWorkingDir`. The types and the shape are those of AWS's runtime interface emulator.
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

    /// A function that ran into its timeout: `Sandbox.Timedout`, with the seconds in two decimals.
    ///
    /// The text is the one recorded from AWS in November 2025, of a handler and of an init that hangs.
    ///
    /// # Panics
    ///
    /// At this line when no function can have this timeout: zero, or over 15 minutes.
    #[track_caller]
    pub fn timed_out(timeout: Duration) -> Self {
        accepted(Self::try_timed_out(timeout))
    }

    /// A function that the platform killed for its memory: `Runtime.ExitError` with `signal: killed`.
    ///
    /// That is what callers were seen to get; `Runtime.OutOfMemory` stands only in the function's log.
    pub fn out_of_memory() -> Self {
        Self::platform(
            "Runtime.ExitError",
            "Runtime exited with error: signal: killed",
        )
    }

    /// A function whose process ended with this exit code: `Runtime.ExitError`.
    ///
    /// Zero too is an error, `Runtime exited without providing a reason`, recorded in November 2025.
    ///
    /// # Panics
    ///
    /// At this line when `code` is not between 0 and 255. For a signal, see [`platform`](Self::platform).
    #[track_caller]
    pub fn exited(code: i32) -> Self {
        accepted(Self::try_exited(code))
    }

    /// A function that returned over 6 MiB: `Function.ResponseSizeTooLarge`, recorded in November 2025.
    pub fn response_too_large() -> Self {
        Self::bytes(
            r#"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#,
        )
    }

    /// A function on a custom runtime without its `bootstrap`: `Runtime.InvalidEntrypoint`, in the documented words.
    pub fn invalid_entrypoint() -> Self {
        Self::platform(
            "Runtime.InvalidEntrypoint",
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
        )
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
        if !(0..=255).contains(&code) {
            return Err(Message::new(
                format!("`{code}` is not a valid exit code"),
                "use 0 to 255",
            ));
        }
        let text = match code {
            0 => "Runtime exited without providing a reason".to_owned(),
            _ => format!("Runtime exited with error: exit status {code}"),
        };
        Ok(Self::platform("Runtime.ExitError", text))
    }
}

/// The time of day in the texts of timeouts until 2025: the same in every run, as nothing else in a payload follows the clock.
const MOMENT: &str = "2025-01-01T00:00:00.000Z";

/// What the platform posts in the function's place.
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
