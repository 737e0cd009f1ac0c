//! What to change so that a count holds: the likeliest thing, in one line.

use super::plural;
use super::reason::correction;
use crate::aws::target::Target;
use crate::record::finding::{CountedOf, Miscount, NearCall, Reason};
use crate::record::journal::{Attempt, Call, Journal};

pub(super) fn advice(miscount: &Miscount, journal: &Journal) -> String {
    let (got, least) = (miscount.got, miscount.expected.least());
    let or_expect = format!("or expect {}", plural(got, miscount.what));
    if got >= least {
        return format!("{}, {or_expect}", fewer(miscount, journal));
    }
    let wait = format!("`wait_for_{}s({least})`", miscount.what);
    if journal.entries.is_empty() {
        return format!(
            "make the call, or await it with {wait}; or is the client's endpoint not this fake's `endpoint_url()`?"
        );
    }
    if let Some(change) = elsewhere(miscount) {
        return format!("{change}, {or_expect}");
    }
    match miscount.calls.last() {
        Some(call) if miscount.what == "attempt" => {
            format!("{}, {or_expect}", why_not_retried(call))
        }
        _ if are_attempts(miscount) => format!(
            "a retry is no call of its own: count attempts, `assert_attempts({least})`, {or_expect}"
        ),
        _ if got == 0 => format!("make the call, await it with {wait}, {or_expect}"),
        _ => {
            let more = plural(least - got, &format!("more {}", miscount.what));
            format!("make {more}, await that with {wait}, {or_expect}")
        }
    }
}

/// Where the calls went that were to be counted.
fn elsewhere(miscount: &Miscount) -> Option<String> {
    if let CountedOf::Target {
        near: Some(near), ..
    } = &miscount.subject.whose
    {
        return Some(format!("did you mean `{near}`? that one was called"));
    }
    let reasons = || miscount.instead.iter().rev().flat_map(reasons_of);
    let written_at = match &miscount.subject.whose {
        CountedOf::Rule(rule) => Some(&rule.written_at),
        CountedOf::Fake | CountedOf::Target { .. } => None,
    };
    let no = reasons().find(|reason| reason.is_no());
    match (no, written_at) {
        (
            Some(Reason::Fails {
                why, written_at, ..
            }),
            _,
        ) => Some(correction(why.as_deref(), written_at)),
        (Some(Reason::OtherFunction { asked, written, .. }), Some(location)) => Some(format!(
            "`{asked}` was called and the rule at {location} is for `{written}`: correct one of them"
        )),
        (Some(_), Some(location)) => Some(format!(
            "correct the target of the rule at {location}, or of the call"
        )),
        _ => miscount.others.first().map(|other| {
            let location = &other.rule.written_at;
            format!("the rule at {location} answered: take it out, or ask that one instead")
        }),
    }
}

fn reasons_of(instead: &NearCall) -> &[Reason] {
    &instead.reasons
}

/// Whether as many attempts came as calls were expected.
fn are_attempts(miscount: &Miscount) -> bool {
    let attempts = miscount
        .calls
        .iter()
        .map(|call| call.attempts().len() as u64);
    let attempts: u64 = attempts.sum();
    miscount.what == "call" && attempts > miscount.got && miscount.expected.contains(attempts)
}

/// Why the client made no further attempt of a call.
fn why_not_retried(call: &Call) -> String {
    let last = &call.attempts()[call.attempts().len() - 1];
    let name = call.name_of(call.attempts().len() - 1);
    let answer = match (last.status(), last.error_code()) {
        (Some(status), Some(code)) => format!("{status} {code}"),
        (Some(status), None) => status.to_string(),
        (None, _) => "nothing".to_owned(),
    };
    let (number, most) = (
        last.invocation().attempt(),
        last.invocation().max_attempts(),
    );
    let is_success = last.status().is_some_and(|status| status < 400);
    if last.is_function_error() {
        return format!(
            "call {} ended with a function error, which is a 200 that no SDK retries: script a service error",
            call.number()
        );
    }
    if is_success {
        return format!(
            "{name} of call {} got {answer}, which ends a call: script more errors before it",
            call.number()
        );
    }
    match (number, most) {
        (_, Some(1)) => {
            "the client's retries are off (it says `max=1`): turn them on, as `sdk_client!` does"
                .to_owned()
        }
        (Some(number), Some(most)) if number >= most => {
            format!(
                "the client gave up after {name}: raise its `max_attempts`, or script fewer errors"
            )
        }
        (None, _) => {
            "the client sends no `amz-sdk-request`, so a retry counts as a call: assert calls"
                .to_owned()
        }
        _ => format!("the client does not retry after {answer}: script an error that it retries"),
    }
}

/// Why there were more than expected.
fn fewer(miscount: &Miscount, journal: &Journal) -> String {
    let retried = miscount.calls.iter().find(|call| call.attempts().len() > 1);
    if let ("attempt", Some(call)) = (miscount.what, retried) {
        let first = call.attempts()[0].to_string();
        let first = first.lines().next().unwrap_or_default();
        return format!(
            "call {} was retried after {first}: take the retry from the client or the error from the script",
            call.number()
        );
    }
    let first = miscount.calls.first();
    if let Some(failed) = first.and_then(|call| failed_before(call, journal)) {
        return format!(
            "call {}, before it, got a function error, which SDKs return as `Ok`: let the caller look at `function_error()`",
            failed.number()
        );
    }
    let has_id = |call: &Call| call.first().invocation_id().is_some();
    if miscount.what == "call" && miscount.got > 1 && !miscount.calls.iter().any(has_id) {
        return "without `amz-sdk-invocation-id` a retry counts as a call: assert attempts, call less often".to_owned();
    }
    let target = |call: &Call| call.first().target().map(Target::to_string);
    let last = miscount.calls.last().and_then(target);
    match (&miscount.subject.whose, last) {
        (CountedOf::Fake, Some(last))
            if miscount
                .calls
                .iter()
                .any(|call| target(call).as_ref() != Some(&last)) =>
        {
            format!(
                "`{last}` was called, too: take that call out, or ask one function alone with `seen(..)`"
            )
        }
        _ => "call less often".to_owned(),
    }
}

/// The newest call before this one, if its function ran and failed.
fn failed_before<'a>(call: &Call, journal: &'a Journal) -> Option<&'a Call> {
    let before = journal.entries.iter().rev();
    let before = before.skip_while(|entry| entry.number() >= call.number());
    let last = before.into_iter().next()?;
    let failed = last
        .attempts()
        .last()
        .is_some_and(Attempt::is_function_error);
    failed.then_some(last)
}
