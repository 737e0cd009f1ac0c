//! Accepted events whose executions are held up, whose 202 is lost, or that are many.

mod clock;
mod concurrency;
mod executions;
mod load;
