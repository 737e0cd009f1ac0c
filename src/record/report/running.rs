//! Functions that run, and what ends each.

use super::unanswered::kept_by;
use crate::behavior::rules::Rules;
use crate::record::journal::{Attempt, Call, WaitReason};

/// The most functions that are named one by one.
const MAX_NAMED: usize = 3;

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

/// What ends it.
fn cure(attempt: &Attempt) -> &'static str {
    match attempt.wait_reason {
        Some(WaitReason::Gate(_)) => "open the gate, or bound the reply with `.timeout(d)`",
        Some(WaitReason::Delay(_)) => "shorten the delay, or bound the reply with `.timeout(d)`",
        Some(WaitReason::Start(_)) => "shorten the start",
        Some(WaitReason::Handler(_)) | None => "let it end, or bound it with `.timeout(d)`",
    }
}
