//! Reports from a driver while it performs a decision: waits, handlers, faults that could not fire,
//! and what is finally sent.
//!
//! For an attempt the journal shows what it waits for; for an execution it only shows how it ended.

use std::time::Duration;

use base64::Engine;

use super::exchange::Exchange;
use super::subject::{Arrived, Subject};
use crate::aws::function_error::FunctionError;
use crate::aws::log_tail::{LoggedRun, RunEnding, tail};
use crate::aws::start::Start;
use crate::aws::words::LogType;
use crate::ground::clock::is_paused;
use crate::ground::draws::{hashed, mixed};
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::ground::panics::CaughtPanic;
use crate::record::finding::{Finding, RuleLabel};
use crate::record::journal::{ShortHeadline, WaitReason};
use crate::record::report::server_message;
use crate::reply::fault::Misfit;
use crate::reply::outcome::{Decision, Outcome, OutcomeKind, Pause};
use crate::reply::reply::{Failure, Handler, Reply, UnreadEvent, answer_to_panic};
use crate::reply::stream::StreamError;
use crate::request::invocation::Invocation;

/// The exit code of a process whose main thread panicked.
pub(super) const EXIT_CODE_OF_PANIC: i32 = 101;

/// The answer to a client if the handler cannot deserialize the event, or panics in Lambda's Rust
/// runtime.
const GOT_FUNCTION_ERROR: &str = "the client got a function error";

/// The status for mistakes in the test itself: AWS never sends it, and no SDK retries it.
const STATUS_OF_TEST_MISTAKE: u16 = 418;

/// A failure of a user's closure, and the answer to its client.
pub(super) struct ClosureFailure {
    /// `handler panicked`.
    what: &'static str,
    code: &'static str,
    got: &'static str,
}

/// The reason why the result of a handler is not sent.
enum Wrong {
    Panicked(ClosureFailure, CaughtPanic),
    Impossible(Message),
}

/// The error code of every panic.
pub(super) const CODE_OF_PANIC: &str = "FakeLambdaPanicked";

const HANDLER_PANICKED: ClosureFailure = ClosureFailure {
    what: "handler panicked",
    code: CODE_OF_PANIC,
    got: GOT_PANICKED,
};

/// A handler that panicked in Lambda's Rust runtime. The runtime answers, so the code is not sent.
const SERVICE_PANICKED: ClosureFailure = ClosureFailure {
    what: "handler panicked",
    code: CODE_OF_PANIC,
    got: GOT_FUNCTION_ERROR,
};

/// A handler that panicked after its first chunk.
const STREAM_PANICKED: ClosureFailure = ClosureFailure {
    what: "handler panicked",
    code: CODE_OF_PANIC,
    got: "the client got the error code FakeLambdaPanicked at the end of the stream",
};

pub(super) const CONDITION_PANICKED: ClosureFailure = ClosureFailure {
    what: "condition panicked",
    code: CODE_OF_PANIC,
    got: GOT_PANICKED,
};

#[cfg(feature = "wiremock")]
const HANDLER_GIVEN_UP: ClosureFailure = ClosureFailure {
    what: "handler took too long",
    code: "FakeLambdaGivenUp",
    got: "the client got 418 FakeLambdaGivenUp",
};

pub(super) const GOT_PANICKED: &str = "the client got 418 FakeLambdaPanicked";

const GOT_IMPOSSIBLE: &str = "the client got 418 FakeLambdaImpossibleReply";

/// The answer that the client of an event had already received when its function failed.
pub(super) const HAD_GOT_202: &str = "the client had already received its 202";

/// The answer to a client that disconnected before its function ended.
pub(super) const HAD_LEFT: &str = "the client had already disconnected";

impl Exchange {
    /// Records what holds an answer back from now on.
    pub(crate) fn waits_for(&self, subject: Subject<'_>, decision: &Decision) {
        if let Subject::Attempt(arrived) = subject {
            self.edit(|state| state.waits_for(arrived.ticket, decision));
        }
    }

    /// Records that the next pause of a held reply begins.
    pub(crate) fn is_paused(&self, subject: Subject<'_>, pause: &Pause) {
        if let Subject::Attempt(arrived) = subject {
            self.edit(|state| {
                // A drop opens every gate: the journal keeps the reason why the attempt waited.
                if !state.intake.is_closed() {
                    let log = &mut state.record.log;
                    log.waits_for(arrived.ticket, WaitReason::of(Some(pause)));
                }
            });
        }
    }

