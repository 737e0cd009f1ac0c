//! The messages of assertions that failed.

use std::time::Duration;

use super::advice::{self, Cure};
use super::excerpt::excerpt;
use super::label::{self, Conditions};
use super::reason::reason_lines;
use super::{Report, number, paused};
use crate::aws::target::Target;
use crate::ground::count::{counted, plural};
use crate::ground::message::Message;
use crate::ground::nearest::nearest;
use crate::record::finding::{
    CountSubject, CountedOf, Miscount, NearCall, OtherRule, Reason, SetUp,
};
use crate::record::journal::{Call, Journal, ShortHeadline, Timeline};

/// A count that differs from the expected one.
pub(crate) fn miscount(miscount: &Miscount, journal: &Journal) -> Report {
    let error = format!(
        "expected {}, got {}",
        miscount.subject.expected(miscount.expected, miscount.what),
        number(miscount.got)
    );
    let report = Report::of(explained(error, miscount, journal)).with_journal(excerpt(journal));
    match miscount.is_clock_paused && !advice::is_of_paused_clock(miscount, journal) {
        true => report.with_note(paused::note()),
        false => report,
    }
}

/// The message about a count that differs from the expectation of a rule.
pub(super) fn unmet(miscount: &Miscount, journal: &Journal) -> Message {
    let subject = match &miscount.subject.whose {
        CountedOf::Rule(rule) => label::subject(rule),
        CountedOf::Fake | CountedOf::Target { .. } => "the test".to_owned(),
    };
    let error = format!(
        "{subject} expected {}, got {}",
        counted(miscount.expected, miscount.what),
        number(miscount.got)
    );
    explained(error, miscount, journal)
}

/// The message with this error, the change, the location of the rule, and what happened instead.
pub(super) fn explained(error: String, miscount: &Miscount, journal: &Journal) -> Message {
    let Cure { help, context, .. } = advice::cure(miscount, journal);
    let differences = difference_lines(miscount);
    let conditions = match differences.is_empty() {
        true => Conditions::Listed,
        false => Conditions::Counted,
    };
    let rule = miscount.subject.rule_line(conditions);
    let indent = if rule.is_some() { "  " } else { "" };
    let reasons = differences
        .into_iter()
        .map(|line| format!("{indent}{line}"));
    Message::new(error, help)
        .lines(rule)
        .lines(reasons)
        .lines(context)
        .lines(miscount.instead.iter().map(instead_line))
}

/// The reasons why the call that decides the advice was not counted.
fn difference_lines(miscount: &Miscount) -> Vec<String> {
    if advice::matching_call(miscount).is_some() {
        return Vec::new();
    }
    let Some((first, reason)) = advice::nearest_call(miscount) else {
        return Vec::new();
    };
    let mut others: Vec<String> = Vec::new();
    for other in &miscount.instead {
        let got = Reason::deciding(&other.reasons).filter(|other| other.is_same_mistake(reason));
        match got.and_then(Reason::got) {
            Some(got) if Some(got) != reason.got() && !others.iter().any(|known| known == got) => {
                others.push(got.to_owned());
            }
            _ => {}
        }
    }
    reason_lines(&first.reasons, &others)
}

