//! Messages about deliveries.

use std::time::Duration;

use super::excerpt::excerpt;
use super::label::{self, Conditions};
use super::{Report, number};
use crate::aws::target::Target;
use crate::aws::words::InvocationType;
use crate::behavior::events::{Delivery, EventCondition, Execution};
use crate::ground::count::{Count, counted, plural};
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::record::finding::{CountSubject, CountedOf, Misnamed, RuleLabel};
use crate::record::journal::{Attempt, Call, Dropped, Journal};

/// The change if there was no event.
const NO_EVENT: &str = "invoke the function with the invocation type Event";

/// The most handlers to name.
const MAX_HANDLERS: usize = 3;

/// The settings of events that can explain a count.
#[derive(Default)]
pub(crate) struct EventSetUp {
    /// A setting that was probably meant for another function.
    pub(crate) misnamed: Option<Misnamed>,
    /// The number of retries that a test allows, the target of the setting, and its line.
    pub(crate) retry_limit: Option<(u32, String, Location)>,
    /// A target whose dead-letter queue does not apply to the event that failed, and the line of
    /// the setting.
    pub(crate) other_queue: Option<(String, Location)>,
    /// Whether events run by themselves, each until it ends.
    pub(crate) runs_events: bool,
}

/// A count of events or executions that differs from the expected one.
pub(crate) fn miscounted_events(
    subject: &CountSubject,
    what: &str,
    expected: Count,
    got: u64,
    unsettled: usize,
    set_up: EventSetUp,
    journal: &Journal,
) -> Report {
    let error = format!(
        "expected {}, got {}",
        subject.expected_events(expected, what),
        number(got)
    );
    let is_few = got < expected.least();
    let help = match queued(unsettled).filter(|_| is_few) {
        Some(help) if what == "execution" => {
            format!("{help}, or `lambda.advance(..).await` to run only some of the executions")
        }
        Some(help) => help,
        None if what == "execution" && is_few => match &set_up.retry_limit {
            Some((retries, target, written_at)) => or_expect(
                &format!(
                    "raise `maximum_retry_attempts({retries})` in `event_invoke_config(\"{target}\")`, set at {written_at}"
                ),
                what,
                got,
            ),
            None => change(&subject.whose, what, expected, got, &set_up, journal),
        },
        None => change(&subject.whose, what, expected, got, &set_up, journal),
    };
    let message = Message::new(error, help).lines(subject.rule_line(Conditions::Listed));
    Report::of(message).with_journal(excerpt(journal))
}

/// An unmet expectation of a rule about its events.
pub(super) fn unmet_events(
    rule: &RuleLabel,
    what: &str,
    expected: Count,
    got: u64,
    unsettled: usize,
    journal: &Journal,
) -> Message {
    let set_up = EventSetUp::default();
    let whose = CountedOf::Rule(rule.clone());
    let change = || change(&whose, what, expected, got, &set_up, journal);
    let is_few = got < expected.least();
    let help = queued(unsettled).filter(|_| is_few).unwrap_or_else(change);
    Message::new(
        format!(
            "{} expected {}, got {}",
            label::subject(rule),
            counted(expected, what),
            number(got)
        ),
        help,
    )
    .line(format!("rule: {}", label::rule(rule, Conditions::Listed)))
}

