//! The parts that decide: rules and their scripts, constraints, chaos, and the queue of accepted
//! events.
//!
//! Each part is a plain value without a lock or a real clock: the same calls in the same order give
//! the same results. No part receives requests or sends replies; the transports do.

#[allow(
    clippy::module_inception,
    reason = "the wing and its main type have one name"
)]
pub(crate) mod behavior;
pub(crate) mod chaos;
pub(crate) mod constraints;
pub(crate) mod contract;
pub(crate) mod environments;
pub(crate) mod events;
pub(crate) mod named;
pub(crate) mod rules;
