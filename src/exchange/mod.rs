//! The narrow waist: every engine brings its requests here and gets what to do about them.
//!
//! One mutex over rules and journal. On a request's way it is held for microseconds; it is never held across an await, and never while
//! code of the test runs: conditions, handlers, their drops, and the printing of the test's values happen outside it.

mod accept;
mod admission;
mod chaos;
mod config;
mod decide;
mod events;
mod faults;
mod handlers;
mod ids;
mod instead;
mod journal;
mod log_tail;
mod misses;
mod panics;
mod pump;
mod reach;
mod run;
mod runs;
mod search;
mod subject;
mod unanswered;
mod verify;

pub(crate) use self::config::Config;
pub(crate) use self::panics::panic_text;
pub(crate) use self::run::{Pending, Run};
use self::search::{Next, Search};
pub(crate) use self::subject::Subject;

use std::collections::VecDeque;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::aws::versions::Versions;
use crate::behavior::chaos::ChaosSet;
use crate::behavior::constraints::{Constraints, Setting};
use crate::behavior::environments::Environments;
use crate::behavior::events::Events;
use crate::behavior::rules::Rules;
use crate::ground::location::Location;
use crate::record::finding::Finding;
use crate::record::journal::{Headline, Log, Progress, Ticket};
use crate::reply::outcome::{Outcome, OutcomeKind, Todo};
use crate::reply::reply::Reply;
use crate::request::invocation::{Defaults, Invocation, Meaning};

/// The most findings kept one by one; a fake in a loop of bad requests has told enough by then.
const MAX_FINDINGS: usize = 100;

/// Rules, journal and what verification will say, for one fake.
pub(crate) struct Exchange {
    pub(crate) config: Config,
    state: Mutex<State>,
    /// The handler being polled right now, which is what blocks the fake's thread if anything does.
    polled: Mutex<Option<Location>>,
}

/// Everything behind the mutex.
pub(crate) struct State {
    pub(crate) rules: Rules,
    pub(crate) log: Log,
    pub(crate) versions: Versions,
    pub(crate) chaos: ChaosSet,
    /// What a request of the service's own leaves out.
    defaults: Defaults,
    pub(crate) constraints: Constraints,
    environments: Environments,
    findings: Vec<Finding>,
    more_findings: u64,
    pauses: usize,
    /// What arrived during a pause and is not decided yet, in order: a later request must not take its step.
    held: VecDeque<Ticket>,
    frozen: bool,
    pub(crate) events: Events<Pending>,
    /// Events whose first execution takes more than the lock.
    ready: VecDeque<Run>,
    /// Wakes whoever runs events.
    pump: Option<Waker>,
    /// Where the handlers of accepted events that still run were written.
    late_handlers: Vec<Location>,
    /// Whoever waits for the next change.
    wakers: Vec<Waker>,
}

/// A request that has its place in the journal.
pub(crate) struct Arrived {
    pub(crate) ticket: Ticket,
    pub(crate) invocation: Invocation,
    /// Its number among the attempts at its target, from 1.
    pub(crate) number: u64,
    /// What to do, where that needed no question to a condition.
    pub(crate) todo: Option<Todo>,
}

impl Exchange {
    pub(crate) fn new(config: Config) -> Self {
        let log = Log::new(config.limits);
        let events = Events::new(config.event_limits(), config.runs_events);
        let defaults = config.defaults.clone();
        let (region, account) = (defaults.region.clone(), defaults.account.clone());
        Self {
            config,
            state: Mutex::new(State {
                rules: Rules::default(),
                log,
                versions: Versions::default(),
                chaos: ChaosSet::new(region, account),
                defaults,
                constraints: Constraints::default(),
                environments: Environments::default(),
                findings: Vec::new(),
                more_findings: 0,
                pauses: 0,
                held: VecDeque::new(),
                frozen: false,
                events,
                ready: VecDeque::new(),
                pump: None,
                late_handlers: Vec::new(),
                wakers: Vec::new(),
            }),
            polled: Mutex::new(None),
        }
    }

