//! The report as text: equal cells are one line.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::cell::{Cell, Verdict, title};
use super::mode::{Kind, Nature};
use super::persistence::Persistence;
use super::report::Report;
use crate::ground::count::plural;

/// Up to this many modes of one kind are named; more are counted.
const FEW: usize = 2;

/// The properties that the cells of one line have in common, which the line shows.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Key {
    verdict: Verdict,
    attempts: usize,
    golden_attempts: usize,
    /// The executions and the usual number of them, if the code returned `Ok` with fewer.
    executions: Option<(usize, usize)>,
    repeated: Vec<(String, usize)>,
    is_ok: bool,
    /// The result of a cell that panics or is wrong.
    result: Option<String>,
}

impl Key {
    fn of(cell: &Cell) -> Self {
        let shows_result = matches!(cell.verdict, Verdict::Panics | Verdict::Wrong);
        let repeated = cell.repeated.iter();
        let executions = (cell.executions, cell.golden_executions);
        Self {
            verdict: cell.verdict,
            attempts: cell.attempts,
            golden_attempts: cell.golden_attempts,
            executions: (cell.is_ok() && executions.0 < executions.1).then_some(executions),
            repeated: repeated
                .map(|(name, extra)| (name.to_string(), *extra))
                .collect(),
            is_ok: cell.is_ok(),
            result: shows_result.then(|| cell.result()),
        }
    }

    /// The numbers after the modes: `failed, 3 attempts, within 5s`.
    fn numbers(&self, cells: &[&Cell]) -> String {
        let mut parts = Vec::new();
        parts.extend(self.result.clone());
        if self.verdict == Verdict::Repeats || self.verdict == Verdict::Wastes {
            parts.push(if self.is_ok { "ok" } else { "failed" }.to_owned());
        }
        for (function, extra) in &self.repeated {
            parts.push(match *extra {
                1 => format!("`{function}` ran once too often"),
                _ => format!("`{function}` ran {extra} times too many"),
            });
        }
        if let Some((executions, usual)) = self.executions {
            let ran = match executions {
                0 => "did not run".to_owned(),
                _ => format!("ran {executions} of {usual} times"),
            };
            parts.push(ran);
        }
        parts.push(match self.verdict {
            Verdict::Wastes => {
                let more = self.attempts - self.golden_attempts;
                plural(more as u64, "useless attempt")
            }
            Verdict::Panics
            | Verdict::Unbounded
            | Verdict::Wrong
            | Verdict::Repeats
            | Verdict::GivesUp
            | Verdict::Fails
            | Verdict::Recovers
            | Verdict::Tolerates => plural(self.attempts as u64, "attempt"),
        });
        let ended = cells
            .iter()
            .filter(|cell| cell.verdict != Verdict::Unbounded);
        let longest = ended.map(|cell| rounded(cell.elapsed)).max();
        if let Some(longest) = longest.filter(|longest| !longest.is_zero()) {
            parts.push(format!("within {longest:?}"));
        }
        parts.join(", ")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
        for cell in self.cells() {
            *counts.entry(cell.verdict()).or_default() += 1;
        }
        let counts = counts
            .iter()
            .map(|(verdict, count)| format!("{count} {verdict}"));
        let counts: Vec<String> = counts.collect();
        let cells = plural(self.cells().len() as u64, "cell");
        match counts.is_empty() {
            true => writeln!(f, "{cells}")?,
            false => writeln!(f, "{cells}: {}", counts.join(", "))?,
        }
        let golden = self
            .golden()
            .counts()
            .map(|(name, counts)| format!("{name} {}", plural(counts.attempts as u64, "attempt")));
        let golden: Vec<String> = golden.collect();
        write!(
            f,
            "golden run: {}, {}",
            self.golden().ended(),
            golden.join(", ")
        )?;
        for ((_, _, persistence), cells) in self.sections() {
            write!(f, "\n{}, ", title(cells[0].function()))?;
            match persistence {
                Some(persistence) => write!(f, "{persistence}")?,
                None => write!(f, "other")?,
            }
            let mut lines: BTreeMap<Key, Vec<&Cell>> = BTreeMap::new();
            for cell in cells {
                lines.entry(Key::of(cell)).or_default().push(cell);
            }
            for (key, cells) in lines {
                let modes = modes(&cells, persistence.is_none());
                write!(
                    f,
                    "\n  {:<10} {modes}: {}",
                    key.verdict,
                    key.numbers(&cells)
                )?;
            }
        }
        for line in self.left_out_lines() {
            write!(f, "\n{line}")?;
        }
        Ok(())
    }
}

