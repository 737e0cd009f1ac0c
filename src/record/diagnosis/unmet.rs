//! Unmet expectations, and what can explain them.

use crate::behavior::rules::{RuleData, RuleId, Rules};
use crate::ground::count::Count;
use crate::record::finding::{CountSubject, CountedOf, Finding, Miscount, RuleLabel};
use crate::record::journal::{Attempt, Call, Log};
use crate::reply::capability::TransportKind;

/// Each unmet expectation of a rule, once.
///
/// `unsettled` counts the accepted events that have not ended and can still meet an expectation of
/// a rule.
pub(crate) fn unmet(
    rules: &mut Rules,
    log: &Log,
    unsettled: impl Fn(&RuleData) -> usize,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut reported = Vec::new();
    for (id, rule) in rules.all().filter(|(_, rule)| !rule.reported) {
        let tally = log.counters.of_rule(id);
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
                calls: answered_by(id, log),
                instead: Vec::new(),
                is_clock_paused: false,
                idle_chaos: None,
                idle_constraint: None,
                transport: TransportKind::Socket,
                is_dropped: false,
            })));
            reported.push(id);
        }
    }
    for (id, rule) in rules.all().filter(|(_, rule)| !rule.reported) {
        let tally = log.counters.of_rule(id);
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
                unsettled: unsettled(rule),
            });
            reported.push(id);
        }
    }
    for id in reported {
        rules[id].reported = true;
    }
    findings
}

/// Returns `true` if the number of delivered or dead-lettered events of a rule is not the expected
/// one.
pub(crate) fn is_event_expected(rules: &Rules, log: &Log) -> bool {
    let is_short = |expected: Option<Count>, got: u64| {
        expected.is_some_and(|expected| !expected.contains(got))
    };
    rules
        .all()
        .filter(|(_, rule)| !rule.reported)
        .any(|(id, rule)| {
            let tally = log.counters.of_rule(id);
            is_short(rule.expected_delivered, tally.delivered)
                || is_short(rule.expected_dead_lettered, tally.dead_lettered)
        })
}

/// The calls of which the rule answered an attempt, if they are kept.
fn answered_by(rule: RuleId, log: &Log) -> Vec<Call> {
    let is_by_it = |attempt: &Attempt| attempt.rule == Some(rule);
    let calls = log.entries();
    let calls = calls.filter(|call| call.attempts.iter().any(is_by_it));
    calls.cloned().collect()
}
