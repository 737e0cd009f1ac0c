//! The report of a sweep: its cells, and the assertions about them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::cell::{Cell, EVERY_FUNCTION, Ended, Verdict, title};
use super::judge::{Golden, MOST_SHOWN};
use super::mode::Kind;
use super::observe::first_lines;
use super::persistence::Persistence;
use crate::ground::count::plural;
use crate::ground::location::Location;
use crate::ground::message::Message;

/// The verdicts that [`Report::assert`] does not allow.
const NEVER: [Verdict; 3] = [Verdict::Panics, Verdict::Unbounded, Verdict::Wrong];

/// The most lines that a failed assertion lists; a line can be about several cells.
const MOST_LISTED: usize = 10;

/// The result of a [`sweep`](crate::sweep()).
///
/// It prints as a table without times that change from run to run, for snapshots: cells of a
/// function with the same persistence, verdict and numbers are one line, and durations are rounded
/// up to 1, 2 or 5 times a power of ten.
#[derive(Clone, Debug)]
pub struct Report {
    golden: Golden,
    cells: Vec<Cell>,
    /// The modes that did not occur at a function, with the persistence if they occurred with
    /// another one.
    left_out: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    expected: Vec<Expected>,
    tolerated: BTreeSet<Arc<str>>,
    /// The result of another golden run, if it differs and a cell is wrong.
    varied: Option<Ended>,
}

/// The verdicts that are declared for some cells.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) function: Arc<str>,
    pub(super) modes: BTreeSet<Arc<str>>,
    pub(super) verdicts: Vec<Verdict>,
    pub(super) written_at: Location,
}

/// A cell that fails an assertion, and why.
struct Problem<'a> {
    cell: &'a Cell,
    why: Why<'a>,
}

#[derive(Clone, Copy)]
enum Why<'a> {
    Never,
    Expected(&'a Expected),
    NotTolerated,
    Unscripted,
}

impl Report {
    /// The report of jobs, each a function, a mode and a persistence, with their cells.
    pub(super) fn of(
        golden: Golden,
        jobs: impl Iterator<Item = (Arc<str>, Arc<str>, Persistence)>,
        cells: Vec<Option<Cell>>,
        expected: Vec<Expected>,
        tolerated: BTreeSet<Arc<str>>,
        varied: Option<Ended>,
    ) -> Self {
        let mut left_out: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
        for ((function, mode, persistence), _) in
            jobs.zip(&cells).filter(|(_, cell)| cell.is_none())
        {
            let occurs = |cell: &Cell| (&cell.function, &cell.mode) == (&function, &mode);
            let mode = match cells.iter().flatten().any(occurs) {
                true => format!("{mode} {persistence}").into(),
                false => mode,
            };
            let modes = left_out.entry(function).or_default();
            if !modes.contains(&mode) {
                modes.push(mode);
            }
        }
        Self {
            golden,
            cells: cells.into_iter().flatten().collect(),
            left_out,
            expected,
            tolerated,
            varied,
        }
    }

