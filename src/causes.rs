//! Causes: limits, states of a function and environments to be started, which refuse or delay what a rule would answer.
//!
//! Data without I/O: whoever asks says what time it is. An attempt that is let through is an [`Execution`] until it
//! [leaves](Causes::leave). Which cause is asked first: the caller's rate, the function's state, concurrency, the function's rate.

mod admit;
mod lasting;
mod rate;
mod refusal;
#[cfg(test)]
mod tests;

use std::fmt;
use std::mem;
use std::time::Duration;

use rustc_hash::FxHashMap;

pub use self::lasting::Lasting;
pub(crate) use self::lasting::Left;
pub(crate) use self::rate::{Bucket, Rate};
pub(crate) use self::refusal::Refusal;
use crate::delay::Delay;
use crate::environments::{Pool, Start};
use crate::place::Place;
use crate::target::Target;

/// Every cause of a fake, oldest first, removed ones too.
#[derive(Debug, Default)]
pub(crate) struct Causes {
    all: Vec<CauseData>,
    /// How many are not removed.
    in_force: usize,
    executions: FxHashMap<Execution, Running>,
    /// The newest execution's number.
    last: u64,
}

/// A cause's number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct CauseId(usize);

/// One cause, and what has become of it.
#[derive(Debug)]
pub(crate) struct CauseData {
    /// `None` is for every function.
    pub(crate) target: Option<Target>,
    kind: Kind,
    pub(crate) written_at: Place,
    is_removed: bool,
    /// Whether any attempt was for it.
    was_met: bool,
    /// Whether verification has said that nothing can meet it.
    pub(crate) reported: bool,
    pool: Pool,
    under_way: u64,
    peak: u64,
    refused: u64,
}

/// What a cause does.
#[derive(Debug)]
pub(crate) enum Kind {
    Reserved(u32),
    Account(u32),
    CallerRate(Bucket),
    FunctionRate(Bucket),
    Pending(Left),
    Updating(Left),
    ColdStarts(Delay),
    SnapStart { not_ready: Left, restore: Delay },
}

/// One run of a function that was let through.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Execution(u64);

/// What an execution holds until it leaves.
#[derive(Debug)]
struct Running {
    counted_by: Vec<CauseId>,
    /// Of which pool, which place in it, and how it came by it.
    environment: Option<(CauseId, usize, Start)>,
}

/// Why a cause cannot be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CauseError {
    /// More is reserved than the account has.
    NotEnough { account: u32, reserved: u64 },
}

impl Causes {
    /// Whether nothing has to be asked.
    pub(crate) fn is_empty(&self) -> bool {
        self.in_force == 0
    }

    /// Puts a cause in force; one of the same kind for the same target is changed instead, and goes on counting.
    pub(crate) fn set(
        &mut self,
        target: Option<Target>,
        kind: Kind,
        written_at: Place,
    ) -> Result<CauseId, CauseError> {
        let same = self.all.iter().position(|known| {
            !known.is_removed
                && known.target == target
                && mem::discriminant(&known.kind) == mem::discriminant(&kind)
        });
        self.check(same, &kind)?;
        let Some(place) = same else {
            self.in_force += 1;
            self.all.push(CauseData {
                target,
                kind,
                written_at,
                is_removed: false,
                was_met: false,
                reported: false,
                pool: Pool::default(),
                under_way: 0,
                peak: 0,
                refused: 0,
            });
            return Ok(CauseId(self.all.len() - 1));
        };
        let known = &mut self.all[place];
        known.kind = kind;
        known.written_at = written_at;
        known.peak = known.under_way;
        Ok(CauseId(place))
    }

    /// Takes a cause out of force; what it let through goes on.
    pub(crate) fn remove(&mut self, id: CauseId) {
        let cause = &mut self.all[id.0];
        self.in_force -= usize::from(!cause.is_removed);
        cause.is_removed = true;
    }

