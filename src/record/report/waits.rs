//! A missed deadline: what the test waited for, and why it did not happen.

use std::time::Duration;

use super::excerpt::excerpt;
use super::label::{self, Conditions};
use super::unanswered::{KeptBy, Unanswered, reaches_if};
use super::{Report, more, number, paused};
use crate::ground::count::plural;
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::ground::unpolled::UnpolledWait;
use crate::record::finding::RuleLabel;
use crate::record::journal::Journal;
use crate::reply::capability::TransportKind;

/// The most functions to name one by one.
const MAX_NAMED: usize = 3;

/// The missing part, the reason, and the change.
#[derive(Clone, Debug)]
pub(crate) struct Shortfall {
    /// `got 1`, which follows the description of the wait.
    pub(crate) got: String,
    pub(crate) help: String,
    pub(crate) context: Vec<String>,
}

impl Shortfall {
    /// Creates the shortfall of a condition that cannot be evaluated.
    pub(crate) fn unknown(report: &Report) -> Self {
        Self {
            got: report.first_line().to_owned(),
            help: "raise the limit of the journal, or wait without `matching`".to_owned(),
            context: Vec::new(),
        }
    }

    /// Creates the shortfall of something that happened a moment after the deadline.
    pub(crate) fn too_late() -> Self {
        Self {
            got: "got it a moment after the deadline".to_owned(),
            help: "extend the deadline with `.within(..)`".to_owned(),
            context: Vec::new(),
        }
    }
}

/// A missed deadline; `what` begins with `for`.
pub(crate) fn missed_deadline(
    what: &str,
    length: Duration,
    missing: Shortfall,
    is_dropped: bool,
    is_clock_paused: bool,
    made_at: &Location,
    journal: Option<&Journal>,
) -> Report {
    let message = match is_dropped {
        true => Message::new(
            format!("waited {what}, but the fake was dropped"),
            "keep the `FakeLambda` alive until the wait ends",
        ),
        false => Message::new(
            format!("waited {length:?} {what}, {}", missing.got),
            missing.help,
        )
        .lines(is_clock_paused.then(paused::note))
        .lines(missing.context),
    };
    let report = Report::of(message.line(format!("wait created at {made_at}")));
    match journal {
        Some(journal) => report.with_journal(excerpt(journal)),
        None => report,
    }
}

/// A wait that never began.
pub(super) fn unpolled(wait: &UnpolledWait) -> Message {
    Message::new(
        format!(
            "the wait {} did nothing: it was dropped before it was awaited",
            wait.what
        ),
        "await it, call `.block()` on it outside of async code, or put it first in `select!`, with `biased;`",
    )
    .line(format!("wait created at {}", wait.made_at))
}

/// The facts that can explain why calls, attempts or chunks are missing.
pub(crate) struct CallCauses {
    /// The transport of a fake that has received no request.
    pub(crate) unreached: Option<TransportKind>,
    /// A call, and the newer or more specific rule that answered it.
    pub(crate) taken: Option<(u64, TakenBy)>,
    /// A similar name that was called.
    pub(crate) near: Option<String>,
    /// Why the client did not retry.
    pub(crate) why_left: Option<String>,
    /// The attempts of the calls that are counted, if they are known.
    pub(crate) attempts: Option<u64>,
    /// Whether every attempt of the journal has its final answer.
    pub(crate) are_all_finished: bool,
}

/// The rule that answered in place of another.
pub(crate) enum TakenBy {
    Newer(RuleLabel),
    MoreSpecific(RuleLabel),
}

/// Too few calls, attempts or chunks of a subject.
pub(crate) fn too_few_calls(
    got: u64,
    wanted: u64,
    noun: &str,
    is_paused: bool,
    open: &[Unanswered],
    causes: CallCauses,
) -> Shortfall {
    let CallCauses {
        unreached,
        taken,
        near,
        why_left,
        attempts,
        are_all_finished,
    } = causes;
    let tail = |why: &str| format!("got {}{why}", number(got));
    if is_paused {
        return Shortfall {
            got: tail(", while `lambda.pause()` holds all requests"),
            help: "drop the guard of `lambda.pause()` before this wait".to_owned(),
            context: Vec::new(),
        };
    }
    if let Some(blocked) = blocked(open) {
        return Shortfall {
            got: tail(&format!(", but {}", blocked.got)),
            ..blocked
        };
    }
    if let Some((call, by)) = taken.filter(|_| got == 0) {
        let (help, which) = match by {
            TakenBy::Newer(rule) => (
                format!(
                    "script this rule after the one at {}, or wait for that one",
                    rule.written_at
                ),
                "newer",
            ),
            TakenBy::MoreSpecific(rule) => (
                format!(
                    "wait for the more specific rule at {}, or remove it",
                    rule.written_at
                ),
                "more specific",
            ),
        };
        return Shortfall {
            got: tail(""),
            help,
            context: vec![format!("got: call {call} was answered by the {which} rule")],
        };
    }
    if noun == "call" && got > 0 && attempts == Some(wanted) {
        return Shortfall {
            got: tail(""),
            help: format!(
                "use `wait_for_attempts({wanted})` to count retries, or make {} before the deadline",
                plural(wanted - got, "more call")
            ),
            context: vec!["a retry is not a separate call".to_owned()],
        };
    }
    if noun == "chunk" && got > 0 && are_all_finished {
        return Shortfall {
            got: tail(""),
            help: format!(
                "script {}, or wait for {}; every stream has ended",
                plural(wanted - got, "more chunk"),
                plural(got, "chunk")
            ),
            context: Vec::new(),
        };
    }
    if let Some(near) = near.filter(|_| got == 0) {
        return Shortfall {
            got: tail(""),
            help: format!("did you mean `{near}`? it was called"),
            context: Vec::new(),
        };
    }
    if let Some(why) = why_left {
        return Shortfall {
            got: tail(""),
            help: why,
            context: Vec::new(),
        };
    }
    let verb = if noun == "chunk" { "send" } else { "make" };
    let help = match (unreached, got) {
        (Some(transport), _) => format!(
            "check that the client {}, and that it runs while the test waits",
            reaches_if(transport)
        ),
        (None, 0) => format!(
            "{verb} the {noun} before the deadline, or extend the deadline with `.within(..)`"
        ),
        (None, _) => format!(
            "{verb} {} before the deadline, or extend the deadline with `.within(..)`",
            plural(wanted - got, &format!("more {noun}"))
        ),
    };
    Shortfall {
        got: tail(""),
        help,
        context: Vec::new(),
    }
}

