//! The errors of a strict verification about scripts that were not used.

use super::advice::why_left;
use super::events::queued;
use super::label::{self, Conditions};
use super::questions::explained;
use crate::behavior::rules::UnfinishedScript;
use crate::ground::count::plural;
use crate::ground::message::Message;
use crate::record::finding::{CountedOf, Miscount, RuleLabel};
use crate::record::journal::{Call, Journal};

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
pub(super) fn unfinished(
    rule: &RuleLabel,
    script: &UnfinishedScript,
    journal: &Journal,
) -> Message {
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
        match of_rule(rule, journal).and_then(|call| why_left(call, journal)) {
            Some(why) => {
                let (change, reason) = why.split_once("; ").unwrap_or((&why, ""));
                let reason = if reason.is_empty() {
                    String::new()
                } else {
                    format!("; {reason}")
                };
                format!("{change}, or shorten the script{reason}")
            }
            None => format!(
                "make {}, or shorten the script",
                plural(*left, "more attempt")
            ),
        },
    )
    .line(format!("rule: {}", label::rule(rule, Conditions::Listed)))
}

/// The newest call whose last attempt the rule answered.
fn of_rule<'a>(rule: &RuleLabel, journal: &'a Journal) -> Option<&'a Call> {
    let answered = |call: &&Call| {
        let last = call.attempts().last();
        rule.id.is_some() && last.is_some_and(|last| last.rule == rule.id)
    };
    journal.entries.iter().rfind(answered)
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
