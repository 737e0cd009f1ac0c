//! The figures as Markdown tables, ready for the README.

use std::fmt;

use crate::growth::{Figures, Growth};

/// All figures of one run.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) title: &'static str,
    pub(crate) rows: Vec<Row>,
    /// Empty without valgrind.
    pub(crate) growths: Vec<(&'static Growth, Figures)>,
}

/// One measured quantity, with a figure for each engine that has one.
#[derive(Debug)]
pub(crate) struct Row {
    /// The name by which the bounds find the row.
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) unit: Unit,
    pub(crate) bare_hyper: Option<f64>,
    pub(crate) wiremock: Option<f64>,
    pub(crate) ours: Option<f64>,
    /// Ours in memory; absent without the feature `in-memory`, and for rows without this figure.
    pub(crate) in_memory: Option<f64>,
    /// One pass of serde_json over the row's payload.
    pub(crate) json_pass: Option<f64>,
}

/// The names of the rows that are not cells.
pub(crate) const START: &str = "start";
pub(crate) const KEPT_UNCAPPED: &str = "kept-uncapped";
pub(crate) const KEPT_BY_DEFAULT: &str = "kept-by-default";

/// The name of all rows about events; no bound refers to a single one.
pub(crate) const EVENTS: &str = "events";

/// The name of all rows that add wall time to a cell; no bound refers to a single one.
pub(crate) const WALL_TIME: &str = "wall-time";

/// The row that compares ours on a socket and in memory.
#[cfg(feature = "in-memory")]
pub(crate) const CPU_TIME: &str = "cpu-time";

/// The rows of the sweeps.
#[cfg(feature = "in-memory")]
pub(crate) const SWEEP_172: &str = "sweep-172";
#[cfg(feature = "in-memory")]
pub(crate) const SWEEP_DEFAULT: &str = "sweep-default";

/// The unit of a row, which decides how its figures are printed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    /// Bytes, shown with their ratio to a total.
    BytesOf {
        whole: usize,
        called: &'static str,
    },
    Bytes,
    Instructions,
    Microseconds,
}

impl Unit {
    /// A figure as the table shows it.
    pub(crate) fn show(self, figure: f64) -> String {
        match self {
            Self::BytesOf { whole, called } => {
                let mib = figure / (1024.0 * 1024.0);
                format!("{mib:.0} MiB ({:.2} x {called})", figure / whole as f64)
            }
            Self::Bytes => format!("{figure:.0} B"),
            Self::Instructions if figure < 100_000.0 => format!("{:.1} k", figure / 1000.0),
            Self::Instructions => format!("{:.0} k", figure / 1000.0),
            Self::Microseconds => format!("{figure:.1} us"),
        }
    }
}

impl Table {
    /// Finds a row by its name.
    pub(crate) fn row(&self, name: &str) -> &Row {
        let row = self.rows.iter().find(|row| row.name == name);
        row.unwrap_or_else(|| panic!("no row is called `{name}`"))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.title)?;
        writeln!(
            f,
            "| | bare hyper | wiremock | ours | ours in memory | ours / wiremock | one serde_json pass |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|--:|")?;
        for row in &self.rows {
            let show =
                |figure: Option<f64>| figure.map_or("-".to_owned(), |figure| row.unit.show(figure));
            let ratio = match (row.ours, row.wiremock) {
                (Some(ours), Some(wiremock)) => format!("{:.2}", ours / wiremock),
                _ => "-".to_owned(),
            };
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {ratio} | {} |",
                row.title,
                show(row.bare_hyper),
                show(row.wiremock),
                show(row.ours),
                show(row.in_memory),
                show(row.json_pass),
            )?;
        }
        if self.growths.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\nGrowth: the cost of one more unit, when few and when many exist\n"
        )?;
        writeln!(f, "| | few | cost | many | cost | ratio |")?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|")?;
        for (growth, figures) in &self.growths {
            let show = |figure| Unit::Instructions.show(figure);
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {:.2} |",
                growth.title,
                growth.few,
                show(figures.few),
                10 * growth.few,
                show(figures.many),
                figures.ratio(),
            )?;
        }
        Ok(())
    }
}
