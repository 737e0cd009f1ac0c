//! What verification reports, as data: requests nobody scripted, panics of the test's own closures, expectations unmet.

use std::sync::Arc;

use crate::aws::target::Target;
use crate::behavior::constraints::Refusal;
use crate::behavior::rules::{RuleData, RuleId};
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::record::journal::Call;
use crate::reply::fault::Misfit;
use crate::request::matchers::{Condition, Verdict};

/// Something that verification reports.
#[derive(Clone, Debug)]
pub(crate) enum Finding {
    /// A call that matches no rule.
    Unscripted(Box<Unscripted>),
    /// A call that the service refuses before it looks at any function, for a function that no rule names.
    Refused {
        call: u64,
        headline: String,
        answer: String,
        message: String,
        /// The function that it names, if it names one.
        target: Option<String>,
        /// What the client was not told.
        why: Option<String>,
    },
    /// Bytes that are no whole and clear HTTP request.
    Malformed {
        call: u64,
        headline: String,
        answer: String,
    },
    /// A call of a qualifier that was not declared, where that was hardly meant.
    Undeclared {
        call: u64,
        headline: String,
        answer: String,
        target: String,
        rule: Option<RuleLabel>,
    },
    /// A request that is none of Invoke.
    NotInvoke {
        call: u64,
        headline: String,
        answer: String,
    },
    /// An operation that the service has and this fake does not.
    NotFaked {
        call: u64,
        headline: String,
        operation: &'static str,
    },
    /// A closure of the test panicked while it was asked or run, or was given up.
    Panicked {
        call: u64,
        headline: String,
        /// `handler panicked`.
        what: &'static str,
        /// What the client got of it: `the client got 418 FakeLambdaPanicked`.
        answer: &'static str,
        written_at: Location,
        /// Where in it, if that is known.
        panicked_at: Option<Location>,
        text: String,
    },
    /// An event that a typed handler does not take.
    UnreadEvent {
        call: u64,
        headline: String,
        answer: &'static str,
        written_at: Location,
        /// The type it would have to be.
        wanted: &'static str,
        why: String,
    },
    /// Functions that invoke one another with their records, ended before the record of this one was sent on.
    Recursive {
        call: u64,
        function: String,
        destination: String,
        length: u8,
    },
    /// A fault that could not happen to the reply it was for.
    FaultCouldNotHappen {
        call: u64,
        misfit: Misfit,
        rule: Option<RuleLabel>,
    },
    /// A setting for a target that no rule matches.
    AimlessSetting {
        /// `` the constraint `reserve_concurrency("resise", ..)` ``.
        setting: String,
        target: String,
        /// A function that has a rule.
        near: Option<String>,
        written_at: Location,
    },
    /// A setting for a function that nothing else names, beside one with nearly its name.
    Misnamed(Misnamed),
    /// A fault of a rule that nothing reaches.
    Unreachable {
        rule: RuleLabel,
        /// Its target, where the qualifier is not declared and others are.
        undeclared: Option<String>,
        /// The rule that answers all it could.
        newer: Option<RuleLabel>,
    },
    /// Chaos for a target that no rule matches.
    AimlessChaos {
        target: String,
        /// A function that has a rule.
        near: Option<String>,
        is_undeclared: bool,
        written_at: Location,
    },
    /// A rule's expectation does not hold.
    Unmet(Box<Miscount>),
    /// Events did not become of a rule what it expects.
    UnmetEvents {
        rule: RuleLabel,
        what: &'static str,
        expected: Count,
        got: u64,
        /// How many accepted events have not ended.
        unsettled: usize,
    },
}

/// A call that matches no rule.
#[derive(Clone, Debug)]
pub(crate) struct Unscripted {
    pub(crate) call: u64,
    /// `attempt 3/3`, where the client says so.
    pub(crate) attempt: Option<String>,
    pub(crate) headline: String,
    pub(crate) target: String,
    pub(crate) answer: String,
    pub(crate) is_dry_run: bool,
    pub(crate) nearest: Vec<NearMiss>,
}

/// What was found once or several times, and of which calls.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) finding: Finding,
    /// In order; empty where it is about no call.
    pub(crate) calls: Vec<u64>,
    /// What else came where the deciding condition expected something.
    pub(crate) got: Vec<String>,
}

