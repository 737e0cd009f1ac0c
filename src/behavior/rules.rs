//! Rules and their steps as data: which rules match a request, in which order, and what the next
//! step is.
//!
//! No I/O, no clock, no user code: conditions are stored here and evaluated elsewhere. The methods
//! work on the whole set of rules, because each method that a test calls, such as `times`, is one
//! atomic edit of it.

mod order;

use std::sync::Arc;

use rustc_hash::FxHashMap;

pub(crate) use self::order::Candidates;
use self::order::Order;
use crate::aws::target::Target;
use crate::behavior::contract::PayloadContract;
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::ground::nearest::nearest;
use crate::ground::unpolled::{UnpolledWait, UnpolledWaits};
use crate::reply::reply::{Memory, Reply};
use crate::request::matchers::Condition;

/// The number of a rule, in the order in which rules were written.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct RuleId(u32);

impl RuleId {
    /// The index of the rule among all rules, counted from 0 without gaps.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// All rules of a fake, oldest first, including removed ones.
#[derive(Default)]
pub(crate) struct Rules {
    rules: Vec<RuleData>,
    order: Order,
    /// A cache: for each name that no rule has, the function with the nearest name. A new rule
    /// clears it.
    nearest: FxHashMap<Arc<str>, Option<Arc<str>>>,
}

/// The largest number of names whose nearest function is remembered.
const MAX_NEAREST: usize = 1_000;

/// One rule and its state.
pub(crate) struct RuleData {
    /// `None` means `on_any`.
    pub(crate) target: Option<Target>,
    pub(crate) conditions: Arc<[Condition]>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) written_at: Location,
    pub(crate) expected_calls: Option<Count>,
    pub(crate) expected_attempts: Option<Count>,
    pub(crate) expected_delivered: Option<Count>,
    pub(crate) expected_dead_lettered: Option<Count>,
    /// The type of its payloads.
    pub(crate) contract: Option<PayloadContract>,
    /// The executions that an idempotent function knows.
    pub(crate) memory: Option<Arc<Memory>>,
    /// Whether verification has reported that the expectations are not met.
    pub(crate) reported: bool,
    /// Whether verification has reported that its fault cannot happen.
    pub(crate) reported_unreachable: bool,
    /// Whether verification has said that it never answered, or not as often as it is scripted.
    pub(crate) reported_unused: bool,
    removed: bool,
    steps: Vec<ScriptStep>,
    /// The index of the step with which [`take`](Rules::take) begins to look for one that can still
    /// answer; equal to the number of steps once it has found none.
    current: usize,
}

/// A rule as it is scripted, before it answers anything.
pub(crate) struct ScriptedRule {
    /// `None` means `on_any`.
    pub(crate) target: Option<Target>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) name: Option<Arc<str>>,
    /// The answer of each step and how often it can be given. There is at least one step.
    pub(crate) steps: Vec<(Reply, Option<u64>)>,
    pub(crate) expected_calls: Option<Count>,
    pub(crate) expected_attempts: Option<Count>,
    pub(crate) expected_delivered: Option<Count>,
    pub(crate) expected_dead_lettered: Option<Count>,
}

struct ScriptStep {
    reply: Arc<Reply>,
    times: Option<u64>,
    answered: u64,
}

/// A script that is not finished.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct UnfinishedScript {
    /// The number, from 1, of the first step with too few answers, and the number of steps.
    pub(crate) step: usize,
    pub(crate) steps: usize,
    /// The number of answers of that step, and the smallest number that is expected.
    pub(crate) answered: u64,
    pub(crate) allowed: u64,
    /// The number of answers that are left in the whole script.
    pub(crate) left: u64,
}

/// The reason why an edit of a rule is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum EditError {
    /// `times(0)`: a step that never answers.
    TimesZero,
    /// The step already has a limit.
    TimesTwice { first: u64 },
    /// The step has already answered more often than the edit allows.
    AnsweredAlready { answered: u64, allowed: u64 },
    /// The fake was dropped.
    Dropped,
    /// The rule was removed.
    Removed,
}

impl ScriptedRule {
    /// A rule that answers every invocation of the target with this reply.
    pub(crate) fn new(target: Option<Target>, reply: Reply) -> Self {
        Self {
            target,
            conditions: Vec::new(),
            name: None,
            steps: vec![(reply, None)],
            expected_calls: None,
            expected_attempts: None,
            expected_delivered: None,
            expected_dead_lettered: None,
        }
    }
}

