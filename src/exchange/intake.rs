//! Which requests can be decided now, and which have to wait.

use std::collections::VecDeque;
use std::mem;
use std::task::Waker;

use crate::record::journal::Ticket;

/// Requests that wait for a decision, and what they wait for.
#[derive(Default)]
pub(crate) struct Intake {
    pauses: usize,
    /// The requests that have to wait, in the order of arrival. A request that arrives after a
    /// pause waits for those before it, so that it does not consume their step.
    line: VecDeque<Waiting>,
    /// Whether a request has arrived during the pause.
    has_held: bool,
    closed: bool,
}

/// A request in the line.
struct Waiting {
    ticket: Ticket,
    /// The waker of its connection, which is woken when the request can be decided.
    waker: Option<Waker>,
}

impl Intake {
    /// Returns `true` if an attempt that has just arrived can be decided immediately; otherwise it
    /// is added to the line.
    pub(super) fn enter(&mut self, ticket: Ticket) -> bool {
        let is_free = self.pauses == 0 && self.line.is_empty();
        self.has_held |= self.pauses > 0;
        if !is_free {
            self.line.push_back(Waiting {
                ticket,
                waker: None,
            });
        }
        is_free
    }

    /// Returns `true` if an attempt in the line can be decided now.
    pub(super) fn is_turn_of(&self, ticket: Ticket) -> bool {
        self.pauses == 0 && self.line.front().is_none_or(|first| first.ticket == ticket)
    }

    /// Keeps the waker of an attempt in the line; returns the one that it replaces, to be dropped
    /// once the lock is free.
    #[must_use]
    pub(super) fn wait(&mut self, ticket: Ticket, waker: &Waker) -> Option<Waker> {
        // An attempt waits as soon as it has arrived, so it is usually the last in the line.
        let mut line = self.line.iter_mut().rev();
        let waiting = line.find(|waiting| waiting.ticket == ticket)?;
        waiting.waker.replace(waker.clone())
    }

    /// Removes an attempt from the line, if it is in it; returns the wakers to wake.
    #[must_use]
    pub(super) fn leave(&mut self, ticket: Ticket) -> Vec<Waker> {
        let index = self
            .line
            .iter()
            .position(|waiting| waiting.ticket == ticket);
        let Some(left) = index.and_then(|index| self.line.remove(index)) else {
            return Vec::new();
        };
        let mut woken: Vec<Waker> = left.waker.into_iter().collect();
        woken.extend(self.waker_of_first());
        woken
    }

    /// The waker of the attempt that can be decided now.
    fn waker_of_first(&mut self) -> Option<Waker> {
        let first = self.line.front_mut().filter(|_| self.pauses == 0)?;
        first.waker.take()
    }

    pub(super) fn pause(&mut self) {
        self.pauses += 1;
    }

    /// Ends a pause; returns the waker to wake.
    #[must_use]
    pub(super) fn resume(&mut self) -> Option<Waker> {
        self.pauses -= 1;
        self.has_held &= self.pauses > 0;
        self.waker_of_first()
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.pauses > 0
    }

    /// Returns `true` during a pause in which a request has arrived, even if its client has
    /// disconnected.
    pub(crate) fn holds(&self) -> bool {
        self.has_held
    }

    /// Stops all further decisions, because the fake is being dropped; returns the wakers to wake.
    #[must_use]
    pub(super) fn close(&mut self) -> Vec<Waker> {
        self.closed = true;
        let line = mem::take(&mut self.line);
        line.into_iter()
            .filter_map(|waiting| waiting.waker)
            .collect()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use super::Intake;
    use crate::record::journal::Ticket;

    fn ticket(call: u64) -> Ticket {
        Ticket { call, attempt: 0 }
    }

    #[test]
    fn a_later_request_does_not_overtake_one_that_arrived_during_a_pause() {
        let mut intake = Intake::default();
        assert!(intake.enter(ticket(1)));
        intake.pause();
        assert!(!intake.enter(ticket(2)));
        assert!(!intake.is_turn_of(ticket(2)));
        let _ = intake.resume();
        assert!(!intake.enter(ticket(3)), "the second is not decided yet");
        assert!(intake.is_turn_of(ticket(2)) && !intake.is_turn_of(ticket(3)));
        let _ = intake.leave(ticket(2));
        assert!(intake.is_turn_of(ticket(3)));
        let _ = intake.leave(ticket(3));
        assert!(intake.enter(ticket(4)));
    }

    #[test]
    fn requests_are_decided_after_every_pause_has_ended() {
        let mut intake = Intake::default();
        intake.pause();
        intake.pause();
        let _ = intake.resume();
        assert!(intake.is_paused() && !intake.enter(ticket(1)));
    }

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn each_request_in_the_line_is_woken_when_it_is_its_turn() {
        const REQUESTS: u64 = 1_000;
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        let wake = |wakers: Vec<Waker>| wakers.into_iter().for_each(Waker::wake);
        let mut intake = Intake::default();
        intake.pause();
        for call in 0..REQUESTS {
            assert!(!intake.enter(ticket(call)));
            assert!(intake.wait(ticket(call), &waker).is_none());
        }
        assert_eq!(woken.0.load(Ordering::Relaxed), 0);
        wake(intake.resume().into_iter().collect());
        for call in 0..REQUESTS {
            assert_eq!(woken.0.load(Ordering::Relaxed), call as usize + 1);
            assert!(intake.is_turn_of(ticket(call)));
            wake(intake.leave(ticket(call)));
        }
        assert_eq!(woken.0.load(Ordering::Relaxed), REQUESTS as usize);
        assert!(intake.enter(ticket(REQUESTS)));
    }

    #[test]
    fn a_request_that_leaves_the_line_wakes_the_one_after_it_only_if_that_is_now_the_first() {
        let woken = [(); 3].map(|()| Arc::new(Woken::default()));
        let counts = || {
            woken
                .each_ref()
                .map(|woken| woken.0.load(Ordering::Relaxed))
        };
        let wake = |wakers: Vec<Waker>| wakers.into_iter().for_each(Waker::wake);
        let mut intake = Intake::default();
        intake.pause();
        for (call, woken) in woken.iter().enumerate() {
            intake.enter(ticket(call as u64));
            let _ = intake.wait(ticket(call as u64), &Waker::from(woken.clone()));
        }
        wake(intake.leave(ticket(1)));
        assert_eq!(counts(), [0, 1, 0], "a client disconnects during the pause");
        wake(intake.resume().into_iter().collect());
        assert_eq!(counts(), [1, 1, 0]);
        wake(intake.leave(ticket(0)));
        assert_eq!(counts(), [1, 1, 1]);
        wake(intake.close());
        assert_eq!(counts(), [1, 1, 1], "the last one was already woken");
    }
}
