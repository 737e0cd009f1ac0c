//! The public methods: starting a fake, scripting it, waiting, asserting.
//!
//! An invalid argument panics at the user's line and names the value. This wing does not decide
//! about requests and does not word failures; `exchange` and `report` do.

pub(crate) mod assertions;
pub(crate) mod client;
pub(crate) mod fake;
mod handler;
mod off;
pub(crate) mod rule;
pub(crate) mod seen;
pub(crate) mod wait;
