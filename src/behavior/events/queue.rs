//! The queue of accepted events and the virtual clock that schedules them.
//!
//! The clock moves from one scheduled execution to the next. It stands still while an execution
//! runs, and it advances only as far as the test allows, unless it [follows](EventQueue::follow)
//! another clock.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::EventCondition;
use super::clock::Moment;
use super::conclusion::conclude;
use super::config::{EventConfigs, Settings};
use super::delivery::{Delivery, Inner, Stage};
use super::execution::{Execution, ExecutionEnd};
use crate::aws::target::Target;
use crate::behavior::rules::RuleId;

/// All events of one fake. `W` is the data needed to run one, and is dropped when the event ends.
pub(crate) struct EventQueue<W> {
    pub(crate) configs: EventConfigs,
    now: Moment,
    /// The time up to which the clock can advance.
    goal: Moment,
    /// Whether the clock advances until nothing is queued.
    settles: bool,
    /// Whether the clock always advances until nothing is queued.
    is_automatic: bool,
    limits: EventLimits,
    /// The events that have not ended, by number.
    live: BTreeMap<u64, Live<W>>,
    /// The number of events that are queued for each function.
    waiting: Vec<usize>,
    /// The index of each function in `waiting`.
    functions: FxHashMap<Target, usize>,
    /// The events that have ended, in the order of their ends; the oldest are dropped.
    ended: VecDeque<Delivery>,
    ended_bytes: usize,
    /// The numbers of dropped events by target: those over the limit of events, and those over the
    /// limit of bytes.
    dropped: FxHashMap<Arc<Target>, (u64, u64)>,
    /// The scheduled executions; of two at the same time, the one queued first comes first.
    queue: BinaryHeap<Reverse<(Moment, u64, u64)>>,
    queued: u64,
    last: u64,
    running: usize,
}

/// The maximum number of ended events to keep, and the maximum size of all of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventLimits {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

struct Live<W> {
    delivery: Delivery,
    work: W,
    /// The index of its function.
    function: usize,
}

/// An event that is due.
#[derive(Debug)]
pub(crate) struct Due<W> {
    pub(crate) number: u64,
    pub(crate) work: W,
}

impl<W: Clone> EventQueue<W> {
    pub(crate) fn new(limits: EventLimits, is_automatic: bool) -> Self {
        Self {
            configs: EventConfigs::default(),
            now: Moment::START,
            goal: Moment::START,
            settles: false,
            is_automatic,
            limits,
            live: BTreeMap::new(),
            waiting: Vec::new(),
            functions: FxHashMap::default(),
            ended: VecDeque::new(),
            ended_bytes: 0,
            dropped: FxHashMap::default(),
            queue: BinaryHeap::new(),
            queued: 0,
            last: 0,
            running: 0,
        }
    }

    /// The number of the next event, which must be passed to [`accept`](Self::accept).
    pub(crate) fn next_number(&self) -> u64 {
        self.last + 1
    }

    pub(crate) fn now(&self) -> Moment {
        self.now
    }