    /// Returns the cells in order of functions, modes and persistence. A mode that did not occur,
    /// such as a lost event at a function that gets no events, has no cell.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub(super) fn golden(&self) -> &Golden {
        &self.golden
    }

    /// Asserts that each cell satisfies what [`expect`](super::Sweep::expect) and
    /// [`tolerates`](super::Sweep::tolerates) declare, that no cell without a declaration of
    /// `expect` is [`Panics`](Verdict::Panics), [`Unbounded`](Verdict::Unbounded) or
    /// [`Wrong`](Verdict::Wrong), and that no cell makes a call that no rule answers.
    ///
    /// # Panics
    ///
    /// Panics if a cell does not satisfy this; the message lists these cells, worst first. Also
    /// panics if there are no cells at all, or none that a declaration of
    /// [`expect`](super::Sweep::expect) or [`tolerates`](super::Sweep::tolerates) is about.
    #[track_caller]
    pub fn assert(&self) {
        self.assert_never(NEVER);
    }

    /// Asserts the same as [`assert`](Self::assert), but with these verdicts in place of its three.
    ///
    /// ```
    /// # use fake_lambda::{FakeLambda, ServiceError, sdk_client};
    /// # use fake_lambda::sweep::{Modes, Verdict};
    /// # use serde_json::json;
    /// # let report = fake_lambda::sweep(
    /// #     |lambda: &FakeLambda| { lambda.on("price").reply(json!(1)); },
    /// #     async |lambda: &FakeLambda| sdk_client!(aws_sdk_lambda, lambda).invoke().function_name("price").send().await.map(drop),
    /// # ).modes(ServiceError::TooManyRequestsException).run();
    /// report.assert_never([Verdict::Panics, Verdict::Unbounded, Verdict::Wrong, Verdict::Repeats, Verdict::GivesUp]);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics as [`assert`](Self::assert) does.
    #[track_caller]
    pub fn assert_never(&self, never: impl AsRef<[Verdict]>) {
        if let Some(message) = self.problems(never.as_ref()) {
            panic!("{message}");
        }
    }

    /// Returns the report as JSON: the golden run, and verdict, result and numbers of each cell.
    pub fn to_json(&self) -> Value {
        let functions = self.golden.counts().map(|(name, counts)| {
            json!({"name": name, "attempts": counts.attempts, "executions": counts.executions})
        });
        let cells = self.cells.iter().map(|cell| {
            json!({
                "function": cell.function(),
                "mode": cell.mode(),
                "nature": cell.nature().to_string(),
                "persistence": cell.persistence().to_string(),
                "verdict": cell.verdict().as_str(),
                "ok": cell.is_ok(),
                "result": cell.result(),
                "attempts": cell.attempts(),
                "golden_attempts": cell.golden_attempts,
                "executions": cell.executions(),
                "extra_executions": cell.extra_executions(),
                "elapsed_ms": cell.elapsed().as_secs_f64() * 1e3,
                "calls_after_failure": cell.calls_after_failure(),
            })
        });
        json!({
            "golden": {
                "result": self.golden.ended().to_string(),
                "functions": functions.collect::<Value>(),
            },
            "cells": cells.collect::<Value>(),
        })
    }

    /// Returns `true` if [`assert`](Self::assert) reports this cell.
    pub(super) fn is_problem(&self, cell: &Cell) -> bool {
        self.problem(cell, &NEVER).is_some()
    }

    fn problems(&self, never: &[Verdict]) -> Option<Message> {
        let problem = |cell| self.problem(cell, never).map(|why| Problem { cell, why });
        let mut problems: Vec<Problem<'_>> = self.cells.iter().filter_map(problem).collect();
        problems.sort_by_key(|problem| problem.cell.verdict);
        let Some(worst) = problems.first() else {
            return self.unasserted();
        };
        let mut counts: BTreeMap<Verdict, u64> = BTreeMap::new();
        for problem in &problems {
            *counts.entry(problem.cell.verdict).or_default() += 1;
        }
        let counts: Vec<String> = counts
            .iter()
            .map(|(verdict, count)| format!("{verdict}: {count}"))
            .collect();
        let error = format!(
            "{} of {} cells of the sweep {} a problem ({})",
            problems.len(),
            self.cells.len(),
            if problems.len() == 1 { "has" } else { "have" },
            counts.join(", ")
        );
        let mut lines: Vec<(&Cell, String, Vec<String>)> = Vec::new();
        for problem in &problems {
            let (cell, what) = (problem.cell, problem.what(&self.golden));
            let persistence = cell.persistence.to_string();
            let is_alike = |(known, text, _): &&mut (&Cell, String, Vec<String>)| {
                (&known.function, &known.mode, text) == (&cell.function, &cell.mode, &what)
            };
            match lines.iter_mut().find(is_alike) {
                Some((_, _, occurs)) => occurs.push(persistence),
                None => lines.push((cell, what, vec![persistence])),
            }
        }
        let help = match &self.varied {
            Some(varied) if worst.cell.verdict == Verdict::Wrong => format!(
                "return a value that is equal in every run, or compare values with `same_if(..)`; without a failure, \
                 the code returned {}, then {varied}",
                self.golden.ended()
            ),
            Some(_) | None => worst.help(),
        };
        let mut message = Message::new(error, help);
        let listed = lines.iter().take(MOST_LISTED);
        message = message.lines(listed.map(|(cell, what, occurs)| {
            let function = title(&cell.function);
            format!(
                "{function}, {}, {}: {what}",
                cell.mode,
                occurs.join(" and ")
            )
        }));
        if let Some(more @ 1..) = lines.len().checked_sub(MOST_LISTED) {
            message = message.line(format!("and {}", plural(more as u64, "more line")));
        }
        message = message.line(format!("\ntimeline of {}", worst.cell.name()));
        let timeline = first_lines(worst.cell.timeline(), MOST_SHOWN);
        Some(message.lines(timeline.lines().map(|line| format!("  {line}"))))
    }

    /// The message if the report has no cells, or if a declaration is about none of them.
    fn unasserted(&self) -> Option<Message> {
        if self.cells.is_empty() {
            let error = "the sweep has no cells: none of its modes occurred";
            let help = "add other modes, as in `Modes::documented()`";
            return Some(Message::new(error, help).lines(self.left_out_lines()));
        }
        let is_left_out = |name: &&Arc<str>| self.cells.iter().all(|cell| cell.function != **name);
        if let Some(name) = self.tolerated.iter().find(is_left_out) {
            let name = title(name);
            return Some(Message::new(
                format!("`tolerates` names {name}, but the sweep has no cells for it"),
                "add the function to `on`, or remove the declaration",
            ));
        }
        let has_cell = |one: &Expected| self.cells.iter().any(|cell| one.is_about(cell));
        let unused = self.expected.iter().find(|one| !has_cell(one))?;
        let modes: Vec<&str> = unused.modes.iter().map(|mode| &**mode).collect();
        let function = title(&unused.function);
        let error = format!(
            "`expect` names cells that the sweep does not have: {function}, {}",
            modes.join(", ")
        );
        let help = match self
            .cells
            .iter()
            .any(|cell| cell.function == unused.function)
        {
            true => "name a mode that occurs at this function, or remove the declaration",
            false => "add the function to `on`, or remove the declaration",
        };
        let message = Message::new(error, help);
        Some(message.line(format!("declared at {}", unused.written_at)))
    }

    /// `not possible at pay, price: lost event`.
    pub(super) fn left_out_lines(&self) -> Vec<String> {
        let mut left_out: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (function, modes) in &self.left_out {
            let functions = left_out.entry(modes.join(", ")).or_default();
            functions.push(title(function));
        }
        let lines = left_out.into_iter();
        lines
            .map(|(modes, functions)| format!("not possible at {}: {modes}", functions.join(", ")))
            .collect()
    }

    fn problem(&self, cell: &Cell, never: &[Verdict]) -> Option<Why<'_>> {
        // The last declaration counts, so that one mode of a set can be declared again.
        let expected = self.expected.iter().rev().find(|one| one.is_about(cell));
        if let Some(expected) = expected.filter(|one| !one.verdicts.contains(&cell.verdict)) {
            return Some(Why::Expected(expected));
        }
        if self.tolerated.contains(&cell.function) && !cell.is_ok() {
            return Some(Why::NotTolerated);
        }
        if expected.is_none() && never.contains(&cell.verdict) {
            return Some(Why::Never);
        }
        (!cell.unscripted.is_empty()).then_some(Why::Unscripted)
    }
}

