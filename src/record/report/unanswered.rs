//! Attempts without a final answer, and what they wait for, as a drop and as waits print them.

use std::time::Duration;

use super::calls;
use super::label::{self, Conditions};
use crate::behavior::rules::Rules;
use crate::ground::count::plural;
use crate::ground::location::Location;
#[cfg(feature = "in-memory")]
use crate::record::finding::Finding;
use crate::record::finding::RuleLabel;
use crate::record::journal::{Attempt, Call, ShortHeadline, WaitReason};
use crate::reply::capability::TransportKind;
use crate::reply::fault::Fault;

/// The most lines to print.
const MAX_PRINTED: usize = 10;

/// An attempt without a final answer.
#[derive(Clone, Debug)]
pub(crate) struct Unanswered {
    pub(super) call: u64,
    headline: String,
    pub(super) kept_by: KeptBy,
    /// The rule that answers.
    pub(super) rule: Option<RuleLabel>,
    /// The change that ends the wait.
    pub(super) cure: &'static str,
    /// Whether only the client can end the wait.
    is_endless: bool,
    /// Whether the client has given up an attempt of the call; `false` if this attempt has a fault.
    was_given_up: bool,
}

/// The reason why an attempt waits.
#[derive(Clone, Debug)]
pub(super) enum KeptBy {
    Gate(Location),
    Handler(Location),
    Other(String),
}

/// Each attempt of a call without a final answer, and what it waits for.
pub(crate) fn unanswered_of(call: &Call, rules: &Rules) -> Vec<Unanswered> {
    let open = call.attempts.iter().filter(|attempt| is_held(attempt));
    open.map(|attempt| Unanswered::of(call, attempt, rules))
        .collect()
}

/// Each attempt of a call whose function runs, even if its client has disconnected.
pub(crate) fn running_of(call: &Call, rules: &Rules) -> Vec<Unanswered> {
    let running = call.attempts.iter().filter(|attempt| attempt.is_running());
    running
        .map(|attempt| Unanswered::of(call, attempt, rules))
        .collect()
}

/// Returns `true` if an attempt has no answer yet, or one that takes time.
fn is_held(attempt: &Attempt) -> bool {
    attempt.is_waiting() || attempt.lasts()
}

fn kept_by(attempt: &Attempt) -> KeptBy {
    KeptBy::Other(match (&attempt.wait_reason, attempt.fault()) {
        (Some(WaitReason::Gate(location)), _) => return KeptBy::Gate(location.clone()),
        (Some(WaitReason::Handler(location)), _) => return KeptBy::Handler(location.clone()),
        (Some(WaitReason::Delay(delay)), _) => match attempt.hit() {
            Some(hit) => format!("delayed by {delay:?} (chaos: {})", hit.reason()),
            None => format!("delayed by {delay:?}"),
        },
        (Some(WaitReason::Start(length)), _) => {
            format!("waiting {length:?} for its environment to start")
        }
        (None, Some(Fault::Hang)) => "hanging".to_owned(),
        (None, Some(fault)) => fault.to_string(),
        (None, None) if attempt.lasts() => "waiting for its delayed body".to_owned(),
        (None, None) => "held by `lambda.pause()`".to_owned(),
    })
}

impl Unanswered {
    fn of(call: &Call, attempt: &Attempt, rules: &Rules) -> Self {
        Self {
            call: call.number,
            headline: ShortHeadline(&attempt.invocation).to_string(),
            kept_by: kept_by(attempt),
            rule: attempt.rule.map(|id| RuleLabel::of(id, &rules[id])),
            cure: cure(attempt),
            is_endless: attempt.wait_reason.is_none() && attempt.fault().is_some_and(Fault::hangs),
            was_given_up: attempt.fault().is_none()
                && call.attempts.iter().any(Attempt::is_abandoned),
        }
    }

    /// The attempt as a line of context.
    pub(super) fn line(&self) -> String {
        format!("call {} is {}: {}", self.call, self.reason(), self.headline)
    }

    /// The change if the client gives up too early.
    fn patience(&self) -> String {
        format!("raise the client's timeout, {}", self.cure)
    }

    /// `held by the gate created at tests/a.rs:3:5`, for one or several calls.
    fn reason(&self) -> String {
        let scripted = self.rule.as_ref().map(|rule| &rule.written_at);
        let scripted = scripted.map_or_else(String::new, |at| format!(", as scripted at {at}"));
        match &self.kept_by {
            KeptBy::Gate(created_at) => format!("held by the gate created at {created_at}"),
            KeptBy::Handler(written_at) => format!("in the handler written at {written_at}"),
            KeptBy::Other(what) => format!("{what}{scripted}"),
        }
    }
}

#[cfg(feature = "in-memory")]
impl Unanswered {
    /// The finding about an attempt that nothing has ended for this long on a paused clock; `None`
    /// if a timer of the fake or a handler will end it.
    pub(crate) fn never_ends(
        attempt: &Attempt,
        call: &Call,
        rules: &Rules,
        length: Duration,
    ) -> Option<Finding> {
        let cure = match (&attempt.wait_reason, attempt.fault()) {
            (Some(WaitReason::Delay(_) | WaitReason::Start(_) | WaitReason::Handler(_)), _) => {
                return None;
            }
            (Some(WaitReason::Gate(_)), _) => Some("open the gate"),
            (None, Some(_)) => None,
            (None, None) => Some("drop the guard of `lambda.pause()`"),
        };
        let held = Self::of(call, attempt, rules);
        Some(Finding::NeverEnds {
            call: call.number,
            reason: match attempt.is_waiting() && attempt.wait_reason.is_none() {
                true => "held by `lambda.pause()`".to_owned(),
                false => held.reason(),
            },
            headline: held.headline,
            cure,
            is_stream: attempt.stream.is_some(),
            length,
        })
    }
}

