//! The record of what happened, and all text about it: the journal, the findings, the reports.
//!
//! An attempt is recorded before the first byte of its reply is sent. This wing makes no decisions:
//! a report explains what was recorded.

pub(crate) mod diagnosis;
pub(crate) mod finding;
pub(crate) mod journal;
#[allow(
    clippy::module_inception,
    reason = "the wing and its main type have one name"
)]
pub(crate) mod record;
pub(crate) mod report;
