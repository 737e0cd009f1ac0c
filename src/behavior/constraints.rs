//! Constraints: limits, function states and environment starts that reject or delay an attempt
//! before its rule answers.
//!
//! Pure data: the caller passes the current time. An admitted attempt holds a [`Slot`] until it is
//! [released](Constraints::release). The caller's permission is checked before any rule. The other
//! constraints are checked for requests that a rule answers, in this order: what the function
//! requires of a request, the caller's rate, the function's state, concurrency, the function's
//! rate. The order of AWS is not known.

mod admit;
mod lasting;
mod rate;
mod refusal;
mod setting;
#[cfg(test)]
mod tests;

use std::fmt;
use std::mem;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

pub(crate) use self::lasting::Lasting;
pub(crate) use self::lasting::LastingKind;
use self::lasting::Remaining;
use self::rate::Bucket;
pub(crate) use self::rate::Rate;
pub(crate) use self::refusal::Refusal;
pub(crate) use self::setting::Setting;
use crate::aws::start::Start;
use crate::aws::target::Target;
use crate::behavior::environments::Pool;
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::reply::delay::Delay;

/// All constraints of a fake, oldest first, including stopped ones.
#[derive(Debug, Default)]
pub(crate) struct Constraints {
    all: Vec<ConstraintData>,
    /// The number of constraints that are not stopped.
    active: usize,
    executions: FxHashMap<Slot, SlotUse>,
    /// The number of the newest execution.
    last: u64,
}

/// The index of a constraint.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ConstraintId(usize);

/// One constraint and its state.
#[derive(Debug)]
pub(crate) struct ConstraintData {
    /// `None` means every function.
    pub(crate) target: Option<Target>,
    pub(crate) setting: Setting,
    kind: ConstraintKind,
    pub(crate) written_at: Location,
    is_stopped: bool,
    /// Whether it has refused an attempt, or an attempt was checked against it after the check of
    /// the caller's permission.
    was_met: bool,
    /// Whether verification has reported that no attempt can reach it.
    pub(crate) reported: bool,
    pool: Pool,
    under_way: u64,
    peak: u64,
    refused: u64,
}

/// The state of a constraint since it was set.
#[derive(Debug)]
enum ConstraintKind {
    Denied,
    TenantRequired,
    Durable,
    Reserved(u32),
    Account(u32),
    CallerRate(Bucket),
    FunctionRate(Bucket),
    Pending(Remaining),
    Updating(Remaining),
    ColdStarts(Delay),
    SnapStart {
        not_ready: Remaining,
        restore: Delay,
    },
}

/// The concurrency slot of an admitted run.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Slot(u64);

/// The resources of an execution until it is released.
#[derive(Debug)]
struct SlotUse {
    counted_by: Vec<ConstraintId>,
    /// The pool, the index in it, and how the execution got the environment.
    environment: Option<(ConstraintId, usize, Start)>,
}

/// The reason why a constraint is not valid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ConstraintError {
    /// More concurrency is reserved than the account has.
    NotEnough { account: u32, reserved: u64 },
}

impl ConstraintError {
    pub(crate) fn message(self) -> Message {
        let Self::NotEnough { account, reserved } = self;
        Message::new(
            format!("{reserved} reserved executions exceed the account's {account}"),
            "reserve fewer, or raise `account_concurrency`",
        )
    }
}

impl Constraints {
    /// Returns `true` if no constraint is active.
    pub(crate) fn is_empty(&self) -> bool {
        self.active == 0
    }

