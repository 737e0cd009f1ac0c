//! The reason why the service did not run a function, and its message about it.

use std::fmt;

use super::rate::Rate;
use crate::aws::service_error::ServiceError;
use crate::aws::words::ThrottleReason;
use crate::reply::outcome::denied;
use crate::request::invocation::Invocation;

/// A constraint that rejected an attempt or an execution, in its state at that time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// The caller is not allowed to invoke the function.
    Denied,
    /// The function requires a tenant, and the request names none.
    NoTenant,
    /// The function is durable, and the request names no version or alias.
    Unqualified,
    /// As many executions are running as are reserved for the function.
    Reserved { executions: u32 },
    /// As many are running as the account leaves to functions without reserved concurrency.
    Account { executions: u32, reserved: u64 },
    /// The caller sends faster than allowed.
    CallerRate(Rate),
    /// The function is invoked faster than allowed.
    FunctionRate { rate: Rate, has_reserved: bool },
    /// The function is not active yet.
    Pending,
    /// The function is being updated.
    Updating,
    /// The snapshot of the version is still being created.
    SnapshotNotReady,
}

impl Refusal {
    pub(crate) fn error(self) -> ServiceError {
        match self {
            Self::Denied => ServiceError::AccessDeniedException,
            Self::NoTenant | Self::Unqualified => ServiceError::InvalidParameterValueException,
            Self::Reserved { .. }
            | Self::Account { .. }
            | Self::CallerRate(_)
            | Self::FunctionRate { .. } => ServiceError::TooManyRequestsException,
            Self::Pending | Self::Updating => ServiceError::ResourceConflictException,
            Self::SnapshotNotReady => ServiceError::SnapStartNotReadyException,
        }
    }

    /// The `Reason` of a throttle. Those of a function's rate were never recorded and are assumed
    /// from the service model, which describes the limit of each.
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
            Self::Denied
            | Self::NoTenant
            | Self::Unqualified
            | Self::Pending
            | Self::Updating
            | Self::SnapshotNotReady => return None,
        })
    }

    /// The text, if it differs from the error's default.
    pub(crate) fn message(self, invocation: &Invocation) -> Option<String> {
        match self {
            Self::Denied => Some(denied(invocation)),
            // From AWS's own article about tenant isolation.
            Self::NoTenant => Some(
                "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again."
                    .to_owned(),
            ),
            // Published in May 2026.
            Self::Unqualified => Some(
                "You cannot invoke a durable function using an unqualified ARN.".to_owned(),
            ),
            // Recorded for `UpdateFunctionCode` in November 2025; assumed for Invoke, where it was
            // never recorded.
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
            Self::NoTenant => f.write_str("no tenant id"),
            Self::Unqualified => f.write_str("durable, no qualifier"),
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