    /// Takes an environment for an execution, where a cause says how they start; `length` draws how long that takes.
    pub(crate) fn start(
        &mut self,
        execution: Execution,
        request: &Target,
        version: &str,
        length: impl FnOnce(Delay) -> Duration,
    ) -> Option<Start> {
        // Where several are for it, the newest.
        let (id, cause) = self
            .covering(request)
            .filter(|(_, cause)| matches!(cause.kind, Kind::ColdStarts(_) | Kind::SnapStart { .. }))
            .last()?;
        let (place, is_new) = cause.pool.take(request, version);
        let start = match cause.kind {
            _ if !is_new => Start::Warm,
            Kind::SnapStart { restore, .. } => Start::Restored(length(restore)),
            Kind::ColdStarts(init) => Start::Cold(Some(length(init))),
            _ => unreachable!("only these two kinds were looked for"),
        };
        let running = self.executions.get_mut(&execution)?;
        running.environment = Some((id, place, start));
        Some(start)
    }

    /// How an execution came by its environment, where a cause says so.
    pub(crate) fn started(&self, execution: Execution) -> Option<Start> {
        let (_, _, start) = self.executions.get(&execution)?.environment?;
        Some(start)
    }

    /// Ends an execution: its place is free. Nothing happens to one that has left before.
    pub(crate) fn leave(&mut self, execution: Execution) {
        let Some(running) = self.executions.remove(&execution) else {
            return;
        };
        for id in running.counted_by {
            self.all[id.0].under_way -= 1;
        }
        if let Some((id, place, _)) = running.environment {
            self.all[id.0].pool.give_back(place);
        }
    }

    /// Whether anything is under way.
    pub(crate) fn has_executions(&self) -> bool {
        !self.executions.is_empty()
    }

    /// Those in force that no attempt has met and no report has told of.
    pub(crate) fn unmet(&mut self) -> impl Iterator<Item = &mut CauseData> {
        self.all
            .iter_mut()
            .filter(|cause| !(cause.is_removed || cause.was_met || cause.reported))
    }

    /// The causes in force for a request, oldest first.
    fn covering(&mut self, request: &Target) -> impl Iterator<Item = (CauseId, &mut CauseData)> {
        let numbered = self.all.iter_mut().enumerate();
        numbered
            .filter(|(_, cause)| cause.covers(request))
            .map(|(place, cause)| (CauseId(place), cause))
    }

    /// Refuses what leaves an account with less than is reserved of it; `changed` is what the new cause takes the place of.
    fn check(&self, changed: Option<usize>, kind: &Kind) -> Result<(), CauseError> {
        let others = self.all.iter().enumerate();
        let others = others.filter(|(place, cause)| !cause.is_removed && Some(*place) != changed);
        let kinds = others.map(|(_, cause)| &cause.kind).chain([kind]);
        let (mut account, mut reserved) = (None, 0);
        for kind in kinds {
            match kind {
                Kind::Account(executions) => account = Some(*executions),
                Kind::Reserved(executions) => reserved += u64::from(*executions),
                _ => {}
            }
        }
        match account.filter(|account| reserved > u64::from(*account)) {
            Some(account) => Err(CauseError::NotEnough { account, reserved }),
            None => Ok(()),
        }
    }
}

impl std::ops::Index<CauseId> for Causes {
    type Output = CauseData;

    fn index(&self, id: CauseId) -> &CauseData {
        &self.all[id.0]
    }
}

impl CauseData {
    /// The most executions that were under way at once.
    pub(crate) fn peak(&self) -> u64 {
        self.peak
    }

    /// How many attempts it has refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }

    fn covers(&self, request: &Target) -> bool {
        !self.is_removed
            && self
                .target
                .as_ref()
                .is_none_or(|target| target.covers(request))
    }
}

/// `reserve_concurrency("resize", 2)`, without its other arguments.
impl fmt::Display for CauseData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.kind {
            Kind::Reserved(_) => "reserve_concurrency",
            Kind::Account(_) => "account_concurrency",
            Kind::CallerRate(_) => "rate_limit",
            Kind::FunctionRate(_) => "function_rate_limit",
            Kind::Pending(_) => "pending",
            Kind::Updating(_) => "updating",
            Kind::ColdStarts(_) => "cold_starts",
            Kind::SnapStart { .. } => "snap_start",
        };
        match &self.target {
            Some(target) => write!(f, "{verb}(\"{target}\", ..)"),
            None => write!(f, "{verb}(..)"),
        }
    }
}
