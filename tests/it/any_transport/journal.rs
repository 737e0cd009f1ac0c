//! The journal in other forms: sorted, with its times, and within its limits.

mod dropped;
mod printed;
mod requests;
mod sorted;
mod times;
