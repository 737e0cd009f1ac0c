//! The rules that nearly matched a request, and the reason why each did not answer.

use std::cmp::Reverse;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::aws::target::Target;
use crate::behavior::rules::{RuleData, RuleId, Rules};
use crate::ground::panics::CaughtPanic;
use crate::record::finding::{NearMiss, Reason, RuleLabel};
use crate::request::matchers::{Condition, ConditionInput, Verdict};

/// The most rules to list in a finding.
const MAX_MISSES: usize = 3;

/// The most rules whose conditions are all evaluated, to find the nearest.
const MAX_ASKED: usize = 12;

/// For each rule, the verdicts of those of its conditions that were evaluated for the decision.
pub(crate) type Answers = Vec<(RuleId, Vec<Verdict>)>;

/// A rule that was perhaps meant, before all of its conditions are evaluated.
pub(crate) struct NearRule {
    /// The distance from the request: 0 means a rule whose target covers it and that still exists.
    rank: u8,
    rule: RuleLabel,
    reasons: Vec<Reason>,
    /// The conditions to report; empty unless the rank is 0.
    conditions: Arc<[Condition]>,
}

/// The nearest rules, and the reasons why each did not answer.
///
/// Conditions that were not evaluated for the decision are evaluated now. The client's answer is
/// already decided, so a condition that panics is only reported as a reason.
pub(crate) fn near_misses(
    near: Vec<NearRule>,
    answers: &Answers,
    input: &ConditionInput<'_>,
) -> Vec<NearMiss> {
    let mut misses: Vec<(u8, NearMiss)> = near
        .into_iter()
        .map(|near| {
            let known = answers.iter().find(|(rule, _)| Some(*rule) == near.rule.id);
            let known = known.map_or(&[][..], |(_, verdicts)| verdicts);
            let mut reasons = near.reasons;
            reasons.extend(reasons_of(&near.conditions, known, input));
            let rule = near.rule;
            (near.rank, NearMiss { rule, reasons })
        })
        .collect();
    // Within a rank, first the rule that the fewest conditions prevent from answering, then the
    // newest, which is probably the one being written.
    misses.sort_by_key(|(rank, miss)| {
        let noes = miss.reasons.iter().filter(|reason| reason.is_no());
        (*rank, noes.count(), Reverse(miss.rule.id))
    });
    let nearest = misses.into_iter().take(MAX_MISSES);
    nearest.map(|(_, miss)| miss).collect()
}

/// The rules that were perhaps meant, the nearest rank first, and within a rank the newest.
///
/// Returns at most `MAX_ASKED`, however many rules there are.
pub(crate) fn near_rules(rules: &mut Rules, target: &Target, answers: &Answers) -> Vec<NearRule> {
    let near_name = rules.nearest_name(&target.name);
    let rules = &*rules;
    let mut ranked: Vec<(u8, RuleId)> = Vec::new();
    let asked: FxHashSet<RuleId> = answers.iter().map(|(rule, _)| *rule).collect();
    let prevented = |id: &RuleId| {
        let rule = &rules[*id];
        // A rule that was neither exhausted nor evaluated was added after the request.
        !rule.is_removed() && (rule.is_exhausted() || asked.contains(id))
    };
    for line in rules.covering(target) {
        ranked.extend(line.filter(prevented).take(MAX_ASKED).map(|id| (0, id)));
    }
    if ranked.len() < MAX_ASKED {
        let rank_of = |id: RuleId| match &rules[id].target {
            Some(own) if !own.covers_function(target) => Some((2, id)),
            Some(own) if !own.covers(target) => Some((1, id)),
            _ if rules[id].is_removed() => Some((1, id)),
            _ => None,
        };
        ranked.extend(newest(rules.of_name(&target.name).filter_map(rank_of)));
        ranked.extend(newest(rules.for_any().filter_map(rank_of)));
        let of_near = near_name.as_deref().filter(|name| *name != &*target.name);
        let of_near = of_near.into_iter().flat_map(|name| rules.of_name(name));
        ranked.extend(of_near.take(MAX_ASKED).map(|id| (3, id)));
    }
    // Rules for entirely different functions are listed only if there is nothing nearer.
    if ranked.is_empty() {
        let others = rules.all().rev();
        let others =
            others.filter(|(_, rule)| name_of(rule).is_some_and(|name| *name != *target.name));
        ranked.extend(others.take(MAX_ASKED).map(|(id, _)| (4, id)));
    }
    ranked.sort_by_key(|(rank, id)| (*rank, Reverse(*id)));
    ranked
        .iter()
        .take(MAX_ASKED)
        .map(|(rank, id)| {
            let rule = &rules[*id];
            let conditions = match rank {
                0 => rule.conditions.clone(),
                _ => Arc::new([]) as Arc<[Condition]>,
            };
            let other = rule.target.as_ref().and_then(|own| {
                let is_near = near_name.as_deref() == Some(&*own.name);
                why_not(own, target, is_near)
            });
            let reason = match other {
                Some(other) => Some(other),
                None if rule.is_removed() => Some(Reason::Removed),
                None if rule.is_exhausted() => Some(Reason::Exhausted {
                    answered: rule.answered(),
                    times: rule.last_bound(),
                }),
                None => None,
            };
            NearRule {
                rank: *rank,
                rule: RuleLabel::of(*id, rule),
                reasons: reason.into_iter().collect(),
                conditions,
            }
        })
        .collect()
}

