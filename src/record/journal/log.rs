//! The live record: what is kept, and for how long.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashMap;

use super::counters::Counters;
use super::{Admission, Attempt, Call, FunctionRun, Journal, Progress, WaitReason};
use crate::aws::target::Target;
use crate::behavior::chaos::Hit;
use crate::behavior::constraints::Slot;
use crate::behavior::rules::RuleId;
use crate::ground::clock::Clock;
use crate::reply::fault::Fault;
use crate::reply::outcome::{Outcome, OutcomeKind};
use crate::request::invocation::Invocation;

/// The limits of what is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JournalLimits {
    pub(crate) calls: usize,
    pub(crate) bytes: usize,
}

/// One attempt, identified by its call's number and its index among the call's attempts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Ticket {
    pub(crate) call: u64,
    pub(crate) attempt: usize,
}

/// All requests in order of arrival.
pub(crate) struct Log {
    limits: JournalLimits,
    clock: Clock,
    /// By number, oldest first.
    entries: VecDeque<Call>,
    /// The number of the newest entry.
    last: u64,
    by_invocation: FxHashMap<Box<[u8]>, u64>,
    /// Attempts whose payload can be dropped, in the order in which they ended.
    finished: VecDeque<Ticket>,
    bytes: usize,
    dropped_calls: u64,
    dropped_payloads: u64,
    open: usize,
    /// The number of functions that run although their client has disconnected.
    left_running: usize,
    pub(crate) counters: Counters,
}

impl Log {
    pub(crate) fn new(limits: JournalLimits, clock: Clock) -> Self {
        Self {
            limits,
            clock,
            entries: VecDeque::new(),
            last: 0,
            by_invocation: FxHashMap::default(),
            finished: VecDeque::new(),
            bytes: 0,
            dropped_calls: 0,
            dropped_payloads: 0,
            open: 0,
            left_running: 0,
            counters: Counters::default(),
        }
    }

    /// Records an attempt that has just arrived; `counter` is the index of its target's counters.
    pub(crate) fn open(&mut self, invocation: Invocation, counter: Option<usize>) -> Ticket {
        let is_invoke = invocation.is_invoke();
        let id = invocation
            .head()
            .field("amz-sdk-invocation-id")
            .filter(|_| is_invoke);
        let known = id.and_then(|id| self.by_invocation.get(id)).copied();
        if is_invoke {
            self.counters.count(counter, |tally| {
                tally.attempts += 1;
                tally.calls += u64::from(known.is_none());
            });
        }
        self.open += 1;
        self.bytes += invocation.head().len() + invocation.payload_len();
        let id: Option<Box<[u8]>> = id.filter(|_| known.is_none()).map(Box::from);
        let attempt = Attempt {
            invocation,
            outcome: None,
            run: FunctionRun::Known,
            progress: Progress::Waiting,
            rule: None,
            unscripted: false,
            computed: false,
            dropped_reply: None,
            counter,
            arrived: self.clock.now(),
            ended: None,
            wait_reason: None,
            deliveries: Vec::new(),
            hit: None,
            could_not_happen: false,
            admission: None,
        };
        let ticket = match known.filter(|number| self.entry(*number).is_some()) {
            Some(call) => {
                let attempts = &mut self.entry(call).expect("looked up just now").attempts;
                attempts.push(attempt);
                Ticket {
                    call,
                    attempt: attempts.len() - 1,
                }
            }
            None => {
                self.last += 1;
                let number = self.last;
                self.entries.push_back(Call {
                    number,
                    attempts: vec![attempt],
                });
                if let Some(id) = id {
                    self.by_invocation.insert(id, number);
                }
                Ticket {
                    call: number,
                    attempt: 0,
                }
            }
        };
        self.drop_over_limits();
        ticket
    }