/// A setting whose target was meant to be another one.
#[derive(Clone, Debug)]
pub(crate) struct Misnamed {
    /// `event_invoke_config("send-mial")`.
    pub(crate) setting: String,
    pub(crate) target: String,
    pub(crate) near: String,
    pub(crate) written_at: Location,
}

/// A count that is not what the test says, with what may explain it.
#[derive(Clone, Debug)]
pub(crate) struct Miscount {
    pub(crate) subject: CountSubject,
    /// `call` or `attempt`.
    pub(crate) what: &'static str,
    pub(crate) expected: Count,
    pub(crate) got: u64,
    /// Those that were counted, as far as they are kept.
    pub(crate) calls: Vec<Call>,
    pub(crate) instead: Vec<NearCall>,
}

/// What is counted: calls of the whole fake, of one rule or of one target, and of those perhaps the ones that match.
#[derive(Clone, Debug)]
pub(crate) struct CountSubject {
    pub(crate) whose: CountedOf,
    /// The labels of the conditions.
    pub(crate) matching: Vec<String>,
}

/// Whose calls are counted.
#[derive(Clone, Debug)]
pub(crate) enum CountedOf {
    Fake,
    Rule(RuleLabel),
    /// With the name that was called instead, if one is near.
    Target {
        text: String,
        near: Option<String>,
    },
}

/// A call that might have been meant and was not counted, and why it was not.
#[derive(Clone, Debug)]
pub(crate) struct NearCall {
    pub(crate) call: Call,
    pub(crate) reasons: Vec<Reason>,
    /// What of the test's own set-up kept it from the rules.
    pub(crate) set_up: Option<SetUp>,
    /// The rule that answered its last attempt.
    pub(crate) answered_by: Option<OtherRule>,
}

/// What answers a call in place of the rules.
#[derive(Clone, Debug)]
pub(crate) enum SetUp {
    Constraint {
        /// `reserve_concurrency("resize", 0)`.
        written: String,
        written_at: Location,
        refusal: Refusal,
    },
    Chaos {
        written_at: Location,
    },
    /// A qualifier that is not among those declared.
    Undeclared {
        target: String,
    },
    /// The service refuses it on sight.
    Unaccepted {
        message: String,
    },
}

/// A rule that might have been meant, and what kept it from answering.
#[derive(Clone, Debug)]
pub(crate) struct NearMiss {
    pub(crate) rule: RuleLabel,
    pub(crate) reasons: Vec<Reason>,
}

/// One thing that holds or does not hold between a rule and a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Reason {
    OtherFunction {
        asked: String,
        written: String,
        /// Whether one may have been written for the other.
        is_near: bool,
    },
    OtherQualifier {
        function: String,
        asked: Option<String>,
        written: String,
    },
    OtherRegion {
        asked: String,
        written: String,
    },
    OtherAccount {
        asked: String,
        written: String,
    },
    Removed,
    UsedUp {
        answered: u64,
        /// The bound of the last step.
        times: Option<u64>,
    },
    Holds {
        condition: Arc<str>,
    },
    Fails {
        condition: Arc<str>,
        written_at: Location,
        why: Option<String>,
    },
    /// The test's own code, which is asked once for an attempt and not again for a report.
    NotAsked {
        condition: Arc<str>,
        written_at: Location,
    },
}

impl Reason {
    /// What a condition said.
    pub(crate) fn of(condition: &Condition, verdict: &Verdict) -> Self {
        let label = condition.label().into();
        match verdict {
            Verdict::Yes => Self::Holds { condition: label },
            Verdict::No(why) => Self::Fails {
                condition: label,
                written_at: condition.written_at().clone(),
                why: why.clone(),
            },
        }
    }

    /// What to change first: a condition that fails would fail for a longer script, too.
    pub(crate) fn deciding(reasons: &[Self]) -> Option<&Self> {
        let fails = |reason: &&Self| matches!(reason, Self::Fails { .. });
        let mut noes = reasons.iter().filter(|reason| reason.is_no());
        noes.clone().find(fails).or_else(|| noes.next())
    }

    /// Whether it keeps the rule from answering.
    pub(crate) fn is_no(&self) -> bool {
        !matches!(self, Self::Holds { .. } | Self::NotAsked { .. })
    }

