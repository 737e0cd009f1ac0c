//! The text of a failed verification.
//!
//! Its first line says what the client last got: a test that returned early with `?` would otherwise lose its real error
//! behind this report.

use super::events::still_queued;
use super::questions::push_miscount;
use super::reason::{correction, reason_line};
use super::{Report, counted, excerpt, on_one_line, plural, where_written};
use super::{chaos, reach};
use crate::behavior::chaos::Summary;
use crate::ground::location::Location;
use crate::record::finding::{Finding, NearMiss, Reason};
use crate::record::journal::Journal;

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
        push_finding(&mut text, finding, journal);
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

fn push_finding(text: &mut String, finding: &Finding, journal: &Journal) {
    match finding {
        Finding::Unscripted { call, headline, target, answer, nearest } => {
            text.push_str(&format!("✗ unscripted, answered {answer}: call {call}, {headline}\n"));
            text.push_str(&format!("    to change: {}\n", to_change(target, nearest)));
            for miss in nearest {
                push_miss(text, miss);
            }
            if nearest.is_empty() {
                text.push_str("    no rule is for this function\n");
            }
        }
        Finding::Undeclared { call, headline, answer, target, rule } => {
            text.push_str(&format!("✗ not declared, answered {answer}: call {call}, {headline}\n"));
            text.push_str(&format!(
                "    to change: other aliases or versions of this function were declared; declare this one too, with \
                 `lambda.alias(\"{target}\", ..)` or `lambda.publish_version(\"{target}\")`\n"
            ));
            if let Some(rule) = rule {
                text.push_str(&format!("    a rule for it never answers: {}\n", where_written(rule)));
            }
        }
        Finding::Refused { call, headline, answer, message, why } => text.push_str(&format!(
            "✗ refused: call {call}, {headline}\n    \
             to change: correct the request; a rule for the function, or `on_any()`, says that the test means it\n    \
             the client got {answer}: {}\n{}",
            on_one_line(message),
            why.iter().map(|why| format!("    {}\n", why.replace('\n', "\n    "))).collect::<String>()
        )),
        Finding::Malformed { call, headline, answer } => text.push_str(&format!(
            "✗ malformed HTTP: journal entry {call}, {headline}\n    to change: see which client sends this\n    \
             the client got {answer}\n"
        )),
        Finding::NotInvoke { call, headline, answer } => text.push_str(&format!(
            "✗ not an Invoke request: journal entry {call}, {headline}\n    \
             to change: only `POST /2015-03-31/functions/<name>/invocations` is faked; see which client sends this\n    \
             the client got {answer}\n"
        )),
        Finding::NotFaked { call, headline, operation } => text.push_str(&format!(
            "✗ {operation} is not faked: journal entry {call}, {headline}\n    \
             to change: call `Invoke`, or keep this call out of the test\n    the client got 501 FakeLambdaNotFaked\n"
        )),
        Finding::Panicked { call, headline, what, answer, written_at, panicked_at, text: panic } => text.push_str(&format!(
            "✗ a {what}, written at {written_at}: {}\n{}    \
             call {call}, {headline}; {answer}\n",
            panic.replace('\n', "\n    "),
            place_of_panic(panicked_at.as_ref())
        )),
        Finding::UnreadEvent { call, headline, answer, written_at, wanted, why } => text.push_str(&format!(
            "✗ no `{wanted}`, as the handler written at {written_at} takes it: {why}\n    \
             call {call}, {headline}; {answer}\n    \
             to change: correct the call or the type; a handler that is to refuse events takes a `serde_json::Value` and \
             returns the error itself\n"
        )),
        Finding::Recursive { call, function, destination, length } => text.push_str(&format!(
            "✗ recursive: after {length} functions the record of {function} was not sent to {destination}: call {call}\n    \
             to change: send the records of one of these functions to a queue, or none; AWS ends such a chain too\n"
        )),
        Finding::FaultCouldNotHappen { call, headline, why, rule } => {
            text.push_str(&format!("✗ a fault that could not happen, so the reply was sent whole: call {call}, {headline}\n    {why}\n"));
            text.push_str("    to change: give the fault a number within the body, or the reply a longer one\n");
            if let Some(rule) = rule {
                text.push_str(&format!("    {}\n", where_written(rule)));
            }
        }
        Finding::Unreachable { rule, undeclared, newer } => {
            reach::push_unreachable(text, rule, undeclared.as_deref(), newer.as_ref());
        }
        Finding::AimlessChaos { target, near, is_undeclared, written_at } => {
            reach::push_aimless(text, target, near.as_deref(), *is_undeclared, written_at);
        }
        Finding::UnmetEvents { rule, what, expected, got, unsettled } => {
            text.push_str(&format!("✗ unmet: expected {}, got {got}\n", counted(*expected, what)));
            text.push_str(&format!("    {}\n", where_written(rule)));
            if let Some(queued) = still_queued(*unsettled) {
                text.push_str(&format!("    to change: {queued}\n"));
            }
        }
        Finding::AimlessConstraint { constraint, target, near, written_at } => {
            reach::push_aimless_constraint(text, constraint, target, near.as_deref(), written_at);
        }
        Finding::Unmet(miscount) => {
            let expected = counted(miscount.expected, miscount.what);
            text.push_str(&format!("✗ unmet: expected {expected}, got {}\n", miscount.got));
            push_miscount(text, "    ", miscount, journal);
        }
    }
}