    /// Activates a constraint. If there is one of the same kind for the same target, that one is
    /// changed and keeps its counters, except that its peak starts again from the executions that
    /// are running.
    pub(crate) fn set(
        &mut self,
        target: Option<Target>,
        setting: Setting,
        now: Instant,
        written_at: Location,
    ) -> Result<ConstraintId, ConstraintError> {
        self.check(&[(target.clone(), setting)])?;
        let same = self.all.iter().position(|known| {
            !known.is_stopped && is_same(&(target.clone(), setting), &known.settings())
        });
        let Some(index) = same else {
            self.active += 1;
            self.all.push(ConstraintData {
                target,
                setting,
                kind: setting.begun(now),
                written_at,
                is_stopped: false,
                was_met: false,
                reported: false,
                pool: Pool::default(),
                under_way: 0,
                peak: 0,
                refused: 0,
            });
            return Ok(ConstraintId(self.all.len() - 1));
        };
        let known = &mut self.all[index];
        known.setting = setting;
        known.kind = setting.begun(now);
        known.written_at = written_at;
        known.peak = known.under_way;
        Ok(ConstraintId(index))
    }

    /// Checks that all of these can be set, one after the other.
    pub(crate) fn check(&self, added: &[(Option<Target>, Setting)]) -> Result<(), ConstraintError> {
        let active = self.active().map(ConstraintData::settings);
        let mut all: Vec<_> = active.collect();
        for one in added {
            match all.iter_mut().find(|known| is_same(one, known)) {
                Some(known) => *known = one.clone(),
                None => all.push(one.clone()),
            }
            enough(&all)?;
        }
        Ok(())
    }

    /// The constraints that were not stopped, oldest first.
    pub(crate) fn active(&self) -> impl Iterator<Item = &ConstraintData> {
        self.all.iter().filter(|constraint| !constraint.is_stopped)
    }

    /// Stops a constraint; runs that it has admitted continue.
    pub(crate) fn stop(&mut self, id: ConstraintId) {
        let constraint = &mut self.all[id.0];
        self.active -= usize::from(!constraint.is_stopped);
        constraint.is_stopped = true;
    }

    /// Takes an environment for an execution if a constraint defines how environments start;
    /// `length` draws how long the start takes.
    pub(crate) fn start(
        &mut self,
        execution: Slot,
        request: &Target,
        version: &str,
        length: impl FnOnce(Delay) -> Duration,
    ) -> Option<Start> {
        // If several apply, the newest.
        let (id, constraint) = self
            .covering(request)
            .filter(|(_, constraint)| {
                matches!(
                    constraint.kind,
                    ConstraintKind::ColdStarts(_) | ConstraintKind::SnapStart { .. }
                )
            })
            .last()?;
        let (index, is_new) = constraint.pool.take(request, version);
        let start = match constraint.kind {
            _ if !is_new => Start::Warm,
            ConstraintKind::SnapStart { restore, .. } => Start::Restored(length(restore)),
            ConstraintKind::ColdStarts(init) => Start::Cold(Some(length(init))),
            ConstraintKind::Denied
            | ConstraintKind::TenantRequired
            | ConstraintKind::Durable
            | ConstraintKind::Reserved(_)
            | ConstraintKind::Account(_)
            | ConstraintKind::CallerRate(_)
            | ConstraintKind::FunctionRate(_)
            | ConstraintKind::Pending(_)
            | ConstraintKind::Updating(_) => unreachable!("only these two kinds were looked for"),
        };
        let running = self.executions.get_mut(&execution)?;
        running.environment = Some((id, index, start));
        Some(start)
    }

    /// How an execution got its environment, if a constraint defines it.
    pub(crate) fn started(&self, execution: Slot) -> Option<Start> {
        let (_, _, start) = self.executions.get(&execution)?.environment?;
        Some(start)
    }

    /// Ends an execution and frees its slot. Does nothing if it was already released.
    pub(crate) fn release(&mut self, execution: Slot) {
        let Some(running) = self.executions.remove(&execution) else {
            return;
        };
        for id in running.counted_by {
            self.all[id.0].under_way -= 1;
        }
        if let Some((id, index, _)) = running.environment {
            self.all[id.0].pool.give_back(index);
        }
    }