    /// Records the outcome of a reply that was held until now; `None` if the fake is being dropped.
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
            state.decided_after_wait(arrived.ticket, kept, is_computed);
            Some(outcome)
        })
    }

    /// Records how a handler has ended; returns the next action.
    pub(crate) fn handled(
        &self,
        subject: Subject<'_>,
        handler: &Handler,
        result: Result<Reply, Failure>,
    ) -> Decision {
        let invocation = subject.invocation();
        let is_still_running = result.as_ref().is_err_and(Failure::is_still_running);
        let mut decision = match self.reply_of(subject, handler, result) {
            Ok(reply) => Decision::of(&reply, invocation),
            Err(wrong) => {
                let written_at = &handler.written_at;
                let outcome = match wrong {
                    Wrong::Panicked(failure, panic) => {
                        self.panic_outcome(subject, &failure, written_at, panic)
                    }
                    Wrong::Impossible(mistake) => {
                        self.impossible_outcome(subject, written_at, mistake)
                    }
                };
                match subject {
                    Subject::Attempt(_) => Decision::Send(outcome),
                    // A process that panics is a function that failed.
                    Subject::Execution(_) => Decision::of(
                        &FunctionError::exited(EXIT_CODE_OF_PANIC).into(),
                        invocation,
                    ),
                }
            }
        };
        self.edit(|state| match subject {
            Subject::Attempt(arrived) => {
                state.take_environment(arrived.ticket, invocation, &mut decision);
                // Once the client has disconnected, the fault of chaos can no longer fire, which is
                // not a mistake in the script.
                if !state.record.log.is_finished(arrived.ticket) {
                    state.check_hit(arrived.ticket, decision.outcome_mut());
                }
                match &decision {
                    Decision::Send(outcome) => {
                        let kept = outcome.without_log();
                        state.decided_after_wait(arrived.ticket, kept, true);
                        if is_still_running {
                            state.record.log.runs(arrived.ticket, true);
                        }
                    }
                    decision @ (Decision::Run(_) | Decision::Hold(_) | Decision::Start(..)) => {
                        state.waits_for(arrived.ticket, decision)
                    }
                }
            }
            Subject::Execution(_) => {
                state.events.handler_ended(&handler.written_at);
                state.events.note_handler(&decision);
            }
        });
        decision
    }

    /// The reply of a handler that has ended; if it has none, the reason.
    fn reply_of(
        &self,
        subject: Subject<'_>,
        handler: &Handler,
        result: Result<Reply, Failure>,
    ) -> Result<Reply, Wrong> {
        // The transport's limits only matter for replies that are sent.
        let beyond = |reply: &Reply| match subject {
            Subject::Attempt(_) => self
                .unmet_need(reply.needs())
                .map(|need| server_message(&need, None)),
            Subject::Execution(_) => None,
        };
        let reply = match result {
            Ok(reply) => match reply.mistake().or_else(|| beyond(&reply)) {
                None => reply,
                Some(mistake) => return Err(Wrong::Impossible(mistake)),
            },
            Err(Failure::TimedOut(timeout)) => {
                let reply = Reply::from(FunctionError::timed_out(timeout));
                return Ok(reply.made_by(handler).without_delays());
            }
            Err(Failure::UnreadEvent(unread)) => {
                let reply = Reply::from(unread.error.clone());
                let got = self.client_got(subject, GOT_FUNCTION_ERROR);
                self.record_unreadable_event(
                    subject.call(),
                    subject.invocation(),
                    handler,
                    got,
                    unread,
                );
                reply
            }
            Err(Failure::Panicked(panic)) if handler.is_of_runtime => {
                let error = answer_to_panic(&panic);
                self.panic_outcome(subject, &SERVICE_PANICKED, &handler.written_at, panic);
                Reply::from(error)
            }
            Err(Failure::Panicked(panic)) => return Err(Wrong::Panicked(HANDLER_PANICKED, panic)),
            Err(Failure::Impossible(mistake)) => return Err(Wrong::Impossible(mistake)),
            #[cfg(feature = "wiremock")]
            Err(Failure::GivenUp(text)) => {
                let panic = CaughtPanic {
                    text,
                    panicked_at: None,
                };
                return Err(Wrong::Panicked(HANDLER_GIVEN_UP, panic));
            }
        };
        Ok(reply.made_by(handler))
    }

    /// The answer to the client after a failure of a user's closure, unless it had disconnected or
    /// already has its 202.
    fn client_got(&self, subject: Subject<'_>, got: &'static str) -> &'static str {
        match subject {
            Subject::Execution(_) => HAD_GOT_202,
            Subject::Attempt(arrived) => {
                match self.read(|state| state.record.log.is_finished(arrived.ticket)) {
                    true => HAD_LEFT,
                    false => got,
                }
            }
        }
    }

    /// Records an event that its handler cannot deserialize: the test may be wrong, or the caller.
    pub(super) fn record_unreadable_event(
        &self,
        call: u64,
        invocation: &Invocation,
        handler: &Handler,
        answer: &'static str,
        unread: UnreadEvent,
    ) {
        self.add_finding(Some(Finding::UnreadEvent {
            call,
            headline: ShortHeadline(invocation).to_string(),
            answer,
            written_at: handler.written_at.clone(),
            part: unread.part,
            wanted: unread.wanted,
            why: unread.why,
        }));
    }

    /// Records a failure in the test's own code, so that verification reports its text and its
    /// location. Returns the outcome for the client, which no SDK retries.
    pub(super) fn panic_outcome(
        &self,
        subject: Subject<'_>,
        failure: &ClosureFailure,
        written_at: &Location,
        panic: CaughtPanic,
    ) -> Outcome {
        let CaughtPanic { text, panicked_at } = panic;
        let what = failure.what;
        let place = panicked_at.as_ref();
        let place = place.map_or_else(String::new, |place| format!(" at {place}"));
        let message = format!("fake-lambda: a {what}{place}: {text}");
        self.add_finding(Some(Finding::Panicked {
            call: subject.call(),
            headline: ShortHeadline(subject.invocation()).to_string(),
            what,
            answer: self.client_got(subject, failure.got),
            written_at: written_at.clone(),
            panicked_at,
            text,
        }));
        failure_outcome(failure.code, message)
    }

    /// Records a panic of a handler whose stream has begun; returns the error that ends the stream.
    pub(super) fn stream_panic(
        &self,
        subject: Subject<'_>,
        written_at: &Location,
        panic: CaughtPanic,
    ) -> StreamError {
        let outcome = self.panic_outcome(subject, &STREAM_PANICKED, written_at, panic);
        StreamError {
            code: STREAM_PANICKED.code.into(),
            details: outcome.message().map(Into::into),
        }
    }

    /// Records that a handler returned a reply that cannot be sent; returns the outcome instead.
    fn impossible_outcome(
        &self,
        subject: Subject<'_>,
        written_at: &Location,
        mistake: Message,
    ) -> Outcome {
        let message = format!("fake-lambda: the reply is impossible: {}", mistake.error());
        self.add_finding(Some(Finding::ImpossibleReply {
            call: subject.call(),
            headline: ShortHeadline(subject.invocation()).to_string(),
            answer: self.client_got(subject, GOT_IMPOSSIBLE),
            written_at: written_at.clone(),
            mistake,
        }));
        failure_outcome("FakeLambdaImpossibleReply", message)
    }

    /// Records a fault that cannot fire in this reply, which is about to be sent unchanged.
    pub(crate) fn fault_could_not_happen(&self, arrived: &Arrived, misfit: Misfit) {
        self.edit(|state| {
            if state.record.log.damage_of(arrived.ticket).is_some() {
                return state.hit_could_not_happen(arrived.ticket);
            }
            let rule = state.record.log.rule_of(arrived.ticket);
            let rule = rule.map(|id| RuleLabel::of(id, &state.behavior.rules[id]));
            state.record.log.fault_could_not_happen(arrived.ticket);
            state.record.findings.add(Finding::FaultCouldNotHappen {
                call: arrived.ticket.call,
                misfit,
                invocation_type: arrived.invocation.invocation_type(),
                rule,
            });
        });
    }

    /// The value of `X-Amz-Log-Result`; `None` unless the caller requested it and the function ran.
    pub(crate) fn log_result(&self, arrived: &Arrived, outcome: &Outcome) -> Option<String> {
        match arrived.invocation.log_type() {
            LogType::Tail => self.render_log_result(arrived, outcome),
            LogType::None => None,
        }
    }

    /// A separate function, so that other callers only pay for one comparison.
    #[cold]
    fn render_log_result(&self, arrived: &Arrived, outcome: &Outcome) -> Option<String> {
        let invocation = &arrived.invocation;
        let mut written = invocation.take_log()?;
        let OutcomeKind::Ran {
            body,
            failure,
            version,
            log,
            error_log,
            took,
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
            error_log: error_log.as_deref().unwrap_or_default(),
            ending,
            took: *took,
            start: *start,
            draws: self.draws(invocation),
            measured: self.measured(arrived, *start),
        };
        let tail = tail(self.config.log_format, &run);
        Some(base64::engine::general_purpose::STANDARD.encode(tail))
    }

    /// How long the function of an attempt has run, without its start, on a paused clock. On a
    /// clock that runs, this would depend on the speed of the machine.
    fn measured(&self, arrived: &Arrived, start: Start) -> Option<Duration> {
        let clock = self.config.clock();
        if !clock.is_virtual() || !is_paused() {
            return None;
        }
        let started = match start {
            Start::Cold(Some(length)) | Start::Restored(length) => length,
            Start::Cold(None) | Start::Warm => Duration::ZERO,
        };
        let began = self.read(|state| state.record.log.arrival(arrived.ticket))?;
        let elapsed = clock.now().saturating_duration_since(began);
        Some(elapsed.saturating_sub(started))
    }

    /// Two numbers that depend on the drawn request id, for the figures in a log.
    pub(super) fn draws(&self, invocation: &Invocation) -> [u64; 2] {
        let id = hashed(&[invocation.drawn_id()]);
        [mixed(id), mixed(!id)]
    }
}

/// The outcome that the client gets if the test itself has a mistake, or if the fake panics.
pub(super) fn failure_outcome(code: &str, message: String) -> Outcome {
    Outcome::of(OutcomeKind::Unmodeled {
        code: code.into(),
        status: STATUS_OF_TEST_MISTAKE,
        message: Some(message.into()),
    })
}
