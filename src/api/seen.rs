//! The scope of an assertion: the whole fake, one rule or one target, optionally restricted by
//! conditions.
//!
//! Without conditions, a count comes from the counters, which are exact even if the journal has
//! dropped calls. Everything else, and every condition, is checked on what the journal keeps,
//! outside every lock. If something was dropped that could match, the answer is a report that says
//! so.

mod deliveries;
mod looked;

use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

pub(crate) use self::deliveries::Counted;
use self::looked::ScopeContents;
use crate::api::wait::Wait;
use crate::aws::target::Target;
use crate::behavior::rules::RuleId;
use crate::exchange::{Exchange, State};
use crate::ground::count::Count;
use crate::ground::message::Message;
use crate::ground::nearest::nearest;
use crate::record::finding::{CountSubject, CountedOf, Miscount, RuleLabel};
use crate::record::journal::{Attempt, Call, Tally, Timeline};
use crate::record::report::{self, CallGap, Report, Shortfall};
use crate::request::matchers::Condition;

#[derive(Clone)]
pub(crate) struct Scope {
    of: ScopeOf,
    conditions: Vec<Condition>,
}

#[derive(Clone)]
enum ScopeOf {
    Fake,
    Rule(RuleId),
    Target(Target),
}

impl Scope {
    pub(crate) fn of_fake() -> Self {
        Self::new(ScopeOf::Fake)
    }

    pub(crate) fn of_rule(rule: RuleId) -> Self {
        Self::new(ScopeOf::Rule(rule))
    }

    pub(crate) fn of_target(target: Target) -> Self {
        Self::new(ScopeOf::Target(target))
    }

    fn new(of: ScopeOf) -> Self {
        Self {
            of,
            conditions: Vec::new(),
        }
    }

