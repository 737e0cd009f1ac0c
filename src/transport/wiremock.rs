//! A transport that mounts the fake on a user's `wiremock::MockServer`.
//!
//! The server owns the sockets and answers one request at a time, under one lock. This module
//! passes its requests to the exchange and converts each decision to a `ResponseTemplate`. It
//! cannot detect that a client disconnects.

mod runner;
mod stream;
mod translate;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use wiremock::{Match, Mock, MockServer, Request, Respond, ResponseTemplate};

use self::runner::{Jobs, Runner};
use crate::exchange::{Arrived, Exchange, Subject};
use crate::ground::panics::{self, CaughtPanic};
use crate::record::journal::Progress;
use crate::reply::gate::SharedGate;
use crate::reply::outcome::{Decision, Outcome};
use crate::reply::reply::{Failure, Handler, Reply};
use crate::reply::response::{Envelope, Response};
use crate::request::operation::Requested;
use crate::transport::deadline::Deadline;
use crate::transport::drive::{Party, drive};

/// A time that no test reaches.
const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);

/// The fake's mocks on a server.
pub(crate) struct Mount {
    address: SocketAddr,
    runner: Runner,
    front: Arc<Front>,
}

/// The state that the mocks of one fake share.
struct Front {
    /// Weak, because the server keeps its mocks after the fake is dropped.
    exchange: Weak<Exchange>,
    jobs: Jobs,
    /// The answer to the current request. The server calls all of our mocks for one request while
    /// it holds its lock.
    next: Mutex<Option<Next>>,
}

/// The answer to a request.
enum Next {
    Response(ResponseTemplate),
    /// The server closes the connection.
    Close,
}

impl Mount {
    /// Prepares everything; the mocks are not registered yet.
    pub(crate) fn new(exchange: &Arc<Exchange>, server: &MockServer) -> io::Result<Self> {
        let runner = Runner::start(exchange.clone())?;
        let front = Arc::new(Front {
            exchange: Arc::downgrade(exchange),
            jobs: runner.jobs(),
            next: Mutex::new(None),
        });
        Ok(Self {
            address: *server.address(),
            runner,
            front,
        })
    }

    /// Registers the mocks: from now on the fake answers the requests.
    ///
    /// They have the priority of a mock that sets none. The server sorts its mocks by priority, and
    /// the guard of a scoped mock holds a position: any other priority would move the mocks of the
    /// test away from their guards.
    pub(crate) async fn register(&self, server: &MockServer) {
        let answers =
            Mock::given(AnswerMock(self.front.clone())).respond_with(Given(self.front.clone()));
        // Only a mock with an error closes the connection, and a mock is created either with a
        // response or with an error.
        let closes = Mock::given(CloseMock(self.front.clone()))
            .respond_with_err(|_: &Request| io::Error::from(io::ErrorKind::ConnectionAborted));
        for mock in [answers, closes] {
            server.register(mock).await;
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the fake's thread; `false` if a handler blocks it. The mocks stay, but match nothing
    /// anymore.
    pub(crate) fn stop(&mut self) -> bool {
        self.runner.stop()
    }
}

/// Matches each request for a known operation, if the request gets a response.
struct AnswerMock(Arc<Front>);

/// Matches each request for a known operation, if the request gets no response.
struct CloseMock(Arc<Front>);

impl Match for AnswerMock {
    fn matches(&self, request: &Request) -> bool {
        is_operation(request) && self.0.answers(request)
    }
}

impl Match for CloseMock {
    fn matches(&self, request: &Request) -> bool {
        is_operation(request) && matches!(*self.0.next(), Some(Next::Close))
    }
}

/// Responds with what the matcher has prepared.
struct Given(Arc<Front>);

impl Respond for Given {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        match self.0.next().take() {
            Some(Next::Response(response)) => response,
            _ => unreachable!("the matcher has just put a response there"),
        }
    }
}

/// Returns whether a request is for an operation that the fake knows.
fn is_operation(request: &Request) -> bool {
    match Requested::of(request.method.as_str(), request.url.path()).0 {
        Requested::Call(_) | Requested::InvokeAsync => true,
        Requested::Unknown => false,
    }
}

impl Front {
    /// Decides about a request; returns `true` if it gets a response.
    fn answers(&self, request: &Request) -> bool {
        // Without the lock, because conditions and handlers of the test run.
        let next = panics::catch_own(|| self.next_for(request));
        let next = next.unwrap_or_else(|panic| self.broke(panic));
        let responds = matches!(next, Some(Next::Response(_)));
        *self.next() = next;
        responds
    }