impl Rules {
    pub(crate) fn add(&mut self, rule: ScriptedRule, written_at: Location) -> RuleId {
        let id = RuleId(u32::try_from(self.rules.len()).expect("fewer than four billion rules"));
        self.order.add(id, rule.target.as_ref());
        self.nearest.clear();
        let steps = rule.steps.into_iter();
        self.rules.push(RuleData {
            target: rule.target,
            conditions: rule.conditions.into(),
            name: rule.name,
            written_at,
            expected_calls: rule.expected_calls,
            expected_attempts: rule.expected_attempts,
            expected_delivered: rule.expected_delivered,
            expected_dead_lettered: rule.expected_dead_lettered,
            contract: None,
            memory: None,
            reported: false,
            reported_unreachable: false,
            reported_unused: false,
            removed: false,
            steps: steps.map(ScriptStep::new).collect(),
            current: 0,
        });
        id
    }

    /// The live rules for this function and qualifier, exhausted ones included, in the order in
    /// which they are tried.
    pub(crate) fn matching_target<'a>(
        &'a self,
        request: &'a Target,
    ) -> impl Iterator<Item = RuleId> + 'a {
        let live = |id: &RuleId| !self[*id].removed;
        self.covering(request).flatten().filter(live)
    }

    /// The rules for this function and qualifier, removed ones included: with the qualifier,
    /// without one, and of `on_any`, each newest first.
    pub(crate) fn covering<'a>(
        &'a self,
        request: &'a Target,
    ) -> impl Iterator<Item = impl Iterator<Item = RuleId> + 'a> + 'a {
        let covers = |id: &RuleId| {
            let target = self[*id].target.as_ref();
            target.is_none_or(|target| target.covers(request))
        };
        let lines = self.order.lines(request);
        lines.map(move |line| line.iter().rev().copied().filter(covers))
    }

    /// The rules that are left to try for a request.
    pub(crate) fn candidates(&self, request: &Target) -> Candidates {
        self.order.start(request, RuleId(self.rules.len() as u32))
    }

    /// Takes the rule that is tried next: the newest of the most specific rules that are left.
    /// Rules that can answer nothing more are skipped.
    pub(crate) fn next_candidate(
        &mut self,
        candidates: &mut Candidates,
        request: &Target,
    ) -> Option<RuleId> {
        let Self { rules, order, .. } = self;
        loop {
            let is_spent = |id: RuleId| rules[id.index()].is_spent();
            let id = order.next(candidates, request, is_spent)?;
            let target = rules[id.index()].target.as_ref();
            if target.is_none_or(|target| target.covers(request)) {
                return Some(id);
            }
        }
    }

    /// The rules that name this function, newest first.
    pub(crate) fn of_name(&self, name: &str) -> impl Iterator<Item = RuleId> {
        self.order.of_name(name).iter().rev().copied()
    }

    /// The rules of `on_any`, newest first.
    pub(crate) fn for_any(&self) -> impl Iterator<Item = RuleId> {
        self.order.for_any().iter().rev().copied()
    }

    /// The name of a function that was probably meant by this name: the name itself, if a rule has
    /// it.
    pub(crate) fn nearest_name(&mut self, name: &Arc<str>) -> Option<Arc<str>> {
        if !self.order.of_name(name).is_empty() {
            return Some(name.clone());
        }
        if let Some(known) = self.nearest.get(name) {
            return known.clone();
        }
        let near = nearest(name, self.order.names().map(|known| &**known)).map(Arc::from);
        if self.nearest.len() >= MAX_NEAREST {
            self.nearest.clear();
        }
        self.nearest.insert(name.clone(), near.clone());
        near
    }

    /// Returns `true` if any live rule answers every function.
    pub(crate) fn has_any(&self) -> bool {
        self.for_any().any(|id| !self[id].removed)
    }

    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = (RuleId, &RuleData)> {
        self.rules
            .iter()
            .enumerate()
            .map(|(index, rule)| (RuleId(index as u32), rule))
    }

    /// Takes the waits for arrivals that were dropped before their first poll, from all gates of
    /// these rules, also those inside streams.
    pub(crate) fn unpolled_waits(&self) -> Vec<UnpolledWait> {
        let replies = self.rules.iter().flat_map(RuleData::replies);
        replies
            .flat_map(Reply::gates)
            .flat_map(|gate| gate.unpolled(UnpolledWaits::take))
            .collect()
    }

    /// Consumes the next step of a rule; `None` if its script is exhausted or it was removed.
    pub(crate) fn take(&mut self, id: RuleId) -> Option<Arc<Reply>> {
        let rule = &mut self.rules[id.0 as usize];
        if rule.removed {
            return None;
        }
        while rule.current < rule.steps.len() {
            let allowed = rule.allowed(rule.current);
            let step = &mut rule.steps[rule.current];
            if step.answered < allowed {
                step.answered += 1;
                return Some(step.reply.clone());
            }
            rule.current += 1;
        }
        None
    }

    /// The reply of a rule's next step, which is not consumed.
    pub(crate) fn next_reply(&self, id: RuleId) -> Option<&Arc<Reply>> {
        let rule = self.rules.get(id.index()).filter(|rule| !rule.removed)?;
        let steps = rule.steps.iter().enumerate().skip(rule.current);
        let mut open = steps.filter(|(index, step)| step.answered < rule.allowed(*index));
        open.next().map(|(_, step)| &step.reply)
    }

    /// Limits the last step to `times` answers.
    pub(crate) fn times(&mut self, id: RuleId, times: u64) -> Result<(), EditError> {
        let step = self.live(id)?.last_step();
        if times == 0 {
            return Err(EditError::TimesZero);
        }
        if let Some(first) = step.times {
            return Err(EditError::TimesTwice { first });
        }
        step.allow_only(times)?;
        step.times = Some(times);
        Ok(())
    }

    /// Adds a step; the one before it answers once unless it has another limit.
    ///
    /// Takes the reply only if the edit is accepted, so that a refused reply, which can contain
    /// user values, is not dropped under the lock.
    pub(crate) fn then(&mut self, id: RuleId, reply: &mut Option<Reply>) -> Result<(), EditError> {
        let rule = self.live(id)?;
        let was_exhausted = rule.is_exhausted();
        let step = rule.last_step();
        if step.times.is_none() {
            step.allow_only(1)?;
        }
        let reply = reply.take().map(|reply| (reply, None));
        rule.steps.extend(reply.map(ScriptStep::new));
        if was_exhausted {
            let rule = &self.rules[id.index()];
            self.order.revive(id, rule.target.as_ref());
        }
        Ok(())
    }

    /// Removes a rule: it answers nothing more, but its expectations stay.
    pub(crate) fn remove(&mut self, id: RuleId) {
        self.rules[id.0 as usize].removed = true;
    }

    /// Removes every rule. Returns all replies and conditions, which can contain user values, so
    /// that the caller drops them outside the lock.
    pub(crate) fn strip(&mut self) -> (Vec<impl Sized + use<>>, Vec<impl Sized + use<>>) {
        let rules = self.rules.iter_mut();
        let steps = rules.flat_map(|rule| std::mem::take(&mut rule.steps));
        let steps = steps.collect();
        let rules = self.rules.iter_mut();
        let conditions = rules.map(|rule| {
            let conditions = std::mem::replace(&mut rule.conditions, Arc::new([]));
            (conditions, rule.memory.take())
        });
        let conditions = conditions.collect();
        for rule in &mut self.rules {
            rule.removed = true;
        }
        (steps, conditions)
    }

    fn live(&mut self, id: RuleId) -> Result<&mut RuleData, EditError> {
        let rule = &mut self.rules[id.0 as usize];
        if rule.removed {
            Err(EditError::Removed)
        } else {
            Ok(rule)
        }
    }
}

