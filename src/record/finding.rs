//! The findings of a verification, as data: unscripted requests, panics of user code, unmet
//! expectations.

use std::sync::Arc;
#[cfg(feature = "in-memory")]
use std::time::Duration;

use crate::aws::target::Target;
use crate::aws::versions::UnpublishedVersion;
use crate::aws::words::InvocationType;
use crate::behavior::chaos::IdleChaos;
use crate::behavior::constraints::Refusal;
use crate::behavior::contract::PayloadMistake;
use crate::behavior::rules::{RuleData, RuleId, UnfinishedScript};
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::ground::unpolled::UnpolledWait;
use crate::record::journal::Call;
use crate::reply::capability::TransportKind;
use crate::reply::fault::Misfit;
use crate::reply::reply::UnreadPart;
use crate::request::invocation::RefusedPart;
use crate::request::matchers::{Condition, Mismatch, Verdict};

/// A finding of a verification.
#[derive(Clone, Debug)]
pub(crate) enum Finding {
    /// A call that no rule answers, or the record of an event that none answers.
    Unscripted(Box<Unscripted>),
    /// A call that the service refuses without looking up a function. Unless its signature is
    /// wrong, no rule covers its function.
    Refused {
        call: u64,
        headline: String,
        answer: String,
        message: String,
        /// The function that it names, if it names one.
        target: Option<String>,
        /// The reason, which the client did not get.
        why: Option<String>,
        part: RefusedPart,
    },
    /// Bytes that are not a complete and unambiguous HTTP request.
    Malformed {
        call: u64,
        headline: String,
        answer: String,
    },
    /// A call with an undeclared qualifier that the test probably did not intend.
    Undeclared {
        call: u64,
        headline: String,
        answer: String,
        target: String,
        rule: Option<RuleLabel>,
    },
    /// A request that is not an Invoke request.
    NotInvoke {
        call: u64,
        headline: String,
        answer: String,
    },
    /// An operation of the service that this fake does not support.
    NotFaked {
        call: u64,
        headline: String,
        operation: &'static str,
    },
    /// User code that panicked, or a handler that was canceled.
    Panicked {
        call: u64,
        headline: String,
        /// `handler panicked`.
        what: &'static str,
        /// The answer to the client: `the client got 418 FakeLambdaPanicked`.
        answer: &'static str,
        written_at: Location,
        /// Where it panicked, if that is known.
        panicked_at: Option<Location>,
        text: String,
    },
    /// A panic outside of the test's handlers and conditions, on the fake's own thread.
    Broke {
        call: Option<u64>,
        /// `answered call 1: pay RequestResponse {}`.
        what: String,
        /// `the client got 418 FakeLambdaPanicked`.
        answer: &'static str,
        /// Where it panicked, if that is known.
        panicked_at: Option<Location>,
        text: String,
    },
    /// A handler returned a reply that cannot be sent.
    ImpossibleReply {
        call: u64,
        headline: String,
        answer: &'static str,
        written_at: Location,
        mistake: Message,
    },
    /// A payload or a client context that a typed handler cannot read.
    UnreadEvent {
        call: u64,
        headline: String,
        part: UnreadPart,
        answer: &'static str,
        written_at: Location,
        /// The type that the handler expects.
        wanted: &'static str,
        why: String,
    },
    /// A payload that is not valid for the type that the rule expects.
    BrokenContract {
        call: u64,
        /// Whether it is the record of the call's event, sent to its destination.
        is_record: bool,
        headline: String,
        written_at: Location,
        wanted: &'static str,
        why: PayloadMistake,
    },
    /// Payloads that cannot be compared with the type that their rule expects, because the journal
    /// has dropped them.
    LostPayloads {
        lost: u64,
        written_at: Location,
        wanted: &'static str,
        /// The calls of the builder that raise the limit of the journal.
        remedy: &'static str,
    },
    /// A chain of functions that invoke one another with their records; it was stopped before the
    /// record of `function` was sent.
    Recursive {
        call: u64,
        function: String,
        destination: String,
        length: u8,
    },
    /// A fault that could not fire in its reply.
    FaultCouldNotHappen {
        call: u64,
        misfit: Misfit,
        /// The 202 of an Event has no body.
        invocation_type: InvocationType,
        rule: Option<RuleLabel>,
    },
    /// A request that a test's paused clock would never end: its client has no timeout.
    #[cfg(feature = "in-memory")]
    NeverEnds {
        call: u64,
        /// `hanging, as scripted at tests/a.rs:3:5`.
        reason: String,
        headline: String,
        /// The change in the test that ends it without a timeout of the client.
        cure: Option<&'static str>,
        /// Whether the client has the head of the reply, and no timeout of the SDK ends its wait.
        is_stream: bool,
        /// How long nothing happened.
        length: Duration,
    },
    /// A client of a fake in memory on a runtime that cannot pause its clock.
    #[cfg(feature = "in-memory")]
    WrongRuntime,
    /// A setting for a target that no rule matches.
    AimlessSetting {
        /// `` the constraint `reserve_concurrency("resise", ..)` ``.
        setting: String,
        target: String,
        /// A function that has a rule.
        near: Option<String>,
        written_at: Location,
    },
    /// A setting for a function that nothing else names, although a similar name is used.
    Misnamed(Misnamed),
    /// An alias of a version that the test does not publish.
    UnpublishedVersion(UnpublishedVersion),
    /// A fault of a rule that no request reaches.
    Unreachable {
        rule: RuleLabel,
        /// Its target, if the qualifier is not declared but others are.
        undeclared: Option<String>,
        /// The newer rule that answers every request that this rule could answer.
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
    /// A wait that was dropped before its first poll.
    UnpolledWait(UnpolledWait),
    /// A rule's expectation about calls or attempts was not met.
    Unmet(Box<Miscount>),
    /// Requests were not refused for their signatures as often as the test expects.
    UnmetRefusals {
        expected: Count,
        got: u64,
        written_at: Option<Location>,
    },
    /// A rule answered nothing, and the verification is strict, so each rule should answer.
    NeverAnswered(Box<Miscount>),
    /// A script answered only a part of what it allows, and the verification is strict.
    Unfinished {
        rule: RuleLabel,
        script: UnfinishedScript,
    },
    /// Accepted events have not ended, and the verification is strict.
    UnendedEvents {
        rule: Option<RuleLabel>,
        target: String,
        events: u64,
    },
    /// A rule's expectation about events was not met.
    UnmetEvents {
        rule: RuleLabel,
        what: &'static str,
        expected: Count,
        got: u64,
        /// The number of accepted events that have not ended and can still meet it.
        unsettled: usize,
    },
}

/// A call or a record that no rule answers.
#[derive(Clone, Debug)]
pub(crate) struct Unscripted {
    pub(crate) call: u64,
    /// `attempt 3/3`, if the client sends its number.
    pub(crate) attempt: Option<String>,
    pub(crate) headline: String,
    pub(crate) target: String,
    pub(crate) answer: String,
    pub(crate) is_dry_run: bool,
    /// Whether it is the record of the call's event, sent to its destination.
    pub(crate) is_record: bool,
    /// The line of a rule that would match it and has no reply.
    pub(crate) unfinished: Option<Location>,
    pub(crate) nearest: Vec<NearMiss>,
}

/// A finding and the calls that it applies to.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) finding: Finding,
    /// The numbers of the calls, in order; empty if the finding is not about calls.
    pub(crate) calls: Vec<u64>,
    /// Other values that arrived where the deciding condition expected something.
    pub(crate) got: Vec<String>,
}