/// The change if nothing is queued anymore.
fn change(
    whose: &CountedOf,
    what: &str,
    expected: Count,
    got: u64,
    set_up: &EventSetUp,
    journal: &Journal,
) -> String {
    let counts = |target: Option<&Target>| match whose {
        CountedOf::Fake => true,
        CountedOf::Rule(rule) => {
            let of = rule.target.as_ref();
            of.is_none_or(|of| target.is_some_and(|target| of.covers(target)))
        }
        CountedOf::Target { target: of, .. } => target.is_some_and(|target| of.covers(target)),
    };
    let all = || journal.entries.iter().flat_map(Call::attempts);
    let attempts = || all().filter(|attempt| counts(attempt.invocation().target()));
    let deliveries = || {
        let all = all().flat_map(Attempt::deliveries);
        all.filter(|delivery| counts(Some(&delivery.inner().target)))
    };
    let (is_few, is_execution) = (got < expected.least(), what == "execution");
    if let Some(call) = refused_event(journal, counts).filter(|_| is_few) {
        let help = format!(
            "add `.in_queue()` to the scripted error, which the caller of call {} got in place of a 202",
            call.number()
        );
        return or_expect(&help, what, got);
    }
    if deliveries().next().is_none() {
        let is_other = |one: &Attempt| one.invocation().invocation_type() != InvocationType::Event;
        return match is_execution && attempts().any(is_other) {
            true => format!(
                "set the invocation type Event, or count with `assert_attempts({})`; only events have executions",
                expected.least()
            ),
            false => or_expect(NO_EVENT, what, got),
        };
    }
    if let Some(misnamed) = set_up.misnamed.as_ref().filter(|_| is_few) {
        return format!(
            "change `{}` to `{}` in `{}`, set at {}",
            misnamed.target, misnamed.near, misnamed.setting, misnamed.written_at
        );
    }
    let has_failed = |one: &Delivery| {
        let condition = one.condition();
        condition.is_some_and(|condition| condition != EventCondition::Success)
    };
    let retried = deliveries().find(|one| {
        let [first, _, ..] = one.executions() else {
            return false;
        };
        first.is_function_error()
    });
    let mut failed = deliveries().filter(|one| has_failed(one));
    match what {
        "execution" if !is_few && set_up.runs_events => or_expect(
            "remove `events_run(EventsRun::Auto)`, with which each event runs until it ends",
            what,
            got,
        ),
        "execution" if !is_few => match retried {
            Some(retried) => or_expect(
                &format!(
                    "lower `maximum_retry_attempts(..)` in `event_invoke_config(\"{}\")`, script fewer errors",
                    retried.inner().target.name
                ),
                what,
                got,
            ),
            None => or_expect("change the script", what, got),
        },
        "execution" => match failed.find_map(change_of_ended) {
            Some(help) => or_expect(&help, what, got),
            None => or_expect("change the script", what, got),
        },
        "delivered event" if is_few => match failed.next() {
            Some(failed) => or_expect(&change_of_failed(failed), what, got),
            None => or_expect("change the script", what, got),
        },
        "dead-lettered event" if is_few => match (
            failed.find(|one| one.dead_letter().is_none()),
            &set_up.other_queue,
        ) {
            (Some(failed), Some((target, written_at))) => {
                let function = &failed.inner().target.name;
                let help = format!(
                    "call `{target}`, or write `event_invoke_config(\"{function}\")` at {written_at}"
                );
                or_expect(&help, what, got)
            }
            (Some(failed), None) => or_expect(
                &format!(
                    "set a queue with `event_invoke_config(\"{}\").dead_letter_queue(..)`; `on_failure` receives records, not events",
                    failed.inner().target.name
                ),
                what,
                got,
            ),
            (None, _) => or_expect(
                &format!(
                    "script an error for every execution, or assert success: `assert_delivered({})`",
                    expected.least()
                ),
                what,
                got,
            ),
        },
        _ => or_expect("change the script", what, got),
    }
}

/// The change if a setting has ended an event.
fn change_of_ended(failed: &Delivery) -> Option<String> {
    let function = &failed.inner().target.name;
    match failed.condition()? {
        EventCondition::ZeroReservedConcurrency => Some(format!(
            "remove `reserve_concurrency(\"{function}\", 0)`, which ends each event"
        )),
        // A function that fails is retried for three minutes, which only a setting can prevent.
        EventCondition::EventAgeExceeded if failed.executions().iter().all(Execution::ran) => Some(
            format!("raise `maximum_event_age(..)` in `event_invoke_config(\"{function}\")`"),
        ),
        EventCondition::EventAgeExceeded
        | EventCondition::RetriesExhausted
        | EventCondition::Success => None,
    }
}

/// The change if an event should have been delivered but has failed.
fn change_of_failed(failed: &Delivery) -> String {
    let target = &failed.inner().target;
    let executions = failed.executions();
    let is_zero = failed.condition() == Some(EventCondition::ZeroReservedConcurrency);
    if let Some(help) = change_of_ended(failed).filter(|_| is_zero) {
        return help;
    }
    if executions.is_empty() {
        let function = &target.name;
        return format!(
            "raise `maximum_event_age(..)` in `event_invoke_config(\"{function}\")`, or let the event run earlier; \
             it became too old before its first execution"
        );
    }
    if executions.iter().any(Execution::was_unscripted) {
        let script = label::script(&target.to_string());
        return format!("script the function: {script}");
    }
    match executions.iter().all(Execution::was_refused_by_a_limit) {
        true => format!("remove the constraint that rejects each execution of `{target}`"),
        false => "script a success before the last execution".to_owned(),
    }
}

