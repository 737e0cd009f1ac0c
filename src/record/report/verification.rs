//! The text of a failed verification.

use super::events::unmet_events;
use super::excerpt::excerpt;
#[cfg(feature = "in-memory")]
use super::in_memory;
use super::questions::unmet;
use super::waits::unpolled;
use super::{Parts, Report, chaos, more, paused, reach, requests, unused};
use crate::ground::count::plural;
use crate::ground::cut::cut;
use crate::ground::message::{Message, on_one_line};
use crate::record::finding::{Finding, Found};
use crate::record::journal::{Attempt, Call, Journal};
use crate::record::record::Reported;

/// The most errors to print; further ones are usually similar, and the journal follows.
const MAX_PRINTED: usize = 10;

/// The most bytes of an error's message in a note.
pub(super) const MAX_MESSAGE: usize = 120;

/// The situation of a verification.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Voice {
    /// The test called it.
    Asked,
    /// The fake was dropped at the end of a test, which may have returned an error.
    Dropped,
}

/// The report of all findings.
pub(crate) fn verification(reported: &Reported, started: &str, seed: u64, voice: Voice) -> Report {
    let many = plural(reported.found(), "problem");
    let mut head = format!("fake-lambda ({started}) found {many}");
    if reported.is_clock_paused {
        head.push_str(&format!("\n{}", paused::note()));
    }
    if voice == Voice::Dropped
        && reported
            .findings
            .iter()
            .any(|found| may_be_cut_short(&found.finding))
    {
        head.push_str(
            "\nnote: if the test returned `Err` early, this panic hides that error; to see it, \
             start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` \
             at the end",
        );
    }
    let (errors, left_out) = errors_of(reported);
    let tail = reported.chaos.as_ref().map(chaos::text_of).into_iter();
    // A finding that was not kept could be about that call.
    let note =
        last_error(&reported.findings, &reported.journal).filter(|_| reported.more_findings == 0);
    Report(Box::new(Parts {
        head: Some(head),
        errors,
        left_out,
        notes: note.into_iter().collect(),
        journal: Some(excerpt(&reported.journal)),
        tail: tail
            .chain(reported.has_drawn.then(|| format!("seed {seed}")))
            .collect(),
    }))
}

/// The text of a failed verification in a place where it fails no test; `place` is for example `in
/// a spawned task`.
pub(crate) fn unseen_verification(report: &Report, place: &str) -> String {
    /// The most lines of the report that are printed.
    const MAX_LINES: usize = 40;
    let message = Message::new(
        format!("a fake failed verification {place}, where a panic fails no test"),
        "keep the `FakeLambda` in the test, and give tasks and threads `lambda.handle()`",
    );
    let text = report.to_string();
    let mut lines: Vec<&str> = text.lines().collect();
    let left_out = more(lines.len(), MAX_LINES);
    lines.truncate(MAX_LINES);
    lines.extend(left_out.as_deref());
    format!("{message}\n\n{}\n", lines.join("\n"))
}

/// The errors that are printed, and how many are not.
pub(super) fn errors_of(reported: &Reported) -> (Vec<Message>, u64) {
    let printed = reported.findings.len().min(MAX_PRINTED);
    let errors = reported.findings[..printed]
        .iter()
        .map(|found| message(found, &reported.journal));
    (errors.collect(), reported.found() - printed as u64)
}

