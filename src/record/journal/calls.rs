//! The kept calls by number, and which of them can be dropped.
//!
//! On average, no method takes time in proportion to the number of calls, or to the number of
//! attempts of a call; with gaps, a look-up is a binary search.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque, hash_map};
use std::mem;

use rustc_hash::FxHashMap;

use super::{Attempt, Call};
use crate::behavior::rules::RuleId;

/// The minimum number of dropped entries for which it is worth moving the others.
const FEWEST_DROPPED: usize = 32;

/// A call, and what is counted of its attempts.
pub(super) struct Entry {
    /// Without attempts once the call is dropped.
    pub(super) call: Call,
    /// The attempts that have no final answer, or whose function still runs.
    pub(super) busy: usize,
    pub(super) finished: usize,
    pub(super) bytes: usize,
    /// Whether its number is among the candidates.
    is_candidate: bool,
    /// The rules that have answered its attempts, and whether one of these attempts is finished.
    /// Only for a call that has several attempts.
    rules: Option<Box<FxHashMap<RuleId, bool>>>,
}

/// The kept calls, oldest first.
#[derive(Default)]
pub(super) struct Calls {
    /// The entries by number. Dropped entries stay in their places until there are many.
    entries: VecDeque<Entry>,
    /// The number of dropped entries.
    dropped: usize,
    /// The numbers of calls that were finished when they were added.
    candidates: BinaryHeap<Reverse<u64>>,
}

impl Entry {
    fn new(number: u64, attempt: Attempt) -> Self {
        Self {
            call: Call {
                number,
                attempts: vec![attempt],
            },
            busy: 0,
            finished: 0,
            bytes: 0,
            is_candidate: false,
            rules: None,
        }
    }

    fn is_dropped(&self) -> bool {
        self.call.attempts.is_empty()
    }

    /// Records the rule that answers an attempt; returns `true` if it answers none of the others.
    pub(super) fn answered_by(&mut self, attempt: usize, rule: RuleId) -> bool {
        let before = self.call.attempts[attempt].rule.replace(rule);
        if self.call.attempts.len() == 1 {
            return before != Some(rule);
        }
        let rules = self.rules.get_or_insert_with(|| {
            let others = self.call.attempts.iter().enumerate();
            let others = others.filter(|(index, _)| *index != attempt);
            let mut rules = FxHashMap::default();
            for (rule, is_finished) in
                others.filter_map(|(_, other)| Some((other.rule?, other.is_finished())))
            {
                *rules.entry(rule).or_default() |= is_finished;
            }
            Box::new(rules)
        });
        match rules.entry(rule) {
            hash_map::Entry::Occupied(_) => false,
            hash_map::Entry::Vacant(place) => {
                place.insert(false);
                true
            }
        }
    }

    /// Records that an attempt of this rule is finished; returns `true` if it is the first one.
    pub(super) fn finished_by(&mut self, rule: RuleId) -> bool {
        match self.rules.as_mut() {
            Some(rules) => !rules.insert(rule, true).unwrap_or_default(),
            None => true,
        }
    }
}

impl Calls {
    /// The number of calls.
    pub(super) fn len(&self) -> usize {
        self.entries.len() - self.dropped
    }

    /// Adds a call with its first attempt; its number is greater than all others.
    pub(super) fn push(&mut self, number: u64, attempt: Attempt) -> &mut Entry {
        self.entries.push_back(Entry::new(number, attempt));
        self.entries.back_mut().expect("added just now")
    }

    pub(super) fn get(&self, number: u64) -> Option<&Entry> {
        let entry = &self.entries[self.index_of(number)?];
        Some(entry).filter(|entry| !entry.is_dropped())
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Entry> {
        let index = self.index_of(number)?;
        let entry = &mut self.entries[index];
        Some(entry).filter(|entry| !entry.is_dropped())
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Call> {
        let kept = self.entries.iter().filter(|entry| !entry.is_dropped());
        kept.map(|entry| &entry.call)
    }

    /// Makes a call a candidate for being dropped, unless something about it is still open.
    pub(super) fn note_end(&mut self, number: u64) {
        if let Some(entry) = self.get_mut(number) {
            if entry.busy == 0 && !mem::replace(&mut entry.is_candidate, true) {
                self.candidates.push(Reverse(number));
            }
        }
    }

    /// Removes the oldest call that has ended, and returns it with its bytes.
    pub(super) fn drop_oldest(&mut self) -> Option<(Call, usize)> {
        loop {
            let Reverse(number) = self.candidates.pop()?;
            let entry = self
                .get_mut(number)
                .expect("only candidates are dropped, and each is listed once");
            entry.is_candidate = false;
            // Another attempt may have arrived; its end makes the call a candidate again.
            if entry.busy > 0 {
                continue;
            }
            let bytes = entry.bytes;
            let attempts = mem::take(&mut entry.call.attempts);
            entry.rules = None;
            self.dropped += 1;
            self.sweep();
            return Some((Call { number, attempts }, bytes));
        }
    }

    /// Removes the dropped entries at the front, and all of them if they are many.
    fn sweep(&mut self) {
        while self.entries.front().is_some_and(Entry::is_dropped) {
            self.entries.pop_front();
            self.dropped -= 1;
        }
        // Fewer entries are kept than removed, so the cost for each dropped call is constant.
        if self.dropped >= FEWEST_DROPPED && self.dropped > self.len() {
            self.entries.retain(|entry| !entry.is_dropped());
            self.dropped = 0;
        }
    }

    fn index_of(&self, number: u64) -> Option<usize> {
        // This runs several times per request. A request that is being answered is nearly always
        // the newest.
        let last = self.entries.len().checked_sub(1)?;
        if self.entries[last].call.number == number {
            return Some(last);
        }
        // Without a gap before it, its distance from the oldest is its index.
        let guess = number.checked_sub(self.entries[0].call.number)?;
        let guess = usize::try_from(guess).ok()?.min(last);
        if self.entries[guess].call.number == number {
            return Some(guess);
        }
        let found = self
            .entries
            .binary_search_by_key(&number, |entry| entry.call.number);
        found.ok()
    }
}
