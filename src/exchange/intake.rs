//! The requests that can be decided now.

use std::collections::VecDeque;

use crate::record::journal::Ticket;

/// Requests that wait for a decision, and what they wait for.
#[derive(Default)]
pub(crate) struct Intake {
    pauses: usize,
    /// The requests that arrived during a pause and are not decided yet, in order, so that a later
    /// request does not consume their step.
    line: VecDeque<Ticket>,
    closed: bool,
}

impl Intake {
    /// Returns `true` if an attempt that has just arrived can be decided immediately; otherwise it
    /// is added to the line.
    pub(super) fn enter(&mut self, ticket: Ticket) -> bool {
        let is_free = self.pauses == 0 && self.line.is_empty();
        if !is_free {
            self.line.push_back(ticket);
        }
        is_free
    }

    /// Returns `true` if an attempt in the line can be decided now.
    pub(super) fn is_turn_of(&self, ticket: Ticket) -> bool {
        self.pauses == 0 && self.line.front().is_none_or(|first| *first == ticket)
    }

    /// Removes an attempt from the line, if it is in it.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        self.line.retain(|waiting| *waiting != ticket);
    }

    pub(super) fn pause(&mut self) {
        self.pauses += 1;
    }

    pub(super) fn resume(&mut self) {
        self.pauses -= 1;
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.pauses > 0
    }

    /// Stops all further decisions, because the fake is being dropped.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }
}

#[cfg(test)]
mod tests {
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
        intake.resume();
        assert!(!intake.enter(ticket(3)), "the second is not decided yet");
        assert!(intake.is_turn_of(ticket(2)) && !intake.is_turn_of(ticket(3)));
        intake.leave(ticket(2));
        assert!(intake.is_turn_of(ticket(3)));
        intake.leave(ticket(3));
        assert!(intake.enter(ticket(4)));
    }

    #[test]
    fn requests_are_decided_after_every_pause_has_ended() {
        let mut intake = Intake::default();
        intake.pause();
        intake.pause();
        intake.resume();
        assert!(intake.is_paused() && !intake.enter(ticket(1)));
    }
}
