//! Why the service did not run a function, and what it says of it.

use std::fmt;

use super::rate::Rate;
use crate::aws::service_error::ServiceError;
use crate::aws::words::ThrottleReason;
use crate::reply::outcome::denied;
use crate::request::invocation::Invocation;

/// A constraint that refused an attempt, as it was then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// The caller may not invoke the function.
    Denied,
    /// As many executions are under way as are reserved for the function.
    Reserved { executions: u32 },
    /// As many are under way as the account leaves to functions without a reservation.
    Account { executions: u32, reserved: u64 },
    /// The caller sends faster than it may.
    CallerRate(Rate),
    /// The function is invoked faster than it may be.
    FunctionRate { rate: Rate, has_reserved: bool },
    /// The function is not active yet.
    Pending,
    /// The function is being changed.
    Updating,
    /// The snapshot of the version is still being made.
    SnapshotNotReady,
}

impl Refusal {
    pub(crate) fn error(self) -> ServiceError {
        match self {
            Self::Denied => ServiceError::AccessDeniedException,
            Self::Reserved { .. }
            | Self::Account { .. }
            | Self::CallerRate(_)
            | Self::FunctionRate { .. } => ServiceError::TooManyRequestsException,
            Self::Pending | Self::Updating => ServiceError::ResourceConflictException,
            Self::SnapshotNotReady => ServiceError::SnapStartNotReadyException,
        }
    }

    /// `Reason` of a throttle. Those of a function's rate were never seen [U]; the model says which limit each is of.
    pub(crate) fn reason(self) -> Option<ThrottleReason> {
        Some(match self {
            Self::Reserved { .. } => {
                ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded
            }
            Self::Account { .. } => ThrottleReason::ConcurrentInvocationLimitExceeded,
            Self::CallerRate(_) => ThrottleReason::CallerRateLimitExceeded,
            Self::FunctionRate { has_reserved, .. } => match has_reserved {
                true => ThrottleReason::ReservedFunctionInvocationRateLimitExceeded,
                false => ThrottleReason::FunctionInvocationRateLimitExceeded,
            },
            Self::Denied | Self::Pending | Self::Updating | Self::SnapshotNotReady => return None,
        })
    }

    /// The text, where it is not the one the error has anyway.
    pub(crate) fn message(self, invocation: &Invocation) -> Option<String> {
        match self {
            Self::Denied => Some(denied(invocation)),
            // As recorded of `UpdateFunctionCode` in November 2025; of Invoke it was not seen [U].
            Self::Updating => Some(format!(
                "The operation cannot be performed at this time. An update is in progress for resource: {}",
                unqualified(&invocation.function_arn(), invocation.qualifier())
            )),
            Self::Reserved { .. }
            | Self::Account { .. }
            | Self::CallerRate(_)
            | Self::FunctionRate { .. }
            | Self::Pending
            | Self::SnapshotNotReady => None,
        }
    }
}

/// `reserved concurrency 2`.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied => f.write_str("denied"),
            Self::Reserved { executions } => write!(f, "reserved concurrency {executions}"),
            Self::Account {
                executions,
                reserved: 0,
            } => write!(f, "account concurrency {executions}"),
            Self::Account {
                executions,
                reserved,
            } => write!(f, "account concurrency {executions}, {reserved} reserved"),
            Self::CallerRate(rate) => write!(f, "caller's rate {rate}"),
            Self::FunctionRate { rate, .. } => write!(f, "function's rate {rate}"),
            Self::Pending => f.write_str("pending"),
            Self::Updating => f.write_str("update in progress"),
            Self::SnapshotNotReady => f.write_str("snapshot not ready"),
        }
    }
}

fn unqualified(arn: &str, qualifier: Option<&str>) -> String {
    let qualified = qualifier.map(|qualifier| format!(":{qualifier}"));
    let own = qualified.and_then(|qualified| arn.strip_suffix(qualified.as_str()));
    own.unwrap_or(arn).to_owned()
}