/// A gate or a handler that holds requests.
fn blocked(open: &[Unanswered]) -> Option<Shortfall> {
    let rule = |one: &Unanswered| {
        let rule = one.rule.as_ref();
        rule.map(|rule| label::rule(rule, Conditions::Omitted))
    };
    let gate = open.iter().find_map(|one| match &one.kept_by {
        KeptBy::Gate(created_at) => Some((one, created_at)),
        KeptBy::Handler(_) | KeptBy::Other(_) => None,
    });
    if let Some((one, created_at)) = gate {
        let used_by = rule(one).map_or_else(String::new, |rule| format!(", used by {rule}"));
        return Some(Shortfall {
            got: format!("a closed gate holds call {}", one.call),
            help: "call `gate.open()` before this wait".to_owned(),
            context: vec![format!("gate created at {created_at}{used_by}")],
        });
    }
    let handler = open.iter().find_map(|one| match &one.kept_by {
        KeptBy::Handler(written_at) => Some((one, written_at)),
        KeptBy::Gate(_) | KeptBy::Other(_) => None,
    });
    let (one, written_at) = handler?;
    Some(Shortfall {
        got: format!("a handler still runs for call {}", one.call),
        help: "make the handler return, or limit it with `.timeout(..)`".to_owned(),
        context: vec![format!("handler written at {written_at}")],
    })
}

/// Why a fake is not idle.
pub(crate) fn not_idle(
    open_attempts: usize,
    open: &[Unanswered],
    running: &[Unanswered],
    late_handlers: &[Location],
    events: usize,
    is_paused: bool,
) -> Shortfall {
    if is_paused {
        return Shortfall {
            got: "but `lambda.pause()` holds all requests".to_owned(),
            help: "drop the guard of `lambda.pause()` before this wait".to_owned(),
            context: Vec::new(),
        };
    }
    if let Some(blocked) = blocked(open) {
        return Shortfall {
            got: format!("but {}", blocked.got),
            ..blocked
        };
    }
    if let Some(first) = running.first() {
        let lines = running.iter().take(MAX_NAMED).map(Unanswered::line);
        return Shortfall {
            got: format!("but the function of call {} still runs", first.call),
            help: first.cure.to_owned(),
            context: lines.chain(more(running.len(), MAX_NAMED)).collect(),
        };
    }
    if let Some(written_at) = late_handlers.first() {
        return Shortfall {
            got: "but a handler still runs for an accepted event".to_owned(),
            help: "make the handler return, or limit it with `.timeout(..)`".to_owned(),
            context: vec![format!("handler written at {written_at}")],
        };
    }
    let kept = match (open_attempts, events) {
        (0, events) => format!(
            "but {} {} held back",
            plural(events as u64, "accepted event"),
            if events == 1 { "is" } else { "are" }
        ),
        (attempts, _) => format!(
            "but {} {} no final answer",
            plural(attempts as u64, "attempt"),
            if attempts == 1 { "has" } else { "have" }
        ),
    };
    Shortfall {
        got: kept,
        help:
            "shorten the delay or the client's timeout, or extend the deadline with `.within(..)`"
                .to_owned(),
        context: open.first().map(Unanswered::line).into_iter().collect(),
    }
}

/// Too few replies at a gate.
pub(crate) fn too_few_arrivals(
    came: u64,
    wanted: u64,
    named: &[String],
    is_used: bool,
    made_at: &Location,
) -> Shortfall {
    let help = match (came, is_used) {
        (0, false) => {
            "hold a reply at this gate: `Reply::json(..).hold(&gate)`; no reply uses this gate"
                .to_owned()
        }
        (0, true) => {
            "call the function whose reply this gate holds, and check that the client uses \
             `lambda.endpoint_url()` and runs while the test waits"
                .to_owned()
        }
        (came, _) => format!(
            "make {} that the gate holds, or wait for {}",
            plural(wanted - came, "more call"),
            plural(came, "reply")
        ),
    };
    let names = named.iter().map(|name| format!("got: {name}"));
    Shortfall {
        got: format!("got {}", number(came)),
        help,
        context: std::iter::once(format!("gate created at {made_at}"))
            .chain(names)
            .chain(more(came as usize, named.len()))
            .collect(),
    }
}