    /// Whether both are one thing, perhaps with another value.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        match (self.expectation(), other.expectation()) {
            (Some(own), Some(other)) => own == other,
            (None, None) => match (self, other) {
                (Self::UsedUp { .. }, Self::UsedUp { .. }) => true,
                (own, other) => own == other,
            },
            _ => false,
        }
    }

    /// What came where a condition expected something, as it prints it.
    pub(crate) fn got(&self) -> Option<&str> {
        match self {
            Self::Fails { why: Some(why), .. } => Some(why.split_once(", got ")?.1),
            Self::Fails { why: None, .. }
            | Self::OtherFunction { .. }
            | Self::OtherQualifier { .. }
            | Self::OtherRegion { .. }
            | Self::OtherAccount { .. }
            | Self::Removed
            | Self::UsedUp { .. }
            | Self::Holds { .. }
            | Self::NotAsked { .. } => None,
        }
    }

    /// The condition that fails and what it expected, whatever came.
    fn expectation(&self) -> Option<(&str, &Location, Option<&str>)> {
        match self {
            Self::Fails {
                condition,
                written_at,
                why,
            } => {
                let why = why.as_deref();
                let expected =
                    why.map(|why| why.split_once(", got ").map_or(why, |(left, _)| left));
                Some((condition, written_at, expected))
            }
            Self::OtherFunction { .. }
            | Self::OtherQualifier { .. }
            | Self::OtherRegion { .. }
            | Self::OtherAccount { .. }
            | Self::Removed
            | Self::UsedUp { .. }
            | Self::Holds { .. }
            | Self::NotAsked { .. } => None,
        }
    }
}

/// Enough of a rule to find it in the test's source.
#[derive(Clone, Debug)]
pub(crate) struct RuleLabel {
    /// `None` of one that is still being written.
    pub(crate) id: Option<RuleId>,
    pub(crate) name: Option<Arc<str>>,
    /// `None` is any function.
    pub(crate) target: Option<Target>,
    /// `payload_partial({"id":7})`.
    pub(crate) conditions: Vec<String>,
    pub(crate) written_at: Location,
}

/// Another rule that answered requests an unmet one could have had.
#[derive(Clone, Debug)]
pub(crate) struct OtherRule {
    pub(crate) rule: RuleLabel,
    pub(crate) more_specific: bool,
    pub(crate) newer: bool,
}

impl RuleLabel {
    pub(crate) fn of(id: RuleId, rule: &RuleData) -> Self {
        Self {
            id: Some(id),
            ..Self::unfinished(
                rule.target.as_ref(),
                &rule.conditions,
                rule.name.as_ref(),
                &rule.written_at,
            )
        }
    }

    /// A rule that is still being written.
    pub(crate) fn unfinished(
        target: Option<&Target>,
        conditions: &[Condition],
        name: Option<&Arc<str>>,
        written_at: &Location,
    ) -> Self {
        let labels = conditions.iter().map(Condition::label);
        Self {
            id: None,
            name: name.cloned(),
            target: target.cloned(),
            conditions: labels.map(str::to_owned).collect(),
            written_at: written_at.clone(),
        }
    }
}

impl Finding {
    /// The call it is about, if it is about one.
    pub(crate) fn call(&self) -> Option<u64> {
        match self {
            Self::Unscripted(one) => Some(one.call),
            Self::Refused { call, .. }
            | Self::Malformed { call, .. }
            | Self::Undeclared { call, .. }
            | Self::NotInvoke { call, .. }
            | Self::NotFaked { call, .. }
            | Self::Panicked { call, .. }
            | Self::UnreadEvent { call, .. }
            | Self::Recursive { call, .. }
            | Self::FaultCouldNotHappen { call, .. } => Some(*call),
            Self::Misnamed(_)
            | Self::AimlessSetting { .. }
            | Self::Unreachable { .. }
            | Self::AimlessChaos { .. }
            | Self::Unmet(_)
            | Self::UnmetEvents { .. } => None,
        }
    }

    /// What came where a condition expected something.
    fn got(&self) -> Option<&str> {
        match self {
            Self::Unscripted(one) => one.deciding()?.got(),
            Self::Refused { .. }
            | Self::Malformed { .. }
            | Self::Undeclared { .. }
            | Self::NotInvoke { .. }
            | Self::NotFaked { .. }
            | Self::Panicked { .. }
            | Self::UnreadEvent { .. }
            | Self::Recursive { .. }
            | Self::FaultCouldNotHappen { .. }
            | Self::Misnamed(_)
            | Self::AimlessSetting { .. }
            | Self::Unreachable { .. }
            | Self::AimlessChaos { .. }
            | Self::Unmet(_)
            | Self::UnmetEvents { .. } => None,
        }
    }

