//! The part of the journal in a scope, and what matches in it.

use super::Scope;
use crate::exchange::Exchange;
use crate::record::finding::{NearCall, Reason};
use crate::record::journal::{Attempt, Call, Tally};
use crate::request::matchers::{Condition, ConditionInput, Verdict};

/// The maximum number of calls without a match to list; the newest are listed.
const MAX_LISTED_CALLS: usize = 3;

/// The contents of a scope that the journal keeps.
pub(super) struct ScopeContents {
    /// The calls with a matching attempt, and which of their attempts match.
    pub(super) calls: Vec<(Call, Vec<bool>)>,
    /// The newest calls without a matching attempt.
    pub(super) others: Vec<NearCall>,
    pub(super) tally: Tally,
    /// The number of calls in the scope that the journal has dropped.
    pub(super) lost: u64,
}

impl Scope {
    pub(super) fn look(&self, exchange: &Exchange) -> ScopeContents {
        exchange.note_check();
        let (kept, counted) = exchange.read(|state| {
            let has = |call: &&Call| call.attempts().iter().any(|attempt| self.has(attempt));
            let mut kept: Vec<Call> = state.record.log.entries().filter(has).cloned().collect();
            state.attach_deliveries(&mut kept);
            (kept, self.tally(state))
        });
        let lost = counted.calls.saturating_sub(kept.len() as u64);
        if self.conditions.is_empty() {
            let whole = |call: Call| {
                let matches = call.attempts().iter().map(|attempt| self.has(attempt));
                let matches = matches.collect();
                (call, matches)
            };
            return ScopeContents {
                calls: kept.into_iter().map(whole).collect(),
                others: Vec::new(),
                tally: counted,
                lost,
            };
        }
        let mut looked = ScopeContents {
            calls: Vec::new(),
            others: Vec::new(),
            tally: Tally::default(),
            lost,
        };
        for call in kept {
            let mut matches = vec![false; call.attempts().len()];
            let mut reasons = Vec::new();
            for (index, attempt) in call.attempts().iter().enumerate() {
                if !self.has(attempt) {
                    continue;
                }
                reasons = self.reasons(attempt);
                matches[index] = !reasons.iter().any(Reason::is_no);
            }
            if !matches.contains(&true) {
                looked.others.push(NearCall {
                    call,
                    reasons,
                    set_up: None,
                    answered_by: None,
                    ended: None,
                });
                continue;
            }
            let count = |counts: fn(&Attempt) -> bool| {
                let each = call.attempts().iter().zip(&matches);
                each.filter(|(attempt, matches)| **matches && counts(attempt))
                    .count() as u64
            };
            let (all, finished) = (count(|_| true), count(Attempt::is_finished));
            looked.tally.calls += 1;
            looked.tally.attempts += all;
            looked.tally.finished_calls += u64::from(finished > 0);
            looked.tally.finished_attempts += finished;
            let sent = call.attempts().iter().zip(&matches);
            let sent = sent.filter(|(_, matches)| **matches);
            looked.tally.chunks += sent.map(|(one, _)| one.sent_chunks()).sum::<u64>();
            looked.calls.push((call, matches));
        }
        let excess = looked.others.len().saturating_sub(MAX_LISTED_CALLS);
        looked.others.drain(..excess);
        looked
    }

    fn reasons(&self, attempt: &Attempt) -> Vec<Reason> {
        let input = ConditionInput::new(attempt.invocation());
        let said = |condition: &Condition| -> Reason {
            let verdict: Verdict = condition.evaluate(&input);
            Reason::of(condition, &verdict)
        };
        self.conditions.iter().map(said).collect()
    }
}
