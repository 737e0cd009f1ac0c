//! Waits as values: await one on any executor, or block without one.
//!
//! One timer thread of the process keeps the deadlines of awaited waits, not the fake's own thread,
//! which a handler can block.

mod gate;

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::exchange::{Exchange, State};
#[cfg(feature = "in-memory")]
use crate::ground::awaited::Awaited;
use crate::ground::blocking::may_block;
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::ground::timer::Alarm;
use crate::ground::unpolled::UnpolledWait;
use crate::ground::wakers::WaiterId;
use crate::record::journal::Journal;
use crate::record::report::{self, Shortfall};

/// The default deadline of a wait; [`within`](Wait::within) changes it.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// Replaces a deadline too far in the future to be represented.
const FAR_OFF: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// Waits for something to happen at the fake: `.await` it on any executor, or call
/// [`block`](Self::block) without one.
///
/// A wait begins with its first poll and does nothing before that. The deadline is 5 s from then,
/// or the argument of [`within`](Self::within). If the deadline passes or the fake is dropped, the
/// wait panics with a message that contains the journal. A wait at a [`Gate`](crate::Gate) panics
/// only at its deadline, and its message lists replies that reached the gate. The deadline is in
/// real time, even under tokio's paused clock.
///
/// Verification reports a wait that was dropped before its first poll, as in
/// `let _ = lambda.settle_events();`, unless another wait of the same line was polled, as in a loop
/// with `select!`. In a single `select!` whose other branch is ready immediately, make the wait the
/// first branch, after `biased;`.
///
/// ```
/// use fake_lambda::FakeLambda;
/// use std::time::Duration;
///
/// let lambda = FakeLambda::start();
/// lambda.wait_until_idle().within(Duration::from_secs(1)).block();
/// ```
#[must_use = "a wait waits only when it is awaited or `.block()`ed on"]
pub struct Wait {
    source: Box<dyn Watched>,
    what: String,
    made_at: Location,
    length: Duration,
    /// The action of the first poll; `None` for a wait that only observes.
    begin: Option<Box<dyn FnOnce() + Send + Sync>>,
    /// Set by the first poll.
    deadline: Option<Instant>,
    id: WaiterId,
    alarm: Alarm,
    /// From the first poll that is not the last until the last.
    #[cfg(feature = "in-memory")]
    awaited: Option<Awaited>,
}

impl Wait {
    #[track_caller]
    pub(crate) fn new(
        exchange: Arc<Exchange>,
        what: String,
        is_done: impl Fn(&State) -> bool + Send + Sync + 'static,
        missing: impl Fn(&State) -> Shortfall + Send + Sync + 'static,
    ) -> Self {
        let source = OnExchange {
            exchange,
            is_done,
            missing,
        };
        Self::on(Box::new(source), what)
    }

    /// A wait whose check runs user code, which must happen outside the lock.
    #[track_caller]
    pub(crate) fn outside_the_lock(
        exchange: Arc<Exchange>,
        what: String,
        missing: impl Fn(&Exchange) -> Option<Shortfall> + Send + Sync + 'static,
    ) -> Self {
        Self::on(Box::new(OutsideTheLock { exchange, missing }), what)
    }

    #[track_caller]
    fn on(source: Box<dyn Watched>, what: String) -> Self {
        Self {
            source,
            what,
            made_at: Location::here(),
            length: DEFAULT_DEADLINE,
            begin: None,
            deadline: None,
            id: WaiterId::new(),
            alarm: Alarm::default(),
            #[cfg(feature = "in-memory")]
            awaited: None,
        }
    }

    /// Adds an action for the first poll.
    pub(crate) fn beginning_with(mut self, begin: impl FnOnce() + Send + Sync + 'static) -> Self {
        self.begin = Some(Box::new(begin));
        self
    }

    /// Waits at most this long instead of 5 s.
    pub fn within(mut self, length: Duration) -> Self {
        self.length = length;
        self
    }

