//! What a script answers: which rule, which step, and what of it a caller gets. Conditions, handlers, live edits, waits, the journal.

mod journal;
mod ownership;
