//! What becomes of handlers: their replies, their panics, and those that run for nobody.

use std::sync::PoisonError;

use super::panics::GOT_500;
use super::{Arrived, Exchange, State};
use crate::aws::function_error::FunctionError;
use crate::ground::location::Location;
use crate::record::finding::Finding;
use crate::record::journal::{Headline, Ticket, WaitReason};
use crate::record::report::needs_server;
use crate::reply::outcome::{OutcomeKind, Todo};
use crate::reply::reply::{Failure, Handler, Reply, UnreadEvent};
use crate::request::invocation::Invocation;

/// What a caller got whose event its handler does not take.
const GOT_FUNCTION_ERROR: &str = "the client got a function error";

/// What a handler did that has no reply.
const PANICKED: &str = "handler panicked";

impl Exchange {
    /// What a handler's reply comes to; enters it into the journal.
    pub(super) fn handled_attempt(
        &self,
        arrived: &Arrived,
        handler: &Handler,
        result: Result<Reply, Failure>,
    ) -> Todo {
        let (call, invocation) = (arrived.ticket.call, &arrived.invocation);
        let beyond = |reply: &Reply| self.beyond_server(reply).map(|what| needs_server(&what));
        let reply = self.reply_of(
            call,
            invocation,
            handler,
            GOT_FUNCTION_ERROR,
            result,
            beyond,
        );
        let mut todo = match reply {
            Ok(reply) => Todo::of(&reply, invocation),
            Err((what, text)) => Todo::Send(self.panicked(
                call,
                invocation,
                what,
                GOT_500,
                handler.written_at.clone(),
                text,
            )),
        };
        self.edit(|state| {
            state.enter_environment(arrived.ticket, &arrived.invocation, &mut todo);
            state.check_damage(arrived.ticket, todo.outcome_mut());
            match &todo {
                Todo::Send(outcome) => {
                    let kept = outcome.without_log();
                    state.log.decided(arrived.ticket, kept, true);
                }
                todo => state.waits_for(arrived.ticket, todo),
            }
        });
        todo
    }

    /// The reply that a handler's end comes to; where it has none, what became of it and why.
    pub(super) fn reply_of(
        &self,
        call: u64,
        invocation: &Invocation,
        handler: &Handler,
        unread_answer: &'static str,
        result: Result<Reply, Failure>,
        beyond: impl FnOnce(&Reply) -> Option<String>,
    ) -> Result<Reply, (&'static str, String)> {
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
                self.unread(call, invocation, handler, unread_answer, unread);
                reply
            }
            Err(Failure::Panicked(text)) => return Err((PANICKED, text)),
            #[cfg(feature = "wiremock")]
            Err(Failure::GivenUp(text)) => return Err(("handler was given up", text)),
        };
        Ok(reply.made_by(handler))
    }

    /// Marks the handler that is about to be polled, or unmarks it.
    pub(crate) fn polling(&self, written_at: Option<Location>) {
        *self.polled.lock().unwrap_or_else(PoisonError::into_inner) = written_at;
    }

    /// The handler that is being polled at this moment.
    pub(crate) fn polled(&self) -> Option<Location> {
        self.polled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Notes the end of a handler whose client left while it ran: the journal has said so. New is a panic, or that it ran.
    pub(crate) fn ran_for_nobody(
        &self,
        arrived: &Arrived,
        handler: &Handler,
        result: Result<Reply, Failure>,
    ) {
        match result {
            Ok(reply) => self.ran_unseen(&reply, arrived),
            Err(failure) => self.failed(arrived, handler, "the client had left", failure),
        }
    }

    /// Notes how a handler failed that nobody waits for.
    fn failed(&self, arrived: &Arrived, handler: &Handler, answer: &'static str, failure: Failure) {
        let (call, invocation) = (arrived.ticket.call, &arrived.invocation);
        match failure {
            #[cfg(feature = "wiremock")]
            Failure::GivenUp(_) => {}
            Failure::Panicked(text) => {
                let location = handler.written_at.clone();
                self.panicked(call, invocation, PANICKED, answer, location, text);
            }
            Failure::UnreadEvent(unread) => self.unread(call, invocation, handler, answer, unread),
            Failure::TimedOut(timeout) => {
                self.ran_unseen(&FunctionError::timed_out(timeout).into(), arrived);
            }
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
        self.tell(Some(Finding::UnreadEvent {
            call,
            headline: Headline(invocation).to_string(),
            answer,
            written_at: handler.written_at.clone(),
            wanted: unread.wanted,
            why: unread.why,
        }));
    }

    /// Notes a run that the journal does not know of.
    fn ran_unseen(&self, reply: &Reply, arrived: &Arrived) {
        let mut todo = Todo::of(reply, &arrived.invocation);
        let Some(OutcomeKind::Ran { version, .. }) =
            todo.outcome_mut().map(|outcome| &outcome.kind)
        else {
            return;
        };
        if let Some(target) = arrived.invocation.target() {
            self.edit(|state| state.environments.enter(target, version));
        }
    }
}

impl State {
    /// Notes what keeps an attempt from its answer.
    pub(super) fn waits_for(&mut self, ticket: Ticket, todo: &Todo) {
        let stay = match todo {
            Todo::Run(handler) => WaitReason::Handler(handler.written_at.clone()),
            Todo::Start(length, _) => WaitReason::Start(*length),
            Todo::Hold(held) => match &held.gate {
                Some(gate) => WaitReason::Gate(gate.made_at().clone()),
                None => WaitReason::Delay(held.delay),
            },
            Todo::Send(_) => return,
        };
        self.log.waits_for(ticket, stay);
    }
}
