//! Which rules came near a request that none of them answered, and what kept each from it.

use std::cmp::Reverse;
use std::sync::Arc;

use super::Exchange;
use super::decide::Answers;
use crate::finding::{Miss, Reason, RuleLabel};
use crate::matchers::{Condition, Verdict};
use crate::target::Target;
use crate::words::nearest;

/// The most rules a finding names as those that may have been meant.
const MAX_MISSES: usize = 3;

impl Exchange {
    /// The rules that came nearest, and what kept each from answering.
    pub(super) fn misses(&self, target: &Target, answers: Answers) -> Vec<Miss> {
        self.read(|state| {
            let names: Vec<&str> = state
                .rules
                .all()
                .filter_map(|(_, rule)| Some(&*rule.target.as_ref()?.name))
                .collect();
            let near = nearest(&target.name, names.iter().copied());
            let mut misses: Vec<(u8, Miss)> = state
                .rules
                .all()
                .filter_map(|(id, rule)| {
                    let label = RuleLabel::of(id, rule);
                    let said = answers.iter().find(|(asked, _)| *asked == id);
                    let (rank, reasons) = match &rule.target {
                        Some(own) if own.name != target.name && near == Some(&own.name) => (
                            3,
                            vec![Reason::OtherFunction {
                                asked: target.name.to_string(),
                                written: own.name.to_string(),
                            }],
                        ),
                        Some(own) if own.name != target.name => (
                            4,
                            vec![Reason::OtherFunction {
                                asked: target.name.to_string(),
                                written: own.name.to_string(),
                            }],
                        ),
                        Some(own) if !own.covers_function(target) => {
                            (2, vec![other_place(own, target)])
                        }
                        Some(own) if !own.covers(target) => (
                            1,
                            vec![Reason::OtherQualifier {
                                asked: target.qualifier.as_deref().map(str::to_owned),
                                written: own.qualifier.as_deref().unwrap_or_default().to_owned(),
                            }],
                        ),
                        _ if rule.is_removed() => (1, vec![Reason::Removed]),
                        _ if rule.is_used_up() => (
                            0,
                            vec![Reason::UsedUp {
                                answered: rule.answered(),
                            }],
                        ),
                        _ => (
                            0,
                            reasons(
                                &rule.conditions,
                                said.map(|(_, verdicts)| verdicts.as_slice())?,
                            ),
                        ),
                    };
                    Some((
                        rank,
                        Miss {
                            rule: label,
                            reasons,
                        },
                    ))
                })
                .collect();
            // The nearest kind first, and of one kind the newest rule: that is the one being written.
            // Rules for quite other functions are told only where there is nothing nearer.
            if misses.iter().any(|(rank, _)| *rank < 4) {
                misses.retain(|(rank, _)| *rank < 4);
            }
            misses.sort_by_key(|(rank, miss)| (*rank, Reverse(miss.rule.id)));
            misses
                .into_iter()
                .take(MAX_MISSES)
                .map(|(_, miss)| miss)
                .collect()
        })
    }
}

fn reasons(conditions: &[Condition], verdicts: &[Verdict]) -> Vec<Reason> {
    let said = conditions.iter().zip(verdicts);
    said.map(|(condition, verdict)| match verdict {
        Verdict::Yes => Reason::Holds {
            condition: condition.label().into(),
        },
        Verdict::No(why) => Reason::Fails {
            condition: condition.label().into(),
            written_at: condition.written_at().clone(),
            why: why.clone(),
        },
    })
    .collect()
}

fn other_place(own: &Target, asked: &Target) -> Reason {
    let place = |target: &Target| {
        let part = |part: &Option<Arc<str>>| part.as_deref().unwrap_or("any").to_owned();
        format!(
            "region {}, account {}",
            part(&target.region),
            part(&target.account)
        )
    };
    Reason::OtherPlace {
        asked: place(asked),
        written: place(own),
    }
}
