//! The accepted events of one fake: those in the queue, those whose execution has begun, and the
//! handlers that run for them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use crate::behavior::constraints::Slot;
use crate::behavior::events::{EventLimits, EventQueue};
use crate::behavior::rules::RuleId;
use crate::ground::location::Location;
use crate::reply::outcome::Decision;
use crate::request::invocation::{Defaults, Invocation};

pub(crate) struct Events {
    pub(crate) queue: EventQueue<Pending>,
    /// Executions that were begun under the lock and cannot be completed under it.
    pub(super) ready: VecDeque<(Run, Decision)>,
    /// Wakes the task that performs executions.
    pub(super) runner: Option<Waker>,
    /// Where the running handlers were written.
    pub(crate) handlers: Vec<Location>,
    /// The time at which the events' clock began, if it follows the clock of the fake.
    pub(super) begun: Option<Instant>,
    /// The number of the newest event at the last strict verification; the next one reports only
    /// newer events.
    pub(super) reported: u64,
    /// The defaults for invocations that are created from a record.
    pub(super) defaults: Defaults,
}

/// The data needed to run an event.
#[derive(Clone)]
pub(crate) struct Pending {
    pub(crate) invocation: Invocation,
    /// The index of its target's counters.
    pub(super) counter: Option<usize>,
    /// The call that it belongs to, directly or as the record of another event.
    pub(super) call: u64,
    /// The request id of the event whose record it is.
    pub(super) sender_id: Option<Arc<str>>,
    /// The number of functions that it has passed through.
    pub(super) depth: u8,
    /// Its slot, while it runs.
    pub(super) execution: Option<Slot>,
}

/// One execution of an event.
pub(crate) struct Run {
    pub(super) number: u64,
    pub(crate) pending: Pending,
    /// The rule whose step it consumed.
    pub(super) rule: Option<RuleId>,
}

impl Events {
    pub(super) fn new(limits: EventLimits, runs_by_itself: bool, defaults: Defaults) -> Self {
        Self {
            queue: EventQueue::new(limits, runs_by_itself),
            ready: VecDeque::new(),
            runner: None,
            handlers: Vec::new(),
            begun: None,
            reported: 0,
            defaults,
        }
    }

    /// Records the handler that is about to run for an event, if there is one.
    pub(super) fn note_handler(&mut self, decision: &Decision) {
        match decision {
            Decision::Run(handler) => self.handlers.push(handler.written_at.clone()),
            Decision::Start(_, then) => self.note_handler(then),
            Decision::Send(_) | Decision::Hold(_) => {}
        }
    }

    /// Records that the handler written there has ended.
    pub(super) fn handler_ended(&mut self, written_at: &Location) {
        let index = self.handlers.iter().position(|known| known == written_at);
        self.handlers
            .remove(index.expect("it was noted when it began"));
    }
}
