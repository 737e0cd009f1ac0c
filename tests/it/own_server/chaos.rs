//! Chaos on real sockets: what a hit does to a reply, to a script and to the journal, and what a failed test reads of it.

mod journal;
mod texts;
