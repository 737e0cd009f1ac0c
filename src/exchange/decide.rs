//! Which reply an attempt gets.

use super::search::{Answers, Found, Next, Search, Unanswered, Why};
use super::{Arrived, Exchange, State, Subject};
use crate::aws::service_error::ServiceError;
use crate::aws::versions::Resolved;
use crate::aws::words::InvocationType;
use crate::behavior::chaos::DrawnHit;
use crate::behavior::rules::RuleId;
use crate::record::finding::{Finding, RuleLabel};
use crate::record::journal::{Headline, Ticket};
use crate::reply::outcome::{Outcome, OutcomeKind, Todo, not_found};
use crate::reply::reply::Reply;
use crate::request::invocation::{Invocation, Meaning};
use crate::request::matchers::Asked;

impl Exchange {
    /// The decision about an attempt that had to wait for it; `None` when the fake is going away.
    pub(crate) fn decide(&self, arrived: &Arrived) -> Option<Todo> {
        let mut search = Search::default();
        let next = self.edit(|state| state.search(Subject::Attempt(arrived), &mut search));
        self.conclude(arrived, search, next)
    }

    /// The end of a search that was begun under the lock; `None` when the fake is going away.
    pub(super) fn conclude(&self, arrived: &Arrived, search: Search, next: Next) -> Option<Todo> {
        let unanswered = match self.find(Subject::Attempt(arrived), search, next) {
            Found::Decided(todo, _) => return Some(todo),
            Found::Gone => return None,
            Found::Unanswered(unanswered) => unanswered,
        };
        let Unanswered {
            why,
            outcome,
            finding,
        } = *unanswered;
        let kept = outcome.clone();
        self.edit(|state| {
            if state.frozen {
                return None;
            }
            if why == Why::Unscripted {
                state.log.unscripted(arrived.ticket);
            }
            state.log.decided(arrived.ticket, kept, false);
            if let Some(finding) = finding {
                state.find(finding);
            }
            Some(Todo::Send(outcome))
        })
    }

    /// What the service answers where no rule does, and what verification is told of it.
    pub(super) fn service_answer(
        &self,
        subject: Subject<'_>,
        answers: &Answers,
        asked: &Asked<'_>,
    ) -> Unanswered {
        let invocation = subject.invocation();
        let (why, outcome) = match (invocation.meaning(), invocation.target()) {
            (Meaning::Invoke, Some(_)) => self.not_found(invocation),
            (Meaning::Refused { error, message, .. }, _) => {
                let outcome = Outcome::error(*error, message.as_str());
                (Why::Refused, outcome)
            }
            (Meaning::NotFaked { operation }, _) => {
                let text = format!("fake-lambda does not fake {operation}");
                let outcome = Outcome::of(OutcomeKind::Unmodeled {
                    code: "FakeLambdaNotFaked".into(),
                    status: 501,
                    message: Some(text.into()),
                });
                (Why::NotFaked(operation), outcome)
            }
            _ => {
                let text = "Unable to determine service/operation name to be authorized";
                let outcome = Outcome::error(ServiceError::AccessDeniedException, text);
                (Why::NotInvoke, outcome)
            }
        };
        let finding = self.finding_of(why, subject, &outcome, answers, asked);
        Unanswered {
            why,
            outcome,
            finding,
        }
    }

    /// A DryRun that some rule is for is allowed; what else no rule answers is not there.
    fn not_found(&self, invocation: &Invocation) -> (Why, Outcome) {
        let is_unknown = *invocation.version() == Resolved::Unknown;
        let is_dry_run = invocation.invocation_type() == InvocationType::DryRun;
        if !is_unknown && is_dry_run && self.covers(invocation) {
            return (Why::Allowed, Outcome::of(OutcomeKind::DryRun));
        }
        let text = not_found(invocation);
        let outcome = Outcome::error(ServiceError::ResourceNotFoundException, text);
        let why = match is_unknown {
            true => Why::Undeclared,
            false => Why::Unscripted,
        };
        (why, outcome)
    }

    /// Whether any rule is for the function, or for every one where none is named.
    fn covers(&self, invocation: &Invocation) -> bool {
        self.read(|state| match invocation.target() {
            Some(target) => state.rules.wanting(target).next().is_some(),
            None => state.rules.has_any(),
        })
    }

