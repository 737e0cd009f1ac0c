//! The differences between a rule or an assertion and a request: one line each.

use super::{listed, more};
use crate::ground::count::plural;
use crate::record::finding::Reason;

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
            format!("✗ exhausted: it answered {}", plural(*answered, "attempt"))
        }
        Reason::Holds { condition } => format!("✓ {condition}"),
        Reason::Fails {
            condition,
            written_at,
            why: Some(why),
        } => format!("✗ {condition}: {} ({written_at})", with_others(why, others)),
        Reason::Fails {
            condition,
            written_at,
            why: None,
        } => {
            let verb = match &**condition {
                "closure" => "returned false",
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
pub(super) fn correction(why: Option<&str>, reasons: &[Reason]) -> String {
    if let Some(value) = why.and_then(value_of_text) {
        return value;
    }
    let (send, conditions) = send_or_change(why, reasons);
    format!("{send}, or change {conditions}")
}

/// The advice of [`correction`], with a default rule as a further alternative.
pub(super) fn correction_or_default(why: Option<&str>, reasons: &[Reason], script: &str) -> String {
    if let Some(value) = why.and_then(value_of_text) {
        return value;
    }
    let (send, conditions) = send_or_change(why, reasons);
    format!("{send}, change {conditions}, or add a default rule before this one: {script}")
}

/// What to send, and the conditions that could be changed in place of it.
fn send_or_change(why: Option<&str>, reasons: &[Reason]) -> (String, &'static str) {
    let fails = |reason: &&Reason| matches!(reason, Reason::Fails { .. });
    let (needed, conditions) = match reasons.iter().filter(fails).count() {
        1 => (why.and_then(needed), "the condition"),
        _ => (None, "the conditions"),
    };
    let send = || format!("change the request to meet {conditions} marked ✗");
    (needed.unwrap_or_else(send), conditions)
}

/// The change of a condition that has the JSON text of a value in place of the value.
fn value_of_text(why: &str) -> Option<String> {
    let (path, rest) = why.strip_prefix('`')?.split_once("` ")?;
    let (_, value) = rest
        .strip_prefix("expected the JSON text ")?
        .split_once(", got the value ")?;
    Some(format!(
        "write a value in the condition, not its JSON text: for `{path}`, write `json!({value})`"
    ))
}

/// `` send `$.id` as 7 ``, if the reason names a path.
fn needed(why: &str) -> Option<String> {
    let (path, rest) = why.strip_prefix('`')?.split_once("` ")?;
    if !path.starts_with('$') {
        return None;
    }
    if rest.starts_with("was not expected") {
        return Some(format!("remove `{path}` from what is sent"));
    }
    let (expected, _) = rest.strip_prefix("expected ")?.split_once(", got ")?;
    Some(format!("send `{path}` as {expected}"))
}
