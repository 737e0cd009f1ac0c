//! The change that makes a count match: the most likely one, in one line.

use super::label::declaration;
use super::paused;
use super::reason::correction;
use super::refusal::change_of;
use super::unanswered::reaches_if;
use crate::aws::target::Target;
use crate::aws::words::InvocationType;
use crate::behavior::chaos::{IdleChaos, IdleKind};
use crate::behavior::constraints::Refusal;
use crate::ground::count::plural;
use crate::ground::location::Location;
use crate::ground::message::on_one_line;
use crate::record::finding::{
    CountedOf, IdleConstraint, Miscount, NearCall, OtherRule, Reason, RuleEnd, SetUp,
};
use crate::record::journal::{Attempt, Call, Journal};
use crate::request::invocation::{RefusedPart, Validity};

/// The change that a message suggests, and lines that explain more.
pub(super) struct Cure {
    pub(super) help: String,
    pub(super) context: Vec<String>,
    /// Whether the test is right, so that no other count is suggested.
    is_firm: bool,
}

impl Cure {
    fn of(help: impl Into<String>) -> Self {
        Self {
            help: help.into(),
            context: Vec::new(),
            is_firm: false,
        }
    }

    fn line(mut self, line: String) -> Self {
        self.context.push(line);
        self
    }
}

/// The change, followed by the count to expect instead. It never suggests expecting none, which
/// would only silence the assertion.
pub(super) fn cure(miscount: &Miscount, journal: &Journal) -> Cure {
    let mut cure = change(miscount, journal);
    if miscount.got > 0 && !cure.is_firm {
        // The count goes between the changes and the reason, if there is a reason.
        let (changes, reason) = match cure.help.split_once("; ") {
            Some((changes, reason)) => (changes, format!("; {reason}")),
            None => (&*cure.help, String::new()),
        };
        let changes = changes.replacen(", or ", ", ", 1);
        let got = plural(miscount.got, miscount.what);
        cure.help = format!("{changes}, or expect {got}{reason}");
    }
    cure
}

/// Whether the paused clock made the client give up an attempt that was answered or would soon have
/// been answered.
pub(super) fn is_of_paused_clock(miscount: &Miscount, journal: &Journal) -> bool {
    let is_good = |attempt: &Attempt| attempt.status().is_some_and(|status| status < 400);
    let is_given_up = |call: &Call| {
        let (last, before) = call.attempts().split_last().expect("a call has an attempt");
        last.is_abandoned() || before.iter().any(|one| one.is_abandoned() || is_good(one))
    };
    miscount.is_clock_paused && journal.entries.iter().any(is_given_up)
}

fn change(miscount: &Miscount, journal: &Journal) -> Cure {
    if is_of_paused_clock(miscount, journal) {
        return Cure {
            is_firm: true,
            ..Cure::of(paused::cure())
        };
    }
    let (got, least) = (miscount.got, miscount.expected.least());
    if got >= least {
        return change_for_too_many(miscount, journal);
    }
    if miscount.is_dropped && journal.never_had_calls() {
        return Cure::of(
            "keep the `FakeLambda` in a variable until the end of the test; it was dropped before any request arrived",
        );
    }
    let wait = format!("`wait_for_{}s({least})`", miscount.what);
    if journal.never_had_calls() {
        return Cure::of(format!(
            "await the call, check that its client {}, and wait for background calls with {wait}",
            reaches_if(miscount.transport)
        ));
    }
    let is_call = |entry: &Call| entry.first().is_invoke();
    if !journal.entries.iter().any(is_call) && journal.dropped.calls() == 0 {
        return Cure::of(
            "check that the client uses `lambda.endpoint_url()`: what arrived is not an Invoke request",
        );
    }
    if let Some(cure) = change_if_counted_elsewhere(miscount, journal) {
        return cure;
    }
    match miscount.calls.last() {
        Some(call) if miscount.what == "attempt" => {
            let idle = match (&miscount.idle_chaos, &miscount.idle_constraint) {
                (Some(chaos), _) => Some(change_of_chaos(chaos)),
                (None, Some(constraint)) => Some(change_of_constraint(constraint)),
                (None, None) => None,
            };
            let idle = idle.filter(|_| is_success(call));
            Cure::of(idle.unwrap_or_else(|| why_not_retried(call, journal)))
        }
        Some(call) if equals_attempts(miscount) => {
            let attempts = miscount.expected.code();
            Cure::of(format!(
                "use `assert_attempts({attempts})` to count retries"
            ))
            .line(format!(
                "call {} made {}; a retry is not a separate call",
                call.number(),
                plural(call.attempts().len() as u64, "attempt")
            ))
        }
        None if executions(miscount, journal) > 0 => Cure::of(format!(
            "use `assert_executions({})`; an execution of an event that another rule accepted, or of a record, is not a call",
            executions(miscount, journal)
        )),
        _ if got == 0 => Cure::of(match refused_call(journal) {
            Some((call, part)) => format!(
                "{}; call {} is not a request that Lambda accepts",
                change_of(part),
                call.number()
            ),
            None => format!("make the call, or wait for it with {wait}"),
        }),
        _ => {
            let more = plural(least - got, &format!("more {}", miscount.what));
            let them = super::them((least - got) as usize);
            Cure::of(format!("make {more}, or wait for {them} with {wait}"))
        }
    }
}

