//! What a driver reports while it performs a decision: waits, handlers, what could not be done, what is sent at last.
//!
//! The journal shows what an attempt waits for; of an execution it shows only how it ended.

use std::time::Duration;

use base64::Engine;

use super::exchange::Exchange;
use super::subject::{Arrived, Subject};
use crate::aws::function_error::FunctionError;
use crate::aws::log_tail::{LoggedRun, RunEnding, tail};
use crate::aws::service_error::ServiceError;
use crate::aws::words::LogType;
use crate::ground::draws::{hashed, mixed};
use crate::ground::location::Location;
use crate::record::finding::{Finding, RuleLabel};
use crate::record::journal::{Headline, WaitReason};
use crate::record::report::needs_server;
use crate::reply::outcome::{Outcome, OutcomeKind, Todo};
use crate::reply::reply::{Failure, Handler, Reply, UnreadEvent};
use crate::request::invocation::Invocation;

/// What a process exits with whose main thread panicked.
const EXIT_CODE_OF_PANIC: i32 = 101;

/// What a caller got whose event its handler does not take.
const GOT_FUNCTION_ERROR: &str = "the client got a function error";

/// What a handler did that has no reply.
const PANICKED: &str = "handler panicked";

impl Exchange {
    /// Notes what keeps an answer back from now on.
    pub(crate) fn waits_for(&self, subject: Subject<'_>, todo: &Todo) {
        if let Subject::Attempt(arrived) = subject {
            self.edit(|state| state.waits_for(arrived.ticket, todo));
        }
    }

    /// Notes that a gate has opened and a delay begins.
    pub(crate) fn is_delayed(&self, subject: Subject<'_>, delay: Duration) {
        if let Subject::Attempt(arrived) = subject {
            self.edit(|state| {
                state
                    .record
                    .log
                    .waits_for(arrived.ticket, WaitReason::Delay(delay))
            });
        }
    }

    /// Enters the outcome of what is no longer held back; `None` when the fake is going away.
    pub(crate) fn release(
        &self,
        subject: Subject<'_>,
        outcome: Outcome,
        is_computed: bool,
    ) -> Option<Outcome> {
        let Subject::Attempt(arrived) = subject else {
            return Some(outcome);
        };
        let kept = outcome.without_log();
        self.edit(|state| {
            if state.intake.is_closed() {
                return None;
            }
            state.decided_late(arrived.ticket, kept, is_computed);
            Some(outcome)
        })
    }

    /// Notes how a handler has ended; what is to be done next.
    pub(crate) fn handled(
        &self,
        subject: Subject<'_>,
        handler: &Handler,
        result: Result<Reply, Failure>,
    ) -> Todo {
        let invocation = subject.invocation();
        let goes_on = result.as_ref().is_err_and(Failure::goes_on);
        let mut todo = match self.reply_of(subject, handler, result) {
            Ok(reply) => Todo::of(&reply, invocation),
            Err((what, text)) => {
                let written_at = handler.written_at.clone();
                let (call, got) = (subject.call(), self.got(subject));
                let outcome = self.panicked(call, invocation, what, got, written_at, text);
                match subject {
                    Subject::Attempt(_) => Todo::Send(outcome),
                    // A process that panics is a function that failed.
                    Subject::Execution(_) => Todo::of(
                        &FunctionError::exited(EXIT_CODE_OF_PANIC).into(),
                        invocation,
                    ),
                }
            }
        };
        self.edit(|state| match subject {
            Subject::Attempt(arrived) => {
                state.take_environment(arrived.ticket, invocation, &mut todo);
                // What chaos has for its reply can no longer happen, and that is no mistake of the script's.
                if !state.record.log.is_finished(arrived.ticket) {
                    state.check_damage(arrived.ticket, todo.outcome_mut());
                }
                match &todo {
                    Todo::Send(outcome) => {
                        let kept = outcome.without_log();
                        state.decided_late(arrived.ticket, kept, true);
                        if goes_on {
                            state.record.log.runs(arrived.ticket, true);
                        }
                    }
                    todo @ (Todo::Run(_) | Todo::Hold(_) | Todo::Start(..)) => {
                        state.waits_for(arrived.ticket, todo)
                    }
                }
            }
            Subject::Execution(_) => {
                state.events.handler_ended(&handler.written_at);
                state.events.note_handler(&todo);
            }
        });
        todo
    }

