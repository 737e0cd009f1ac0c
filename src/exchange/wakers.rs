//! Those who wait for the next change of the state.

use std::mem;
use std::task::Waker;

#[derive(Default)]
pub(crate) struct Wakers {
    waiting: Vec<Waker>,
}

impl Wakers {
    /// Wakes this waker once, at the next change.
    pub(super) fn add(&mut self, waker: &Waker) {
        if !self.waiting.iter().any(|known| known.will_wake(waker)) {
            self.waiting.push(waker.clone());
        }
    }

    /// Takes all wakers, to be woken once the lock is free.
    pub(super) fn take(&mut self) -> Vec<Waker> {
        mem::take(&mut self.waiting)
    }
}
