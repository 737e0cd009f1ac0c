//! How a run ended, read from the payload of its reply, because the payload is all that a test
//! scripts of a failure.

use serde_json::Value;

use super::LONGEST;

/// The platform's name for a run that it killed because it ran out of memory. The caller's payload
/// says `Runtime.ExitError`.
pub(super) const OUT_OF_MEMORY: &str = "Runtime.OutOfMemory";

/// The prefixes of the platform's own error types, with their dot.
const PLATFORM: [&str; 4] = ["Extension.", "Function.", "Runtime.", "Sandbox."];

/// The ending of a run, as the report states it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum RunEnding {
    /// The function answered, possibly with an error: the report of an exception has no status, as
    /// recorded in 2023 and September 2026.
    Answered,
    /// The platform ended the run. Recorded for types with `Runtime.`; likely for the others.
    Failed { error_type: String },
    /// The platform ended the run after this many microseconds, if the payload says how long it
    /// took.
    TimedOut {
        after: Option<u64>,
        /// The log's line about it, which the log has if the payload has the form that AWS sent
        /// until 2025. With today's payload, `Sandbox.Timedout`, the logs recorded in 2025 and 2026
        /// have no such line.
        line: Option<String>,
    },
}

impl RunEnding {
    /// The ending of a run whose reply has this payload and `X-Amz-Function-Error`.
    pub(crate) fn of_error(payload: &[u8]) -> Self {
        let Ok(payload) = serde_json::from_slice::<Value>(payload) else {
            return Self::Answered;
        };
        let member = |name| payload.get(name).and_then(Value::as_str);
        let message = member("errorMessage").unwrap_or_default();
        match (member("errorType"), timeout_in(message)) {
            (Some("Sandbox.Timedout"), after) => Self::TimedOut { after, line: None },
            (None, after @ Some(_)) => Self::TimedOut {
                after,
                line: Some(message.to_owned()),
            },
            (Some("Runtime.ExitError"), _) if message.ends_with("signal: killed") => Self::Failed {
                error_type: OUT_OF_MEMORY.to_owned(),
            },
            (Some(error_type), _) if PLATFORM.iter().any(|part| error_type.starts_with(part)) => {
                Self::Failed {
                    error_type: error_type.to_owned(),
                }
            }
            _ => Self::Answered,
        }
    }
}

/// The microseconds in `… Task timed out after 3.00 seconds`.
fn timeout_in(message: &str) -> Option<u64> {
    let (_, seconds) = message.rsplit_once("Task timed out after ")?;
    let seconds: f64 = seconds.strip_suffix(" seconds")?.parse().ok()?;
    Some(((seconds * 1e6).round() as u64).min(LONGEST))
}
