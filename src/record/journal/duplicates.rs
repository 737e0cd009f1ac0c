//! Work that was executed more than once.

use std::collections::BTreeMap;

use super::{Attempt, Call};
use crate::behavior::events::Delivery;
use crate::request::invocation::Invocation;

/// Work that a function executed more than once; created by
/// [`Handle::duplicates`](crate::Handle::duplicates).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Duplicate {
    function: String,
    key: String,
    executions: Vec<(u64, usize)>,
}

impl Duplicate {
    /// The key that identifies work by default: the payload, byte for byte.
    pub(crate) fn payload_as_key(invocation: &Invocation) -> String {
        let payload = invocation.payload_bytes();
        match std::str::from_utf8(payload) {
            Ok(text) => text.to_owned(),
            Err(_) => format!("{payload:?}"),
        }
    }

    /// The work of these calls that was executed more than once, in the order of the first
    /// executions.
    pub(crate) fn all(calls: &[Call], key: impl Fn(&Invocation) -> String) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
        for call in calls {
            for (index, attempt) in call.attempts.iter().enumerate() {
                let executions = attempt.work_executions();
                if executions == 0 {
                    continue;
                }
                let function = attempt.invocation.function_name().to_owned();
                let work = (function, key(&attempt.invocation));
                let (function, key) = work.clone();
                let place = *known.entry(work).or_insert_with(|| {
                    all.push(Self {
                        function,
                        key,
                        executions: Vec::new(),
                    });
                    all.len() - 1
                });
                let execution = (call.number, index + 1);
                let executions = std::iter::repeat_n(execution, executions);
                all[place].executions.extend(executions);
            }
        }
        all.retain(|work| work.executions.len() > 1);
        all
    }

    /// Returns the name of the function.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// Returns what the executions have in common: the payload, or the key of
    /// [`assert_no_duplicates_by`](crate::Handle::assert_no_duplicates_by).
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the executions in the order of the journal, each as the number of its call and the
    /// place of its attempt in that call; both count from 1.
    pub fn executions(&self) -> &[(u64, usize)] {
        &self.executions
    }
}

impl Attempt {
    /// How often its work was executed, or is being executed for a caller that waits. An event
    /// counts once for each delivery that has run: Lambda's own retries after a failure do not
    /// repeat work.
    pub(crate) fn work_executions(&self) -> usize {
        let deliveries = self.deliveries.iter();
        let own = deliveries.filter(|delivery| delivery.call().is_some());
        let ran = own.map(Delivery::runs).filter(|count| *count > 0);
        usize::from(self.has_begun()) + ran.count()
    }
}