    /// The newest constraint, active or stopped, that may have rejected a request for this reason:
    /// one with the numbers of the reason, unless they were changed since.
    pub(crate) fn refuser(&self, request: &Target, refusal: Refusal) -> Option<&ConstraintData> {
        let has_numbers = |setting: Setting| match refusal {
            Refusal::Reserved { executions } => setting == Setting::Reserved(executions),
            Refusal::Account { executions, .. } => setting == Setting::Account(executions),
            Refusal::CallerRate(rate) => setting == Setting::CallerRate(rate),
            Refusal::FunctionRate { rate, .. } => setting == Setting::FunctionRate(rate),
            Refusal::Denied
            | Refusal::NoTenant
            | Refusal::Unqualified
            | Refusal::Pending
            | Refusal::Updating
            | Refusal::SnapshotNotReady => true,
        };
        let newest = self.all.iter().rev();
        let mut refusers = newest.filter(|constraint| {
            let is_it = match (refusal, constraint.setting) {
                (Refusal::Reserved { .. }, Setting::Reserved(_))
                | (Refusal::Account { .. }, Setting::Account(_))
                | (Refusal::Denied, Setting::Denied)
                | (Refusal::NoTenant, Setting::TenantRequired)
                | (Refusal::Unqualified, Setting::Durable)
                | (Refusal::CallerRate(_), Setting::CallerRate(_))
                | (Refusal::FunctionRate { .. }, Setting::FunctionRate(_))
                | (Refusal::Pending, Setting::Pending(_))
                | (Refusal::Updating, Setting::Updating(_))
                | (Refusal::SnapshotNotReady, Setting::SnapStart { .. }) => true,
                (
                    Refusal::Reserved { .. }
                    | Refusal::Denied
                    | Refusal::NoTenant
                    | Refusal::Unqualified
                    | Refusal::Account { .. }
                    | Refusal::CallerRate(_)
                    | Refusal::FunctionRate { .. }
                    | Refusal::Pending
                    | Refusal::Updating
                    | Refusal::SnapshotNotReady,
                    _,
                ) => false,
            };
            let target = constraint.target.as_ref();
            is_it && target.is_none_or(|target| target.covers(request))
        });
        let newest = refusers.clone().next();
        refusers
            .find(|constraint| has_numbers(constraint.setting))
            .or(newest)
    }

    /// Returns `true` if any delay is random.
    pub(crate) fn draws(&self) -> bool {
        self.all.iter().any(|constraint| match constraint.setting {
            Setting::ColdStarts(init) => init.draws(),
            Setting::SnapStart { restore, .. } => restore.draws(),
            Setting::Reserved(_)
            | Setting::Denied
            | Setting::TenantRequired
            | Setting::Durable
            | Setting::Account(_)
            | Setting::CallerRate(_)
            | Setting::FunctionRate(_)
            | Setting::Pending(_)
            | Setting::Updating(_) => false,
        })
    }

    /// Returns `true` if the function is declared durable.
    pub(crate) fn is_durable(&self, request: &Target) -> bool {
        self.active > 0
            && self.all.iter().any(|constraint| {
                matches!(constraint.kind, ConstraintKind::Durable) && constraint.covers(request)
            })
    }

    /// Returns `true` if any execution is running.
    pub(crate) fn has_executions(&self) -> bool {
        !self.executions.is_empty()
    }

    /// The active constraints that need a rule, were not reached by any attempt and were not
    /// reported yet.
    pub(crate) fn unmet(&mut self) -> impl Iterator<Item = &mut ConstraintData> {
        self.all.iter_mut().filter(|constraint| {
            let needs_rule = !matches!(constraint.kind, ConstraintKind::Denied);
            let is_done = constraint.is_stopped || constraint.was_met || constraint.reported;
            needs_rule && !is_done
        })
    }

