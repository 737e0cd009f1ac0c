//! What the constraints made of an attempt, for the record.

use super::{Log, Ticket};
use crate::behavior::constraints::Slot;
use crate::record::journal::Admission;

impl Log {
    /// Notes what the constraints made of an attempt.
    pub(crate) fn admitted(&mut self, ticket: Ticket, admission: Admission) {
        self.attempt_mut(ticket).admission = Some(admission);
    }

    /// What an attempt counts as against the limits.
    pub(crate) fn execution(&self, ticket: Ticket) -> Option<Slot> {
        let index = self
            .entries
            .binary_search_by_key(&ticket.call, |call| call.number)
            .ok()?;
        match self.entries[index].attempts[ticket.attempt].admission? {
            Admission::Entered(execution) => Some(execution),
            Admission::Refused(_) => None,
        }
    }
}