/// The newest call that meets all conditions of the rule, but was not answered by it.
pub(super) fn matching_call(miscount: &Miscount) -> Option<&NearCall> {
    let is_met = |call: &&NearCall| !call.reasons.iter().any(Reason::is_no);
    let is_explained = |call: &&NearCall| {
        call.set_up.is_some() || call.answered_by.is_some() || is_unscripted(&call.call)
    };
    let mut calls = miscount.instead.iter().rev();
    calls.find(|call| is_met(call) && is_explained(call))
}

/// The newest call that was not counted because something in it differs, and the difference.
pub(super) fn nearest_call(miscount: &Miscount) -> Option<(&NearCall, &Reason)> {
    let mut calls = miscount.instead.iter().rev();
    calls.find_map(|call| Some((call, Reason::deciding(&call.reasons)?)))
}

/// The newest DryRun that meets all conditions of the rule, which consumes no step of it.
fn dry_run(miscount: &Miscount) -> Option<&Call> {
    let mut calls = miscount.instead.iter().rev();
    let call = calls.find(|call| {
        let is_met = !call.reasons.iter().any(Reason::is_no);
        is_met && call.call.first().invocation_type() == InvocationType::DryRun
    })?;
    Some(&call.call)
}

fn is_unscripted(call: &Call) -> bool {
    call.attempts().iter().all(Attempt::is_unscripted)
}

/// The change if calls that should have been counted went elsewhere.
fn change_if_counted_elsewhere(miscount: &Miscount, journal: &Journal) -> Option<Cure> {
    if let CountedOf::Target {
        near: Some(near), ..
    } = &miscount.subject.whose
    {
        return Some(Cure::of(format!("did you mean `{near}`? it was called")));
    }
    let is_of_rule = matches!(miscount.subject.whose, CountedOf::Rule(_));
    if let Some(call) = matching_call(miscount).filter(|_| is_of_rule) {
        let is_after = |first: &Call| first.number() < call.call.number();
        let has_answered = miscount.calls.first().is_some_and(is_after);
        let ended = call.ended.filter(|ended| match ended {
            RuleEnd::Exhausted => has_answered,
            RuleEnd::Removed => has_answered || miscount.calls.is_empty(),
        });
        // A later `then` can have continued the script.
        let is_met = unasked_condition(call).is_none();
        let was_exhausted = has_answered && call.answered_by.is_none() && is_met;
        let ended = ended.or(was_exhausted.then_some(RuleEnd::Exhausted));
        return Some(Cure::of(change_if_answered_otherwise(call, ended)));
    }
    if let Some(call) = dry_run(miscount).filter(|_| is_of_rule) {
        return Some(Cure::of(format!(
            "send call {} without the invocation type DryRun, or count it with `lambda.seen(\"{}\")`; a DryRun gets \
             204 and consumes no step",
            call.number(),
            call.first().function_name()
        )));
    }
    let (near, reason) = nearest_call(miscount)?;
    Some(Cure::of(match reason {
        Reason::Fails { condition, why, .. } => match condition.starts_with("attempt(") {
            true => why_left(&near.call, journal),
            false => None,
        }
        .unwrap_or_else(|| correction(why.as_deref(), &near.reasons)),
        Reason::OtherFunction { asked, written, .. } => {
            format!(
                "change `{written}` to `{asked}` in the rule, or `{asked}` to `{written}` in the call"
            )
        }
        Reason::OtherQualifier {
            function, written, ..
        } => format!(
            "call `{function}:{written}`, or script every qualifier with `lambda.on(\"{function}\")`"
        ),
        Reason::OtherRegion { written, .. } => {
            format!("set the client's region to `{written}`, or write the rule without a region")
        }
        Reason::OtherAccount { written, .. } => {
            format!("call the function of account {written}, or write the rule without an account")
        }
        Reason::Removed
        | Reason::Exhausted { .. }
        | Reason::Holds { .. }
        | Reason::NotAsked { .. } => return None,
    }))
}

