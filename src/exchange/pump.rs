//! The events' clock at work: what falls due is run here, or handed to whoever can.

use std::task::{Context, Poll};
use std::time::Duration;

use super::run::Run;
use super::search::{self, Search};
use super::{Exchange, State, Subject};
use crate::behavior::events::{EventCondition, Moment};
use crate::ground::draws::{hashed, mixed, share};
use crate::reply::outcome::Todo;

/// How many executions are made in a row before others get the lock.
const BATCH: usize = 256;

/// What became of the event that was due.
enum Next {
    Done,
    Run(Box<Run>),
}

impl Exchange {
    /// Ready with the next event whose execution takes more than the lock, once there is one; with `None` when the fake is going away.
    ///
    /// All other executions are made in here.
    pub(crate) fn poll_run(&self, context: &mut Context<'_>) -> Poll<Option<Run>> {
        let has_more = self.read(|state| state.frozen || state.has_run());
        if !has_more {
            return self.sleep(context);
        }
        let found = self.edit(|state| {
            // What was accepted is begun, even if the fake is dropped at once.
            if let Some(run) = state.ready.pop_front() {
                return Poll::Ready(Some(run));
            }
            if state.frozen {
                return Poll::Ready(None);
            }
            for _ in 0..BATCH {
                match state.run_next() {
                    Some(Next::Done) => {}
                    Some(Next::Run(run)) => return Poll::Ready(Some(*run)),
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
    fn sleep(&self, context: &mut Context<'_>) -> Poll<Option<Run>> {
        let mut state = self.lock();
        if state.frozen || state.has_run() {
            context.waker().wake_by_ref();
        }
        state.pump = Some(context.waker().clone());
        Poll::Pending
    }

    /// Lets the events' clock go on; the moment it will then show.
    pub(crate) fn advance(&self, length: Duration) -> Moment {
        self.edit(|state| {
            let goal = state.events.advance(length);
            state.wake_pump();
            goal
        })
    }

    /// Lets the events' clock go on until nothing is queued.
    pub(crate) fn settle_events(&self) {
        self.edit(|state| {
            state.events.settle();
            state.wake_pump();
        });
    }
}

impl State {
    /// Whether anything waits to be run.
    fn has_run(&self) -> bool {
        !self.ready.is_empty()
            || (self.pauses == 0 && self.events.has_due() && !self.waits_for_caller())
    }

    /// Whether an event waits for a place that a caller has: hours of the events' clock must not pass by themselves before that one leaves.
    fn waits_for_caller(&self) -> bool {
        self.constraints.has_executions() && self.events.would_retry_a_refused()
    }

    /// Makes the execution of the event that is due next, as far as that can be done here.
    fn run_next(&mut self) -> Option<Next> {
        if self.pauses > 0 || self.waits_for_caller() {
            return None;
        }
        let due = self.events.take_due()?;
        let (number, mut pending) = (due.number, due.work);
        if self.events.is_too_old(number) {
            let ended = self.events.end(number, EventCondition::EventAgeExceeded);
            self.ended(ended, &pending, None);
            return Some(Next::Done);
        }
        // What is configured now counts, not what was when it was accepted.
        if let Some(target) = pending.invocation.target() {
            let draw = || share(mixed(hashed(&[pending.invocation.request_id()])));
            let version = self.versions.resolve(target, draw);
            pending.invocation.give_version(version);
        }
        match self.admit_run(&pending) {
            Ok(execution) => pending.execution = execution,
            Err(refusal) => {
                self.refuse_run(number, &pending, refusal);
                return Some(Next::Done);
            }
        }
        let mut run = Run::new(number, pending, None, None);
        let mut search = Search::default();
        match self.search(Subject::Execution(&run), &mut search) {
            search::Next::Decided(Todo::Send(outcome), rule) => {
                self.executed(number, &run.pending, rule, &outcome, false);
                return Some(Next::Done);
            }
            search::Next::Decided(todo, rule) => (run.rule, run.todo) = (rule, Some(todo)),
            next => run.undecided = Some((search, next)),
        }
        Some(Next::Run(Box::new(run)))
    }
}
