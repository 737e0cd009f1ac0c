//! Messages about single requests; equal requests share one error.

use super::label::{self, Conditions, declaration, script};
use super::reason::{correction_or_default, reason_lines};
use super::refusal::change_of;
use super::{calls, number};
use crate::aws::words::InvocationType;
use crate::behavior::contract::PayloadMistake;
use crate::ground::count::{Count, counted, plural};
use crate::ground::cut::short_type;
use crate::ground::location::Location;
use crate::ground::message::{Message, on_one_line};
use crate::record::finding::{Found, NearMiss, Reason, RuleLabel, Unscripted, speaks_tls};
use crate::reply::fault::Misfit;
use crate::reply::reply::UnreadPart;
use crate::request::invocation::RefusedPart;

/// The maximum number of rules to list as perhaps meant.
const MAX_CANDIDATES: usize = 3;

/// `was` or `were` for these calls.
fn was_or_were(numbers: &[u64]) -> &'static str {
    match numbers.len() {
        1 => "was",
        _ => "were",
    }
}

/// `call 3`, `the record of call 3`.
fn calls_or_records(numbers: &[u64], are_records: bool) -> String {
    match (are_records, numbers.len()) {
        (false, _) => calls(numbers),
        (true, 1) => format!("the record of {}", calls(numbers)),
        (true, _) => format!("the records of {}", calls(numbers)),
    }
}

/// A call that matches no rule.
pub(super) fn unscripted(found: &Found, one: &Unscripted) -> Message {
    let Unscripted {
        headline,
        target,
        answer,
        attempt,
        is_dry_run,
        is_record,
        unfinished,
        nearest,
        ..
    } = one;
    let (numbers, script) = (&found.calls, script(target));
    let which = calls_or_records(numbers, *is_record);
    let plain = format!(
        "{which} {} not scripted and got {answer}: {headline}",
        was_or_were(numbers)
    );
    if let Some(written_at) = unfinished {
        let help = format!("add `.reply(..)` to the rule at {written_at}, which has no reply yet");
        let is_near = |miss: &&NearMiss| {
            let far = |reason| matches!(reason, &Reason::OtherFunction { .. });
            !miss.reasons.iter().any(far)
        };
        let near: Vec<NearMiss> = nearest.iter().filter(is_near).cloned().collect();
        return with_candidates(Message::new(plain, help), found, &near);
    }
    let first = nearest
        .first()
        .and_then(|miss| Some((miss, Reason::deciding(&miss.reasons)?)));
    let Some((miss, reason)) = first else {
        let message = Message::new(plain, format!("script it before the call: {script}"));
        return match nearest.first() {
            Some(miss) => with_candidates(message, found, std::slice::from_ref(miss)),
            None => message.line(no_rule(target, *is_dry_run, None)),
        };
    };
    if let Reason::OtherFunction { is_near: false, .. } = reason {
        let other = (!is_dry_run).then_some(&miss.rule);
        return Message::new(plain, format!("script it before the call: {script}")).line(no_rule(
            target,
            *is_dry_run,
            other,
        ));
    }
    let in_call = match (is_record, numbers.len()) {
        (true, _) => "in the destination",
        (false, 1) => "in the call",
        (false, _) => "in the calls",
    };
    let help = match reason {
        Reason::OtherFunction { asked, written, .. } => {
            format!("change `{asked}` to `{written}` {in_call}, or script both")
        }
        Reason::OtherQualifier {
            function, written, ..
        } => format!(
            "call `{function}:{written}`, or script every qualifier with \
             `lambda.on(\"{function}\")`"
        ),
        Reason::OtherRegion { written, .. } => format!(
            "set the client's region to `{written}`, or write the rule without a region: \
             `lambda.on(\"{target}\")`"
        ),
        Reason::OtherAccount { written, .. } => format!(
            "call the function of account {written}, or write the rule without an account: \
             `lambda.on(\"{target}\")`"
        ),
        Reason::Removed => format!("call `.remove()` later, or script another rule: {script}"),
        // Another rule for the same target is not suggested: it would be the newest and would also
        // answer the earlier attempts.
        Reason::Exhausted {
            times: Some(times), ..
        } => format!(
            "add `.then(..)` after `.times({times})`, raise that number, or make fewer attempts"
        ),
        Reason::Exhausted { times: None, .. } => {
            "add `.then(..)` to the script, or make fewer attempts".to_owned()
        }
        Reason::Fails { why, .. } => correction_or_default(why.as_deref(), &miss.reasons, &script),
        Reason::Holds { .. } | Reason::NotAsked { .. } => {
            "change the rule, or the request".to_owned()
        }
    };
    let error = match (reason, attempt) {
        (Reason::Exhausted { .. }, Some(attempt)) if numbers.len() == 1 => format!(
            "the script was exhausted at {attempt} of {which}, which got {answer}: {headline}"
        ),
        (Reason::Exhausted { .. }, _) => {
            format!("the script was exhausted at {which}, which got {answer}: {headline}")
        }
        _ => plain,
    };
    with_candidates(Message::new(error, help), found, nearest)
}