/// The change if the rule did not answer the call: the test's own setup or another rule did, or
/// nothing did. `ended` is why the rule answered nothing more at that call.
fn change_if_answered_otherwise(call: &NearCall, ended: Option<RuleEnd>) -> String {
    match &call.set_up {
        Some(SetUp::Constraint {
            written, refusal, ..
        }) => {
            let last = &call.call.attempts()[call.call.attempts().len() - 1];
            return match refusal {
                Refusal::Pending | Refusal::Updating | Refusal::SnapshotNotReady => format!(
                    "retry the call after {}, because SDKs do not, or lower the number in `{written}`",
                    answer_of(last)
                ),
                Refusal::NoTenant => {
                    format!("set the tenant id of the call, or remove `{written}`")
                }
                Refusal::Unqualified => {
                    format!("call a version or an alias, or remove `{written}`")
                }
                Refusal::Denied => format!(
                    "remove `{written}`, or count rejected attempts with `.refused()` of this constraint"
                ),
                Refusal::Reserved { .. }
                | Refusal::Account { .. }
                | Refusal::CallerRate(_)
                | Refusal::FunctionRate { .. } => format!(
                    "raise `{written}`, or count rejected attempts with `.refused()` of this constraint"
                ),
            };
        }
        Some(SetUp::Chaos { .. }) if call.call.attempts().len() > 1 => {
            return "let the chaos spare an attempt of the call, or call `stop()` on the chaos before the call"
                .to_owned();
        }
        Some(SetUp::Chaos { .. }) => {
            return "turn on the client's retries, or call `stop()` on the chaos before the call"
                .to_owned();
        }
        Some(SetUp::Undeclared { target }) => {
            return format!("declare the qualifier: {}", declaration(target));
        }
        Some(SetUp::Unaccepted { message, part }) => {
            // The text about a long client context is this crate's own.
            let change = change_of(*part);
            return match *part == RefusedPart::LongContext {
                true => change.to_owned(),
                false => format!("{change}; AWS says: {}", on_one_line(message)),
            };
        }
        None => {}
    }
    let ended = ended.map(|ended| match ended {
        RuleEnd::Exhausted => "add `.then(..)` to this script or raise the number in `.times(..)`",
        RuleEnd::Removed => "call `.remove()` on this rule later",
    });
    let number = call.call.number();
    let earlier = format!("script this rule before call {number}");
    let unmet = unasked_condition(call).map(|written_at| {
        format!("correct the condition at {written_at} or the request of call {number}")
    });
    match (&call.answered_by, ended) {
        (
            Some(OtherRule {
                rule,
                more_specific: true,
                ..
            }),
            _,
        ) => format!(
            "count the calls of the more specific rule at {}, or remove it",
            rule.written_at
        ),
        (Some(OtherRule { rule, .. }), Some(change)) => format!(
            "{change}, or count the calls of the rule at {} instead",
            rule.written_at
        ),
        (
            Some(OtherRule {
                rule, newer: true, ..
            }),
            None,
        ) => match call.reasons.is_empty() {
            true => format!(
                "remove the newer rule at {}, or count its calls instead",
                rule.written_at
            ),
            false => format!(
                "script this rule after the newer one at {}",
                rule.written_at
            ),
        },
        (Some(OtherRule { rule, .. }), None) => format!(
            "{}, or count the calls of the rule at {} instead",
            unmet.unwrap_or(earlier),
            rule.written_at
        ),
        (None, Some(change)) => format!(
            "{change}; it answered nothing more at call {}",
            call.call.number()
        ),
        (None, None) => match unmet {
            Some(unmet) => format!("{unmet}, or {earlier}"),
            None => earlier,
        },
    }
}