    /// The newest active constraint against which no attempt was checked: of those for this
    /// function and for every function, or of all constraints if `target` is `None`.
    pub(crate) fn idle(&self, target: Option<&Target>) -> Option<&ConstraintData> {
        let mut newest = self.all.iter().rev();
        newest.find(|constraint| {
            let is_meant = match (&constraint.target, target) {
                (Some(own), Some(target)) => own.name == target.name,
                (Some(_) | None, _) => true,
            };
            is_meant && !constraint.is_stopped && !constraint.was_met
        })
    }

    /// The active constraints that apply to a request, oldest first.
    fn covering(
        &mut self,
        request: &Target,
    ) -> impl Iterator<Item = (ConstraintId, &mut ConstraintData)> {
        let numbered = self.all.iter_mut().enumerate();
        numbered
            .filter(|(_, constraint)| constraint.covers(request))
            .map(|(index, constraint)| (ConstraintId(index), constraint))
    }
}

/// Returns `true` if one replaces the other.
fn is_same(one: &(Option<Target>, Setting), other: &(Option<Target>, Setting)) -> bool {
    one.0 == other.0 && mem::discriminant(&one.1) == mem::discriminant(&other.1)
}

/// Rejects a change that leaves an account with less concurrency than is reserved.
fn enough(all: &[(Option<Target>, Setting)]) -> Result<(), ConstraintError> {
    let (mut account, mut reserved) = (None, 0);
    for (_, setting) in all {
        match setting {
            Setting::Account(executions) => account = Some(*executions),
            Setting::Reserved(executions) => reserved += u64::from(*executions),
            Setting::Denied
            | Setting::TenantRequired
            | Setting::Durable
            | Setting::CallerRate(_)
            | Setting::FunctionRate(_)
            | Setting::Pending(_)
            | Setting::Updating(_)
            | Setting::ColdStarts(_)
            | Setting::SnapStart { .. } => {}
        }
    }
    match account.filter(|account| reserved > u64::from(*account)) {
        Some(account) => Err(ConstraintError::NotEnough { account, reserved }),
        None => Ok(()),
    }
}

impl std::ops::Index<ConstraintId> for Constraints {
    type Output = ConstraintData;

    fn index(&self, id: ConstraintId) -> &ConstraintData {
        &self.all[id.0]
    }
}

impl ConstraintData {
    /// Its setting, and the function it is for.
    pub(crate) fn settings(&self) -> (Option<Target>, Setting) {
        (self.target.clone(), self.setting)
    }

    /// The most executions that ran at the same time.
    pub(crate) fn peak(&self) -> u64 {
        self.peak
    }

    /// The number of attempts and of executions of queued events that it has rejected.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }

    fn covers(&self, request: &Target) -> bool {
        !self.is_stopped
            && self
                .target
                .as_ref()
                .is_none_or(|target| target.covers(request))
    }
}

impl ConstraintData {
    /// The call that the test wrote, with the number if it limits concurrency:
    /// `reserve_concurrency("resize", 2)`.
    pub(crate) fn written(&self) -> String {
        let text = self.to_string();
        match self.setting {
            Setting::Reserved(executions) | Setting::Account(executions) => {
                text.replace("..", &executions.to_string())
            }
            Setting::CallerRate(_)
            | Setting::Denied
            | Setting::TenantRequired
            | Setting::Durable
            | Setting::FunctionRate(_)
            | Setting::Pending(_)
            | Setting::Updating(_)
            | Setting::ColdStarts(_)
            | Setting::SnapStart { .. } => text,
        }
    }
}

/// `reserve_concurrency("resize", ..)`, without its other arguments.
impl fmt::Display for ConstraintData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = self.setting.verb();
        match &self.target {
            Some(target) if self.setting.is_only_for_a_function() => {
                write!(f, "{verb}(\"{target}\")")
            }
            Some(target) => write!(f, "{verb}(\"{target}\", ..)"),
            None => write!(f, "{verb}(..)"),
        }
    }
}