    /// The newest attempt that a connection has carried, if it has no final answer; `None` is
    /// another server, which does not number its connections.
    pub(crate) fn open_on(&self, connection: Option<u64>) -> Option<(Ticket, &Attempt)> {
        let attempts = self.entries.iter().flat_map(|call| {
            let attempts = call.attempts.iter().enumerate();
            attempts.map(|(attempt, data)| {
                let call = call.number;
                (Ticket { call, attempt }, data)
            })
        });
        let carried = attempts.filter(|(_, attempt)| attempt.invocation.connection() == connection);
        let newest = carried.max_by_key(|(_, attempt)| attempt.arrived);
        newest.filter(|(_, attempt)| !attempt.is_finished())
    }

    /// Records the rule that answers an attempt.
    pub(crate) fn taken_by(&mut self, ticket: Ticket, rule: RuleId) {
        let call = self
            .entry(ticket.call)
            .expect("an open call is never dropped");
        let is_new = !call
            .attempts
            .iter()
            .any(|attempt| attempt.rule == Some(rule));
        call.attempts[ticket.attempt].rule = Some(rule);
        let tally = self.counters.rule_mut(rule);
        tally.attempts += 1;
        tally.calls += u64::from(is_new);
    }

    /// The rule that answers an attempt.
    pub(crate) fn rule_of(&mut self, ticket: Ticket) -> Option<RuleId> {
        self.entry(ticket.call)?.attempts[ticket.attempt].rule
    }

    /// Records the answer to an attempt; if its client has disconnected, the outcome of the
    /// function instead.
    ///
    /// A reply is `computed` if a handler made it: its bytes are kept only for this attempt and
    /// count toward the limit.
    pub(crate) fn decided(&mut self, ticket: Ticket, outcome: Outcome, computed: bool) {
        let length = outcome.body().map_or(0, |body| body.len());
        // A finished attempt without a running function may have been dropped.
        let Some(call) = self.entry(ticket.call) else {
            return;
        };
        let attempt = &mut call.attempts[ticket.attempt];
        let is_late = attempt.is_finished();
        if is_late && !attempt.is_running() {
            return;
        }
        attempt.computed = computed;
        attempt.wait_reason = None;
        if is_late {
            attempt.run = FunctionRun::Lost(Box::new(outcome));
            self.left_running -= 1;
            // Its payloads may already have been dropped; now there is another one.
            self.finished.push_back(ticket);
        } else {
            attempt.run = FunctionRun::Known;
            attempt.outcome = Some(outcome);
            attempt.progress = Progress::Decided;
        }
        if computed {
            self.bytes += length;
        }
        self.drop_over_limits();
    }

    /// Records whether the function of an attempt runs from now on.
    pub(crate) fn runs(&mut self, ticket: Ticket, runs: bool) {
        let Some(call) = self.entry(ticket.call) else {
            return;
        };
        let attempt = &mut call.attempts[ticket.attempt];
        let was_left = attempt.is_finished() && attempt.is_running();
        attempt.run = match runs {
            true => FunctionRun::Started,
            false => FunctionRun::Known,
        };
        self.left_running -= usize::from(was_left && !runs);
    }

    /// Returns `true` if the function of an attempt was started and has not ended.
    pub(crate) fn is_running(&self, ticket: Ticket) -> bool {
        let attempt = self.attempt(ticket);
        attempt.is_some_and(Attempt::is_running)
    }

    /// Returns `true` if the entry about an attempt's answer is final.
    pub(crate) fn is_finished(&self, ticket: Ticket) -> bool {
        let attempt = self.attempt(ticket);
        attempt.is_none_or(Attempt::is_finished)
    }

    /// Records what an attempt waits for.
    pub(crate) fn waits_for(&mut self, ticket: Ticket, wait_reason: WaitReason) {
        if let Some(call) = self.entry(ticket.call) {
            call.attempts[ticket.attempt].wait_reason = Some(wait_reason);
        }
    }

    /// Records that chaos hit an attempt.
    pub(crate) fn hit_by(&mut self, ticket: Ticket, hit: Arc<Hit>) {
        self.attempt_mut(ticket).hit = Some(hit);
    }

    /// The fault of chaos for an attempt's reply.
    pub(crate) fn damage_of(&mut self, ticket: Ticket) -> Option<Fault> {
        let attempt = &self.entry(ticket.call)?.attempts[ticket.attempt];
        attempt.hit()?.damage()
    }