/// Where the first condition is written that a report does not evaluate.
fn unasked_condition(call: &NearCall) -> Option<&Location> {
    call.reasons.iter().find_map(|reason| match reason {
        Reason::NotAsked { written_at, .. } => Some(written_at),
        Reason::OtherFunction { .. }
        | Reason::OtherQualifier { .. }
        | Reason::OtherRegion { .. }
        | Reason::OtherAccount { .. }
        | Reason::Removed
        | Reason::Exhausted { .. }
        | Reason::Holds { .. }
        | Reason::Fails { .. } => None,
    })
}

/// The executions of events by the counted rule or function.
fn executions(miscount: &Miscount, journal: &Journal) -> u64 {
    if !miscount.subject.matching.is_empty() {
        return 0;
    }
    let attempts = journal.entries.iter().flat_map(Call::attempts);
    let deliveries = attempts.flat_map(Attempt::deliveries);
    let counted = deliveries.map(|delivery| {
        let executions = delivery.executions().iter();
        let counted = executions.filter(|execution| match &miscount.subject.whose {
            CountedOf::Fake => false,
            CountedOf::Rule(rule) => execution.rule.is_some() && execution.rule == rule.id,
            CountedOf::Target { target, .. } => target.covers(&delivery.inner().target),
        });
        counted.count() as u64
    });
    counted.sum()
}

/// The newest call that the service refuses and that has no target.
fn refused_call(journal: &Journal) -> Option<(&Call, RefusedPart)> {
    let mut calls = journal.entries.iter().rev();
    calls.find_map(|call| match call.first().validity() {
        Validity::Refused { part, .. } if call.first().target().is_none() => Some((call, *part)),
        Validity::Refused { .. }
        | Validity::Valid
        | Validity::Malformed { .. }
        | Validity::Incomplete { .. } => None,
    })
}

/// Returns `true` if as many attempts arrived as calls were expected.
fn equals_attempts(miscount: &Miscount) -> bool {
    let attempts = miscount
        .calls
        .iter()
        .map(|call| call.attempts().len() as u64);
    let attempts: u64 = attempts.sum();
    miscount.what == "call" && attempts > miscount.got && miscount.expected.contains(attempts)
}

/// `429 TooManyRequestsException`.
fn answer_of(attempt: &Attempt) -> String {
    match (attempt.status(), attempt.error_code()) {
        (Some(status), Some(code)) => format!("{status} {code}"),
        (Some(status), None) => status.to_string(),
        (None, _) => attempt.to_string(),
    }
}

/// Why the client did not retry a call that failed, so that the rest of its script was not used;
/// `None` if the call did not fail, or its client does not send the number of its attempt.
pub(crate) fn why_left(call: &Call, journal: &Journal) -> Option<String> {
    let last = &call.attempts()[call.attempts().len() - 1];
    let is_numbered = last.invocation().attempt().is_some();
    (is_numbered && !is_success(call)).then(|| why_not_retried(call, journal))
}

/// Whether the last attempt of a call succeeded.
fn is_success(call: &Call) -> bool {
    let last = &call.attempts()[call.attempts().len() - 1];
    !last.is_function_error() && last.status().is_some_and(|status| status < 400)
}

