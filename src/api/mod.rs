//! The user's verbs: starting a fake, scripting it, waiting, asserting.
//!
//! A wrong argument panics at the user's line and names the value. Nothing here decides about a request or words a failure: it asks the
//! exchange, and the report.

pub(crate) mod assertions;
pub(crate) mod client;
pub(crate) mod fake;
mod off;
pub(crate) mod rule;
pub(crate) mod seen;
pub(crate) mod wait;
