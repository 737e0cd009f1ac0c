//! The settings of constraints, as the test made them. `ConstraintKind` is the state of an active
//! constraint.

use std::time::Instant;

use super::{Bucket, ConstraintKind, Lasting, Rate};
use crate::aws::target::Target;
use crate::ground::message::Message;
use crate::reply::capability::{Capability, Need};
use crate::reply::delay::Delay;

/// The setting of a constraint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Setting {
    Denied,
    TenantRequired,
    Durable,
    Reserved(u32),
    Account(u32),
    CallerRate(Rate),
    FunctionRate(Rate),
    Pending(Lasting),
    Updating(Lasting),
    ColdStarts(Delay),
    SnapStart { not_ready: Lasting, restore: Delay },
}

impl Setting {
    /// The state at the start; the setting is known to be valid.
    pub(super) fn begun(self, now: Instant) -> ConstraintKind {
        let left = |lasting: Lasting| {
            lasting
                .left(now)
                .expect("the check refuses a negative number")
        };
        match self {
            Self::Denied => ConstraintKind::Denied,
            Self::TenantRequired => ConstraintKind::TenantRequired,
            Self::Durable => ConstraintKind::Durable,
            Self::Reserved(executions) => ConstraintKind::Reserved(executions),
            Self::Account(executions) => ConstraintKind::Account(executions),
            Self::CallerRate(rate) => ConstraintKind::CallerRate(Bucket::new(rate, now)),
            Self::FunctionRate(rate) => ConstraintKind::FunctionRate(Bucket::new(rate, now)),
            Self::Pending(lasting) => ConstraintKind::Pending(left(lasting)),
            Self::Updating(lasting) => ConstraintKind::Updating(left(lasting)),
            Self::ColdStarts(init) => ConstraintKind::ColdStarts(init),
            Self::SnapStart { not_ready, restore } => ConstraintKind::SnapStart {
                not_ready: left(not_ready),
                restore,
            },
        }
    }

    /// Returns `true` if its method takes the function and nothing else.
    pub(super) fn is_only_for_a_function(self) -> bool {
        match self {
            Self::Denied | Self::TenantRequired | Self::Durable => true,
            Self::Reserved(_)
            | Self::Account(_)
            | Self::CallerRate(_)
            | Self::FunctionRate(_)
            | Self::Pending(_)
            | Self::Updating(_)
            | Self::ColdStarts(_)
            | Self::SnapStart { .. } => false,
        }
    }

    /// The name of its method.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Denied => "deny",
            Self::TenantRequired => "require_tenant_id",
            Self::Durable => "durable",
            Self::Reserved(_) => "reserve_concurrency",
            Self::Account(_) => "account_concurrency",
            Self::CallerRate(_) => "rate_limit",
            Self::FunctionRate(_) => "function_rate_limit",
            Self::Pending(_) => "pending",
            Self::Updating(_) => "updating",
            Self::ColdStarts(_) => "cold_starts",
            Self::SnapStart { .. } => "snap_start",
        }
    }

    /// The capability it needs that not every transport has.
    pub(crate) fn needs(self) -> Option<Need> {
        match self {
            Self::Reserved(1..) | Self::Account(1..) => {
                let written = format!("`{}` above 0", self.verb());
                Some(Need::of(Capability::Concurrency, written))
            }
            Self::Denied
            | Self::TenantRequired
            | Self::Durable
            | Self::Reserved(0)
            | Self::Account(0)
            | Self::CallerRate(_)
            | Self::FunctionRate(_)
            | Self::Pending(_)
            | Self::Updating(_)
            | Self::ColdStarts(_)
            | Self::SnapStart { .. } => None,
        }
    }

    /// The reason why it is not valid for a target, if it is not.
    pub(crate) fn mistake(self, target: Option<&Target>) -> Option<Message> {
        let verb = self.verb();
        let qualifier = target.and_then(|target| target.qualifier.as_deref());
        let name = target.map_or("", |target| &target.name);
        let of_the_function = |call: String| {
            let message = |qualifier: &str| {
                Message::new(
                    format!("`{verb}` takes a function, not the qualifier `{qualifier}`"),
                    format!("use `{call}`"),
                )
            };
            qualifier.map(message)
        };
        match self {
            Self::Reserved(_) | Self::FunctionRate(_) => {
                of_the_function(format!("{verb}(\"{name}\", ..)"))
            }
            Self::TenantRequired | Self::Durable => of_the_function(format!("{verb}(\"{name}\")")),
            Self::Denied | Self::Account(_) | Self::CallerRate(_) => None,
            Self::Pending(lasting) | Self::Updating(lasting) => {
                lasting.is_over().then(|| never_met(verb, lasting))
            }
            Self::ColdStarts(init) => init.mistake(),
            Self::SnapStart { not_ready, restore } => {
                if qualifier.is_none_or(|qualifier| qualifier.starts_with("$LATEST")) {
                    let named = target.map_or_else(String::new, Target::to_string);
                    return Some(Message::new(
                        format!("`{verb}` takes a published version, got `{named}`"),
                        format!("name a version or an alias, as in `{verb}(\"{name}:7\", ..)`"),
                    ));
                }
                if not_ready.left(Instant::now()).is_none() {
                    return Some(Message::new(
                        format!("`{verb}` got {not_ready}, a negative number"),
                        "use at least 0 attempts, or a duration",
                    ));
                }
                restore.mistake()
            }
        }
    }
}

fn never_met(verb: &str, lasting: Lasting) -> Message {
    Message::new(
        format!("`{verb}` for {lasting} can never apply to an attempt"),
        "use at least 1 attempt, or a duration above zero",
    )
}