    fn finding_of(
        &self,
        why: Why,
        subject: Subject<'_>,
        outcome: &Outcome,
        answers: &Answers,
        asked: &Asked<'_>,
    ) -> Option<Finding> {
        let invocation = subject.invocation();
        let call = subject.call();
        let headline = || Headline(invocation).to_string();
        let answer = || subject.answer(outcome);
        let allows = self.config.allows_unscripted;
        match why {
            Why::Allowed | Why::Panicked => None,
            // What becomes of a record that a function cannot take stands in its delivery.
            Why::Refused if matches!(subject, Subject::Execution(_)) => None,
            Why::NotFaked(operation) => Some(Finding::NotFaked {
                call,
                headline: headline(),
                operation,
            }),
            Why::NotInvoke => Some(Finding::NotInvoke {
                call,
                headline: headline(),
                answer: answer(),
            }),
            // ExecutionText only where no rule is for that function, since it may be what the test is about.
            Why::Refused => match invocation.meaning() {
                Meaning::Refused { message, why, .. } if !allows && !self.covers(invocation) => {
                    Some(Finding::Refused {
                        call,
                        headline: headline(),
                        answer: answer(),
                        message: message.clone(),
                        why: why.clone(),
                    })
                }
                _ => None,
            },
            Why::Undeclared if allows => None,
            Why::Undeclared => self.undeclared(subject, answer()),
            Why::Unscripted => {
                invocation
                    .target()
                    .filter(|_| !allows)
                    .map(|target| Finding::Unscripted {
                        call,
                        headline: headline(),
                        target: target.to_string(),
                        answer: answer(),
                        nearest: self.misses(target, answers, asked),
                    })
            }
        }
    }

    /// A qualifier that is not among those declared. It is told where no rule is for the function at all, or where one names this very
    /// qualifier and so can never answer; a rule for the whole function says that the test means the 404.
    fn undeclared(&self, subject: Subject<'_>, answer: String) -> Option<Finding> {
        let invocation = subject.invocation();
        let target = invocation.target()?;
        let (rule, covered) = self.read(|state| {
            let mut wanting = state.rules.wanting(target).peekable();
            let covered = wanting.peek().is_some();
            let named = wanting.find(|id| state.rules[*id].has_qualifier());
            (named.map(|id| RuleLabel::of(id, &state.rules[id])), covered)
        });
        (rule.is_some() || !covered).then(|| Finding::Undeclared {
            call: subject.call(),
            headline: Headline(invocation).to_string(),
            answer,
            target: target.to_string(),
            rule,
        })
    }
}

impl State {
    /// What a rule answers, unless its script has run dry; the constraints are asked before it takes a step.
    pub(super) fn answer(
        &mut self,
        ticket: Ticket,
        rule: RuleId,
        invocation: &Invocation,
        drawn: Option<DrawnHit>,
    ) -> Option<Todo> {
        if !self.constraints.is_empty() && !self.rules[rule].is_spent() {
            if let Err(outcome) = self.admit(ticket, invocation) {
                return Some(Todo::Send(*outcome));
            }
            if let Some(todo) = self.accept_unrun(ticket, rule, invocation) {
                return Some(todo);
            }
        }
        let reply = self.rules.take(rule)?;
        Some(self.record(ticket, rule, &reply, invocation, drawn))
    }

    /// Takes note of the rule and, where the reply is known, of the reply; chaos may damage it.
    fn record(
        &mut self,
        ticket: Ticket,
        rule: RuleId,
        reply: &Reply,
        invocation: &Invocation,
        drawn: Option<DrawnHit>,
    ) -> Todo {
        self.log.taken_by(ticket, rule);
        match drawn.and_then(|drawn| self.damage(ticket, &drawn, reply)) {
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
        if !self.constraints.is_empty() {
            let execution = self.log.execution(ticket);
            todo = self.started(execution, invocation, todo);
        }
        self.enter_environment(ticket, invocation, &mut todo);
        match &todo {
            Todo::Send(outcome) => {
                self.log.decided(ticket, outcome.clone(), false);
                if matches!(outcome.kind, OutcomeKind::Accepted) {
                    self.accept(ticket, rule, reply, invocation);
                }
            }
            // The outcome is entered when its wait is over.
            Todo::Run(_) | Todo::Hold(_) | Todo::Start(..) => self.waits_for(ticket, &todo),
        }
        todo
    }
}