    /// The reply that a handler's end leads to; where it has none, what became of it and why.
    fn reply_of(
        &self,
        subject: Subject<'_>,
        handler: &Handler,
        result: Result<Reply, Failure>,
    ) -> Result<Reply, (&'static str, String)> {
        // What the transport cannot do matters only to what it sends.
        let beyond = |reply: &Reply| match subject {
            Subject::Attempt(_) => self.cannot(reply.needs()).map(|what| needs_server(&what)),
            Subject::Execution(_) => None,
        };
        let reply = match result {
            Ok(reply) => match reply.mistake().or_else(|| beyond(&reply)) {
                None => reply,
                Some(mistake) => return Err((PANICKED, mistake)),
            },
            Err(Failure::TimedOut(timeout)) => {
                let reply = Reply::from(FunctionError::timed_out(timeout));
                return Ok(reply.made_by(handler).at_once());
            }
            Err(Failure::UnreadEvent(unread)) => {
                let reply = Reply::from(unread.error.clone());
                let got = match subject {
                    Subject::Attempt(_) if !self.has_left(subject) => GOT_FUNCTION_ERROR,
                    Subject::Attempt(_) | Subject::Execution(_) => self.got(subject),
                };
                self.unread(subject.call(), subject.invocation(), handler, got, unread);
                reply
            }
            Err(Failure::Panicked(text)) => return Err((PANICKED, text)),
            #[cfg(feature = "wiremock")]
            Err(Failure::GivenUp(text)) => return Err(("handler was given up", text)),
        };
        Ok(reply.made_by(handler))
    }

    /// Whether nobody waits any longer for what an attempt is answered.
    fn has_left(&self, subject: Subject<'_>) -> bool {
        match subject {
            Subject::Attempt(arrived) => {
                self.read(|state| state.record.log.is_finished(arrived.ticket))
            }
            Subject::Execution(_) => false,
        }
    }

    /// What the client got of a closure of the test that went wrong.
    fn got(&self, subject: Subject<'_>) -> &'static str {
        match self.has_left(subject) {
            true => "the client had left",
            false => subject.got(),
        }
    }

    /// Notes an event that its handler does not take: that is as likely a slip of the test's as one of the caller's.
    pub(super) fn unread(
        &self,
        call: u64,
        invocation: &Invocation,
        handler: &Handler,
        answer: &'static str,
        unread: UnreadEvent,
    ) {
        self.add_finding(Some(Finding::UnreadEvent {
            call,
            headline: Headline(invocation).to_string(),
            answer,
            written_at: handler.written_at.clone(),
            wanted: unread.wanted,
            why: unread.why,
        }));
    }

    /// A panic of the test's own code, say `handler panicked`: the client gets a 500, verification the text.
    pub(super) fn panicked(
        &self,
        call: u64,
        invocation: &Invocation,
        what: &'static str,
        answer: &'static str,
        written_at: Location,
        text: String,
    ) -> Outcome {
        let headline = Headline(invocation).to_string();
        let outcome = Outcome::error(
            ServiceError::ServiceException,
            format!("fake-lambda: a {what}: {text}"),
        );
        self.add_finding(Some(Finding::Panicked {
            call,
            headline,
            what,
            answer,
            written_at,
            text,
        }));
        outcome
    }

    /// Takes note of a fault that could not happen to this reply: it is about to be sent whole.
    pub(crate) fn fault_could_not_happen(&self, arrived: &Arrived, why: String) {
        let headline = Headline(&arrived.invocation).to_string();
        self.edit(|state| {
            if state.record.log.damage_of(arrived.ticket).is_some() {
                return state.hit_could_not_happen(arrived.ticket);
            }
            let rule = state.record.log.rule_of(arrived.ticket);
            let rule = rule.map(|id| RuleLabel::of(id, &state.behavior.rules[id]));
            state.record.log.fault_could_not_happen(arrived.ticket);
            state.record.findings.add(Finding::FaultCouldNotHappen {
                call: arrived.ticket.call,
                headline,
                why,
                rule,
            });
        });
    }

    /// The value of `X-Amz-Log-Result`; `None` unless the caller asked for it and the function ran.
    pub(crate) fn log_result(&self, invocation: &Invocation, outcome: &Outcome) -> Option<String> {
        match invocation.log_type() {
            LogType::Tail => self.made_log_result(invocation, outcome),
            LogType::None => None,
        }
    }

    /// Apart, so that other callers pay for one comparison.
    #[cold]
    fn made_log_result(&self, invocation: &Invocation, outcome: &Outcome) -> Option<String> {
        let mut written = invocation.take_log()?;
        let OutcomeKind::Ran {
            body,
            failure,
            version,
            log,
            start,
        } = &outcome.kind
        else {
            return None;
        };
        written.push_str(log.as_deref().unwrap_or_default());
        let ending = match failure {
            Some(_) => RunEnding::of_error(body),
            None => RunEnding::Answered,
        };
        let run = LoggedRun {
            request_id: invocation.request_id(),
            function: invocation.function_name(),
            arn: &invocation.function_arn(),
            region: invocation.region(),
            version,
            log: &written,
            ending,
            start: *start,
            draws: self.draws(invocation),
        };
        let tail = tail(self.config.log_format, &run);
        Some(base64::engine::general_purpose::STANDARD.encode(tail))
    }

    /// Two numbers that follow from the same three, for the figures in a log.
    pub(super) fn draws(&self, invocation: &Invocation) -> [u64; 2] {
        let id = hashed(&[invocation.drawn_id()]);
        [mixed(id), mixed(!id)]
    }
}
