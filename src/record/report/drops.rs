//! The report that a drop prints on standard error: how the test used the fake. It is usually
//! printed because the test fails for a reason of its own.

use super::advice::why_left;
use super::excerpt::excerpt;
use super::label::{self, Conditions, declaration, script};
use super::refusal::change_of;
use super::unanswered::{self, Unanswered, lines_of};
use super::verification::{MAX_MESSAGE, errors_of, is_about};
use super::{Parts, Report, chaos, paused};
use crate::aws::words::LogType;
use crate::behavior::rules::UnfinishedScript;
use crate::ground::count::plural;
use crate::ground::cut::cut;
use crate::ground::location::Location;
use crate::ground::message::on_one_line;
use crate::record::finding::{RuleLabel, SetUp};
use crate::record::journal::{Attempt, Call};
use crate::record::record::{Reported, StartedOutage};
use crate::reply::capability::TransportKind;
use crate::reply::outcome::Outcome;
use crate::request::invocation::{Invocation, RefusedPart, Validity};

/// The facts about a drop.
pub(crate) struct AtDrop<'a> {
    pub(crate) reported: &'a Reported,
    pub(crate) started: &'a str,
    pub(crate) seed: u64,
    /// Whether a verification has printed the seed.
    pub(crate) is_seed_printed: bool,
    pub(crate) transport: TransportKind,
    pub(crate) is_panicking: bool,
    /// Whether it prints the journal.
    pub(crate) shows_journal: bool,
    /// The part of the journal that the last panic printed.
    pub(crate) printed_journal: &'a str,
    pub(crate) unanswered: &'a [Unanswered],
    /// The last attempt, if its client gave it up while its function ran.
    pub(crate) given_up: Option<&'a Unanswered>,
    /// The rules of a fake that received no request.
    pub(crate) unused: &'a [RuleLabel],
    pub(crate) newest_outage: Option<StartedOutage>,
    /// Where a pause began that held a request when the test panicked.
    pub(crate) failed_pause: Option<Location>,
    pub(crate) last: LastAnswer,
}

/// What gave the last attempt its answer.
#[derive(Default)]
pub(crate) struct LastAnswer {
    /// The rule, and the rest of its script.
    pub(crate) rule: Option<(RuleLabel, Option<UnfinishedScript>)>,
    /// The part of the test's own setup that answered it in place of the rules.
    pub(crate) set_up: Option<SetUp>,
    /// A qualified target that the test declares for the function, if the call named no qualifier.
    pub(crate) declared: Option<String>,
}

/// The report of a drop; `None` if it would contain nothing new.
pub(crate) fn at_drop(drop: &AtDrop<'_>) -> Option<Report> {
    let reported = drop.reported;
    let journal = drop.shows_journal.then(|| excerpt(&reported.journal));
    let is_printed = journal
        .as_deref()
        .is_none_or(|journal| journal == drop.printed_journal);
    let mut notes = Vec::new();
    let mut tail = Vec::new();
    let shows_note = drop.is_panicking && drop.shows_journal && !is_printed;
    if drop.is_panicking {
        notes.extend(reported.is_clock_paused.then(paused::note));
        if shows_note {
            let given_up = drop.given_up.filter(|_| drop.unanswered.is_empty());
            let note = drop.failed_pause.as_ref().map(paused_requests);
            let note = note.or_else(|| given_up.map(unanswered::given_up));
            notes.extend(
                note.or_else(|| last_answer(drop))
                    .or_else(|| no_request(drop)),
            );
        }
        tail.extend(reported.chaos.as_ref().map(chaos::text_of));
    }
    let is_pause_named = shows_note && drop.failed_pause.is_some();
    if !drop.unanswered.is_empty() && !is_pause_named {
        let many = plural(drop.unanswered.len() as u64, "unanswered request");
        notes.push(format!(
            "note: dropped with {many}{}",
            lines_of(drop.unanswered)
        ));
    }
    let many = reported.found();
    let shows_seed = drop.is_panicking && reported.has_drawn;
    let is_seed_new = shows_seed && !drop.is_seed_printed;
    if is_printed && many == 0 && notes.is_empty() && tail.is_empty() && !is_seed_new {
        return None;
    }
    tail.extend(shows_seed.then(|| format!("seed {}", drop.seed)));
    let what = match (many, drop.is_panicking) {
        (0, true) => "was dropped during a panic".to_owned(),
        (0, false) => "was dropped".to_owned(),
        (many, _) => format!("also found {}", plural(many, "problem")),
    };
    let (errors, left_out) = errors_of(reported);
    let report = Report(Box::new(Parts {
        head: Some(format!("fake-lambda ({}) {what}", drop.started)),
        errors,
        left_out,
        notes,
        journal,
        tail,
    }));
    Some(report.after(drop.printed_journal))
}

