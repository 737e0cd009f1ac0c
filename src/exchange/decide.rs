//! Which reply an attempt gets.

use super::panics::GOT_500;
use super::search::{Answers, Found};
use super::{Arrived, Exchange, State};
use crate::aws_words::InvocationType;
use crate::chaos::Struck;
use crate::finding::{Finding, RuleLabel};
use crate::invocation::{Invocation, Meaning};
use crate::journal::{Headline, Ticket};
use crate::matchers::{Asked, Condition};
use crate::outcome::{Kind, Outcome, Todo, not_found};
use crate::reply::Reply;
use crate::script::RuleId;
use crate::service_error::ServiceError;
use crate::target::Target;
use crate::versions::Resolved;

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
        let asked = Asked::new(invocation);
        let found = self.find_reply(
            &asked,
            target,
            |conditions| !is_dry_run || conditions.iter().any(Condition::asks_for_dry_run),
            |state, rule| state.answer(arrived.ticket, rule, invocation, struck.clone()),
        );
        match found {
            Found::Taken(todo) => Some(todo),
            Found::Frozen => None,
            Found::Panicked(written_at, text) => {
                let call = arrived.ticket.call;
                let outcome = self.panicked(
                    call,
                    invocation,
                    "condition panicked",
                    GOT_500,
                    written_at,
                    text,
                );
                self.settle(arrived, outcome, None)
            }
            Found::Nobody(answers) => {
                let covered = || self.read(|state| state.rules.wanting(target).next().is_some());
                if is_dry_run && covered() {
                    return self.settle(arrived, Outcome::of(Kind::DryRun), None);
                }
                self.unscripted(arrived, target, answers, &asked)
            }
        }
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
        let (outcome, finding) =
            self.undeclared_of(arrived.ticket.call, &arrived.invocation, target);
        self.settle(arrived, outcome, finding)
    }

    /// What such an invocation comes to, and what is told of it.
    pub(super) fn undeclared_of(
        &self,
        call: u64,
        invocation: &Invocation,
        target: &Target,
    ) -> (Outcome, Option<Finding>) {
        let outcome = Outcome::error(
            ServiceError::ResourceNotFoundException,
            not_found(invocation),
        );
        let (rule, covered) = self.read(|state| {
            let mut wanting = state.rules.wanting(target).peekable();
            let covered = wanting.peek().is_some();
            let named = wanting.find(|id| state.rules[*id].has_qualifier());
            (named.map(|id| RuleLabel::of(id, &state.rules[id])), covered)
        });
        let is_told = (rule.is_some() || !covered) && !self.config.allows_unscripted;
        let finding = is_told.then(|| Finding::Undeclared {
            call,
            headline: Headline(invocation).to_string(),
            answer: answer_of(&outcome),
            target: target.to_string(),
            rule,
        });
        (outcome, finding)
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
    /// What a rule answers, unless its script has run dry; the causes are asked before it takes a step.
    fn answer(
        &mut self,
        ticket: Ticket,
        rule: RuleId,
        invocation: &Invocation,
        struck: Option<Struck>,
    ) -> Option<Todo> {
        if !self.causes.is_empty() && !self.rules[rule].is_spent() {
            if let Err(outcome) = self.admit(ticket, invocation) {
                return Some(Todo::Send(*outcome));
            }
            if let Some(todo) = self.accept_unrun(ticket, rule, invocation) {
                return Some(todo);
            }
        }
        let reply = self.rules.take(rule)?;
        Some(self.record(ticket, rule, &reply, invocation, struck))
    }

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
            Some(damaged) => self.enter(ticket, Some(rule), &damaged, invocation),
            None => self.enter(ticket, Some(rule), reply, invocation),
        }
    }

    /// Takes note of the reply, where it is known, and of the event that it accepts.
    pub(super) fn enter(
        &mut self,
        ticket: Ticket,
        rule: Option<RuleId>,
        reply: &Reply,
        invocation: &Invocation,
    ) -> Todo {
        let mut todo = Todo::of(reply, invocation);
        if !self.causes.is_empty() {
            let execution = self.log.execution(ticket);
            todo = self.started(execution, invocation, todo);
        }
        self.enter_environment(ticket, invocation, &mut todo);
        match &todo {
            Todo::Send(outcome) => {
                self.log.decided(ticket, outcome.clone(), false);
                if matches!(outcome.kind, Kind::Accepted) {
                    self.accept(ticket, rule, reply, invocation);
                }
            }
            // The outcome is entered when its wait is over.
            Todo::Run(_) | Todo::Hold(_) | Todo::Start(..) => self.stays(ticket, &todo),
        }
        todo
    }
}

pub(super) fn answer_of(outcome: &Outcome) -> String {
    format!(
        "{} {}",
        outcome.status().unwrap_or_default(),
        outcome.code().unwrap_or_default()
    )
}
