//! The findings of a verification, each once, and the requests without an answer at a drop.

use std::mem;
#[cfg(feature = "in-memory")]
use std::time::Duration;

use super::exchange::{Exchange, State};
use crate::aws::target::Target;
use crate::behavior::chaos::IdleChaos;
use crate::behavior::events::{Delivery, EventCondition, EventConfig, Stage};
use crate::behavior::rules::{RuleData, RuleId};
use crate::ground::location::Location;
use crate::ground::nearest::nearest;
use crate::record::diagnosis::{self, Beside};
use crate::record::finding::{
    CountedOf, Finding, Found, IdleConstraint, Misnamed, NearCall, RuleLabel,
};
#[cfg(feature = "in-memory")]
use crate::record::journal::Ticket;
use crate::record::journal::{Attempt, Call, Dropped, Journal};
use crate::record::record::Reported;
use crate::record::report::{self, CallCauses, LastAnswer, Shortfall, TakenBy, Unanswered};
use crate::reply::capability::TransportKind;

impl Exchange {
    /// Takes all findings since the last time, unmet expectations included; `None` if there are
    /// none.
    pub(crate) fn take_findings(&self) -> Option<Reported> {
        self.check_contracts();
        let is_strict = self.config.is_strict;
        let is_clock_paused = self.config.is_clock_paused();
        let mut verified = self.edit(|state| {
            let (mut findings, more_findings) = state.record.findings.take();
            let queue = &state.events.queue;
            let unsettled = |rule: &RuleData| {
                let own = rule.target.as_ref();
                queue.unsettled_for(|target| own.is_none_or(|own| own.covers(target)))
            };
            let mut rest = state
                .record
                .unmet_refusals(self.config.expected_refusals.as_ref());
            let log = &state.record.log;
            rest.extend(diagnosis::unmet(&mut state.behavior.rules, log, unsettled));
            rest.extend(diagnosis::unreachable(
                &mut state.behavior,
                &state.record,
                is_strict,
            ));
            if is_strict {
                let deliveries = state.events.queue.deliveries();
                let awaits = |rule| {
                    let mut open = deliveries.iter().filter(|one| !one.is_settled());
                    open.any(|delivery| delivery.inner().rule == Some(rule))
                };
                rest.extend(diagnosis::unused(&mut state.behavior.rules, log, awaits));
                rest.extend(state.unended_events());
            }
            findings.extend(rest.into_iter().map(Found::of));
            let mut unpolled = state.record.unpolled.take();
            unpolled.extend(state.behavior.rules.unpolled_waits());
            findings.extend(
                unpolled
                    .into_iter()
                    .map(Finding::UnpolledWait)
                    .map(Found::of),
            );
            (!findings.is_empty()).then(|| state.reported(findings, more_findings, is_clock_paused))
        })?;
        // Evaluates conditions, so this happens outside the lock.
        for found in &mut verified.findings {
            let (Finding::Unmet(miscount) | Finding::NeverAnswered(miscount)) = &mut found.finding
            else {
                continue;
            };
            miscount.is_clock_paused = verified.is_clock_paused;
            miscount.transport = self.config.transport;
            if let CountedOf::Rule(RuleLabel { id: Some(rule), .. }) = miscount.subject.whose {
                miscount.instead = self.near_calls(rule);
                (miscount.idle_chaos, miscount.idle_constraint) = self.idle(Some(rule));
            }
        }
        Some(verified)
    }

    /// Returns the content of a report without findings.
    pub(crate) fn unverified(&self) -> Reported {
        let is_clock_paused = self.config.is_clock_paused();
        self.read(|state| state.reported(Vec::new(), 0, is_clock_paused))
    }

    /// Returns what gave the last answer.
    pub(crate) fn last_answer(&self, journal: &Journal) -> LastAnswer {
        let Some((call, index)) = journal.last_answered() else {
            return LastAnswer::default();
        };
        let attempt = &call.attempts()[index];
        self.read(|state| {
            let rule = |id| {
                let rule = &state.behavior.rules[id];
                (RuleLabel::of(id, rule), rule.unfinished())
            };
            let target = attempt.invocation.target();
            let unqualified = target.filter(|target| target.qualifier.is_none());
            let declared = unqualified.and_then(|target| {
                let declared = state.behavior.versions.declared();
                let mut declared = declared.into_iter().filter(|declared| {
                    declared.written_at.is_some() && declared.target.covers_function(target)
                });
                Some(declared.next()?.target.to_string())
            });
            LastAnswer {
                rule: attempt.rule.map(rule),
                set_up: diagnosis::set_up(attempt, &state.behavior),
                declared,
            }
        })
    }

