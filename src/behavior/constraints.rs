//! Constraints: limits, states of a function and environments to be started, which refuse or delay what a rule would answer.
//!
//! Data without I/O: whoever asks says what time it is. An attempt that is let through is an [`Slot`] until it
//! [leaves](Constraints::leave). Which constraint is asked first: the caller's permission, before any rule; then, of what a rule would answer, the
//! caller's rate, the function's state, concurrency, the function's rate.

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

/// Every constraint of a fake, oldest first, stopped ones too.
#[derive(Debug, Default)]
pub(crate) struct Constraints {
    all: Vec<ConstraintData>,
    /// How many are not stopped.
    in_force: usize,
    executions: FxHashMap<Slot, SlotUse>,
    /// The newest execution's number.
    last: u64,
}

/// A constraint's number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ConstraintId(usize);

/// One constraint, and what has become of it.
#[derive(Debug)]
pub(crate) struct ConstraintData {
    /// `None` is for every function.
    pub(crate) target: Option<Target>,
    pub(crate) setting: Setting,
    kind: ConstraintKind,
    pub(crate) written_at: Location,
    is_stopped: bool,
    /// Whether any attempt was for it.
    was_met: bool,
    /// Whether verification has said that nothing can meet it.
    pub(crate) reported: bool,
    pool: Pool,
    under_way: u64,
    peak: u64,
    refused: u64,
}

/// What a constraint does from the moment it was set.
#[derive(Debug)]
enum ConstraintKind {
    Denied,
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

/// One run of a function that was let through.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Slot(u64);

/// What an execution holds until it leaves.
#[derive(Debug)]
struct SlotUse {
    counted_by: Vec<ConstraintId>,
    /// Of which pool, which place in it, and how it came by it.
    environment: Option<(ConstraintId, usize, Start)>,
}

/// Why a constraint cannot be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ConstraintError {
    /// More is reserved than the account has.
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
    /// Whether nothing has to be asked.
    pub(crate) fn is_empty(&self) -> bool {
        self.in_force == 0
    }

    /// Puts a constraint in force; one of the same kind for the same target is changed instead, and goes on counting.
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
            self.in_force += 1;
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

    /// Whether all of these can be set, one after the other.
    pub(crate) fn check(&self, added: &[(Option<Target>, Setting)]) -> Result<(), ConstraintError> {
        let in_force = self.in_force().map(ConstraintData::settings);
        let mut all: Vec<_> = in_force.collect();
        for one in added {
            match all.iter_mut().find(|known| is_same(one, known)) {
                Some(known) => *known = one.clone(),
                None => all.push(one.clone()),
            }
            enough(&all)?;
        }
        Ok(())
    }

    /// Those that were not stopped, oldest first.
    pub(crate) fn in_force(&self) -> impl Iterator<Item = &ConstraintData> {
        self.all.iter().filter(|constraint| !constraint.is_stopped)
    }

    /// Takes a constraint out of force; what it let through goes on.
    pub(crate) fn stop(&mut self, id: ConstraintId) {
        let constraint = &mut self.all[id.0];
        self.in_force -= usize::from(!constraint.is_stopped);
        constraint.is_stopped = true;
    }