/// The newest call with an Event to one of these targets that got the scripted error of the service
/// in place of a 202.
fn refused_event(journal: &Journal, counts: impl Fn(Option<&Target>) -> bool) -> Option<&Call> {
    let is_refused = |attempt: &Attempt| {
        let is_event = attempt.invocation().invocation_type() == InvocationType::Event;
        is_event
            && counts(attempt.invocation().target())
            && attempt.rule.is_some()
            && attempt.hit().is_none()
            && attempt.error_code().is_some()
    };
    let mut calls = journal.entries.iter().rev();
    calls.find(|call| call.attempts().iter().any(is_refused))
}

fn or_expect(help: &str, what: &str, got: u64) -> String {
    match got {
        0 => help.to_owned(),
        _ => format!("{help}, or expect {}", plural(got, what)),
    }
}

/// Events that cannot be checked, because the fake has dropped some that could match.
pub(crate) fn lost_events(subject: &CountSubject, dropped: Dropped, journal: &Journal) -> Report {
    let which = format!("events {}", subject.events());
    let message = Message::new(
        format!(
            "cannot check {}: the fake has dropped {}",
            which.trim_end(),
            plural(dropped.calls(), "ended event")
        ),
        format!("raise its limit with `{}`", dropped.remedy()),
    );
    let message = message.lines(subject.rule_line(Conditions::Listed));
    Report::of(message).with_journal(excerpt(journal))
}

/// Waits between executions that differ from the expected ones; `found` is `None` if there was no
/// event.
pub(crate) fn wrong_retry_delays(
    subject: &CountSubject,
    expected: &[Duration],
    found: Option<&[Duration]>,
    unsettled: usize,
    journal: &Journal,
) -> Report {
    // More retries can only add delays.
    let can_become = found.is_none_or(|found| expected.starts_with(found));
    let (found, help) = match found {
        Some(found) => (
            format!("got {found:?}"),
            format!("change the script or `maximum_retry_attempts`, or expect {found:?}"),
        ),
        None => ("got no event".to_owned(), NO_EVENT.to_owned()),
    };
    let which = format!("each event {}", subject.events());
    let message = Message::new(
        format!(
            "expected {} to have the retry delays {expected:?}, {found}",
            which.trim_end()
        ),
        queued(unsettled).filter(|_| can_become).unwrap_or(help),
    );
    let message = message.lines(subject.rule_line(Conditions::Listed));
    Report::of(message).with_journal(excerpt(journal))
}

/// Why the events' clock does not advance, or why events have not ended: what is left, and what to
/// change in the test.
pub(crate) fn not_settled(
    unsettled: usize,
    running: usize,
    is_paused: bool,
    takes_real_time: bool,
    handlers: &[Location],
) -> super::Shortfall {
    let is_running = running > 0;
    let running = match running {
        0 => String::new(),
        1 if unsettled == 1 => " and is still running".to_owned(),
        running => format!(", {running} of them running"),
    };
    let verb = if unsettled == 1 { "has" } else { "have" };
    let got = format!("but {} {verb} not ended{running}", events(unsettled));
    let help = match (is_paused, handlers.is_empty()) {
        (true, _) => "drop the guard of `lambda.pause()` before this wait",
        (false, false) => "make the handler return, or limit it with `.timeout(..)`",
        (false, true) if is_running => {
            "open the gate that holds its reply, shorten its delay, or extend the deadline with `.within(..)`"
        }
        (false, true) if takes_real_time => {
            "remove `events_run(EventsRun::TokioClock)`, with which each retry takes real time unless tokio's clock is paused"
        }
        (false, true) => "extend the deadline with `.within(..)`",
    };
    let handlers = handlers.iter().take(MAX_HANDLERS);
    let handlers =
        handlers.map(|handler| format!("the handler written at {handler} is still running"));
    super::Shortfall {
        got,
        help: help.to_owned(),
        context: handlers.collect(),
    }
}

/// How to wait for events that are queued or running, if there are any.
pub(super) fn queued(unsettled: usize) -> Option<String> {
    match unsettled {
        0 => None,
        1 => Some("let the event end first: `lambda.settle_events().await`".to_owned()),
        many => Some(format!(
            "let the {many} events end first: `lambda.settle_events().await`"
        )),
    }
}

fn events(number: usize) -> String {
    plural(number as u64, "accepted event")
}
