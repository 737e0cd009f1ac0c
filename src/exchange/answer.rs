//! The answer of a rule to an attempt: whether the constraints admit it, which reply it gets, and
//! what chaos does to the reply.

use super::events::Pending;
use super::exchange::State;
use crate::aws::start::Start;
use crate::aws::words::{InvocationType, LogType};
use crate::behavior::chaos::{DrawnHit, Effect};
use crate::behavior::constraints::{Refusal, Slot};
use crate::behavior::rules::RuleId;
use crate::ground::draws::hashed;
use crate::record::journal::{Admission, Ticket, WaitReason};
use crate::reply::outcome::{Decision, Outcome, OutcomeKind};
use crate::reply::reply::{ErrorReply, Reply};
use crate::request::invocation::Invocation;

impl State {
    /// The answer of a rule, unless its script is exhausted; the constraints are checked before it
    /// consumes a step.
    pub(super) fn answer(
        &mut self,
        ticket: Ticket,
        rule: RuleId,
        invocation: &Invocation,
        drawn: Option<DrawnHit>,
    ) -> Option<Decision> {
        if !self.behavior.constraints.is_empty() && !self.behavior.rules[rule].is_spent() {
            if let Err(outcome) = self.admit(ticket, invocation) {
                return Some(Decision::Send(*outcome));
            }
            if let Some(decision) = self.accept_unrun(ticket, rule, invocation) {
                return Some(decision);
            }
        }
        let reply = self.behavior.rules.take(rule)?;
        Some(self.take_step(ticket, rule, &reply, invocation, drawn))
    }

    /// Records the rule and, if it is already known, the reply; chaos can damage the reply.
    fn take_step(
        &mut self,
        ticket: Ticket,
        rule: RuleId,
        reply: &Reply,
        invocation: &Invocation,
        drawn: Option<DrawnHit>,
    ) -> Decision {
        self.record.log.taken_by(ticket, rule);
        match drawn.and_then(|drawn| self.damage(ticket, &drawn, reply)) {
            Some(damaged) => self.record_reply(ticket, Some(rule), &damaged, invocation),
            None => self.record_reply(ticket, Some(rule), reply, invocation),
        }
    }

    /// Records the reply, if it is already known, and the event that it accepts.
    pub(super) fn record_reply(
        &mut self,
        ticket: Ticket,
        rule: Option<RuleId>,
        reply: &Reply,
        invocation: &Invocation,
    ) -> Decision {
        let mut decision = Decision::of(reply, invocation);
        if !self.behavior.constraints.is_empty() {
            let execution = self.record.log.execution(ticket);
            decision = self.started(execution, invocation, decision);
        }
        self.take_environment(ticket, invocation, &mut decision);
        match &decision {
            Decision::Send(outcome) => {
                self.record.log.decided(ticket, outcome.clone(), false);
                if matches!(outcome.kind, OutcomeKind::Accepted) {
                    self.accept(ticket, rule, reply, invocation);
                }
            }
            // The outcome is recorded when its wait is over.
            Decision::Run(_) | Decision::Hold(_) | Decision::Start(..) => {
                self.waits_for(ticket, &decision)
            }
        }
        decision
    }

    /// Records a hit that answers instead of the script.
    pub(super) fn record_hit(
        &mut self,
        ticket: Ticket,
        drawn: &DrawnHit,
        invocation: &Invocation,
    ) -> Decision {
        self.note_hit(ticket, drawn);
        match drawn.hit.what() {
            Effect::Reply(reply) => self.record_reply(ticket, None, reply, invocation),
            Effect::Delay(_) | Effect::Stream(_) | Effect::Delivered(_) => {
                unreachable!("it changes the script's own reply")
            }
        }
    }

    /// The script's reply with the effect of a hit; `None` if the effect cannot apply to it, for
    /// example because it has a fault of its own.
    pub(super) fn damage(
        &mut self,
        ticket: Ticket,
        drawn: &DrawnHit,
        reply: &Reply,
    ) -> Option<Reply> {
        let damaged = match drawn.hit.what() {
            Effect::Reply(by) => reply.damaged(by)?,
            Effect::Delay(delay) => reply.later(delay.drawn(0))?,
            Effect::Stream(change) => reply.with_stream(change)?,
            Effect::Delivered(times) => reply.redelivered(*times)?,
        };
        self.note_hit(ticket, drawn);
        Some(damaged)
    }

