//! The live record: what is kept, and for how long.

mod streamed;

use std::collections::hash_map;
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashMap;

pub(crate) use self::streamed::{FrameContent, OddFrame, Streamed};
use super::calls::{Calls, Entry};
use super::counters::Counters;
use super::{Admission, Attempt, Call, Dropped, FunctionRun, Journal, Progress, WaitReason};
use crate::aws::target::Target;
use crate::behavior::chaos::{Effect, Hit};
use crate::behavior::constraints::Slot;
use crate::behavior::rules::RuleId;
use crate::ground::clock::Clock;
use crate::reply::fault::Fault;
use crate::reply::outcome::{Outcome, OutcomeKind};
use crate::request::invocation::Invocation;

/// The header field that all attempts of a call share.
const INVOCATION_ID: &str = "amz-sdk-invocation-id";

/// The size of a call in addition to its requests and replies: its attempt, and its entries in the
/// tables, which have at most twice the room that they need.
const CALL: usize = size_of::<Attempt>() + 2 * (size_of::<Entry>() + size_of::<u64>());

/// The size of an invocation id in its table.
const ID: usize = 2 * size_of::<(InvocationId, u64, u8)>();

/// The value of [`INVOCATION_ID`]. SDKs send a UUID, which needs no memory of its own.
#[derive(Eq, Hash, PartialEq)]
enum InvocationId {
    Uuid([u8; 36]),
    Other(Box<[u8]>),
}

impl InvocationId {
    fn of(invocation: &Invocation) -> Option<Self> {
        let id = invocation.head().field(INVOCATION_ID)?;
        Some(match id.try_into() {
            Ok(uuid) => Self::Uuid(uuid),
            Err(_) => Self::Other(id.into()),
        })
    }

    /// Its size in addition to its place in the table.
    fn kept_bytes(&self) -> usize {
        match self {
            Self::Uuid(_) => 0,
            Self::Other(id) => id.len(),
        }
    }
}

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

