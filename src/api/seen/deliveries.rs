//! The deliveries of accepted events in a scope.

use std::time::Duration;

use rustc_hash::FxHashSet;

use super::{Scope, ScopeOf};
use crate::aws::target::Target;
use crate::behavior::events::{Delivery, EventCondition, Execution, Origin};
use crate::exchange::{Exchange, State};
use crate::ground::count::Count;
use crate::record::journal::Tally;
use crate::record::report::{self, EventSetUp, Report};

/// The quantity that an assertion about events counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counted {
    DeadLettered,
    Delivered,
    Executions,
}

impl Counted {
    fn noun(self) -> &'static str {
        match self {
            Self::DeadLettered => "dead-lettered event",
            Self::Delivered => "delivered event",
            Self::Executions => "execution",
        }
    }

    fn in_tally(self, tally: &Tally) -> u64 {
        match self {
            Self::DeadLettered => tally.dead_lettered,
            Self::Delivered => tally.delivered,
            Self::Executions => tally.executions,
        }
    }

    /// How much a delivery adds to this quantity. A rule counts only the executions that it
    /// answered. It counts the event as delivered or dead-lettered only if it answered the last
    /// execution.
    fn of(self, delivery: &Delivery, scope: &ScopeOf) -> u64 {
        let counts = |execution: &Execution| match scope {
            ScopeOf::Fake | ScopeOf::Target(_) => true,
            ScopeOf::Rule(rule) => execution.rule == Some(*rule),
        };
        let executions = delivery.executions();
        let has_ended = match (scope, executions.last()) {
            (ScopeOf::Fake | ScopeOf::Target(_), _) => true,
            (ScopeOf::Rule(_), last) => last.is_some_and(counts),
        };
        match self {
            Self::DeadLettered => u64::from(has_ended && delivery.dead_letter().is_some()),
            Self::Delivered => {
                let is_success = delivery.condition() == Some(EventCondition::Success);
                u64::from(has_ended && is_success)
            }
            Self::Executions => executions.iter().filter(|one| counts(one)).count() as u64,
        }
    }
}

impl Scope {
    /// The deliveries that are kept, in the order of acceptance.
    pub(crate) fn deliveries(&self, exchange: &Exchange) -> Result<Vec<Delivery>, Report> {
        exchange.note_check();
        let matching = match self.conditions.is_empty() {
            true => None,
            false => Some(self.matching_attempts(exchange)?),
        };
        let mut deliveries = exchange.read(|state| state.events.queue.deliveries());
        deliveries.retain(|delivery| {
            let delivery = delivery.inner();
            let is_in = match &self.of {
                ScopeOf::Fake => true,
                ScopeOf::Rule(rule) => {
                    let mut executions = delivery.executions.iter();
                    delivery.rule == Some(*rule) || executions.any(|one| one.rule == Some(*rule))
                }
                ScopeOf::Target(target) => target.covers(&delivery.target),
            };
            let matches = match (&matching, delivery.origin) {
                (None, _) => true,
                (Some(attempts), Origin::Call { call, attempt }) => {
                    attempts.contains(&(call, attempt))
                }
                (Some(_), Origin::Delivery(_)) => false,
            };
            is_in && matches
        });
        Ok(deliveries)
    }

    pub(crate) fn only_delivery(&self, exchange: &Exchange) -> Result<Delivery, Report> {
        let deliveries = self.deliveries(exchange);
        self.refuse_lost_events(exchange)?;
        let mut deliveries = deliveries?;
        if deliveries.len() == 1 {
            return Ok(deliveries.remove(0));
        }
        let got = deliveries.len() as u64;
        let (subject, journal) = exchange.read(|state| (self.subject(state), state.journal()));
        Err(report::miscounted_events(
            &subject,
            "delivery",
            Count::from(1),
            got,
            0,
            EventSetUp::default(),
            &journal,
        ))
    }

