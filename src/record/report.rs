//! Every text of this crate that says what went wrong in a test.
//!
//! Wording lives here and nowhere else, built from data that others collected. The exceptions are mistakes in an argument, which
//! panic with one line where the argument is taken. Each text names the line of the test and what to change.

mod advice;
mod chaos;
mod events;
mod questions;
mod reach;
mod reason;
mod running;
mod scenario;
mod unanswered;
mod verification;

use std::error::Error;
use std::fmt;
use std::time::Duration;

pub(crate) use self::chaos::chaos_of;
pub(crate) use self::events::{miscounted_events, not_settled, other_waits};
pub(crate) use self::questions::{disorder, hasty, lost_calls, lost_payload, miscount};
pub(crate) use self::running::{stuck, with_cure, with_running};
pub(crate) use self::scenario::{
    gone, refused_scenario, unreadable_scenario, unwritable_scenario, wrong_scenario,
};
pub(crate) use self::unanswered::unanswered_of;
pub(crate) use self::verification::verification;
use crate::behavior::rules::EditError;
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::record::finding::{CountSubject, CountedOf, OtherRule, RuleLabel};
use crate::record::journal::Journal;

/// The most entries of the journal a report prints; the newest ones.
const MAX_ENTRIES: usize = 20;

/// What an assertion or a verification found, as text.
///
/// `Debug` is the same text as `Display`, so `unwrap` and a test that returns it print it readably.
#[derive(Clone, Eq, PartialEq)]
pub struct Report(String);

impl Report {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What it says in short.
    pub(crate) fn first_line(&self) -> &str {
        self.0.lines().next().unwrap_or_default()
    }