    /// Whether two findings are one mistake, met by a retry or by another call.
    fn is_alike(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unscripted(own), Self::Unscripted(other)) => own.is_alike(other),
            (
                Self::Undeclared {
                    target: own,
                    answer: own_answer,
                    ..
                },
                Self::Undeclared { target, answer, .. },
            ) => own == target && own_answer == answer,
            (
                Self::UnreadEvent {
                    written_at: own_place,
                    why: own_why,
                    ..
                },
                Self::UnreadEvent {
                    written_at, why, ..
                },
            ) => own_place == written_at && own_why == why,
            (
                Self::Refused {
                    target: own,
                    message: own_message,
                    why: own_why,
                    ..
                },
                Self::Refused {
                    target,
                    message,
                    why,
                    ..
                },
            ) => own == target && own_message == message && own_why == why,
            (
                Self::NotFaked {
                    headline: own,
                    operation: own_operation,
                    ..
                },
                Self::NotFaked {
                    headline,
                    operation,
                    ..
                },
            ) => own == headline && own_operation == operation,
            (
                Self::Malformed {
                    headline: own,
                    answer: own_answer,
                    ..
                },
                Self::Malformed {
                    headline, answer, ..
                },
            )
            | (
                Self::NotInvoke {
                    headline: own,
                    answer: own_answer,
                    ..
                },
                Self::NotInvoke {
                    headline, answer, ..
                },
            ) => own == headline && own_answer == answer,
            (Self::Recursive { call: own, .. }, Self::Recursive { call, .. }) => own == call,
            // Of one rule, whichever call met it first.
            (
                Self::FaultCouldNotHappen {
                    rule: own,
                    misfit: own_misfit,
                    ..
                },
                Self::FaultCouldNotHappen { rule, misfit, .. },
            ) => {
                let id = |rule: &Option<RuleLabel>| rule.as_ref().map(|rule| rule.id);
                id(own) == id(rule) && own_misfit == misfit
            }
            (
                Self::Panicked {
                    written_at: own_place,
                    text: own_text,
                    ..
                },
                Self::Panicked {
                    written_at, text, ..
                },
            ) => own_place == written_at && own_text == text,
            _ => false,
        }
    }
}

impl Unscripted {
    /// The reason to act on, of the rule that came nearest.
    fn deciding(&self) -> Option<&Reason> {
        Reason::deciding(&self.nearest.first()?.reasons)
    }

    fn is_alike(&self, other: &Self) -> bool {
        let rule = |one: &Self| one.nearest.first().map(|miss| miss.rule.id);
        let reason = match (self.deciding(), other.deciding()) {
            (Some(own), Some(other)) => own.is_alike(other),
            (own, other) => own == other,
        };
        self.target == other.target
            && self.answer == other.answer
            && self.is_dry_run == other.is_dry_run
            && rule(self) == rule(other)
            && reason
    }
}

impl Found {
    pub(crate) fn of(finding: Finding) -> Self {
        Self {
            calls: finding.call().into_iter().collect(),
            got: Vec::new(),
            finding,
        }
    }

    /// Takes another finding in, where it is the same mistake; says whether it was.
    ///
    /// A retry adds nothing, and a fault that cannot happen is told of the first call alone.
    pub(crate) fn merge(&mut self, other: &Finding) -> bool {
        /// The most values that are told apart.
        const MAX_VALUES: usize = 100;
        if !self.finding.is_alike(other) {
            return false;
        }
        if matches!(other, Finding::FaultCouldNotHappen { .. }) {
            return true;
        }
        let call = other.call();
        let place = call.map(|call| (self.calls.binary_search(&call), call));
        if let Some((Err(place), call)) = place {
            self.calls.insert(place, call);
        }
        let got = other.got().filter(|got| {
            self.finding.got() != Some(*got) && !self.got.iter().any(|known| known == *got)
        });
        if let Some(got) = got.filter(|_| self.got.len() < MAX_VALUES) {
            self.got.push(got.to_owned());
        }
        true
    }
}
