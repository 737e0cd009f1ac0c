//! What knows nothing of Lambda: text, numbers, moments, JSON, the head of an HTTP request.
//!
//! Everything here could be a crate of its own: it promises the same result for the same input, and no function keeps state between calls, but
//! for the process's timer and its panic hook.
//! Nothing here knows what a function, a reply or a fake is.

pub(crate) mod calendar;
pub(crate) mod count;
pub(crate) mod cut;
pub(crate) mod draws;
pub(crate) mod head;
pub(crate) mod json;
pub(crate) mod location;
pub(crate) mod message;
pub(crate) mod nearest;
pub(crate) mod panics;
pub(crate) mod timer;
