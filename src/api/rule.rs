//! The verbs of a script: [`Rule`] while it is being written, [`Script`] once it is live, [`Seen`] for a target.
//!
//! Each verb is one atomic edit of the live rules. Mistakes panic at the line that makes them, in the words of `report`.

mod handlers;

use std::fmt;
use std::sync::Arc;

use crate::api::seen::Scope;
use crate::aws::target::Target;
use crate::behavior::rules::{EditError, RuleData, RuleId, ScriptedRule};
use crate::exchange::{Exchange, State};
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::record::finding::RuleLabel;
use crate::record::report;
use crate::reply::reply::{IntoReply, Reply};
use crate::request::matchers::{Condition, IntoCondition};

/// A rule being written: which invocations it is for. It is live once it has a reply.
///
/// Made by [`Handle::on`](crate::Handle::on) and [`Handle::on_any`](crate::Handle::on_any).
#[must_use = "a rule answers nothing until it has a reply: end it with `.reply(..)` or `.handle(..)`"]
pub struct Rule {
    exchange: Arc<Exchange>,
    target: Option<Target>,
    conditions: Vec<Condition>,
    name: Option<Arc<str>>,
    written_at: Location,
}

/// A live rule: its script can be written on, counted and waited for.
///
/// Cheap to clone; dropping it changes nothing.
#[derive(Clone)]
pub struct Script {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) rule: RuleId,
}

/// What was seen of one target, whichever rules answered, or of what matches; made by [`Handle::seen`](crate::Handle::seen) and by
/// `matching`.
#[derive(Clone)]
pub struct Seen {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) scope: Scope,
}

impl Rule {
    pub(crate) fn new(
        exchange: Arc<Exchange>,
        target: Option<Target>,
        written_at: Location,
    ) -> Self {
        Self {
            exchange,
            target,
            conditions: Vec::new(),
            name: None,
            written_at,
        }
    }

    /// Answers only invocations for which the condition holds; several conditions must all hold.
    ///
    /// Takes a matcher of [`matchers`](crate::request::matchers), a closure over [`&Invocation`](crate::Invocation), and with the feature
    /// `wiremock` (on by default) every `wiremock::Match`. A condition is asked at most once an attempt, in the order written,
    /// until the first "no"; it may use the fake. One that panics makes the client's answer a 500 and fails verification.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Invocation, matchers::payload_partial};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").when(payload_partial(json!({"size": "xl"}))).reply(json!({"queue": "big"}));
    /// lambda.on("resize").when(|i: &Invocation| i.payload_len() > 100).reply(json!(1));
    /// # #[cfg(feature = "wiremock")]
    /// lambda.on("resize").when(wiremock::matchers::header_exists("x-amzn-trace-id")).reply(json!(2));
    /// ```
    #[track_caller]
    pub fn when<M>(mut self, condition: impl IntoCondition<M>) -> Self {
        self.conditions.push(condition.into_condition());
        self
    }

    /// A name for the reports, beside the line where the rule is written.
    pub fn named(mut self, name: impl AsRef<str>) -> Self {
        self.name = Some(name.as_ref().into());
        self
    }

    /// Answers with this reply, from now on; the last reply of a script repeats.
    ///
    /// # Panics
    ///
    /// At this line when the fake was dropped, or a [`Fault`](crate::Fault) stands alone that needs a reply to damage.
    #[track_caller]
    pub fn reply(self, reply: impl IntoReply) -> Script {
        let exchange = self.exchange;
        let reply = scripted(reply.into_reply());
        if let Some(need) = exchange.cannot(reply.needs()) {
            let rule = RuleLabel::unfinished(
                self.target.as_ref(),
                &self.conditions,
                self.name.as_ref(),
                &self.written_at,
            );
            panic!("{}", report::reply_needs_server(&need, &rule));
        }
        // Taken only where it is kept: what is dropped here may be the test's own code, which must not find the lock taken.
        let mut rule = Some(ScriptedRule {
            conditions: self.conditions,
            name: self.name,
            ..ScriptedRule::new(self.target, reply)
        });
        let added = exchange.edit(|state| {
            let rule = if state.intake.is_closed() {
                None
            } else {
                rule.take()
            };
            rule.map(|rule| state.behavior.rules.add(rule, self.written_at))
        });
        match added {
            Some(rule) => Script { exchange, rule },
            None => panic!("{}", report::gone("cannot add a rule")),
        }
    }
}

impl Script {
    /// Bounds the last step to this many answers; behind it the next step follows, or the rule is used up.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, ServiceError};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(ServiceError::TooManyRequestsException).times(2).then(json!({"ok": true}));
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when `times` is 0, when the step is bounded already, or when it has answered more often than that.
    #[track_caller]
    pub fn times(&self, times: u64) -> Script {
        self.edit("times", |state, rule| {
            state.behavior.rules.times(rule, times)
        })
    }

