//! How an outcome is sent: late, damaged, or changed at the level of HTTP.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Decision, Outcome, OutcomeKind};
use crate::aws::function_error::FunctionError;
use crate::ground::draws::hashed;
use crate::reply::fault::Fault;
use crate::reply::gate::SharedGate;
use crate::reply::reply::{Answer, Reply, ReplyOptions};
use crate::request::invocation::Invocation;

/// The changes to a reply while it is sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alterations {
    pub(crate) fault: Option<Fault>,
    /// Between head and body.
    pub(crate) body_delay: Duration,
    pub(crate) status: Option<u16>,
    pub(crate) body: Option<Bytes>,
    /// Response headers that are omitted.
    pub(crate) without: Vec<Arc<str>>,
    /// It was held by a gate whose last handle was dropped.
    pub(crate) gate_was_dropped: bool,
}

/// A reply that is held back.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) gate: Option<Arc<SharedGate>>,
    pub(crate) delay: Duration,
    pub(crate) outcome: Outcome,
    /// The function's timeout, and the outcome that replaces this one after it.
    pub(crate) late: Option<(Duration, Outcome)>,
}

impl Alterations {
    pub(super) fn with_fault(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::default()
        }
    }

    /// Returns `None` for a reply that is sent whole and unchanged, at any time.
    pub(super) fn of(
        reply: &Reply,
        kind: &OutcomeKind,
        invocation: &Invocation,
    ) -> Option<Box<Self>> {
        if let Answer::Fault(fault) = reply.answer {
            return Some(Box::new(Self::with_fault(fault)));
        }
        let options = reply.options.as_ref()?;
        let body_delay = options
            .body_delay
            .map(|delay| delay.drawn(draw(invocation, "body")));
        let alterations = Self {
            fault: options.fault,
            body_delay: body_delay.unwrap_or_default(),
            status: options.status,
            // HTTP allows no body after a 204.
            body: match (kind, options.status) {
                (OutcomeKind::DryRun, None) => None,
                _ => options.body.clone(),
            },
            without: options.without.clone(),
            gate_was_dropped: false,
        };
        let is_plain = alterations.fault.is_none()
            && options.body_delay.is_none()
            && alterations.status.is_none()
            && alterations.body.is_none()
            && alterations.without.is_empty();
        (!is_plain).then(|| Box::new(alterations))
    }
}

impl Held {
    /// The outcome, held back if its reply says so. The caller of an Event does not wait.
    pub(super) fn of(
        reply: &Reply,
        options: &ReplyOptions,
        invocation: &Invocation,
        mut outcome: Outcome,
    ) -> Decision {
        let is_held =
            options.gate.is_some() || options.delay.is_some() || !options.chaos_delay.is_zero();
        if !is_held || matches!(outcome.kind, OutcomeKind::Accepted) {
            return Decision::Send(outcome);
        }
        let delay = options
            .delay
            .map(|delay| delay.drawn(draw(invocation, "head")));
        let timeout = options.timeout.filter(|_| outcome.has_run());
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
        let delay = delay
            .unwrap_or_default()
            .saturating_add(options.chaos_delay);
        if let OutcomeKind::Ran { took, .. } = &mut outcome.kind {
            *took = delay;
        }
        Decision::Hold(Box::new(Self {
            gate: options.gate.clone(),
            delay,
            outcome,
            late,
        }))
    }

    /// The function's timeout.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.late.as_ref().map(|(timeout, _)| *timeout)
    }
}

/// A number that depends on the seed, the target and the number of the attempt at that target, like
/// the request id.
fn draw(invocation: &Invocation, what: &str) -> u64 {
    hashed(&[invocation.drawn_id(), what])
}