    /// Blocks this thread until the wait ends.
    ///
    /// # Panics
    ///
    /// Panics if the deadline passes or the fake is dropped. Also panics, immediately, in a task of
    /// a current-thread tokio runtime, because the client could not run while this thread is
    /// blocked: `.await` the wait there.
    #[track_caller]
    pub fn block(mut self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            assert!(
                runtime.runtime_flavor() != tokio::runtime::RuntimeFlavor::CurrentThread
                    || may_block(),
                "{}",
                Message::new(
                    "`.block()` inside a current-thread runtime stops the client from running",
                    "`.await` this wait instead",
                )
            );
        }
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let deadline = self.begin();
        while self.source.poll(self.id, &mut context).is_pending() {
            let now = Instant::now();
            if now >= deadline || self.source.is_hopeless() {
                self.fail();
            }
            thread::park_timeout(deadline - now);
        }
    }

    /// Begins the wait unless it has begun, and returns its deadline.
    fn begin(&mut self) -> Instant {
        if let Some(begin) = self.begin.take() {
            begin();
        }
        if self.deadline.is_none() {
            self.source.note_poll(&self.made_at);
        }
        *self.deadline.get_or_insert_with(|| {
            let now = Instant::now();
            now.checked_add(self.length).unwrap_or(now + FAR_OFF)
        })
    }

    #[track_caller]
    fn fail(&self) -> ! {
        let (missing, journal) = self.source.seen();
        let report = report::missed_deadline(
            &self.what,
            self.length,
            missing.unwrap_or_else(Shortfall::too_late),
            self.source.is_hopeless(),
            self.source.is_clock_paused(),
            &self.made_at,
            journal.as_ref(),
        );
        self.source
            .note_printed_journal(report.journal().unwrap_or_default());
        panic!("{report}")
    }
}

impl Future for Wait {
    type Output = ();

    // If awaited directly, this is called from the line of the `.await`, so a missed deadline
    // panics there.
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let deadline = self.begin();
        if self.source.poll(self.id, context).is_ready() {
            // The test can keep a wait that has ended.
            #[cfg(feature = "in-memory")]
            drop(self.awaited.take());
            return Poll::Ready(());
        }
        if Instant::now() >= deadline || self.source.is_hopeless() {
            self.fail();
        }
        #[cfg(feature = "in-memory")]
        self.awaited.get_or_insert_with(Awaited::begin);
        // A later poll can have another waker, so each one registers with the timer.
        self.alarm.set(deadline, context.waker());
        Poll::Pending
    }
}

/// A wait that never began is a mistake, unless a panic prevented it. One that has begun
/// leaves no waker behind.
impl Drop for Wait {
    fn drop(&mut self) {
        if self.deadline.is_some() {
            self.source.forget(self.id);
        }
        if self.deadline.is_none() && !thread::panicking() {
            self.source.dropped_unpolled(UnpolledWait {
                what: mem::take(&mut self.what),
                made_at: self.made_at.clone(),
            });
        }
    }
}

impl std::fmt::Debug for Wait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wait")
            .field("what", &self.what)
            .field("made_at", &self.made_at)
            .finish_non_exhaustive()
    }
}