/// Returns `true` for findings that a test causes if it ends early.
fn may_be_cut_short(finding: &Finding) -> bool {
    match finding {
        Finding::Unmet(miscount) => miscount.got < miscount.expected.least(),
        Finding::UnmetEvents { expected, got, .. }
        | Finding::UnmetRefusals { expected, got, .. } => *got < expected.least(),
        Finding::NeverAnswered(_) | Finding::Unfinished { .. } | Finding::UnendedEvents { .. } => {
            true
        }
        Finding::UnpolledWait(_)
        | Finding::Unscripted(_)
        | Finding::Refused { .. }
        | Finding::Malformed { .. }
        | Finding::Undeclared { .. }
        | Finding::NotInvoke { .. }
        | Finding::NotFaked { .. }
        | Finding::Panicked { .. }
        | Finding::Broke { .. }
        | Finding::ImpossibleReply { .. }
        | Finding::UnreadEvent { .. }
        | Finding::BrokenContract { .. }
        | Finding::LostPayloads { .. }
        | Finding::Recursive { .. }
        | Finding::FaultCouldNotHappen { .. }
        | Finding::Misnamed(_)
        | Finding::UnpublishedVersion(_)
        | Finding::AimlessSetting { .. }
        | Finding::Unreachable { .. }
        | Finding::AimlessChaos { .. } => false,
        #[cfg(feature = "in-memory")]
        Finding::NeverEnds { .. } | Finding::WrongRuntime => false,
    }
}

/// The last answer that a client got, if that was an error and no finding is about it.
fn last_error(findings: &[Found], journal: &Journal) -> Option<String> {
    let answered = |call: &&Call| {
        let mut attempts = call.attempts.iter();
        attempts.any(|attempt| attempt.outcome.is_some())
    };
    let call = journal.entries.iter().rfind(answered)?;
    let is_reported = findings.iter().any(|found| is_about(found, call));
    let last = call
        .attempts
        .iter()
        .rfind(|attempt| attempt.outcome.is_some())?;
    if is_reported || !is_error(last) {
        return None;
    }
    let got = match (last.error_code(), last.error_message()) {
        (Some(code), Some(message)) => format!(
            "{} {code}: {}",
            last.status().unwrap_or_default(),
            cut(&on_one_line(message), MAX_MESSAGE)
        ),
        _ => last.to_string(),
    };
    Some(format!("note: call {} ended with {got}", call.number))
}

/// Returns `true` if the message of a finding names the call.
pub(super) fn is_about(found: &Found, call: &Call) -> bool {
    let instead = match &found.finding {
        Finding::Unmet(miscount) | Finding::NeverAnswered(miscount) => &miscount.instead[..],
        Finding::UnmetEvents { .. }
        | Finding::UnmetRefusals { .. }
        | Finding::UnpolledWait(_)
        | Finding::Unfinished { .. }
        | Finding::UnendedEvents { .. }
        | Finding::Unscripted(_)
        | Finding::Refused { .. }
        | Finding::Malformed { .. }
        | Finding::Undeclared { .. }
        | Finding::NotInvoke { .. }
        | Finding::NotFaked { .. }
        | Finding::Panicked { .. }
        | Finding::Broke { .. }
        | Finding::ImpossibleReply { .. }
        | Finding::UnreadEvent { .. }
        | Finding::BrokenContract { .. }
        | Finding::LostPayloads { .. }
        | Finding::Recursive { .. }
        | Finding::FaultCouldNotHappen { .. }
        | Finding::Misnamed(_)
        | Finding::UnpublishedVersion(_)
        | Finding::AimlessSetting { .. }
        | Finding::Unreachable { .. }
        | Finding::AimlessChaos { .. } => &[],
        #[cfg(feature = "in-memory")]
        Finding::NeverEnds { .. } | Finding::WrongRuntime => &[],
    };
    let is_instead = instead.iter().any(|near| near.call.number == call.number);
    is_instead || found.calls.contains(&call.number)
}

fn is_error(attempt: &Attempt) -> bool {
    let fault = attempt.fault();
    attempt.is_function_error()
        || attempt.status().is_some_and(|status| status >= 400)
        || fault.is_some_and(|fault| !fault.keeps_reply_whole())
}

