//! Functions that run and requests that are held, and what ends each.

use std::time::Duration;

use super::plural;
use super::unanswered::{is_held, kept_by};
use crate::behavior::rules::Rules;
use crate::ground::location::Location;
use crate::record::journal::{Attempt, Call, Headline, WaitReason};

/// The most functions that are named one by one.
const MAX_NAMED: usize = 3;

const CURE_OF_HANDLER: &str = "let it end, or bound it with `.timeout(d)`";

/// What keeps a fake busy, and the functions that run, each with what ends it.
pub(crate) fn with_running<'a>(
    busy: String,
    calls: impl Iterator<Item = &'a Call>,
    rules: &Rules,
) -> String {
    let running = calls.flat_map(|call| {
        let attempts = call.attempts.iter();
        let running = attempts.filter(|attempt| attempt.is_running());
        running.map(|attempt| running_function(call, attempt, rules))
    });
    let running: Vec<String> = running.collect();
    let left_out = running.len().saturating_sub(MAX_NAMED);
    let more = (left_out > 0).then(|| format!("… and {left_out} more"));
    let parts = (!busy.is_empty()).then_some(busy).into_iter();
    let parts = parts.chain(running.into_iter().take(MAX_NAMED)).chain(more);
    parts.collect::<Vec<_>>().join("; ")
}

/// `the function of call 1 still runs, in the handler written at tests/a.rs:3:5: let it end, or bound it with `.timeout(d)``.
fn running_function(call: &Call, attempt: &Attempt, rules: &Rules) -> String {
    format!(
        "the function of call {} still runs, {}: {}",
        call.number,
        kept_by(attempt, rules),
        cure(attempt)
    )
}

/// What waits for accepted events; where their handlers are at work, with what ends those.
pub(crate) fn with_cure(missing: String, handlers: &[Location]) -> String {
    match handlers {
        [] => missing,
        [..] => format!("{missing}: {CURE_OF_HANDLER}"),
    }
}

/// The line for a request that is held while nothing else happens; `None` where none is.
pub(crate) fn stuck<'a>(
    started: &str,
    length: Duration,
    calls: impl Iterator<Item = &'a Call>,
    rules: &Rules,
) -> Option<String> {
    let mut held = calls.flat_map(|call| {
        let open = call.attempts.iter().filter(|one| is_held(one));
        open.map(move |attempt| (call, attempt))
    });
    let (call, attempt) = held.next()?;
    let more = match held.count() {
        0 => String::new(),
        more => format!(" (and {} more)", plural(more as u64, "request")),
    };
    Some(format!(
        "fake-lambda ({started}): nothing has happened for {length:?} while call {} waits{more}: {}: {}; help: {}\n",
        call.number,
        Headline(&attempt.invocation),
        kept_by(attempt, rules),
        match (&attempt.wait_reason, attempt.fault()) {
            (None, None) if attempt.is_waiting() => "drop what `lambda.pause()` returned",
            (None, None) => "shorten the delay",
            (None, Some(_)) => "give the client a timeout",
            (Some(_), _) => cure(attempt),
        }
    ))
}

/// What ends it.
fn cure(attempt: &Attempt) -> &'static str {
    match attempt.wait_reason {
        Some(WaitReason::Gate(_)) => "open the gate, or bound the reply with `.timeout(d)`",
        Some(WaitReason::Delay(_)) => "shorten the delay, or bound the reply with `.timeout(d)`",
        Some(WaitReason::Start(_)) => "shorten the start",
        Some(WaitReason::Handler(_)) | None => CURE_OF_HANDLER,
    }
}