/// The kept requests in order of arrival, and the counters of all requests.
pub(crate) struct Log {
    limits: JournalLimits,
    clock: Clock,
    calls: Calls,
    /// The number of the newest call.
    last: u64,
    by_invocation: FxHashMap<InvocationId, u64>,
    bytes: usize,
    dropped: Dropped,
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
            calls: Calls::default(),
            last: 0,
            by_invocation: FxHashMap::default(),
            bytes: 0,
            dropped: Dropped::default(),
            open: 0,
            left_running: 0,
            counters: Counters::default(),
        }
    }

    /// Records an attempt that has just arrived; `counter` is the index of its target's counters.
    pub(crate) fn open(&mut self, invocation: Invocation, counter: Option<usize>) -> Ticket {
        let is_invoke = invocation.is_invoke();
        let id = InvocationId::of(&invocation).filter(|_| is_invoke);
        let id = id.map(|id| self.by_invocation.entry(id));
        let known = match &id {
            Some(hash_map::Entry::Occupied(known)) => Some(*known.get()),
            Some(hash_map::Entry::Vacant(_)) | None => None,
        };
        if is_invoke {
            self.counters.count(counter, |tally| {
                tally.attempts += 1;
                tally.calls += u64::from(known.is_none());
            });
        }
        self.open += 1;
        let attempt = Attempt {
            invocation,
            outcome: None,
            run: FunctionRun::Known,
            progress: Progress::Waiting,
            rule: None,
            unscripted: false,
            computed: false,
            stream: None,
            counter,
            arrived: self.clock.now(),
            ended: None,
            wait_reason: None,
            deliveries: Vec::new(),
            hit: None,
            could_not_happen: false,
            admission: None,
        };
        let mut bytes = attempt.invocation.kept_bytes();
        let number = known.unwrap_or(self.last + 1);
        let entry = match known {
            Some(call) => {
                let entry = self.calls.get_mut(call);
                let entry = entry.expect("the id of a dropped call is forgotten");
                let room = entry.call.attempts.capacity();
                entry.call.attempts.push(attempt);
                bytes += (entry.call.attempts.capacity() - room) * size_of::<Attempt>();
                entry
            }
            None => {
                self.last = number;
                bytes += CALL;
                if let Some(hash_map::Entry::Vacant(id)) = id {
                    bytes += id.key().kept_bytes() + ID;
                    id.insert(number);
                }
                self.calls.push(number, attempt)
            }
        };
        entry.busy += 1;
        entry.bytes += bytes;
        self.bytes += bytes;
        let ticket = Ticket {
            call: number,
            attempt: entry.call.attempts.len() - 1,
        };
        self.drop_over_limits();
        ticket
    }

    /// The newest attempt that a connection has carried, if it has no final answer. A `connection`
    /// of `None` means another server, which does not number its connections.
    pub(crate) fn open_on(&self, connection: Option<u64>) -> Option<(Ticket, &Attempt)> {
        let attempts = self.calls.iter().flat_map(|call| {
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
        let is_new = self
            .open_entry(ticket.call)
            .answered_by(ticket.attempt, rule);
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
    /// A reply is `computed` if a handler made it: its bytes are kept only for this attempt.
    pub(crate) fn decided(&mut self, ticket: Ticket, mut outcome: Outcome, computed: bool) {
        outcome.forget_chunks();
        let bytes = outcome.kept_bytes(computed);
        // A finished attempt without a running function may have been dropped.
        let Some(entry) = self.calls.get_mut(ticket.call) else {
            return;
        };
        let attempt = &mut entry.call.attempts[ticket.attempt];
        let is_late = attempt.is_finished();
        if is_late && !attempt.is_running() {
            return;
        }
        attempt.computed = computed;
        attempt.wait_reason = None;
        if is_late && outcome.is_stream() {
            // Its function runs until the end of the stream.
            return;
        }
        entry.bytes += bytes;
        self.bytes += bytes;
        if is_late {
            attempt.run = FunctionRun::Lost(Box::new(outcome));
            self.left_running -= 1;
            entry.busy -= 1;
            self.calls.note_end(ticket.call);
        } else {
            attempt.run = FunctionRun::Known;
            attempt.outcome = Some(outcome);
            attempt.progress = Progress::Decided;
            attempt.begin_stream();
        }
        self.drop_over_limits();
    }

    /// Records whether the function of an attempt runs from now on.
    pub(crate) fn runs(&mut self, ticket: Ticket, runs: bool) {
        let Some(entry) = self.calls.get_mut(ticket.call) else {
            return;
        };
        let attempt = &mut entry.call.attempts[ticket.attempt];
        let was_left = attempt.is_finished() && attempt.is_running();
        attempt.run = match runs {
            true => FunctionRun::Started,
            false => FunctionRun::Known,
        };
        if was_left && !runs {
            self.left_running -= 1;
            entry.busy -= 1;
            self.calls.note_end(ticket.call);
        }
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

    /// Removes the hit of an attempt if its effect is a delay; returns it.
    pub(crate) fn take_delay(&mut self, ticket: Ticket) -> Option<Arc<Hit>> {
        let hit = &mut self.entry(ticket.call)?.attempts[ticket.attempt].hit;
        hit.take_if(|hit| matches!(hit.what(), Effect::Delay(_)))
    }

    /// Records that the fault of chaos for an attempt's reply could not fire; returns the hit.
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
        match self.attempt(ticket)?.admission? {
            Admission::Entered(execution) => Some(execution),
            Admission::Refused(_) => None,
        }
    }

    /// Records that the last byte was sent, or that the client has disconnected, at this time or
    /// now.
    pub(crate) fn finished(&mut self, ticket: Ticket, progress: Progress, at: Option<Instant>) {
        let at = at.unwrap_or_else(|| self.clock.now());
        let entry = self.open_entry(ticket.call);
        let attempt = &mut entry.call.attempts[ticket.attempt];
        if attempt.is_finished() {
            return;
        }
        attempt.progress = progress;
        attempt.ended = Some(at);
        let runs_on = attempt.is_running();
        let (rule, counter, is_invoke) = (
            attempt.rule,
            attempt.counter,
            attempt.invocation.is_invoke(),
        );
        entry.finished += 1;
        entry.busy -= usize::from(!runs_on);
        let is_first = entry.finished == 1;
        let is_first_of_rule = rule.is_some_and(|rule| entry.finished_by(rule));
        self.open -= 1;
        self.left_running += usize::from(runs_on);
        self.calls.note_end(ticket.call);
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
        // The attempt that asks is one of them: without others there is nothing to look at.
        counted > 1 && (attempts().any(ran) || counted > attempts().count() as u64)
    }

    /// The number of attempts without a final answer.
    pub(crate) fn open_attempts(&self) -> usize {
        self.open
    }

    /// The number of functions that run although their client has disconnected.
    pub(crate) fn left_running(&self) -> usize {
        self.left_running
    }

    /// Returns the number of the newest call; 0 if there is none.
    pub(crate) fn last_call(&self) -> u64 {
        self.last
    }

    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.calls.iter()
    }

    pub(crate) fn dropped(&self) -> Dropped {
        self.dropped
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal {
            entries: self.entries().cloned().collect(),
            dropped: self.dropped,
        }
    }

    /// Above a limit, the oldest calls that have ended are dropped, with everything they hold.
    fn drop_over_limits(&mut self) {
        loop {
            let is_over_bytes = self.bytes > self.limits.bytes;
            if !is_over_bytes && self.calls.len() <= self.limits.calls {
                return;
            }
            let Some((call, bytes)) = self.calls.drop_oldest() else {
                return;
            };
            match is_over_bytes {
                true => self.dropped.over_bytes += 1,
                false => self.dropped.over_calls += 1,
            }
            self.bytes -= bytes;
            if let Some(id) = InvocationId::of(call.first()) {
                // Another call can have taken the id: an entry that is not a call does not.
                if self.by_invocation.get(&id) == Some(&call.number) {
                    self.by_invocation.remove(&id);
                }
            }
        }
    }

    fn entry(&mut self, number: u64) -> Option<&mut Call> {
        Some(&mut self.calls.get_mut(number)?.call)
    }

    fn open_entry(&mut self, number: u64) -> &mut Entry {
        let entry = self.calls.get_mut(number);
        entry.expect("an open call is never dropped")
    }

    /// The entry with this number, if it is kept.
    #[cfg(feature = "in-memory")]
    pub(crate) fn call(&self, number: u64) -> Option<&Call> {
        Some(&self.calls.get(number)?.call)
    }

    /// When an attempt arrived.
    pub(crate) fn arrival(&self, ticket: Ticket) -> Option<Instant> {
        self.attempt(ticket).map(|attempt| attempt.arrived)
    }

    fn attempt(&self, ticket: Ticket) -> Option<&Attempt> {
        self.calls
            .get(ticket.call)?
            .call
            .attempts
            .get(ticket.attempt)
    }

    fn attempt_mut(&mut self, ticket: Ticket) -> &mut Attempt {
        &mut self.open_entry(ticket.call).call.attempts[ticket.attempt]
    }
}

#[cfg(test)]
mod tests;