/// The line that says where a closure of the test panicked, where that is known.
fn place_of_panic(panicked_at: Option<&Location>) -> String {
    let line = |place: &Location| format!("    panicked at {place}\n");
    panicked_at.map(line).unwrap_or_default()
}

/// What would have made the request find a rule.
fn to_change(target: &str, nearest: &[NearMiss]) -> String {
    let script = format!("`lambda.on(\"{target}\").reply(..)`");
    let Some((miss, reason)) = nearest
        .first()
        .and_then(|miss| Some((miss, deciding(miss)?)))
    else {
        return format!("script it before the call, {script}, or correct the call");
    };
    let location = &miss.rule.written_at;
    match reason {
        Reason::OtherFunction { is_near: false, .. } => {
            format!("script it before the call, {script}, or correct the call")
        }
        Reason::OtherFunction { asked, written, .. } => {
            format!(
                "write `{asked}` in the rule at {location}, or call `{written}`; or script both, {script}"
            )
        }
        Reason::OtherQualifier { written, .. } => {
            format!(
                "the rule at {location} is for `{written}` alone: call that, or script this one too, {script}"
            )
        }
        Reason::OtherRegion { .. } => {
            format!(
                "correct the client's region, or leave region and account out of the rule at {location}"
            )
        }
        Reason::Removed => {
            format!("remove the rule at {location} later, or script another, {script}")
        }
        // A rule more for the same target would be the newest and answer the attempts before this one, too.
        Reason::UsedUp { .. } => format!(
            "let the script at {location} go on with `.then(..)`, give its last step more `times(..)` or none, or call less often"
        ),
        Reason::Fails {
            why, written_at, ..
        } => {
            let correction = correction(why.as_deref(), written_at);
            format!("{correction}; or script the rest above that line, {script}")
        }
        Reason::Holds { .. } | Reason::NotAsked { .. } => {
            format!("correct the rule at {location}, or the call")
        }
    }
}

/// What to change first: a condition that says no would say so to a longer script, too.
fn deciding(miss: &NearMiss) -> Option<&Reason> {
    let fails = |reason: &&Reason| matches!(reason, Reason::Fails { .. });
    let mut reasons = miss.reasons.iter();
    reasons.clone().find(fails).or_else(|| reasons.next())
}

fn push_miss(text: &mut String, miss: &NearMiss) {
    text.push_str(&format!(
        "    nearest rule: {}\n",
        where_written(&miss.rule)
    ));
    for reason in &miss.reasons {
        text.push_str(&format!("      {}\n", reason_line(reason)));
    }
}
