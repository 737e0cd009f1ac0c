//! The service's own answer if no rule answers, and the finding about it.

use super::exchange::Exchange;
use super::subject::Subject;
use crate::aws::service_error::ServiceError;
use crate::aws::target::Target;
use crate::aws::versions::Resolved;
use crate::aws::words::InvocationType;
use crate::record::diagnosis::{self, Answers};
use crate::record::finding::{Finding, NearMiss, RuleLabel, Unscripted};
use crate::record::journal::ShortHeadline;
use crate::reply::outcome::{NO_OPERATION, Outcome, OutcomeKind, not_found};
use crate::request::invocation::{Invocation, RefusedPart, Validity};
use crate::request::matchers::ConditionInput;
use crate::request::operation::Requested;

/// The name of the operation that is not faked, in the service's model.
const INVOKE_ASYNC: &str = "InvokeAsync";

/// The service's own answer.
pub(super) struct Unanswered {
    pub(super) why: Why,
    pub(super) outcome: Outcome,
    pub(super) finding: Option<Finding>,
}

/// The reason why no rule answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Why {
    /// The service refuses the request without looking up a function.
    Refused,
    NotFaked(&'static str),
    NotInvoke,
    /// Its qualifier was not declared, although others were.
    Undeclared,
    /// A DryRun of a function that has rules.
    Allowed,
    Unscripted,
    /// A condition panicked.
    Panicked,
}

impl Exchange {
    /// The service's answer if no rule answers, with the finding about it.
    pub(super) fn service_answer(
        &self,
        subject: Subject<'_>,
        answers: &Answers,
        input: &ConditionInput<'_>,
    ) -> Unanswered {
        let invocation = subject.invocation();
        let (why, outcome) = match (invocation.requested(), invocation.validity()) {
            (Requested::Call(_), Validity::Valid) => self.not_found(invocation),
            (_, Validity::Refused { error, message, .. }) => {
                let outcome = Outcome::error(*error, message.as_str());
                (Why::Refused, outcome)
            }
            (_, Validity::Malformed { .. } | Validity::Incomplete { .. }) => {
                unreachable!("no rule is searched for an incomplete request")
            }
            (Requested::InvokeAsync, Validity::Valid) => {
                let text = format!("fake-lambda does not fake {INVOKE_ASYNC}");
                let outcome = Outcome::of(OutcomeKind::Unmodeled {
                    code: "FakeLambdaNotFaked".into(),
                    status: 501,
                    message: Some(text.into()),
                });
                (Why::NotFaked(INVOKE_ASYNC), outcome)
            }
            (Requested::Unknown, Validity::Valid) => {
                let (path, _) = invocation.head().path_and_query();
                let outcome = match Requested::is_read(invocation.method(), path) {
                    true => Outcome::no_operation_in_xml(),
                    false => Outcome::error(ServiceError::AccessDeniedException, NO_OPERATION),
                };
                (Why::NotInvoke, outcome)
            }
        };
        let finding = self.finding_of(why, subject, &outcome, answers, input);
        Unanswered {
            why,
            outcome,
            finding,
        }
    }

    /// A DryRun is allowed if a rule covers its function, unless its qualifier was not declared;
    /// all other requests that no rule answers get a 404.
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

    fn covers(&self, invocation: &Invocation) -> bool {
        self.read(|state| state.behavior.covers(invocation))
    }

    /// Returns `true` if a refusal is reported. If a rule covers the function, the test may be
    /// about the refusal, so only a wrong signature is reported.
    fn is_reported(&self, invocation: &Invocation, part: RefusedPart) -> bool {
        let covers = self.covers(invocation);
        match part {
            RefusedPart::Signature if self.config.expected_refusals.is_some() => false,
            RefusedPart::Signature if covers => true,
            RefusedPart::ReservedHeader
            | RefusedPart::FunctionName
            | RefusedPart::Qualifier
            | RefusedPart::InvocationType
            | RefusedPart::StreamInvocationType
            | RefusedPart::LogType
            | RefusedPart::TenantId
            | RefusedPart::DurableName
            | RefusedPart::Authorization
            | RefusedPart::Signature
            | RefusedPart::TwoQualifiers
            | RefusedPart::Region
            | RefusedPart::LongContext
            | RefusedPart::RequestId
            | RefusedPart::ClientContext
            | RefusedPart::LongPayload
            | RefusedPart::Payload => !self.config.allows_unscripted && !covers,
        }
    }

    /// The nearest rules, and the reason why each did not answer. Evaluates conditions, so call it
    /// outside the lock.
    fn near_misses(
        &self,
        target: &Target,
        answers: &Answers,
        input: &ConditionInput<'_>,
    ) -> Vec<NearMiss> {
        let near = {
            let mut state = self.lock();
            diagnosis::near_rules(&mut state.behavior.rules, target, answers)
        };
        diagnosis::near_misses(near, answers, input)
    }

    fn finding_of(
        &self,
        why: Why,
        subject: Subject<'_>,
        outcome: &Outcome,
        answers: &Answers,
        input: &ConditionInput<'_>,
    ) -> Option<Finding> {
        let invocation = subject.invocation();
        let call = subject.call();
        let headline = || ShortHeadline(invocation).to_string();
        let answer = || subject.answer(outcome);
        let allows = self.config.allows_unscripted;
        match why {
            Why::Allowed | Why::Panicked => None,
            // A record that a function cannot accept: its delivery shows what happens to it.
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
            Why::Refused => match invocation.validity() {
                Validity::Refused {
                    message, why, part, ..
                } if self.is_reported(invocation, *part) => Some(Finding::Refused {
                    call,
                    headline: headline(),
                    answer: answer(),
                    message: message.clone(),
                    target: invocation.target().map(Target::to_string),
                    why: why.clone(),
                    part: *part,
                }),
                Validity::Valid
                | Validity::Refused { .. }
                | Validity::Malformed { .. }
                | Validity::Incomplete { .. } => None,
            },
            Why::Undeclared if allows => None,
            Why::Undeclared => self.undeclared(subject, answer()),
            Why::Unscripted => invocation.target().filter(|_| !allows).map(|target| {
                Finding::Unscripted(Box::new(Unscripted {
                    call,
                    attempt: subject.attempt(),
                    headline: headline(),
                    target: target.to_string(),
                    answer: answer(),
                    is_dry_run: invocation.invocation_type() == InvocationType::DryRun,
                    is_record: subject.is_record(),
                    unfinished: self.read(|state| {
                        let unfinished = &state.behavior.unfinished;
                        unfinished.covering(target).cloned()
                    }),
                    nearest: self.near_misses(target, answers, input),
                }))
            }),
        }
    }

    /// A qualifier that was not declared. Reported only if no rule covers the function at all, or
    /// if a rule names this qualifier and so can never answer. A rule for the whole function means
    /// that the test expects the 404.
    fn undeclared(&self, subject: Subject<'_>, answer: String) -> Option<Finding> {
        let invocation = subject.invocation();
        let target = invocation.target()?;
        let (rule, covered) = self.read(|state| {
            let mut matching_target = state.behavior.rules.matching_target(target).peekable();
            let covered = matching_target.peek().is_some();
            let named = matching_target.find(|id| state.behavior.rules[*id].has_qualifier());
            (
                named.map(|id| RuleLabel::of(id, &state.behavior.rules[id])),
                covered,
            )
        });
        (rule.is_some() || !covered).then(|| Finding::Undeclared {
            call: subject.call(),
            headline: ShortHeadline(invocation).to_string(),
            answer,
            target: target.to_string(),
            rule,
        })
    }
}
