//! One try at running a function for an event, and what came of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::clock::Moment;
use crate::aws::words::ThrottleReason;
use crate::behavior::rules::RuleId;

/// One time that the service took an event out of its queue to run the function.
///
/// Mostly the function ran then. Where it could not, [`error_code`](Self::error_code) says why, and the event went back to the queue.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Execution {
    pub(crate) at: Moment,
    pub(crate) after: Duration,
    /// Whose step it took.
    pub(crate) rule: Option<RuleId>,
    /// Shared by executions that came to the same.
    pub(crate) end: Arc<ExecutionEnd>,
}

/// What came of an execution.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ExecutionEnd {
    /// The function ran.
    Ran {
        payload: Bytes,
        version: Arc<str>,
        failed: bool,
    },
    /// The service could not run it.
    Refused {
        status: u16,
        /// `None` where it was no error of Lambda.
        code: Option<Arc<str>>,
        message: Arc<str>,
        reason: Option<ThrottleReason>,
        /// Whether it was for want of a rule.
        unscripted: bool,
    },
}

impl Execution {
    /// When, on the events' clock, which begins at 2025-01-01T00:00:00Z.
    pub fn at(&self) -> SystemTime {
        self.at.system_time()
    }

    /// How old the event was then.
    pub fn after(&self) -> Duration {
        self.after
    }

    /// 200 where the function ran, else the status of the error that kept it from running.
    pub fn status(&self) -> u16 {
        match &*self.end {
            ExecutionEnd::Ran { .. } => 200,
            ExecutionEnd::Refused { status, .. } => *status,
        }
    }

    /// The error that kept the function from running, as on the wire: `TooManyRequestsException`.
    pub fn error_code(&self) -> Option<&str> {
        match &*self.end {
            ExecutionEnd::Ran { .. } => None,
            ExecutionEnd::Refused { code, .. } => code.as_deref(),
        }
    }

    /// Whether the function ran and failed.
    pub fn is_function_error(&self) -> bool {
        matches!(&*self.end, ExecutionEnd::Ran { failed: true, .. })
    }

    /// What the function returned, or the payload of its error; `None` where it did not run.
    pub fn payload(&self) -> Option<Bytes> {
        match &*self.end {
            ExecutionEnd::Ran { payload, .. } => Some(payload.clone()),
            ExecutionEnd::Refused { .. } => None,
        }
    }

    /// The version that ran: `$LATEST` or a number.
    pub fn executed_version(&self) -> Option<&str> {
        match &*self.end {
            ExecutionEnd::Ran { version, .. } => Some(version),
            ExecutionEnd::Refused { .. } => None,
        }
    }

    /// Whether a limit refused it before any rule was asked.
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

    /// Whether the function ran, well or not.
    pub(crate) fn ran(&self) -> bool {
        matches!(&*self.end, ExecutionEnd::Ran { .. })
    }
}
