//! Which reply an attempt gets.
//!
//! An attempt sees the rules as they were when it arrived. Their conditions are asked outside the lock, in order, each at most once;
//! then the step is taken and recorded under it, and if the script ran dry meanwhile the next rule is tried.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::panics::{GOT_500, panic_text};
use super::{Arrived, Exchange, State};
use crate::aws_words::InvocationType;
use crate::chaos::Struck;
use crate::finding::{Finding, RuleLabel};
use crate::invocation::{Invocation, Meaning};
use crate::journal::{Headline, Ticket};
use crate::matchers::{Asked, Condition, Verdict};
use crate::outcome::{Kind, Outcome, Todo, not_found};
use crate::place::Place;
use crate::reply::Reply;
use crate::script::RuleId;
use crate::service_error::ServiceError;
use crate::target::Target;
use crate::versions::Resolved;

/// A rule that could answer, as it was when the request arrived.
type Candidate = (RuleId, Arc<[Condition]>);

/// What each asked condition of a rule said.
pub(super) type Answers = Vec<(RuleId, Vec<Verdict>)>;

impl Exchange {
    /// The decision where no condition has to be asked: the usual case, under one lock.
    pub(super) fn decide_at_once(
        &self,
        state: &mut State,
        ticket: Ticket,
        invocation: &Invocation,
        number: u64,
    ) -> Option<Todo> {
        match invocation.meaning() {
            Meaning::Invoke if invocation.version() == &Resolved::Unknown => return None,
            Meaning::Invoke if invocation.invocation_type() != InvocationType::DryRun => {}
            _ => return None,
        }
        if !state.causes.is_empty() {
            return None;
        }
        let first = state.rules.wanting(invocation.target()?).next()?;
        let struck = state.strike(invocation, number);
        if let Some(struck) = struck.as_ref().filter(|struck| struck.is_whole()) {
            return Some(state.record_hit(ticket, struck, invocation));
        }
        if !state.rules[first].conditions.is_empty() {
            return None;
        }
        let reply = state.rules.take(first)?;
        Some(state.record(ticket, first, &reply, invocation, struck))
    }

    /// The decision in every other case; `None` when the fake is going away.
    pub(crate) fn decide(&self, arrived: &Arrived) -> Option<Todo> {
        let invocation = &arrived.invocation;
        match (invocation.meaning(), invocation.target()) {
            (Meaning::Invoke, Some(target)) if *invocation.version() == Resolved::Unknown => {
                self.undeclared(arrived, target)
            }
            (Meaning::Invoke, Some(target)) => self.decide_by_rules(arrived, target),
            (
                Meaning::Refused {
                    error,
                    message,
                    why,
                },
                _,
            ) => {
                let outcome = Outcome::error(*error, message.as_str());
                self.refused(arrived, outcome, message, why.clone())
            }
            (Meaning::NotFaked { operation }, _) => {
                let outcome = Outcome::of(Kind::Unmodeled {
                    code: "FakeLambdaNotFaked".into(),
                    status: 501,
                    message: Some(format!("fake-lambda does not fake {operation}").into()),
                });
                let headline = Headline(invocation).to_string();
                let call = arrived.ticket.call;
                self.settle(
                    arrived,
                    outcome,
                    Some(Finding::NotFaked {
                        call,
                        headline,
                        operation,
                    }),
                )
            }
            _ => {
                let text = "Unable to determine service/operation name to be authorized";
                let outcome = Outcome::error(ServiceError::AccessDeniedException, text);
                let headline = Headline(invocation).to_string();
                let (call, answer) = (arrived.ticket.call, answer_of(&outcome));
                self.settle(
                    arrived,
                    outcome,
                    Some(Finding::NotInvoke {
                        call,
                        headline,
                        answer,
                    }),
                )
            }
        }
    }

    fn decide_by_rules(&self, arrived: &Arrived, target: &Target) -> Option<Todo> {
        let invocation = &arrived.invocation;
        let is_dry_run = invocation.invocation_type() == InvocationType::DryRun;
        let struck = self.read(|state| state.strike(invocation, arrived.number));
        if let Some(struck) = struck.as_ref().filter(|struck| struck.is_whole()) {
            return self.edit(|state| {
                (!state.frozen).then(|| state.record_hit(arrived.ticket, struck, invocation))
            });
        }
        let (candidates, covered) = self.read(|state| {
            let wanting: Vec<RuleId> = state.rules.wanting(target).collect();
            let usable = |id: &&RuleId| !state.rules[**id].is_used_up();
            let candidates: Vec<Candidate> = wanting
                .iter()
                .filter(usable)
                .map(|id| (*id, state.rules[*id].conditions.clone()))
                .collect();
            (candidates, !wanting.is_empty())
        });
        let asked = Asked::new(invocation);
        let mut answers = Answers::new();
        for (rule, conditions) in &candidates {
            if is_dry_run && !conditions.iter().any(Condition::asks_for_dry_run) {
                continue;
            }
            match ask(conditions, &asked) {
                Ok(verdicts) => {
                    let holds = verdicts.iter().all(|verdict| *verdict == Verdict::Yes);
                    answers.push((*rule, verdicts));
                    if !holds {
                        continue;
                    }
                }
                Err((written_at, text)) => {
                    let outcome = self.panicked(arrived, "condition", GOT_500, written_at, text);
                    return self.settle(arrived, outcome, None);
                }
            }
            let taken = self.edit(|state| {
                // A condition may have been asked while the fake was dropped: verification has spoken by then.
                if state.frozen {
                    return ControlFlow::Break(None);
                }
                if !state.causes.is_empty() && !state.rules[*rule].is_spent() {
                    if let Err(outcome) = state.admit(arrived.ticket, invocation) {
                        return ControlFlow::Break(Some(Todo::Send(*outcome)));
                    }
                }
                match state.rules.take(*rule) {
                    Some(reply) => ControlFlow::Break(Some(state.record(
                        arrived.ticket,
                        *rule,
                        &reply,
                        invocation,
                        struck.clone(),
                    ))),
                    None => ControlFlow::Continue(()),
                }
            });
            if let ControlFlow::Break(todo) = taken {
                return todo;
            }
        }
        if is_dry_run && covered {
            return self.settle(arrived, Outcome::of(Kind::DryRun), None);
        }
        self.unscripted(arrived, target, answers, &asked)
    }

