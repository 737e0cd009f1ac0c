//! The newest entries of the journal, as a message prints them.

use crate::ground::count::plural;
use crate::record::journal::{Call, Journal};

/// The most entries to print; the newest are printed. Equal neighbors are one entry.
const MAX_ENTRIES: usize = 20;

/// Neighbors that print the same except for their numbers.
struct Row<'a> {
    first: &'a Call,
    last: u64,
    calls: u64,
    text: String,
}

/// The newest entries, indented, and what was dropped; without a line break at the end.
pub(super) fn excerpt(journal: &Journal) -> String {
    if journal.never_had_calls() {
        return "journal: empty, no request arrived".to_owned();
    }
    // The newest first, up to the number that is printed.
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut printed = 0;
    for call in journal.entries.iter().rev() {
        let text = without_number(call);
        if let Some(row) = rows.last_mut().filter(|row| row.text == text) {
            row.first = call;
            row.calls += 1;
        } else if rows.len() < MAX_ENTRIES {
            rows.push(Row {
                first: call,
                last: call.number(),
                calls: 1,
                text,
            });
        } else {
            break;
        }
        printed += 1;
    }
    let skipped = journal.entries.len() as u64 - printed + journal.dropped.calls();
    let mut text = String::from("journal");
    if skipped > 0 {
        text.push_str(&format!("\n  … {} before", plural(skipped, "call")));
    }
    for row in rows.iter().rev() {
        let numbers = match row.calls {
            1 => row.last.to_string(),
            many => format!(
                "{} to {} ({many} equal calls)",
                row.first.number(),
                row.last
            ),
        };
        for line in format!("{numbers} {}", row.text).lines() {
            text.push_str(&format!("\n  {line}"));
        }
    }
    text.push_str(&dropped(journal));
    text
}

/// The lines of a call, without the number at their start.
fn without_number(call: &Call) -> String {
    let text = call.to_string();
    match text.split_once(' ') {
        Some((_, rest)) => rest.to_owned(),
        None => text,
    }
}

/// The number of calls that the journal has dropped to stay within its limits.
fn dropped(journal: &Journal) -> String {
    let dropped = journal.dropped;
    if dropped.calls() == 0 {
        return String::new();
    }
    format!(
        "\nthe journal has dropped {} (raise `{}`); counts without `matching(..)` are exact",
        plural(dropped.calls(), "call"),
        dropped.remedy()
    )
}
