//! The types of a script: [`Rule`] before it has a reply, and [`Script`] once it is live; and
//! [`Seen`], the view of the recorded calls.
//!
//! Each change of a live rule is one atomic edit. An invalid argument panics at its line.

mod handlers;

use std::fmt::{self, Display};
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::api::seen::Scope;
use crate::aws::target::Target;
use crate::behavior::contract::PayloadContract;
use crate::behavior::rules::{EditError, RuleData, RuleId, ScriptedRule};
use crate::exchange::{Exchange, State};
use crate::ground::count::{Count, Number};
use crate::ground::location::Location;
use crate::ground::message::accepted;
use crate::record::finding::RuleLabel;
use crate::record::report;
use crate::reply::reply::{IntoReply, Memory, Reply};
use crate::request::invocation::Invocation;
use crate::request::matchers::{Condition, IntoCondition};

/// An unfinished rule: a target and conditions, but no reply yet.
///
/// It takes effect once [`reply`](Self::reply), [`handle`](Self::handle),
/// [`handle_json`](Self::handle_json) or [`handle_stream`](Self::handle_stream) completes it.
///
/// Created by [`Handle::on`](crate::Handle::on) and [`Handle::on_any`](crate::Handle::on_any).
#[must_use = "a rule answers nothing until it has a reply: end it with `.reply(..)` or `.handle(..)`"]
pub struct Rule {
    exchange: Arc<Exchange>,
    target: Option<Target>,
    conditions: Vec<Condition>,
    name: Option<Arc<str>>,
    memory: Option<Arc<Memory>>,
    written_at: Location,
    /// Its number among the unfinished rules.
    number: u64,
}

/// A live rule: its script can be extended, and its calls can be counted and awaited. Its
/// conditions cannot be changed: [`Rule::when`] and [`Rule::idempotent_by`] come before the reply.
///
/// Cheap to clone; dropping it does not remove the rule.
#[derive(Clone)]
pub struct Script {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) rule: RuleId,
}

/// A view of the recorded calls: those to one target, or those that match a condition. Created by
/// [`Handle::seen`](crate::Handle::seen) and by `matching`.
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
        let number = exchange.edit(|state| {
            let unfinished = &mut state.behavior.unfinished;
            unfinished.add(target.clone(), written_at.clone())
        });
        Self {
            exchange,
            target,
            conditions: Vec::new(),
            name: None,
            memory: None,
            written_at,
            number,
        }
    }

    /// Restricts the rule to requests that satisfy a condition. Conditions come before the reply:
    /// `on(..).when(..).reply(..)`.
    ///
    /// A condition is a matcher from [`matchers`](crate::request::matchers), a closure that takes
    /// [`&Invocation`](crate::Invocation) or, with the default feature `wiremock`, any
    /// `wiremock::Match`. If there are several, all must be met; they are evaluated in order, and
    /// evaluation stops at the first that fails. If no rule answers the request, the others can be
    /// evaluated as well, for the report. A condition of your own is evaluated at most once per
    /// attempt and can call the fake.
    ///
    /// If a condition panics, the client gets 418 `FakeLambdaPanicked` and verification fails.
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

    /// Sets a name that reports show in addition to the line of the rule.
    pub fn named(mut self, name: impl AsRef<str>) -> Self {
        self.name = Some(name.as_ref().into());
        self
    }

    /// Makes the function idempotent: it recognizes a request whose key it has already received,
    /// and does no work for it. The key comes before the reply:
    /// `on(..).idempotent_by(..).reply(..)`.
    ///
    /// The result of the first execution is replayed to every later request with an equal key, as
    /// Powertools for AWS Lambda does. A function error is forgotten, so the next request executes
    /// the function again. While the first execution is in progress, which includes its
    /// [`delay`](Reply::delay), a delay of [chaos](crate::Chaos) and its gate, a request gets the
    /// function error
    /// `IdempotencyAlreadyInProgressError`. Keys do not expire, and each rule has its own. A
    /// request that gets a service error or a fault in place of a reply does not reach the
    /// function.
    ///
    /// The key `null` of a payload that is not `null` is a mistake, such as the name of a member
    /// that does not exist: the client gets 418 `FakeLambdaImpossibleReply`, and verification
    /// reports it.
    ///
    /// Each request, including a recognized one, consumes a step of the script. The journal marks a
    /// recognized request, which counts neither as an execution nor as a
    /// [duplicate](crate::Handle::duplicates).
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Fault, Invocation, Reply, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let paid = Reply::json(json!({"receipt": 1}));
    /// lambda
    ///     .on("pay")
    ///     .idempotent_by(|invocation: &Invocation| invocation.payload_json()["order"].clone())
    ///     .reply(paid.fault(Fault::ResetAfter(1))) // the first reply is lost
    ///     .then(json!({"receipt": 2}));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let output = client.invoke().function_name("pay").payload(br#"{"order":7}"#.to_vec().into()).send().await.unwrap();
    /// assert_eq!(output.payload().unwrap().as_ref(), br#"{"receipt":1}"#); // and is replayed
    /// lambda.assert_no_duplicates();
    /// # }
    /// ```
    pub fn idempotent_by<K: Display>(
        mut self,
        key: impl Fn(&Invocation) -> K + Send + Sync + 'static,
    ) -> Self {
        let key = move |invocation: &Invocation| key(invocation).to_string();
        self.memory = Some(Arc::new(Memory::by(key)));
        self
    }

    /// Answers with this reply, from now on; the last reply of a script repeats.
    ///
    /// This completes the rule: [`when`](Self::when), [`named`](Self::named) and
    /// [`idempotent_by`](Self::idempotent_by) come before it, and [`times`](Script::times) and
    /// [`then`](Script::then) after it.
    ///
    /// # Panics
    ///
    /// Panics if the fake was dropped, if the reply is a [`Fault`](crate::Fault) that needs a reply
    /// to damage, if the reply has a [`timeout`](Reply::timeout) that can never be reached, if the
    /// fake is mounted on a mock server that cannot send the reply, or if an idempotent function
    /// would stream it.
    #[track_caller]
    pub fn reply(self, reply: impl IntoReply) -> Script {
        let exchange = self.exchange;
        let reply = scripted(reply.into_reply());
        if let Some(need) = exchange.unmet_need(reply.needs()) {
            let rule = RuleLabel::unfinished(
                self.target.as_ref(),
                &self.conditions,
                self.name.as_ref(),
                &self.written_at,
            );
            panic!("{}", report::reply_needs_server(&need, &rule));
        }
        let reply = match &self.memory {
            Some(memory) => accepted(reply.remembered(memory, &self.written_at)),
            None => reply,
        };
        // Only moved out if the rule is added: dropping user code under the lock could deadlock.
        let mut rule = Some(ScriptedRule {
            conditions: self.conditions,
            name: self.name,
            ..ScriptedRule::new(self.target, reply)
        });
        let added = exchange.edit(|state| {
            state.behavior.unfinished.finish(self.number);
            let rule = if state.intake.is_closed() {
                None
            } else {
                rule.take()
            };
            rule.map(|rule| {
                let id = state.behavior.rules.add(rule, self.written_at);
                state.behavior.rules[id].memory = self.memory;
                id
            })
        });
        match added {
            Some(rule) => Script { exchange, rule },
            None => panic!("{}", report::fake_was_dropped("cannot add a rule")),
        }
    }
}

