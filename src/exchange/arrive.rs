//! The life of a request: its entry in the journal, its turn, its decision, its end.

use std::task::{Context, Poll};
use std::time::Instant;

use super::exchange::{Exchange, State};
use super::search::{Found, Next, Search};
use super::subject::{Arrived, Subject};
use super::unanswered::{Unanswered, Why};
use crate::ground::draws::{hashed, mixed, share};
use crate::record::finding::Finding;
use crate::record::journal::{Progress, ShortHeadline, Ticket};
use crate::reply::fault::Fault;
use crate::reply::outcome::{Decision, Outcome, OutcomeKind};
use crate::request::invocation::{Invocation, RequestId, Validity};

impl Exchange {
    /// Records a request in the journal and decides about it, unless the decision has to wait.
    ///
    /// Returns `None` if the fake is being dropped: no further decisions are made.
    pub(crate) fn arrive(&self, invocation: Invocation) -> Option<Arrived> {
        let mut arrived = Arrived::new(invocation);
        let mut search = Search::default();
        let next = self.edit(|state| {
            if state.intake.is_closed() {
                return Some(Next::Gone);
            }
            (arrived.ticket, arrived.number) = self.register(state, &mut arrived.invocation);
            if !state.intake.enter(arrived.ticket) {
                return None;
            }
            Some(state.search(Subject::Attempt(&arrived), &mut search))
        });
        match next {
            None => {}
            Some(Next::Decided(decision, _)) => arrived.decision = Some(decision),
            Some(Next::Gone) => return None,
            Some(next) => arrived.decision = Some(self.conclude(&arrived, search, next)?),
        }
        Some(arrived)
    }

    /// Gives a request its entry in the journal, its id and its version. Returns its ticket and its
    /// number, from 1, among the attempts at its target, or among all attempts if it has no target.
    fn register(&self, state: &mut State, invocation: &mut Invocation) -> (Ticket, u64) {
        let log = &mut state.record.log;
        let (counter, number) = match invocation.target() {
            Some(target) => {
                let (counter, number) = log.counters.counter_of(target);
                (Some(counter), number)
            }
            None => (None, log.counters.total().attempts),
        };
        let number_of_id = match counter {
            Some(_) => number,
            // Each request adds a call or an attempt, or both.
            None => number + log.last_call(),
        };
        invocation.set_request_id(self.request_id(invocation, number_of_id));
        if let Some(target) = invocation.target() {
            let resolved = state
                .behavior
                .versions
                .resolve(target, || self.version_share(invocation, number));
            let is_durable = state.behavior.constraints.is_durable(target);
            invocation.set_version(resolved);
            if is_durable {
                let start = self.seed_of(invocation).wrapping_add(number * 4);
                let [name, id] = ["durable name", "durable id"].map(|part| {
                    let start = start ^ hashed(&[part]);
                    RequestId::from_bits(mixed(start), mixed(start.wrapping_add(1)))
                });
                invocation.set_durable_execution(&name, &id);
            }
        }
        (
            state.record.log.open(invocation.clone(), counter),
            number + 1,
        )
    }

    /// Decides about a request that had to wait, because it arrived during a pause, or while an
    /// earlier request was still waiting.
    ///
    /// Ready with `None` if the fake is being dropped.
    pub(crate) fn poll_decide(
        &self,
        arrived: &Arrived,
        context: &mut Context<'_>,
    ) -> Poll<Option<Decision>> {
        let go = self.poll_turn(arrived.ticket, context);
        go.map(|go| {
            let decided = if go { self.decide(arrived) } else { None };
            self.edit(|state| state.leave_line(arrived.ticket));
            decided
        })
    }

    /// The decision about an attempt that had to wait for it; `None` if the fake is being dropped.
    pub(crate) fn decide(&self, arrived: &Arrived) -> Option<Decision> {
        let mut search = Search::default();
        let next = self.edit(|state| state.search(Subject::Attempt(arrived), &mut search));
        self.conclude(arrived, search, next)
    }

