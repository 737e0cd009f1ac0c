//! The text of a failed verification.
//!
//! Its first line says what the client last got: a test that returned early with `?` would otherwise lose its real error
//! behind this report.

use super::{Report, counted, excerpt, on_one_line, plural, taken_by, where_written};
use super::{chaos, reach};
use crate::chaos::Summary;
use crate::finding::{Finding, Miss, Reason};
use crate::journal::Journal;

/// The most findings printed; the rest is more of the same, and the journal follows.
const MAX_PRINTED: usize = 10;

/// The report of everything that was found.
pub(crate) fn verification(
    findings: &[Finding],
    more_findings: u64,
    journal: &Journal,
    chaos: Option<&Summary>,
    started: &str,
    seed: u64,
) -> Report {
    let mut text = format!("{}\n", last_answer(journal));
    let many = findings.len() as u64 + more_findings;
    text.push_str(&format!(
        "fake-lambda, {started}, found {}:\n",
        plural(many, "problem")
    ));
    let printed = findings.len().min(MAX_PRINTED);
    for finding in &findings[..printed] {
        text.push('\n');
        push_finding(&mut text, finding);
    }
    let left_out = many - printed as u64;
    if left_out > 0 {
        text.push_str(&format!("\n… and {left_out} more\n"));
    }
    text.push('\n');
    text.push_str(&excerpt(journal));
    if let Some(chaos) = chaos {
        text.push_str(&chaos::text_of(chaos));
    }
    text.push_str(&format!("seed {seed}"));
    Report::new(text)
}

fn last_answer(journal: &Journal) -> String {
    let last = journal
        .entries
        .iter()
        .flat_map(|entry| &entry.attempts)
        .rfind(|attempt| attempt.outcome.is_some());
    match last {
        Some(attempt) => match (attempt.error_code(), attempt.error_message()) {
            (Some(code), Some(message)) => {
                format!(
                    "the client last got {} {code}: {}",
                    attempt.status().unwrap_or_default(),
                    on_one_line(message)
                )
            }
            _ => format!("the client last got {attempt}"),
        },
        None => "no client got an answer from this fake".to_owned(),
    }
}

fn push_finding(text: &mut String, finding: &Finding) {
    match finding {
        Finding::Unscripted { call, headline, target, answer, nearest } => {
            text.push_str(&format!("✗ unscripted, answered {answer}: call {call}, {headline}\n"));
            for miss in nearest {
                push_miss(text, miss);
            }
            if nearest.is_empty() {
                text.push_str("    no rule is for this function\n");
            }
            text.push_str(&format!("    to change: {}\n", to_change(target, nearest)));
        }
        Finding::Undeclared { call, headline, answer, target, rule } => {
            text.push_str(&format!("✗ not declared, answered {answer}: call {call}, {headline}\n"));
            if let Some(rule) = rule {
                text.push_str(&format!("    a rule for it never answers: {}\n", where_written(rule)));
            }
            text.push_str(&format!(
                "    to change: other aliases or versions of this function were declared; declare this one too, with \
                 `lambda.alias(\"{target}\", ..)` or `lambda.publish_version(\"{target}\")`\n"
            ));
        }
        Finding::Refused { call, headline, answer, message, why } => text.push_str(&format!(
            "✗ refused: call {call}, {headline}\n    the client got {answer}: {}\n{}    \
             to change: correct the request; a rule for the function, or `on_any()`, says that the test means it\n",
            on_one_line(message),
            why.iter().map(|why| format!("    {}\n", why.replace('\n', "\n    "))).collect::<String>()
        )),
        Finding::Malformed { call, headline, answer } => text.push_str(&format!(
            "✗ malformed HTTP: journal entry {call}, {headline}\n    the client got {answer}\n    \
             to change: see which client sends this\n"
        )),
        Finding::NotInvoke { call, headline, answer } => text.push_str(&format!(
            "✗ not an Invoke request: journal entry {call}, {headline}\n    the client got {answer}\n    \
             to change: only `POST /2015-03-31/functions/<name>/invocations` is faked; see which client sends this\n"
        )),
        Finding::NotFaked { call, headline, operation } => text.push_str(&format!(
            "✗ {operation} is not faked: journal entry {call}, {headline}\n    the client got 501 FakeLambdaNotFaked\n    \
             to change: call `Invoke`, or keep this call out of the test\n"
        )),
        Finding::Panicked { call, headline, who, answer, written_at, text: panic } => text.push_str(&format!(
            "✗ a {who} panicked, written at {written_at}: {}\n    \
             call {call}, {headline}; {answer}\n",
            panic.replace('\n', "\n    ")
        )),
        Finding::CouldNotFire { call, headline, why, rule } => {
            text.push_str(&format!("✗ a fault that could not happen, so the reply was sent whole: call {call}, {headline}\n    {why}\n"));
            if let Some(rule) = rule {
                text.push_str(&format!("    {}\n", where_written(rule)));
            }
            text.push_str("    to change: give the fault a number within the body, or the reply a longer one\n");
        }
        Finding::Unreachable { rule, undeclared, newer } => {
            reach::push_unreachable(text, rule, undeclared.as_deref(), newer.as_ref());
        }
        Finding::AimlessChaos { target, near, is_undeclared, written_at } => {
            reach::push_aimless(text, target, near.as_deref(), *is_undeclared, written_at);
        }
        Finding::Unmet { rule, what, expected, got, others } => {
            text.push_str(&format!("✗ unmet: expected {}, got {got}\n", counted(*expected, what)));
            text.push_str(&format!("    {}\n", where_written(rule)));
            for other in others {
                text.push_str(&format!("    {}\n", taken_by(other)));
            }
        }
    }
}

/// What would have made the request find a rule.
fn to_change(target: &str, nearest: &[Miss]) -> String {
    let reason = nearest.first().and_then(|miss| miss.reasons.first());
    match reason {
        None => format!("script it before the call, `lambda.on(\"{target}\").reply(..)`, or correct the call"),
        // A rule more for the same target would be the newest and answer the attempts before this one, too.
        Some(Reason::UsedUp { .. }) => {
            "let the script go on with `.then(..)`, give its last step more `times(..)` or none, or call less often"
                .to_owned()
        }
        Some(_) => format!("correct the rule above or the call, or script `lambda.on(\"{target}\").reply(..)` as well"),
    }
}

fn push_miss(text: &mut String, miss: &Miss) {
    text.push_str(&format!(
        "    nearest rule: {}\n",
        where_written(&miss.rule)
    ));
    for reason in &miss.reasons {
        let line = match reason {
            Reason::OtherFunction { asked, written } => {
                format!("✗ function: the call asked for `{asked}`, the rule is for `{written}`")
            }
            Reason::OtherQualifier {
                asked: Some(asked),
                written,
            } => {
                format!("✗ qualifier: the call asked for `{asked}`, the rule is for `{written}`")
            }
            Reason::OtherQualifier {
                asked: None,
                written,
            } => {
                format!("✗ qualifier: the call asked for none, the rule is for `{written}`")
            }
            Reason::OtherPlace { asked, written } => {
                format!("✗ the call asked for {asked}, the rule is for {written}")
            }
            Reason::Removed => "✗ the rule was removed".to_owned(),
            Reason::UsedUp { answered } => {
                format!(
                    "✗ its script is used up: it answered {}",
                    plural(*answered, "attempt")
                )
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
        };
        text.push_str(&format!("      {line}\n"));
    }
}
