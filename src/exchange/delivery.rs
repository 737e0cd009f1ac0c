//! The delivery of accepted events: rules, constraints, versions and journal applied to each
//! execution.
//!
//! An event is accepted, and its executions become due. For each execution a rule is found, and the
//! execution is driven like an attempt. When the event ends, this is counted, and its record is
//! sent on if the destination is a function.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::answer::refusal_outcome;
use super::events::{Pending, Run};
use super::exchange::{Exchange, State};
use super::search::{Found, Next, Search};
use super::subject::Subject;
use super::unanswered::Why;
use crate::aws::target::Target;
use crate::aws::words::InvocationType;
use crate::behavior::constraints::Refusal;
use crate::behavior::contract::ExecutedEvent;
use crate::behavior::events::{
    Delivery, DestinationKind, EventCondition, ExecutionEnd, Function, Inner, Moment, Origin, Stage,
};
use crate::behavior::rules::RuleId;
use crate::ground::draws::{hashed, mixed, share};
use crate::record::finding::Finding;
use crate::record::journal::Ticket;
use crate::reply::outcome::{Decision, Outcome, OutcomeKind};
use crate::reply::reply::{Reply, ReplyOptions};
use crate::request::invocation::{Invocation, RequestId};

/// The number of consecutive executions before the lock is released for others.
const BATCH: usize = 256;

/// The most functions that an event can pass through, record by record. A longer chain ends here
/// and is a finding. AWS's recursion detection ends a chain after about 16.
const LONGEST_CHAIN: u8 = 16;

/// The result for the event that was due.
enum Begun {
    /// Its execution was completed here.
    Done,
    Run(Box<Due>),
}

/// An execution that cannot be completed under the lock.
pub(crate) struct Due {
    run: Run,
    next: Step,
}

enum Step {
    Drive(Decision),
    /// The search continues by evaluating a condition, or ends with an answer of the service
    /// itself.
    Search(Search, Next),
}

impl Exchange {
    /// Ready with the next event whose execution cannot be completed under the lock; with `None` if
    /// the fake is being dropped.
    ///
    /// All other executions are completed in here.
    pub(crate) fn poll_run(&self, context: &mut Context<'_>) -> Poll<Option<Due>> {
        let has_more = {
            let mut state = self.lock();
            state.follow_clock();
            state.intake.is_closed() || state.has_run()
        };
        if !has_more {
            return self.sleep(context);
        }
        let found = self.edit(|state| {
            // Accepted events are started even if the fake is dropped right away.
            if let Some((run, decision)) = state.events.ready.pop_front() {
                let next = Step::Drive(decision);
                return Poll::Ready(Some(Due { run, next }));
            }
            if state.intake.is_closed() {
                return Poll::Ready(None);
            }
            for _ in 0..BATCH {
                match state.run_next() {
                    Some(Begun::Done) => {}
                    Some(Begun::Run(due)) => return Poll::Ready(Some(*due)),
                    None => break,
                }
            }
            Poll::Pending
        });
        if found.is_pending() {
            context.waker().wake_by_ref();
        }
        found
    }

    /// Keeps the waker until there is something to run.
    fn sleep(&self, context: &mut Context<'_>) -> Poll<Option<Due>> {
        let mut state = self.lock();
        if state.intake.is_closed() || state.has_run() {
            context.waker().wake_by_ref();
        }
        state.events.runner = Some(context.waker().clone());
        Poll::Pending
    }

