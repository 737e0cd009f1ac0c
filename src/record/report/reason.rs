//! What holds and what does not, between a rule or a question and a request: one line each.

use super::plural;
use crate::ground::location::Location;
use crate::record::finding::Reason;

/// `✗ payload_partial({"id":7}): $.id expected 7, got "7"  (tests/a.rs:3:5)`.
pub(super) fn reason_line(reason: &Reason) -> String {
    match reason {
        Reason::OtherFunction { asked, written, .. } => {
            format!("✗ function: the call asked for `{asked}`, the rule is for `{written}`")
        }
        Reason::OtherQualifier {
            asked: Some(asked),
            written,
        } => format!("✗ qualifier: the call asked for `{asked}`, the rule is for `{written}`"),
        Reason::OtherQualifier {
            asked: None,
            written,
        } => format!("✗ qualifier: the call asked for none, the rule is for `{written}`"),
        Reason::OtherRegion { asked, written } => {
            format!("✗ the call asked for {asked}, the rule is for {written}")
        }
        Reason::Removed => "✗ the rule was removed".to_owned(),
        Reason::UsedUp { answered } => {
            let answered = plural(*answered, "attempt");
            format!("✗ its script is used up: it answered {answered}")
        }
        Reason::Holds { condition } => format!("✓ {condition}"),
        Reason::Fails {
            condition,
            written_at,
            why: Some(why),
        } => format!("✗ {condition}: {why}  ({written_at})"),
        Reason::Fails {
            condition,
            written_at,
            why: None,
        } => format!("✗ {condition}  ({written_at})"),
        Reason::NotAsked {
            condition,
            written_at,
        } => format!("? {condition}: the test's own code is not asked again  ({written_at})"),
    }
}

/// `correct what is sent: $.id expected 7, got "7"; or the condition at tests/a.rs:3:5`.
pub(super) fn correction(why: Option<&str>, written_at: &Location) -> String {
    match why {
        Some(why) => format!("correct what is sent: {why}; or the condition at {written_at}"),
        None => format!("correct what is sent, or the condition at {written_at}"),
    }
}
