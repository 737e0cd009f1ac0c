//! Holding replies back without a sleep.
//!
//! A gate belongs to the test and to no fake: several rules, and several fakes, may hold replies at one.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::ground::location::Location;

/// How many arrivals a gate can name.
const MAX_NAMED: usize = 10;

/// Holds replies back until the test opens it.
///
/// Cheap to clone; every clone is the same gate. When the last one outside scripts is dropped the gate opens, so that nothing is held
/// for ever, and the journal says so at each reply it held.
///
/// ```
/// use fake_lambda::{FakeLambda, Gate, Reply, sdk_client};
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let lambda = FakeLambda::start();
/// let gate = Gate::new();
/// lambda.on("resize").reply(Reply::json(json!({"ok": true})).hold(&gate));
/// let client = sdk_client!(aws_sdk_lambda, lambda);
/// let call = tokio::spawn(client.invoke().function_name("resize").send());
/// gate.reached(1).await; // the request is there, and waits
/// gate.open();
/// assert!(call.await.unwrap().is_ok());
/// # }
/// ```
#[derive(Clone)]
pub struct Gate {
    pub(crate) shared: Arc<SharedGate>,
    _owner: Arc<Owner>,
}

/// Opens the gate when the last handle of the test is gone.
struct Owner(Arc<SharedGate>);

/// What the gate and the replies it holds have in common.
pub(crate) struct SharedGate {
    made_at: Location,
    /// Whether any reply was ever to be held here.
    used: AtomicBool,
    state: Mutex<GateState>,
}

#[derive(Default)]
struct GateState {
    open: bool,
    /// EventParty could open it any more, so it opened.
    abandoned: bool,
    /// How many may go on without being held, one by one.
    passes: usize,
    arrivals: u64,
    /// What the first arrivals were.
    named: Vec<String>,
    /// Who is held, oldest first; without a waker once it may go on.
    held: VecDeque<(u64, Option<Waker>)>,
    /// Whoever waits for arrivals.
    waiting: Vec<Waker>,
}

/// A reply being held; ready with whether the gate opened because nobody could open it any more.
pub(crate) struct Holding<'a> {
    shared: &'a SharedGate,
    what: Option<String>,
    number: Option<u64>,
}

impl Gate {
    /// A closed gate, which names this line in the text of a missed deadline.
    #[track_caller]
    #[expect(
        clippy::new_without_default,
        reason = "a gate names the line that made it"
    )]
    pub fn new() -> Self {
        let shared = Arc::new(SharedGate {
            made_at: Location::here(),
            used: AtomicBool::new(false),
            state: Mutex::default(),
        });
        Self {
            _owner: Arc::new(Owner(shared.clone())),
            shared,
        }
    }

    /// Lets everything through from now on; what is held goes on at once.
    pub fn open(&self) {
        self.shared.edit(|state| state.open = true);
    }

    /// Lets the oldest held reply through, or the next one to come if none is held.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Gate, Reply, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let gate = Gate::new();
    /// lambda.on("resize").reply(Reply::json(json!({"ok": true})).hold(&gate));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let call = || tokio::spawn(client.invoke().function_name("resize").send());
    /// let (first, second) = (call(), call());
    /// gate.reached(2).await;
    /// gate.open_one();
    /// lambda.wait_for_attempts(1).await; // one of the two is answered, the other one waits
    /// gate.open_one();
    /// assert!(first.await.unwrap().is_ok() && second.await.unwrap().is_ok());
    /// # }
    /// ```
    pub fn open_one(&self) {
        self.shared.edit(GateState::let_one_through);
    }
}

impl SharedGate {
    pub(crate) fn made_at(&self) -> &Location {
        &self.made_at
    }

    /// Notes that a reply is to be held here.
    pub(crate) fn note_use(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// Whether any reply was ever to be held here.
    pub(crate) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// Waits here until the gate lets this reply through; `what` names it in the text of a missed deadline.
    pub(crate) fn hold(&self, what: String) -> Holding<'_> {
        Holding {
            shared: self,
            what: Some(what),
            number: None,
        }
    }

    /// How many have come, and what the first of them were; a waker is woken when more come.
    pub(crate) fn arrivals(&self, waker: Option<&Waker>) -> (u64, Vec<String>) {
        let mut state = self.lock();
        if let Some(waker) = waker {
            if !state.waiting.iter().any(|known| known.will_wake(waker)) {
                state.waiting.push(waker.clone());
            }
        }
        (state.arrivals, state.named.clone())
    }

    fn edit(&self, edit: impl FnOnce(&mut GateState)) {
        let mut state = self.lock();
        edit(&mut state);
        let mut wakers = mem::take(&mut state.waiting);
        if state.open {
            wakers.extend(state.held.iter_mut().filter_map(|(_, waker)| waker.take()));
        }
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, GateState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GateState {
    fn let_one_through(&mut self) {
        let oldest = self.held.iter_mut().find(|(_, waker)| waker.is_some());
        match oldest.and_then(|(_, waker)| waker.take()) {
            Some(waker) => self.waiting.push(waker),
            None => self.passes += 1,
        }
    }

    fn index_of(&self, number: u64) -> usize {
        self.held
            .iter()
            .position(|(held, _)| *held == number)
            .expect("a reply that is held stays in the list until it goes")
    }
}

impl Future for Holding<'_> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        let shared = self.shared;
        let what = self.what.take();
        let mut poll = Poll::Pending;
        let known = self.number;
        let mut number = None;
        let step = |state: &mut GateState| {
            if let Some(what) = what {
                state.arrivals += 1;
                if state.named.len() < MAX_NAMED {
                    state.named.push(what);
                }
            }
            if state.open {
                if let Some(known) = known {
                    let index = state.index_of(known);
                    state.held.remove(index);
                }
                poll = Poll::Ready(state.abandoned);
                return;
            }
            match known {
                None if state.passes > 0 => {
                    state.passes -= 1;
                    poll = Poll::Ready(false);
                }
                None => {
                    state
                        .held
                        .push_back((state.arrivals, Some(context.waker().clone())));
                    number = Some(state.arrivals);
                }
                Some(known) => {
                    let index = state.index_of(known);
                    match &mut state.held[index].1 {
                        Some(waker) => {
                            waker.clone_from(context.waker());
                            number = Some(known);
                        }
                        None => {
                            state.held.remove(index);
                            poll = Poll::Ready(false);
                        }
                    }
                }
            }
        };
        match known {
            // An arrival is news for whoever waits for one.
            None => shared.edit(step),
            Some(_) => step(&mut shared.lock()),
        }
        self.number = number;
        poll
    }
}

impl Drop for Holding<'_> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let mut gone = None;
        self.shared.edit(|state| {
            let index = state.index_of(number);
            gone = state.held.remove(index);
            // It was let through and left before it went: the next one goes instead.
            if !state.open && matches!(gone, Some((_, None))) {
                state.let_one_through();
            }
        });
        // A waker is foreign code: it must not find the lock taken, so it goes here.
        drop(gone);
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.edit(|state| {
            state.abandoned = !state.open;
            state.open = true;
        });
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

impl fmt::Debug for SharedGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Gate")
            .field("made_at", &format_args!("{}", self.made_at))
            .field("open", &state.open)
            .field("held", &state.held.len())
            .finish()
    }
}

#[cfg(test)]
mod tests;
