//! Executions of events that take more than the lock: conditions to ask, handlers to run.

use super::Exchange;
use super::decide::answer_of;
use super::events::Run;
use super::search::Found;
use crate::finding::Finding;
use crate::function_error::FunctionError;
use crate::invocation::Meaning;
use crate::journal::Headline;
use crate::matchers::Asked;
use crate::outcome::{Outcome, Todo, not_found};
use crate::reply::{Failure, Handler, Reply};
use crate::service_error::ServiceError;
use crate::versions::Resolved;

/// What a caller had got when a closure of the test panicked for its event.
const GOT_202: &str = "the client had got its 202";

/// What a process exits with whose main thread panicked.
const PANICKED: i32 = 101;

impl Exchange {
    /// What the rules make of an execution; `None` when the fake is going away.
    ///
    /// Where the function cannot be run, that is what came of it, and nothing is left to do.
    pub(crate) fn decide_run(&self, run: &mut Run) -> Option<Todo> {
        let invocation = &run.pending.invocation;
        let target = match (invocation.meaning(), invocation.target()) {
            (Meaning::Invoke, Some(target)) => target,
            (Meaning::Refused { error, message, .. }, _) => {
                let outcome = Outcome::error(*error, message.as_str());
                self.executed(run, &outcome, false);
                return None;
            }
            _ => return None,
        };
        if *invocation.version() == Resolved::Unknown {
            let (outcome, finding) = self.undeclared_of(run.pending.call, invocation, target);
            self.tell(finding);
            self.executed(run, &outcome, true);
            return None;
        }
        let asked = Asked::new(invocation);
        let found = self.find_reply(
            &asked,
            target,
            |_| true,
            |state, rule| {
                let reply = state.rules.take(rule)?;
                Some((rule, state.begin(&run.pending, &reply)))
            },
        );
        match found {
            Found::Taken((rule, todo)) => {
                run.rule = Some(rule);
                Some(todo)
            }
            Found::Frozen => None,
            Found::Panicked(written_at, text) => {
                let call = run.pending.call;
                let outcome = self.panicked(
                    call,
                    invocation,
                    "condition panicked",
                    GOT_202,
                    written_at,
                    text,
                );
                self.executed(run, &outcome, false);
                None
            }
            Found::Nobody(answers) => {
                let text = not_found(invocation);
                let outcome = Outcome::error(ServiceError::ResourceNotFoundException, text);
                let answer = format!("{} in the queue", answer_of(&outcome));
                self.tell(
                    (!self.config.allows_unscripted).then(|| Finding::Unscripted {
                        call: run.pending.call,
                        headline: Headline(invocation).to_string(),
                        target: target.to_string(),
                        answer,
                        nearest: self.misses(target, &answers, &asked),
                    }),
                );
                self.executed(run, &outcome, true);
                None
            }
        }
    }

    /// What the reply of a handler comes to that ran for an event.
    pub(crate) fn run_handled(
        &self,
        run: &Run,
        handler: &Handler,
        result: Result<Reply, Failure>,
    ) -> Todo {
        let (call, invocation) = (run.pending.call, &run.pending.invocation);
        let reply = self.reply_of(call, invocation, handler, GOT_202, result, |_| None);
        let todo = match reply {
            Ok(reply) => Todo::of(&reply, invocation),
            Err((what, text)) => {
                let written_at = handler.written_at.clone();
                self.panicked(call, invocation, what, GOT_202, written_at, text);
                // A process that panics is a function that failed.
                Todo::of(&FunctionError::exited(PANICKED).into(), invocation)
            }
        };
        self.edit(|state| {
            let handlers = &mut state.late_handlers;
            let place = handlers
                .iter()
                .position(|place| *place == handler.written_at);
            handlers.remove(place.expect("it was noted when it began"));
            state.note_handler(&todo);
        });
        todo
    }

    /// `call 3, resize Event {}`, of the event that is run.
    pub(crate) fn described_run(&self, run: &Run) -> String {
        let headline = Headline(&run.pending.invocation);
        format!("call {}, {headline}", run.pending.call)
    }
}