impl std::ops::Index<RuleId> for Rules {
    type Output = RuleData;

    fn index(&self, id: RuleId) -> &RuleData {
        &self.rules[id.0 as usize]
    }
}

impl std::ops::IndexMut<RuleId> for Rules {
    fn index_mut(&mut self, id: RuleId) -> &mut RuleData {
        &mut self.rules[id.0 as usize]
    }
}

impl RuleData {
    /// Returns `true` if this rule is tried before the other because of its target.
    pub(crate) fn is_more_specific_than(&self, other: &Self) -> bool {
        self.rank() > other.rank()
    }

    /// How specific the target is.
    fn rank(&self) -> u8 {
        match &self.target {
            None => 0,
            Some(target) if target.qualifier.is_none() => 1,
            Some(_) => 2,
        }
    }

    /// Returns `true` if no step is left.
    pub(crate) fn is_exhausted(&self) -> bool {
        let last = self.steps.len().saturating_sub(1);
        self.steps
            .last()
            .is_none_or(|step| self.current >= last && step.answered >= self.allowed(last))
    }

    /// Returns `true` if it answers nothing more.
    pub(crate) fn is_spent(&self) -> bool {
        self.removed || self.is_exhausted()
    }

    /// The number of answers that its steps have given to attempts and to executions of events.
    pub(crate) fn answered(&self) -> u64 {
        self.steps.iter().map(|step| step.answered).sum()
    }