    pub(crate) fn matching(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    pub(crate) fn calls(&self, exchange: &Exchange) -> Vec<Call> {
        let looked = self.look(exchange);
        looked.calls.into_iter().map(|(call, _)| call).collect()
    }

    pub(crate) fn check(
        &self,
        exchange: &Exchange,
        what: &'static str,
        expected: Count,
        number: fn(&Tally) -> u64,
    ) -> Result<(), Report> {
        exchange.note_check();
        if self.conditions.is_empty() {
            let got = exchange.read(|state| number(&self.tally(state)));
            if expected.contains(got) {
                return Ok(());
            }
        }
        let looked = self.look(exchange);
        if !self.conditions.is_empty() {
            self.refuse_lost(exchange, &looked)?;
        }
        let got = number(&looked.tally);
        if expected.contains(got) {
            return Ok(());
        }
        let (subject, journal) = exchange.read(|state| (self.subject(state), state.journal()));
        let instead = match self.of {
            ScopeOf::Rule(rule) if self.conditions.is_empty() => exchange.near_calls(rule),
            ScopeOf::Fake | ScopeOf::Rule(_) | ScopeOf::Target(_) => looked.others,
        };
        let (idle_chaos, idle_constraint) = match &self.of {
            ScopeOf::Rule(rule) => exchange.idle(Some(*rule)),
            ScopeOf::Fake => exchange.idle(None),
            ScopeOf::Target(target) => exchange.read(|state| state.idle(Some(target))),
        };
        let miscount = Miscount {
            subject,
            what,
            expected,
            got,
            calls: looked.calls.into_iter().map(|(call, _)| call).collect(),
            instead,
            is_clock_paused: exchange.config.is_clock_paused(),
            idle_chaos,
            idle_constraint,
            transport: exchange.config.transport,
            is_dropped: exchange.read(|state| state.intake.is_closed()),
        };
        Err(report::miscount(&miscount, &journal))
    }

    /// Checks that the calls to these targets have exactly this order.
    pub(crate) fn check_order(&self, exchange: &Exchange, order: &[Target]) -> Result<(), Report> {
        let looked = self.look(exchange);
        self.refuse_lost(exchange, &looked)?;
        let is_of = |call: &Call, target: &Target| {
            let asked = call.first().target();
            asked.is_some_and(|asked| target.covers(asked))
        };
        let calls = looked.calls.into_iter().map(|(call, _)| call);
        let came: Vec<Call> = calls
            .filter(|call| order.iter().any(|target| is_of(call, target)))
            .collect();
        let is_so = |(call, target)| is_of(call, target);
        if came.len() == order.len() && came.iter().zip(order).all(is_so) {
            return Ok(());
        }
        let journal = exchange.read(|state| state.journal());
        Err(report::wrong_order(order, &came, &journal))
    }

    /// Checks that every retry waited at least this long, and that there was at least one retry.
    pub(crate) fn check_backoff(&self, exchange: &Exchange, least: Duration) -> Result<(), Report> {
        let looked = self.look(exchange);
        self.refuse_lost(exchange, &looked)?;
        let mut was_retried = false;
        let mut too_soon = None;
        for (call, matches) in &looked.calls {
            for (before, wait) in call.waits().into_iter().enumerate() {
                if !matches[before + 1] {
                    continue;
                }
                was_retried = true;
                if wait < least && too_soon.is_none() {
                    too_soon = Some((call.number(), call.name_of(before + 1), wait));
                }
            }
        }
        if was_retried && too_soon.is_none() {
            return Ok(());
        }
        let (subject, journal) = exchange.read(|state| (self.subject(state), state.journal()));
        let timeline = Timeline::of(journal, exchange.config.clock());
        let calls = looked.calls.len() as u64;
        Err(report::short_backoff(
            &subject, least, too_soon, calls, &timeline,
        ))
    }

    /// Checks that each call came at least this long after the end of the previous call to the same
    /// function, and that at least one function was called more than once.
    pub(crate) fn check_call_gaps(
        &self,
        exchange: &Exchange,
        least: Duration,
    ) -> Result<(), Report> {
        let looked = self.look(exchange);
        self.refuse_lost(exchange, &looked)?;
        let calls: Vec<&Call> = looked.calls.iter().map(|(call, _)| call).collect();
        let mut has_pair = false;
        let mut newest: FxHashMap<Target, &Call> = FxHashMap::default();
        for call in &calls {
            let function = call.first().target().map(|target| Target {
                qualifier: None,
                ..target.clone()
            });
            let Some(before) = function.and_then(|function| newest.insert(function, call)) else {
                continue;
            };
            has_pair = true;
            let gap = call.gap_after(before);
            if gap.is_none_or(|gap| gap < least) && !least.is_zero() {
                let got = CallGap::Short {
                    before: before.number(),
                    call: call.number(),
                    gap,
                };
                return Err(self.short_gap(exchange, least, got));
            }
        }
        if has_pair {
            return Ok(());
        }
        let got = CallGap::Missing {
            calls: calls.len() as u64,
            is_retried: calls.iter().any(|call| call.attempts().len() > 1),
        };
        Err(self.short_gap(exchange, least, got))
    }

    fn short_gap(&self, exchange: &Exchange, least: Duration, got: CallGap) -> Report {
        let (subject, journal) = exchange.read(|state| (self.subject(state), state.journal()));
        report::short_gap(
            &subject,
            least,
            got,
            &Timeline::of(journal, exchange.config.clock()),
        )
    }

    pub(crate) fn only_call(&self, exchange: &Exchange) -> Result<Call, Report> {
        self.check(exchange, "call", Count::from(1), |tally| tally.calls)?;
        self.calls(exchange).pop().ok_or_else(|| {
            let remedy = exchange.read(|state| state.record.log.dropped().remedy());
            Report::of(Message::new(
                "the journal has dropped the only call",
                format!("raise its limit with `{remedy}`"),
            ))
        })
    }

    #[track_caller]
    pub(crate) fn wait(
        self,
        exchange: &Arc<Exchange>,
        what: &'static str,
        wanted: u64,
        number: fn(&Tally) -> u64,
    ) -> Wait {
        exchange.note_check();
        let subject = exchange.read(|state| self.subject(state));
        let text = format!("for {}", subject.awaited(wanted, what));
        if self.conditions.is_empty() {
            let own = self.clone();
            let got = move |state: &State| number(&own.tally(state));
            let has = got.clone();
            let rule = match self.of {
                ScopeOf::Rule(rule) => Some(rule),
                ScopeOf::Fake | ScopeOf::Target(_) => None,
            };
            let target = match &self.of {
                ScopeOf::Target(target) => Some(target.clone()),
                ScopeOf::Fake | ScopeOf::Rule(_) => None,
            };
            let transport = exchange.config.transport;
            return Wait::new(
                exchange.clone(),
                text,
                move |state| has(state) >= wanted,
                move |state| {
                    let (got, target) = (got(state), target.as_ref());
                    state.too_few_calls(got, wanted, what, transport, rule, target)
                },
            );
        }
        Wait::outside_the_lock(exchange.clone(), text, move |exchange| {
            let looked = self.look(exchange);
            let got = number(&looked.tally);
            if got >= wanted {
                return None;
            }
            Some(match self.refuse_lost(exchange, &looked) {
                Ok(()) => {
                    let transport = exchange.config.transport;
                    exchange
                        .read(|state| state.too_few_calls(got, wanted, what, transport, None, None))
                }
                Err(report) => Shortfall::unknown(&report),
            })
        })
    }

    /// The counters, regardless of conditions.
    fn tally(&self, state: &State) -> Tally {
        match &self.of {
            ScopeOf::Fake => state.record.log.counters.total(),
            ScopeOf::Rule(rule) => state.record.log.counters.of_rule(*rule),
            ScopeOf::Target(target) => state.record.log.counters.of_target(target),
        }
    }

    fn has(&self, attempt: &Attempt) -> bool {
        let invocation = attempt.invocation();
        invocation.is_invoke()
            && match &self.of {
                ScopeOf::Fake => true,
                ScopeOf::Rule(rule) => attempt.rule == Some(*rule),
                ScopeOf::Target(target) => invocation
                    .target()
                    .is_some_and(|asked| target.covers(asked)),
            }
    }

    fn refuse_lost(&self, exchange: &Exchange, looked: &ScopeContents) -> Result<(), Report> {
        if looked.lost == 0 {
            return Ok(());
        }
        let (subject, journal) = exchange.read(|state| (self.subject(state), state.journal()));
        Err(report::lost_calls(&subject, looked.lost, &journal))
    }

    /// The scope, as reports print it.
    pub(crate) fn described(&self, exchange: &Exchange) -> String {
        let subject = exchange.read(|state| self.subject(state));
        format!("calls {subject}").trim_end().to_owned()
    }

    fn subject(&self, state: &State) -> CountSubject {
        let whose = match &self.of {
            ScopeOf::Fake => CountedOf::Fake,
            ScopeOf::Rule(rule) => {
                CountedOf::Rule(RuleLabel::of(*rule, &state.behavior.rules[*rule]))
            }
            ScopeOf::Target(target) => {
                let near = near(target, state).filter(|_| self.tally(state).calls == 0);
                let target = target.clone();
                CountedOf::Target { target, near }
            }
        };
        let labels = self.conditions.iter().map(Condition::label);
        CountSubject {
            whose,
            matching: labels.map(str::to_owned).collect(),
        }
    }
}

/// A target that was called and was probably meant.
fn near(target: &Target, state: &State) -> Option<String> {
    let text = target.to_string();
    let counters = &state.record.log.counters;
    // A function that has only executed events was not called.
    let was_called = |called: &&Target| counters.of_target(called).calls > 0;
    let called = || counters.targets().filter(was_called);
    // The same function in another region or account is printed with the parts that differ.
    if let Some(called) = called().find(|called| called.to_string() == text) {
        let named = |own: &Option<Arc<str>>, part: &Option<Arc<str>>| {
            own.as_ref().and_then(|_| part.clone())
        };
        let called = Target {
            region: named(&target.region, &called.region),
            account: named(&target.account, &called.account),
            ..called.clone()
        };
        return Some(called.written());
    }
    // Another qualifier of the same function is nearer than any other name.
    let same_name = called().find(|called| called.name == target.name);
    if let Some(called) = same_name {
        return Some(called.to_string());
    }
    let names: Vec<String> = called().map(Target::to_string).collect();
    nearest(&text, names.iter().map(String::as_str)).map(str::to_owned)
}
