//! Which rule answers an invocation.
//!
//! It sees the rules as they were when it arrived. Their conditions are asked outside the lock, in order, each at most once;
//! then the step is taken and recorded under it, and if the script ran dry meanwhile the next rule is tried.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::panics::panic_text;
use super::{Exchange, State};
use crate::matchers::{Asked, Condition, Verdict};
use crate::place::Place;
use crate::script::RuleId;
use crate::target::Target;

/// A rule that could answer, as it was when the request arrived.
type Candidate = (RuleId, Arc<[Condition]>);

/// What the search for a reply came to.
pub(super) enum Found<T> {
    Taken(T),
    /// A condition of the test panicked, with this text.
    Panicked(Place, String),
    /// No rule answers; what each said whose conditions were asked.
    Nobody(Answers),
    /// The fake is going away.
    Frozen,
}

/// What each asked condition of a rule said.
pub(super) type Answers = Vec<(RuleId, Vec<Verdict>)>;

impl Exchange {
    /// Asks the conditions of the rules that want an invocation, until one answers; `take` is `None` where its script has run dry.
    pub(super) fn find_reply<T>(
        &self,
        asked: &Asked<'_>,
        target: &Target,
        may_answer: impl Fn(&[Condition]) -> bool,
        take: impl Fn(&mut State, RuleId) -> Option<T>,
    ) -> Found<T> {
        let candidates: Vec<Candidate> = self.read(|state| {
            let usable = |id: &RuleId| !state.rules[*id].is_used_up();
            let wanting = state.rules.wanting(target).filter(usable);
            wanting
                .map(|id| (id, state.rules[id].conditions.clone()))
                .collect()
        });
        let mut answers = Answers::new();
        for (rule, conditions) in &candidates {
            if !may_answer(conditions) {
                continue;
            }
            match ask(conditions, asked) {
                Ok(verdicts) => {
                    let holds = verdicts.iter().all(|verdict| *verdict == Verdict::Yes);
                    answers.push((*rule, verdicts));
                    if !holds {
                        continue;
                    }
                }
                Err((written_at, text)) => return Found::Panicked(written_at, text),
            }
            let taken = self.edit(|state| {
                // A condition may have been asked while the fake was dropped: verification has spoken by then.
                if state.frozen {
                    return Some(Found::Frozen);
                }
                take(state, *rule).map(Found::Taken)
            });
            if let Some(found) = taken {
                return found;
            }
        }
        Found::Nobody(answers)
    }
}

/// Asks until the first "no", or until one panics.
fn ask(conditions: &[Condition], asked: &Asked<'_>) -> Result<Vec<Verdict>, (Place, String)> {
    let mut verdicts = Vec::with_capacity(conditions.len());
    for condition in conditions {
        let verdict =
            ask_one(condition, asked).map_err(|text| (condition.written_at().clone(), text))?;
        let holds = verdict == Verdict::Yes;
        verdicts.push(verdict);
        if !holds {
            break;
        }
    }
    Ok(verdicts)
}

/// What a condition says, or the text of its panic.
pub(super) fn ask_one(condition: &Condition, asked: &Asked<'_>) -> Result<Verdict, String> {
    catch_unwind(AssertUnwindSafe(|| condition.ask(asked))).map_err(|panic| panic_text(&*panic))
}
