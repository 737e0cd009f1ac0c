//! Accepted events: how they come into the queue, fall due, and what their executions come to.

use std::sync::Arc;

use super::admission::refusal_outcome;
use super::run::{Pending, Run};
use super::{Exchange, State};
use crate::aws::target::Target;
use crate::behavior::constraints::Refusal;
use crate::behavior::events::{
    Delivery, DestinationKind, EventCondition, ExecutionEnd, Function, Inner, Origin, Stage,
};
use crate::behavior::rules::RuleId;
use crate::ground::draws::{hashed, mixed};
use crate::ground::location::Location;
use crate::record::finding::Finding;
use crate::record::report;
use crate::reply::outcome::{Outcome, OutcomeKind, Todo};
use crate::reply::reply::Reply;
use crate::request::invocation::{Invocation, RequestId};

/// Through how many functions an event may come, record by record: AWS's recursion detection ends a chain of about 16. That it did is
/// a finding.
const LONGEST_CHAIN: u8 = 16;

impl Exchange {
    /// Notes what came of an execution.
    pub(crate) fn executed(&self, run: &Run, outcome: &Outcome, unscripted: bool) {
        self.edit(|state| {
            if !state.frozen {
                state.executed(run.number, &run.pending, run.rule, outcome, unscripted);
            }
        });
    }
}

impl State {
    /// What an execution is to do; a handler that runs for it is noted.
    pub(super) fn begin(&mut self, pending: &Pending, reply: &Reply) -> Todo {
        let mut todo = Todo::of(reply, &pending.invocation);
        if pending.execution.is_some() {
            todo = self.started(pending.execution, &pending.invocation, todo);
        }
        self.note_handler(&todo);
        todo
    }

    /// Ends the execution of an event whose function may not run now.
    pub(super) fn refuse_run(&mut self, number: u64, pending: &Pending, refusal: Refusal) {
        if refusal == (Refusal::Reserved { executions: 0 }) {
            let condition = EventCondition::ZeroReservedConcurrency;
            let ended = self.events.end(number, condition);
            self.ended(ended, pending, None);
            self.wake_pump();
        } else {
            let outcome = refusal_outcome(refusal, &pending.invocation);
            self.executed(number, pending, None, &outcome, false);
        }
    }

    /// Notes the handler that is about to run for an event, if one is.
    pub(super) fn note_handler(&mut self, todo: &Todo) {
        match todo {
            Todo::Run(handler) => self.late_handlers.push(handler.written_at.clone()),
            Todo::Start(_, then) => self.note_handler(then),
            Todo::Send(_) | Todo::Hold(_) => {}
        }
    }

    /// How many accepted events have not ended.
    pub(crate) fn unsettled(&self) -> usize {
        self.events.unsettled()
    }

    /// What keeps the events' clock from going on.
    pub(crate) fn events_left(&self) -> String {
        let handlers: Vec<String> = self.late_handlers.iter().map(Location::to_string).collect();
        report::not_settled(
            self.unsettled(),
            self.events.running(),
            self.pauses > 0,
            &handlers,
        )
    }

    /// Wakes whoever runs events, once the lock is free.
    pub(super) fn wake_pump(&mut self) {
        self.wakers.extend(self.pump.take());
    }

    pub(super) fn executed(
        &mut self,
        number: u64,
        pending: &Pending,
        rule: Option<RuleId>,
        outcome: &Outcome,
        unscripted: bool,
    ) {
        self.leave_run(pending.execution);
        let end = end_of(outcome, unscripted);
        self.log
            .counters
            .count_event(pending.counter, rule, |tally| tally.executions += 1);
        let ended = self.events.executed(number, rule, end);
        self.ended(ended, pending, rule);
        self.wake_pump();
    }

