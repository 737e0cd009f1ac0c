//! Scripts that were not used: rules that never answered, and scripts that were not finished.

use crate::behavior::rules::{RuleId, Rules};
use crate::ground::count::Count;
use crate::record::finding::{CountSubject, CountedOf, Finding, Miscount, RuleLabel};
use crate::record::journal::Log;
use crate::reply::capability::TransportKind;

/// Each rule that never answered, or not as often as it is scripted, once.
///
/// A rule that never answered is left out if it has an expectation: the expectation says how often
/// the rule should answer, and one that is not met has been reported. A script that is not finished
/// is left out if it `awaits` an execution of an event, which is reported.
pub(crate) fn unused(
    rules: &mut Rules,
    log: &Log,
    awaits: impl Fn(RuleId) -> bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, rule) in rules.all() {
        if rule.is_removed() || rule.reported || rule.reported_unused {
            continue;
        }
        let label = || RuleLabel::of(id, rule);
        let is_idle = rule.answered() == 0;
        // An event that it accepted may still wait for its first execution.
        let has_accepted = is_idle && log.counters.of_rule(id).attempts > 0;
        let finding = match rule.unfinished() {
            None => continue,
            Some(_) if is_idle && (rule.has_expectation() || has_accepted) => continue,
            Some(_) if is_idle => Finding::NeverAnswered(Box::new(Miscount {
                subject: CountSubject {
                    whose: CountedOf::Rule(label()),
                    matching: Vec::new(),
                },
                what: "call",
                expected: Count::from(1..),
                got: 0,
                calls: Vec::new(),
                instead: Vec::new(),
                is_clock_paused: false,
                idle_chaos: None,
                idle_constraint: None,
                transport: TransportKind::Socket,
                is_dropped: false,
            })),
            Some(_) if awaits(id) => continue,
            Some(script) => Finding::Unfinished {
                rule: label(),
                script,
            },
        };
        findings.push((id, finding));
    }
    let reported = findings.into_iter().map(|(id, finding)| {
        rules[id].reported_unused = true;
        finding
    });
    reported.collect()
}
