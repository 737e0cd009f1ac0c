//! What becomes of handlers: their replies, their panics, and those that run for nobody.

use super::decide::GOT_500;
use super::{Arrived, Exchange};
use crate::outcome::{Kind, Outcome, Todo};
use crate::reply::{Handler, Reply};

impl Exchange {
    /// What a handler's reply comes to; enters it into the journal.
    pub(crate) fn handled(
        &self,
        arrived: &Arrived,
        handler: &Handler,
        result: Result<Reply, String>,
    ) -> Todo {
        let mut todo = match result {
            Ok(reply) => Todo::of(&reply, &arrived.invocation),
            Err(text) => {
                Todo::Send(self.panicked(arrived, "handler", GOT_500, handler.written_at, text))
            }
        };
        self.edit(|state| {
            state.enter_environment(&arrived.invocation, &mut todo);
            if let Todo::Send(outcome) = &todo {
                state
                    .log
                    .decided(arrived.ticket, outcome.without_log(), true);
            }
        });
        todo
    }

    /// Notes that a handler is about to run for an event that was accepted.
    pub(crate) fn runs_late(&self, handler: &Handler) {
        self.edit(|state| state.late_handlers.push(handler.written_at));
    }

    /// Notes the end of such a handler.
    pub(crate) fn ran_late(
        &self,
        arrived: &Arrived,
        handler: &Handler,
        result: Result<Reply, String>,
    ) {
        if let Err(text) = result {
            let answer = "the client had got its 202";
            self.panicked(arrived, "handler", answer, handler.written_at, text);
        }
        self.edit(|state| {
            let place = state
                .late_handlers
                .iter()
                .position(|place| *place == handler.written_at);
            state
                .late_handlers
                .remove(place.expect("it was noted when it began"));
        });
    }

    /// Notes the end of a handler whose client left while it ran: the journal has said so. New is a panic, or that it ran.
    pub(crate) fn ran_for_nobody(
        &self,
        arrived: &Arrived,
        handler: &Handler,
        result: Result<Reply, String>,
    ) {
        match result {
            Ok(reply) => self.ran_unseen(&reply, arrived),
            Err(text) => {
                let got = "the client had left";
                self.panicked(arrived, "handler", got, handler.written_at, text);
            }
        }
    }

    /// Notes a run that the journal does not know of.
    fn ran_unseen(&self, reply: &Reply, arrived: &Arrived) {
        let todo = Todo::of(reply, &arrived.invocation);
        let Todo::Send(Outcome {
            kind: Kind::Ran { version, .. },
            ..
        }) = todo
        else {
            return;
        };
        if let Some(target) = arrived.invocation.target() {
            self.edit(|state| state.environments.enter(target, &version));
        }
    }
}