    /// What AWS answers for a function that is not there, and a finding that names the rules that came near.
    fn unscripted(
        &self,
        arrived: &Arrived,
        target: &Target,
        answers: Answers,
        asked: &Asked<'_>,
    ) -> Option<Todo> {
        let invocation = &arrived.invocation;
        let text = not_found(invocation);
        let outcome = Outcome::error(ServiceError::ResourceNotFoundException, text);
        let finding = (!self.config.allows_unscripted).then(|| Finding::Unscripted {
            call: arrived.ticket.call,
            headline: Headline(invocation).to_string(),
            target: target.to_string(),
            answer: answer_of(&outcome),
            nearest: self.misses(target, &answers, asked),
        });
        self.edit(|state| state.log.unscripted(arrived.ticket));
        self.settle(arrived, outcome, finding)
    }

    /// A qualifier that is not among those declared. It is told where no rule is for the function at all, or where one names this very
    /// qualifier and so can never answer; a rule for the whole function says that the test means the 404.
    fn undeclared(&self, arrived: &Arrived, target: &Target) -> Option<Todo> {
        let outcome = Outcome::error(
            ServiceError::ResourceNotFoundException,
            not_found(&arrived.invocation),
        );
        let (rule, covered) = self.read(|state| {
            let mut wanting = state.rules.wanting(target).peekable();
            let covered = wanting.peek().is_some();
            let named = wanting.find(|id| state.rules[*id].has_qualifier());
            (named.map(|id| RuleLabel::of(id, &state.rules[id])), covered)
        });
        let is_told = (rule.is_some() || !covered) && !self.config.allows_unscripted;
        let finding = is_told.then(|| Finding::Undeclared {
            call: arrived.ticket.call,
            headline: Headline(&arrived.invocation).to_string(),
            answer: answer_of(&outcome),
            target: target.to_string(),
            rule,
        });
        self.settle(arrived, outcome, finding)
    }

    /// A request the service refuses on sight; told only where no rule is for that function, since it may be what the test is about.
    fn refused(
        &self,
        arrived: &Arrived,
        outcome: Outcome,
        message: &str,
        why: Option<String>,
    ) -> Option<Todo> {
        let covered = self.read(|state| match arrived.invocation.target() {
            Some(target) => state.rules.wanting(target).next().is_some(),
            None => state.rules.has_any(),
        });
        let finding = (!covered && !self.config.allows_unscripted).then(|| Finding::Refused {
            call: arrived.ticket.call,
            headline: Headline(&arrived.invocation).to_string(),
            answer: answer_of(&outcome),
            message: message.to_owned(),
            why,
        });
        self.settle(arrived, outcome, finding)
    }

    fn settle(
        &self,
        arrived: &Arrived,
        outcome: Outcome,
        finding: Option<Finding>,
    ) -> Option<Todo> {
        let kept = outcome.clone();
        self.edit(|state| {
            if state.frozen {
                return None;
            }
            state.log.decided(arrived.ticket, kept, false);
            if let Some(finding) = finding {
                state.find(finding);
            }
            Some(Todo::Send(outcome))
        })
    }
}

impl State {
    /// Takes note of the rule and, where the reply is known, of the reply; chaos may damage it.
    fn record(
        &mut self,
        ticket: Ticket,
        rule: RuleId,
        reply: &Reply,
        invocation: &Invocation,
        struck: Option<Struck>,
    ) -> Todo {
        self.log.taken_by(ticket, rule);
        match struck.and_then(|struck| self.damage(ticket, &struck, reply)) {
            Some(damaged) => self.enter(ticket, &damaged, invocation),
            None => self.enter(ticket, reply, invocation),
        }
    }

    /// Takes note of the reply, where it is known.
    pub(super) fn enter(&mut self, ticket: Ticket, reply: &Reply, invocation: &Invocation) -> Todo {
        let mut todo = Todo::of(reply, invocation);
        if !self.causes.is_empty() {
            todo = self.started(ticket, invocation, todo);
        }
        self.enter_environment(ticket, invocation, &mut todo);
        match &todo {
            Todo::Send(outcome) | Todo::RunLater(_, outcome) => {
                self.log.decided(ticket, outcome.clone(), false);
            }
            // The outcome is entered when its wait is over.
            Todo::Run(_) | Todo::Hold(_) | Todo::Start(..) => self.stays(ticket, &todo),
        }
        todo
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

fn answer_of(outcome: &Outcome) -> String {
    format!(
        "{} {}",
        outcome.status().unwrap_or_default(),
        outcome.code().unwrap_or_default()
    )
}
