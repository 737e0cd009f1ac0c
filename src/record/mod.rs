//! What happened, and every word that is said about it: the journal, the findings, the reports.
//!
//! An attempt is here before the first byte of its reply leaves. Nothing here decides: a report explains what was recorded.

pub(crate) mod finding;
pub(crate) mod journal;
pub(crate) mod report;
