//! The delivery of one accepted event: its executions, the waits between them, and its end.
//!
//! The state machine of the service's asynchronous invocation. Sources: the retries after one and
//! two minutes and the look-ahead at the age were recorded in November 2025; the waits after a
//! throttle are documented.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::EventCondition;
use super::clock::Moment;
use super::config::Settings;
use super::execution::{Execution, ExecutionEnd};
use super::record::{DeadLetter, InvocationRecord};
use crate::aws::service_error::ServiceError;
use crate::aws::target::Target;
use crate::behavior::rules::RuleId;

/// The wait after a first function error; after the second it is twice as long.
const RETRY: Duration = Duration::from_secs(60);

/// The longest wait of an event that could not run, in seconds; waits start at one second and
/// double.
const LONGEST_GAP: u64 = 300;

/// The delivery of one accepted event, as it was when the test requested it.
///
/// The value does not change afterwards. It can be compared, prints as the journal shows it, and
/// serializes without anything that changes from run to run.
#[derive(Clone, Eq, PartialEq)]
pub struct Delivery(Arc<Inner>);

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Inner {
    pub(crate) number: u64,
    pub(crate) origin: Origin,
    /// The rule that the event matched first.
    pub(crate) rule: Option<RuleId>,
    pub(crate) is_duplicate: bool,
    pub(crate) function: Arc<Function>,
    pub(crate) target: Arc<Target>,
    pub(crate) request_id: Arc<str>,
    /// If the event is a record, the request id of the delivery that sent it.
    pub(crate) sender_id: Option<Arc<str>>,
    pub(crate) payload: Bytes,
    /// The most bytes of a body to print.
    pub(crate) print_limit: usize,
    pub(crate) accepted_at: Moment,
    pub(crate) executions: Vec<Execution>,
    pub(crate) state: Stage,
    pub(crate) record: Option<InvocationRecord>,
    pub(crate) dead_letter: Option<DeadLetter>,
}

/// The origin of an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// This attempt of this call of the journal.
    Call { call: u64, attempt: usize },
    /// The end of this delivery, which sent its record.
    Delivery(u64),
}

/// The function of an event, as records name it.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Function {
    /// The function as reports print it: `resize:live`.
    pub(crate) described: Box<str>,
    pub(crate) name: Box<str>,
    /// The ARN with its qualifier, `$LATEST` if the caller requested none.
    pub(crate) arn: Box<str>,
    pub(crate) region: Box<str>,
    pub(crate) account: Box<str>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    /// In the queue until then.
    Queued(Moment),
    /// Being run since then.
    Running(Moment),
    Ended(EventCondition, Moment),
    /// Accepted but never run.
    Lost,
}

impl Delivery {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(crate) fn inner_mut(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// Returns the number of the delivery in this fake, from 1, in the order of acceptance.
    pub fn number(&self) -> u64 {
        self.0.number
    }

    /// Returns the number in the journal of the call that sent the event; `None` for a record that
    /// a delivery sent to a function.
    pub fn call(&self) -> Option<u64> {
        match self.0.origin {
            Origin::Call { call, .. } => Some(call),
            Origin::Delivery(_) => None,
        }
    }

    /// Returns the number of the delivery that sent the event as its record; `None` for an event
    /// that a client sent.
    pub fn sent_by(&self) -> Option<u64> {
        match self.0.origin {
            Origin::Call { .. } => None,
            Origin::Delivery(number) => Some(number),
        }
    }

    /// Returns the ARN in records: always with a qualifier, `$LATEST` if the caller requested none.
    pub fn function_arn(&self) -> &str {
        &self.0.function.arn
    }

    /// Returns the request id of the 202, which all executions share.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Returns the event as it was sent.
    pub fn payload(&self) -> Bytes {
        self.0.payload.clone()
    }

    /// Returns the time of acceptance, on the events' clock.
    pub fn accepted_at(&self) -> SystemTime {
        self.0.accepted_at.system_time()
    }

    /// Returns the time of its end, on the events' clock; `None` if it has not ended, or if it was
    /// lost.
    pub fn ended_at(&self) -> Option<SystemTime> {
        match self.0.state {
            Stage::Ended(_, at) => Some(at.system_time()),
            Stage::Queued(_) | Stage::Running(_) | Stage::Lost => None,
        }
    }

    /// Returns the executions so far in order, including those that could not run.
    pub fn executions(&self) -> &[Execution] {
        &self.0.executions
    }

    /// Returns how often the function ran: `approximateInvokeCount` of the record. Refused
    /// executions do not count.
    pub fn invoke_count(&self) -> usize {
        self.0.invoke_count()
    }

    /// How often the function ran, without the runs for which an idempotent function did no work.
    pub(crate) fn runs(&self) -> usize {
        let executions = self.0.executions.iter();
        let runs = executions.filter(|one| one.ran() && !one.is_replay());
        runs.count()
    }

    /// Returns the waits between its executions, each from the end of one to the start of the next.
    pub fn waits(&self) -> Vec<Duration> {
        let executions = self.0.executions.windows(2);
        executions
            .map(|two| two[1].at.since(two[0].ended_at))
            .collect()
    }

    /// Returns how it ended; `None` if it has not ended, or if it was lost.
    pub fn condition(&self) -> Option<EventCondition> {
        match self.0.state {
            Stage::Ended(condition, _) => Some(condition),
            Stage::Queued(_) | Stage::Running(_) | Stage::Lost => None,
        }
    }

    /// Returns `true` if it has ended or was lost.
    pub fn is_settled(&self) -> bool {
        matches!(self.0.state, Stage::Ended(..) | Stage::Lost)
    }

    /// Returns `true` if it was accepted but never run, because the script said so or the queue was
    /// full.
    pub fn is_lost(&self) -> bool {
        self.0.state == Stage::Lost
    }

    /// Returns `true` if it is an additional copy of an event that was accepted once.
    pub fn is_duplicate(&self) -> bool {
        self.0.is_duplicate
    }

    /// Returns the record sent to the destination at its end, if one is configured.
    pub fn record(&self) -> Option<&InvocationRecord> {
        self.0.record.as_ref()
    }

    /// Returns the message sent to the dead-letter queue, if the event failed and a queue is
    /// configured.
    pub fn dead_letter(&self) -> Option<&DeadLetter> {
        self.0.dead_letter.as_ref()
    }
}

impl Inner {
    pub(crate) fn invoke_count(&self) -> usize {
        self.executions.iter().filter(|one| one.ran()).count()
    }