impl Script {
    /// Limits the last step to this many answers.
    ///
    /// After them the next step applies. If there is none, the script is exhausted and the rule is
    /// skipped.
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
    /// Panics if `times` is not positive, if the step already has a limit, if it has already
    /// answered more often than that, or if the rule was removed or the fake was dropped.
    #[track_caller]
    pub fn times(&self, times: impl Into<Number>) -> Script {
        let times = accepted(times.into().checked("times"));
        self.edit("times", |state, rule| {
            state.behavior.rules.times(rule, times)
        })
    }

    /// Adds a step. The one before it answers once unless [`times`](Self::times) sets another
    /// limit.
    ///
    /// # Panics
    ///
    /// Panics if the step before it has already answered more often than its limit allows, if
    /// the rule was removed or the fake was dropped, if the reply is a [`Fault`](crate::Fault) that
    /// needs a reply to damage, if the reply has a [`timeout`](Reply::timeout) that can never be
    /// reached, if the fake is mounted on a mock server that cannot send the reply, or if an
    /// idempotent function would stream it.
    #[track_caller]
    pub fn then(&self, reply: impl IntoReply) -> Script {
        let reply = scripted(reply.into_reply());
        if let Some(need) = self.exchange.unmet_need(reply.needs()) {
            panic!("{}", report::reply_needs_server(&need, &self.label()));
        }
        let memory = self.exchange.read(|state| {
            let rule = &state.behavior.rules[self.rule];
            let memory = rule.memory.clone();
            memory.map(|memory| (memory, rule.written_at.clone()))
        });
        let mut reply = Some(match memory {
            Some((memory, written_at)) => accepted(reply.remembered(&memory, &written_at)),
            None => reply,
        });
        self.edit("then", |state, rule| {
            state.behavior.rules.then(rule, &mut reply)
        })
    }