/// A setting that was meant for another target.
#[derive(Clone, Debug)]
pub(crate) struct Misnamed {
    /// `event_invoke_config("send-mial")`.
    pub(crate) setting: String,
    pub(crate) target: String,
    pub(crate) near: String,
    pub(crate) written_at: Location,
}

/// A count that differs from the expected one, with possible explanations.
#[derive(Clone, Debug)]
pub(crate) struct Miscount {
    pub(crate) subject: CountSubject,
    /// `call` or `attempt`.
    pub(crate) what: &'static str,
    pub(crate) expected: Count,
    pub(crate) got: u64,
    /// The calls that were counted, if they are kept.
    pub(crate) calls: Vec<Call>,
    pub(crate) instead: Vec<NearCall>,
    /// Whether tokio's clock stands still for the test.
    pub(crate) is_clock_paused: bool,
    /// The chaos that was probably meant to cause retries.
    pub(crate) idle_chaos: Option<IdleChaos>,
    /// The constraint that was probably meant to cause retries.
    pub(crate) idle_constraint: Option<IdleConstraint>,
    pub(crate) transport: TransportKind,
    /// Whether the fake was dropped before the count.
    pub(crate) is_dropped: bool,
}

/// A constraint that was checked for no attempt.
#[derive(Clone, Debug)]
pub(crate) struct IdleConstraint {
    /// `pending("resize:live", ..)`.
    pub(crate) written: String,
    /// Its target, if that has a qualifier.
    pub(crate) qualified: Option<String>,
    pub(crate) written_at: Location,
}

