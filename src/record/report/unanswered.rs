//! What has no final answer, as a drop says it.

use crate::behavior::rules::Rules;
use crate::record::finding::RuleLabel;
use crate::record::journal::{Attempt, Call, Headline, WaitReason};
use crate::reply::fault::Fault;
use crate::reply::outcome::Alterations;

/// Each attempt of a call that has no final answer, and what keeps it from one.
pub(crate) fn unanswered_of(call: &Call, rules: &Rules) -> Vec<String> {
    let open = call.attempts.iter().filter(|attempt| is_held(attempt));
    let described = open.map(|attempt| {
        let headline = Headline(&attempt.invocation);
        format!(
            "call {}, {headline}: {}",
            call.number,
            kept_by(attempt, rules)
        )
    });
    described.collect()
}

/// Whether an attempt has no answer yet, or one that takes its time.
pub(super) fn is_held(attempt: &Attempt) -> bool {
    attempt.is_waiting() || lasts(attempt)
}

pub(super) fn kept_by(attempt: &Attempt, rules: &Rules) -> String {
    let rule = attempt
        .rule
        .map(|id| RuleLabel::of(id, &rules[id]).written_at);
    let rule = rule.map_or_else(String::new, |location| format!(", scripted at {location}"));
    match (&attempt.wait_reason, attempt.fault()) {
        (Some(WaitReason::Gate(location)), _) => {
            format!("held by the gate made at {location}{rule}")
        }
        (Some(WaitReason::Delay(delay)), _) => format!("delayed for {delay:?}{rule}"),
        (Some(WaitReason::Start(length)), _) => {
            format!("waiting {length:?} for its environment to start{rule}")
        }
        (Some(WaitReason::Handler(location)), _) => {
            format!("in the handler written at {location}")
        }
        (None, Some(fault)) => format!("{fault}{rule}"),
        (None, None) if lasts(attempt) => format!("its body is delayed{rule}"),
        (None, None) => "not decided".to_owned(),
    }
}

/// Whether its reply takes its time. Any other that is not finished may have been sent whole a moment ago.
fn lasts(attempt: &Attempt) -> bool {
    let alterations = attempt
        .outcome
        .as_ref()
        .and_then(|outcome| outcome.alterations.as_ref());
    let is_slow = |alterations: &Alterations| {
        !alterations.body_delay.is_zero() || alterations.fault.is_some_and(Fault::lasts)
    };
    !attempt.is_finished() && alterations.is_some_and(|alterations| is_slow(alterations))
}