/// Why no rule is near.
fn no_rule(target: &str, is_dry_run: bool, other: Option<&RuleLabel>) -> String {
    if is_dry_run {
        return format!(
            "no rule matches `{target}`; a DryRun gets 204 if a rule matches its function"
        );
    }
    match other {
        Some(other) => format!(
            "no rule matches `{target}`; the nearest is {}",
            label::rule(other, Conditions::Omitted)
        ),
        None => format!("no rule matches `{target}`"),
    }
}

/// The rules that were perhaps meant, and the reasons why each did not answer.
fn with_candidates(mut message: Message, found: &Found, nearest: &[NearMiss]) -> Message {
    for (index, miss) in nearest.iter().take(MAX_CANDIDATES).enumerate() {
        let is_meant = miss
            .reasons
            .iter()
            .any(|reason| matches!(reason, Reason::Exhausted { .. } | Reason::Removed));
        let name = match (index, is_meant) {
            (0, true) => "rule",
            (0, false) => "nearest rule",
            _ => "another rule",
        };
        let others = if index == 0 { &found.got[..] } else { &[] };
        let reasons = reason_lines(&miss.reasons, others);
        message = message
            .line(format!(
                "{name}: {}",
                label::rule(&miss.rule, Conditions::Counted)
            ))
            .lines(reasons.into_iter().map(|line| format!("  {line}")));
    }
    message
}

/// A call with an undeclared qualifier.
pub(super) fn undeclared(
    found: &Found,
    headline: &str,
    answer: &str,
    target: &str,
    rule: Option<&RuleLabel>,
) -> Message {
    let function = target.split_once(':').map_or(target, |(name, _)| name);
    let rule = rule.map(|rule| {
        format!(
            "rule: {}, can never answer",
            label::rule(rule, Conditions::Listed)
        )
    });
    Message::new(
        format!(
            "{} named a qualifier that was not declared and got {answer}: {headline}",
            calls(&found.calls)
        ),
        format!("declare it: {}", declaration(target)),
    )
    .line(format!(
        "the test declares other qualifiers of `{function}`, so the fake answers 404 for the \
         rest, as AWS does"
    ))
    .lines(rule)
}

/// A call that the service refuses without looking up a function.
pub(super) fn refused(
    found: &Found,
    headline: &str,
    answer: &str,
    message: &str,
    target: Option<&str>,
    why: Option<&str>,
    part: RefusedPart,
) -> Message {
    let is = match found.calls.len() {
        1 => "is not a request",
        _ => "are not requests",
    };
    let rule = match target {
        Some(target) => format!("`lambda.on(\"{target}\").reply(..)`"),
        None => "`lambda.on_any().reply(..)`".to_owned(),
    };
    Message::new(
        format!(
            "{} {is} that Lambda accepts, and got {answer}: {headline}",
            calls(&found.calls)
        ),
        match part == RefusedPart::Signature {
            true => format!(
                "{}, or add `.expect_refusals({})` after `.require_signature(..)` if the test \
                 expects this",
                change_of(part),
                found.calls.len()
            ),
            false => format!(
                "{}, or add {rule} if the test expects this refusal",
                change_of(part)
            ),
        },
    )
    .lines(why.map(str::to_owned))
    // The text about a long client context is this crate's own.
    .lines(
        (part != RefusedPart::LongContext).then(|| format!("AWS says: {}", on_one_line(message))),
    )
}

/// A number of refusals for wrong signatures that differs from the expected one.
pub(super) fn unmet_refusals(expected: Count, got: u64, written_at: Option<&Location>) -> Message {
    let help = match got < expected.least() {
        true => "send the request with the wrong signature, or correct `expect_refusals(..)`",
        false => "correct the other signatures, or raise the number in `expect_refusals(..)`",
    };
    Message::new(
        format!(
            "expected {} for a wrong signature, got {}",
            counted(expected, "refusal"),
            number(got)
        ),
        help,
    )
    .lines(written_at.map(|written_at| format!("expected at {written_at}")))
}

