//! The lock: one mutex over everything that a request can change.
//!
//! It is held for microseconds while a request is processed, never across an await, and never while
//! user code runs: conditions, handlers, their drops, and the printing of user values happen
//! outside it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::config::Config;
use super::events::Events;
use super::intake::Intake;
use crate::aws::target::Target;
use crate::behavior::behavior::Behavior;
use crate::ground::clock::Clock;
use crate::ground::location::Location;
use crate::ground::panics;
use crate::ground::wakers::{WaiterId, Wakers};
use crate::record::finding::Finding;
use crate::record::journal::Ticket;
use crate::record::record::Record;
use crate::reply::capability::Need;

/// Rules, journal and findings of one fake.
pub(crate) struct Exchange {
    pub(crate) config: Config,
    state: Mutex<State>,
    /// The handler being polled right now, which is what blocks the fake's thread if anything does.
    polled: Mutex<Option<Location>>,
    /// Whether a watch checks from time to time that something happens; only while requests are
    /// held.
    pub(super) watched: AtomicBool,
    /// The journal as a panic has just printed it.
    printed_journal: Mutex<String>,
    /// Whether a panic has printed a verification, which contains the seed.
    is_seed_printed: AtomicBool,
    /// Whether the test checked which requests came, or cut the connections.
    expects_silence: AtomicBool,
    /// Whether the test asked where clients reach the fake.
    is_addressed: AtomicBool,
}

/// Everything that the mutex guards.
pub(crate) struct State {
    pub(crate) behavior: Behavior,
    pub(crate) record: Record,
    pub(crate) events: Events,
    pub(crate) intake: Intake,
    wakers: Wakers,
    /// The number of edits.
    pub(super) changes: u64,
    pub(super) clock: Clock,
}

impl Exchange {
    pub(crate) fn new(config: Config) -> Self {
        let defaults = config.defaults.clone();
        let mut events = Events::new(config.event_limits(), config.runs_events, defaults.clone());
        events.begun = config.events_follow.then(|| config.clock().now());
        Self {
            state: Mutex::new(State {
                behavior: Behavior::new(defaults.region, defaults.account),
                record: Record::new(config.limits, config.clock()),
                events,
                intake: Intake::default(),
                wakers: Wakers::default(),
                changes: 0,
                clock: config.clock(),
            }),
            config,
            polled: Mutex::new(None),
            watched: AtomicBool::new(false),
            printed_journal: Mutex::default(),
            is_seed_printed: AtomicBool::default(),
            expects_silence: AtomicBool::new(false),
            is_addressed: AtomicBool::new(false),
        }
    }

    /// Reads and edits the state atomically; the tasks that wait for a change are woken.
    pub(crate) fn edit<T>(&self, edit: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let result = edit(&mut state);
        Self::changed(state);
        result
    }

