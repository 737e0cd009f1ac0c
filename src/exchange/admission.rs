//! Where the constraints meet an attempt: refused, or let through until the last byte of its reply has left, or its client has.

use std::time::Instant;

use super::State;
use super::run::Pending;
use crate::aws::start::Start;
use crate::aws::words::InvocationType;
use crate::behavior::constraints::{Refusal, Slot};
use crate::ground::draws::hashed;
use crate::record::journal::{Admission, Ticket};
use crate::reply::outcome::{Outcome, OutcomeKind, Todo};
use crate::reply::reply::ErrorReply;
use crate::request::invocation::Invocation;

impl State {
    /// Asks the constraints about an attempt that a rule is about to answer; the refusal is in the journal then.
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
            invocation_type => invocation_type == InvocationType::Event,
        };
        match self.constraints.admit(target, is_event, Instant::now()) {
            Ok(None) => Ok(()),
            Ok(Some(execution)) => {
                self.log.admitted(ticket, Admission::Entered(execution));
                Ok(())
            }
            Err(refusal) => {
                let outcome = refusal_outcome(refusal, invocation);
                self.log.admitted(ticket, Admission::Refused(refusal));
                self.log.decided(ticket, outcome.clone(), false);
                Err(Box::new(outcome))
            }
        }
    }

    /// Lets what runs the function wait for its environment, where a constraint says that one has to be started.
    pub(super) fn started(
        &mut self,
        execution: Option<Slot>,
        invocation: &Invocation,
        todo: Todo,
    ) -> Todo {
        let (Some(execution), Some(target)) = (execution, invocation.target()) else {
            return todo;
        };
        if !todo.runs_function() {
            return todo;
        }
        let version = invocation.function_version();
        let draw = hashed(&[invocation.drawn_id(), "init"]);
        let start = self
            .constraints
            .start(execution, target, version, |delay| delay.drawn(draw));
        match start {
            Some(Start::Cold(Some(length)) | Start::Restored(length)) if !length.is_zero() => {
                todo.after_start(length)
            }
            _ => todo,
        }
    }

    /// Whether the function of an event may run now, and what its execution counts as then.
    pub(super) fn admit_run(&mut self, pending: &Pending) -> Result<Option<Slot>, Refusal> {
        match pending.invocation.target() {
            Some(target) if !self.constraints.is_empty() => {
                self.constraints.admit_from_queue(target).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Frees the place of an event's execution.
    pub(super) fn leave_run(&mut self, execution: Option<Slot>) {
        if let Some(execution) = execution {
            self.constraints.leave(execution);
        }
    }

    /// How an attempt came by its environment, where a constraint says so.
    pub(super) fn start_of(&mut self, ticket: Ticket) -> Option<Start> {
        let execution = self.log.execution(ticket)?;
        self.constraints.started(execution)
    }

    /// Frees the place of an attempt, if it has one.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        if let Some(execution) = self.log.execution(ticket) {
            self.constraints.leave(execution);
        }
    }
}

/// What a refusal is to whoever meets it.
pub(super) fn refusal_outcome(refusal: Refusal, invocation: &Invocation) -> Outcome {
    let arn = || unqualified(&invocation.function_arn(), invocation.qualifier());
    Outcome::of(OutcomeKind::Error(ErrorReply {
        error: refusal.error(),
        message: refusal.message(arn).map(Into::into),
        reason: refusal.reason(),
        retry_after: None,
        ec2_error_code: None,
    }))
}

fn unqualified(arn: &str, qualifier: Option<&str>) -> String {
    let qualified = qualifier.map(|qualifier| format!(":{qualifier}"));
    let own = qualified.and_then(|qualified| arn.strip_suffix(qualified.as_str()));
    own.unwrap_or(arn).to_owned()
}