/// The change if a `Chaos` hit nothing.
fn change_of_chaos(chaos: &IdleChaos) -> String {
    let IdleChaos {
        written_at,
        pattern,
        kind,
    } = chaos;
    match kind {
        IdleKind::Random => format!(
            "raise the rate of the chaos started at {written_at}, or start it before the call; it \
             hit no attempt (`{pattern}`)"
        ),
        IdleKind::Counted => format!(
            "change the chaos started at {written_at}, or start it before the call; it hit no \
             attempt (`{pattern}`)"
        ),
        IdleKind::Replay {
            is_keyed_by_payload,
        } => {
            let parts = match is_keyed_by_payload {
                true => "the target, the attempt or the payload",
                false => "the target or the attempt",
            };
            format!(
                "correct {parts} of `{pattern}` in the chaos started at {written_at}; this hit did \
                 not happen"
            )
        }
    }
}

/// The change if a constraint was checked for no attempt.
fn change_of_constraint(constraint: &IdleConstraint) -> String {
    let IdleConstraint {
        written,
        qualified,
        written_at,
    } = constraint;
    let change = match qualified {
        Some(target) => format!("call `{target}`, or remove the qualifier from `{written}`"),
        None => format!("set `{written}` before the call"),
    };
    format!("{change}; no attempt reached this constraint, set at {written_at}")
}

/// Why the client made no further attempt of a call.
fn why_not_retried(call: &Call, journal: &Journal) -> String {
    let last = &call.attempts()[call.attempts().len() - 1];
    let name = call.name_of(call.attempts().len() - 1);
    let answer = answer_of(last);
    let (attempt, most) = (
        last.invocation().attempt(),
        last.invocation().max_attempts(),
    );
    let number = call.number();
    if last.is_function_error() {
        return format!(
            "script a service error; call {number} ended with a function error, a 200 that SDKs do not retry"
        );
    }
    if last.status().is_some_and(|status| status < 400) {
        return format!("script more errors first; {name} got {answer}, which ended call {number}");
    }
    match (attempt, most) {
        (_, Some(1)) => "turn on the client's retries, which are off (it sent `max=1`)".to_owned(),
        (Some(attempt), Some(most)) if attempt >= most => format!(
            "raise the client's `max_attempts`, or script fewer errors; it gave up after {name}"
        ),
        (None, _) if last.invocation().invocation_id().is_none() => {
            "count calls instead; without the header `amz-sdk-invocation-id` each retry counts as a call"
                .to_owned()
        }
        _ if was_retried_after(last, journal) => format!(
            "raise the client's retry quota (its `TokenBucket`) or the timeout of the whole call, or script fewer errors; the \
             client retried {answer} before, and stopped after {name} of call {number}"
        ),
        _ => format!("script an error that the client retries; it does not retry {answer}"),
    }
}

/// Returns `true` if an attempt with the same answer was retried: then the answer is not what ended
/// this call.
fn was_retried_after(last: &Attempt, journal: &Journal) -> bool {
    let is_same = |attempt: &Attempt| {
        (attempt.status(), attempt.error_code()) == (last.status(), last.error_code())
            && attempt.fault() == last.fault()
    };
    let mut calls = journal.entries.iter();
    calls.any(|call| {
        let retried = call.attempts().len() - 1;
        call.attempts()[..retried].iter().any(is_same)
    })
}