/// The counted calls: those of the whole fake, of one rule or of one target, optionally only
/// those that match conditions.
#[derive(Clone, Debug)]
pub(crate) struct CountSubject {
    pub(crate) whose: CountedOf,
    /// The labels of the conditions.
    pub(crate) matching: Vec<String>,
}

/// The scope of the count.
#[derive(Clone, Debug)]
pub(crate) enum CountedOf {
    Fake,
    Rule(RuleLabel),
    /// One target, and a similar name that was called instead, if there is one.
    Target {
        target: Target,
        near: Option<String>,
    },
}

/// A call that was perhaps meant but was not counted, and the reason.
#[derive(Clone, Debug)]
pub(crate) struct NearCall {
    pub(crate) call: Call,
    pub(crate) reasons: Vec<Reason>,
    /// The part of the test's setup that kept it from the rules.
    pub(crate) set_up: Option<SetUp>,
    /// The rule that answered its last attempt.
    pub(crate) answered_by: Option<OtherRule>,
    /// Why the rule that was perhaps meant answers nothing now, if it does not.
    pub(crate) ended: Option<RuleEnd>,
}

/// Why a rule answers nothing more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RuleEnd {
    Exhausted,
    Removed,
}

/// A part of the setup that answers a call instead of the rules.
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
    /// A qualifier that was not declared, although others were.
    Undeclared {
        target: String,
    },
    /// The service refuses it without looking up a function.
    Unaccepted {
        message: String,
        part: RefusedPart,
    },
}

/// A rule that was perhaps meant, and the reasons why it did not answer.
#[derive(Clone, Debug)]
pub(crate) struct NearMiss {
    pub(crate) rule: RuleLabel,
    pub(crate) reasons: Vec<Reason>,
}

/// One requirement of a rule that a request meets or does not meet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Reason {
    OtherFunction {
        asked: String,
        written: String,
        /// Whether the names are similar.
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
    Exhausted {
        answered: u64,
        /// The limit of the last step.
        times: Option<u64>,
    },
    Holds {
        condition: Arc<str>,
    },
    Fails {
        condition: Arc<str>,
        written_at: Location,
        why: Option<Box<Mismatch>>,
    },
    /// A condition that is user code, which is called once for an attempt and not again for a
    /// report.
    NotAsked {
        condition: Arc<str>,
        written_at: Location,
    },
}

impl Reason {
    /// The verdict of a condition.
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

    /// The reason to fix first: a condition that fails comes before an exhausted script, because
    /// the condition would also fail with a longer script.
    pub(crate) fn deciding(reasons: &[Self]) -> Option<&Self> {
        let fails = |reason: &&Self| matches!(reason, Self::Fails { .. });
        let mut noes = reasons.iter().filter(|reason| reason.is_no());
        noes.clone().find(fails).or_else(|| noes.next())
    }

    /// Returns `true` if it prevents the rule from answering.
    pub(crate) fn is_no(&self) -> bool {
        !matches!(self, Self::Holds { .. } | Self::NotAsked { .. })
    }

