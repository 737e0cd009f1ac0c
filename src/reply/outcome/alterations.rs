//! How an outcome is sent: late, damaged, or changed at the level of HTTP.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Decision, Outcome, OutcomeKind};
use crate::aws::function_error::FunctionError;
use crate::ground::draws::hashed;
use crate::reply::chunks::{Chunks, End, Part};
use crate::reply::fault::Fault;
use crate::reply::gate::SharedGate;
use crate::reply::reply::{Answer, Reply};
use crate::reply::stream::{Draws, Stream};
use crate::request::invocation::Invocation;

/// The changes to a reply while it is sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alterations {
    pub(crate) fault: Option<Fault>,
    /// The delay between head and body.
    pub(crate) body_delay: Duration,
    pub(crate) status: Option<u16>,
    pub(crate) body: Option<Bytes>,
    /// Response headers that are omitted.
    pub(crate) without: Vec<Arc<str>>,
    /// The answer in chunks, for a caller that gets it that way.
    pub(crate) stream: Option<Stream>,
    /// How much of the function's time had passed before the first byte of a stream.
    pub(crate) spent: Duration,
    /// The function's timeout, if the reply is a stream.
    pub(crate) timeout: Option<Duration>,
    /// It was held by a gate whose last handle was dropped.
    pub(crate) gate_was_dropped: bool,
    /// An idempotent function did no work for it.
    pub(crate) is_replay: bool,
}

/// A reply that is held back.
#[derive(Debug)]
pub(crate) struct Held {
    /// What holds the reply back, in order.
    pub(crate) pauses: Vec<Pause>,
    pub(crate) outcome: Outcome,
    /// The function's timeout, and the outcome that replaces this one after it.
    pub(crate) late: Option<(Duration, Outcome)>,
}

/// What holds a reply back.
#[derive(Clone, Debug)]
pub(crate) enum Pause {
    Gate(Arc<SharedGate>),
    Delay(Duration),
}

impl Alterations {
    pub(super) fn with_fault(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::default()
        }
    }

    /// Returns `true` if the body is a stream of frames.
    pub(crate) fn is_stream(&self) -> bool {
        self.stream.is_some() && self.body.is_none()
    }

    /// Returns `None` for a reply that is sent whole and unchanged, even if it is held or delayed
    /// before its head.
    pub(super) fn of(
        reply: &Reply,
        kind: &OutcomeKind,
        invocation: &Invocation,
    ) -> Option<Box<Self>> {
        if let Answer::Fault(fault) = reply.answer {
            return Some(Box::new(Self::with_fault(fault)));
        }
        let has_run = matches!(kind, OutcomeKind::Ran { .. });
        let stream = (has_run && invocation.is_streamed()).then(|| stream_of(&reply.answer));
        let stream = stream.flatten();
        let fault = fault_of_whole(&reply.answer, invocation);
        let Some(options) = &reply.options else {
            let is_plain = stream.is_none() && fault.is_none();
            return (!is_plain).then(|| {
                Box::new(Self {
                    fault,
                    stream,
                    ..Self::default()
                })
            });
        };
        let body_delay = options
            .body_delay
            .map(|delay| delay.drawn(draw(invocation, "body")));
        let alterations = Self {
            fault: options.fault.or(fault),
            body_delay: body_delay.unwrap_or_default(),
            status: options.status,
            // HTTP allows no body after a 204.
            body: match (kind, options.status) {
                (OutcomeKind::DryRun, None) => None,
                _ => options.body.clone(),
            },
            without: options.without.clone(),
            timeout: options.timeout.filter(|_| stream.is_some()),
            stream,
            spent: Duration::ZERO,
            gate_was_dropped: options.gate_was_dropped,
            is_replay: options.is_replay,
        };
        let is_plain = alterations.fault.is_none()
            && options.body_delay.is_none()
            && alterations.status.is_none()
            && alterations.body.is_none()
            && alterations.stream.is_none()
            && alterations.without.is_empty()
            && !alterations.gate_was_dropped
            && !alterations.is_replay;
        (!is_plain).then(|| Box::new(alterations))
    }
}