    /// Checks that a hit has its effect on a handler's reply, which is known only now: its fault
    /// can fire, or its delay was part of an execution.
    pub(super) fn check_hit(&mut self, ticket: Ticket, outcome: Option<&mut Outcome>) {
        if outcome.as_ref().is_some_and(|outcome| outcome.is_replay()) {
            if let Some(hit) = self.record.log.take_delay(ticket) {
                self.behavior.chaos.forget(&hit);
            }
        }
        let Some(damage) = self.record.log.damage_of(ticket) else {
            return;
        };
        if outcome.and_then(|outcome| outcome.fault()) != Some(damage) {
            self.hit_could_not_happen(ticket);
        }
    }

    /// Records that the fault of a hit could not fire.
    pub(super) fn hit_could_not_happen(&mut self, ticket: Ticket) {
        if let Some(hit) = self.record.log.could_not_happen(ticket) {
            self.behavior.chaos.forget(&hit);
        }
    }

    fn note_hit(&mut self, ticket: Ticket, drawn: &DrawnHit) {
        self.record.log.hit_by(ticket, drawn.hit.clone());
        self.behavior.chaos.note(drawn);
    }

    /// Takes an environment for a run whose log is requested, and stores in its outcome how the run
    /// got it.
    ///
    /// Called before the outcome is in the journal, because the first run of each version looks for
    /// earlier runs there. Callers that do not request a log cause no work.
    pub(super) fn take_environment(
        &mut self,
        ticket: Ticket,
        invocation: &Invocation,
        decision: &mut Decision,
    ) {
        if invocation.log_type() != LogType::Tail {
            return;
        }
        let Some(Outcome {
            kind: OutcomeKind::Ran { version, start, .. },
            ..
        }) = decision.outcome_mut()
        else {
            return;
        };
        let Some(target) = invocation.target() else {
            return;
        };
        let is_new = self.behavior.environments.note_run(target, version)
            && !self.record.log.has_run(target, version);
        *start = match self.start_of_environment(ticket) {
            Some(start) => start,
            None if is_new => Start::Cold(None),
            None => Start::Warm,
        };
    }

    /// Checks the constraints for an attempt that a rule is about to answer, and records a
    /// rejection in the journal.
    pub(super) fn admit(
        &mut self,
        ticket: Ticket,
        invocation: &Invocation,
    ) -> Result<(), Box<Outcome>> {
        let Some(target) = invocation.target() else {
            return Ok(());
        };
        let is_event = match invocation.invocation_type() {
            InvocationType::DryRun => return Ok(()),
            invocation_type @ (InvocationType::Event | InvocationType::RequestResponse) => {
                invocation_type == InvocationType::Event
            }
        };
        let now = self.clock.now();
        let constraints = &mut self.behavior.constraints;
        let has_tenant = invocation
            .tenant_id()
            .is_some_and(|tenant| !tenant.is_empty());
        let admitted = constraints
            .require(target, has_tenant)
            .and_then(|()| constraints.admit(target, is_event, now));
        match admitted {
            Ok(None) => Ok(()),
            Ok(Some(execution)) => {
                self.record
                    .log
                    .admitted(ticket, Admission::Entered(execution));
                Ok(())
            }
            Err(refusal) => Err(Box::new(self.record_refusal(ticket, refusal, invocation))),
        }
    }

    /// Records and returns the answer to an attempt at a function that the caller is not allowed to
    /// invoke; `None` if the caller is allowed.
    pub(super) fn deny(&mut self, ticket: Ticket, invocation: &Invocation) -> Option<Decision> {
        if self.behavior.constraints.is_empty() {
            return None;
        }
        let refusal = self
            .behavior
            .constraints
            .permit(invocation.target()?)
            .err()?;
        Some(Decision::Send(
            self.record_refusal(ticket, refusal, invocation),
        ))
    }

