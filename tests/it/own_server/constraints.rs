//! Constraints that let some attempts through: the places of those, and what becomes of the others.

mod load;
mod mistakes;
mod places;
mod refusals;
mod starts;
