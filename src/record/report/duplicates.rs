//! The message about work that was executed more than once.

use super::Report;
use super::excerpt::excerpt;
use crate::ground::count::plural;
use crate::ground::cut::cut;
use crate::ground::message::Message;
use crate::record::journal::{Call, Dropped, Duplicate, Journal};

/// The most duplicates that are listed.
const MOST_LISTED: usize = 10;

/// The most executions of one duplicate that are listed.
const MOST_EXECUTIONS: usize = 10;

/// How much of a key is shown, in bytes.
const MOST_SHOWN: usize = 60;

/// Work that must be executed once was executed again. `is_by_key` says that the test identifies
/// work by a key of its own.
pub(crate) fn duplicated(duplicates: &[Duplicate], is_by_key: bool, journal: &Journal) -> Report {
    let error = match duplicates {
        [one] => format!(
            "`{}` did the same work {}",
            one.function(),
            plural(one.executions().len() as u64, "time")
        ),
        several => format!("{} pieces of work were done more than once", several.len()),
    };
    let is_null = |duplicate: &Duplicate| duplicate.key() == "null";
    let help = if is_by_key && duplicates.iter().all(is_null) {
        "correct the key: it is `null` for each of these requests"
    } else if duplicates.iter().all(|one| repeats_errors(one, journal)) {
        "do not repeat a request that got a function error: its function has run"
    } else {
        "do not repeat a request whose reply was lost or late, or make the function idempotent"
    };
    let lines = duplicates.iter().take(MOST_LISTED).map(|duplicate| {
        let executions = duplicate.executions();
        let listed = executions.iter().take(MOST_EXECUTIONS);
        let mut listed: Vec<String> = listed
            .map(|(call, attempt)| format!("call {call}, {}", name_of(journal, *call, *attempt)))
            .collect();
        if let Some(more @ 1..) = executions.len().checked_sub(MOST_EXECUTIONS) {
            listed.push(format!("and {more} more"));
        }
        let key = cut(duplicate.key(), MOST_SHOWN);
        format!("{} {key}: {}", duplicate.function(), listed.join("; "))
    });
    let mut message = Message::new(error, help).lines(lines);
    if let Some(more @ 1..) = duplicates.len().checked_sub(MOST_LISTED) {
        message = message.line(format!("and {more} more"));
    }
    Report::of(message).with_journal(excerpt(journal))
}

/// Calls or ended events were dropped, so some duplicates may be missing.
pub(crate) fn duplicates_unknown(dropped: Dropped, is_of_events: bool) -> Report {
    let what = match is_of_events {
        true => format!(
            "the fake has dropped {}",
            plural(dropped.calls(), "ended event")
        ),
        false => format!(
            "the journal has dropped {}",
            plural(dropped.calls(), "call")
        ),
    };
    Report::of(Message::new(
        format!("duplicates cannot be found: {what}"),
        format!("raise its limit with `{}`", dropped.remedy()),
    ))
}

/// Returns `true` if its client repeated only requests that got a function error.
fn repeats_errors(duplicate: &Duplicate, journal: &Journal) -> bool {
    let (_, repeated) = duplicate.executions().split_last().expect("two or more");
    repeated.iter().all(|(call, attempt)| {
        let attempt = call_of(journal, *call).map(|call| &call.attempts[attempt - 1]);
        attempt.is_some_and(|attempt| attempt.is_function_error() && attempt.fault().is_none())
    })
}

fn call_of(journal: &Journal, number: u64) -> Option<&Call> {
    journal.entries.iter().find(|call| call.number == number)
}

/// `attempt 2/3`.
fn name_of(journal: &Journal, call: u64, attempt: usize) -> String {
    call_of(journal, call).map_or_else(
        || format!("attempt {attempt}"),
        |call| call.name_of(attempt - 1),
    )
}
