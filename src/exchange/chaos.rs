//! What chaos does to an attempt, and what it is told of it.

use super::State;
use crate::aws::words::InvocationType;
use crate::behavior::chaos::DrawnHit;
use crate::record::journal::Ticket;
use crate::reply::outcome::{Outcome, Todo};
use crate::reply::reply::Reply;
use crate::request::invocation::Invocation;

impl State {
    /// Whether chaos hits a well-formed request of that number at its target.
    ///
    /// Where no rule is for the target nothing is hit: that the request is unscripted must not be hidden.
    pub(super) fn strike(&self, invocation: &Invocation, number: u64) -> Option<DrawnHit> {
        if self.chaos.is_empty() || invocation.invocation_type() == InvocationType::DryRun {
            return None;
        }
        let target = invocation.target()?;
        let is_event = invocation.invocation_type() == InvocationType::Event;
        let drawn = self.chaos.strike(target, number, |hit| {
            is_event || !hit.reply().troubles_only_events()
        })?;
        self.rules.wanting(target).next().is_some().then_some(drawn)
    }

    /// Takes note of a hit that answers in place of the script.
    pub(super) fn record_hit(
        &mut self,
        ticket: Ticket,
        drawn: &DrawnHit,
        invocation: &Invocation,
    ) -> Todo {
        self.note_hit(ticket, drawn);
        self.enter(ticket, None, drawn.hit.reply(), invocation)
    }

    /// The script's reply as a hit leaves it; `None` where it has a fault of its own.
    pub(super) fn damage(
        &mut self,
        ticket: Ticket,
        drawn: &DrawnHit,
        reply: &Reply,
    ) -> Option<Reply> {
        let damaged = reply.damaged(drawn.hit.reply())?;
        self.note_hit(ticket, drawn);
        Some(damaged)
    }

    /// Looks whether a handler's reply, known only now, meets the fault that chaos has for it.
    pub(super) fn check_damage(&mut self, ticket: Ticket, outcome: Option<&mut Outcome>) {
        let Some(damage) = self.log.damage_of(ticket) else {
            return;
        };
        if outcome.and_then(|outcome| outcome.fault()) != Some(damage) {
            self.withstand(ticket);
        }
    }

    /// Takes note that the fault of a hit could not happen.
    pub(super) fn withstand(&mut self, ticket: Ticket) {
        if let Some(hit) = self.log.withstands(ticket) {
            self.chaos.forget(&hit);
        }
    }

    fn note_hit(&mut self, ticket: Ticket, drawn: &DrawnHit) {
        self.log.hit_by(ticket, drawn.hit.clone());
        self.chaos.note(drawn);
    }
}

#[cfg(test)]
mod tests;
