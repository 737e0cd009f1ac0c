//! Constraints that admit some attempts: their slots, and what happens to the other attempts.

mod load;
mod mistakes;
mod places;
mod refusals;
mod starts;