    /// Takes an environment for an execution, where a constraint says how they start; `length` draws how long that takes.
    pub(crate) fn start(
        &mut self,
        execution: Slot,
        request: &Target,
        version: &str,
        length: impl FnOnce(Delay) -> Duration,
    ) -> Option<Start> {
        // Where several are for it, the newest.
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

    /// How an execution came by its environment, where a constraint says so.
    pub(crate) fn started(&self, execution: Slot) -> Option<Start> {
        let (_, _, start) = self.executions.get(&execution)?.environment?;
        Some(start)
    }

    /// Ends an execution: its place is free. Nothing happens to one that has left before.
    pub(crate) fn leave(&mut self, execution: Slot) {
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

    /// The constraint that refused a request, as far as it is still known.
    pub(crate) fn refuser(&self, request: &Target, refusal: Refusal) -> Option<&ConstraintData> {
        let mut newest = self.all.iter().rev();
        newest.find(|constraint| {
            let is_it = match (refusal, constraint.setting) {
                (Refusal::Reserved { .. }, Setting::Reserved(_))
                | (Refusal::Account { .. }, Setting::Account(_))
                | (Refusal::Denied, Setting::Denied)
                | (Refusal::CallerRate(_), Setting::CallerRate(_))
                | (Refusal::FunctionRate { .. }, Setting::FunctionRate(_))
                | (Refusal::Pending, Setting::Pending(_))
                | (Refusal::Updating, Setting::Updating(_))
                | (Refusal::SnapshotNotReady, Setting::SnapStart { .. }) => true,
                (
                    Refusal::Reserved { .. }
                    | Refusal::Denied
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
        })
    }

    /// Whether any delay is drawn.
    pub(crate) fn draws(&self) -> bool {
        self.all.iter().any(|constraint| match constraint.setting {
            Setting::ColdStarts(init) => init.draws(),
            Setting::SnapStart { restore, .. } => restore.draws(),
            Setting::Reserved(_)
            | Setting::Denied
            | Setting::Account(_)
            | Setting::CallerRate(_)
            | Setting::FunctionRate(_)
            | Setting::Pending(_)
            | Setting::Updating(_) => false,
        })
    }

    /// Whether anything is under way.
    pub(crate) fn has_executions(&self) -> bool {
        !self.executions.is_empty()
    }

    /// Those in force that need a rule, that no attempt has met and no report has told of.
    pub(crate) fn unmet(&mut self) -> impl Iterator<Item = &mut ConstraintData> {
        self.all.iter_mut().filter(|constraint| {
            let needs_rule = !matches!(constraint.kind, ConstraintKind::Denied);
            let is_done = constraint.is_stopped || constraint.was_met || constraint.reported;
            needs_rule && !is_done
        })
    }

    /// The constraints in force for a request, oldest first.
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

/// Whether the one takes the place of the other.
fn is_same(one: &(Option<Target>, Setting), other: &(Option<Target>, Setting)) -> bool {
    one.0 == other.0 && mem::discriminant(&one.1) == mem::discriminant(&other.1)
}

/// Refuses what leaves an account with less than is reserved of it.
fn enough(all: &[(Option<Target>, Setting)]) -> Result<(), ConstraintError> {
    let (mut account, mut reserved) = (None, 0);
    for (_, setting) in all {
        match setting {
            Setting::Account(executions) => account = Some(*executions),
            Setting::Reserved(executions) => reserved += u64::from(*executions),
            Setting::Denied
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
    /// What it was set to, and for which function.
    pub(crate) fn settings(&self) -> (Option<Target>, Setting) {
        (self.target.clone(), self.setting)
    }

    /// The most executions that were under way at once.
    pub(crate) fn peak(&self) -> u64 {
        self.peak
    }

    /// How many attempts it has refused.
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

/// `reserve_concurrency("resize", 2)`, without its other arguments.
impl ConstraintData {
    /// As the test wrote it, with its number where it has one.
    pub(crate) fn written(&self) -> String {
        let text = self.to_string();
        match self.setting {
            Setting::Reserved(executions) | Setting::Account(executions) => {
                text.replace("..", &executions.to_string())
            }
            Setting::CallerRate(_)
            | Setting::Denied
            | Setting::FunctionRate(_)
            | Setting::Pending(_)
            | Setting::Updating(_)
            | Setting::ColdStarts(_)
            | Setting::SnapStart { .. } => text,
        }
    }
}

impl fmt::Display for ConstraintData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = self.setting.verb();
        match &self.target {
            Some(target) if self.setting == Setting::Denied => write!(f, "{verb}(\"{target}\")"),
            Some(target) => write!(f, "{verb}(\"{target}\", ..)"),
            None => write!(f, "{verb}(..)"),
        }
    }
}
