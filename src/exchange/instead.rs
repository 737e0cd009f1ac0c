//! What came instead of the calls that a rule was to answer.

use super::misses::why_not;
use super::{Exchange, State};
use crate::aws::target::Target;
use crate::behavior::rules::RuleId;
use crate::ground::nearest::nearest;
use crate::record::finding::{NearCall, Reason};
use crate::record::journal::Call;
use crate::request::invocation::Invocation;
use crate::request::matchers::{Asked, Condition};

/// The most calls told; the newest.
const MAX_TOLD: usize = 3;

impl Exchange {
    /// Calls of that function, or of one with nearly its name, that the rule did not answer, and why not.
    ///
    /// Conditions that only look are asked again, outside the lock; the test's own code is not, since it may count.
    pub(crate) fn instead_of(&self, rule: RuleId) -> Vec<NearCall> {
        let (target, conditions, calls) = self.read(|state| {
            let own = &state.rules[rule];
            let calls = state.calls_beside(rule, own.target.as_ref());
            (own.target.clone(), own.conditions.clone(), calls)
        });
        let told = calls.into_iter().map(|call| {
            let asked = call.first().target();
            let other = target
                .as_ref()
                .zip(asked)
                .and_then(|(own, asked)| why_not(own, asked, true));
            let reasons = match other {
                Some(other) => vec![other],
                None => reasons_of(&conditions, call.first()),
            };
            NearCall { call, reasons }
        });
        told.collect()
    }
}

impl State {
    /// The newest calls that the rule did not answer and may have been meant to, in order of arrival.
    fn calls_beside(&self, rule: RuleId, target: Option<&Target>) -> Vec<Call> {
        let names = || self.log.counters.targets().map(|target| &*target.name);
        let name = target.map(|own| {
            let is_called = names().any(|name| *name == *own.name);
            let near = nearest(&own.name, names()).filter(|_| !is_called);
            near.unwrap_or(&own.name)
        });
        let is_meant = |call: &&Call| {
            let asked = call.first().target();
            let is_same = asked.is_some_and(|asked| name.is_none_or(|name| *asked.name == *name));
            is_same
                && call
                    .attempts
                    .iter()
                    .all(|attempt| attempt.rule != Some(rule))
        };
        let newest = self.log.entries().rev().filter(is_meant).take(MAX_TOLD);
        let mut calls: Vec<Call> = newest.cloned().collect();
        calls.reverse();
        calls
    }
}

fn reasons_of(conditions: &[Condition], invocation: &Invocation) -> Vec<Reason> {
    let asked = Asked::new(invocation);
    let may_ask = |condition: &Condition| condition.only_looks() && invocation.is_kept();
    let each = conditions.iter().map(|condition| match condition {
        condition if may_ask(condition) => Reason::of(condition, &condition.ask(&asked)),
        condition => Reason::NotAsked {
            condition: condition.label().into(),
            written_at: condition.written_at().clone(),
        },
    });
    each.collect()
}