    /// Ends an edit. It is not generic, because `edit` is compiled once for each of its calls.
    fn changed(mut state: MutexGuard<'_, State>) {
        state.changes += 1;
        let wakers = state.wakers.take();
        drop(state);
        if !wakers.is_empty() {
            panics::for_each(wakers, Waker::wake);
        }
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.lock())
    }

    /// Ready with `true` when an attempt in the line can be decided, and with `false` when the fake
    /// is being dropped; otherwise the waker is kept until then.
    pub(crate) fn poll_turn(&self, ticket: Ticket, context: &mut Context<'_>) -> Poll<bool> {
        let mut state = self.lock();
        if state.intake.is_closed() {
            return Poll::Ready(false);
        }
        if state.intake.is_turn_of(ticket) {
            return Poll::Ready(true);
        }
        let replaced = state.intake.wait(ticket, context.waker());
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// Ready when `answer` returns something for the state; otherwise the waker is kept for the
    /// next change. If a waiter is dropped before then, it must be [forgotten](Self::forget).
    pub(crate) fn poll_waiter<T>(
        &self,
        waiter: WaiterId,
        context: &mut Context<'_>,
        answer: impl FnOnce(&State) -> Option<T>,
    ) -> Poll<T> {
        let mut state = self.lock();
        match answer(&state) {
            Some(found) => Poll::Ready(found),
            None => {
                let replaced = state.wakers.add_for(waiter, context.waker());
                drop(state);
                drop(replaced);
                Poll::Pending
            }
        }
    }

    /// Removes the waker of a waiter.
    pub(crate) fn forget(&self, waiter: WaiterId) {
        let waker = self.lock().wakers.remove(waiter);
        drop(waker);
    }

    /// Keeps a finding, if there is one.
    pub(crate) fn add_finding(&self, finding: impl Into<Option<Finding>>) {
        if let Some(finding) = finding.into() {
            self.edit(|state| state.record.findings.add(finding));
        }
    }

    /// The need, if the transport of this fake cannot meet it.
    pub(crate) fn unmet_need(&self, need: impl Into<Option<Need>>) -> Option<Need> {
        let need = need.into()?;
        let transport = self.config.transport;
        (!transport.can(need.capability)).then_some(need)
    }

    /// Stops deciding: no request is answered from now on.
    pub(crate) fn close(&self) {
        self.edit(|state| {
            let woken = state.intake.close();
            state.wakers.extend(woken);
            state.wake_runner();
        });
    }

    pub(crate) fn pause(&self) {
        self.edit(|state| state.intake.pause());
    }

    pub(crate) fn resume(&self) {
        self.edit(|state| {
            let woken = state.intake.resume();
            state.wakers.extend(woken);
            state.wake_runner();
        });
    }

    /// Marks the handler that is about to be polled, or removes the mark.
    pub(crate) fn mark_polled(&self, written_at: Option<Location>) {
        *self.polled.lock().unwrap_or_else(PoisonError::into_inner) = written_at;
    }

    /// The handler that is being polled right now.
    pub(crate) fn polled_handler(&self) -> Option<Location> {
        self.polled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Records what a panic is about to print of the journal, so that a drop does not print it
    /// again.
    pub(crate) fn note_printed_journal(&self, journal: &str) {
        let printed = self.printed_journal.lock();
        journal.clone_into(&mut printed.unwrap_or_else(PoisonError::into_inner));
    }

    /// The part of the journal that the last panic printed.
    pub(crate) fn printed_journal(&self) -> String {
        let printed = self.printed_journal.lock();
        printed.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records that a panic is about to print a verification, which contains the seed.
    pub(crate) fn note_printed_seed(&self) {
        self.is_seed_printed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_seed_printed(&self) -> bool {
        self.is_seed_printed.load(Ordering::Relaxed)
    }

    /// Notes that the test checks which requests came, or cuts the connections: it then knows
    /// whether any came.
    pub(crate) fn note_check(&self) {
        self.expects_silence.store(true, Ordering::Relaxed);
    }

    /// Notes that the test asks where clients reach the fake.
    pub(crate) fn note_address(&self) {
        self.is_addressed.store(true, Ordering::Relaxed);
    }

    /// Returns `true` if the test asked where clients reach the fake.
    pub(crate) fn is_addressed(&self) -> bool {
        self.is_addressed.load(Ordering::Relaxed)
    }

    /// Notes that the test asks about a function: its name is then not a typo.
    pub(crate) fn note_question(&self, target: &Target) {
        self.edit(|state| state.record.asked.insert(target.name.clone()));
    }

    /// Returns `true` if the test checked which requests came, or cut the connections.
    pub(super) fn expects_silence(&self) -> bool {
        self.expects_silence.load(Ordering::Relaxed)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Only a bug in this crate can poison the lock, and it must not fail other tests.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Removes an attempt from the line of those that wait for a pause to end.
    pub(super) fn leave_line(&mut self, ticket: Ticket) {
        let woken = self.intake.leave(ticket);
        self.wakers.extend(woken);
    }

    /// Wakes the task that runs events, once the lock is free.
    pub(super) fn wake_runner(&mut self) {
        if let Some(runner) = self.events.runner.take() {
            self.wakers.add(&runner);
        }
    }
}
