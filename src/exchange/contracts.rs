//! The payloads that a rule has answered, compared with the type that the test expects.

use super::exchange::Exchange;
use crate::behavior::contract::ExpectedType;
use crate::behavior::rules::RuleId;
use crate::record::finding::Finding;
use crate::record::journal::{Call, ShortHeadline};
use crate::request::invocation::Invocation;

/// The payloads of one rule that are still to be compared with the type that the rule expects.
struct Due {
    expected: ExpectedType,
    /// The payloads, with the numbers of their calls, and whether each is a record.
    payloads: Vec<(u64, bool, Invocation)>,
    /// The number of payloads that the journal has dropped.
    lost: u64,
}

impl Exchange {
    /// Records a finding for each payload that is not valid for the type that its rule expects, and
    /// for payloads that the journal has dropped. The type is user code, so this happens outside
    /// the lock.
    pub(super) fn check_contracts(&self) {
        // Each payload is compared once, at the verification after its answer.
        let due = self.edit(|state| {
            let log = &state.record.log;
            let rules = state.behavior.rules.all();
            let with_contract = rules.filter(|(_, rule)| rule.contract.is_some());
            let ids: Vec<RuleId> = with_contract.map(|(id, _)| id).collect();
            let due = ids.into_iter().filter_map(|id| {
                let kept = log
                    .entries()
                    .flat_map(|call| answered_by(id, call))
                    .collect();
                let contract = state.behavior.rules[id].contract.as_mut()?;
                let (new, lost) = contract.take_new(kept, log.counters.of_rule(id).attempts);
                let new = new.into_iter();
                let new = new.map(|(call, invocation)| (call, false, invocation.clone()));
                let events = contract.take_events().into_iter();
                let events = events.map(|event| (event.call, event.is_record, event.invocation));
                Some(Due {
                    expected: contract.expected().clone(),
                    payloads: new.chain(events).collect(),
                    lost,
                })
            });
            due.collect::<Vec<Due>>()
        });
        for Due {
            expected,
            payloads,
            lost,
        } in due
        {
            for (call, is_record, invocation) in payloads {
                let Err(why) = expected.check(&invocation) else {
                    continue;
                };
                self.add_finding(Finding::BrokenContract {
                    call,
                    is_record,
                    headline: ShortHeadline(&invocation).to_string(),
                    written_at: expected.written_at.clone(),
                    wanted: expected.wanted,
                    why,
                });
            }
            let lost = (lost > 0).then(|| Finding::LostPayloads {
                lost,
                written_at: expected.written_at.clone(),
                wanted: expected.wanted,
                remedy: self.read(|state| state.record.log.dropped().remedy()),
            });
            self.add_finding(lost);
        }
    }
}

/// The attempts of a call that a rule has answered: call and index, and the invocation.
fn answered_by(rule: RuleId, call: &Call) -> impl Iterator<Item = ((u64, usize), &Invocation)> {
    let attempts = call.attempts().iter().enumerate();
    let answered = attempts.filter(move |(_, attempt)| attempt.rule == Some(rule));
    answered.map(|(index, attempt)| ((call.number(), index), attempt.invocation()))
}