    pub(crate) fn check_events(
        &self,
        exchange: &Exchange,
        what: Counted,
        expected: Count,
    ) -> Result<(), Report> {
        exchange.note_check();
        let got = match self.conditions.is_empty() {
            true => exchange.read(|state| what.in_tally(&self.tally(state))),
            false => {
                let deliveries = self.deliveries(exchange)?;
                self.refuse_lost_events(exchange)?;
                let number = |delivery| what.of(delivery, &self.of);
                deliveries.iter().map(number).sum()
            }
        };
        if expected.contains(got) {
            return Ok(());
        }
        exchange.read(|state| {
            let (subject, journal) = (self.subject(state), state.journal());
            let counts = |target: &Target| self.covers(target, state);
            let unsettled = state.events.queue.unsettled_for(counts);
            let set_up = EventSetUp {
                misnamed: state.misnamed("event_invoke_config"),
                retry_limit: state.retry_limit(counts),
                other_queue: state.other_queue(counts),
                runs_events: exchange.config.runs_events,
            };
            Err(report::miscounted_events(
                &subject,
                what.noun(),
                expected,
                got,
                unsettled,
                set_up,
                &journal,
            ))
        })
    }

    /// Checks that every event has exactly these delays before its retries, and that there was an
    /// event.
    pub(crate) fn check_event_retry_delays(
        &self,
        exchange: &Exchange,
        expected: &[Duration],
    ) -> Result<(), Report> {
        let deliveries = self.deliveries(exchange)?;
        self.refuse_lost_events(exchange)?;
        let other = deliveries.iter().find(|one| one.waits() != expected);
        let found = match other {
            Some(delivery) => Some(delivery.waits()),
            None if deliveries.is_empty() => None,
            None => return Ok(()),
        };
        exchange.read(|state| {
            let (subject, journal) = (self.subject(state), state.journal());
            let unsettled = match other {
                Some(delivery) => usize::from(!delivery.is_settled()),
                None => {
                    let queue = &state.events.queue;
                    queue.unsettled_for(|target| self.covers(target, state))
                }
            };
            Err(report::wrong_retry_delays(
                &subject,
                expected,
                found.as_deref(),
                unsettled,
                &journal,
            ))
        })
    }

    /// Returns `true` if an event to this target can be in the scope.
    fn covers(&self, target: &Target, state: &State) -> bool {
        match self.of_events(state).of {
            ScopeOf::Fake | ScopeOf::Rule(_) => true,
            ScopeOf::Target(of) => of.covers(target),
        }
    }

    /// The scope of the requests whose events can be in this scope: another rule can have accepted
    /// an event whose execution consumed a step of this one.
    fn of_events(&self, state: &State) -> Self {
        let of = match &self.of {
            ScopeOf::Rule(rule) => {
                let target = state.behavior.rules[*rule].target.clone();
                target.map_or(ScopeOf::Fake, ScopeOf::Target)
            }
            of @ (ScopeOf::Fake | ScopeOf::Target(_)) => of.clone(),
        };
        Self {
            of,
            conditions: self.conditions.clone(),
        }
    }

    /// The error if events were dropped that could be in this scope.
    fn refuse_lost_events(&self, exchange: &Exchange) -> Result<(), Report> {
        exchange.read(|state| {
            let covers = |target: &Target| self.covers(target, state);
            let dropped = state.dropped_events(covers);
            match dropped.calls() {
                0 => Ok(()),
                _ => {
                    let (subject, journal) = (self.subject(state), state.journal());
                    Err(report::lost_events(&subject, dropped, &journal))
                }
            }
        })
    }

    /// The attempts that satisfy the conditions, each identified by the number of its call and its
    /// index in that call.
    fn matching_attempts(&self, exchange: &Exchange) -> Result<FxHashSet<(u64, usize)>, Report> {
        let scope = exchange.read(|state| self.of_events(state));
        let looked = scope.look(exchange);
        scope.refuse_lost(exchange, &looked)?;
        let mut attempts = FxHashSet::default();
        for (call, matches) in looked.calls {
            let matching = matches.iter().enumerate().filter(|(_, matches)| **matches);
            attempts.extend(matching.map(|(index, _)| (call.number(), index)));
        }
        Ok(attempts)
    }
}
