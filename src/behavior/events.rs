//! Events: asynchronous invocations after their 202.
//!
//! The service's queue as data: deliveries, their retries on a virtual clock, their end, and the
//! records sent then. No I/O, no real clock, no lock, and nothing that runs a function: executions
//! happen elsewhere and are reported here.

mod clock;
mod conclusion;
mod config;
mod delivery;
mod destination;
mod execution;
#[cfg(test)]
mod properties;
mod queue;
mod record;
#[cfg(test)]
mod tests;

pub(crate) use self::clock::Moment;
pub(crate) use self::config::EventConfig;
pub use self::delivery::Delivery;
pub(crate) use self::delivery::{Function, Inner, Origin, Stage};
pub use self::destination::DestinationKind;
#[cfg(test)]
use self::destination::{Destination, Purpose};
pub use self::execution::Execution;
pub(crate) use self::execution::ExecutionEnd;
pub(crate) use self::queue::{EventLimits, EventQueue};
pub use self::record::{DeadLetter, InvocationRecord};
use crate::ground::nearest::words;

words! {
    /// How an event ended: `condition` in its invocation record.
    "event condition" => EventCondition {
        /// It was too old, or would have been at its next execution.
        EventAgeExceeded = "EventAgeExceeded",
        /// The function failed each time, retries included.
        RetriesExhausted = "RetriesExhausted",
        /// The function succeeded.
        Success = "Success",
        /// The function cannot run at all: its reserved concurrency is 0.
        ZeroReservedConcurrency = "ZeroReservedConcurrency",
    }
}