    /// The same with the line that asked, for a report that is returned: a panic has its line anyhow.
    pub(crate) fn asked_at(self, location: &Location) -> Self {
        let (first, rest) = self.0.split_once('\n').unwrap_or((&self.0, ""));
        let end = if rest.is_empty() { "" } else { "\n" };
        Self(format!("{first}\n  asked at {location}{end}{rest}"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Report {}

/// `2 attempts answered by "the worker" scripted at tests/a.rs:3:5, on resize`.
pub(crate) fn awaited(wanted: u64, what: &str, subject: &CountSubject) -> String {
    let wanted = plural(wanted, what);
    match &subject.whose {
        CountedOf::Rule(rule) if subject.matching.is_empty() => {
            format!("{wanted} answered by the rule {}", where_written(rule))
        }
        CountedOf::Fake | CountedOf::Rule(_) | CountedOf::Target { .. } => {
            format!("{wanted} {subject}")
        }
    }
}

/// Why nothing is decided.
const PAUSED: &str = "a `lambda.pause()` is in force";

/// What keeps a fake from being idle.
pub(crate) fn not_idle(
    open_attempts: usize,
    late_handlers: &[Location],
    events: usize,
    is_paused: bool,
) -> String {
    let attempts = match open_attempts {
        0 => None,
        1 => Some("1 attempt has no final answer".to_owned()),
        several => Some(format!("{several} attempts have no final answer")),
    };
    let handlers = late_handlers.iter().map(|location| {
        format!("the handler written at {location} still runs for an accepted event")
    });
    let events = match events {
        0 => None,
        1 => Some("1 accepted event is held back".to_owned()),
        several => Some(format!("{several} accepted events are held back")),
    };
    let paused = is_paused.then(|| PAUSED.to_owned());
    let all: Vec<String> = attempts
        .into_iter()
        .chain(handlers)
        .chain(events)
        .chain(paused)
        .collect();
    all.join("; ")
}

/// A deadline that passed.
pub(crate) fn late(
    what: &str,
    length: Duration,
    seen: &str,
    made_at: &Location,
    journal: Option<&Journal>,
) -> Report {
    let excerpt = journal.map(excerpt).unwrap_or_default();
    Report::new(
        format!(
            "waited {length:?} for {what}: {seen}\n  the wait was made at {made_at}\n  to change: let it come about while the wait lasts, \
             or wait longer with `.within(..)`\n\n{excerpt}"
        )
        .trim_end(),
    )
}

/// What a fake was about to answer, or never would, when it was dropped; one line each.
pub(crate) fn unanswered(started: &str, attempts: &[String]) -> String {
    let mut text = format!(
        "fake-lambda, {started}, was dropped with {} unanswered:\n",
        plural(attempts.len() as u64, "request")
    );
    for attempt in attempts {
        text.push_str(&format!("  {attempt}\n"));
    }
    text
}

/// An edit that a live rule cannot take.
pub(crate) fn refused_edit(verb: &str, error: EditError, rule: &RuleLabel) -> Report {
    let why = match error {
        EditError::TimesZero => "a step that answers 0 times is no step; leave it out".to_owned(),
        EditError::TimesTwice { first } => {
            format!(
                "this step answers {first} times already; `times` bounds a step once, `then` begins the next"
            )
        }
        EditError::AnsweredAlready { answered, allowed } => format!(
            "this step has answered {answered} attempts already and would be allowed {allowed}; write the whole script before \
             the first call, or hold calls back with `lambda.pause()`"
        ),
        EditError::Dropped => {
            "the rule's fake was dropped: keep `FakeLambda` alive as long as the test scripts it"
                .to_owned()
        }
        EditError::Removed => {
            "this rule was removed; begin another with `lambda.on(..)`".to_owned()
        }
    };
    Report::new(format!("`{verb}`: {why}\n  {}", where_written(rule)))
}

/// What a fake cannot do behind a server that is not its own.
pub(crate) fn needs_server(what: &str) -> String {
    format!(
        "{what} needs a server of the fake's own, and this fake is mounted on a `wiremock::MockServer`, which sends whole replies \
         under one lock: use a fake of `FakeLambda::start()` for this test"
    )
}

/// The same for a reply, with the rule that was given it.
pub(crate) fn reply_needs_server(
    what: &str,
    name: Option<&str>,
    rule: &str,
    written_at: &Location,
) -> String {
    format!(
        "{}\n  {}",
        needs_server(what),
        scripted_at(name, rule, written_at)
    )
}

impl fmt::Display for CountSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.whose {
            CountedOf::Fake if self.matching.is_empty() => return f.write_str("in all"),
            CountedOf::Fake => {}
            CountedOf::Rule(_) => f.write_str("answered by this rule")?,
            CountedOf::Target { text, .. } => write!(f, "of `{text}`")?,
        }
        if self.matching.is_empty() {
            return Ok(());
        }
        let space = match self.whose {
            CountedOf::Fake => "",
            CountedOf::Rule(_) | CountedOf::Target { .. } => " ",
        };
        write!(f, "{space}matching {}", self.matching.join(", "))
    }
}

fn where_written(rule: &RuleLabel) -> String {
    scripted_at(rule.name.as_deref(), &rule.text, &rule.written_at)
}

/// `"retry path" scripted at tests/a.rs:3:5, on resize`.
pub(crate) fn scripted_at(name: Option<&str>, rule: &str, written_at: &Location) -> String {
    format!("{}scripted at {written_at}, {rule}", quoted(name))
}

fn quoted(name: Option<&str>) -> String {
    name.map(|name| format!("\"{name}\" ")).unwrap_or_default()
}

/// Which rule took what another could have had, and why it came first.
fn taken_by(other: &OtherRule) -> String {
    let why = match (other.more_specific, other.newer) {
        (true, false) => "; it is more specific, so it goes before this newer rule",
        (true, true) => "; it is more specific and newer, so it goes first",
        (false, true) => "; it is newer, so it goes first",
        (false, false) => "",
    };
    let attempts = plural(other.attempts, "attempt");
    format!(
        "{attempts} went to the rule {}{why}",
        where_written(&other.rule)
    )
}

/// A text of the service or of a panic on one line.
fn on_one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join(" ")
}

/// `exactly 3 attempts`, `at most 1 call`.
fn counted(expected: Count, noun: &str) -> String {
    let text = expected.to_string();
    let one = text.ends_with(" 1");
    format!("{text} {noun}{}", if one { "" } else { "s" })
}

fn plural(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The newest entries of the journal, indented.
fn excerpt(journal: &Journal) -> String {
    if journal.entries.is_empty() {
        return "the journal is empty: no request has come\n".to_owned();
    }
    let skipped = journal.entries.len().saturating_sub(MAX_ENTRIES);
    let mut text = String::from("journal\n");
    if skipped as u64 + journal.dropped_calls > 0 {
        text.push_str(&format!(
            "  … {} before\n",
            plural(skipped as u64 + journal.dropped_calls, "call")
        ));
    }
    for entry in &journal.entries[skipped..] {
        for line in entry.to_string().lines() {
            text.push_str(&format!("  {line}\n"));
        }
    }
    text.push_str(&dropped(journal));
    text
}

/// What the journal has let go to stay within its limits.
fn dropped(journal: &Journal) -> String {
    let of = |number: u64, noun: &str, limit: &str| {
        let dropped = plural(number, noun);
        (number > 0).then(|| format!("{dropped} (raise `FakeLambda::builder().{limit}(..)`)"))
    };
    let dropped = [
        of(journal.dropped_calls, "call", "journal_calls"),
        of(journal.dropped_payloads, "payload", "journal_bytes"),
    ];
    let dropped: Vec<String> = dropped.into_iter().flatten().collect();
    if dropped.is_empty() {
        return String::new();
    }
    format!(
        "the journal no longer keeps {}; counts are exact\n",
        dropped.join(" and ")
    )
}
