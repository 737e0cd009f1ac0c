//! Waits as values: await one on any executor, or block where there is none.
//!
//! The deadline is kept by one timer thread of the process, never by the fake's own thread, which a handler may have blocked.

mod gate;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::exchange::{Exchange, State};
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::ground::timer;
use crate::record::journal::Journal;
use crate::record::report::{self, Shortfall};

/// How long a wait lasts unless [`within`](Wait::within) says otherwise.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// What stands for a deadline too far off to be a moment.
const FAR_OFF: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// Waits for something to happen at the fake: `.await` it on any executor, or [`block`](Self::block) where there is none.
///
/// The deadline is 5 s from the moment the wait begins, or what [`within`](Self::within) says; a missed one panics with the journal.
/// Under tokio's paused clock nothing changes: the deadline is real time.
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
    /// Set by the first poll.
    deadline: Option<Instant>,
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

    /// The same for a question that runs the test's own code: it is asked outside the lock.
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
            deadline: None,
        }
    }

    /// Waits at most this long instead of 5 s.
    pub fn within(mut self, length: Duration) -> Self {
        self.length = length;
        self
    }

    /// Blocks this thread until it happens.
    ///
    /// # Panics
    ///
    /// At this line when the deadline passes; and at once inside a current-thread tokio runtime, where the client could not run
    /// while this thread is blocked: `.await` the wait there. Inside `spawn_blocking` of such a runtime, where it could,
    /// use `Handle::current().block_on(wait)`.
    #[track_caller]
    pub fn block(mut self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            assert!(
                runtime.runtime_flavor() != tokio::runtime::RuntimeFlavor::CurrentThread,
                "{}",
                Message::new(
                    "`.block()` inside a current-thread runtime stops the client from running",
                    "`.await` this wait instead",
                )
            );
        }
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let deadline = self.deadline();
        while self.source.poll(&mut context).is_pending() {
            let now = Instant::now();
            if now >= deadline || self.source.is_hopeless() {
                self.fail();
            }
            thread::park_timeout(deadline - now);
        }
    }

    fn deadline(&mut self) -> Instant {
        *self.deadline.get_or_insert_with(|| {
            let now = Instant::now();
            now.checked_add(self.length).unwrap_or(now + FAR_OFF)
        })
    }

    #[track_caller]
    fn fail(&self) -> ! {
        let (missing, journal) = self.source.seen();
        let report = report::late(
            &self.what,
            self.length,
            missing.unwrap_or_else(Shortfall::too_late),
            self.source.is_hopeless(),
            &self.made_at,
            journal.as_ref(),
        );
        self.source
            .prints_journal(report.journal().unwrap_or_default());
        panic!("{report}")
    }
}

impl Future for Wait {
    type Output = ();

    // Directly awaited, this is called from the line of the `.await`, so that is where a missed deadline panics.
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline();
        if self.source.poll(context).is_ready() {
            return Poll::Ready(());
        }
        if Instant::now() >= deadline || self.source.is_hopeless() {
            self.fail();
        }
        // A later poll may come with another waker, so each one tells the timer.
        timer::wake_at(deadline, context.waker());
        Poll::Pending
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

/// What a wait looks at.
trait Watched: Send + Sync {
    /// Ready once it holds; otherwise the waker is kept for the next change.
    fn poll(&self, context: &mut Context<'_>) -> Poll<()>;

    /// Whether nothing more will happen.
    fn is_hopeless(&self) -> bool;

    /// What is still missing, if anything is, and what came.
    fn seen(&self) -> (Option<Shortfall>, Option<Journal>);

    /// Notes what a panic is about to print of the journal.
    fn prints_journal(&self, journal: &str);
}

/// A wait for something in the state of one fake.
struct OnExchange<D, F> {
    exchange: Arc<Exchange>,
    is_done: D,
    /// What keeps it from being done.
    missing: F,
}

impl<D, F> Watched for OnExchange<D, F>
where
    D: Fn(&State) -> bool + Send + Sync,
    F: Fn(&State) -> Shortfall + Send + Sync,
{
    fn poll(&self, context: &mut Context<'_>) -> Poll<()> {
        self.exchange
            .poll_until(context, |state| (self.is_done)(state).then_some(()))
    }

    /// Once the fake is dropped, that is.
    fn is_hopeless(&self) -> bool {
        self.exchange.read(|state| state.intake.is_closed())
    }

    fn seen(&self) -> (Option<Shortfall>, Option<Journal>) {
        self.exchange.read(|state| {
            let missing = (!(self.is_done)(state)).then(|| (self.missing)(state));
            (missing, Some(state.journal()))
        })
    }

    fn prints_journal(&self, journal: &str) {
        self.exchange.prints_journal(journal);
    }
}

/// The same for what runs the test's own code.
struct OutsideTheLock<F> {
    exchange: Arc<Exchange>,
    missing: F,
}

impl<F: Fn(&Exchange) -> Option<Shortfall> + Send + Sync> Watched for OutsideTheLock<F> {
    fn poll(&self, context: &mut Context<'_>) -> Poll<()> {
        // First, so that no change is missed while the question is asked.
        let _ = self.exchange.poll_until(context, |_| None::<()>);
        match (self.missing)(&self.exchange) {
            None => Poll::Ready(()),
            Some(_) => Poll::Pending,
        }
    }

    fn is_hopeless(&self) -> bool {
        self.exchange.read(|state| state.intake.is_closed())
    }

    fn prints_journal(&self, journal: &str) {
        self.exchange.prints_journal(journal);
    }

    fn seen(&self) -> (Option<Shortfall>, Option<Journal>) {
        let missing = (self.missing)(&self.exchange);
        (missing, Some(self.exchange.read(|state| state.journal())))
    }
}

/// Blocks this thread until the state is so, and at most this long.
pub(crate) fn wait_at_most(exchange: &Exchange, length: Duration, is_so: impl Fn(&State) -> bool) {
    if exchange.read(&is_so) {
        return;
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let deadline = Instant::now() + length;
    let poll = |context: &mut Context<'_>| {
        exchange.poll_until(context, |state| is_so(state).then_some(()))
    };
    while poll(&mut context).is_pending() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::park_timeout(left);
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