/// The condition of a wait.
trait Watched: Send + Sync {
    /// Returns `Ready` if the condition is met; otherwise keeps the waker for the next change.
    fn poll(&self, waiter: WaiterId, context: &mut Context<'_>) -> Poll<()>;

    /// Drops the waker.
    fn forget(&self, waiter: WaiterId);

    /// Returns `true` if nothing more can happen.
    fn is_hopeless(&self) -> bool;

    /// Returns `true` if a paused clock can explain why the wait is late.
    fn is_clock_paused(&self) -> bool;

    /// The missing part, if there is one, and the journal so far.
    fn seen(&self) -> (Option<Shortfall>, Option<Journal>);

    /// Records the part of the journal that a panic is about to print.
    fn note_printed_journal(&self, journal: &str);

    /// Notes for verification that a wait of this line was polled.
    fn note_poll(&self, made_at: &Location);

    /// Notes for verification that the wait was dropped before its first poll.
    fn dropped_unpolled(&self, wait: UnpolledWait);
}

/// A wait for something in the state of one fake.
struct OnExchange<D, F> {
    exchange: Arc<Exchange>,
    is_done: D,
    /// The missing part.
    missing: F,
}

impl<D, F> Watched for OnExchange<D, F>
where
    D: Fn(&State) -> bool + Send + Sync,
    F: Fn(&State) -> Shortfall + Send + Sync,
{
    fn poll(&self, waiter: WaiterId, context: &mut Context<'_>) -> Poll<()> {
        let is_done = |state: &State| (self.is_done)(state).then_some(());
        self.exchange.poll_waiter(waiter, context, is_done)
    }

    fn forget(&self, waiter: WaiterId) {
        self.exchange.forget(waiter);
    }

    /// `true` once the fake is dropped.
    fn is_hopeless(&self) -> bool {
        self.exchange.read(|state| state.intake.is_closed())
    }

    fn is_clock_paused(&self) -> bool {
        self.exchange.config.is_clock_paused()
    }

    fn seen(&self) -> (Option<Shortfall>, Option<Journal>) {
        self.exchange.read(|state| {
            let missing = (!(self.is_done)(state)).then(|| (self.missing)(state));
            (missing, Some(state.journal()))
        })
    }

    fn note_printed_journal(&self, journal: &str) {
        self.exchange.note_printed_journal(journal);
    }

    fn note_poll(&self, made_at: &Location) {
        let waits = |state: &mut State| state.record.unpolled.note_poll(made_at);
        self.exchange.edit(waits);
    }

    fn dropped_unpolled(&self, wait: UnpolledWait) {
        let waits = |state: &mut State| state.record.unpolled.note_drop(wait);
        self.exchange.edit(waits);
    }
}

/// A wait whose condition runs user code, outside the lock.
struct OutsideTheLock<F> {
    exchange: Arc<Exchange>,
    missing: F,
}

impl<F: Fn(&Exchange) -> Option<Shortfall> + Send + Sync> Watched for OutsideTheLock<F> {
    fn poll(&self, waiter: WaiterId, context: &mut Context<'_>) -> Poll<()> {
        // First, so that no change is missed while the condition is evaluated.
        let _ = self.exchange.poll_waiter(waiter, context, |_| None::<()>);
        match (self.missing)(&self.exchange) {
            None => Poll::Ready(()),
            Some(_) => Poll::Pending,
        }
    }

    fn forget(&self, waiter: WaiterId) {
        self.exchange.forget(waiter);
    }

    fn is_hopeless(&self) -> bool {
        self.exchange.read(|state| state.intake.is_closed())
    }

    fn is_clock_paused(&self) -> bool {
        self.exchange.config.is_clock_paused()
    }

    fn note_printed_journal(&self, journal: &str) {
        self.exchange.note_printed_journal(journal);
    }

    fn note_poll(&self, made_at: &Location) {
        let waits = |state: &mut State| state.record.unpolled.note_poll(made_at);
        self.exchange.edit(waits);
    }

    fn dropped_unpolled(&self, wait: UnpolledWait) {
        let waits = |state: &mut State| state.record.unpolled.note_drop(wait);
        self.exchange.edit(waits);
    }

    fn seen(&self) -> (Option<Shortfall>, Option<Journal>) {
        let missing = (self.missing)(&self.exchange);
        (missing, Some(self.exchange.read(|state| state.journal())))
    }
}

/// Blocks this thread until the state satisfies `is_so`, but at most this long.
pub(crate) fn wait_at_most(exchange: &Exchange, length: Duration, is_so: impl Fn(&State) -> bool) {
    if exchange.read(&is_so) {
        return;
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let deadline = Instant::now() + length;
    let waiter = WaiterId::new();
    let poll = |context: &mut Context<'_>| {
        exchange.poll_waiter(waiter, context, |state| is_so(state).then_some(()))
    };
    while poll(&mut context).is_pending() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        thread::park_timeout(left);
    }
    exchange.forget(waiter);
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests;
