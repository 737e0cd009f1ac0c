//! Constraints: what limits, states and starts of a function do to its callers.

mod load;
mod places;