    /// Records that the fault could not fire, and returns its hit.
    pub(crate) fn could_not_happen(&mut self, ticket: Ticket) -> Option<Arc<Hit>> {
        let attempt = &mut self.entry(ticket.call)?.attempts[ticket.attempt];
        attempt.could_not_happen = true;
        let outcome = attempt.outcome.as_mut();
        if let Some(alterations) = outcome.and_then(|outcome| outcome.alterations.as_mut()) {
            alterations.fault = None;
        }
        attempt.hit.clone()
    }

    /// Records that the fault of an attempt's reply did not fire.
    pub(crate) fn fault_could_not_happen(&mut self, ticket: Ticket) {
        let outcome = self.attempt_mut(ticket).outcome.as_mut();
        if let Some(alterations) = outcome.and_then(|outcome| outcome.alterations.as_mut()) {
            alterations.fault = None;
        }
    }

    /// Records that an attempt matched no rule.
    pub(crate) fn unscripted(&mut self, ticket: Ticket) {
        self.attempt_mut(ticket).unscripted = true;
    }

    /// Records the decision of the constraints about an attempt.
    pub(crate) fn admitted(&mut self, ticket: Ticket, admission: Admission) {
        self.attempt_mut(ticket).admission = Some(admission);
    }

    /// The concurrency slot of an attempt.
    pub(crate) fn execution(&self, ticket: Ticket) -> Option<Slot> {
        let index = self.index_of(ticket.call)?;
        match self.entries[index].attempts[ticket.attempt].admission? {
            Admission::Entered(execution) => Some(execution),
            Admission::Refused(_) => None,
        }
    }

    /// Records that the last byte was sent, or that the client has disconnected, at this time or
    /// now.
    pub(crate) fn finished(&mut self, ticket: Ticket, progress: Progress, at: Option<Instant>) {
        let now = self.clock.now();
        let call = self
            .entry(ticket.call)
            .expect("an open call is never dropped");
        let attempt = &mut call.attempts[ticket.attempt];
        if attempt.is_finished() {
            return;
        }
        attempt.progress = progress;
        attempt.ended = Some(at.unwrap_or(now));
        let runs_on = attempt.is_running();
        let (rule, counter, is_invoke) = (
            attempt.rule,
            attempt.counter,
            attempt.invocation.is_invoke(),
        );
        let finished = call.attempts.iter().filter(|attempt| attempt.is_finished());
        let is_first = finished.clone().count() == 1;
        let is_first_of_rule = finished.filter(|attempt| attempt.rule == rule).count() == 1;
        self.open -= 1;
        self.left_running += usize::from(runs_on);
        self.finished.push_back(ticket);
        if is_invoke {
            self.counters.count(counter, |tally| {
                tally.finished_attempts += 1;
                tally.finished_calls += u64::from(is_first);
            });
            if let Some(rule) = rule {
                let tally = self.counters.rule_mut(rule);
                tally.finished_attempts += 1;
                tally.finished_calls += u64::from(is_first_of_rule);
            }
        }
        self.drop_over_limits();
    }

    /// Returns `true` if the function is known to have run this version; dropped attempts are
    /// assumed to have run it.
    pub(crate) fn has_run(&self, function: &Target, version: &str) -> bool {
        let of_function = |attempt: &&Attempt| {
            let target = attempt.invocation.target();
            target.is_some_and(|target| function.covers_function(target))
        };
        let attempts = || self.entries().flat_map(Call::attempts).filter(of_function);
        let ran = |attempt: &Attempt| match attempt.last_outcome().map(|outcome| &outcome.kind) {
            Some(OutcomeKind::Ran { version: ran, .. }) => **ran == *version,
            Some(OutcomeKind::Accepted) => attempt.invocation.function_version() == version,
            _ => false,
        };
        let any_qualifier = Target {
            qualifier: None,
            ..function.clone()
        };
        let counted = self.counters.of_target(&any_qualifier).attempts;
        attempts().any(ran) || counted > attempts().count() as u64
    }

    /// The number of attempts without a final answer.
    pub(crate) fn open_attempts(&self) -> usize {
        self.open
    }

