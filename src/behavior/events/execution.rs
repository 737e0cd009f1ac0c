//! One attempt to run a function for an event, and its result.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::clock::Moment;
use crate::aws::words::ThrottleReason;
use crate::behavior::rules::RuleId;

/// One time that the service took an event from its queue to run the function.
///
/// Usually the function ran. If it could not, [`error_code`](Self::error_code) says why, and the
/// event went back to the queue or ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Execution {
    pub(crate) at: Moment,
    /// Later than `at` only with [`EventsRun::TokioClock`](crate::EventsRun::TokioClock).
    pub(crate) ended_at: Moment,
    pub(crate) after: Duration,
    /// The rule whose step it consumed.
    pub(crate) rule: Option<RuleId>,
    /// Shared by executions with the same result.
    pub(crate) end: Arc<ExecutionEnd>,
}

/// The result of an execution.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ExecutionEnd {
    /// The function ran.
    Ran {
        payload: Bytes,
        version: Arc<str>,
        failed: bool,
        /// An idempotent function did no work for it.
        is_replay: bool,
    },
    /// The service could not run it.
    Refused {
        status: u16,
        /// `None` if it was not an error of Lambda.
        code: Option<Arc<str>>,
        message: Arc<str>,
        reason: Option<ThrottleReason>,
        /// Whether the reason was that no rule matched.
        unscripted: bool,
    },
}

impl Execution {
    /// Returns the time at which it began on the events' clock, which starts at
    /// 2025-01-01T00:00:00Z.
    pub fn at(&self) -> SystemTime {
        self.at.system_time()
    }

    /// Returns the age of the event at that time.
    pub fn after(&self) -> Duration {
        self.after
    }

    /// Returns 200 if the function ran, or else the status of the error that prevented it.
    pub fn status(&self) -> u16 {
        match &*self.end {
            ExecutionEnd::Ran { .. } => 200,
            ExecutionEnd::Refused { status, .. } => *status,
        }
    }

    /// Returns the error that prevented the function from running, by its name on the wire:
    /// `TooManyRequestsException`. `None` if the function ran, or if the error is not one of
    /// Lambda's.
    pub fn error_code(&self) -> Option<&str> {
        match &*self.end {
            ExecutionEnd::Ran { .. } => None,
            ExecutionEnd::Refused { code, .. } => code.as_deref(),
        }
    }

    /// Returns `true` if the function ran and failed.
    pub fn is_function_error(&self) -> bool {
        matches!(&*self.end, ExecutionEnd::Ran { failed: true, .. })
    }

    /// Returns the function's result, or the payload of its error; `None` if it did not run.
    pub fn payload(&self) -> Option<Bytes> {
        match &*self.end {
            ExecutionEnd::Ran { payload, .. } => Some(payload.clone()),
            ExecutionEnd::Refused { .. } => None,
        }
    }

    /// Returns the version that ran: `$LATEST` or a number.
    pub fn executed_version(&self) -> Option<&str> {
        match &*self.end {
            ExecutionEnd::Ran { version, .. } => Some(version),
            ExecutionEnd::Refused { .. } => None,
        }
    }

    /// Returns `true` if no rule matched.
    pub(crate) fn was_unscripted(&self) -> bool {
        matches!(
            &*self.end,
            ExecutionEnd::Refused {
                unscripted: true,
                ..
            }
        )
    }

    /// Returns `true` if a limit rejected it before any rule was evaluated.
    pub(crate) fn was_refused_by_a_limit(&self) -> bool {
        let is_refused = matches!(
            &*self.end,
            ExecutionEnd::Refused {
                unscripted: false,
                reason: Some(_),
                ..
            }
        );
        is_refused && self.rule.is_none()
    }

    /// Returns `true` if the function ran, successfully or not.
    pub(crate) fn ran(&self) -> bool {
        matches!(&*self.end, ExecutionEnd::Ran { .. })
    }

    /// Returns `true` if an idempotent function recognized the event and did no work for it.
    pub(crate) fn is_replay(&self) -> bool {
        matches!(
            &*self.end,
            ExecutionEnd::Ran {
                is_replay: true,
                ..
            }
        )
    }
}
