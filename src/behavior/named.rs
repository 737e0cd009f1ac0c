//! The settings of functions, the unfinished rules, and where they were written, so that a report
//! can point to a typo in a name or to a missing reply.

use crate::aws::target::Target;
use crate::ground::location::Location;

/// A setting that a test made for a function.
#[derive(Clone, Debug)]
pub(crate) struct NamedSetting {
    /// The method that made the setting, such as `alias`.
    pub(crate) verb: &'static str,
    pub(crate) target: Target,
    pub(crate) written_at: Location,
    /// Whether verification has reported it.
    pub(crate) reported: bool,
}

impl NamedSetting {
    /// Returns `true` if it is this setting of this function.
    pub(crate) fn is(&self, verb: &str, target: &Target) -> bool {
        self.verb == verb && self.target == *target
    }

    pub(crate) fn new(verb: &'static str, target: Target, written_at: Location) -> Self {
        Self {
            verb,
            target,
            written_at,
            reported: false,
        }
    }
}

/// The rules that have no reply yet, oldest first.
#[derive(Debug, Default)]
pub(crate) struct UnfinishedRules {
    rules: Vec<UnfinishedRule>,
    last: u64,
}

/// A rule that answers nothing, because it has no reply.
#[derive(Debug)]
struct UnfinishedRule {
    number: u64,
    target: Option<Target>,
    written_at: Location,
}

impl UnfinishedRules {
    /// Adds a rule and returns its number.
    pub(crate) fn add(&mut self, target: Option<Target>, written_at: Location) -> u64 {
        self.last += 1;
        self.rules.push(UnfinishedRule {
            number: self.last,
            target,
            written_at,
        });
        self.last
    }

    /// Removes a rule that has its reply.
    pub(crate) fn finish(&mut self, number: u64) {
        // It is nearly always the newest.
        let index = self.rules.iter().rposition(|rule| rule.number == number);
        index.map(|index| self.rules.remove(index));
    }

    /// The line of the newest of the most specific rules for a target.
    pub(crate) fn covering(&self, target: &Target) -> Option<&Location> {
        let covers = |rule: &&UnfinishedRule| {
            let own = rule.target.as_ref();
            own.is_none_or(|own| own.covers(target))
        };
        let rank = |rule: &&UnfinishedRule| {
            let own = rule.target.as_ref();
            own.map(|own| own.qualifier.is_some())
        };
        let nearest = self.rules.iter().filter(covers).max_by_key(rank)?;
        Some(&nearest.written_at)
    }
}