    /// Expects this rule to have answered `count` calls when the fake verifies.
    ///
    /// The count is a number or a range, as in `3`, `2..=4` or `1..`. A call counts once, however
    /// many of its attempts the rule answered. A later expectation replaces an earlier one.
    ///
    /// # Panics
    ///
    /// Panics if `count` is a negative number or an empty range, or if the fake was dropped.
    #[track_caller]
    pub fn expect_calls(&self, count: impl Into<Count>) -> Script {
        let count = possible(count.into(), "expect_calls");
        self.expect("expect_calls", |rule| rule.expected_calls = Some(count))
    }

    /// Expects this rule to have answered `count` attempts, including retries, when the fake
    /// verifies.
    ///
    /// # Panics
    ///
    /// Panics if `count` is a negative number or an empty range, or if the fake was dropped.
    #[track_caller]
    pub fn expect_attempts(&self, count: impl Into<Count>) -> Script {
        let count = possible(count.into(), "expect_attempts");
        self.expect("expect_attempts", |rule| {
            rule.expected_attempts = Some(count)
        })
    }

    /// Expects that `count` events have been delivered when the fake verifies: a number or a range.
    /// Only events whose last execution consumed a step of this rule are counted.
    ///
    /// If the expectation is not met, the report names events that are still queued; run them with
    /// [`settle_events`](crate::Handle::settle_events) first. A later expectation replaces an
    /// earlier one.
    ///
    /// # Panics
    ///
    /// Panics if `count` is a negative number or an empty range, or if the fake was dropped.
    #[track_caller]
    pub fn expect_delivered(&self, count: impl Into<Count>) -> Script {
        let count = possible(count.into(), "expect_delivered");
        self.expect("expect_delivered", |rule| {
            rule.expected_delivered = Some(count)
        })
    }

    /// Expects `count` events whose last execution consumed a step of this rule to have ended in a
    /// dead-letter queue when the fake verifies.
    ///
    /// # Panics
    ///
    /// Panics if `count` is a negative number or an empty range, or if the fake was dropped.
    #[track_caller]
    pub fn expect_dead_lettered(&self, count: impl Into<Count>) -> Script {
        let count = possible(count.into(), "expect_dead_lettered");
        self.expect("expect_dead_lettered", |rule| {
            rule.expected_dead_lettered = Some(count)
        })
    }

    /// Expects every payload that this rule answers to be a valid `T` when the fake verifies; the
    /// replies do not change.
    ///
    /// `T` is usually the event type of the function, so that caller and callee agree on it. The
    /// report names the path of the first invalid value. An empty payload counts as `{}`, and
    /// members that `T` does not know are valid unless it has serde's `deny_unknown_fields`. The
    /// payload of an event that the rule executes is also checked, such as the record of another
    /// event, but only if it is executed after this method was called.
    /// Payloads that the journal dropped before they were checked fail verification, and so
    /// does a `Deserialize` that panics. A later expectation replaces an earlier one.
    /// [`to_scenario`](crate::Handle::to_scenario) does not write expectations of payloads.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, sdk_client};
    /// use serde_json::json;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Order {
    ///     id: u64,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").reply(json!({"paid": true})).expect_payload::<Order>();
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// client.invoke().function_name("pay").payload(br#"{"id":"7"}"#.to_vec().into()).send().await.unwrap();
    ///
    /// let report = lambda.try_verify().unwrap_err().to_string();
    /// assert!(report.contains("the payload of call 1 is not a valid `Order`: id: invalid type: string \"7\", expected u64"));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the fake was dropped.
    #[track_caller]
    pub fn expect_payload<T: DeserializeOwned>(&self) -> Script {
        let contract = PayloadContract::of::<T>(Location::here());
        self.expect("expect_payload", |rule| rule.contract = Some(contract))
    }

    /// Removes the rule: from now on it answers nothing. The calls that it has answered still
    /// count, and its expectations stay.
    pub fn remove(&self) {
        self.exchange
            .edit(|state| state.behavior.rules.remove(self.rule));
    }

    fn label(&self) -> RuleLabel {
        self.exchange
            .read(|state| RuleLabel::of(self.rule, &state.behavior.rules[self.rule]))
    }

    #[track_caller]
    fn expect(&self, verb: &str, expect: impl FnOnce(&mut RuleData)) -> Script {
        self.edit(verb, |state, id| {
            let rule = &mut state.behavior.rules[id];
            expect(rule);
            rule.reported = false;
            Ok(())
        })
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

/// The reply that a test wrote, or a panic at its line.
#[track_caller]
fn scripted(reply: Reply) -> Reply {
    if let Some(mistake) = reply.mistake() {
        panic!("{mistake}");
    }
    reply
}

/// The count that a test wrote, or a panic at its line.
#[track_caller]
pub(crate) fn possible(count: Count, verb: &str) -> Count {
    match count.mistake(verb) {
        Some(mistake) => panic!("{mistake}"),
        None => count,
    }
}