    /// Returns `true` if it is too old to run at that time.
    pub(crate) fn is_too_old(&self, at: Moment, settings: &Settings) -> bool {
        at.since(self.accepted_at) >= settings.age
    }

    /// Records the end of an execution. The event is then queued for its next one, or ends with the
    /// returned condition.
    pub(crate) fn executed(
        &mut self,
        now: Moment,
        rule: Option<RuleId>,
        end: ExecutionEnd,
        settings: &Settings,
    ) -> Option<EventCondition> {
        self.push(now, rule, end);
        let failures = self.invoke_count() as u32;
        let (wait, condition) = match self.executions.last().map(|last| &*last.end) {
            Some(ExecutionEnd::Ran { failed: false, .. }) => (None, EventCondition::Success),
            Some(ExecutionEnd::Ran { .. }) if failures > settings.retries => {
                (None, EventCondition::RetriesExhausted)
            }
            Some(ExecutionEnd::Ran { .. }) => (
                Some(RETRY * 2_u32.pow(failures - 1)),
                EventCondition::EventAgeExceeded,
            ),
            Some(ExecutionEnd::Refused {
                code: Some(code), ..
            }) if **code == *ServiceError::RecursiveInvocationException.code() => {
                (None, EventCondition::RetriesExhausted)
            }
            _ => (Some(self.gap()), EventCondition::EventAgeExceeded),
        };
        // The service looks ahead: an event that would be too old at its next execution ends now.
        match wait.map(|wait| now.plus(wait)) {
            Some(next) if !self.is_too_old(next, settings) => {
                self.state = Stage::Queued(next);
                None
            }
            _ => Some(condition),
        }
    }

    pub(super) fn end(&mut self, now: Moment, condition: EventCondition) {
        self.state = Stage::Ended(condition, now);
    }

    /// Its approximate size in memory.
    pub(crate) fn kept_bytes(&self) -> usize {
        let payloads = self
            .executions
            .iter()
            .map(|execution| match &*execution.end {
                ExecutionEnd::Ran { payload, .. } => payload.len(),
                ExecutionEnd::Refused { .. } => 0,
            });
        let record = self.record.as_ref().map_or(0, |record| record.text().len());
        self.payload.len() + payloads.sum::<usize>() + record
    }

    fn push(&mut self, ended_at: Moment, rule: Option<RuleId>, end: ExecutionEnd) {
        let at = match self.state {
            Stage::Running(since) => since,
            Stage::Queued(_) | Stage::Ended(..) | Stage::Lost => ended_at,
        };
        let end = match self.executions.last() {
            // Hours of throttling give dozens of equal ends.
            Some(last) if *last.end == end => last.end.clone(),
            _ => Arc::new(end),
        };
        self.executions.push(Execution {
            at,
            ended_at,
            after: at.since(self.accepted_at),
            rule,
            end,
        });
    }

    /// The wait of an event that could not run; it grows with each consecutive failure.
    fn gap(&self) -> Duration {
        let in_a_row = self
            .executions
            .iter()
            .rev()
            .take_while(|one| !one.ran())
            .count();
        let doubled = 1_u64.checked_shl(in_a_row as u32 - 1);
        Duration::from_secs(doubled.map_or(LONGEST_GAP, |gap| gap.min(LONGEST_GAP)))
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            number,
            function,
            payload,
            executions,
            state,
            record,
            dead_letter,
            ..
        } = &*self.0;
        f.debug_struct("Delivery")
            .field("number", number)
            .field("function", &function.arn)
            .field("payload", payload)
            .field("executions", executions)
            .field("state", state)
            .field("record", &record.as_ref().map(InvocationRecord::text))
            .field("dead_letter", dead_letter)
            .finish_non_exhaustive()
    }
}
