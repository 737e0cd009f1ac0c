//! The verdict about a run, by comparison with the golden run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use super::cell::{Cell, EVERY_FUNCTION, Ended, Verdict};
use super::mode::{Kind, Nature};
use super::observe::{Counts, Injected, Seen, Work, first_lines};
use super::persistence::Persistence;
use crate::ground::message::Message;

/// The most lines of a timeline that a message shows.
pub(super) const MOST_SHOWN: usize = 50;

/// The attempts that a run may make, if the golden run makes few.
pub(super) const MOST_ATTEMPTS: u64 = 1_000;

/// The help in a message about a golden run without a request.
const CONNECT: &str = "connect the client to the fake that `run` gets, as in \
                       `sdk_client!(aws_sdk_lambda, lambda)`, and await its calls";

/// The result and the numbers of the run without a failure.
#[derive(Clone, Debug)]
pub(super) struct Golden {
    ended: Ended,
    functions: Vec<(Arc<str>, Counts)>,
    streamed: BTreeSet<Arc<str>>,
    work: BTreeMap<Work, usize>,
}

/// The inputs of a verdict that are not in the cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Whether the result of the run is that of the golden run.
    pub(super) is_same: bool,
    /// Whether an `Ok` that differs from that of the golden run is accepted.
    pub(super) may_differ: bool,
}

impl Golden {
    /// The result and the numbers of this run; the error says why the run is not golden.
    pub(super) fn of<T: Debug>(seen: &Seen<T>) -> Result<Self, Message> {
        let journal = |message: Message| {
            let message = message.line("\ntimeline of the golden run");
            let timeline = first_lines(&seen.timeline, MOST_SHOWN);
            message.lines(timeline.lines().map(|line| format!("  {line}")))
        };
        let help =
            "let the code succeed when no function fails: script every function that it calls";
        match &seen.ended {
            Ended::Returned { is_ok: true, .. } => {}
            Ended::TimedOut if seen.functions.is_empty() => {
                return Err(journal(Message::new(
                    "the golden run did not return within the patience of the sweep, and called no function of the fake",
                    CONNECT,
                )));
            }
            Ended::TimedOut => {
                return Err(journal(Message::new(
                    "the golden run did not return within the patience of the sweep",
                    "let the code return, or set a longer `patience`",
                )));
            }
            Ended::TooManyAttempts(most) => {
                return Err(journal(Message::new(
                    format!("the golden run did not return within {most} attempts"),
                    "let the code return after fewer attempts, and script every function that it calls",
                )));
            }
            Ended::Panicked { text, at } => {
                let at = at
                    .as_ref()
                    .map(|at| format!(" at {at}"))
                    .unwrap_or_default();
                let error = format!("the golden run panicked{at}");
                return Err(journal(Message::new(error, help).line(text.clone())));
            }
            Ended::Returned { text, .. } => {
                let error = format!("the golden run failed: {text}");
                return Err(journal(Message::new(error, help)));
            }
        }
        if let Some(problems) = &seen.problems {
            let error = "verification found a problem in the golden run";
            let message = Message::new(error, "correct it as the report below says");
            return Err(message.line(format!("\n{problems}")));
        }
        if seen.functions.is_empty() {
            return Err(Message::new(
                "the golden run calls no function of the fake",
                CONNECT,
            ));
        }
        Ok(Self {
            ended: seen.ended.clone(),
            functions: seen.functions.clone(),
            streamed: seen.streamed.clone(),
            work: seen.work.clone(),
        })
    }

    pub(super) fn ended(&self) -> &Ended {
        &self.ended
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.iter().map(|(name, _)| &**name)
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = (&str, Counts)> {
        let functions = self.functions.iter();
        functions.map(|(name, counts)| (&**name, *counts))
    }

    /// The functions to sweep, in the order of their first calls.
    pub(super) fn functions(&self, on: &[String]) -> Vec<Arc<str>> {
        let is_meant = |name: &Arc<str>| on.is_empty() || on.iter().any(|one| **one == **name);
        let names = self.functions.iter().map(|(name, _)| name);
        names.filter(|name| is_meant(name)).cloned().collect()
    }

    /// Returns `true` if the function is called with `InvokeWithResponseStream`.
    pub(super) fn streams(&self, function: &str) -> bool {
        self.streamed.contains(function)
    }

    /// The attempts after which another run ends.
    pub(super) fn most_attempts(&self) -> u64 {
        let attempts = self.usual(EVERY_FUNCTION).attempts as u64;
        MOST_ATTEMPTS.max(10 * attempts)
    }

    fn usual(&self, function: &str) -> Counts {
        Counts::at(function, &self.functions)
    }

    /// The functions that did work more often than in the golden run, and how many times more. Work
    /// that is new, such as a compensation, may be done once.
    fn repeated(&self, work: &BTreeMap<Work, usize>) -> Vec<(Arc<str>, usize)> {
        let mut repeated: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for (key, executions) in work {
            let usual = self.work.get(key).copied().unwrap_or(1);
            if *executions > usual {
                *repeated.entry(key.0.clone()).or_default() += executions - usual;
            }
        }
        repeated.into_iter().collect()
    }
}

/// The cell of a run; `None` if its mode did not occur.
pub(super) fn cell<T>(
    function: &Arc<str>,
    injected: Injected<'_>,
    seen: &Seen<T>,
    golden: &Golden,
    rules: Rules,
) -> Option<Cell> {
    let mode = injected.mode;
    // The connections that an outage refuses are not in the journal.
    let occurred = match mode.kind() == Kind::Outage {
        true => seen.was_refused,
        false => seen.hit.is_some(),
    };
    if !occurred {
        return None;
    }
    let (counts, usual) = (seen.counts(function), golden.usual(function));
    let mut cell = Cell {
        function: function.clone(),
        mode: mode.name().into(),
        kind: mode.kind(),
        nature: mode.nature_of(seen.hit.as_ref()),
        is_streamed: golden.streams(function),
        persistence: injected.persistence,
        has_own_persistence: mode.own_persistence().is_some(),
        verdict: Verdict::Fails,
        ended: seen.ended.clone(),
        attempts: counts.attempts,
        golden_attempts: usual.attempts,
        executions: counts.executions,
        golden_executions: usual.executions,
        repeated: golden.repeated(&seen.work),
        elapsed: seen.elapsed,
        calls_after: seen.calls_after,
        unscripted: seen.unscripted.iter().cloned().collect(),
        timeline: seen.timeline.as_str().into(),
    };
    cell.verdict = verdict(&cell, rules);
    Some(cell)
}

/// The first verdict that holds, worst first.
fn verdict(cell: &Cell, rules: Rules) -> Verdict {
    let is_ok = match cell.ended {
        Ended::Panicked { .. } => return Verdict::Panics,
        Ended::TimedOut | Ended::TooManyAttempts(_) => return Verdict::Unbounded,
        Ended::Returned { is_ok, .. } => is_ok,
    };
    let always = cell.persistence == Persistence::Always;
    let once = cell.persistence == Persistence::Once;
    if is_ok && !rules.is_same && !rules.may_differ {
        Verdict::Wrong
    } else if !cell.repeated.is_empty() {
        Verdict::Repeats
    } else if !is_ok && once && cell.nature == Nature::Temporary {
        Verdict::GivesUp
    } else if always && cell.nature == Nature::Permanent && cell.attempts > cell.golden_attempts {
        Verdict::Wastes
    } else if !is_ok {
        Verdict::Fails
    } else if always {
        Verdict::Tolerates
    } else {
        Verdict::Recovers
    }
}
