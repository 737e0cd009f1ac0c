//! The tasks that wait for the next change of something.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Waker;

use rustc_hash::FxHashMap;

/// Identifies one waiter, whichever task polls it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct WaiterId(u64);

impl WaiterId {
    /// An id that no other waiter of the process has.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Wakers to wake once, at the next change.
#[derive(Default)]
pub(crate) struct Wakers {
    waiting: Vec<Waker>,
    /// The wakers of waiters that can be dropped before the next change.
    by_waiter: FxHashMap<WaiterId, Waker>,
}

impl Wakers {
    /// Adds the waker of a task that waits until the next change.
    pub(crate) fn add(&mut self, waker: &Waker) {
        if !self.waiting.iter().any(|known| known.will_wake(waker)) {
            self.waiting.push(waker.clone());
        }
    }

    /// Adds wakers to wake at the end of this change.
    pub(crate) fn extend(&mut self, wakers: impl IntoIterator<Item = Waker>) {
        self.waiting.extend(wakers);
    }

    /// Adds the waker of a waiter, or replaces it; returns the one that was replaced, to be dropped
    /// once the lock is free.
    #[must_use]
    pub(crate) fn add_for(&mut self, waiter: WaiterId, waker: &Waker) -> Option<Waker> {
        self.by_waiter.insert(waiter, waker.clone())
    }

    /// Removes the waker of a waiter, to be dropped once the lock is free.
    #[must_use]
    pub(crate) fn remove(&mut self, waiter: WaiterId) -> Option<Waker> {
        self.by_waiter.remove(&waiter)
    }

    /// Takes all wakers, to be woken once the lock is free.
    pub(crate) fn take(&mut self) -> Vec<Waker> {
        let mut wakers = mem::take(&mut self.waiting);
        if !self.by_waiter.is_empty() {
            wakers.extend(self.by_waiter.drain().map(|(_, waker)| waker));
        }
        wakers
    }
}
