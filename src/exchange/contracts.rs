//! The payloads that a rule has answered, compared with the type that the test expects.

use super::exchange::Exchange;
use crate::behavior::contract::PayloadContract;
use crate::behavior::rules::RuleId;
use crate::record::finding::Finding;
use crate::record::journal::ShortHeadline;
use crate::request::invocation::Invocation;

impl Exchange {
    /// Records a finding for each payload that is not valid for the type that its rule expects. The
    /// type is user code, so this happens outside the lock.
    pub(super) fn check_contracts(&self) {
        // Each call is checked once, at the verification after its arrival.
        let due = self.edit(|state| {
            let rules = state.behavior.rules.all();
            let with_contract = rules.filter(|(_, rule)| rule.contract.is_some());
            let ids: Vec<RuleId> = with_contract.map(|(id, _)| id).collect();
            let mut due: Vec<(PayloadContract, Vec<(u64, Invocation)>)> = Vec::new();
            for id in ids {
                let rule = &mut state.behavior.rules[id];
                let calls = state.record.log.entries();
                let new = calls.filter(|call| call.number() > rule.checked_calls);
                let attempts = new.flat_map(|call| {
                    let attempts = call.attempts().iter();
                    let answered = attempts.filter(|attempt| attempt.rule == Some(id));
                    answered.map(|attempt| (call.number(), attempt.invocation().clone()))
                });
                let attempts: Vec<_> = attempts.collect();
                if let Some((last, _)) = attempts.last() {
                    rule.checked_calls = *last;
                }
                due.extend(rule.contract.clone().map(|contract| (contract, attempts)));
            }
            due
        });
        for (contract, attempts) in due {
            for (call, invocation) in attempts {
                let Err(why) = contract.check(&invocation) else {
                    continue;
                };
                self.add_finding(Some(Finding::BrokenContract {
                    call,
                    headline: ShortHeadline(&invocation).to_string(),
                    written_at: contract.written_at().clone(),
                    wanted: contract.wanted(),
                    why,
                }));
            }
        }
    }
}