impl Expected {
    fn is_about(&self, cell: &Cell) -> bool {
        *self.function == *cell.function && self.modes.contains(&cell.mode)
    }
}

impl Problem<'_> {
    /// `wrong: Ok("paid 0") in place of Ok("paid 42")`.
    fn what(&self, golden: &Golden) -> String {
        let cell = self.cell;
        let mut line = match cell.ended {
            Ended::Panicked { .. } => cell.ended.to_string(),
            Ended::TimedOut | Ended::TooManyAttempts(_) | Ended::Returned { .. } => {
                format!("{}: {}", cell.verdict, cell.ended)
            }
        };
        match &cell.ended {
            Ended::Panicked { at: Some(at), .. } => line += &format!(" at {at}"),
            Ended::Returned { .. } if cell.verdict == Verdict::Wrong => {
                line += &format!(" in place of {}", golden.ended());
            }
            Ended::Panicked { at: None, .. }
            | Ended::TimedOut
            | Ended::TooManyAttempts(_)
            | Ended::Returned { .. } => {}
        }
        for (function, extra) in &cell.repeated {
            line += &format!(", `{function}` ran {} more", times(*extra));
        }
        match self.why {
            Why::Never => {}
            Why::Expected(expected) => {
                let verdicts: Vec<_> = expected.verdicts.iter().map(ToString::to_string).collect();
                let (verdicts, at) = (verdicts.join(" or "), &expected.written_at);
                line += &format!("; declared as {verdicts} at {at}");
            }
            Why::NotTolerated => line += "; declared as tolerated",
            Why::Unscripted => {
                line += &format!(
                    "; calls `{}`, which no rule answers",
                    cell.unscripted.join("`, `")
                );
            }
        }
        line
    }

    fn help(&self) -> String {
        let function = &self.cell.function;
        match self.why {
            Why::Never => {}
            Why::Expected(_) => return "correct the code, or the verdict in `expect`".to_owned(),
            Why::NotTolerated => {
                let failing = match &**function {
                    EVERY_FUNCTION => "all functions fail".to_owned(),
                    named => format!("`{named}` fails"),
                };
                return format!(
                    "let the code return `Ok` when {failing}, or remove `.tolerates({function:?})`"
                );
            }
            Why::Unscripted => {
                let missing = &self.cell.unscripted[0];
                return format!(
                    "script every call in the setup of the sweep, as in \
                     `lambda.on({missing:?}).reply(..)`; a rule does not answer if its condition \
                     fails or its `times(n)` is reached"
                );
            }
        }
        match self.cell.verdict {
            Verdict::Panics => "return an error in place of the panic".to_owned(),
            Verdict::Unbounded if matches!(self.cell.ended, Ended::TooManyAttempts(_)) => {
                "limit the number of retries, and wait before each of them".to_owned()
            }
            Verdict::Unbounded if self.cell.is_streamed => "give each event of the stream a timeout, as in `tokio::time::timeout(.., stream.recv())`, and give the client a timeout for the call".to_owned(),
            Verdict::Unbounded => "give the client a timeout, as in `TimeoutConfig::builder().operation_timeout(..)`".to_owned(),
            Verdict::Wrong if self.cell.is_streamed => format!(
                "check that `InvokeComplete` comes and has no `error_code`; if another `Ok` is correct, declare it: `.degrades({function:?})`"
            ),
            Verdict::Wrong if self.cell.kind == Kind::Outage => format!(
                "return an error for a call that cannot connect; if another `Ok` is correct, declare it: `.degrades({function:?})`"
            ),
            Verdict::Wrong => format!(
                "check `function_error()` and the payload before you use them; if another `Ok` is correct, declare it: `.degrades({function:?})`"
            ),
            Verdict::Repeats => "do not repeat a request whose reply was lost, or make the function idempotent".to_owned(),
            Verdict::GivesUp => "retry errors for which `ServiceError::is_temporary` is `true`, and requests that got no reply".to_owned(),
            Verdict::Wastes => "retry only errors for which `ServiceError::is_temporary` is `true`".to_owned(),
            Verdict::Fails | Verdict::Recovers | Verdict::Tolerates => {
                "correct the code, or remove the verdict from `assert_never`".to_owned()
            }
        }
    }
}

/// `once`, `2 times`.
pub(super) fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        _ => plural(count as u64, "time"),
    }
}
