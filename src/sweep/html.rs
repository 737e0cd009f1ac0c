//! The report as a page: a matrix as SVG, and the journal of each cell.
//!
//! The page needs neither a network nor a script: each cell of the matrix is a link to a section,
//! which is visible while it is the target.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};
use std::path::Path;
use std::{fs, io};

use super::cell::{Cell, EVERY_FUNCTION, Ended, Verdict};
use super::persistence::Persistence;
use super::report::Report;
use crate::ground::count::plural;

const STYLE: &str = include_str!("page.css");

/// The size of a cell and of the labels, in pixels.
const CELL: (usize, usize) = (96, 24);
const LABELS: usize = 290;
const HEADS: usize = 48;

impl Report {
    /// Writes the report as one HTML file, and creates the folders above it.
    ///
    /// The page shows a matrix of modes and functions; each cell leads to its journal with times.
    /// It opens without a network and without scripts, in light and dark mode, and can be used with
    /// the keyboard: Tab goes from cell to cell, and Enter opens one.
    ///
    /// # Errors
    ///
    /// Returns the error of the file system if the file cannot be written.
    pub fn write_html(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, Page::of(self).to_string())
    }
}

/// A report with the layout of its matrix.
struct Page<'a> {
    report: &'a Report,
    functions: Vec<&'a str>,
    /// The columns of each function.
    columns: Vec<Persistence>,
    rows: Vec<String>,
}

impl<'a> Page<'a> {
    fn of(report: &'a Report) -> Self {
        let mut page = Self {
            report,
            functions: Vec::new(),
            columns: Vec::new(),
            rows: Vec::new(),
        };
        for cell in report.cells() {
            let function = cell.function();
            if function != EVERY_FUNCTION && !page.functions.contains(&function) {
                page.functions.push(function);
            }
            if !cell.has_own_persistence && !page.columns.contains(&cell.persistence()) {
                page.columns.push(cell.persistence());
            }
            let row = row_of(cell);
            if !page.rows.contains(&row) {
                page.rows.push(row);
            }
        }
        page.columns.sort();
        page
    }

    /// The number of columns of one function.
    fn span(&self) -> usize {
        self.columns.len().max(1)
    }

    /// The first column and the number of columns of a cell.
    fn place(&self, cell: &Cell) -> (usize, usize) {
        if cell.function() == EVERY_FUNCTION {
            return (0, self.span() * self.functions.len().max(1));
        }
        let functions = self.functions.iter();
        let function = functions.take_while(|name| **name != cell.function());
        let first = function.count() * self.span();
        if cell.has_own_persistence {
            return (first, self.span());
        }
        let columns = self.columns.iter();
        let column = columns.take_while(|column| **column != cell.persistence());
        (first + column.count(), 1)
    }

    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts: BTreeMap<Verdict, (usize, bool)> = BTreeMap::new();
        for cell in self.report.cells() {
            let (count, is_problem) = counts.entry(cell.verdict()).or_default();
            *count += 1;
            *is_problem |= self.report.is_problem(cell);
        }
        let golden = self.report.golden();
        let called = golden.counts().map(|(name, counts)| {
            let attempts = plural(counts.attempts as u64, "attempt");
            format!("<code>{}</code> {attempts}", Escaped(name))
        });
        let called: Vec<String> = called.collect();
        write!(
            f,
            "<h1>Failure-mode sweep</h1>\n\
             <p>{}. Without a failure, the code returns <code>{}</code> after {}.</p>\n\
             <ul class=\"legend\">\n",
            plural(self.report.cells().len() as u64, "cell"),
            Escaped(golden.ended()),
            called.join(", ")
        )?;
        for (verdict, (count, _)) in counts {
            writeln!(
                f,
                "<li><b class=\"{}\">{count} {verdict}</b><span>{}</span></li>",
                class_of(verdict),
                meaning(verdict)
            )?;
        }
        f.write_str(
            "</ul>\n<p>Each cell leads to its journal. Cells with a bold, underlined verdict fail the assertion of the report.</p>\n",
        )
    }

    fn matrix(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (width, height) = CELL;
        let columns = self.span() * self.functions.len().max(1);
        let (whole_width, whole_height) = (
            LABELS + columns * width + 2,
            HEADS + self.rows.len() * height + 2,
        );
        writeln!(
            f,
            "<div class=\"wide\">\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole_width}\" height=\"{whole_height}\" viewBox=\"0 0 {whole_width} {whole_height}\" aria-label=\"Verdicts by mode and function\">"
        )?;
        for (index, function) in self.functions.iter().enumerate() {
            let left = LABELS + index * self.span() * width;
            writeln!(
                f,
                "<text class=\"head\" x=\"{}\" y=\"16\">{}</text>",
                left + 4,
                Escaped(function)
            )?;
            for (column, persistence) in self.columns.iter().enumerate() {
                let x = left + column * width + 4;
                writeln!(
                    f,
                    "<text class=\"soft\" x=\"{x}\" y=\"36\">{persistence}</text>"
                )?;
            }
        }
        for (index, row) in self.rows.iter().enumerate() {
            let y = HEADS + index * height + 16;
            writeln!(f, "<text x=\"0\" y=\"{y}\">{}</text>", Escaped(row))?;
        }
        for (index, cell) in self.report.cells().iter().enumerate() {
            let rows = self.rows.iter();
            let label = row_of(cell);
            let row = rows.take_while(|row| **row != label).count();
            let (column, span) = self.place(cell);
            let (x, y) = (LABELS + column * width, HEADS + row * height);
            let verdict = cell.verdict();
            let class = match self.report.is_problem(cell) {
                true => " class=\"problem\"",
                false => "",
            };
            writeln!(
                f,
                "<a id=\"from-{index}\" href=\"#cell-{index}\"{class} aria-label=\"{}\"><rect class=\"{}\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{height}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{verdict}</text></a>",
                Escaped(format!("{}: {verdict}", cell.name())),
                class_of(verdict),
                span * width,
                x + span * width / 2,
                y + 16,
            )?;
        }
        f.write_str("</svg>\n</div>\n")
    }

    fn details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells = self.report.cells();
        for (index, cell) in cells.iter().enumerate() {
            let (name, verdict) = (Escaped(cell.name()), cell.verdict());
            writeln!(
                f,
                "<section class=\"cell\" id=\"cell-{index}\" aria-label=\"{name}: {verdict}\">\n\
                 <h2>{name}: {verdict}</h2>\n<nav>"
            )?;
            if let Some(before) = index.checked_sub(1) {
                write!(f, "<a href=\"#cell-{before}\">previous</a>")?;
            }
            if index + 1 < cells.len() {
                write!(f, "<a href=\"#cell-{}\">next</a>", index + 1)?;
            }
            writeln!(f, "<a href=\"#from-{index}\">close</a></nav>\n<dl>")?;
            for (name, value) in facts(cell) {
                writeln!(f, "<div><dt>{name}</dt><dd>{}</dd></div>", Escaped(value))?;
            }
            writeln!(
                f,
                "</dl>\n<pre>{}</pre>\n</section>",
                Escaped(cell.timeline())
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
             <title>Failure-mode sweep: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>",
            Escaped(self.functions.join(", "))
        )?;
        self.head(f)?;
        self.matrix(f)?;
        self.details(f)?;
        f.write_str("</body>\n</html>\n")
    }
}