    /// Returns `true` if both are the same reason, possibly with another value.
    pub(crate) fn is_same_mistake(&self, other: &Self) -> bool {
        match (self.expectation(), other.expectation()) {
            (Some(own), Some(other)) => own == other,
            (None, None) => match (self, other) {
                (Self::Exhausted { .. }, Self::Exhausted { .. }) => true,
                (own, other) => own == other,
            },
            _ => false,
        }
    }

    /// The value that arrived where a condition expected something, as printed.
    pub(crate) fn got(&self) -> Option<&str> {
        match self {
            Self::Fails { why: Some(why), .. } => why.got.as_deref(),
            Self::Fails { why: None, .. }
            | Self::OtherFunction { .. }
            | Self::OtherQualifier { .. }
            | Self::OtherRegion { .. }
            | Self::OtherAccount { .. }
            | Self::Removed
            | Self::Exhausted { .. }
            | Self::Holds { .. }
            | Self::NotAsked { .. } => None,
        }
    }

    /// The condition that fails and what it expected, regardless of the value that arrived.
    fn expectation(&self) -> Option<(&str, &Location, Option<&str>)> {
        match self {
            Self::Fails {
                condition,
                written_at,
                why,
            } => {
                let expected = why.as_ref().map(|why| &*why.text);
                Some((condition, written_at, expected))
            }
            Self::OtherFunction { .. }
            | Self::OtherQualifier { .. }
            | Self::OtherRegion { .. }
            | Self::OtherAccount { .. }
            | Self::Removed
            | Self::Exhausted { .. }
            | Self::Holds { .. }
            | Self::NotAsked { .. } => None,
        }
    }
}

/// The data to find a rule in the test's source.
#[derive(Clone, Debug)]
pub(crate) struct RuleLabel {
    /// `None` for a rule that is not finished.
    pub(crate) id: Option<RuleId>,
    pub(crate) name: Option<Arc<str>>,
    /// `None` means any function.
    pub(crate) target: Option<Target>,
    /// `payload_partial({"id":7})`.
    pub(crate) conditions: Vec<String>,
    pub(crate) written_at: Location,
}

/// A rule that answered requests which a rule with an unmet expectation could have answered.
#[derive(Clone, Debug)]
pub(crate) struct OtherRule {
    pub(crate) rule: RuleLabel,
    pub(crate) more_specific: bool,
    /// Whether it is newer and as specific.
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

    /// A rule that is not finished.
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
    /// The call that it is about, if there is one.
    pub(crate) fn call(&self) -> Option<u64> {
        match self {
            Self::Unscripted(one) => Some(one.call),
            Self::Refused { call, .. }
            | Self::Malformed { call, .. }
            | Self::Undeclared { call, .. }
            | Self::NotInvoke { call, .. }
            | Self::NotFaked { call, .. }
            | Self::Panicked { call, .. }
            | Self::ImpossibleReply { call, .. }
            | Self::UnreadEvent { call, .. }
            | Self::BrokenContract { call, .. }
            | Self::Recursive { call, .. }
            | Self::FaultCouldNotHappen { call, .. } => Some(*call),
            Self::Broke { call, .. } => *call,
            #[cfg(feature = "in-memory")]
            Self::NeverEnds { call, .. } => Some(*call),
            #[cfg(feature = "in-memory")]
            Self::WrongRuntime => None,
            Self::LostPayloads { .. }
            | Self::Misnamed(_)
            | Self::UnpublishedVersion(_)
            | Self::AimlessSetting { .. }
            | Self::Unreachable { .. }
            | Self::AimlessChaos { .. }
            | Self::UnpolledWait(_)
            | Self::UnmetRefusals { .. }
            | Self::NeverAnswered(_)
            | Self::Unfinished { .. }
            | Self::UnendedEvents { .. }
            | Self::Unmet(_)
            | Self::UnmetEvents { .. } => None,
        }
    }

