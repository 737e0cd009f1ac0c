//! Chaos that breaks replies or holds them up: what a hit does, and what the journal and a failed test say of it.

mod hits;
mod journal;
mod replay;
mod texts;