    /// Calls that a rule did not answer but was perhaps meant to. Evaluates conditions, so call it
    /// outside the lock.
    pub(crate) fn near_calls(&self, rule: RuleId) -> Vec<NearCall> {
        let beside = self.read(|state| Beside::of(rule, &state.behavior, &state.record.log));
        diagnosis::near_calls(beside)
    }

    /// The chaos and the constraint that could have applied to the attempts of a rule, or to any
    /// attempt, and applied to none.
    pub(crate) fn idle(&self, rule: Option<RuleId>) -> (Option<IdleChaos>, Option<IdleConstraint>) {
        self.read(|state| {
            let rules = &state.behavior.rules;
            state.idle(rule.and_then(|rule| rules[rule].target.as_ref()))
        })
    }

    /// Each attempt without a final answer, and what it waits for.
    pub(crate) fn unanswered(&self) -> Vec<Unanswered> {
        self.read(State::unanswered)
    }

    /// Records that an attempt would never end: nothing has happened for this long on a paused
    /// clock. Returns `false` if a timer of the fake will end it.
    #[cfg(feature = "in-memory")]
    pub(crate) fn never_ends(&self, ticket: Ticket, length: Duration) -> bool {
        self.edit(|state| {
            let finding = state.record.log.call(ticket.call).and_then(|call| {
                let attempt = &call.attempts[ticket.attempt];
                Unanswered::never_ends(attempt, call, &state.behavior.rules, length)
            });
            let ends_never = finding.is_some();
            finding
                .into_iter()
                .for_each(|finding| state.record.findings.add(finding));
            ends_never
        })
    }

    /// Records that a client runs on a runtime whose clock cannot be paused.
    #[cfg(feature = "in-memory")]
    pub(crate) fn refuse_runtime(&self) {
        self.add_finding(Some(Finding::WrongRuntime));
    }

    /// Returns the same as [`unused_rules`](Self::unused_rules), but nothing if a client of the
    /// test can reach the fake: the rules are then probably defaults that the test does not use.
    pub(crate) fn unreached_rules(&self) -> Vec<RuleLabel> {
        let is_reachable = match self.config.transport {
            TransportKind::Socket => self.is_addressed(),
            #[cfg(feature = "in-memory")]
            TransportKind::InMemory => self.is_addressed(),
            // Its clients ask the server for its address.
            #[cfg(feature = "wiremock")]
            TransportKind::Mount => true,
        };
        match is_reachable {
            true => Vec::new(),
            false => self.unused_rules(),
        }
    }

    /// Returns the live rules, oldest first, if no request has come, no rule has an expectation,
    /// and the test neither checked which requests came nor cut the connections.
    pub(crate) fn unused_rules(&self) -> Vec<RuleLabel> {
        if self.expects_silence() {
            return Vec::new();
        }
        self.read(|state| {
            let has_come = state.record.log.last_call() > 0;
            let rules = &state.behavior.rules;
            if has_come || rules.all().any(|(_, rule)| rule.has_expectation()) {
                return Vec::new();
            }
            let live = rules.all().filter(|(_, rule)| !rule.is_removed());
            live.map(|(id, rule)| RuleLabel::of(id, rule)).collect()
        })
    }
}

impl State {
    fn reported(
        &self,
        findings: Vec<Found>,
        more_findings: u64,
        is_clock_paused: bool,
    ) -> Reported {
        Reported {
            findings,
            more_findings,
            journal: self.journal(),
            is_clock_paused,
            chaos: self.behavior.chaos.summary(),
            has_drawn: self.behavior.draws(),
        }
    }

    /// The chaos and the constraint that could have applied to attempts at a target, or to any, and
    /// applied to none.
    pub(crate) fn idle(
        &self,
        target: Option<&Target>,
    ) -> (Option<IdleChaos>, Option<IdleConstraint>) {
        let constraint = self.behavior.constraints.idle(target);
        let constraint = constraint.map(|constraint| IdleConstraint {
            written: constraint.written(),
            qualified: constraint
                .target
                .as_ref()
                .filter(|target| target.qualifier.is_some())
                .map(Target::to_string),
            written_at: constraint.written_at.clone(),
        });
        (self.behavior.chaos.idle(target), constraint)
    }