    /// Ends the attempt that was being answered when code outside of the test's handlers and
    /// conditions panicked.
    fn broke(&self, panic: CaughtPanic) -> Option<Next> {
        let exchange = self.exchange.upgrade()?;
        let (ticket, outcome) = exchange.connection_broke(None, false, panic)?;
        let (outcome, request_id) = outcome?;
        let response = translate::response(&Response::of(
            &outcome,
            Envelope {
                request_id: &request_id,
                ..Envelope::closing(SystemTime::now())
            },
        ));
        exchange.finished(ticket, Progress::Answered, None);
        Some(Next::Response(response))
    }

    /// The answer to a request; `None` if the fake was dropped, so that the request is not matched.
    fn next_for(&self, request: &Request) -> Option<Next> {
        let exchange = self.exchange.upgrade()?;
        let invocation = translate::invocation(request, &exchange.config.defaults);
        let mut arrived = exchange.arrive(invocation)?;
        let decision = arrived
            .decision
            .take()
            .or_else(|| exchange.decide(&arrived));
        exchange.watch();
        let worked_out = decision.and_then(|decision| self.work_out(&exchange, &arrived, decision));
        let Some((mut outcome, delay)) = worked_out else {
            exchange.finished(arrived.ticket, Progress::Abandoned, None);
            return Some(Next::Close);
        };
        let next = match outcome.status() {
            None => Next::Close,
            Some(_) if outcome.fault().is_some() => Next::Close,
            Some(_) => {
                let response = response(&exchange, &arrived, &mut outcome);
                Next::Response(match delay.is_zero() {
                    true => response,
                    false => response.set_delay(delay),
                })
            }
        };
        // The server does not report whether the client is still connected when it sends the
        // response.
        exchange.finished(arrived.ticket, Progress::Answered, None);
        Some(next)
    }

    /// The outcome of a request, and how long the server waits before sending it; `None` if the
    /// fake is being dropped.
    fn work_out(
        &self,
        exchange: &Arc<Exchange>,
        arrived: &Arrived,
        decision: Decision,
    ) -> Option<(Outcome, Duration)> {
        let mut party = MountParty {
            arrived,
            jobs: &self.jobs,
            waits: Duration::ZERO,
        };
        // The party's waits are never pending: the server waits later, or its thread is blocked.
        let subject = Subject::Attempt(arrived);
        let driven = pin!(drive(exchange, subject, &mut party, decision))
            .poll(&mut Context::from_waker(Waker::noop()));
        match driven {
            Poll::Ready(outcome) => Some((outcome?, party.waits)),
            Poll::Pending => unreachable!("a mounted fake waits for nothing itself"),
        }
    }

    fn next(&self) -> MutexGuard<'_, Option<Next>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn response(exchange: &Exchange, arrived: &Arrived, outcome: &mut Outcome) -> ResponseTemplate {
    let invocation = &arrived.invocation;
    let frames = stream::frames(exchange, arrived, outcome, true);
    let log_result = match &frames {
        Some(_) => None,
        None => exchange.log_result(arrived, outcome),
    };
    let response = translate::response(&Response::of(
        outcome,
        Envelope {
            request_id: invocation.request_id(),
            log_result: log_result.as_deref(),
            now: SystemTime::now(),
            era: invocation.era(),
            closes: invocation.head().asks_to_close(),
            without_body: false,
        },
    ));
    match frames {
        Some(frames) => response.set_body_bytes(frames),
        None => response,
    }
}

/// A party that does not wait itself: the server waits, before it sends the answer.
struct MountParty<'a> {
    arrived: &'a Arrived,
    jobs: &'a Jobs,
    /// How long the server must wait.
    waits: Duration,
}

impl Party for MountParty<'_> {
    /// The time it will be after the server has waited.
    fn now(&self) -> tokio::time::Instant {
        let now = tokio::time::Instant::now();
        now.checked_add(self.waits).unwrap_or(now + FAR)
    }

    fn longest_run(&self) -> Option<Duration> {
        None
    }

    async fn wait(&mut self, length: Duration) {
        self.waits = self.waits.saturating_add(length);
    }

    async fn hold(&mut self, _: &SharedGate, _: String, _: Option<Deadline>) -> Option<bool> {
        unreachable!("a gate is refused where it is scripted, or when its handler replies")
    }

    async fn run(
        &mut self,
        handler: &Handler,
        _: Option<Deadline>,
    ) -> Option<Result<Reply, Failure>> {
        self.jobs
            .run(handler.clone(), self.arrived.without_decision())
    }
}