    /// When the next event is due, if the events' clock follows the fake's.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.read(|state| {
            let begun = state.events.begun?;
            let due = state.events.queue.next_due()?;
            begun.checked_add(due.since(Moment::START))
        })
    }

    /// Lets the events' clock advance; returns the time it will then show.
    pub(crate) fn advance(&self, length: Duration) -> Moment {
        self.edit(|state| {
            let goal = state.events.queue.advance(length);
            state.wake_runner();
            goal
        })
    }

    /// Moves the events' clock as far as it can advance, if no event waits for it.
    #[cfg(feature = "in-memory")]
    pub(crate) fn move_idle_clock(&self) {
        self.edit(|state| {
            if state.events.queue.unsettled() == 0 {
                let due = state.events.queue.take_due();
                debug_assert!(due.is_none(), "nothing is queued");
            }
        });
    }

    /// Lets the events' clock advance until nothing is queued, unless it follows another clock.
    pub(crate) fn settle_events(&self) {
        self.edit(|state| {
            if state.events.begun.is_none() {
                state.events.queue.settle();
            }
            state.wake_runner();
        });
    }

    /// An execution and its action; `None` if nothing is left to do.
    ///
    /// If the function cannot be run, that is the result of the execution.
    pub(crate) fn decide_run(&self, due: Due) -> Option<(Run, Decision)> {
        let Due { mut run, next } = due;
        let (search, next) = match next {
            Step::Drive(decision) => return Some((run, decision)),
            Step::Search(search, next) => (search, next),
        };
        match self.resume_search(Subject::Execution(&run), search, next) {
            Found::Gone => None,
            Found::Decided(decision, rule) => {
                run.rule = rule;
                Some((run, decision))
            }
            Found::Unanswered(unanswered) => {
                let is_unscripted = matches!(unanswered.why, Why::Undeclared | Why::Unscripted);
                self.add_finding(unanswered.finding);
                self.executed(&run, &unanswered.outcome, is_unscripted);
                None
            }
        }
    }

    /// Records the result of an execution.
    pub(crate) fn executed(&self, run: &Run, outcome: &Outcome, unscripted: bool) {
        self.edit(|state| {
            if !state.intake.is_closed() {
                state.executed(run.number, &run.pending, run.rule, outcome, unscripted);
            }
        });
    }
}

