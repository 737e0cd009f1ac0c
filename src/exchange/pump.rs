//! The events' clock at work: what falls due is run here, or handed to whoever can.

use std::task::{Context, Poll};
use std::time::Duration;

use super::events::Run;
use super::{Exchange, State};
use crate::draws::{hashed, mixed, share};
use crate::event::{EventCondition, Moment};
use crate::outcome::Todo;
use crate::versions::Resolved;

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
        self.causes.has_executions() && self.events.would_retry_a_refused()
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
        let Some(target) = pending.invocation.target().cloned() else {
            return Some(Next::Run(Box::new(Run::new(number, pending, None, None))));
        };
        // What is configured now counts, not what was when it was accepted.
        let draw = || share(mixed(hashed(&[pending.invocation.request_id()])));
        let version = self.versions.resolve(&target, draw);
        let is_unknown = version == Resolved::Unknown;
        pending.invocation.give_version(version);
        match self.admit_run(&pending) {
            Ok(execution) => pending.execution = execution,
            Err(refusal) => {
                self.refuse_run(number, &pending, refusal);
                return Some(Next::Done);
            }
        }
        let first = self.rules.wanting(&target).next();
        let first = first.filter(|rule| {
            !is_unknown && pending.invocation.is_whole() && self.rules[*rule].conditions.is_empty()
        });
        let Some((rule, reply)) = first.and_then(|rule| Some((rule, self.rules.take(rule)?)))
        else {
            return Some(Next::Run(Box::new(Run::new(number, pending, None, None))));
        };
        match self.begin(&pending, &reply) {
            Todo::Send(outcome) => {
                self.executed(number, &pending, Some(rule), &outcome, false);
                Some(Next::Done)
            }
            todo => {
                let run = Run::new(number, pending, Some(rule), Some(todo));
                Some(Next::Run(Box::new(run)))
            }
        }
    }
}