/// One error; a finding that several calls share is one error.
fn message(found: &Found, journal: &Journal) -> Message {
    match &found.finding {
        Finding::Unscripted(one) => requests::unscripted(found, one),
        Finding::Undeclared {
            headline,
            answer,
            target,
            rule,
            ..
        } => requests::undeclared(found, headline, answer, target, rule.as_ref()),
        Finding::Refused {
            headline,
            answer,
            message,
            target,
            why,
            part,
            ..
        } => requests::refused(
            found,
            headline,
            answer,
            message,
            target.as_deref(),
            why.as_deref(),
            *part,
        ),
        Finding::Malformed {
            headline, answer, ..
        } => requests::malformed(found, headline, answer),
        Finding::NotInvoke {
            headline, answer, ..
        } => requests::not_invoke(found, headline, answer),
        Finding::NotFaked {
            headline,
            operation,
            ..
        } => requests::not_faked(found, headline, operation),
        Finding::Panicked {
            headline,
            what,
            answer,
            written_at,
            panicked_at,
            text,
            ..
        } => requests::panicked(
            found,
            headline,
            what,
            answer,
            written_at,
            panicked_at.as_ref(),
            text,
        ),
        Finding::Broke {
            what,
            answer,
            panicked_at,
            text,
            ..
        } => requests::broke(what, answer, panicked_at.as_ref(), text),
        Finding::ImpossibleReply {
            headline,
            answer,
            written_at,
            mistake,
            ..
        } => requests::impossible_reply(found, headline, answer, written_at, mistake),
        Finding::UnreadEvent {
            headline,
            part,
            answer,
            written_at,
            wanted,
            why,
            ..
        } => requests::unreadable_event(found, headline, *part, answer, written_at, wanted, why),
        Finding::BrokenContract {
            is_record,
            headline,
            written_at,
            wanted,
            why,
            ..
        } => requests::broken_contract(found, *is_record, headline, written_at, wanted, why),
        Finding::LostPayloads {
            lost,
            written_at,
            wanted,
            remedy,
        } => requests::lost_payloads(*lost, written_at, wanted, remedy),
        Finding::Recursive {
            call,
            function,
            destination,
            length,
        } => requests::recursive(*call, function, destination, *length),
        Finding::FaultCouldNotHappen {
            call,
            misfit,
            invocation_type,
            rule,
        } => requests::misfit(*call, *misfit, *invocation_type, rule.as_ref()),
        #[cfg(feature = "in-memory")]
        Finding::NeverEnds {
            reason,
            headline,
            cure,
            is_stream,
            length,
            ..
        } => in_memory::never_ends(found, reason, headline, *cure, *is_stream, *length),
        #[cfg(feature = "in-memory")]
        Finding::WrongRuntime => in_memory::refused_runtime(),
        Finding::Unreachable {
            rule,
            undeclared,
            newer,
        } => reach::unreachable(rule, undeclared.as_deref(), newer.as_ref()),
        Finding::AimlessChaos {
            target,
            near,
            is_undeclared,
            written_at,
        } => reach::aimless_chaos(target, near.as_deref(), *is_undeclared, written_at),
        Finding::AimlessSetting {
            setting,
            target,
            near,
            written_at,
        } => reach::aimless_setting(setting, target, near.as_deref(), written_at),
        Finding::Misnamed(misnamed) => reach::misnamed(misnamed),
        Finding::UnpublishedVersion(alias) => reach::unpublished(alias),
        Finding::UnmetEvents {
            rule,
            what,
            expected,
            got,
            unsettled,
        } => unmet_events(rule, what, *expected, *got, *unsettled, journal),
        Finding::UnmetRefusals {
            expected,
            got,
            written_at,
        } => requests::unmet_refusals(*expected, *got, written_at.as_ref()),
        Finding::UnpolledWait(wait) => unpolled(wait),
        Finding::NeverAnswered(miscount) => unused::never_answered(miscount, journal),
        Finding::Unfinished { rule, script } => unused::unfinished(rule, script, journal),
        Finding::UnendedEvents {
            rule,
            target,
            events,
        } => unused::unended_events(rule.as_ref(), target, *events),
        Finding::Unmet(miscount) => unmet(miscount, journal),
    }
}
