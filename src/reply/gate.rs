//! Gates hold replies back without a sleep.
//!
//! A gate belongs to the test, not to a fake: several rules and several fakes can hold replies at
//! the same gate.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::ground::location::Location;
use crate::ground::panics;
use crate::ground::unpolled::UnpolledWaits;
use crate::ground::wakers::{WaiterId, Wakers};

/// The most arrivals that a gate names.
const MAX_NAMED: usize = 10;

/// Holds replies back until the test opens it.
///
/// Cheap to clone; all clones are the same gate. When the last clone outside of scripts is dropped,
/// the gate opens, so that no reply is held forever, and the journal notes this at each reply that
/// the gate held then or that reaches it later.
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
/// gate.reached(1).await; // the request has arrived, and waits
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

/// The state that the gate shares with the replies it holds.
pub(crate) struct SharedGate {
    made_at: Location,
    /// Whether any reply was ever scripted to be held here.
    used: AtomicBool,
    state: Mutex<GateState>,
}

#[derive(Default)]
struct GateState {
    open: bool,
    /// The last handle was dropped, so the gate opened.
    abandoned: bool,
    /// How many replies can pass one by one without being held.
    passes: usize,
    arrivals: u64,
    /// Descriptions of the first arrivals.
    named: Vec<String>,
    /// The held replies, oldest first; without a waker once a reply can continue.
    held: VecDeque<(u64, Option<Waker>)>,
    /// The wakers of the waits for arrivals.
    waiting: Wakers,
    /// The waits for arrivals that were dropped before their first poll.
    unpolled: UnpolledWaits,
}

/// A reply being held. Its output is `true` if the gate opened because its last handle was dropped.
pub(crate) struct Holding<'a> {
    shared: &'a SharedGate,
    what: Option<String>,
    number: Option<u64>,
}

impl Gate {
    /// Creates a closed gate. If [`reached`](Self::reached) misses its deadline, its message names
    /// the line of this call.
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

    /// Opens the gate permanently; held replies continue immediately.
    pub fn open(&self) {
        self.shared.edit(|state| state.open = true);
    }

    /// Lets the oldest held reply through, or the next one to arrive if none is held.
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
    /// lambda.wait_for_attempts(1).await; // one of the two is answered, the other waits
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

    /// Records that a reply is scripted to be held here.
    pub(crate) fn note_use(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// Returns `true` if any reply was ever scripted to be held here.
    pub(crate) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// Changes or takes the waits for arrivals that were dropped before their first poll.
    pub(crate) fn unpolled<T>(&self, with: impl FnOnce(&mut UnpolledWaits) -> T) -> T {
        with(&mut self.lock().unpolled)
    }

    /// Waits until the gate lets this reply through; `what` names it in the message of a missed
    /// deadline.
    pub(crate) fn hold(&self, what: String) -> Holding<'_> {
        Holding {
            shared: self,
            what: Some(what),
            number: None,
        }
    }

    /// The number of arrivals, and descriptions of the first ones.
    pub(crate) fn arrivals(&self) -> (u64, Vec<String>) {
        let state = self.lock();
        (state.arrivals, state.named.clone())
    }

    /// Returns `Ready` once this many replies have arrived; until then it keeps the waker for the
    /// next arrival, unless the waiter is [forgotten](Self::forget).
    pub(crate) fn poll_arrivals(&self, times: u64, waiter: WaiterId, waker: &Waker) -> Poll<()> {
        let mut state = self.lock();
        if state.arrivals >= times {
            return Poll::Ready(());
        }
        let replaced = state.waiting.add_for(waiter, waker);
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// Removes the waker of a waiter.
    pub(crate) fn forget(&self, waiter: WaiterId) {
        let waker = self.lock().waiting.remove(waiter);
        drop(waker);
    }

    fn edit(&self, edit: impl FnOnce(&mut GateState)) {
        let mut state = self.lock();
        edit(&mut state);
        Self::changed(state);
    }

    /// Ends an edit.
    fn changed(mut state: MutexGuard<'_, GateState>) {
        let mut wakers = state.waiting.take();
        if state.open {
            wakers.extend(state.held.iter_mut().filter_map(|(_, waker)| waker.take()));
        }
        drop(state);
        panics::for_each(wakers, Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, GateState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GateState {
    fn let_one_through(&mut self) {
        let oldest = self.held.iter_mut().find(|(_, waker)| waker.is_some());
        match oldest.and_then(|(_, waker)| waker.take()) {
            Some(waker) => self.waiting.add(&waker),
            None => self.passes += 1,
        }
    }

    fn index_of(&self, number: u64) -> usize {
        self.held
            .iter()
            .position(|(held, _)| *held == number)
            .expect("a held reply stays in the list until it continues or is dropped")
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
            // A new arrival wakes the tasks that wait for one.
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
            // This reply was let through but dropped before it continued, so the next one continues
            // instead.
            if !state.open && matches!(gone, Some((_, None))) {
                state.let_one_through();
            }
        });
        // A waker is foreign code, so it is dropped here, after the lock is released.
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
