//! Which rules came near a request that none of them answered, and what kept each from it.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::aws::target::Target;
use crate::behavior::rules::{RuleData, RuleId, Rules};
use crate::ground::nearest::nearest;
use crate::ground::panics::CaughtPanic;
use crate::record::finding::{NearMiss, Reason, RuleLabel};
use crate::request::matchers::{Asked, Condition, Verdict};

/// The most rules a finding names as those that may have been meant.
const MAX_MISSES: usize = 3;

/// The most rules whose conditions are asked to the end, to see which came nearest.
const MAX_ASKED: usize = 12;

/// What each asked condition of a rule said.
pub(crate) type Answers = Vec<(RuleId, Vec<Verdict>)>;

/// A rule that may have been meant, before its conditions were asked to the end.
pub(crate) struct NearRule {
    /// How far it is off: 0 is for just this function and qualifier.
    rank: u8,
    rule: RuleLabel,
    reasons: Vec<Reason>,
    /// Those that have to do with it.
    conditions: Arc<[Condition]>,
}

/// The rules that came nearest, and what kept each from answering.
///
/// Every condition of theirs is reported. Those that were not asked for the decision are asked now; the client's answer is settled, so a
/// panic of one is no more than its reason.
pub(crate) fn near_misses(
    near: Vec<NearRule>,
    answers: &Answers,
    asked: &Asked<'_>,
) -> Vec<NearMiss> {
    let mut misses: Vec<(u8, NearMiss)> = near
        .into_iter()
        .map(|near| {
            let known = answers.iter().find(|(rule, _)| Some(*rule) == near.rule.id);
            let known = known.map_or(&[][..], |(_, verdicts)| verdicts);
            let mut reasons = near.reasons;
            reasons.extend(reasons_of(&near.conditions, known, asked));
            let rule = near.rule;
            (near.rank, NearMiss { rule, reasons })
        })
        .collect();
    // Of one kind that which the fewest things keep from answering, then the newest: that is the one being written.
    misses.sort_by_key(|(rank, miss)| {
        let noes = miss.reasons.iter().filter(|reason| reason.is_no());
        (*rank, noes.count(), Reverse(miss.rule.id))
    });
    let nearest = misses.into_iter().take(MAX_MISSES);
    nearest.map(|(_, miss)| miss).collect()
}

/// The rules that may have been meant, the nearest kind first, and of one kind the newest.
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
                _ if rule.is_used_up() => 0,
                // A rule that was added after the request kept nothing from it.
                _ if answers.iter().any(|(asked, _)| *asked == id) => 0,
                _ => return None,
            };
            Some((rank, id))
        })
        .collect();
    ranked.sort_by_key(|(rank, id)| (*rank, Reverse(*id)));
    // Rules for quite other functions are told only where there is nothing nearer.
    let is_near = ranked.first().is_some_and(|(rank, _)| *rank < 4);
    let told = ranked.iter().filter(|(rank, _)| !is_near || *rank < 4);
    told.take(MAX_ASKED)
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
                None if rule.is_used_up() => Some(Reason::UsedUp {
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

/// What each condition says: those that have spoken, and the rest.
fn reasons_of(conditions: &[Condition], known: &[Verdict], asked: &Asked<'_>) -> Vec<Reason> {
    let each = conditions.iter().enumerate();
    each.map(|(index, condition)| match known.get(index) {
        Some(verdict) => Reason::of(condition, verdict),
        None => {
            let verdict = condition.ask_for_report(asked);
            let panicked =
                |panic: CaughtPanic| Verdict::No(Some(format!("it panicked: {}", panic.text)));
            Reason::of(condition, &verdict.unwrap_or_else(panicked))
        }
    })
    .collect()
}

/// What in the target of a rule keeps it from a request; `None` when it is for it.
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
