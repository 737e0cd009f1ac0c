//! Questions about what became of accepted events.

use std::time::Duration;

use super::{raised, raised_report, returned};
use crate::api::fake::Handle;
use crate::api::rule::{Script, Seen, possible};
use crate::api::seen::{Counted, Scope};
use crate::behavior::events::Delivery;
use crate::ground::count::Count;
use crate::record::report::Report;

macro_rules! questions {
    ($type:ty, $whose:literal, |$self:ident| $scope:expr) => {
        #[doc = concat!("What became of accepted events, asked of ", $whose, ".")]
        impl $type {
            /// The deliveries of accepted events, in the order of acceptance; those that are no longer kept are missing.
            ///
            /// # Panics
            ///
            /// At this line when the journal has dropped a payload that [`matching`](Self::matching) has to look at.
            #[track_caller]
            pub fn deliveries(&$self) -> Vec<Delivery> {
                match $scope.deliveries(&$self.exchange) {
                    Ok(deliveries) => deliveries,
                    Err(report) => raised_report(&$self.exchange, report),
                }
            }

            /// The one delivery there was.
            ///
            /// # Panics
            ///
            /// At this line when there was none, or more than one.
            #[track_caller]
            pub fn only_delivery(&$self) -> Delivery {
                $scope.only_delivery(&$self.exchange)
            }

            /// Asserts how many events were delivered: their function ran well at last. A number or a range; copies count.
            ///
            /// # Panics
            ///
            /// At this line when there were more or fewer, or no number of events is in the range.
            #[track_caller]
            pub fn assert_delivered(&$self, count: impl Into<Count>) {
                let count = possible(count.into(), "assert_delivered");
                raised(&$self.exchange, $scope.check_events(&$self.exchange, Counted::Delivered, count));
            }

            /// What [`assert_delivered`](Self::assert_delivered) would panic with.
            ///
            /// # Errors
            ///
            /// The report, which names this line.
            ///
            /// # Panics
            ///
            /// At this line when no number of events is in the range.
            #[track_caller]
            pub fn try_assert_delivered(&$self, count: impl Into<Count>) -> Result<(), Report> {
                let count = possible(count.into(), "try_assert_delivered");
                returned($scope.check_events(&$self.exchange, Counted::Delivered, count))
            }

            /// Asserts how many events ended in a dead-letter queue.
            ///
            /// # Panics
            ///
            /// At this line when there were more or fewer, or no number of events is in the range.
            #[track_caller]
            pub fn assert_dead_lettered(&$self, count: impl Into<Count>) {
                let count = possible(count.into(), "assert_dead_lettered");
                raised(&$self.exchange, $scope.check_events(&$self.exchange, Counted::DeadLettered, count));
            }

            /// What [`assert_dead_lettered`](Self::assert_dead_lettered) would panic with.
            ///
            /// # Errors
            ///
            /// The report, which names this line.
            ///
            /// # Panics
            ///
            /// At this line when no number of events is in the range.
            #[track_caller]
            pub fn try_assert_dead_lettered(&$self, count: impl Into<Count>) -> Result<(), Report> {
                let count = possible(count.into(), "try_assert_dead_lettered");
                returned($scope.check_events(&$self.exchange, Counted::DeadLettered, count))
            }

            /// Asserts how many executions there were of accepted events: retries, copies, and what the service could not run count.
            ///
            /// # Panics
            ///
            /// At this line when there were more or fewer, or no number of executions is in the range.
            #[track_caller]
            pub fn assert_executions(&$self, count: impl Into<Count>) {
                let count = possible(count.into(), "assert_executions");
                raised(&$self.exchange, $scope.check_events(&$self.exchange, Counted::Executions, count));
            }

            /// What [`assert_executions`](Self::assert_executions) would panic with.
            ///
            /// # Errors
            ///
            /// The report, which names this line.
            ///
            /// # Panics
            ///
            /// At this line when no number of executions is in the range.
            #[track_caller]
            pub fn try_assert_executions(&$self, count: impl Into<Count>) -> Result<(), Report> {
                let count = possible(count.into(), "try_assert_executions");
                returned($scope.check_events(&$self.exchange, Counted::Executions, count))
            }

            /// Asserts the delays before the retries of each event: exactly these, in this order, on the events' clock.
            ///
            /// # Panics
            ///
            /// At this line when one event has other delays, or there was no event.
            #[track_caller]
            pub fn assert_event_retry_delays(&$self, delays: impl AsRef<[Duration]>) {
                raised(&$self.exchange, $scope.check_event_retry_delays(&$self.exchange, delays.as_ref()));
            }

            /// What [`assert_event_retry_delays`](Self::assert_event_retry_delays) would panic with.
            ///
            /// # Errors
            ///
            /// The report, which names this line.
            #[track_caller]
            pub fn try_assert_event_retry_delays(&$self, delays: impl AsRef<[Duration]>) -> Result<(), Report> {
                returned($scope.check_event_retry_delays(&$self.exchange, delays.as_ref()))
            }
        }
    };
}

questions!(Handle, "the whole fake", |self| Scope::of_fake());
questions!(
    Script,
    "one rule: of the events that took a step of it",
    |self| Scope::of_rule(self.rule)
);
questions!(Seen, "one target, or of the calls that match", |self| self
    .scope
    .clone());
