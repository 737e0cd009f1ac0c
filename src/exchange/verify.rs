//! What verification finds, each thing once; and what a drop finds unanswered.

use super::exchange::{Exchange, State};
use crate::behavior::chaos::Summary;
use crate::behavior::rules::RuleId;
use crate::ground::location::Location;
use crate::record::diagnosis::{self, Beside};
use crate::record::finding::{CountedOf, Finding, NearCall};
use crate::record::journal::{Call, Journal};
use crate::record::report;

/// Everything a failed verification tells.
pub(crate) struct FailedVerification {
    pub(crate) findings: Vec<Finding>,
    pub(crate) more_findings: u64,
    pub(crate) journal: Journal,
    pub(crate) chaos: Option<Summary>,
}

impl Exchange {
    /// Takes what was found since the last time, unmet expectations included; `None` when there is nothing.
    pub(crate) fn take_findings(&self) -> Option<FailedVerification> {
        let mut verified = self.edit(|state| {
            let (mut findings, more_findings) = state.record.findings.take();
            let unsettled = state.events.queue.unsettled();
            let rules = &mut state.behavior.rules;
            findings.extend(diagnosis::unmet(rules, &state.record.log, unsettled));
            findings.extend(diagnosis::unreachable(&mut state.behavior));
            (!findings.is_empty()).then(|| FailedVerification {
                findings,
                more_findings,
                journal: state.journal(),
                chaos: state.behavior.chaos.summary(),
            })
        })?;
        // Conditions are asked, so this is done outside the lock.
        for finding in &mut verified.findings {
            let Finding::Unmet(miscount) = finding else {
                continue;
            };
            if let CountedOf::Rule(rule) = &miscount.subject.whose {
                miscount.instead = self.near_calls(rule.id);
            }
        }
        Some(verified)
    }

    /// The calls that a rule did not answer and may have been meant to. Conditions are asked, so this is done outside the lock.
    pub(crate) fn near_calls(&self, rule: RuleId) -> Vec<NearCall> {
        let beside = self.read(|state| Beside::of(rule, &state.behavior.rules, &state.record.log));
        diagnosis::near_calls(beside)
    }

    /// Each attempt that has no final answer, and what keeps it from one.
    pub(crate) fn unanswered(&self) -> Vec<String> {
        self.read(|state| {
            let calls = state.record.log.entries();
            calls
                .flat_map(|call| report::unanswered_of(call, &state.behavior.rules))
                .collect()
        })
    }
}

impl State {
    /// Everything seen so far.
    pub(crate) fn journal(&self) -> Journal {
        let mut journal = self.record.log.journal();
        self.attach_deliveries(&mut journal.entries);
        journal
    }

    /// Puts each delivery below the attempt it came with.
    pub(crate) fn attach_deliveries(&self, calls: &mut [Call]) {
        Call::attach_deliveries(calls, self.events.queue.deliveries());
    }

    /// Whether every attempt has its final answer, no function runs on without its client and no accepted event is being run.
    pub(crate) fn is_idle(&self) -> bool {
        self.record.log.open_attempts() == 0
            && self.record.log.left_running() == 0
            && self.events.queue.is_still()
    }

    /// Whether an execution of an event is under way that may meet an expectation.
    pub(crate) fn awaits_execution(&self) -> bool {
        let queue = &self.events.queue;
        queue.running() > 0
            && !self.intake.is_closed()
            && diagnosis::is_event_expected(&self.behavior.rules, &self.record.log)
    }

    /// What keeps it from being idle.
    pub(crate) fn not_idle(&self) -> String {
        let running = self.events.queue.running();
        let busy = report::not_idle(
            self.record.log.open_attempts(),
            &self.events.handlers,
            running.saturating_sub(self.events.handlers.len()),
            self.intake.is_paused(),
        );
        let busy = report::with_cure(busy, &self.events.handlers);
        report::with_running(busy, self.record.log.entries(), &self.behavior.rules)
    }

    /// What keeps the events' clock from going on.
    pub(crate) fn events_left(&self) -> String {
        let handlers = self.events.handlers.iter().map(Location::to_string);
        let missing = report::not_settled(
            self.events.queue.unsettled(),
            self.events.queue.running(),
            self.intake.is_paused(),
            &handlers.collect::<Vec<_>>(),
        );
        report::with_cure(missing, &self.events.handlers)
    }
}