/// The last answer that a client got, and its reason; `None` if an error is about it.
fn last_answer(drop: &AtDrop<'_>) -> Option<String> {
    let (call, index) = drop.reported.journal.last_answered()?;
    let mut findings = drop.reported.findings.iter();
    // A finding that is not kept may be about that call.
    if drop.reported.more_findings > 0 || findings.any(|found| is_about(found, call)) {
        return None;
    }
    let attempt = &call.attempts[index];
    let mut text = format!("note: call {} ended with {attempt}", call.number());
    if let Some(message) = attempt.error_message() {
        let message = on_one_line(message);
        text.push_str(&format!(": {}", cut(&message, MAX_MESSAGE)));
    }
    for line in reason(call, attempt, drop) {
        text.push_str(&format!("\n  {line}"));
    }
    if let Some(outage) = &drop.newest_outage {
        let (help, order) = match outage.last_call < call.number() {
            true => (
                "if this call is meant to fail, keep the outage in a variable until after it: \
                 `let outage = lambda.outage();`",
                "ended before this call",
            ),
            false => (
                "if a later call is not meant to fail, end the outage before it: `outage.stop()`",
                "after this call",
            ),
        };
        let begun_at = &outage.begun_at;
        text.push_str(&format!(
            "\n  help: {help}\n  outage: started at {begun_at}, {order}"
        ));
    }
    Some(text)
}

/// The change if the code under test made a call, but no request arrived.
fn no_request(drop: &AtDrop<'_>) -> Option<String> {
    if let Some(outage) = drop
        .newest_outage
        .as_ref()
        .filter(|_| drop.reported.journal.never_had_calls())
    {
        return Some(format!(
            "note: no request arrived\n  help: if the call is not meant to fail, end the outage before it: \
             `outage.stop()`\n  outage started at {}",
            outage.begun_at
        ));
    }
    let first = drop
        .unused
        .first()
        .filter(|_| !drop.reported.is_clock_paused)?;
    Some(format!(
        "note: no request arrived for {}\n  help: if the test made a call, check that its client {}",
        label::rule(first, Conditions::Omitted),
        unanswered::reaches_if(drop.transport)
    ))
}

/// Why an attempt got its answer: the line of the test that answered it, or what to change.
fn reason(call: &Call, attempt: &Attempt, drop: &AtDrop<'_>) -> Vec<String> {
    let invocation = attempt.invocation();
    match &drop.last.set_up {
        Some(SetUp::Constraint {
            written,
            written_at,
            ..
        }) => vec![format!("constraint: `{written}`, set at {written_at}")],
        Some(SetUp::Chaos { written_at }) => vec![format!("chaos: started at {written_at}")],
        Some(SetUp::Undeclared { target }) => {
            let function = invocation.function_name();
            let qualifier = invocation.qualifier().unwrap_or_default();
            vec![
                format!("help: declare it: {}", declaration(target)),
                format!(
                    "the qualifier `{qualifier}` is not declared, but other qualifiers of `{function}` are"
                ),
            ]
        }
        Some(SetUp::Unaccepted { part, .. }) => unaccepted(invocation, *part),
        None => match (&drop.last.rule, invocation.target()) {
            (Some((rule, left)), _) => left_over(call, left.as_ref(), drop)
                .or_else(|| looks_like_an_error(attempt))
                .or_else(|| gate_was_dropped(attempt))
                .or_else(|| is_ok_for_sdk(attempt))
                .or_else(|| log_was_not_requested(attempt))
                .into_iter()
                .chain([format!("rule: {}", label::rule(rule, Conditions::Listed))])
                .chain(drop.last.declared.as_deref().map(unqualified))
                .collect(),
            (None, Some(target)) if attempt.is_unscripted() => {
                let script = script(&target.to_string());
                vec![format!("help: script it before the call: {script}")]
            }
            (None, _) => Vec::new(),
        },
    }
}