/// The place of a function among the cells, and how often its modes occur. Modes with a persistence
/// of their own come last, whatever it is.
type Section = (usize, bool, Option<Persistence>);

impl Report {
    /// The cells of each section, in order.
    fn sections(&self) -> BTreeMap<Section, Vec<&Cell>> {
        let mut functions: Vec<&str> = Vec::new();
        let mut sections: BTreeMap<Section, Vec<&Cell>> = BTreeMap::new();
        for cell in self.cells() {
            let known = functions.iter().position(|known| *known == cell.function());
            let index = known.unwrap_or_else(|| {
                functions.push(cell.function());
                functions.len() - 1
            });
            let is_own = cell.has_own_persistence;
            let persistence = (!is_own).then_some(cell.persistence());
            let section = sections.entry((index, is_own, persistence));
            section.or_default().push(cell);
        }
        sections
    }
}

/// `12 temporary service errors, Reset, Garbage`.
fn modes(cells: &[&Cell], shows_persistence: bool) -> String {
    let mut groups: BTreeMap<(Kind, Option<Nature>), Vec<String>> = BTreeMap::new();
    for cell in cells {
        // The other kinds are one group each, whatever the nature of their modes.
        let nature = matches!(cell.kind, Kind::ServiceError | Kind::Own).then_some(cell.nature());
        let name = match shows_persistence {
            true => format!("{} {}", cell.mode(), cell.persistence()),
            false => cell.mode().to_owned(),
        };
        groups.entry((cell.kind, nature)).or_default().push(name);
    }
    let groups = groups.into_iter().map(|((kind, nature), names)| {
        if names.len() <= FEW {
            return names.join(", ");
        }
        let nature = nature
            .map(|nature| format!("{nature} "))
            .unwrap_or_default();
        plural(names.len() as u64, &format!("{nature}{}", noun(kind)))
    });
    groups.collect::<Vec<_>>().join(", ")
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::ServiceError => "service error",
        Kind::FunctionError => "function error",
        Kind::Fault => "fault",
        Kind::Damage => "damaged reply",
        Kind::Late => "late reply",
        Kind::Throttle => "throttle",
        Kind::Outage => "outage",
        Kind::Event => "event",
        Kind::Stream => "stream mode",
        Kind::Own => "mode",
    }
}

/// The duration, rounded up to 1, 2 or 5 times a power of ten, in milliseconds.
fn rounded(elapsed: Duration) -> Duration {
    let millis = elapsed.as_nanos().div_ceil(1_000_000);
    if millis == 0 {
        return Duration::ZERO;
    }
    let mut unit: u128 = 1;
    loop {
        let mut steps = [unit, unit * 2, unit * 5].into_iter();
        if let Some(step) = steps.find(|step| millis <= *step) {
            return Duration::from_millis(step as u64);
        }
        unit *= 10;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::rounded;

    #[test]
    fn durations_are_rounded_up_to_one_two_or_five() {
        let millis = [0, 1, 2, 3, 5, 6, 10, 11, 20, 21, 1_000, 1_001, 4_000];
        let rounded = millis.map(|millis| rounded(Duration::from_millis(millis)).as_millis());
        assert_eq!(
            rounded,
            [0, 1, 2, 5, 5, 10, 10, 20, 20, 50, 1_000, 2_000, 5_000]
        );
    }
}
