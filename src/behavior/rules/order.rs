//! The order in which rules are tried, without those that can no longer answer.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::RuleId;
use crate::aws::target::Target;

/// The qualifier of a request that has none.
const LATEST: &str = "$LATEST";

/// The rules of each function, and those of `on_any`.
#[derive(Default)]
pub(super) struct Order {
    /// The functions, in the order of their first rules.
    functions: Vec<Function>,
    by_name: FxHashMap<Arc<str>, usize>,
    for_any: Line,
}

/// The rules of one function.
struct Function {
    name: Arc<str>,
    /// All rules of the function, oldest first.
    all: Vec<RuleId>,
    /// The rules with a qualifier, by qualifier; they are tried before the others.
    qualified: FxHashMap<Arc<str>, Line>,
    others: Line,
}

/// Rules of which the newest is tried first.
#[derive(Default)]
struct Line {
    /// The rules, oldest first.
    rules: Vec<RuleId>,
    /// For a rule that is known to be spent, the index of the first rule in the run of spent rules
    /// that ends with it; for any other rule, the index after it.
    spent_from: Vec<usize>,
}

/// The rules that are left to try for one request, of those that existed when the search started.
#[derive(Clone, Copy)]
pub(crate) struct Candidates {
    function: Option<usize>,
    place: Place,
    /// The number of rules in that place that are left.
    left: usize,
    /// Rules from this number on were written after the start.
    end: RuleId,
}

/// The lines in the order in which they are tried.
#[derive(Clone, Copy)]
enum Place {
    Qualified,
    Others,
    Any,
}

impl Order {
    pub(super) fn add(&mut self, id: RuleId, target: Option<&Target>) {
        let line = match target {
            None => &mut self.for_any,
            Some(target) => {
                let function = self.function_of(target);
                function.all.push(id);
                match &target.qualifier {
                    Some(qualifier) => function.qualified.entry(qualifier.clone()).or_default(),
                    None => &mut function.others,
                }
            }
        };
        line.rules.push(id);
        line.spent_from.push(line.rules.len());
    }

    fn function_of(&mut self, target: &Target) -> &mut Function {
        let index = self.by_name.get(&target.name).copied();
        let index = index.unwrap_or_else(|| {
            let index = self.functions.len();
            self.by_name.insert(target.name.clone(), index);
            self.functions.push(Function {
                name: target.name.clone(),
                all: Vec::new(),
                qualified: FxHashMap::default(),
                others: Line::default(),
            });
            index
        });
        &mut self.functions[index]
    }

    /// The names of functions in the order of their first rules.
    pub(super) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.functions.iter().map(|function| &function.name)
    }

    /// The rules that name this function, oldest first.
    pub(super) fn of_name(&self, name: &str) -> &[RuleId] {
        let index = self.by_name.get(name);
        index.map_or(&[], |index| &self.functions[*index].all)
    }

    /// The rules that name no function, oldest first.
    pub(super) fn for_any(&self) -> &[RuleId] {
        &self.for_any.rules
    }

    /// The lines whose rules can match this name and qualifier, in the order in which they are
    /// tried; the rules of a line are oldest first. The regions and accounts of the rules can still
    /// differ from the request's.
    pub(super) fn lines(&self, request: &Target) -> impl Iterator<Item = &[RuleId]> {
        let function = self.by_name.get(&request.name);
        let function = function.map(|index| &self.functions[*index]);
        let qualified = function.and_then(|function| function.qualified.get(qualifier(request)));
        let others = function.map(|function| &function.others);
        let lines = qualified.into_iter().chain(others);
        let lines = lines.chain([&self.for_any]);
        lines.map(|line| &*line.rules)
    }

    /// All rules that a request can match; `end` is the number that the next new rule will get.
    pub(super) fn start(&self, request: &Target, end: RuleId) -> Candidates {
        let function = self.by_name.get(&request.name).copied();
        let (place, left) = match function.map(|index| &self.functions[index]) {
            None => (Place::Any, self.for_any.rules.len()),
            Some(function) if function.qualified.is_empty() => {
                (Place::Others, function.others.rules.len())
            }
            Some(function) => {
                let line = function.qualified.get(qualifier(request));
                (Place::Qualified, line.map_or(0, |line| line.rules.len()))
            }
        };
        Candidates {
            function,
            place,
            left,
            end,
        }
    }

    /// Takes the rule that is tried next.
    pub(super) fn next(
        &mut self,
        candidates: &mut Candidates,
        request: &Target,
        is_spent: impl Fn(RuleId) -> bool,
    ) -> Option<RuleId> {
        loop {
            let function = candidates.function.map(|index| &mut self.functions[index]);
            let line = match (candidates.place, function) {
                (Place::Qualified, Some(function)) => {
                    function.qualified.get_mut(qualifier(request))
                }
                (Place::Others, Some(function)) => Some(&mut function.others),
                (Place::Qualified | Place::Others, None) => None,
                (Place::Any, _) => Some(&mut self.for_any),
            };
            let found = line.and_then(|line| line.newest(candidates.left, &is_spent));
            if let Some((left, rule)) = found {
                candidates.left = left;
                if rule < candidates.end {
                    return Some(rule);
                }
                continue;
            }
            (candidates.place, candidates.left) = match (candidates.place, candidates.function) {
                (Place::Qualified, Some(index)) => {
                    (Place::Others, self.functions[index].others.rules.len())
                }
                (Place::Qualified | Place::Others, _) => (Place::Any, self.for_any.rules.len()),
                (Place::Any, _) => return None,
            };
        }
    }

    /// Records that a spent rule can answer again.
    pub(super) fn revive(&mut self, id: RuleId, target: Option<&Target>) {
        let line = match target {
            None => Some(&mut self.for_any),
            Some(target) => {
                let function = self.function_of(target);
                match &target.qualifier {
                    Some(qualifier) => function.qualified.get_mut(qualifier),
                    None => Some(&mut function.others),
                }
            }
        };
        let Some(line) = line else {
            return;
        };
        let index = line.rules.partition_point(|rule| *rule < id);
        for (index, from) in line.spent_from.iter_mut().enumerate().skip(index) {
            *from = index + 1;
        }
    }
}

impl Line {
    /// The newest of the first `left` rules that is not spent, and its index.
    ///
    /// Each spent rule is passed over once; later searches skip all of them together.
    fn newest(
        &mut self,
        left: usize,
        is_spent: impl Fn(RuleId) -> bool,
    ) -> Option<(usize, RuleId)> {
        let mut end = left;
        let found = loop {
            let Some(last) = end.checked_sub(1) else {
                break None;
            };
            let rule = self.rules[last];
            end = match self.spent_from[last] {
                from if from < end => from,
                _ if is_spent(rule) => last,
                _ => break Some((last, rule)),
            };
        };
        if end < left {
            self.spent_from[left - 1] = end;
        }
        found
    }
}

fn qualifier(request: &Target) -> &str {
    request.qualifier.as_deref().unwrap_or(LATEST)
}
