//! Scripts where a reply waits, where a client leaves, and where the server ends.

mod conditions;
mod edits;
mod handlers;
mod journal;
mod ownership;
mod waits;