/// Bytes that are not a complete and unambiguous HTTP request.
pub(super) fn malformed(found: &Found, headline: &str, answer: &str) -> Message {
    let help = match speaks_tls(answer) {
        true => "give the client `lambda.endpoint_url()`, which begins with `http://`",
        false => "find the client that sends this, and correct it",
    };
    Message::new(
        format!(
            "{} {} not valid HTTP and got {answer}: {headline}",
            journal_entries(&found.calls),
            was_or_were(&found.calls)
        ),
        help,
    )
}

/// A request that is not an Invoke request.
pub(super) fn not_invoke(found: &Found, headline: &str, answer: &str) -> Message {
    let invoke = match found.calls.len() {
        1 => "was not an Invoke request",
        _ => "were not Invoke requests",
    };
    Message::new(
        format!(
            "{} {invoke} and got {answer}: {headline}",
            journal_entries(&found.calls)
        ),
        match before_invoke(headline) {
            Some(extra) => format!(
                "remove `{extra}` from the client's endpoint, as `lambda.endpoint_url()` has no path"
            ),
            None => {
                "find the client that sends this; only `Invoke` and `InvokeWithResponseStream` \
                     are faked"
                    .to_owned()
            }
        },
    )
}

/// `/lambda` of `POST /lambda/2015-03-31/functions/pay/invocations`: the path of a wrong endpoint.
fn before_invoke(headline: &str) -> Option<&str> {
    let path = headline.strip_prefix("POST ")?;
    let after = |start, end| path.find(start).filter(|at| path[*at..].ends_with(end));
    let at = after("/2015-03-31/functions/", "/invocations")
        .or_else(|| after("/2021-11-15/functions/", "/response-streaming-invocations"))?;
    (at > 0).then_some(&path[..at])
}

/// An operation of the service that this fake does not support.
pub(super) fn not_faked(found: &Found, headline: &str, operation: &str) -> Message {
    Message::new(
        format!(
            "{} used `{operation}`, which is not faked, and got 501 FakeLambdaNotFaked: {headline}",
            journal_entries(&found.calls)
        ),
        "call `Invoke`, or keep this request out of the test",
    )
}

/// `journal entry 3`, `journal entries 3 and 4`: these are not calls of a function.
fn journal_entries(numbers: &[u64]) -> String {
    let calls = calls(numbers);
    match calls.strip_prefix("calls ") {
        Some(numbers) => format!("journal entries {numbers}"),
        None => calls.replacen("call ", "journal entry ", 1),
    }
}

/// User code that panicked, or a handler that was canceled.
pub(super) fn panicked(
    found: &Found,
    headline: &str,
    what: &str,
    answer: &str,
    written_at: &Location,
    panicked_at: Option<&Location>,
    text: &str,
) -> Message {
    let whose = what.split(' ').next().unwrap_or_default();
    let help = match what {
        "condition panicked" => "fix the panic, or return `false` instead of panicking",
        "handler panicked" => "fix the panic, or return an `Err` if the function is meant to fail",
        _ => {
            "write a slow reply with `Reply::delay`; if the handler waits for another request, \
             start this fake with `FakeLambda::start()`"
        }
    };
    Message::new(
        format!("a {what} at {}: {headline}", calls(&found.calls)),
        help,
    )
    .line(format!("{whose}: written at {written_at}; {answer}"))
    .lines(panicked_at.map(|place| format!("panicked at {place}")))
    .line(indented(text))
}

/// A panic on the fake's own thread, outside of handlers and conditions.
pub(super) fn broke(
    what: &str,
    answer: &str,
    panicked_at: Option<&Location>,
    text: &str,
) -> Message {
    Message::new(
        format!("the fake panicked while it {what}"),
        "fix the panic if it is in the test's own code, such as a `Drop` or a waker; otherwise report it as a bug in fake-lambda",
    )
    .line(answer)
    .lines(panicked_at.map(|place| format!("panicked at {place}")))
    .line(indented(text))
}

