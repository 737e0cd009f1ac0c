//! Assertions about the delivery of accepted events.

use std::time::Duration;

use super::{raised, returned};
use crate::api::fake::Handle;
use crate::api::rule::{Script, Seen, possible};
use crate::api::seen::{Counted, Scope};
use crate::behavior::events::Delivery;
use crate::ground::count::Count;
use crate::record::report::Report;

macro_rules! questions {
    ($type:ty, $whose:literal, |$self:ident| $scope:expr) => {
        #[doc = concat!("Assertions about the accepted events ", $whose, ".")]
        impl $type {
            /// Returns the deliveries of accepted events in the order of acceptance, without those
            /// that the journal has dropped.
            ///
            /// # Panics
            ///
            /// Panics if the journal has dropped a call that could satisfy the conditions of
            /// [`matching`](Self::matching).
            #[track_caller]
            pub fn deliveries(&$self) -> Vec<Delivery> {
                raised(&$self.exchange, $scope.deliveries(&$self.exchange))
            }

            /// Returns the only delivery.
            ///
            /// # Panics
            ///
            /// Panics if there was no delivery or more than one, if ended events were dropped at a
            /// limit of the journal, or if the journal has dropped a call that could satisfy the
            /// conditions of [`matching`](Self::matching).
            #[track_caller]
            pub fn only_delivery(&$self) -> Delivery {
                raised(&$self.exchange, $scope.only_delivery(&$self.exchange))
            }

            /// Asserts how many events ended with a successful execution; takes a number or a
            /// range. Copies count as separate events.
            ///
            /// # Panics
            ///
            /// Panics if there were more or fewer, or if `count` is a negative number or an empty
            /// range. After [`matching`](Self::matching), also panics if ended events were dropped
            /// at a limit of the journal, or if the journal has dropped a call that could satisfy
            /// the conditions.
            #[track_caller]
            pub fn assert_delivered(&$self, count: impl Into<Count>) {
                let count = possible(count.into(), "assert_delivered");
                raised(&$self.exchange, $scope.check_events(&$self.exchange, Counted::Delivered, count));
            }

            /// Does the same as [`assert_delivered`](Self::assert_delivered), but returns the
            /// report instead of panicking.
            ///
            /// # Errors
            ///
            /// Returns the [`Report`], which names this line.
            ///
            /// # Panics
            ///
            /// Panics if `count` is a negative number or an empty range.
            #[track_caller]
            pub fn try_assert_delivered(&$self, count: impl Into<Count>) -> Result<(), Report> {
                let count = possible(count.into(), "try_assert_delivered");
                returned($scope.check_events(&$self.exchange, Counted::Delivered, count))
            }

            /// Asserts how many events ended in a dead-letter queue.
            ///
            /// # Panics
            ///
            /// Panics if there were more or fewer, or if `count` is a negative number or an empty
            /// range. After [`matching`](Self::matching), also panics if ended events were dropped
            /// at a limit of the journal, or if the journal has dropped a call that could satisfy
            /// the conditions.
            #[track_caller]
            pub fn assert_dead_lettered(&$self, count: impl Into<Count>) {
                let count = possible(count.into(), "assert_dead_lettered");
                raised(&$self.exchange, $scope.check_events(&$self.exchange, Counted::DeadLettered, count));
            }

            /// Does the same as [`assert_dead_lettered`](Self::assert_dead_lettered), but returns
            /// the report instead of panicking.
            ///
            /// # Errors
            ///
            /// Returns the [`Report`], which names this line.
            ///
            /// # Panics
            ///
            /// Panics if `count` is a negative number or an empty range.
            #[track_caller]
            pub fn try_assert_dead_lettered(&$self, count: impl Into<Count>) -> Result<(), Report> {
                let count = possible(count.into(), "try_assert_dead_lettered");
                returned($scope.check_events(&$self.exchange, Counted::DeadLettered, count))
            }

            /// Asserts how many executions the accepted events had, including retries, copies, and
            /// executions that the service could not run.
            ///
            /// # Panics
            ///
            /// Panics if there were more or fewer, or if `count` is a negative number or an empty
            /// range. After [`matching`](Self::matching), also panics if ended events were dropped
            /// at a limit of the journal, or if the journal has dropped a call that could satisfy
            /// the conditions.
            #[track_caller]
            pub fn assert_executions(&$self, count: impl Into<Count>) {
                let count = possible(count.into(), "assert_executions");
                raised(&$self.exchange, $scope.check_events(&$self.exchange, Counted::Executions, count));
            }

            /// Does the same as [`assert_executions`](Self::assert_executions), but returns the
            /// report instead of panicking.
            ///
            /// # Errors
            ///
            /// Returns the [`Report`], which names this line.
            ///
            /// # Panics
            ///
            /// Panics if `count` is a negative number or an empty range.
            #[track_caller]
            pub fn try_assert_executions(&$self, count: impl Into<Count>) -> Result<(), Report> {
                let count = possible(count.into(), "try_assert_executions");
                returned($scope.check_events(&$self.exchange, Counted::Executions, count))
            }

            /// Asserts the delays before the retries of each event: exactly these, in this order,
            /// on the events' clock.
            ///
            /// # Panics
            ///
            /// Panics if an event has other delays, if there was no event, if ended events were
            /// dropped at a limit of the journal, or if the journal has dropped a call that could
            /// satisfy the conditions of [`matching`](Self::matching).
            #[track_caller]
            pub fn assert_event_retry_delays(&$self, delays: impl AsRef<[Duration]>) {
                raised(&$self.exchange, $scope.check_event_retry_delays(&$self.exchange, delays.as_ref()));
            }

            /// Does the same as [`assert_event_retry_delays`](Self::assert_event_retry_delays), but
            /// returns the report instead of panicking.
            ///
            /// # Errors
            ///
            /// Returns the [`Report`], which names this line.
            #[track_caller]
            pub fn try_assert_event_retry_delays(&$self, delays: impl AsRef<[Duration]>) -> Result<(), Report> {
                returned($scope.check_event_retry_delays(&$self.exchange, delays.as_ref()))
            }
        }
    };
}

questions!(Handle, "of the whole fake", |self| Scope::of_fake());
questions!(
    Script,
    "that matched this rule first, or that had an execution that consumed a step of this rule. \
     Counts include only executions that consumed a step of this rule, and only ended events whose \
     last execution consumed one",
    |self| Scope::of_rule(self.rule)
);
questions!(Seen, "of one target, or of the calls that match", |self| {
    self.scope.clone()
});
