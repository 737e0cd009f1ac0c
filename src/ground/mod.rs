//! Basics that know nothing of Lambda: text, numbers, times, JSON, the head of an HTTP request.
//!
//! Every module here could be a separate crate: it gives the same result for the same input, and no
//! function keeps state between calls, except the process's timer, its panic hook, the numbers of
//! waiters and the waits of each thread. Nothing here depends on functions, replies or fakes.

#[cfg(feature = "in-memory")]
pub(crate) mod awaited;
pub(crate) mod blocking;
pub(crate) mod calendar;
pub(crate) mod clock;
pub(crate) mod count;
pub(crate) mod cut;
pub(crate) mod draws;
pub(crate) mod head;
pub(crate) mod json;
pub(crate) mod location;
pub(crate) mod message;
pub(crate) mod nearest;
pub(crate) mod panics;
#[cfg(test)]
pub(crate) mod same_cases;
pub(crate) mod timer;
pub(crate) mod unpolled;
pub(crate) mod wakers;