impl State {
    /// Adds an event that this reply accepts, and begins the first execution of the event.
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
        self.follow_clock();
        let origin = origin_of(ticket);
        let plain = ReplyOptions::default();
        let options = reply.options.as_deref().unwrap_or(&plain);
        if options.is_lost || self.is_full(invocation) {
            self.queue(origin, rule, &pending, Stage::Lost, false);
            return;
        }
        let running = Stage::Running(self.events.queue.now());
        let number = self.queue(origin, rule, &pending, running, false);
        for _ in 0..options.duplicates {
            let now = Stage::Queued(self.events.queue.now());
            self.queue(origin, rule, &pending, now, true);
        }
        match self.admit_run(&pending) {
            Ok(execution) => pending.execution = execution,
            Err(refusal) => return self.refuse_run(number, &pending, refusal),
        }
        match self.begin(&pending, reply) {
            Decision::Send(outcome) => self.executed(number, &pending, rule, &outcome, false),
            decision @ (Decision::Run(_) | Decision::Hold(_) | Decision::Start(..)) => {
                self.events.ready.push_back((
                    Run {
                        number,
                        pending,
                        rule,
                    },
                    decision,
                ));
            }
        }
        self.wake_runner();
    }

    /// Accepts an event that cannot run yet; it consumes its step when it runs. `None` if the
    /// attempt takes its step now, for example because the event can run.
    pub(super) fn accept_unrun(
        &mut self,
        ticket: Ticket,
        rule: RuleId,
        invocation: &Invocation,
    ) -> Option<Decision> {
        let is_event = invocation.invocation_type() == InvocationType::Event;
        let reply = self
            .behavior
            .rules
            .next_reply(rule)
            .filter(|_| is_event)?
            .clone();
        if !reply.accepts_event() || reply.affects_only_events() || self.is_full(invocation) {
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
        self.follow_clock();
        self.record.log.taken_by(ticket, rule);
        let decision = Decision::of(&reply, invocation);
        if let Decision::Send(outcome) = &decision {
            self.record.log.decided(ticket, outcome.clone(), false);
        }
        let running = Stage::Running(self.events.queue.now());
        let number = self.queue(origin_of(ticket), Some(rule), &pending, running, false);
        self.refuse_run(number, &pending, refusal);
        Some(decision)
    }

    /// Moves the events' clock to the time of the clock that it follows, if it follows one.
    pub(super) fn follow_clock(&mut self) {
        if let Some(begun) = self.events.begun {
            let elapsed = self.clock.now().saturating_duration_since(begun);
            self.events.queue.follow(Moment::START.plus(elapsed));
        }
    }

    fn pending(&mut self, ticket: Ticket, invocation: &Invocation) -> Option<Pending> {
        let (counter, _) = self.record.log.counters.counter_of(invocation.target()?);
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
        target.is_some_and(|target| self.events.queue.is_full(target))
    }

    /// Returns `true` if anything waits to be run.
    fn has_run(&self) -> bool {
        !self.events.ready.is_empty()
            || (!self.intake.is_paused() && self.events.queue.has_due() && !self.waits_for_caller())
    }

    /// Returns `true` if the next execution is the retry of an event that a limit has rejected, and
    /// an attempt still has its slot. In this case the virtual clock must not skip hours by itself.
    fn waits_for_caller(&self) -> bool {
        self.behavior.constraints.has_executions() && self.events.queue.would_retry_a_refused()
    }

    /// Executes the event that is due next, as far as this is possible under the lock.
    fn run_next(&mut self) -> Option<Begun> {
        if self.intake.is_paused() || self.waits_for_caller() {
            return None;
        }
        let due = self.events.queue.take_due()?;
        let (number, mut pending) = (due.number, due.work);
        if self.events.queue.is_too_old(number) {
            let ended = self
                .events
                .queue
                .end(number, EventCondition::EventAgeExceeded);
            self.ended(ended, &pending);
            return Some(Begun::Done);
        }
        // The current configuration applies, not the one at the time of acceptance.
        if let Some(target) = pending.invocation.target() {
            let draw = || share(mixed(hashed(&[pending.invocation.request_id()])));
            let version = self.behavior.versions.resolve(target, draw);
            pending.invocation.set_version(version);
        }
        match self.admit_run(&pending) {
            Ok(execution) => pending.execution = execution,
            Err(refusal) => {
                self.refuse_run(number, &pending, refusal);
                return Some(Begun::Done);
            }
        }
        let mut run = Run {
            number,
            pending,
            rule: None,
        };
        let mut search = Search::default();
        let next = match self.search(Subject::Execution(&run), &mut search) {
            Next::Decided(Decision::Send(outcome), rule) => {
                self.executed(number, &run.pending, rule, &outcome, false);
                return Some(Begun::Done);
            }
            Next::Decided(decision, rule) => {
                run.rule = rule;
                Step::Drive(decision)
            }
            next @ (Next::Evaluate(..) | Next::Unanswered | Next::Gone) => {
                Step::Search(search, next)
            }
        };
        Some(Begun::Run(Box::new(Due { run, next })))
    }

    /// The action for an execution; a handler that runs for it is recorded.
    pub(super) fn begin(&mut self, pending: &Pending, reply: &Reply) -> Decision {
        let mut decision = Decision::of(reply, &pending.invocation);
        if pending.execution.is_some() {
            decision = self.started(pending.execution, &pending.invocation, decision);
        }
        self.events.note_handler(&decision);
        decision
    }

    /// Ends the execution of an event whose function cannot run now.
    pub(super) fn refuse_run(&mut self, number: u64, pending: &Pending, refusal: Refusal) {
        if refusal == (Refusal::Reserved { executions: 0 }) {
            let condition = EventCondition::ZeroReservedConcurrency;
            let ended = self.events.queue.end(number, condition);
            self.ended(ended, pending);
            self.wake_runner();
        } else {
            let outcome = refusal_outcome(refusal, &pending.invocation);
            self.executed(number, pending, None, &outcome, false);
        }
    }

    pub(super) fn executed(
        &mut self,
        number: u64,
        pending: &Pending,
        rule: Option<RuleId>,
        outcome: &Outcome,
        unscripted: bool,
    ) {
        self.follow_clock();
        self.leave_run(pending.execution);
        let end = execution_end(outcome, unscripted);
        self.record
            .log
            .counters
            .count_event(pending.counter, rule, |tally| tally.executions += 1);
        self.note_payload(number, pending, rule);
        let ended = self.events.queue.executed(number, rule, end);
        self.ended(ended, pending);
        self.wake_runner();
    }

    /// Keeps the payload of an event for the contract of the rule that executes it. The payloads
    /// that the rule itself accepts are in the journal.
    fn note_payload(&mut self, number: u64, pending: &Pending, rule: Option<RuleId>) {
        let accepted_by = self.events.queue.accepted_by(number);
        let Some(rule) = rule.filter(|rule| accepted_by != Some(*rule)) else {
            return;
        };
        if let Some(contract) = &mut self.behavior.rules[rule].contract {
            contract.note_event(number, || ExecutedEvent {
                call: pending.call,
                is_record: pending.sender_id.is_some(),
                invocation: pending.invocation.clone(),
            });
        }
    }

    /// Counts an event that has ended, and invokes the function that is the destination of its
    /// record.
    pub(super) fn ended(&mut self, delivery: Option<Delivery>, pending: &Pending) {
        let Some(delivery) = delivery else {
            return;
        };
        let rule = delivery.executions().last().and_then(|last| last.rule);
        let is_delivered = delivery.condition() == Some(EventCondition::Success);
        let is_dead_lettered = delivery.dead_letter().is_some();
        self.record
            .log
            .counters
            .count_event(pending.counter, rule, |tally| {
                tally.delivered += u64::from(is_delivered);
                tally.dead_lettered += u64::from(is_dead_lettered);
            });
        self.send_record(&delivery, pending);
        self.events.queue.rest();
    }

    /// Invokes the destination of an event's record, if it is a function.
    fn send_record(&mut self, delivery: &Delivery, pending: &Pending) {
        let record = delivery.record();
        let Some(record) = record.filter(|record| record.kind() == DestinationKind::Lambda) else {
            return;
        };
        if pending.depth + 1 >= LONGEST_CHAIN {
            return self.record.findings.add(Finding::Recursive {
                call: pending.call,
                function: delivery.inner().function.described.to_string(),
                destination: record.destination().to_owned(),
                length: LONGEST_CHAIN,
            });
        }
        let payload = record.text().to_owned().into();
        let mut invocation =
            Invocation::event(record.destination(), payload, &self.events.defaults);
        let seed = hashed(&[delivery.request_id(), "destination"]) ^ delivery.number();
        invocation.set_request_id(RequestId::from_bits(mixed(seed), mixed(!seed)));
        let counter = invocation
            .target()
            .map(|target| self.record.log.counters.counter_of(target).0);
        let pending = Pending {
            invocation: invocation.as_execution(),
            counter,
            call: pending.call,
            sender_id: Some(delivery.inner().request_id.clone()),
            depth: pending.depth + 1,
            execution: None,
        };
        let origin = Origin::Delivery(delivery.number());
        let now = Stage::Queued(self.events.queue.now());
        self.queue(origin, None, &pending, now, false);
    }

    /// Adds an event to the queue and returns its number.
    pub(super) fn queue(
        &mut self,
        origin: Origin,
        rule: Option<RuleId>,
        pending: &Pending,
        state: Stage,
        is_duplicate: bool,
    ) -> u64 {
        let invocation = &pending.invocation;
        let number = self.events.queue.next_number();
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
            accepted_at: self.events.queue.now(),
            executions: Vec::new(),
            state,
            record: None,
            dead_letter: None,
        };
        self.events.queue.accept(delivery, pending.clone());
        number
    }
}

fn origin_of(ticket: Ticket) -> Origin {
    Origin::Call {
        call: ticket.call,
        attempt: ticket.attempt,
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

/// The execution end of an outcome.
fn execution_end(outcome: &Outcome, unscripted: bool) -> ExecutionEnd {
    match &outcome.kind {
        OutcomeKind::Ran {
            version, failure, ..
        } => ExecutionEnd::Ran {
            payload: outcome.body().cloned().unwrap_or_default(),
            version: version.clone(),
            failed: failure.is_some(),
            is_replay: outcome.is_replay(),
        },
        OutcomeKind::Accepted
        | OutcomeKind::DryRun
        | OutcomeKind::Error(_)
        | OutcomeKind::Unmodeled { .. }
        | OutcomeKind::Http { .. }
        | OutcomeKind::Nothing => {
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
