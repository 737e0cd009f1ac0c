//! The calls that arrived instead of those that a rule expected.

use std::sync::Arc;

use super::near_misses::why_not;
use crate::aws::target::Target;
use crate::aws::versions::Resolved;
use crate::behavior::behavior::Behavior;
use crate::behavior::rules::{RuleId, Rules};
use crate::ground::nearest::nearest;
use crate::record::finding::{NearCall, OtherRule, Reason, RuleEnd, RuleLabel, SetUp};
use crate::record::journal::{Admission, Attempt, Call, Log};
use crate::request::invocation::{Invocation, Validity};
use crate::request::matchers::{Condition, ConditionInput};

/// The most calls to report.
const MAX_REPORTED: usize = 3;

/// The number of newest calls for which conditions are evaluated again, to find those that the rule
/// would have answered.
const MAX_ASKED: usize = 100;

/// The target of a rule, and the newest calls that it did not answer but was perhaps meant to.
pub(crate) struct Beside {
    target: Option<Target>,
    conditions: Arc<[Condition]>,
    calls: Vec<NearCall>,
}

impl Beside {
    pub(crate) fn of(rule: RuleId, behavior: &Behavior, log: &Log) -> Self {
        let own = &behavior.rules[rule];
        let calls = calls_beside(rule, own.target.as_ref(), log);
        let calls = calls.into_iter().map(|call| {
            let last = &call.attempts[call.attempts.len() - 1];
            NearCall {
                reasons: Vec::new(),
                set_up: set_up(last, behavior),
                answered_by: last
                    .rule
                    .map(|other| other_rule(rule, other, &behavior.rules)),
                ended: match own.is_removed() {
                    true => Some(RuleEnd::Removed),
                    false => own.is_exhausted().then_some(RuleEnd::Exhausted),
                },
                call,
            }
        });
        Self {
            target: own.target.clone(),
            conditions: own.conditions.clone(),
            calls: calls.collect(),
        }
    }
}

/// Calls to the rule's function, or to one with a similar name, that the rule did not answer, and
/// the reasons.
///
/// If the rule would have answered some of them, only those are returned. Conditions of this crate
/// and the matchers of wiremock are evaluated again; user code is not, because it could count its
/// calls.
pub(crate) fn near_calls(beside: Beside) -> Vec<NearCall> {
    let Beside {
        target,
        conditions,
        calls,
    } = beside;
    let mut reported: Vec<NearCall> = calls
        .into_iter()
        .map(|near| {
            let asked = near.call.first().target();
            let other = target
                .as_ref()
                .zip(asked)
                .and_then(|(own, asked)| why_not(own, asked, true));
            let reasons = match other {
                Some(other) => vec![other],
                None => reasons_of(&conditions, near.call.first()),
            };
            NearCall { reasons, ..near }
        })
        .collect();
    let is_missed = |near: &NearCall| near.reasons.iter().any(Reason::is_no);
    // First the calls that the rule would have answered; in each group, the newest first.
    reported.reverse();
    reported.sort_by_key(is_missed);
    let is_met = reported.first().is_some_and(|near| !is_missed(near));
    reported.retain(|near| !is_met || !is_missed(near));
    reported.truncate(MAX_REPORTED);
    reported.reverse();
    reported
}

/// The newest calls that the rule was perhaps meant to answer, in order of arrival.
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
    let newest = log.entries().rev().filter(is_meant).take(MAX_ASKED);
    let mut calls: Vec<Call> = newest.cloned().collect();
    calls.reverse();
    calls
}

/// The part of the test's setup that answered an attempt instead of the rules.
pub(crate) fn set_up(attempt: &Attempt, behavior: &Behavior) -> Option<SetUp> {
    let invocation = &attempt.invocation;
    let target = invocation.target();
    if let Some(Admission::Refused(refusal)) = attempt.admission {
        let constraint = behavior.constraints.refuser(target?, refusal)?;
        return Some(SetUp::Constraint {
            written: constraint.written(),
            written_at: constraint.written_at.clone(),
            refusal,
        });
    }
    if let (Some(hit), None) = (&attempt.hit, attempt.rule) {
        let written_at = behavior.chaos.started_at(hit)?.clone();
        return Some(SetUp::Chaos { written_at });
    }
    match invocation.validity() {
        Validity::Refused { message, part, .. } => Some(SetUp::Unaccepted {
            message: message.clone(),
            part: *part,
        }),
        Validity::Valid | Validity::Malformed { .. } | Validity::Incomplete { .. } => {
            let is_undeclared = *invocation.version() == Resolved::Unknown;
            let target = target.filter(|_| is_undeclared)?.to_string();
            Some(SetUp::Undeclared { target })
        }
    }
}

/// The rule `other`, compared with the rule `own`.
fn other_rule(own: RuleId, other: RuleId, rules: &Rules) -> OtherRule {
    let is_less_specific = rules[own].is_more_specific_than(&rules[other]);
    OtherRule {
        rule: RuleLabel::of(other, &rules[other]),
        more_specific: rules[other].is_more_specific_than(&rules[own]),
        newer: other > own && !is_less_specific,
    }
}

fn reasons_of(conditions: &[Condition], invocation: &Invocation) -> Vec<Reason> {
    let input = ConditionInput::new(invocation);
    let each = conditions.iter().map(|condition| match condition {
        condition if condition.can_repeat() => Reason::of(condition, &condition.evaluate(&input)),
        condition => Reason::NotAsked {
            condition: condition.label().into(),
            written_at: condition.written_at().clone(),
        },
    });
    each.collect()
}