/// The change if there were more than expected.
fn change_for_too_many(miscount: &Miscount, journal: &Journal) -> Cure {
    if miscount.what == "attempt" {
        if let Some(cure) = miscount.calls.iter().find_map(change_if_run_twice) {
            return cure;
        }
        let is_counted = |attempt: &Attempt| match &miscount.subject.whose {
            CountedOf::Rule(rule) => attempt.rule == rule.id,
            CountedOf::Fake | CountedOf::Target { .. } => true,
        };
        let retried = miscount.calls.iter().find_map(|call| {
            let (_, retried) = call.attempts().split_last()?;
            Some((call, retried.iter().position(is_counted)?))
        });
        if let Some((call, index)) = retried {
            let first = &call.attempts()[index];
            let (name, number) = (call.name_of(index), call.number());
            if first.is_cut() {
                return Cure::of(format!(
                    "count calls, or remove the outage, which cut {name} of call {number}"
                ));
            }
            if let Some(hit) = first.hit() {
                return Cure::of(format!(
                    "count calls, or remove the chaos, which hit {name} of call {number} ({})",
                    hit.reason()
                ));
            }
            return Cure::of(match (first.status(), first.fault()) {
                (Some(_), None) => format!(
                    "disable retries of {} in the client, script another error",
                    answer_of(first)
                ),
                (_, None) if first.is_abandoned() => format!(
                    "raise the client's timeout, send the reply sooner; the client gave \
                     up {name} of call {number}"
                ),
                _ => "disable retries in the client, remove the fault from the script".to_owned(),
            });
        }
    }
    let first = miscount.calls.first();
    // If some calls were expected, the error came before one of them.
    let unexpected = first.filter(|_| !miscount.expected.can_reach(1));
    if let Some(failed) = unexpected.and_then(|call| failed_call_before(call, journal)) {
        return Cure::of(format!(
            "check `function_error()` in the caller; call {} got a function error, which SDKs return as `Ok`",
            failed.number()
        ));
    }
    // What `seen` counts for the printed target, which has no region and no account.
    let wanted = first.and_then(|call| call.first().target());
    let wanted = wanted.map(|target| Target {
        region: None,
        account: None,
        ..target.clone()
    });
    if let (CountedOf::Fake, Some(wanted)) = (&miscount.subject.whose, wanted) {
        let target = |call: &Call| call.first().target().cloned();
        let is_covered = |call: &&Call| target(call).is_some_and(|target| wanted.covers(&target));
        let mut targets = miscount.calls.iter().rev().filter_map(target);
        let other = targets.find(|other| !wanted.covers(other));
        let of_wanted = miscount.calls.iter().filter(is_covered);
        let number: u64 = match miscount.what {
            "attempt" => of_wanted.map(|call| call.attempts().len() as u64).sum(),
            _ => of_wanted.count() as u64,
        };
        if let Some(other) = other.filter(|_| miscount.expected.contains(number)) {
            let matching = match miscount.subject.matching.is_empty() {
                true => "",
                false => ".matching(..)",
            };
            return Cure::of(format!(
                "remove the call to `{other}`, or count one function only: `lambda.seen(\"{wanted}\"){matching}.assert_{}s({})`",
                miscount.what,
                miscount.expected.code()
            ));
        }
    }
    let has_id = |call: &Call| call.first().invocation_id().is_some();
    let has_ids = first.is_none() || miscount.calls.iter().any(has_id);
    if miscount.what == "call" && miscount.got > 1 && !has_ids {
        return Cure::of(
            "make fewer calls, or count attempts; without the header `amz-sdk-invocation-id` each retry counts as a call",
        );
    }
    Cure::of(format!("make fewer {}s", miscount.what))
}

/// The change if a function ran, its reply was lost, and it ran again for the same call.
fn change_if_run_twice(call: &Call) -> Option<Cure> {
    let attempts = call.attempts();
    let lost = attempts.iter().position(|attempt| {
        let fault = attempt.fault();
        attempt.has_run() && fault.is_some_and(|fault| !fault.keeps_reply_whole())
    })?;
    let again = (lost + 1..attempts.len()).find(|index| attempts[*index].has_run())?;
    let fault = attempts[lost].fault().map(|fault| fault.to_string());
    let firm = |cure: Cure| Cure {
        is_firm: true,
        ..cure
    };
    Some(firm(
        Cure::of(format!(
            "make the call idempotent, or disable the retry: `{}` ran twice for call {}",
            call.first().described(),
            call.number()
        ))
        .line(format!(
            "got: call {} ran at {}, lost its reply ({}), and ran again at {}",
            call.number(),
            call.name_of(lost),
            fault.unwrap_or_default(),
            call.name_of(again)
        )),
    ))
}

/// The newest call before this one, if its function ran and failed.
fn failed_call_before<'a>(call: &Call, journal: &'a Journal) -> Option<&'a Call> {
    let before = journal.entries.iter().rev();
    let before = before.skip_while(|entry| entry.number() >= call.number());
    let last = before.into_iter().next()?;
    let failed = last
        .attempts()
        .last()
        .is_some_and(Attempt::is_function_error);
    failed.then_some(last)
}
