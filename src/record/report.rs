//! All messages of this crate that say what went wrong in a test.
//!
//! Messages are worded only here, from data that others collected. The exceptions are messages
//! about wrong arguments, which are next to the check. First comes what is wrong, then the change
//! that fixes it, then the context.

mod advice;
mod chaos;
mod drops;
mod duplicates;
mod events;
mod excerpt;
#[cfg(feature = "in-memory")]
mod in_memory;
mod label;
mod misuse;
mod paused;
mod questions;
mod reach;
mod reason;
mod refusal;
mod requests;
mod scenario;
mod subject;
mod unanswered;
mod unused;
mod verification;
mod waits;

use std::error::Error;
use std::fmt;

pub(crate) use self::advice::why_left;
pub(crate) use self::drops::{AtDrop, LastAnswer, at_drop};
pub(crate) use self::duplicates::{duplicated, duplicates_unknown};
pub(crate) use self::events::{
    EventSetUp, lost_events, miscounted_events, not_settled, wrong_retry_delays,
};
#[cfg(feature = "in-memory")]
pub(crate) use self::in_memory::{NotConnected, needs_memory, not_connected};
pub(crate) use self::label::scripted;
pub(crate) use self::misuse::{
    fake_was_dropped, needs_port, needs_server, refused_edit, reply_needs_server, server_message,
};
pub(crate) use self::questions::{
    CallGap, lost_calls, miscount, short_backoff, short_gap, wrong_order,
};
pub(crate) use self::scenario::{
    refused_scenario, unreadable_scenario, unwritable_scenario, wrong_scenario,
};
pub(crate) use self::unanswered::{
    Unanswered, no_request, running_of, stuck, thread_left_running, unanswered, unanswered_of,
};
pub(crate) use self::verification::{Voice, unseen_verification, verification};
pub(crate) use self::waits::{
    CallCauses, Shortfall, TakenBy, missed_deadline, not_idle, too_few_arrivals, too_few_calls,
};
use crate::ground::location::Location;
use crate::ground::message::Message;

/// The result of an assertion or a verification, as text.
///
/// `Debug` prints the same text as `Display`, so that `unwrap` and a test that returns it print it
/// readably.
#[derive(Clone, Eq, PartialEq)]
pub struct Report(Box<Parts>);

/// The parts of a report, in their order.
#[derive(Clone, Eq, PartialEq)]
struct Parts {
    /// The text before the errors; only for a verification.
    head: Option<String>,
    errors: Vec<Message>,
    /// The number of errors that are not printed.
    left_out: u64,
    /// Notes about the whole test.
    notes: Vec<String>,
    /// The newest entries of the journal, or its timeline.
    journal: Option<String>,
    /// The texts about chaos and about the seed.
    tail: Vec<String>,
}

impl Report {
    /// A report of one error without anything else.
    pub(crate) fn of(error: Message) -> Self {
        Self(Box::new(Parts {
            head: None,
            errors: vec![error],
            left_out: 0,
            notes: Vec::new(),
            journal: None,
            tail: Vec::new(),
        }))
    }

    /// The same report, followed by the journal.
    fn with_journal(mut self, journal: impl Into<String>) -> Self {
        self.0.journal = Some(journal.into());
        self
    }

    /// The same report, with a note about the whole test.
    fn with_note(mut self, note: impl Into<String>) -> Self {
        self.0.notes.push(note.into());
        self
    }

    /// The first line of the first error.
    pub(crate) fn first_line(&self) -> &str {
        self.0.errors.first().map_or("", Message::error)
    }

    /// The text about the journal, if there is one.
    pub(crate) fn journal(&self) -> Option<&str> {
        self.0.journal.as_deref()
    }

    /// The same report for a reader who has just read this text about the journal: it does not
    /// repeat the text.
    pub(crate) fn after(mut self, journal: &str) -> Self {
        if self.0.journal.as_deref() == Some(journal) {
            self.0.journal = Some("journal: as printed above".to_owned());
        }
        self
    }

    /// The same report with the line of the assertion. Only a report that is returned needs it: a
    /// panic message shows its line anyway.
    pub(crate) fn asked_at(mut self, location: &Location) -> Self {
        if let Some(first) = self.0.errors.pop() {
            self.0
                .errors
                .push(first.line(format!("asked at {location}")));
        }
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.0.errors.iter().map(Message::to_string);
        let left_out = (self.0.left_out > 0).then(|| format!("… and {} more", self.0.left_out));
        let notes = (!self.0.notes.is_empty()).then(|| self.0.notes.join("\n"));
        let last = self
            .0
            .journal
            .iter()
            .chain(&self.0.tail)
            .map(String::as_str);
        let last: Vec<&str> = last.collect();
        let last = (!last.is_empty()).then(|| last.join("\n"));
        let parts = self.0.head.clone().into_iter().chain(errors);
        let parts = parts.chain(left_out).chain(notes).chain(last);
        f.write_str(&parts.collect::<Vec<_>>().join("\n\n"))
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Report {}

/// `none`, `3`.
fn number(number: u64) -> String {
    match number {
        0 => "none".to_owned(),
        _ => number.to_string(),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[String]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// `call 3`, `calls 1, 2 and 3`, `calls 1 to 5 and 125 more`.
fn calls(numbers: &[u64]) -> String {
    /// The most numbers to print.
    const FEW: usize = 5;
    let words = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>();
    match numbers {
        [] => "no call".to_owned(),
        [one] => format!("call {one}"),
        few if few.len() <= FEW => format!("calls {}", listed(&words(few))),
        many => {
            let (first, more) = (&many[..FEW], many.len() - FEW);
            let is_row = first.windows(2).all(|pair| pair[0] + 1 == pair[1]);
            match is_row {
                true => format!("calls {} to {} and {more} more", first[0], first[FEW - 1]),
                false => format!("calls {} and {more} more", words(first).join(", ")),
            }
        }
    }
}

/// `it`, `them`: the pronoun for this many.
fn them(number: usize) -> &'static str {
    match number {
        1 => "it",
        _ => "them",
    }
}

/// `… and 12 more`: the number of omitted list entries, if any.
fn more(all: usize, printed: usize) -> Option<String> {
    (all > printed).then(|| format!("… and {} more", all - printed))
}