    /// The journal of everything so far.
    pub(crate) fn journal(&self) -> Journal {
        let mut journal = self.record.log.journal();
        self.attach_deliveries(&mut journal.entries);
        journal
    }

    /// Adds each delivery to the attempt it belongs to.
    pub(crate) fn attach_deliveries(&self, calls: &mut [Call]) {
        Call::attach_deliveries(calls, self.events.queue.deliveries());
    }

    /// How many ended events of these targets were dropped.
    pub(crate) fn dropped_events(&self, covers: impl Fn(&Target) -> bool) -> Dropped {
        let (over_calls, over_bytes) = self.events.queue.dropped(covers);
        Dropped {
            over_calls,
            over_bytes,
        }
    }

    /// Returns `true` if every attempt has its final answer, no function runs without its client
    /// and no accepted event is running.
    pub(crate) fn is_idle(&self) -> bool {
        self.record.log.open_attempts() == 0
            && self.record.log.left_running() == 0
            && self.events.queue.is_still()
    }

    /// Returns `true` if a running execution of an event could still meet an expectation; a strict
    /// verification waits for every execution.
    pub(crate) fn awaits_execution(&self, is_strict: bool) -> bool {
        let queue = &self.events.queue;
        let is_expected = || diagnosis::is_event_expected(&self.behavior.rules, &self.record.log);
        let awaits = match is_strict {
            true => !queue.is_still(),
            false => queue.running() > 0 && is_expected(),
        };
        awaits && !self.intake.is_closed()
    }

    /// The accepted events that have not ended, by rule, each once.
    fn unended_events(&mut self) -> Vec<Finding> {
        let deliveries = self.events.queue.deliveries();
        let last = deliveries.last().map_or(0, Delivery::number);
        let reported = mem::replace(&mut self.events.reported, last);
        let new = deliveries.iter().filter(|one| one.number() > reported);
        let mut findings: Vec<(Option<RuleId>, &Target, u64)> = Vec::new();
        for delivery in new.map(Delivery::inner) {
            if !matches!(delivery.state, Stage::Queued(_) | Stage::Running(_)) {
                continue;
            }
            let (rule, target) = (delivery.rule, &*delivery.target);
            let known = findings
                .iter_mut()
                .find(|known| known.0 == rule && known.1 == target);
            match known {
                Some((_, _, events)) => *events += 1,
                None => findings.push((rule, target, 1)),
            }
        }
        let rules = &self.behavior.rules;
        let findings = findings.into_iter();
        let findings = findings.map(|(rule, target, events)| Finding::UnendedEvents {
            rule: rule.map(|id| RuleLabel::of(id, &rules[id])),
            target: target.to_string(),
            events,
        });
        findings.collect()
    }

    /// Each attempt without a final answer, and what it waits for.
    pub(crate) fn unanswered(&self) -> Vec<Unanswered> {
        let calls = self.record.log.entries();
        calls
            .flat_map(|call| report::unanswered_of(call, &self.behavior.rules))
            .collect()
    }

    /// The last attempt, if its client gave it up while its function ran.
    pub(crate) fn given_up(&self) -> Option<Unanswered> {
        let call = self.record.log.entries().next_back()?;
        call.attempts()
            .last()
            .filter(|last| last.is_abandoned() && last.is_running())?;
        report::running_of(call, &self.behavior.rules).pop()
    }