    /// Counts an event that has ended, and invokes the function that its record goes to.
    pub(super) fn ended(
        &mut self,
        delivery: Option<Delivery>,
        pending: &Pending,
        rule: Option<RuleId>,
    ) {
        let Some(delivery) = delivery else {
            return;
        };
        let is_delivered = delivery.condition() == Some(EventCondition::Success);
        let is_dead_lettered = delivery.dead_letter().is_some();
        self.log
            .counters
            .count_event(pending.counter, rule, |tally| {
                tally.delivered += u64::from(is_delivered);
                tally.dead_lettered += u64::from(is_dead_lettered);
            });
        self.send_on(&delivery, pending);
        self.events.rest();
    }

    /// Invokes the function that the record of an event goes to, if it goes to one.
    fn send_on(&mut self, delivery: &Delivery, pending: &Pending) {
        let record = delivery.record();
        let Some(record) = record.filter(|record| record.kind() == DestinationKind::Lambda) else {
            return;
        };
        if pending.depth + 1 >= LONGEST_CHAIN {
            return self.find(Finding::Recursive {
                call: pending.call,
                function: delivery.inner().function.described.to_string(),
                destination: record.destination().to_owned(),
                length: LONGEST_CHAIN,
            });
        }
        let payload = record.text().to_owned().into();
        let mut invocation = Invocation::event(record.destination(), payload, &self.defaults);
        let seed = hashed(&[delivery.request_id(), "destination"]) ^ delivery.number();
        invocation.give_request_id(RequestId::from_bits(mixed(seed), mixed(!seed)));
        let counter = invocation
            .target()
            .map(|target| self.log.counters.counter_of(target).0);
        let pending = Pending {
            invocation: invocation.as_execution(),
            counter,
            call: pending.call,
            sender_id: Some(delivery.inner().request_id.clone()),
            depth: pending.depth + 1,
            execution: None,
        };
        let origin = Origin::Delivery(delivery.number());
        let now = Stage::Queued(self.events.now());
        self.queue(origin, None, &pending, now, false);
    }

    /// Enters an event into the queue; its number.
    pub(super) fn queue(
        &mut self,
        origin: Origin,
        rule: Option<RuleId>,
        pending: &Pending,
        state: Stage,
        is_duplicate: bool,
    ) -> u64 {
        let invocation = &pending.invocation;
        let number = self.events.next_number();
        let target = invocation.target().cloned().unwrap_or_else(|| Target {
            region: None,
            account: None,
            name: invocation.function_name().into(),
            qualifier: None,
        });
        let delivery = Inner {
            number,
            origin,
            rule,
            is_duplicate,
            function: function_of(invocation).into(),
            target: Arc::new(target),
            request_id: invocation.request_id().into(),
            sender_id: pending.sender_id.clone(),
            payload: invocation.payload(),
            print_limit: invocation.print_limit(),
            accepted_at: self.events.now(),
            executions: Vec::new(),
            state,
            record: None,
            dead_letter: None,
        };
        self.events.accept(delivery, pending.clone());
        number
    }
}

/// The function, as records name it.
fn function_of(invocation: &Invocation) -> Function {
    let arn = invocation.function_arn();
    let arn = match invocation.qualifier() {
        Some(_) => arn,
        None => format!("{arn}:$LATEST"),
    };
    Function {
        described: invocation.described().into(),
        name: invocation.function_name().into(),
        arn: arn.into(),
        region: invocation.region().into(),
        account: invocation.account().into(),
    }
}

/// What an outcome is to the queue.
fn end_of(outcome: &Outcome, unscripted: bool) -> ExecutionEnd {
    match &outcome.kind {
        OutcomeKind::Ran {
            version, failed, ..
        } => ExecutionEnd::Ran {
            payload: outcome.body().cloned().unwrap_or_default(),
            version: version.clone(),
            failed: *failed,
        },
        _ => {
            let fault = outcome.fault().map(|fault| fault.to_string());
            let message = outcome.message().map(str::to_owned).or(fault);
            ExecutionEnd::Refused {
                status: outcome.status().unwrap_or(500),
                code: outcome.code().map(Arc::from),
                message: message.unwrap_or_default().into(),
                reason: outcome.reason(),
                unscripted,
            }
        }
    }
}
