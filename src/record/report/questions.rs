//! What a question of the test gets for an answer where something else happened.

use std::time::Duration;

use super::advice::advice;
use super::reason::reason_line;
use super::{Report, counted, excerpt, plural, taken_by, where_written};
use crate::aws::target::Target;
use crate::record::finding::{CountSubject, CountedOf, Miscount};
use crate::record::journal::{Call, Headline, Journal, Timeline};

/// A count that is not what the test says.
pub(crate) fn miscount(miscount: &Miscount, journal: &Journal) -> Report {
    let mut text = format!(
        "expected {} {}, got {}\n",
        counted(miscount.expected, miscount.what),
        miscount.subject,
        miscount.got
    );
    push_miscount(&mut text, "  ", miscount, journal);
    text.push('\n');
    text.push_str(&excerpt(journal));
    Report::new(text.trim_end())
}

/// Where the rule is, what to change, who took the calls, and what came instead.
pub(super) fn push_miscount(
    text: &mut String,
    indent: &str,
    miscount: &Miscount,
    journal: &Journal,
) {
    let mut line = |line: &str| text.push_str(&format!("{indent}{line}\n"));
    if let CountedOf::Rule(rule) = &miscount.subject.whose {
        line(&where_written(rule));
    }
    line(&format!("to change: {}", advice(miscount, journal)));
    for other in &miscount.others {
        line(&taken_by(other));
    }
    for instead in &miscount.instead {
        let call = &instead.call;
        let last = &call.attempts()[call.attempts().len() - 1];
        let headline = Headline(call.first());
        line(&format!(
            "came instead: call {}, {headline} → {last}",
            call.number()
        ));
        for reason in &instead.reasons {
            line(&format!("  {}", reason_line(reason)));
        }
    }
}

/// Calls that cannot be counted, since the journal has dropped some that may have matched.
pub(crate) fn lost_calls(subject: &CountSubject, lost: u64, journal: &Journal) -> Report {
    let lost = plural(lost, "call");
    unreported(subject, &lost, "journal_calls", journal)
}

/// The same, where the payload is gone that a condition may have to look at.
pub(crate) fn lost_payload(subject: &CountSubject, call: u64, journal: &Journal) -> Report {
    let lost = format!("the payload of call {call}");
    unreported(subject, &lost, "journal_bytes", journal)
}

fn unreported(subject: &CountSubject, lost: &str, limit: &str, journal: &Journal) -> Report {
    Report::new(format!(
        "nothing can be said of calls {subject}: the journal has dropped {lost}\n  to change: raise its limit with \
         `FakeLambda::builder().{limit}(..)`\n\n{}",
        excerpt(journal).trim_end()
    ))
}

/// Calls of several functions that did not come in the order that the test says.
pub(crate) fn disorder(order: &[Target], came: &[Call], journal: &Journal) -> Report {
    let is_of = |call: &Call, target: &Target| {
        let asked = call.first().target();
        asked.is_some_and(|asked| target.covers(asked))
    };
    let other = |(target, call)| !is_of(call, target);
    let index = order.iter().zip(came).position(other);
    let index = index.unwrap_or(order.len().min(came.len()));
    let change = match (order.get(index), came.get(index)) {
        (Some(expected), Some(call)) => format!(
            "call {}, of `{}`, came where `{expected}` was expected: await the one before beginning the other, or correct the \
             order",
            call.number(),
            call.first().described()
        ),
        (None, Some(call)) => format!(
            "call {}, of `{}`, came on top: call it less often, or add it to the order",
            call.number(),
            call.first().described()
        ),
        (expected, None) => {
            let expected = expected.map(Target::to_string).unwrap_or_default();
            format!(
                "no `{expected}` came at the end: await it with `wait_for_calls(..)`, or take it out of the order"
            )
        }
    };
    let expected: Vec<String> = order.iter().map(Target::to_string).collect();
    let got: Vec<String> = came.iter().map(|call| call.first().described()).collect();
    let got = if got.is_empty() {
        "none".to_owned()
    } else {
        got.join(", ")
    };
    Report::new(format!(
        "expected calls in the order {}, got {got}\n  to change: {change}\n\n{}",
        expected.join(", "),
        excerpt(journal).trim_end()
    ))
}

/// A retry that came too soon: the call's number, the attempt, and how long the client waited; or no retry at all.
pub(crate) fn hasty(
    subject: &CountSubject,
    least: Duration,
    retry: Option<(u64, String, Duration)>,
    timeline: &Timeline,
) -> Report {
    let (got, change) = match retry {
        Some((call, attempt, waited)) => (
            format!("call {call} waited {waited:?} before {attempt}"),
            "lengthen the client's back-off (`sdk_client!` bounds it to a millisecond), or expect less".to_owned(),
        ),
        None => (
            "nothing was retried".to_owned(),
            "script an error that the client retries, and give the client retries".to_owned(),
        ),
    };
    let which = match &subject.whose {
        CountedOf::Fake if subject.matching.is_empty() => String::new(),
        CountedOf::Fake | CountedOf::Rule(_) | CountedOf::Target { .. } => format!(" {subject}"),
    };
    Report::new(format!(
        "expected every retry{which} to wait at least {least:?}, but {got}\n  to change: {change}\n\n{timeline}"
    ))
}