    /// The value that arrived where a condition expected something.
    fn got(&self) -> Option<&str> {
        match self {
            Self::Unscripted(one) => one.deciding()?.got(),
            #[cfg(feature = "in-memory")]
            Self::NeverEnds { .. } | Self::WrongRuntime => None,
            Self::Refused { .. }
            | Self::Malformed { .. }
            | Self::Undeclared { .. }
            | Self::NotInvoke { .. }
            | Self::NotFaked { .. }
            | Self::Panicked { .. }
            | Self::Broke { .. }
            | Self::ImpossibleReply { .. }
            | Self::UnreadEvent { .. }
            | Self::BrokenContract { .. }
            | Self::LostPayloads { .. }
            | Self::Recursive { .. }
            | Self::FaultCouldNotHappen { .. }
            | Self::Misnamed(_)
            | Self::UnpublishedVersion(_)
            | Self::AimlessSetting { .. }
            | Self::Unreachable { .. }
            | Self::AimlessChaos { .. }
            | Self::UnpolledWait(_)
            | Self::UnmetRefusals { .. }
            | Self::NeverAnswered(_)
            | Self::Unfinished { .. }
            | Self::UnendedEvents { .. }
            | Self::Unmet(_)
            | Self::UnmetEvents { .. } => None,
        }
    }

    /// Returns `true` if two findings are the same mistake, found in a retry or in another call.
    fn is_same_mistake(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unscripted(own), Self::Unscripted(other)) => own.is_same_mistake(other),
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
                Self::BrokenContract {
                    is_record: own_is_record,
                    written_at: own_place,
                    why: own_why,
                    ..
                },
                Self::BrokenContract {
                    is_record,
                    written_at,
                    why,
                    ..
                },
            ) => own_is_record == is_record && own_place == written_at && own_why == why,
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
            ) => own_answer == answer && (own == headline || speaks_tls(answer)),
            (
                Self::NotInvoke {
                    headline: own,
                    answer: own_answer,
                    ..
                },
                Self::NotInvoke {
                    headline, answer, ..
                },
            ) => own == headline && own_answer == answer,
            #[cfg(feature = "in-memory")]
            (Self::NeverEnds { reason: own, .. }, Self::NeverEnds { reason, .. }) => own == reason,
            #[cfg(feature = "in-memory")]
            (Self::WrongRuntime, Self::WrongRuntime) => true,
            (Self::Recursive { call: own, .. }, Self::Recursive { call, .. }) => own == call,
            // Per rule, regardless of the call.
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
            (
                Self::ImpossibleReply {
                    written_at: own_place,
                    mistake: own_mistake,
                    ..
                },
                Self::ImpossibleReply {
                    written_at,
                    mistake,
                    ..
                },
            ) => own_place == written_at && own_mistake == mistake,
            _ => false,
        }
    }
}

impl Unscripted {
    /// The reason to fix, of the nearest rule.
    fn deciding(&self) -> Option<&Reason> {
        Reason::deciding(&self.nearest.first()?.reasons)
    }

    fn is_same_mistake(&self, other: &Self) -> bool {
        let rule = |one: &Self| one.nearest.first().map(|miss| miss.rule.id);
        let reason = match (self.deciding(), other.deciding()) {
            (Some(own), Some(other)) => own.is_same_mistake(other),
            (own, other) => own == other,
        };
        self.target == other.target
            && self.answer == other.answer
            && self.is_dry_run == other.is_dry_run
            && self.is_record == other.is_record
            && self.unfinished == other.unfinished
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

    /// Merges another finding if it is the same mistake; returns whether it was.
    ///
    /// A retry adds nothing, and a fault that cannot fire is reported only for the first call.
    pub(crate) fn merge(&mut self, other: &Finding) -> bool {
        /// The maximum number of distinct values to keep.
        const MAX_VALUES: usize = 100;
        if !self.finding.is_same_mistake(other) {
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

/// Returns `true` for the answer to the start of a TLS connection, whose bytes are random.
pub(crate) fn speaks_tls(answer: &str) -> bool {
    answer.contains("the client speaks TLS")
}
