//! Expectations about what becomes of accepted events.

use super::{Script, possible};
use crate::ground::count::Count;

impl Script {
    /// Expects that so many events whose last execution took a step of this rule are delivered by the time of verification: a number or a range.
    ///
    /// Events that are still queued then are named: [`settle_events`](crate::Handle::settle_events) runs them. A later expectation replaces an earlier one.
    ///
    /// # Panics
    ///
    /// At this line when no number of events is in the range.
    #[track_caller]
    pub fn expect_delivered(&self, count: impl Into<Count>) -> Script {
        let count = possible(count.into(), "expect_delivered");
        self.expect(|rule| rule.expected_delivered = Some(count))
    }

    /// Expects that so many events whose last execution took a step of this rule end in a dead-letter queue by the time of verification.
    ///
    /// # Panics
    ///
    /// At this line when no number of events is in the range.
    #[track_caller]
    pub fn expect_dead_lettered(&self, count: impl Into<Count>) -> Script {
        let count = possible(count.into(), "expect_dead_lettered");
        self.expect(|rule| rule.expected_dead_lettered = Some(count))
    }
}
