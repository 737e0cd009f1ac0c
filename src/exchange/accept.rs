//! Which events come into the queue, and their first executions, which are made at once.

use super::State;
use super::run::{Pending, Run};
use crate::aws::words::InvocationType;
use crate::behavior::events::{Origin, Stage};
use crate::behavior::rules::RuleId;
use crate::record::journal::Ticket;
use crate::reply::outcome::Todo;
use crate::reply::reply::{Reply, ReplyOptions};
use crate::request::invocation::Invocation;

impl State {
    /// Takes an event in that its first step accepts, and makes its first execution.
    pub(super) fn accept(
        &mut self,
        ticket: Ticket,
        rule: Option<RuleId>,
        reply: &Reply,
        invocation: &Invocation,
    ) {
        let Some(mut pending) = self.pending(ticket, invocation) else {
            return;
        };
        let origin = origin_of(ticket);
        let plain = ReplyOptions::default();
        let options = reply.options.as_deref().unwrap_or(&plain);
        if options.is_lost || self.is_full(invocation) {
            self.queue(origin, rule, &pending, Stage::Lost, false);
            return;
        }
        let number = self.queue(origin, rule, &pending, Stage::Running, false);
        for _ in 0..options.duplicates {
            let now = Stage::Queued(self.events.now());
            self.queue(origin, rule, &pending, now, true);
        }
        match self.admit_run(&pending) {
            Ok(execution) => pending.execution = execution,
            Err(refusal) => return self.refuse_run(number, &pending, refusal),
        }
        match self.begin(&pending, reply) {
            Todo::Send(outcome) => self.executed(number, &pending, rule, &outcome, false),
            todo => {
                self.ready
                    .push_back(Run::new(number, pending, rule, Some(todo)));
            }
        }
        self.wake_pump();
    }

    /// Accepts an event whose function may not run now; it takes its step when it does. `None` where it may, or the rule does not accept it.
    pub(super) fn accept_unrun(
        &mut self,
        ticket: Ticket,
        rule: RuleId,
        invocation: &Invocation,
    ) -> Option<Todo> {
        let is_event = invocation.invocation_type() == InvocationType::Event;
        let reply = self.rules.next_reply(rule).filter(|_| is_event)?.clone();
        if !reply.accepts_event() || reply.troubles_only_events() || self.is_full(invocation) {
            return None;
        }
        let pending = self.pending(ticket, invocation)?;
        let refusal = match self.admit_run(&pending) {
            Ok(execution) => {
                self.leave_run(execution);
                return None;
            }
            Err(refusal) => refusal,
        };
        self.log.taken_by(ticket, rule);
        let todo = Todo::of(&reply, invocation);
        if let Todo::Send(outcome) = &todo {
            self.log.decided(ticket, outcome.clone(), false);
        }
        let number = self.queue(
            origin_of(ticket),
            Some(rule),
            &pending,
            Stage::Running,
            false,
        );
        self.refuse_run(number, &pending, refusal);
        Some(todo)
    }

    fn pending(&mut self, ticket: Ticket, invocation: &Invocation) -> Option<Pending> {
        let (counter, _) = self.log.counters.counter_of(invocation.target()?);
        Some(Pending {
            invocation: invocation.as_execution(),
            counter: Some(counter),
            call: ticket.call,
            sender_id: None,
            depth: 0,
            execution: None,
        })
    }

    fn is_full(&self, invocation: &Invocation) -> bool {
        let target = invocation.target();
        target.is_some_and(|target| self.events.is_full(target))
    }
}

fn origin_of(ticket: Ticket) -> Origin {
    Origin::Call {
        call: ticket.call,
        attempt: ticket.attempt,
    }
}