/// `got: call 1 was answered by the newer rule, which takes precedence: resize RequestResponse {} → 200 null`.
fn instead_line(instead: &NearCall) -> String {
    let call = &instead.call;
    let last = &call.attempts()[call.attempts().len() - 1];
    let what = format!("{} → {last}", ShortHeadline(call.first()));
    let number = call.number();
    match (&instead.set_up, &instead.answered_by) {
        (
            Some(SetUp::Constraint {
                refusal,
                written_at,
                ..
            }),
            _,
        ) => {
            let status = last.status().unwrap_or_default();
            let code = last.error_code().unwrap_or_default();
            format!(
                "got: call {number} was rejected with {status} {code} by the constraint set at {written_at} ({refusal})"
            )
        }
        (Some(SetUp::Chaos { written_at }), _) => {
            format!("got: call {number} was hit by the chaos started at {written_at}: {what}")
        }
        (Some(SetUp::Undeclared { .. }), _) => {
            format!("got: call {number} named a qualifier that was not declared: {what}")
        }
        (Some(SetUp::Unaccepted { .. }), _) => {
            format!("got: call {number} is not a request that Lambda accepts: {what}")
        }
        (
            None,
            Some(OtherRule {
                more_specific: true,
                rule,
                ..
            }),
        ) => format!(
            "got: call {number} was answered by {}, which is more specific and takes precedence: {what}",
            label::subject(rule)
        ),
        (None, Some(OtherRule { newer: true, .. })) => {
            format!(
                "got: call {number} was answered by the newer rule, which takes precedence: {what}"
            )
        }
        (None, Some(OtherRule { rule, .. })) => {
            let whose = match rule.target {
                None if rule.name.is_none() => "the rule for ",
                None | Some(_) => "",
            };
            let rule = label::rule(rule, Conditions::Omitted);
            format!("got: call {number} was answered by {whose}{rule}: {what}")
        }
        (None, None) => format!("got: call {number}: {what}"),
    }
}

/// Calls that cannot be checked, because the journal has dropped some that could match.
pub(crate) fn lost_calls(subject: &CountSubject, lost: u64, journal: &Journal) -> Report {
    let which = format!("calls {subject}");
    Report::of(Message::new(
        format!(
            "cannot check {}: the journal has dropped {}",
            which.trim_end(),
            plural(lost, "call")
        ),
        format!("raise its limit with `{}`", journal.dropped.remedy()),
    ))
    .with_journal(excerpt(journal))
}

/// Calls to several functions that did not arrive in the expected order.
pub(crate) fn wrong_order(order: &[Target], came: &[Call], journal: &Journal) -> Report {
    let is_of = |call: &Call, target: &Target| {
        let asked = call.first().target();
        asked.is_some_and(|asked| target.covers(asked))
    };
    let other = |(target, call)| !is_of(call, target);
    let index = order.iter().zip(came).position(other);
    let index = index.unwrap_or(order.len().min(came.len()));
    let expected = order.get(index);
    let called = || {
        journal
            .entries
            .iter()
            .filter_map(|call| call.first().target())
    };
    let meant = expected.and_then(|expected| {
        let names: Vec<String> = called().map(Target::to_string).collect();
        let near = nearest(&expected.to_string(), names.iter().map(String::as_str))?;
        let is_called = called().any(|called| expected.covers(called));
        (!is_called).then(|| format!("did you mean `{near}`? it was called"))
    });
    let (error, help) = match (expected, came.get(index)) {
        (Some(expected), Some(call)) => (
            format!(
                "expected `{expected}` as call {}, got `{}`",
                call.number(),
                call.first().described()
            ),
            meant.unwrap_or_else(|| {
                format!(
                    "await `{expected}` before calling `{}`, or change the expected order",
                    call.first().described()
                )
            }),
        ),
        (None, Some(call)) => (
            format!(
                "expected {} in order, got one more: `{}`",
                plural(order.len() as u64, "call"),
                call.first().described()
            ),
            format!(
                "remove call {}, or add `{}` to the expected order",
                call.number(),
                call.first().described()
            ),
        ),
        (expected, None) => {
            let expected = expected.map(Target::to_string).unwrap_or_default();
            (
                format!(
                    "expected `{expected}` at the end, got no further call to a listed function"
                ),
                meant.unwrap_or_else(|| {
                    "wait for it with `wait_for_calls(..)`, or remove it from the expected order"
                        .to_owned()
                }),
            )
        }
    };
    let order: Vec<String> = order.iter().map(Target::to_string).collect();
    let got: Vec<String> = came.iter().map(|call| call.first().described()).collect();
    let message = Message::new(error, help)
        .line(format!("expected: {}", bounded(&order)))
        .line(format!("got:      {}", bounded(&got)));
    Report::of(message).with_journal(excerpt(journal))
}

