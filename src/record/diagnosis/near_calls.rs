//! What came instead of the calls that a rule was to answer.

use std::sync::Arc;

use super::near_misses::why_not;
use crate::aws::target::Target;
use crate::behavior::rules::{RuleId, Rules};
use crate::ground::nearest::nearest;
use crate::record::finding::{NearCall, Reason};
use crate::record::journal::{Call, Log};
use crate::request::invocation::Invocation;
use crate::request::matchers::{Asked, Condition};

/// The most calls told; the newest.
const MAX_TOLD: usize = 3;

/// What a rule is for, and the newest calls that it did not answer and may have been meant to.
pub(crate) struct Beside {
    target: Option<Target>,
    conditions: Arc<[Condition]>,
    calls: Vec<Call>,
}

impl Beside {
    pub(crate) fn of(rule: RuleId, rules: &Rules, log: &Log) -> Self {
        let own = &rules[rule];
        Self {
            target: own.target.clone(),
            conditions: own.conditions.clone(),
            calls: calls_beside(rule, own.target.as_ref(), log),
        }
    }
}

/// Calls of that function, or of one with nearly its name, that the rule did not answer, and why not.
///
/// Conditions that only look are asked again; the test's own code is not, since it may count.
pub(crate) fn near_calls(beside: Beside) -> Vec<NearCall> {
    let Beside {
        target,
        conditions,
        calls,
    } = beside;
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

/// In order of arrival.
fn calls_beside(rule: RuleId, target: Option<&Target>, log: &Log) -> Vec<Call> {
    let names = || log.counters.targets().map(|target| &*target.name);
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
    let newest = log.entries().rev().filter(is_meant).take(MAX_TOLD);
    let mut calls: Vec<Call> = newest.cloned().collect();
    calls.reverse();
    calls
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