/// The text of a panic, below the line about its place.
fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| match line.is_empty() {
        true => String::new(),
        false => format!("  {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A reply that cannot be sent, which was known only at the request.
pub(super) fn impossible_reply(
    found: &Found,
    headline: &str,
    answer: &str,
    written_at: &Location,
    mistake: &Message,
) -> Message {
    let calls = calls(&found.calls);
    mistake
        .under(format!("the reply to {calls} is impossible"))
        .line(format!("scripted at {written_at}; {answer}"))
        .line(format!("got: {headline}"))
}

/// The payloads or client contexts of these calls or records, the type, and the first invalid
/// value.
fn invalid(part: UnreadPart, found: &Found, are_records: bool, wanted: &str, why: &str) -> String {
    let part = match part {
        UnreadPart::Payload => "payload",
        UnreadPart::ClientContext => "client context",
    };
    let place = why.rfind(" at line ").unwrap_or(why.len());
    let wanted = short_type(wanted);
    let calls = calls_or_records(&found.calls, are_records);
    let error = match found.calls.len() {
        1 => format!("the {part} of {calls} is not a valid `{wanted}`"),
        _ => format!("the {part}s of {calls} are not valid `{wanted}` values"),
    };
    format!("{error}: {}", &why[..place])
}

/// An event that a typed handler cannot deserialize, or its client context.
pub(super) fn unreadable_event(
    found: &Found,
    headline: &str,
    part: UnreadPart,
    answer: &str,
    written_at: &Location,
    wanted: &str,
    why: &str,
) -> Message {
    Message::new(
        invalid(part, found, false, wanted, why),
        match part {
            UnreadPart::ClientContext => {
                "send a client context with only strings in `custom` and `environment`, and with \
                 all members of `client` or without `client`; on another one, Lambda's Rust \
                 runtime exits"
            }
            UnreadPart::Payload if headline.contains("(empty)") => {
                "send a payload; the function receives an empty payload as `{}`"
            }
            UnreadPart::Payload => {
                "correct the payload or the type; to reject payloads on purpose, take a \
                 `serde_json::Value` and return an `Err`"
            }
        },
    )
    .line(format!("handler: written at {written_at}; {answer}"))
    .line(format!("got: {headline}"))
}

/// A payload that is not valid for the type that the rule expects.
pub(super) fn broken_contract(
    found: &Found,
    is_record: bool,
    headline: &str,
    written_at: &Location,
    wanted: &str,
    why: &PayloadMistake,
) -> Message {
    let (why, help, panic) = match why {
        PayloadMistake::Invalid(why) => (
            &**why,
            match is_record {
                true => {
                    "correct the type in `expect_payload`; the function gets the record of an event"
                }
                false => {
                    "correct the payload that the client sends, or the type in `expect_payload`"
                }
            },
            None,
        ),
        PayloadMistake::Panicked(panic) => (
            "its `Deserialize` panicked",
            "fix the panic, or return an error instead of panicking",
            Some(panic),
        ),
    };
    let error = invalid(UnreadPart::Payload, found, is_record, wanted, why);
    let message = Message::new(error, help)
        .line(format!("expected at {written_at}"))
        .line(format!("got: {headline}"));
    let Some(panic) = panic else {
        return message;
    };
    let panicked_at = panic.panicked_at.as_ref();
    message
        .lines(panicked_at.map(|place| format!("panicked at {place}")))
        .line(indented(&panic.text))
}

/// Payloads that the journal has dropped before they were compared with their type.
pub(super) fn lost_payloads(
    lost: u64,
    written_at: &Location,
    wanted: &str,
    remedy: &str,
) -> Message {
    Message::new(
        format!(
            "cannot check {} for `{}`: the journal has dropped {}",
            plural(lost, "payload"),
            short_type(wanted),
            if lost == 1 { "it" } else { "them" }
        ),
        format!("raise its limit with `{remedy}`"),
    )
    .line(format!("expected at {written_at}"))
}

/// Functions that invoke one another with their records.
pub(super) fn recursive(call: u64, function: &str, destination: &str, length: u8) -> Message {
    Message::new(
        format!(
            "call {call} started a chain of functions, which was stopped after {length} functions"
        ),
        "send the records of one of these functions to a queue, or to no destination",
    )
    .line(format!(
        "the record of `{function}` was not sent to {destination}; AWS also stops such a chain"
    ))
}

/// A fault that could not fire in its reply.
pub(super) fn misfit(
    call: u64,
    misfit: Misfit,
    invocation_type: InvocationType,
    rule: Option<&RuleLabel>,
) -> Message {
    let rule = rule.map(|rule| format!("rule: {}", label::rule(rule, Conditions::Listed)));
    let what = if misfit.is_frame {
        "first frame"
    } else {
        "reply"
    };
    let help = match invocation_type {
        InvocationType::Event if misfit.body == 0 => {
            "use a fault that needs no body, such as `Fault::Reset`: the 202 of an Event has none"
                .to_owned()
        }
        InvocationType::Event | InvocationType::DryRun | InvocationType::RequestResponse => {
            misfit.help(what)
        }
    };
    Message::new(
        format!(
            "`{:?}` could not fire at call {call}, whose {what} has {}; it was sent whole",
            misfit.fault,
            plural(misfit.body as u64, "byte")
        ),
        help,
    )
    .lines(rule)
}