    /// Returns the rest of its script; `None` if it is finished. A last step without `times` is
    /// expected to answer once.
    pub(crate) fn unfinished(&self) -> Option<UnfinishedScript> {
        let left = |index: usize| {
            let allowed = self.steps[index].times.unwrap_or(1);
            (allowed, allowed.saturating_sub(self.steps[index].answered))
        };
        let step = (0..self.steps.len()).find(|index| left(*index).1 > 0)?;
        Some(UnfinishedScript {
            step: step + 1,
            steps: self.steps.len(),
            answered: self.steps[step].answered,
            allowed: left(step).0,
            left: (step..self.steps.len()).fold(0, |sum, index| left(index).1.saturating_add(sum)),
        })
    }

    /// The rule as it was scripted, whatever it has answered.
    pub(crate) fn scripted(&self) -> ScriptedRule {
        let steps = self.steps.iter();
        ScriptedRule {
            target: self.target.clone(),
            conditions: self.conditions.to_vec(),
            name: self.name.clone(),
            steps: steps
                .map(|step| (Reply::clone(&step.reply), step.times))
                .collect(),
            expected_calls: self.expected_calls,
            expected_attempts: self.expected_attempts,
            expected_delivered: self.expected_delivered,
            expected_dead_lettered: self.expected_dead_lettered,
        }
    }

    /// The replies of its steps.
    pub(crate) fn replies(&self) -> impl Iterator<Item = &Reply> {
        self.steps.iter().map(|step| &*step.reply)
    }

    /// The limit of the last step, if it has one.
    pub(crate) fn last_bound(&self) -> Option<u64> {
        self.steps.last()?.times
    }

    pub(crate) fn is_removed(&self) -> bool {
        self.removed
    }

    /// Whether the test states how many calls, attempts or events it answers.
    pub(crate) fn has_expectation(&self) -> bool {
        let expected = [
            self.expected_calls,
            self.expected_attempts,
            self.expected_delivered,
            self.expected_dead_lettered,
        ];
        expected.iter().any(Option::is_some)
    }

    pub(crate) fn has_qualifier(&self) -> bool {
        self.target
            .as_ref()
            .is_some_and(|target| target.qualifier.is_some())
    }

    /// Returns `true` if it has faults and none of them has happened.
    pub(crate) fn has_unused_fault(&self) -> bool {
        let has_fault = |step: &&ScriptStep| step.reply.own_fault().is_some();
        let mut faults = self.steps.iter().filter(has_fault).peekable();
        faults.peek().is_some() && faults.all(|step| step.answered == 0)
    }

    /// Returns `true` if it answers everything that `older` could: it has no condition, no end, and
    /// a target that is at least as wide and takes precedence.
    pub(crate) fn hides(&self, older: &Self) -> bool {
        let is_endless = self.steps.last().is_some_and(|step| step.times.is_none());
        let is_as_wide = match (&self.target, &older.target) {
            (None, None) => true,
            (Some(own), Some(older)) => {
                own.qualifier == older.qualifier && own.covers_function(older)
            }
            // A rule that names a function takes precedence over one that names none, but does not
            // answer everything. A rule that names none is wider, but does not take precedence.
            _ => false,
        };
        !self.removed && self.conditions.is_empty() && is_endless && is_as_wide
    }

    /// Returns `true` if a request could match both this rule and a target of chaos or of a
    /// constraint.
    pub(crate) fn overlaps(&self, target: &Target) -> bool {
        self.target.as_ref().is_none_or(|own| own.overlaps(target))
    }

    fn allowed(&self, index: usize) -> u64 {
        let is_last = index + 1 == self.steps.len();
        self.steps[index]
            .times
            .unwrap_or(if is_last { u64::MAX } else { 1 })
    }

    fn last_step(&mut self) -> &mut ScriptStep {
        self.steps
            .last_mut()
            .expect("a live rule has at least one step")
    }
}

impl ScriptStep {
    fn new((reply, times): (Reply, Option<u64>)) -> Self {
        Self {
            reply: Arc::new(reply),
            times,
            answered: 0,
        }
    }

    fn allow_only(&self, allowed: u64) -> Result<(), EditError> {
        if self.answered > allowed {
            return Err(EditError::AnsweredAlready {
                answered: self.answered,
                allowed,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