    /// Records what rejects an attempt, and its answer.
    fn record_refusal(
        &mut self,
        ticket: Ticket,
        refusal: Refusal,
        invocation: &Invocation,
    ) -> Outcome {
        let outcome = refusal_outcome(refusal, invocation);
        self.record
            .log
            .admitted(ticket, Admission::Refused(refusal));
        self.record.log.decided(ticket, outcome.clone(), false);
        outcome
    }

    /// Puts the start of an environment before a decision that runs the function, if a constraint
    /// requires a new environment.
    pub(super) fn started(
        &mut self,
        execution: Option<Slot>,
        invocation: &Invocation,
        decision: Decision,
    ) -> Decision {
        let (Some(execution), Some(target)) = (execution, invocation.target()) else {
            return decision;
        };
        if !decision.runs_function() {
            return decision;
        }
        let version = invocation.function_version();
        let draw = hashed(&[invocation.drawn_id(), "init"]);
        let start = self
            .behavior
            .constraints
            .start(execution, target, version, |delay| delay.drawn(draw));
        match start {
            Some(Start::Cold(Some(length)) | Start::Restored(length)) if !length.is_zero() => {
                decision.after_start(length)
            }
            _ => decision,
        }
    }

    /// Admits an execution of an event and returns its slot, or rejects the execution.
    pub(super) fn admit_run(&mut self, pending: &Pending) -> Result<Option<Slot>, Refusal> {
        match pending.invocation.target() {
            Some(target) if !self.behavior.constraints.is_empty() => {
                self.behavior.constraints.admit_from_queue(target).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Frees the slot of an event's execution.
    pub(super) fn leave_run(&mut self, execution: Option<Slot>) {
        if let Some(execution) = execution {
            self.behavior.constraints.release(execution);
        }
    }

    /// How an attempt got its environment, if a constraint defines it.
    pub(super) fn start_of_environment(&mut self, ticket: Ticket) -> Option<Start> {
        let execution = self.record.log.execution(ticket)?;
        self.behavior.constraints.started(execution)
    }

    /// Frees the slot of an attempt, if it has one.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        if let Some(execution) = self.record.log.execution(ticket) {
            self.behavior.constraints.release(execution);
        }
    }

    /// Frees the slot of an attempt whose client disconnected before its function ended, once the
    /// function has ended.
    pub(super) fn leave_after_disconnect(&mut self, ticket: Ticket, was_running: bool) {
        let log = &self.record.log;
        if was_running && log.is_finished(ticket) && !log.is_running(ticket) {
            self.leave(ticket);
            self.wake_runner();
        }
    }

    /// Records the outcome of an action that took time.
    pub(super) fn decided_after_wait(
        &mut self,
        ticket: Ticket,
        outcome: Outcome,
        is_computed: bool,
    ) {
        let was_running = self.record.log.is_running(ticket);
        self.record.log.decided(ticket, outcome, is_computed);
        self.leave_after_disconnect(ticket, was_running);
    }

    /// Records what an attempt waits for, and whether its function runs in the meantime.
    pub(super) fn waits_for(&mut self, ticket: Ticket, decision: &Decision) {
        let was_running = self.record.log.is_running(ticket);
        self.record.log.runs(ticket, decision.runs_function());
        self.leave_after_disconnect(ticket, was_running);
        let stay = match decision {
            Decision::Run(handler) => WaitReason::Handler(handler.written_at.clone()),
            Decision::Start(length, _) => WaitReason::Start(*length),
            Decision::Hold(held) => WaitReason::of(held.pauses.first()),
            Decision::Send(_) => return,
        };
        self.record.log.waits_for(ticket, stay);
    }
}

/// The outcome of a rejection for the client.
pub(super) fn refusal_outcome(refusal: Refusal, invocation: &Invocation) -> Outcome {
    Outcome::of(OutcomeKind::Error(ErrorReply {
        message: refusal.message(invocation).map(Into::into),
        reason: refusal.reason(),
        ..ErrorReply::new(refusal.error())
    }))
}