    /// Finishes a search that was begun under the lock; `None` if the fake is being dropped.
    pub(super) fn conclude(
        &self,
        arrived: &Arrived,
        search: Search,
        next: Next,
    ) -> Option<Decision> {
        let unanswered = match self.resume_search(Subject::Attempt(arrived), search, next) {
            Found::Decided(decision, _) => return Some(decision),
            Found::Gone => return None,
            Found::Unanswered(unanswered) => unanswered,
        };
        let Unanswered {
            why,
            outcome,
            finding,
        } = *unanswered;
        let kept = outcome.clone();
        self.edit(|state| {
            if state.intake.is_closed() {
                return None;
            }
            if why == Why::Unscripted {
                state.record.log.unscripted(arrived.ticket);
            }
            if arrived.invocation.is_badly_signed() {
                state.record.refused_signatures += 1;
            }
            state.record.log.decided(arrived.ticket, kept, false);
            if let Some(finding) = finding {
                state.record.findings.add(finding);
            }
            Some(Decision::Send(outcome))
        })
    }

    /// Records the end of an attempt: the last byte of its reply was sent, or the connection ended
    /// before that. An `at` of `None` means now.
    pub(crate) fn finished(&self, ticket: Ticket, progress: Progress, at: Option<Instant>) {
        self.edit(|state| {
            state.leave_line(ticket);
            // No attempt is decided between the last byte and this point, because the thread that
            // decides attempts also sends that byte and comes here without waiting in between. A
            // function that continues without its client keeps its slot.
            if state.behavior.constraints.has_executions() && !state.record.log.is_running(ticket) {
                state.leave(ticket);
                state.wake_runner();
            }
            // A connection that the drop itself closed is not one that its client closed.
            if !(state.intake.is_closed() && progress != Progress::Answered) {
                state.record.log.finished(ticket, progress, at);
            }
        });
    }

    /// Returns `true` if the function of an attempt was started and has not ended, whether or not
    /// its client is still connected.
    pub(crate) fn is_running(&self, ticket: Ticket) -> bool {
        self.read(|state| state.record.log.is_running(ticket))
    }

    /// Records bytes that are not a complete and valid HTTP request; the server answers them
    /// according to their validity.
    pub(crate) fn refuse(&self, invocation: Invocation) {
        let headline = ShortHeadline(&invocation).to_string();
        self.edit(|state| {
            if state.intake.is_closed() {
                return;
            }
            let status = match invocation.validity() {
                Validity::Malformed { status, why } => Some((*status, why.clone())),
                Validity::Incomplete { .. } => None,
                Validity::Valid | Validity::Refused { .. } => {
                    unreachable!("a complete request arrives")
                }
            };
            let ticket = state.record.log.open(invocation, None);
            match status {
                Some((status, why)) => {
                    let outcome = Outcome::of(OutcomeKind::Http {
                        status,
                        body: "".into(),
                    });
                    state.record.log.decided(ticket, outcome, false);
                    state.record.log.finished(ticket, Progress::Answered, None);
                    let answer = format!("{status} ({why})");
                    state.record.findings.add(Finding::Malformed {
                        call: ticket.call,
                        headline,
                        answer,
                    });
                }
                None => {
                    state.record.log.finished(ticket, Progress::Abandoned, None);
                }
            }
        });
    }

    /// Records a request that gets a fault before any decision: no rule is evaluated and no step
    /// consumed.
    pub(crate) fn record_fault(&self, mut invocation: Invocation, fault: Fault) {
        self.edit(|state| {
            if state.intake.is_closed() {
                return;
            }
            let (ticket, _) = self.register(state, &mut invocation);
            state
                .record
                .log
                .decided(ticket, Outcome::fault_alone(fault), false);
            state.record.log.finished(ticket, Progress::Answered, None);
        });
    }

    /// A lower-case UUID that depends on the seed, the target (or else the path) and the number.
    pub(super) fn request_id(&self, invocation: &Invocation, number: u64) -> RequestId {
        let start = self.seed_of(invocation);
        RequestId::from_bits(
            mixed(start.wrapping_add(number * 2)),
            mixed(start.wrapping_add(number * 2 + 1)),
        )
    }

    /// A number from 0 to 1 for the choice among an alias's versions. It depends on the seed, the
    /// target and the number of the attempt.
    pub(super) fn version_share(&self, invocation: &Invocation, number: u64) -> f64 {
        share(mixed(!self.seed_of(invocation).wrapping_add(number)))
    }

    fn seed_of(&self, invocation: &Invocation) -> u64 {
        let name = match invocation.target() {
            Some(target) => {
                let qualifier = target.qualifier.as_deref().unwrap_or_default();
                let (region, account) = (invocation.region(), invocation.account());
                match invocation.is_elsewhere() {
                    false => hashed(&[&target.name, qualifier]),
                    true => hashed(&[&target.name, qualifier, region, account]),
                }
            }
            None => hashed(&[invocation.path_and_query()]),
        };
        name ^ mixed(self.config.seed)
    }
}
