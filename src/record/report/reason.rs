//! The differences between a rule or an assertion and a request: one line each.

use super::{listed, more};
use crate::ground::count::plural;
use crate::record::finding::Reason;
use crate::request::matchers::{CLOSURE, Change, Mismatch};

/// The most values of one path to print.
const MAX_VALUES: usize = 2;

/// The lines of all reasons: first what did not match, then what did, then what is unknown.
///
/// `others` contains further values that arrived where the deciding reason expected something.
pub(super) fn reason_lines(reasons: &[Reason], others: &[String]) -> Vec<String> {
    let rank = |reason: &&Reason| match reason {
        Reason::Holds { .. } => 1,
        Reason::NotAsked { .. } => 2,
        Reason::OtherFunction { .. }
        | Reason::OtherQualifier { .. }
        | Reason::OtherRegion { .. }
        | Reason::OtherAccount { .. }
        | Reason::Removed
        | Reason::Exhausted { .. }
        | Reason::Fails { .. } => 0,
    };
    let mut sorted: Vec<&Reason> = reasons.iter().collect();
    sorted.sort_by_key(rank);
    let decides = Reason::deciding(reasons);
    let lines = sorted.into_iter().map(|reason| {
        let is_deciding = decides.is_some_and(|deciding| std::ptr::eq(deciding, reason));
        reason_line(reason, if is_deciding { others } else { &[] })
    });
    lines.collect()
}

/// `` ✗ payload_partial({"id":7}): `$.id` expected 7, got "7" (tests/a.rs:3:5) ``.
fn reason_line(reason: &Reason, others: &[String]) -> String {
    match reason {
        Reason::OtherFunction { asked, written, .. } => {
            format!("✗ function: called `{asked}`, the rule matches `{written}`")
        }
        Reason::OtherQualifier { asked, written, .. } => {
            let asked = match asked {
                Some(asked) => format!("called `{asked}`"),
                None => "called without one".to_owned(),
            };
            format!("✗ qualifier: {asked}, the rule matches `{written}`")
        }
        Reason::OtherRegion { asked, written } => {
            format!("✗ region: called in {asked}, the rule matches {written}")
        }
        Reason::OtherAccount { asked, written } => {
            format!("✗ account: called in {asked}, the rule matches {written}")
        }
        Reason::Removed => "✗ removed before this call".to_owned(),
        Reason::Exhausted { answered, .. } => {
            format!("✗ exhausted: it answered {}", plural(*answered, "time"))
        }
        Reason::Holds { condition } => format!("✓ {condition}"),
        Reason::Fails {
            condition,
            written_at,
            why: Some(why),
        } => format!(
            "✗ {condition}: {} ({written_at})",
            with_others(&why.to_string(), others)
        ),
        Reason::Fails {
            condition,
            written_at,
            why: None,
        } => {
            let verb = match &**condition {
                CLOSURE => "returned false",
                _ => "did not match",
            };
            format!("✗ {condition} {verb} ({written_at})")
        }
        Reason::NotAsked {
            condition,
            written_at,
        } => format!("? {condition} was not called for this report ({written_at})"),
    }
}

/// `` `$.id` expected 7, got "7", "8" and 3 more ``.
fn with_others(why: &str, others: &[String]) -> String {
    if others.is_empty() {
        return why.to_owned();
    }
    let printed = &others[..others.len().min(MAX_VALUES - 1)];
    match more(others.len(), printed.len()) {
        None => {
            let all: Vec<String> = printed.to_vec();
            format!("{why} and {}", listed(&all))
        }
        Some(_) => {
            let left_out = others.len() - printed.len();
            format!("{why}, {} and {left_out} more", printed.join(", "))
        }
    }
}

/// The advice if conditions fail: to send something else, or to change the conditions. `why` is the
/// reason of the first one that fails, and `reasons` are those of the whole rule.
pub(super) fn correction(why: Option<&Mismatch>, reasons: &[Reason]) -> String {
    match what_to_change(why, reasons) {
        ToChange::Condition(change) => change,
        ToChange::Any { send, conditions } => format!("{send}, or change {conditions}"),
    }
}

/// The advice of [`correction`], with a default rule as a further alternative.
pub(super) fn correction_or_default(
    why: Option<&Mismatch>,
    reasons: &[Reason],
    script: &str,
) -> String {
    match what_to_change(why, reasons) {
        ToChange::Condition(change) => change,
        ToChange::Any { send, conditions } => {
            format!("{send}, change {conditions}, or add a default rule before this one: {script}")
        }
    }
}

/// The possible changes if conditions fail.
enum ToChange {
    /// Only the condition, in this way.
    Condition(String),
    /// The request, in this way, or these conditions.
    Any {
        send: String,
        conditions: &'static str,
    },
}

fn what_to_change(why: Option<&Mismatch>, reasons: &[Reason]) -> ToChange {
    let fails = |reason: &&Reason| matches!(reason, Reason::Fails { .. });
    let is_only_one = reasons.iter().filter(fails).count() == 1;
    let conditions = match is_only_one {
        true => "the condition",
        false => "the conditions",
    };
    let send = match why.and_then(|why| why.change.as_ref()) {
        Some(Change::Write { path, value }) => {
            return ToChange::Condition(format!(
                "write a value in the condition, not its JSON text: for `{path}`, write `json!({value})`"
            ));
        }
        Some(Change::Send { path, value }) if is_only_one => format!("send `{path}` as {value}"),
        Some(Change::Remove { path }) if is_only_one => {
            format!("remove `{path}` from what is sent")
        }
        Some(Change::Send { .. } | Change::Remove { .. }) | None => {
            format!("change the request to meet {conditions} marked ✗")
        }
    };
    ToChange::Any { send, conditions }
}
