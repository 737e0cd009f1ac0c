//! Constraints that admit some attempts: their slots, and what happens to the other attempts.

mod load;
mod mistakes;
mod refusals;
mod slots;
mod starts;
