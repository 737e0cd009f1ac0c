//! What verification finds, each thing once.

use std::mem;

use super::{Exchange, State};
use crate::behavior::chaos::Summary;
use crate::behavior::rules::{RuleData, RuleId};
use crate::ground::count::Count;
use crate::record::finding::{CountSubject, CountedOf, Finding, Miscount, OtherRule, RuleLabel};
use crate::record::journal::{Attempt, Call, Journal};

/// Everything a failed verification tells.
pub(crate) struct FailedVerification {
    pub(crate) findings: Vec<Finding>,
    pub(crate) more_findings: u64,
    pub(crate) journal: Journal,
    pub(crate) chaos: Option<Summary>,
}

impl Exchange {
    /// Takes what was found since the last time, unmet expectations included; `None` when there is nothing.
    pub(crate) fn take_findings(&self) -> Option<FailedVerification> {
        let mut verified = self.edit(|state| {
            let mut findings = mem::take(&mut state.findings);
            findings.extend(unmet(state));
            findings.extend(state.unreachable_faults());
            findings.extend(state.aimless_chaos());
            findings.extend(state.aimless_constraints());
            let more_findings = mem::take(&mut state.more_findings);
            (!findings.is_empty()).then(|| FailedVerification {
                findings,
                more_findings,
                journal: state.journal(),
                chaos: state.chaos.summary(),
            })
        })?;
        // Conditions are asked, so this is done outside the lock.
        for finding in &mut verified.findings {
            let Finding::Unmet(miscount) = finding else {
                continue;
            };
            if let CountedOf::Rule(rule) = &miscount.subject.whose {
                miscount.instead = self.instead_of(rule.id);
            }
        }
        Some(verified)
    }
}

impl State {
    /// The calls of which the rule answered an attempt, as far as they are kept.
    fn answered_by(&self, rule: RuleId) -> Vec<Call> {
        let is_by_it = |attempt: &Attempt| attempt.rule == Some(rule);
        let calls = self.log.entries();
        let calls = calls.filter(|call| call.attempts.iter().any(is_by_it));
        calls.cloned().collect()
    }

    /// The rules that answered what `rule` could have answered.
    pub(crate) fn others(&self, rule: RuleId) -> Vec<OtherRule> {
        let own = &self.rules[rule];
        let answered = self.rules.all().filter(|(id, _)| *id != rule);
        answered
            .filter(|(_, other)| match (&own.target, &other.target) {
                (Some(own), Some(other)) => own.name == other.name,
                _ => true,
            })
            .filter_map(|(id, other)| {
                let attempts = self.log.counters.of_rule(id).attempts;
                (attempts > 0).then(|| OtherRule {
                    rule: RuleLabel::of(id, other),
                    attempts,
                    more_specific: rank(other) > rank(own),
                    newer: id > rule,
                })
            })
            .collect()
    }
}

fn unmet(state: &mut State) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut told = Vec::new();
    for (id, rule) in state.rules.all().filter(|(_, rule)| !rule.reported) {
        let tally = state.log.counters.of_rule(id);
        let sides: [(&'static str, Option<Count>, u64); 2] = [
            ("call", rule.expected_calls, tally.calls),
            ("attempt", rule.expected_attempts, tally.attempts),
        ];
        for (what, expected, got) in sides {
            let Some(expected) = expected.filter(|expected| !expected.contains(got)) else {
                continue;
            };
            findings.push(Finding::Unmet(Box::new(Miscount {
                subject: CountSubject {
                    whose: CountedOf::Rule(RuleLabel::of(id, rule)),
                    matching: Vec::new(),
                },
                what,
                expected,
                got,
                calls: state.answered_by(id),
                others: state.others(id),
                instead: Vec::new(),
            })));
            told.push(id);
        }
    }
    for (id, rule) in state.rules.all().filter(|(_, rule)| !rule.reported) {
        let tally = state.log.counters.of_rule(id);
        let sides = [
            ("delivered event", rule.expected_delivered, tally.delivered),
            (
                "dead-lettered event",
                rule.expected_dead_lettered,
                tally.dead_lettered,
            ),
        ];
        for (what, expected, got) in sides {
            let Some(expected) = expected.filter(|expected| !expected.contains(got)) else {
                continue;
            };
            findings.push(Finding::UnmetEvents {
                rule: RuleLabel::of(id, rule),
                what,
                expected,
                got,
                unsettled: state.unsettled(),
            });
            told.push(id);
        }
    }
    for id in told {
        state.rules[id].reported = true;
    }
    findings
}

/// How narrowly a rule says what it is for.
fn rank(rule: &RuleData) -> u8 {
    match &rule.target {
        None => 0,
        Some(target) if target.qualifier.is_none() => 1,
        Some(_) => 2,
    }
}
