//! Which rules can still answer anything.

use super::{RuleData, ScriptStep};
use crate::aws::target::Target;

impl RuleData {
    /// Whether it was written with a fault and none of its faults has happened.
    pub(crate) fn has_unused_fault(&self) -> bool {
        let has_fault = |step: &&ScriptStep| step.reply.fault_of_its_own().is_some();
        let mut faults = self.steps.iter().filter(has_fault).peekable();
        faults.peek().is_some() && faults.all(|step| step.answered == 0)
    }

    /// Whether it answers everything that `older` could: no condition, no end, and a target as wide that goes before it.
    pub(crate) fn hides(&self, older: &Self) -> bool {
        let is_endless = self.steps.last().is_some_and(|step| step.times.is_none());
        let is_as_wide = match (&self.target, &older.target) {
            (None, None) => true,
            (Some(own), Some(older)) => {
                own.qualifier == older.qualifier && own.covers_function(older)
            }
            // A rule that names a function goes before one that names none, and does not answer all of it.
            _ => false,
        };
        !self.removed && self.conditions.is_empty() && is_endless && is_as_wide
    }

    /// Whether any request is for both this rule and what chaos names.
    pub(crate) fn meets(&self, target: &Target) -> bool {
        self.target.as_ref().is_none_or(|own| own.overlaps(target))
    }
}