    /// The reason why a number of calls or attempts is not reached.
    ///
    /// `rule` is the rule whose calls or attempts are counted.
    pub(crate) fn too_few_calls(
        &self,
        got: u64,
        wanted: u64,
        noun: &str,
        transport: TransportKind,
        rule: Option<RuleId>,
        target: Option<&Target>,
    ) -> Shortfall {
        let rules = &self.behavior.rules;
        let called = || self.record.log.counters.targets();
        let near = target.filter(|target| called().all(|other| other.name != target.name));
        let near =
            near.and_then(|target| nearest(&target.name, called().map(|other| &*other.name)));
        let journal = self.journal();
        let last = journal.entries.iter().rev().find(|call| {
            let last = call.attempts().last();
            rule.is_some() && last.is_some_and(|last| last.rule == rule)
        });
        let why_left = last.filter(|_| noun == "attempt" && got > 0);
        let why_left = why_left.and_then(|call| report::why_left(call, &journal));
        let taken = rule.and_then(|rule| {
            let own = &rules[rule];
            let mut calls = self.record.log.entries();
            calls.find_map(|call| {
                let last = call.attempts().last()?;
                let id = last.rule?;
                let other = &rules[id];
                let label = || RuleLabel::of(id, other);
                if id > rule && other.target == own.target {
                    return Some((call.number(), TakenBy::Newer(label())));
                }
                let asked = last.invocation().target()?;
                let is_covered = own.target.as_ref().is_none_or(|own| own.covers(asked));
                let is_meant = is_covered && own.conditions.is_empty();
                (is_meant && other.is_more_specific_than(own))
                    .then(|| (call.number(), TakenBy::MoreSpecific(label())))
            })
        });
        let counters = &self.record.log.counters;
        let attempts = match (rule, target) {
            (Some(rule), _) => Some(counters.of_rule(rule).attempts),
            (None, Some(target)) => Some(counters.of_target(target).attempts),
            (None, None) => None,
        };
        let mut sent = journal.entries.iter().flat_map(Call::attempts);
        let are_all_finished = sent.all(Attempt::is_finished);
        report::too_few_calls(
            got,
            wanted,
            noun,
            self.intake.is_paused(),
            &self.unanswered(),
            CallCauses {
                unreached: (self.record.log.last_call() == 0).then_some(transport),
                taken,
                near: near.map(str::to_owned),
                why_left,
                attempts,
                are_all_finished,
            },
        )
    }

    /// A setting with this name that was probably meant for another function.
    pub(crate) fn misnamed(&self, verb: &str) -> Option<Misnamed> {
        let all = diagnosis::misnamed(&self.behavior, &self.record);
        let mut all = all.into_iter().map(|(_, misnamed)| misnamed);
        all.find(|misnamed| misnamed.setting.starts_with(verb))
    }

    /// The number of retries, the target and the line of an `event_invoke_config` that limits the
    /// retries of an event to one of these targets whose retries are exhausted.
    pub(crate) fn retry_limit(
        &self,
        counts: impl Fn(&Target) -> bool,
    ) -> Option<(u32, String, Location)> {
        let queue = &self.events.queue;
        let ended = queue
            .deliveries()
            .into_iter()
            .filter(|delivery| delivery.condition() == Some(EventCondition::RetriesExhausted));
        ended.into_iter().find_map(|delivery| {
            let target = &delivery.inner().target;
            if !counts(target) {
                return None;
            }
            let (retries, own) = queue.configs.retries_of(target)?;
            let mut named = self.behavior.named.iter();
            let setting = named.find(|setting| setting.is("event_invoke_config", own))?;
            let is_limited = retries < EventConfig::default_retries();
            is_limited.then(|| (retries, own.to_string(), setting.written_at.clone()))
        })
    }

    /// The target and the line of an `event_invoke_config` with a dead-letter queue that does not
    /// apply to an event of the same function, to one of these targets; the event has failed or has
    /// not ended.
    pub(crate) fn other_queue(
        &self,
        counts: impl Fn(&Target) -> bool,
    ) -> Option<(String, Location)> {
        let queue = &self.events.queue;
        let all = queue.configs.all();
        queue.deliveries().into_iter().find_map(|delivery| {
            let target = &delivery.inner().target;
            let has_failed = delivery.condition() != Some(EventCondition::Success);
            let is_meant = has_failed && counts(target);
            let is_other = |(own, config): &&(Target, EventConfig)| {
                config.dead_letters.is_some() && own.name == target.name && !own.covers(target)
            };
            let (own, _) = all.iter().find(is_other).filter(|_| is_meant)?;
            let mut named = self.behavior.named.iter();
            let setting = named.find(|setting| setting.is("event_invoke_config", own))?;
            Some((own.to_string(), setting.written_at.clone()))
        })
    }

    /// The reason why the fake is not idle.
    pub(crate) fn not_idle(&self) -> Shortfall {
        let running = self.events.queue.running();
        let calls = self.record.log.entries();
        let functions = calls.flat_map(|call| report::running_of(call, &self.behavior.rules));
        report::not_idle(
            self.record.log.open_attempts(),
            &self.unanswered(),
            &functions.collect::<Vec<_>>(),
            &self.events.handlers,
            running.saturating_sub(self.events.handlers.len()),
            self.intake.is_paused(),
        )
    }

    /// The reason why the events' clock has not advanced, or why accepted events have not ended.
    pub(crate) fn events_left(&self, takes_real_time: bool) -> Shortfall {
        report::not_settled(
            self.events.queue.unsettled(),
            self.events.queue.running(),
            self.intake.is_paused(),
            takes_real_time,
            &self.events.handlers,
        )
    }
}
