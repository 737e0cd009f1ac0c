//! What is said of deliveries.

use std::time::Duration;

use super::{PAUSED, Report, counted, excerpt, plural, where_written};
use crate::count::Count;
use crate::finding::{Subject, Whose};
use crate::journal::Journal;

/// A count of events or executions that is not what the test says.
pub(crate) fn miscounted_events(
    subject: &Subject,
    what: &str,
    expected: Count,
    got: u64,
    unsettled: usize,
    journal: &Journal,
) -> Report {
    let expected = counted(expected, what).replace("deliverys", "deliveries");
    told(
        &format!("expected {expected} {}, got {got}", whose(subject)),
        subject,
        unsettled,
        journal,
    )
}

/// Waits between executions that are not what the test says; without any where there was no event.
pub(crate) fn other_waits(
    subject: &Subject,
    expected: &[Duration],
    found: Option<&[Duration]>,
    unsettled: usize,
    journal: &Journal,
) -> Report {
    let found = match found {
        Some(found) => format!("one waited {found:?}"),
        None => "there was no event".to_owned(),
    };
    let whose = whose(subject);
    let first = format!("expected each event {whose} to wait {expected:?}, {found}");
    told(&first, subject, unsettled, journal)
}

/// What keeps the events' clock from going on.
pub(crate) fn not_settled(
    unsettled: usize,
    running: usize,
    is_paused: bool,
    handlers: &[String],
) -> String {
    let mut text = format!("{} not ended, {running} of them running", events(unsettled));
    if is_paused {
        text.push_str(&format!("; {PAUSED}"));
    }
    for handler in handlers {
        text.push_str(&format!(
            "; the handler written at {handler} still runs for an accepted event"
        ));
    }
    text
}

/// `2 accepted events are still queued: ..`, where there are any.
pub(super) fn still_queued(unsettled: usize) -> Option<String> {
    let [verb, them] = match unsettled {
        0 => return None,
        1 => ["is", "it to its end"],
        _ => ["are", "them to their end"],
    };
    Some(format!(
        "{} {verb} still queued: `lambda.settle_events()` runs {them}",
        events(unsettled)
    ))
}

/// Whose events: in the words of the subject, but for a rule, which answers no events.
fn whose(subject: &Subject) -> String {
    match &subject.whose {
        Whose::Rule(_) if subject.matching.is_empty() => "of this rule".to_owned(),
        _ => subject.to_string(),
    }
}

fn told(first: &str, subject: &Subject, unsettled: usize, journal: &Journal) -> Report {
    let mut text = format!("{first}\n");
    if let Whose::Rule(rule) = &subject.whose {
        text.push_str(&format!("  {}\n", where_written(rule)));
    }
    if let Some(queued) = still_queued(unsettled) {
        text.push_str(&format!("  to change: {queued}\n"));
    }
    text.push('\n');
    text.push_str(&excerpt(journal));
    Report::new(text.trim_end())
}

fn events(number: usize) -> String {
    plural(number as u64, "accepted event")
}