    /// The time of the next scheduled execution.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.queue.peek().map(|Reverse((due, ..))| *due)
    }

    /// Moves the clock to this time, even while an execution runs.
    pub(crate) fn follow(&mut self, moment: Moment) {
        self.now = self.now.max(moment);
        self.goal = self.goal.max(self.now);
    }

    /// Returns `true` if no more events of this function can wait.
    pub(crate) fn is_full(&self, target: &Target) -> bool {
        let Some(capacity) = self.configs.resolve(target).capacity else {
            return false;
        };
        let function = self.functions.get(&function_of(target));
        function.map_or(0, |function| self.waiting[*function]) >= capacity
    }

    /// Adds an event in its current state.
    pub(crate) fn accept(&mut self, delivery: Inner, work: W) {
        let number = delivery.number;
        debug_assert_eq!(number, self.next_number(), "numbers have no gap");
        self.last = number;
        if matches!(delivery.state, Stage::Ended(..) | Stage::Lost) {
            return self.keep(Delivery::new(delivery));
        }
        let next = self.waiting.len();
        let function = self.functions.entry(function_of(&delivery.target));
        let function = *function.or_insert(next);
        if function == next {
            self.waiting.push(0);
        }
        match delivery.state {
            Stage::Queued(at) => self.enqueue(at, number, function),
            Stage::Running(_) | Stage::Ended(..) | Stage::Lost => self.running += 1,
        }
        let delivery = Delivery::new(delivery);
        let live = Live {
            delivery,
            work,
            function,
        };
        self.live.insert(number, live);
    }

    /// Removes the next event that is due; the clock advances to its time, if allowed.
    pub(crate) fn take_due(&mut self) -> Option<Due<W>> {
        let Some(Reverse((due, _, number))) = self.queue.peek().copied() else {
            if self.running == 0 {
                self.now = self.now.max(self.goal);
                self.goal = self.now;
            }
            return None;
        };
        if due > self.now {
            if self.running > 0 {
                return None;
            }
            if due > self.goal && !self.can_pass_goal() {
                self.now = self.goal;
                return None;
            }
            self.now = due;
            self.goal = self.goal.max(due);
        }
        self.queue.pop();
        self.running += 1;
        let live = self
            .live
            .get_mut(&number)
            .expect("what is queued has not ended");
        live.delivery.inner_mut().state = Stage::Running(self.now);
        self.waiting[live.function] -= 1;
        Some(Due {
            number,
            work: live.work.clone(),
        })
    }

    /// Returns `true` if an event is due, or if the clock can advance.
    pub(crate) fn has_due(&self) -> bool {
        let can_move = self.running == 0;
        let must_advance = can_move && self.now < self.goal;
        match self.queue.peek() {
            Some(Reverse((due, ..))) => {
                *due <= self.now || must_advance || (can_move && self.can_pass_goal())
            }
            None => must_advance,
        }
    }

    /// Returns `true` if the clock would now advance by itself only to retry an event that a limit
    /// has rejected.
    pub(crate) fn would_retry_a_refused(&self) -> bool {
        let Some(Reverse((due, _, number))) = self.queue.peek() else {
            return false;
        };
        let by_itself = self.is_automatic && !self.settles && self.now >= self.goal;
        by_itself
            && self.running == 0
            && *due > self.now
            && self.live.get(number).is_some_and(|live| {
                let last = live.delivery.inner().executions.last();
                last.is_some_and(Execution::was_refused_by_a_limit)
            })
    }

    /// The rule that accepted an event that has not ended; none accepts a record.
    pub(crate) fn accepted_by(&self, number: u64) -> Option<RuleId> {
        self.live.get(&number)?.delivery.inner().rule
    }

    /// Records the end of an execution; returns the delivery if the event has ended with it.
    pub(crate) fn executed(
        &mut self,
        number: u64,
        rule: Option<RuleId>,
        end: ExecutionEnd,
    ) -> Option<Delivery> {
        self.conclude(number, |delivery, now, settings| {
            if let Some(condition) = delivery.executed(now, rule, end, settings) {
                conclude(delivery, now, condition, settings);
            }
        })
    }

    /// Ends a running event without an execution.
    pub(crate) fn end(&mut self, number: u64, condition: EventCondition) -> Option<Delivery> {
        self.conclude(number, |delivery, now, settings| {
            conclude(delivery, now, condition, settings);
        })
    }

    /// Returns `true` if this running event has become too old in the meantime.
    pub(crate) fn is_too_old(&self, number: u64) -> bool {
        let Some(live) = self.live.get(&number) else {
            return false;
        };
        let settings = self.configs.resolve(&live.delivery.inner().target);
        live.delivery.inner().is_too_old(self.now, &settings)
    }

    /// Lets the clock advance by this much; returns the time it will then show.
    pub(crate) fn advance(&mut self, length: Duration) -> Moment {
        self.goal = self.goal.max(self.now).plus(length).min(Moment::LAST);
        self.goal
    }

    /// Lets the clock advance until all events have ended. If all have ended now, this ends
    /// immediately and does not apply to events that are accepted later.
    pub(crate) fn settle(&mut self) {
        self.settles = true;
        self.rest();
    }

    /// Stops settling as soon as the last event ends, not at the next look at the queue: another
    /// event could have been accepted in between.
    pub(crate) fn rest(&mut self) {
        self.settles &= !self.live.is_empty();
    }

    /// Returns `true` if the clock has reached this time and everything due by then has finished.
    pub(crate) fn has_reached(&self, moment: Moment) -> bool {
        let is_over = self.running == 0
            && self
                .queue
                .peek()
                .is_none_or(|Reverse((due, ..))| *due > moment);
        self.now > moment || (self.now == moment && is_over)
    }

    /// The number of events that have not ended.
    pub(crate) fn unsettled(&self) -> usize {
        self.live.len()
    }

    /// The number of events that have not ended and that can still add to a count of these targets:
    /// with an execution, or with a record that a function gets.
    pub(crate) fn unsettled_for(&self, counts: impl Fn(&Target) -> bool) -> usize {
        let live = self.live.values();
        live.filter(|live| {
            let target = &live.delivery.inner().target;
            counts(target) || self.configs.resolve(target).invokes_function()
        })
        .count()
    }

    /// The number of running events.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Returns `true` if nothing runs, and nothing will until the clock is moved.
    pub(crate) fn is_still(&self) -> bool {
        self.running == 0 && !self.has_due()
    }

    /// All events that are kept, in the order of acceptance.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        let live = self.live.values().map(|live| &live.delivery);
        let mut all: Vec<Delivery> = self.ended.iter().chain(live).cloned().collect();
        all.sort_by_key(Delivery::number);
        all
    }

    /// How many ended events of these targets were dropped: because of the limit of events, and
    /// because of the limit of bytes.
    pub(crate) fn dropped(&self, covers: impl Fn(&Target) -> bool) -> (u64, u64) {
        let dropped = self.dropped.iter().filter(|(target, _)| covers(target));
        dropped.fold((0, 0), |sum, (_, more)| (sum.0 + more.0, sum.1 + more.1))
    }

    /// Returns `true` if the clock can advance beyond the time that it was moved to.
    fn can_pass_goal(&self) -> bool {
        self.settles || self.is_automatic
    }

    fn conclude(
        &mut self,
        number: u64,
        conclude: impl FnOnce(&mut Inner, Moment, &Settings),
    ) -> Option<Delivery> {
        let live = self.live.get_mut(&number)?;
        let settings = self.configs.resolve(&live.delivery.inner().target);
        conclude(live.delivery.inner_mut(), self.now, &settings);
        let function = live.function;
        self.running -= 1;
        match live.delivery.inner().state {
            Stage::Queued(at) => {
                self.enqueue(at, number, function);
                None
            }
            Stage::Running(_) | Stage::Ended(..) | Stage::Lost => {
                let ended = self.live.remove(&number).expect("looked up just now");
                self.keep(ended.delivery.clone());
                Some(ended.delivery)
            }
        }
    }

    fn enqueue(&mut self, at: Moment, number: u64, function: usize) {
        self.queued += 1;
        self.waiting[function] += 1;
        self.queue.push(Reverse((at, self.queued, number)));
    }

    fn keep(&mut self, delivery: Delivery) {
        self.ended_bytes += delivery.inner().kept_bytes();
        self.ended.push_back(delivery);
        loop {
            let is_over_bytes = self.ended_bytes > self.limits.bytes;
            if !is_over_bytes && self.ended.len() <= self.limits.events {
                return;
            }
            let Some(oldest) = self.ended.pop_front() else {
                return;
            };
            let oldest = oldest.inner();
            self.ended_bytes -= oldest.kept_bytes();
            let (over_events, over_bytes) = self.dropped.entry(oldest.target.clone()).or_default();
            *over_events += u64::from(!is_over_bytes);
            *over_bytes += u64::from(is_over_bytes);
        }
    }
}

/// The function, whatever the qualifier.
fn function_of(target: &Target) -> Target {
    Target {
        qualifier: None,
        ..target.clone()
    }
}
