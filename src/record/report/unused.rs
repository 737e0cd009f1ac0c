//! The errors of a strict verification about scripts that were not used.

use super::events::queued;
use super::label::{self, Conditions};
use super::questions::explained;
use crate::behavior::rules::UnfinishedScript;
use crate::ground::count::plural;
use crate::ground::message::Message;
use crate::record::finding::{CountedOf, Miscount, RuleLabel};
use crate::record::journal::Journal;

/// A rule that never answered.
pub(super) fn never_answered(miscount: &Miscount, journal: &Journal) -> Message {
    let subject = match &miscount.subject.whose {
        CountedOf::Rule(rule) => label::subject(rule),
        CountedOf::Fake | CountedOf::Target { .. } => "the test".to_owned(),
    };
    explained(format!("{subject} never answered"), miscount, journal).line(
        "`strict()` reports each rule that never answers; `.expect_calls(0)`, or a range such as \
         `.expect_calls(..=1)`, allows it",
    )
}

/// A script that was not finished.
pub(super) fn unfinished(rule: &RuleLabel, script: &UnfinishedScript) -> Message {
    let UnfinishedScript {
        step,
        steps,
        answered,
        allowed,
        left,
    } = script;
    Message::new(
        format!(
            "the script of {} was not finished: step {step} of {steps} answered {answered} of {}",
            label::subject(rule),
            plural(*allowed, "attempt")
        ),
        format!(
            "make {}, or shorten the script",
            plural(*left, "more attempt")
        ),
    )
    .line(format!("rule: {}", label::rule(rule, Conditions::Listed)))
}

/// Accepted events that have not ended.
pub(super) fn unended_events(rule: Option<&RuleLabel>, target: &str, events: u64) -> Message {
    let verb = if events == 1 { "has" } else { "have" };
    let rule = rule.map(|rule| format!("rule: {}", label::rule(rule, Conditions::Listed)));
    Message::new(
        format!(
            "{} of `{target}` {verb} not ended",
            plural(events, "accepted event")
        ),
        queued(events as usize).unwrap_or_default(),
    )
    .lines(rule)
}
