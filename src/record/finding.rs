//! What verification has to tell, as data: requests nobody scripted, panics of the test's own closures, expectations unmet.

use std::sync::Arc;

use crate::aws::target::Target;
use crate::behavior::rules::{RuleData, RuleId};
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::record::journal::Call;
use crate::request::matchers::{Condition, Verdict};

/// Something the test must hear of.
#[derive(Clone, Debug)]
pub(crate) enum Finding {
    /// A call that no rule wanted.
    Unscripted {
        call: u64,
        headline: String,
        target: String,
        answer: String,
        nearest: Vec<NearMiss>,
    },
    /// A call that the service refuses before it looks at any function, for a function that no rule names.
    Refused {
        call: u64,
        headline: String,
        answer: String,
        message: String,
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
        headline: String,
        why: String,
        rule: Option<RuleLabel>,
    },
    /// A constraint for a target that no rule is for.
    AimlessConstraint {
        /// `reserve_concurrency("resise", ..)`.
        constraint: String,
        target: String,
        /// A function that has a rule.
        near: Option<String>,
        written_at: Location,
    },
    /// A fault of a rule that nothing reaches.
    Unreachable {
        rule: RuleLabel,
        /// Its target, where the qualifier is not declared and others are.
        undeclared: Option<String>,
        /// The rule that answers all it could.
        newer: Option<RuleLabel>,
    },
    /// Chaos for a target that no rule is for.
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
    pub(crate) others: Vec<OtherRule>,
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
}

/// A rule that might have been meant, and what kept it from answering.
#[derive(Clone, Debug)]
pub(crate) struct NearMiss {
    pub(crate) rule: RuleLabel,
    pub(crate) reasons: Vec<Reason>,
}

/// One thing that holds or does not hold between a rule and a request.
#[derive(Clone, Debug)]
pub(crate) enum Reason {
    OtherFunction {
        asked: String,
        written: String,
        /// Whether one may have been written for the other.
        is_near: bool,
    },
    OtherQualifier {
        asked: Option<String>,
        written: String,
    },
    OtherRegion {
        asked: String,
        written: String,
    },
    Removed,
    UsedUp {
        answered: u64,
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

    /// Whether it keeps the rule from answering.
    pub(crate) fn is_no(&self) -> bool {
        !matches!(self, Self::Holds { .. } | Self::NotAsked { .. })
    }
}

/// Enough of a rule to find it in the test's source.
#[derive(Clone, Debug)]
pub(crate) struct RuleLabel {
    pub(crate) id: RuleId,
    pub(crate) name: Option<Arc<str>>,
    /// `on resize:live when payload_partial({"id":7})`.
    pub(crate) text: String,
    pub(crate) written_at: Location,
}

/// Another rule that answered requests an unmet one could have had.
#[derive(Clone, Debug)]
pub(crate) struct OtherRule {
    pub(crate) rule: RuleLabel,
    pub(crate) attempts: u64,
    pub(crate) more_specific: bool,
    pub(crate) newer: bool,
}

impl RuleLabel {
    pub(crate) fn of(id: RuleId, rule: &RuleData) -> Self {
        Self {
            id,
            name: rule.name.clone(),
            text: Self::text_of(rule.target.as_ref(), &rule.conditions),
            written_at: rule.written_at.clone(),
        }
    }

    /// What a rule is for, also one that is still being written.
    pub(crate) fn text_of(target: Option<&Target>, conditions: &[Condition]) -> String {
        let mut text = match target {
            Some(target) => format!("on {target}"),
            None => "on any function".to_owned(),
        };
        for (index, condition) in conditions.iter().enumerate() {
            text.push_str(if index == 0 { " when " } else { ", " });
            text.push_str(condition.label());
        }
        text
    }
}

impl Finding {
    /// Whether two findings are one thing met twice, so that a retry does not tell it again.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            // A call's event may come to several functions, by their records.
            (
                Self::Unscripted {
                    call: own,
                    target: own_target,
                    ..
                },
                Self::Unscripted { call, target, .. },
            )
            | (
                Self::Undeclared {
                    call: own,
                    target: own_target,
                    ..
                },
                Self::Undeclared { call, target, .. },
            ) => own == call && own_target == target,
            (
                Self::UnreadEvent {
                    call: own,
                    written_at: own_place,
                    ..
                },
                Self::UnreadEvent {
                    call, written_at, ..
                },
            ) => own == call && own_place == written_at,
            (Self::Refused { call: own, .. }, Self::Refused { call, .. })
            | (Self::NotFaked { call: own, .. }, Self::NotFaked { call, .. })
            | (Self::Recursive { call: own, .. }, Self::Recursive { call, .. }) => own == call,
            // Of one rule, whichever call met it first.
            (
                Self::FaultCouldNotHappen {
                    rule: own,
                    why: own_why,
                    ..
                },
                Self::FaultCouldNotHappen { rule, why, .. },
            ) => {
                let id = |rule: &Option<RuleLabel>| rule.as_ref().map(|rule| rule.id);
                id(own) == id(rule) && own_why == why
            }
            (
                Self::Panicked {
                    call: own,
                    written_at: own_place,
                    ..
                },
                Self::Panicked {
                    call, written_at, ..
                },
            ) => own == call && own_place == written_at,
            _ => false,
        }
    }
}