    /// The number of functions that run although their client has disconnected.
    pub(crate) fn left_running(&self) -> usize {
        self.left_running
    }

    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.entries.iter()
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal {
            entries: self.entries().cloned().collect(),
            dropped_calls: self.dropped_calls,
            dropped_payloads: self.dropped_payloads,
        }
    }

    /// Above the byte limit the oldest finished payloads are dropped, above the call limit whole
    /// finished calls.
    fn drop_over_limits(&mut self) {
        while self.bytes > self.limits.bytes {
            let Some(ticket) = self.finished.pop_front() else {
                break;
            };
            let Some(call) = self.entry(ticket.call) else {
                continue;
            };
            let attempt = &mut call.attempts[ticket.attempt];
            let freed = kept_bytes(attempt) - attempt.invocation.head().len();
            attempt.invocation.drop_payload();
            if attempt.computed {
                attempt.drop_reply();
            }
            self.bytes -= freed;
            self.dropped_payloads += u64::from(freed > 0);
        }
        while self.entries.len() > self.limits.calls {
            let is_over = |attempt: &Attempt| attempt.is_finished() && !attempt.is_running();
            let is_finished = |call: &Call| call.attempts.iter().all(is_over);
            let Some(index) = self.entries.iter().position(is_finished) else {
                break;
            };
            // Open calls at the front are few, so little is moved.
            let call = self.entries.remove(index).expect("found just now");
            self.dropped_calls += 1;
            self.bytes -= call.attempts.iter().map(kept_bytes).sum::<usize>();
            if let Some(id) = call.first().head().field("amz-sdk-invocation-id") {
                self.by_invocation.remove(id);
            }
            while self
                .finished
                .front()
                .is_some_and(|ticket| ticket.call == call.number)
            {
                self.finished.pop_front();
            }
        }
    }

    fn entry(&mut self, number: u64) -> Option<&mut Call> {
        let index = self.index_of(number)?;
        self.entries.get_mut(index)
    }

    /// The entry with this number, if it is kept.
    #[cfg(feature = "in-memory")]
    pub(crate) fn call(&self, number: u64) -> Option<&Call> {
        self.entries.get(self.index_of(number)?)
    }

    /// When an attempt arrived.
    pub(crate) fn arrival(&self, ticket: Ticket) -> Option<Instant> {
        self.attempt(ticket).map(|attempt| attempt.arrived)
    }

    fn attempt(&self, ticket: Ticket) -> Option<&Attempt> {
        let index = self.index_of(ticket.call)?;
        self.entries[index].attempts.get(ticket.attempt)
    }

    fn index_of(&self, number: u64) -> Option<usize> {
        // This runs several times per request. A request that is being answered is nearly always
        // the newest.
        if number == self.last && self.entries.back()?.number == number {
            return Some(self.entries.len() - 1);
        }
        let found = self
            .entries
            .binary_search_by_key(&number, |call| call.number);
        found.ok()
    }

    fn attempt_mut(&mut self, ticket: Ticket) -> &mut Attempt {
        &mut self
            .entry(ticket.call)
            .expect("an open call is never dropped")
            .attempts[ticket.attempt]
    }
}

impl Attempt {
    fn drop_reply(&mut self) {
        let body = self.last_outcome().and_then(Outcome::body);
        if let Some(body) = body.filter(|body| !body.is_empty()) {
            self.dropped_reply = Some(body.len());
        }
        match &mut self.run {
            FunctionRun::Lost(lost) => lost.drop_body(),
            FunctionRun::Known | FunctionRun::Started => {
                if let Some(outcome) = &mut self.outcome {
                    outcome.drop_body();
                }
            }
        }
    }
}

fn kept_bytes(attempt: &Attempt) -> usize {
    let computed = attempt.last_outcome().filter(|_| attempt.computed);
    let reply = computed
        .and_then(Outcome::body)
        .map_or(0, |body| body.len());
    attempt.invocation.head().len()
        + attempt.invocation.kept_payload().map_or(0, <[u8]>::len)
        + reply
}
