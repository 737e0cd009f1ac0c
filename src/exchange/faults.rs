//! What the journal and verification are told of faults.

use super::{Arrived, Exchange};
use crate::record::finding::{Finding, RuleLabel};
use crate::record::journal::{Headline, Progress};
use crate::reply::fault::Fault;
use crate::reply::outcome::Outcome;
use crate::request::invocation::Invocation;

impl Exchange {
    /// Takes note of a fault that could not happen to this reply: it is about to be sent whole.
    pub(crate) fn could_not_fire(&self, arrived: &Arrived, why: String) {
        let headline = Headline(&arrived.invocation).to_string();
        self.edit(|state| {
            if state.log.damage_of(arrived.ticket).is_some() {
                return state.withstand(arrived.ticket);
            }
            let rule = state.log.rule_of(arrived.ticket);
            let rule = rule.map(|id| RuleLabel::of(id, &state.rules[id]));
            state.log.spared(arrived.ticket);
            state.find(Finding::CouldNotFire {
                call: arrived.ticket.call,
                headline,
                why,
                rule,
            });
        });
    }

    /// Enters a request that meets a fault before anything is decided about it: no rule is asked, no step used up.
    pub(crate) fn meets(&self, mut invocation: Invocation, fault: Fault) {
        self.edit(|state| {
            if state.frozen {
                return;
            }
            let (ticket, _) = self.enter(state, &mut invocation);
            state
                .log
                .decided(ticket, Outcome::fault_alone(fault), false);
            state.log.finished(ticket, Progress::Answered);
        });
    }
}
