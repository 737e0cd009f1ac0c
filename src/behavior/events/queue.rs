//! The queue of accepted events, their clock, and the order in which they fall due.
//!
//! The clock never moves while anything runs, and never further than the test has let it: to the moment of the next execution, then on.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::time::Duration;

use super::EventCondition;
use super::clock::Moment;
use super::conclusion::conclude;
use super::config::{EventConfigs, Settings};
use super::delivery::{Delivery, Inner, Stage};
use super::execution::{Execution, ExecutionEnd};
use crate::aws::target::Target;
use crate::behavior::rules::RuleId;

/// Every event of one fake. `W` is what is needed to run one, and is let go of with its end.
pub(crate) struct EventQueue<W> {
    pub(crate) configs: EventConfigs,
    now: Moment,
    /// How far the clock may go.
    goal: Moment,
    /// Whether it goes on until nothing is queued.
    settles: bool,
    /// Whether it does so always.
    is_automatic: bool,
    limits: EventLimits,
    /// What has not ended, by number.
    live: BTreeMap<u64, Live<W>>,
    /// What has, in that order; the oldest are let go of.
    ended: VecDeque<Delivery>,
    ended_bytes: usize,
    /// When which event is to be run; of two at one moment the one that was queued first.
    queue: BinaryHeap<Reverse<(Moment, u64, u64)>>,
    queued: u64,
    last: u64,
    running: usize,
}

/// How many ended events are kept, and how many bytes of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventLimits {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

struct Live<W> {
    delivery: Delivery,
    work: W,
}

/// An event that falls due.
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
            ended: VecDeque::new(),
            ended_bytes: 0,
            queue: BinaryHeap::new(),
            queued: 0,
            last: 0,
            running: 0,
        }
    }

    /// The number of the next event, which is to be [`accept`](Self::accept)ed.
    pub(crate) fn next_number(&self) -> u64 {
        self.last + 1
    }

    pub(crate) fn now(&self) -> Moment {
        self.now
    }

    /// Whether no more events of this function may wait.
    pub(crate) fn is_full(&self, target: &Target) -> bool {
        let Some(capacity) = self.configs.resolve(target).capacity else {
            return false;
        };
        let waits = |live: &&Live<W>| {
            live.delivery.inner().target.covers_function(target)
                && matches!(live.delivery.inner().state, Stage::Queued(_))
        };
        self.live.values().filter(waits).count() >= capacity
    }

    /// Takes an event in, in the state it says.
    pub(crate) fn accept(&mut self, delivery: Inner, work: W) {
        let number = delivery.number;
        debug_assert_eq!(number, self.next_number(), "numbers have no gap");
        self.last = number;
        match delivery.state {
            Stage::Queued(at) => self.enqueue(at, number),
            Stage::Running => self.running += 1,
            Stage::Ended(..) | Stage::Lost => return self.keep(Delivery::new(delivery)),
        }
        let delivery = Delivery::new(delivery);
        let live = Live { delivery, work };
        self.live.insert(number, live);
    }

    /// Takes out the next event that is due; the clock moves to its moment, if it may.
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
            if due > self.goal && !self.goes_on() {
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
        live.delivery.inner_mut().state = Stage::Running;
        Some(Due {
            number,
            work: live.work.clone(),
        })
    }

    /// Whether an event is due, or the clock may move.
    pub(crate) fn has_due(&self) -> bool {
        let may_move = self.running == 0;
        let is_behind = may_move && self.now < self.goal;
        match self.queue.peek() {
            Some(Reverse((due, ..))) => {
                *due <= self.now || is_behind || (may_move && self.goes_on())
            }
            None => is_behind,
        }
    }

    /// Whether the clock would now go on by itself, and to no more than another try of an event that a limit has refused.
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

    /// Notes what came of an execution; the delivery, if it ended with it.
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

    /// Ends an event that is being run, without an execution.
    pub(crate) fn end(&mut self, number: u64, condition: EventCondition) -> Option<Delivery> {
        self.conclude(number, |delivery, now, settings| {
            conclude(delivery, now, condition, settings);
        })
    }

    /// Whether this event, which is being run, has got too old meanwhile.
    pub(crate) fn is_too_old(&self, number: u64) -> bool {
        let Some(live) = self.live.get(&number) else {
            return false;
        };
        let settings = self.configs.resolve(&live.delivery.inner().target);
        live.delivery.inner().is_too_old(self.now, &settings)
    }

    /// Lets the clock go on for this long; the moment it will then show.
    pub(crate) fn advance(&mut self, length: Duration) -> Moment {
        self.goal = self.goal.max(self.now).plus(length).min(Moment::LAST);
        self.goal
    }

    /// Lets the clock go on until nothing is queued; where nothing is, that is over, and what is accepted later waits for its own.
    pub(crate) fn settle(&mut self) {
        self.settles = true;
        self.rest();
    }

    /// Ends a settling with its last event, and not when the queue is looked at next: another event may have come in between.
    pub(crate) fn rest(&mut self) {
        self.settles &= !self.live.is_empty();
    }

    /// Whether the clock shows this moment and everything due by then is over.
    pub(crate) fn has_reached(&self, moment: Moment) -> bool {
        let is_over = self.running == 0
            && self
                .queue
                .peek()
                .is_none_or(|Reverse((due, ..))| *due > moment);
        self.now > moment || (self.now == moment && is_over)
    }

    /// How many events have not ended.
    pub(crate) fn unsettled(&self) -> usize {
        self.live.len()
    }

    /// How many are being run.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Whether nothing runs, and nothing will before the clock is moved.
    pub(crate) fn is_still(&self) -> bool {
        self.running == 0 && !self.has_due()
    }

    /// Every event that is kept, in the order of acceptance.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        let live = self.live.values().map(|live| &live.delivery);
        let mut all: Vec<Delivery> = self.ended.iter().chain(live).cloned().collect();
        all.sort_by_key(Delivery::number);
        all
    }

    /// Whether the clock goes past the moment that it was moved to.
    fn goes_on(&self) -> bool {
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
        self.running -= 1;
        match live.delivery.inner().state {
            Stage::Queued(at) => {
                self.enqueue(at, number);
                None
            }
            Stage::Running | Stage::Ended(..) | Stage::Lost => {
                let ended = self.live.remove(&number).expect("looked up just now");
                self.keep(ended.delivery.clone());
                Some(ended.delivery)
            }
        }
    }

    fn enqueue(&mut self, at: Moment, number: u64) {
        self.queued += 1;
        self.queue.push(Reverse((at, self.queued, number)));
    }

    fn keep(&mut self, delivery: Delivery) {
        self.ended_bytes += delivery.inner().kept_bytes();
        self.ended.push_back(delivery);
        while self.ended.len() > self.limits.events || self.ended_bytes > self.limits.bytes {
            let Some(oldest) = self.ended.pop_front() else {
                break;
            };
            self.ended_bytes -= oldest.inner().kept_bytes();
        }
    }
}
