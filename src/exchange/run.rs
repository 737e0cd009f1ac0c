//! An accepted event, and its execution that is due.

use std::sync::Arc;

use super::search::{Next, Search};
use crate::behavior::constraints::Slot;
use crate::behavior::rules::RuleId;
use crate::reply::outcome::Todo;
use crate::request::invocation::Invocation;

/// What is needed to run an event.
#[derive(Clone)]
pub(crate) struct Pending {
    pub(crate) invocation: Invocation,
    /// Where its target is counted.
    pub(super) counter: Option<usize>,
    /// The call it came with, itself or as the record of another event.
    pub(super) call: u64,
    /// The request id of the event whose record it is.
    pub(super) sender_id: Option<Arc<str>>,
    /// Through how many functions it came.
    pub(super) depth: u8,
    /// What it counts as against limits, while it is run.
    pub(super) execution: Option<Slot>,
}

/// An event that is to be run now.
pub(crate) struct Run {
    pub(super) number: u64,
    pub(crate) pending: Pending,
    /// The rule whose step it took.
    pub(super) rule: Option<RuleId>,
    /// `None` where conditions have to be asked first.
    pub(crate) todo: Option<Todo>,
    /// The search for its rule, where that is not over.
    pub(super) undecided: Option<(Search, Next)>,
}

impl Run {
    pub(super) fn new(
        number: u64,
        pending: Pending,
        rule: Option<RuleId>,
        todo: Option<Todo>,
    ) -> Self {
        Self {
            number,
            pending,
            rule,
            todo,
            undecided: None,
        }
    }
}
