//! Counters, which are exact whatever the log has dropped.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::aws::target::Target;
use crate::behavior::rules::RuleId;

/// The counts of a scope; exact whatever the log has dropped.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    pub(crate) calls: u64,
    pub(crate) attempts: u64,
    /// Calls with at least one finished attempt, and finished attempts.
    pub(crate) finished_calls: u64,
    pub(crate) finished_attempts: u64,
    /// Chunks that were sent to callers.
    pub(crate) chunks: u64,
    /// Executions of accepted events.
    pub(crate) executions: u64,
    /// Events that succeeded, and events whose dead letter was sent.
    pub(crate) delivered: u64,
    pub(crate) dead_lettered: u64,
}

/// The tallies in total, by target and by rule.
#[derive(Default)]
pub(crate) struct Counters {
    total: Tally,
    by_target: Vec<Counter>,
    /// The newest counter of each function's name.
    by_name: FxHashMap<Arc<str>, usize>,
    /// The counters of names that have more than one counter.
    others: FxHashMap<Target, usize>,
    /// The tallies by the number of the rule.
    by_rule: Vec<Tally>,
}

/// The tally of one target.
struct Counter {
    target: Target,
    tally: Tally,
    /// The counter of another qualifier of the same function.
    next: Option<usize>,
}

impl Counters {
    /// The index of this target's counters, and the number of attempts it has had.
    pub(crate) fn counter_of(&mut self, target: &Target) -> (usize, u64) {
        let newest = self.by_name.get(&target.name).copied();
        let found = newest.and_then(|newest| match &self.by_target[newest] {
            counter if counter.target == *target => Some(newest),
            counter if counter.next.is_none() => None,
            _ => self.others.get(target).copied(),
        });
        let index = found.unwrap_or_else(|| {
            let index = self.by_target.len();
            if let Some(newest) = newest {
                let known = &self.by_target[newest];
                // The first one of its name is not listed before there is a second one.
                self.others.insert(known.target.clone(), newest);
                self.others.insert(target.clone(), index);
            }
            self.by_target.push(Counter {
                target: target.clone(),
                tally: Tally::default(),
                next: newest,
            });
            self.by_name.insert(target.name.clone(), index);
            index
        });
        (index, self.by_target[index].tally.attempts)
    }

    /// The counters of one function, newest first.
    fn counters_from(&self, newest: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(newest, |index| self.by_target[*index].next)
    }

    pub(crate) fn total(&self) -> Tally {
        self.total
    }

    pub(crate) fn of_rule(&self, rule: RuleId) -> Tally {
        self.by_rule.get(rule.index()).copied().unwrap_or_default()
    }

    /// The sum for the requests that `target` covers.
    pub(crate) fn of_target(&self, target: &Target) -> Tally {
        let same_name = self.counters_from(self.by_name.get(&target.name).copied());
        let covered = same_name
            .map(|index| &self.by_target[index])
            .filter(|counter| target.covers(&counter.target))
            .map(|counter| counter.tally);
        covered.fold(Tally::default(), |sum, tally| Tally {
            calls: sum.calls + tally.calls,
            attempts: sum.attempts + tally.attempts,
            finished_calls: sum.finished_calls + tally.finished_calls,
            finished_attempts: sum.finished_attempts + tally.finished_attempts,
            chunks: sum.chunks + tally.chunks,
            executions: sum.executions + tally.executions,
            delivered: sum.delivered + tally.delivered,
            dead_lettered: sum.dead_lettered + tally.dead_lettered,
        })
    }

    /// Every function that was called, for "did you mean".
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Target> {
        self.by_target.iter().map(|counter| &counter.target)
    }

    /// Counts in total, at the target and for the rule.
    pub(crate) fn count_event(
        &mut self,
        counter: Option<usize>,
        rule: Option<RuleId>,
        count: impl Fn(&mut Tally),
    ) {
        self.count(counter, &count);
        if let Some(rule) = rule {
            count(self.rule_mut(rule));
        }
    }

    /// Counts in total and at the target.
    pub(super) fn count(&mut self, counter: Option<usize>, count: impl Fn(&mut Tally)) {
        count(&mut self.total);
        if let Some(index) = counter {
            count(&mut self.by_target[index].tally);
        }
    }

    pub(super) fn rule_mut(&mut self, rule: RuleId) -> &mut Tally {
        let index = rule.index();
        if self.by_rule.len() <= index {
            self.by_rule.resize(index + 1, Tally::default());
        }
        &mut self.by_rule[index]
    }
}

#[cfg(test)]
mod tests {
    use super::Counters;
    use crate::aws::target::Target;

    #[test]
    fn each_qualifier_has_one_counter_and_the_function_their_sum() {
        let mut counters = Counters::default();
        let targets = ["f", "g", "f:live", "f:7", "g:live", "f:old"];
        let targets: Vec<Target> = targets.map(|target| target.parse().unwrap()).into();
        for round in 0..3 {
            for (index, target) in targets.iter().enumerate() {
                let (counter, attempts) = counters.counter_of(target);
                assert_eq!((counter, attempts), (index, round), "{target}");
                counters.count(Some(counter), |tally| tally.attempts += 1);
            }
        }
        let of = |text: &str| counters.of_target(&text.parse().unwrap()).attempts;
        assert_eq!([of("f"), of("g"), of("f:7"), of("h")], [12, 6, 3, 0]);
    }
}
