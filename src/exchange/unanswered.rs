//! What a drop finds without a final answer.

use super::{Exchange, State};
use crate::finding::RuleLabel;
use crate::journal::{Attempt, Headline, Stay};

impl Exchange {
    /// Each attempt that has no final answer, and what keeps it from one.
    pub(crate) fn unanswered(&self) -> Vec<String> {
        self.read(|state| {
            let attempts = state.log.entries().flat_map(|call| {
                let open = call
                    .attempts
                    .iter()
                    .filter(|attempt| !attempt.is_finished());
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
    fn kept_by(&self, attempt: &Attempt) -> String {
        let rule = attempt
            .rule
            .map(|id| RuleLabel::of(id, &self.rules[id]).written_at);
        let rule = rule.map_or_else(String::new, |place| format!(", scripted at {place}"));
        match (&attempt.stay, attempt.fault()) {
            (Some(Stay::Gate(place)), _) => format!("held by the gate made at {place}{rule}"),
            (Some(Stay::Delay(delay)), _) => format!("delayed for {delay:?}{rule}"),
            (Some(Stay::Start(length)), _) => {
                format!("waiting {length:?} for its environment to start{rule}")
            }
            (Some(Stay::Handler(place)), _) => format!("in the handler written at {place}"),
            (None, Some(fault)) => format!("{fault}{rule}"),
            (None, None) if attempt.outcome.is_some() => format!("being sent{rule}"),
            (None, None) => "not decided".to_owned(),
        }
    }
}