/// `a, b, c`, or the first of them and the number of the rest.
fn bounded(names: &[String]) -> String {
    /// The most names to print.
    const MANY: usize = 20;
    match names.len() {
        0 => "none".to_owned(),
        1..=MANY => names.join(", "),
        many => format!("{}, … and {} more", names[..MANY].join(", "), many - MANY),
    }
}

/// A retry that arrived too soon: the call's number, the attempt, and how long the client waited;
/// or no retry at all.
pub(crate) fn short_backoff(
    subject: &CountSubject,
    least: Duration,
    retry: Option<(u64, String, Duration)>,
    calls: u64,
    timeline: &Timeline,
) -> Report {
    let (got, help) = match retry {
        Some((call, attempt, waited)) => (
            format!("{waited:?} before {attempt} of call {call}"),
            match timeline.is_virtual() {
                true => "configure a longer backoff",
                false => {
                    "configure a longer backoff; `sdk_client!` limits it to 1ms unless its last argument sets another limit"
                }
            },
        ),
        None if calls > 1 => (
            "no retry".to_owned(),
            "use `assert_call_gaps_at_least(..)` if the code under test, not the SDK, repeats the call, or script an error that the client retries",
        ),
        None => (
            "no retry".to_owned(),
            "script an error that the client retries, and check that retries are on",
        ),
    };
    let of = of_calls(subject).map_or_else(String::new, |subject| format!(" of calls {subject}"));
    let message = Message::new(
        format!("expected at least {least:?} before each retry{of}, got {got}"),
        help,
    );
    let message = message.lines(subject.rule_line(Conditions::Listed));
    Report::of(message).with_journal(timeline.to_string())
}

/// The mistake between two calls of one function.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CallGap {
    /// A call came too soon, this long after the end of the previous one; `None` if that one had
    /// not ended.
    Short {
        before: u64,
        call: u64,
        gap: Option<Duration>,
    },
    /// No function was called twice.
    Missing { calls: u64, is_retried: bool },
}

/// A call that came too soon after the one before, or no second call.
pub(crate) fn short_gap(
    subject: &CountSubject,
    least: Duration,
    got: CallGap,
    timeline: &Timeline,
) -> Report {
    let (got, help) = match got {
        CallGap::Short {
            call,
            gap: Some(gap),
            ..
        } => (
            format!("{gap:?} before call {call}"),
            "increase the delay between calls in the code under test",
        ),
        CallGap::Short {
            before,
            call,
            gap: None,
        } => (
            format!("call {call} before the end of call {before}"),
            "await each call before the next; for parallel tasks, check the calls of each task with `matching(..)`",
        ),
        CallGap::Missing {
            calls,
            is_retried: true,
        } => (
            format!("{}, with retries", plural(calls, "call")),
            "use `assert_backoff_at_least(..)`: a call includes the client's retries",
        ),
        CallGap::Missing { calls: 0, .. } => (
            "no calls".to_owned(),
            "make two calls of one function before this line",
        ),
        CallGap::Missing { calls: 1, .. } => (
            "1 call".to_owned(),
            "script a reply that makes the code under test call again, or wait for the second call with `wait_for_calls(2)`",
        ),
        CallGap::Missing { calls, .. } => (
            format!("{}, each to a different function", plural(calls, "call")),
            "call the same function twice; calls to different functions are not compared",
        ),
    };
    let of = of_calls(subject).map_or_else(String::new, |subject| format!(" {subject}"));
    let message = Message::new(
        format!("expected at least {least:?} between calls{of}, got {got}"),
        help,
    );
    let message = message.lines(subject.rule_line(Conditions::Listed));
    Report::of(message).with_journal(timeline.to_string())
}

/// The calls that an assertion is about; `None` if that is all calls, or if the line with the rule
/// names them.
fn of_calls(subject: &CountSubject) -> Option<String> {
    match (&subject.whose, subject.matching.is_empty()) {
        (CountedOf::Fake | CountedOf::Rule(_), true) => None,
        (CountedOf::Fake | CountedOf::Rule(_) | CountedOf::Target { .. }, _) => {
            Some(subject.to_string())
        }
    }
}