    /// Adds a step. The one before it answers once unless [`times`](Self::times) bounds it otherwise.
    ///
    /// # Panics
    ///
    /// At this line when the step before it has answered more than once and is not bounded, or a [`Fault`](crate::Fault) stands alone that needs a reply to
    /// damage.
    #[track_caller]
    pub fn then(&self, reply: impl IntoReply) -> Script {
        let reply = scripted(reply.into_reply());
        if let Some(need) = self.exchange.cannot(reply.needs()) {
            panic!("{}", report::reply_needs_server(&need, &self.label()));
        }
        let mut reply = Some(reply);
        self.edit("then", |state, rule| {
            state.behavior.rules.then(rule, &mut reply)
        })
    }

    /// Expects that this rule answers that many calls by the time of verification: a number or a range, as in `3`, `2..=4` or `1..`.
    ///
    /// A call counts once, however many of its attempts came here. A later expectation replaces an earlier one.
    ///
    /// # Panics
    ///
    /// At this line when no number of calls is in the range.
    #[track_caller]
    pub fn expect_calls(&self, count: impl Into<Count>) -> Script {
        let count = possible(count.into(), "expect_calls");
        self.expect(|rule| rule.expected_calls = Some(count))
    }

    /// Expects that this rule answers that many attempts, retries included, by the time of verification.
    ///
    /// # Panics
    ///
    /// At this line when no number of attempts is in the range.
    #[track_caller]
    pub fn expect_attempts(&self, count: impl Into<Count>) -> Script {
        let count = possible(count.into(), "expect_attempts");
        self.expect(|rule| rule.expected_attempts = Some(count))
    }

    /// Expects that so many events whose last execution took a step of this rule are delivered by the time of verification: a number or a range.
    ///
    /// Events that are still queued then are named: [`settle_events`](crate::Handle::settle_events) runs them. A later expectation replaces an earlier one.
    ///
    /// # Panics
    ///
    /// At this line when no number of events is in the range.
    #[track_caller]
    pub fn expect_delivered(&self, count: impl Into<Count>) -> Script {
        let count = possible(count.into(), "expect_delivered");
        self.expect(|rule| rule.expected_delivered = Some(count))
    }

    /// Expects that so many events whose last execution took a step of this rule end in a dead-letter queue by the time of verification.
    ///
    /// # Panics
    ///
    /// At this line when no number of events is in the range.
    #[track_caller]
    pub fn expect_dead_lettered(&self, count: impl Into<Count>) -> Script {
        let count = possible(count.into(), "expect_dead_lettered");
        self.expect(|rule| rule.expected_dead_lettered = Some(count))
    }

    /// Takes the rule out: from now on it answers nothing. What it has answered still counts, and so do its expectations.
    pub fn remove(&self) {
        self.exchange
            .edit(|state| state.behavior.rules.remove(self.rule));
    }

    fn label(&self) -> RuleLabel {
        self.exchange
            .read(|state| RuleLabel::of(self.rule, &state.behavior.rules[self.rule]))
    }

    fn expect(&self, expect: impl FnOnce(&mut RuleData)) -> Script {
        self.exchange.edit(|state| {
            let rule = &mut state.behavior.rules[self.rule];
            expect(rule);
            rule.reported = false;
        });
        self.clone()
    }

    #[track_caller]
    fn edit(
        &self,
        verb: &str,
        edit: impl FnOnce(&mut State, RuleId) -> Result<(), EditError>,
    ) -> Script {
        let refused = self.exchange.edit(|state| {
            let edited = if state.intake.is_closed() {
                Err(EditError::Dropped)
            } else {
                edit(state, self.rule)
            };
            let label = || RuleLabel::of(self.rule, &state.behavior.rules[self.rule]);
            edited.err().map(|error| (error, label()))
        });
        match refused {
            None => self.clone(),
            Some((error, rule)) => panic!("{}", report::refused_edit(verb, error, &rule)),
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("target", &self.target)
            .field("written_at", &self.written_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = self.label();
        f.debug_struct("Script")
            .field("rule", &report::scripted(&rule))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen")
            .field("what", &self.scope.described(&self.exchange))
            .finish_non_exhaustive()
    }
}

/// The reply a test wrote, or a panic at its line.
#[track_caller]
fn scripted(reply: Reply) -> Reply {
    if let Some(mistake) = reply.mistake() {
        panic!("{mistake}");
    }
    reply
}

/// The count a test wrote, or a panic at its line.
#[track_caller]
pub(crate) fn possible(count: Count, verb: &str) -> Count {
    match count.mistake(verb) {
        Some(mistake) => panic!("{mistake}"),
        None => count,
    }
}