/// Finds up to `MAX_ASKED` rules of each of the ranks 1 and 2; stops when rank 1 has that many.
fn newest(of_rules: impl Iterator<Item = (u8, RuleId)>) -> Vec<(u8, RuleId)> {
    let mut found = [Vec::new(), Vec::new()];
    for (rank, id) in of_rules {
        let of_rank = &mut found[usize::from(rank) - 1];
        if of_rank.len() < MAX_ASKED {
            of_rank.push((rank, id));
        }
        if found[0].len() == MAX_ASKED {
            break;
        }
    }
    found.concat()
}

fn name_of(rule: &RuleData) -> Option<&str> {
    rule.target.as_ref().map(|target| &*target.name)
}

/// The reason of each condition: from the known verdict if the condition is user code and has one,
/// or else from an evaluation now.
fn reasons_of(
    conditions: &[Condition],
    known: &[Verdict],
    input: &ConditionInput<'_>,
) -> Vec<Reason> {
    let each = conditions.iter().enumerate();
    each.map(|(index, condition)| match known.get(index) {
        Some(verdict) if condition.known().is_none() => Reason::of(condition, verdict),
        // A condition of this crate is evaluated again, for its reason.
        Some(_) | None => {
            let verdict = condition.evaluate_for_report(input);
            let panicked = |panic: CaughtPanic| Verdict::no(format!("it panicked: {}", panic.text));
            Reason::of(condition, &verdict.unwrap_or_else(panicked))
        }
    })
    .collect()
}

/// The part of a rule's target that differs from a request; `None` if the target matches.
pub(super) fn why_not(own: &Target, asked: &Target, is_near: bool) -> Option<Reason> {
    if own.name != asked.name {
        // The qualifiers are part of the change if they differ too.
        let (asked, written) = match own.covers_qualifier(asked.qualifier.as_deref()) {
            true => (asked.name.to_string(), own.name.to_string()),
            false => (asked.to_string(), own.to_string()),
        };
        return Some(Reason::OtherFunction {
            asked,
            written,
            is_near,
        });
    }
    let text = |part: &Option<Arc<str>>| part.as_deref().unwrap_or("any").to_owned();
    if own.region.is_some() && own.region != asked.region {
        return Some(Reason::OtherRegion {
            asked: text(&asked.region),
            written: text(&own.region),
        });
    }
    if own.account.is_some() && own.account != asked.account {
        return Some(Reason::OtherAccount {
            asked: text(&asked.account),
            written: text(&own.account),
        });
    }
    (!own.covers(asked)).then(|| Reason::OtherQualifier {
        function: own.name.to_string(),
        asked: asked.qualifier.as_deref().map(str::to_owned),
        written: own.qualifier.as_deref().unwrap_or_default().to_owned(),
    })
}