/// The name of a row. A mode with its own list of persistences has a row for each of them.
fn row_of(cell: &Cell) -> String {
    match cell.has_own_persistence {
        true => format!("{} {}", cell.mode(), cell.persistence()),
        false => cell.mode().to_owned(),
    }
}

fn facts(cell: &Cell) -> Vec<(&'static str, String)> {
    let more = cell.extra_executions();
    let mut facts = vec![
        ("result", cell.result()),
        ("nature of the mode", cell.nature().to_string()),
        (
            "attempts",
            format!(
                "{} ({} without a failure)",
                cell.attempts(),
                cell.golden_attempts
            ),
        ),
        (
            "executions",
            format!(
                "{} ({} without a failure)",
                cell.executions(),
                cell.golden_executions
            ),
        ),
        (
            "calls after the failure",
            cell.calls_after_failure().to_string(),
        ),
    ];
    if more > 0 {
        let functions = cell.repeated.iter().map(|(name, _)| &**name);
        let functions: Vec<&str> = functions.collect();
        facts.push((
            "repeated executions",
            format!("{more} of {}", functions.join(", ")),
        ));
    }
    facts.push(("elapsed", format!("{:?} on tokio's clock", cell.elapsed())));
    match &cell.ended {
        Ended::Panicked { at: Some(at), .. } => facts.push(("panicked at", at.to_string())),
        Ended::Panicked { at: None, .. }
        | Ended::TimedOut
        | Ended::TooManyAttempts(_)
        | Ended::Returned { .. } => {}
    }
    facts
}

fn class_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::GivesUp => "gives-up",
        Verdict::Panics
        | Verdict::Unbounded
        | Verdict::Wrong
        | Verdict::Repeats
        | Verdict::Wastes
        | Verdict::Fails
        | Verdict::Recovers
        | Verdict::Tolerates => verdict.as_str(),
    }
}

fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Panics => "The code panics.",
        Verdict::Unbounded => "The code does not return.",
        Verdict::Wrong => "The code returns another <code>Ok</code>.",
        Verdict::Repeats => "Work is executed again.",
        Verdict::GivesUp => "An error, although the failure is temporary and occurs once.",
        Verdict::Wastes => "More attempts, although the failure is permanent.",
        Verdict::Fails => "An error.",
        Verdict::Recovers => "The result is the same.",
        Verdict::Tolerates => "The result is the same, although the failure always occurs.",
    }
}

/// Text in which nothing is a tag, an entity or a character that XML forbids.
struct Escaped<T>(T);

impl<T: Display> fmt::Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.to_string().chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\n' | '\t' => f.write_char(character)?,
                other if other.is_control() => f.write_char(char::REPLACEMENT_CHARACTER)?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}
