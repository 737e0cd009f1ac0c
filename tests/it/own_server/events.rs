//! Accepted events: when they run, how they end, and what is sent then.

mod load;
