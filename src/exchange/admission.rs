//! Where the causes meet an attempt: refused, or let through until the last byte of its reply has left, or its client has.

use std::time::Instant;

use super::State;
use crate::aws_words::InvocationType;
use crate::draws::hashed;
use crate::environments::Start;
use crate::invocation::Invocation;
use crate::journal::{Admission, Ticket};
use crate::outcome::{Kind, Outcome, Todo};
use crate::reply::ErrorReply;

impl State {
    /// Asks the causes about an attempt that a rule is about to answer; the refusal is in the journal then.
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
        match self.causes.admit(target, is_event, Instant::now()) {
            Ok(None) => Ok(()),
            Ok(Some(execution)) => {
                self.log.admitted(ticket, Admission::Entered(execution));
                Ok(())
            }
            Err(refusal) => {
                let arn = || unqualified(&invocation.function_arn(), invocation.qualifier());
                let outcome = Outcome::of(Kind::Error(ErrorReply {
                    error: refusal.error(),
                    message: refusal.message(arn).map(Into::into),
                    reason: refusal.reason(),
                    retry_after: None,
                    ec2_error_code: None,
                }));
                self.log.admitted(ticket, Admission::Refused(refusal));
                self.log.decided(ticket, outcome.clone(), false);
                Err(Box::new(outcome))
            }
        }
    }

    /// Lets what runs the function wait for its environment, where a cause says that one has to be started.
    pub(super) fn started(&mut self, ticket: Ticket, invocation: &Invocation, todo: Todo) -> Todo {
        let (Some(execution), Some(target)) = (self.log.execution(ticket), invocation.target())
        else {
            return todo;
        };
        if !todo.runs_function() {
            return todo;
        }
        let version = invocation.function_version();
        let draw = hashed(&[invocation.drawn_id(), "init"]);
        let start = self
            .causes
            .start(execution, target, version, |delay| delay.drawn(draw));
        match start {
            Some(Start::Cold(Some(length)) | Start::Restored(length)) if !length.is_zero() => {
                todo.after_start(length)
            }
            _ => todo,
        }
    }

    /// How an attempt came by its environment, where a cause says so.
    pub(super) fn start_of(&mut self, ticket: Ticket) -> Option<Start> {
        let execution = self.log.execution(ticket)?;
        self.causes.started(execution)
    }

    /// Frees the place of an attempt, if it has one.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        if let Some(execution) = self.log.execution(ticket) {
            self.causes.leave(execution);
        }
    }
}

fn unqualified(arn: &str, qualifier: Option<&str>) -> String {
    let qualified = qualifier.map(|qualifier| format!(":{qualifier}"));
    let own = qualified.and_then(|qualified| arn.strip_suffix(qualified.as_str()));
    own.unwrap_or(arn).to_owned()
}
