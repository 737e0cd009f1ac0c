//! The rules that nearly matched a request, and the reason why each did not answer.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::aws::target::Target;
use crate::behavior::rules::{RuleData, RuleId, Rules};
use crate::ground::nearest::nearest;
use crate::ground::panics::CaughtPanic;
use crate::record::finding::{NearMiss, Reason, RuleLabel};
use crate::request::matchers::{Condition, ConditionInput, Verdict};

/// The most rules to list in a finding.
const MAX_MISSES: usize = 3;

/// The most rules whose conditions are all evaluated, to find the nearest.
const MAX_ASKED: usize = 12;

/// The verdicts of the conditions of a rule that were evaluated.
pub(crate) type Answers = Vec<(RuleId, Vec<Verdict>)>;

/// A rule that was perhaps meant, before all of its conditions are evaluated.
pub(crate) struct NearRule {
    /// The distance from the request: 0 means exactly this function and qualifier.
    rank: u8,
    rule: RuleLabel,
    reasons: Vec<Reason>,
    /// The conditions to report; empty if the target already differs.
    conditions: Arc<[Condition]>,
}

/// The nearest rules, and the reasons why each did not answer.
///
/// All of their conditions are reported. Those that were not evaluated for the decision are
/// evaluated now. The client's answer is already decided, so if one panics, that is only a reason.
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
pub(crate) fn near_rules(rules: &Rules, target: &Target, answers: &Answers) -> Vec<NearRule> {
    let names = rules.all().filter_map(|(_, rule)| name_of(rule));
    let near_name = nearest(&target.name, names);
    let mut ranked: Vec<(u8, RuleId)> = rules
        .all()
        .filter_map(|(id, rule)| {
            let rank = match (&rule.target, name_of(rule)) {
                (_, Some(name)) if *name != *target.name && near_name == Some(name) => 3,
                (_, Some(name)) if *name != *target.name => 4,
                (Some(own), _) if !own.covers_function(target) => 2,
                (Some(own), _) if !own.covers(target) => 1,
                _ if rule.is_removed() => 1,
                _ if rule.is_exhausted() => 0,
                // A rule that was added after the request did not prevent anything.
                _ if answers.iter().any(|(asked, _)| *asked == id) => 0,
                _ => return None,
            };
            Some((rank, id))
        })
        .collect();
    ranked.sort_by_key(|(rank, id)| (*rank, Reverse(*id)));
    // Rules for entirely different functions are listed only if there is nothing nearer.
    let is_near = ranked.first().is_some_and(|(rank, _)| *rank < 4);
    let listed = ranked.iter().filter(|(rank, _)| !is_near || *rank < 4);
    listed
        .take(MAX_ASKED)
        .map(|(rank, id)| {
            let rule = &rules[*id];
            let conditions = match rank {
                0 => rule.conditions.clone(),
                _ => Arc::new([]) as Arc<[Condition]>,
            };
            let other = rule.target.as_ref().and_then(|own| {
                let is_near = near_name == Some(&*own.name);
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

fn name_of(rule: &RuleData) -> Option<&str> {
    rule.target.as_ref().map(|target| &*target.name)
}

/// The verdict of each condition: those that are known, and the rest.
fn reasons_of(
    conditions: &[Condition],
    known: &[Verdict],
    input: &ConditionInput<'_>,
) -> Vec<Reason> {
    let each = conditions.iter().enumerate();
    each.map(|(index, condition)| match known.get(index) {
        Some(verdict) => Reason::of(condition, verdict),
        None => {
            let verdict = condition.evaluate_for_report(input);
            let panicked =
                |panic: CaughtPanic| Verdict::No(Some(format!("it panicked: {}", panic.text)));
            Reason::of(condition, &verdict.unwrap_or_else(panicked))
        }
    })
    .collect()
}

/// The part of a rule's target that differs from a request; `None` if the target matches.
pub(super) fn why_not(own: &Target, asked: &Target, is_near: bool) -> Option<Reason> {
    if own.name != asked.name {
        return Some(Reason::OtherFunction {
            asked: asked.name.to_string(),
            written: own.name.to_string(),
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
