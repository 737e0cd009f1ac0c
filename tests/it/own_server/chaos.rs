//! Chaos that breaks or holds replies: the effect of a hit, and what the journal and a failed test
//! show.

mod hits;
mod journal;
mod replay;
mod texts;