    /// Reads and edits the state at one moment; whoever waits for a change is woken.
    pub(crate) fn edit<T>(&self, edit: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let result = edit(&mut state);
        let wakers = mem::take(&mut state.wakers);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        result
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.lock())
    }

    /// Ready when `answer` finds something in the state; otherwise the waker is kept for the next change.
    pub(crate) fn poll_until<T>(
        &self,
        context: &mut Context<'_>,
        answer: impl FnOnce(&State) -> Option<T>,
    ) -> Poll<T> {
        let mut state = self.lock();
        match answer(&state) {
            Some(found) => Poll::Ready(found),
            None => {
                if !state
                    .wakers
                    .iter()
                    .any(|waker| waker.will_wake(context.waker()))
                {
                    state.wakers.push(context.waker().clone());
                }
                Poll::Pending
            }
        }
    }

    /// Enters a request into the journal and, unless that has to wait, decides about it.
    ///
    /// `None` when the fake is going away: nothing is decided any more.
    pub(crate) fn arrive(&self, invocation: Invocation) -> Option<Arrived> {
        let mut arrived = Arrived::new(invocation);
        let mut search = Search::default();
        let next = self.edit(|state| {
            if state.frozen {
                return Some(Next::Gone);
            }
            (arrived.ticket, arrived.number) = self.enter(state, &mut arrived.invocation);
            if state.pauses > 0 || !state.held.is_empty() {
                state.held.push_back(arrived.ticket);
                return None;
            }
            Some(state.search(Subject::Attempt(&arrived), &mut search))
        });
        match next {
            None => {}
            Some(Next::Decided(todo, _)) => arrived.todo = Some(todo),
            Some(Next::Gone) => return None,
            Some(next) => arrived.todo = Some(self.conclude(&arrived, search, next)?),
        }
        Some(arrived)
    }

    /// Gives a request its place in the journal, its id and its version; and says the how-manieth it is for its target, from 1.
    fn enter(&self, state: &mut State, invocation: &mut Invocation) -> (Ticket, u64) {
        let (counter, number) = match invocation.target() {
            Some(target) => {
                let (counter, number) = state.log.counters.counter_of(target);
                (Some(counter), number)
            }
            None => (None, state.log.counters.total().attempts),
        };
        invocation.give_request_id(self.request_id(invocation, number));
        if let Some(target) = invocation.target() {
            let resolved = state
                .versions
                .resolve(target, || self.share(invocation, number));
            invocation.give_version(resolved);
        }
        (state.log.open(invocation.clone(), counter), number + 1)
    }

    /// Decides about a request whose rules have conditions, or that arrived while the rules were being changed.
    ///
    /// Ready with `None` when the fake is going away.
    pub(crate) fn poll_decide(
        &self,
        arrived: &Arrived,
        context: &mut Context<'_>,
    ) -> Poll<Option<Todo>> {
        let go = self.poll_until(context, |state| match state.frozen {
            true => Some(false),
            false => (state.pauses == 0
                && state
                    .held
                    .front()
                    .is_none_or(|first| *first == arrived.ticket))
            .then_some(true),
        });
        go.map(|go| {
            let decided = if go { self.decide(arrived) } else { None };
            self.edit(|state| state.held.retain(|held| *held != arrived.ticket));
            decided
        })
    }

    /// What of a reply this fake's server cannot do.
    pub(crate) fn beyond_server(&self, reply: &Reply) -> Option<String> {
        match self.config.is_mounted {
            true => reply.beyond_http(),
            false => None,
        }
    }

    /// What of a constraint this fake's server cannot do.
    pub(crate) fn beyond_server_of(&self, setting: Setting) -> Option<&'static str> {
        match self.config.is_mounted {
            true => setting.beyond_http(),
            false => None,
        }
    }

    /// Notes that the last byte of a reply has left, or that the client left before it.
    pub(crate) fn finished(&self, ticket: Ticket, progress: Progress) {
        self.edit(|state| {
            state.held.retain(|held| *held != ticket);
            // No attempt is decided between the last byte and this: one thread does both, and does not wait in between.
            if state.constraints.has_executions() {
                state.leave(ticket);
                state.wake_pump();
            }
            // A connection that the drop itself closed is not one that its client left.
            if !(state.frozen && progress != Progress::Answered) {
                state.log.finished(ticket, progress);
            }
        });
    }

    /// Enters bytes that are no whole request; the server answers them as their meaning says.
    pub(crate) fn refuse(&self, invocation: Invocation) {
        let headline = Headline(&invocation).to_string();
        self.edit(|state| {
            if state.frozen {
                return;
            }
            let status = match invocation.meaning() {
                Meaning::Malformed { status, why } => Some((*status, why.clone())),
                _ => None,
            };
            let ticket = state.log.open(invocation, None);
            match status {
                Some((status, why)) => {
                    let outcome = Outcome::of(OutcomeKind::Http {
                        status,
                        body: "".into(),
                    });
                    state.log.decided(ticket, outcome, false);
                    state.log.finished(ticket, Progress::Answered);
                    let answer = format!("{status} ({why})");
                    state.find(Finding::Malformed {
                        call: ticket.call,
                        headline,
                        answer,
                    });
                }
                None => state.log.finished(ticket, Progress::Abandoned),
            }
        });
    }

    /// Stops deciding: no request is answered from now on.
    pub(crate) fn freeze(&self) {
        self.edit(|state| {
            state.frozen = true;
            state.wake_pump();
        });
    }

    pub(crate) fn pause(&self) {
        self.edit(|state| state.pauses += 1);
    }

    pub(crate) fn resume(&self) {
        self.edit(|state| {
            state.pauses -= 1;
            state.wake_pump();
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock is held would be this crate's; a neighbour's test must not fail for it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arrived {
    fn new(invocation: Invocation) -> Self {
        Self {
            ticket: Ticket::default(),
            invocation,
            number: 0,
            todo: None,
        }
    }

    /// The same request, for a task that outlives its connection.
    pub(crate) fn again(&self) -> Self {
        Self {
            ticket: self.ticket,
            invocation: self.invocation.clone(),
            number: self.number,
            todo: None,
        }
    }
}

impl State {
    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// Keeps a finding unless a retry has told it before.
    fn find(&mut self, finding: Finding) {
        if self.findings.iter().any(|known| known.is_same(&finding)) {
            return;
        }
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        } else {
            self.more_findings += 1;
        }
    }
}