/// The change that ends the wait of an attempt.
fn cure(attempt: &Attempt) -> &'static str {
    match (&attempt.wait_reason, attempt.fault()) {
        (Some(WaitReason::Gate(_)), _) => "open the gate, or limit the reply with `.timeout(..)`",
        (Some(WaitReason::Delay(_)), _) => {
            "shorten the delay, or limit the reply with `.timeout(..)`"
        }
        (Some(WaitReason::Start(_)), _) => "shorten the start of the environment",
        (Some(WaitReason::Handler(_)), _) => {
            "make the handler return, or limit it with `.timeout(..)`"
        }
        (None, Some(_)) => "give the client a timeout",
        (None, None) if attempt.is_waiting() => "drop the guard of `lambda.pause()`",
        (None, None) => "shorten the delay",
    }
}

/// The notice about a request that is held while nothing else happens; `None` if none is held.
pub(crate) fn stuck(started: &str, length: Duration, held: &[Unanswered]) -> Option<String> {
    let first = held.first()?;
    let more = match held.len() - 1 {
        0 => String::new(),
        more => format!(" (and {})", plural(more as u64, "more request")),
    };
    Some(format!(
        "fake-lambda ({started}) has done nothing for {length:?} while a request is held{more}: \
         {}; help: {}\n",
        first.line(),
        first.cure
    ))
}

/// The requests that a fake had not answered when it was dropped; equal ones are one line.
pub(crate) fn unanswered(started: &str, attempts: &[Unanswered]) -> String {
    let many = plural(attempts.len() as u64, "unanswered request");
    let lines = lines_of(attempts);
    format!("fake-lambda ({started}) was dropped with {many}{lines}\n")
}

/// A line for each reason, and what to do; each after a line break.
pub(super) fn lines_of(attempts: &[Unanswered]) -> String {
    let mut text = String::new();
    let mut groups: Vec<(String, &Unanswered, Vec<u64>)> = Vec::new();
    for attempt in attempts {
        let reason = attempt.reason();
        match groups.iter_mut().find(|(known, _, _)| *known == reason) {
            Some((_, _, calls)) => calls.push(attempt.call),
            None => groups.push((reason, attempt, vec![attempt.call])),
        }
    }
    for (reason, first, numbers) in groups.iter().take(MAX_PRINTED) {
        let verb = if numbers.len() == 1 { "is" } else { "are" };
        text.push_str(&format!(
            "\n  {} {verb} {reason}: {}",
            calls(numbers),
            first.headline
        ));
    }
    if let Some(more) = super::more(groups.len(), MAX_PRINTED) {
        text.push_str(&format!("\n  {more}"));
    }
    let are_gated = attempts.iter().all(|attempt| match attempt.kept_by {
        KeptBy::Gate(_) => true,
        KeptBy::Handler(_) | KeptBy::Other(_) => false,
    });
    let gated = attempts.first().filter(|_| are_gated);
    let given_up = attempts.iter().find(|attempt| attempt.was_given_up);
    let are_endless = attempts.iter().all(|attempt| attempt.is_endless);
    let endless = attempts.first().filter(|_| are_endless);
    let help = match (gated.or(endless), given_up) {
        (Some(first), _) => first.cure.to_owned(),
        (None, Some(given_up)) => given_up.patience(),
        (None, None) => {
            "await `lambda.wait_until_idle()` before the test ends, so that each client \
             gets its answer or gives up"
                .to_owned()
        }
    };
    text.push_str(&format!("\n  help: {help}"));
    text
}

/// An attempt that its client gave up, and what to do.
pub(super) fn given_up(attempt: &Unanswered) -> String {
    format!(
        "note: the client gave up before the answer\n  {}\n  help: {}",
        attempt.line(),
        attempt.patience()
    )
}

/// The notice of a fake whose rules received no request; `None` if it has no rules.
pub(crate) fn no_request(
    started: &str,
    rules: &[RuleLabel],
    transport: TransportKind,
) -> Option<String> {
    let first = rules.first()?;
    let more = match rules.len() - 1 {
        0 => String::new(),
        more => format!(" (and {})", plural(more as u64, "more rule")),
    };
    Some(format!(
        "fake-lambda ({started}) received no request for its rule: {}{more}; help: check that the client {}, or \
         assert that no call is made: `lambda.assert_calls(0)`\n",
        label::rule(first, Conditions::Omitted),
        reaches_if(transport),
    ))
}

/// What to check about a client whose requests do not arrive.
pub(super) fn reaches_if(transport: TransportKind) -> &'static str {
    match transport {
        TransportKind::Socket => "uses `lambda.endpoint_url()`",
        #[cfg(feature = "in-memory")]
        TransportKind::InMemory => {
            "was created with `sdk_client!`, or uses `lambda.http_client()` or `lambda.connect()`"
        }
        #[cfg(feature = "wiremock")]
        TransportKind::Mount => {
            "uses `lambda.endpoint_url()` and that the fake is mounted before every mock that matches the call"
        }
    }
}

/// Code of the test that blocks the fake's thread, which a drop cannot end.
pub(crate) fn thread_left_running(started: &str, handler: Option<&Location>) -> String {
    const NOT: &str = "`std::thread::sleep` or blocking channels";
    let (what, help) = match handler {
        Some(location) => (
            format!("the handler written at {location}"),
            format!("use async waits in handlers, not {NOT}"),
        ),
        None => (
            "a condition or other code of the test".to_owned(),
            format!("do not wait in conditions; use async waits in handlers, not {NOT}"),
        ),
    };
    format!(
        "fake-lambda ({started}) left its thread running\n  \
         {what} has blocked it for more than 1s\n  \
         help: {help}\n"
    )
}
