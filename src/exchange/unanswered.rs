//! What has no final answer: asked by waits, and by a drop.

use super::{Exchange, State};
use crate::record::finding::RuleLabel;
use crate::record::journal::{Attempt, Headline, WaitReason};
use crate::record::report;
use crate::reply::fault::Fault;
use crate::reply::outcome::Alterations;

impl Exchange {
    /// Each attempt that has no final answer, and what keeps it from one.
    pub(crate) fn unanswered(&self) -> Vec<String> {
        self.read(|state| {
            let attempts = state.log.entries().flat_map(|call| {
                let open = call
                    .attempts
                    .iter()
                    .filter(|attempt| attempt.is_waiting() || lasts(attempt));
                open.map(|attempt| {
                    format!(
                        "call {}, {}: {}",
                        call.number,
                        Headline(&attempt.invocation),
                        state.kept_by(attempt)
                    )
                })
            });
            attempts.collect()
        })
    }
}

impl State {
    /// Whether every attempt has its final answer and no accepted event is being run.
    pub(crate) fn is_idle(&self) -> bool {
        self.log.open_attempts() == 0 && self.events.is_still()
    }

    /// What keeps it from being idle.
    pub(crate) fn not_idle(&self) -> String {
        let events = self
            .events
            .running()
            .saturating_sub(self.late_handlers.len());
        report::not_idle(
            self.log.open_attempts(),
            &self.late_handlers,
            events,
            self.pauses > 0,
        )
    }

    fn kept_by(&self, attempt: &Attempt) -> String {
        let rule = attempt
            .rule
            .map(|id| RuleLabel::of(id, &self.rules[id]).written_at);
        let rule = rule.map_or_else(String::new, |location| format!(", scripted at {location}"));
        match (&attempt.wait_reason, attempt.fault()) {
            (Some(WaitReason::Gate(location)), _) => {
                format!("held by the gate made at {location}{rule}")
            }
            (Some(WaitReason::Delay(delay)), _) => format!("delayed for {delay:?}{rule}"),
            (Some(WaitReason::Start(length)), _) => {
                format!("waiting {length:?} for its environment to start{rule}")
            }
            (Some(WaitReason::Handler(location)), _) => {
                format!("in the handler written at {location}")
            }
            (None, Some(fault)) => format!("{fault}{rule}"),
            (None, None) if lasts(attempt) => format!("its body is delayed{rule}"),
            (None, None) => "not decided".to_owned(),
        }
    }
}

/// Whether its reply takes its time. Any other that is not finished may have been sent whole a moment ago.
fn lasts(attempt: &Attempt) -> bool {
    let alterations = attempt
        .outcome
        .as_ref()
        .and_then(|outcome| outcome.alterations.as_ref());
    let is_slow = |alterations: &Alterations| {
        !alterations.body_delay.is_zero() || alterations.fault.is_some_and(Fault::lasts)
    };
    !attempt.is_finished() && alterations.is_some_and(|alterations| is_slow(alterations))
}