impl Held {
    /// The outcome, held back if its reply says so. The caller of an Event does not wait.
    pub(super) fn of(reply: &Reply, invocation: &Invocation, mut outcome: Outcome) -> Decision {
        let pauses = pauses(reply, invocation);
        if pauses.is_empty() || matches!(outcome.kind, OutcomeKind::Accepted) {
            return Decision::Send(outcome);
        }
        let options = reply.options.as_ref();
        let timeout = options.and_then(|options| options.timeout);
        let timeout = timeout.filter(|_| outcome.has_run());
        let late = timeout.and_then(|timeout| {
            let answer = Answer::FunctionError(FunctionError::timed_out(timeout));
            let reply = Reply {
                answer,
                ..reply.clone()
            };
            match Decision::of(&reply.without_delays(), invocation) {
                Decision::Send(late) => Some((timeout, late)),
                Decision::Run(_) | Decision::Hold(_) | Decision::Start(..) => None,
            }
        });
        if let OutcomeKind::Ran { took, .. } = &mut outcome.kind {
            let delays = pauses.iter().map(|pause| match pause {
                Pause::Gate(_) => Duration::ZERO,
                Pause::Delay(delay) => *delay,
            });
            *took = delays.fold(Duration::ZERO, Duration::saturating_add);
        }
        Decision::Hold(Box::new(Self {
            pauses,
            outcome,
            late,
        }))
    }

    /// The function's timeout.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.late.as_ref().map(|(timeout, _)| *timeout)
    }
}

/// What comes before the first byte of a reply: its gate and its delay; and, if its caller gets a
/// stream as one payload, the pauses of the stream.
fn pauses(reply: &Reply, invocation: &Invocation) -> Vec<Pause> {
    let mut pauses = Vec::new();
    if let Some(options) = &reply.options {
        let is_held =
            options.gate.is_some() || options.delay.is_some() || !options.chaos_delay.is_zero();
        pauses.extend(options.gate.clone().map(Pause::Gate));
        if is_held {
            let delay = options
                .delay
                .map(|delay| delay.drawn(draw(invocation, "head")));
            let delay = delay.unwrap_or_default();
            pauses.push(Pause::Delay(delay.saturating_add(options.chaos_delay)));
        }
    }
    if let (Answer::Stream(chunks), false) = (&reply.answer, invocation.is_streamed()) {
        let mut draws = Draws::of_pauses(invocation);
        pauses.extend(chunks.parts().iter().filter_map(|part| match part {
            Part::Hold(gate) => Some(Pause::Gate(gate.clone())),
            Part::Wait(delay) => Some(Pause::Delay(delay.drawn(draws.next()))),
            Part::Send(_) | Part::Http(_) | Part::Fault(_) | Part::Damage(_) | Part::Message(_) => {
                None
            }
        }));
    }
    pauses
}

/// The answer in chunks.
fn stream_of(answer: &Answer) -> Option<Stream> {
    let script = |chunks| Some(Stream::Script(Arc::new(chunks)));
    match answer {
        Answer::Payload(body) => script(Chunks::of([body.clone()], End::Complete)),
        Answer::FunctionError(error) => script(Chunks::of([], End::Failed(error.clone()))),
        Answer::Stream(chunks) => Some(Stream::Script(chunks.clone())),
        Answer::Live(live) => Some(Stream::Live(live.clone())),
        Answer::Error(_)
        | Answer::Unmodeled { .. }
        | Answer::Http { .. }
        | Answer::Handler(_)
        | Answer::Fault(_) => None,
    }
}

/// The fault that a stream has for a caller who gets it as one payload.
fn fault_of_whole(answer: &Answer, invocation: &Invocation) -> Option<Fault> {
    match answer {
        Answer::Stream(chunks) if !invocation.is_streamed() => chunks.fault_of_whole(),
        Answer::Stream(_)
        | Answer::Live(_)
        | Answer::Payload(_)
        | Answer::FunctionError(_)
        | Answer::Error(_)
        | Answer::Unmodeled { .. }
        | Answer::Http { .. }
        | Answer::Handler(_)
        | Answer::Fault(_) => None,
    }
}

/// A number that depends on the seed, the target and the number of the attempt at that target, like
/// the request id.
fn draw(invocation: &Invocation, what: &str) -> u64 {
    hashed(&[invocation.drawn_id(), what])
}
