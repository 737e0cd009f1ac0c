//! Scripts in which a reply waits, a client disconnects, or the server ends.

mod conditions;
mod edits;
mod handlers;
mod journal;
mod ownership;
mod waits;