/// The version that a call without a qualifier ran; `declared` is for example `pay:live`.
fn unqualified(declared: &str) -> String {
    format!(
        "version: `$LATEST`, because the call names no qualifier; the test declares `{declared}`"
    )
}

/// What to change if the test failed during its pause.
fn paused_requests(begun_at: &Location) -> String {
    format!(
        "note: `lambda.pause()` held a request when the test failed\n  help: end the pause before \
         the test waits for a reply: `paused.stop()`\n  paused at {begun_at}"
    )
}

/// What to change if the client did not retry an error, so that the rest of a script was not used.
fn left_over(call: &Call, left: Option<&UnfinishedScript>, drop: &AtDrop<'_>) -> Option<String> {
    let UnfinishedScript { step, steps, .. } = left?;
    let why = why_left(call, &drop.reported.journal)?;
    Some(format!(
        "help: {why}, so step {step} of {steps} of the script did not answer"
    ))
}

/// What to change in a reply that has the payload of a failed function but is a success.
fn looks_like_an_error(attempt: &Attempt) -> Option<String> {
    let body = attempt.reply_payload()?;
    let body: serde_json::Value = serde_json::from_slice(&body).ok()?;
    let is_error = body.get("errorMessage").is_some() || body.get("errorType").is_some();
    (is_error && !attempt.is_function_error() && attempt.status() == Some(200)).then(|| {
        "help: if the function is meant to fail, reply with `FunctionError::new(..)`; this reply \
         is a success"
            .to_owned()
    })
}

/// What to check if the function failed, which an SDK returns as a success.
fn is_ok_for_sdk(attempt: &Attempt) -> Option<String> {
    attempt.is_function_error().then(|| {
        "help: check `function_error()` of the output, because SDKs return a function error as `Ok`"
            .to_owned()
    })
}

/// What to change if the test reads the log of the reply, for which the call did not ask.
fn log_was_not_requested(attempt: &Attempt) -> Option<String> {
    let has_log = attempt.last_outcome().is_some_and(Outcome::has_log);
    (has_log && attempt.invocation().log_type() == LogType::None).then(|| {
        "help: if the test reads the log, set `log_type(LogType::Tail)` on the call; otherwise \
         none is returned"
            .to_owned()
    })
}

/// What to change if a gate was dropped before the test opened it.
fn gate_was_dropped(attempt: &Attempt) -> Option<String> {
    attempt.gate_was_dropped().then(|| {
        "help: call `gate.open()` before the test waits for the reply; a dropped gate opens"
            .to_owned()
    })
}

/// What to change in a request that the service refuses on sight.
fn unaccepted(invocation: &Invocation, part: RefusedPart) -> Vec<String> {
    let Validity::Refused { why, .. } = invocation.validity() else {
        return Vec::new();
    };
    let why = why.as_deref().map(on_one_line);
    let help = match part == RefusedPart::Region {
        true => format!(
            "help: set the client's region to `{}`, or change the region in the function's ARN",
            invocation.region()
        ),
        false => format!("help: {}", change_of(part)),
    };
    [help].into_iter().chain(why).collect()
}
