//! Accepted events whose executions are held, events whose 202 is lost, and many events.

mod clock;
mod concurrency;
mod executions;
mod load;
