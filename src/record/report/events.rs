//! What is said of deliveries.

use std::time::Duration;

use super::{PAUSED, Report, counted, excerpt, plural, where_written};
use crate::behavior::events::{Delivery, EventCondition};
use crate::ground::count::Count;
use crate::record::finding::{CountSubject, CountedOf};
use crate::record::journal::{Attempt, Call, Journal};

/// What to change where no event came.
const NO_EVENT: &str = "call with the invocation type Event";

/// A count of events or executions that is not what the test says.
pub(crate) fn miscounted_events(
    subject: &CountSubject,
    what: &str,
    expected: Count,
    got: u64,
    unsettled: usize,
    journal: &Journal,
) -> Report {
    let change = change(what, expected, got, journal);
    let expected = counted(expected, what).replace("deliverys", "deliveries");
    told(
        &format!("expected {expected} {}, got {got}", whose(subject)),
        &change,
        subject,
        unsettled,
        journal,
    )
}

/// What to change where nothing is queued any more.
fn change(what: &str, expected: Count, got: u64, journal: &Journal) -> String {
    let attempts = journal.entries.iter().flat_map(Call::attempts);
    let mut deliveries = attempts.flat_map(Attempt::deliveries).peekable();
    let expect = format!("expect {}", plural(got, what)).replace("deliverys", "deliveries");
    if deliveries.peek().is_none() {
        return format!("{NO_EVENT}, or {expect}");
    }
    let has_failed = |one: &Delivery| {
        let condition = one.condition();
        condition.is_some_and(|condition| condition != EventCondition::Success)
    };
    let mut failed = deliveries.filter(|one| has_failed(one));
    match what {
        "delivered event" if got < expected.least() && failed.next().is_some() => {
            format!("script a success before the last execution, or {expect}")
        }
        "dead-lettered event"
            if got < expected.least() && failed.any(|one| one.dead_letter().is_none()) =>
        {
            format!(
                "set a queue with `event_invoke_config(..).dead_letter_queue(..)` (`on_failure` gets records, not events), or {expect}"
            )
        }
        _ => format!("correct the script, or {expect}"),
    }
}

/// Waits between executions that are not what the test says; without any where there was no event.
pub(crate) fn other_waits(
    subject: &CountSubject,
    expected: &[Duration],
    found: Option<&[Duration]>,
    unsettled: usize,
    journal: &Journal,
) -> Report {
    let (found, change) = match found {
        Some(found) => (
            format!("one waited {found:?}"),
            format!("correct the script or `maximum_retry_attempts`, or expect {found:?}"),
        ),
        None => ("there was no event".to_owned(), NO_EVENT.to_owned()),
    };
    let whose = whose(subject);
    let first = format!("expected each event {whose} to wait {expected:?}, {found}");
    told(&first, &change, subject, unsettled, journal)
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
fn whose(subject: &CountSubject) -> String {
    match &subject.whose {
        CountedOf::Rule(_) if subject.matching.is_empty() => "of this rule".to_owned(),
        CountedOf::Fake | CountedOf::Rule(_) | CountedOf::Target { .. } => subject.to_string(),
    }
}

/// `change` is for when nothing is queued: what is queued may yet make it right.
fn told(
    first: &str,
    change: &str,
    subject: &CountSubject,
    unsettled: usize,
    journal: &Journal,
) -> Report {
    let mut text = format!("{first}\n");
    if let CountedOf::Rule(rule) = &subject.whose {
        text.push_str(&format!("  {}\n", where_written(rule)));
    }
    let queued = still_queued(unsettled);
    let change = queued.as_deref().unwrap_or(change);
    text.push_str(&format!("  to change: {change}\n"));
    text.push('\n');
    text.push_str(&excerpt(journal));
    Report::new(text.trim_end())
}

fn events(number: usize) -> String {
    plural(number as u64, "accepted event")
}
