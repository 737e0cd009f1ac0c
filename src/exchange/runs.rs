//! Executions of events that take more than the lock: conditions to ask, handlers to run.

use super::panics::GOT_202;
use super::run::Run;
use super::search::{Found, Why};
use super::{Exchange, Subject};
use crate::aws::function_error::FunctionError;
use crate::reply::outcome::Todo;
use crate::reply::reply::{Failure, Handler, Reply};

/// What a process exits with whose main thread panicked.
const PANICKED: i32 = 101;

impl Exchange {
    /// The end of a search that was begun under the lock; `None` when nothing is left to do.
    ///
    /// Where the function cannot be run, that is what came of it.
    pub(crate) fn decide_run(&self, run: &mut Run) -> Option<Todo> {
        let (search, next) = run.undecided.take()?;
        match self.find(Subject::Execution(run), search, next) {
            Found::Gone => None,
            Found::Decided(todo, rule) => {
                run.rule = rule;
                Some(todo)
            }
            Found::Unanswered(unanswered) => {
                let is_unscripted = matches!(unanswered.why, Why::Undeclared | Why::Unscripted);
                self.tell(unanswered.finding);
                self.executed(run, &unanswered.outcome, is_unscripted);
                None
            }
        }
    }

    /// What the reply of a handler comes to that ran for an event.
    pub(super) fn run_handled(
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
            let index = handlers
                .iter()
                .position(|index| *index == handler.written_at);
            handlers.remove(index.expect("it was noted when it began"));
            state.note_handler(&todo);
        });
        todo
    }
}
