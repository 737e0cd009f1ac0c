//! The fake behind a `wiremock::MockServer` that the test has already.
//!
//! The server reads and writes, and answers one request at a time under one lock; here its requests are brought to the exchange and what
//! that decides is made a response of the server's. No socket is touched, so a client that leaves is never seen.

mod runner;
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
use crate::record::journal::Progress;
use crate::reply::gate::SharedGate;
use crate::reply::outcome::{Outcome, Todo};
use crate::reply::reply::{Failure, Handler, Reply};
use crate::reply::response::{Envelope, Response};
use crate::request::operation::Operation;
use crate::transport::deadline::Deadline;
use crate::transport::drive::{Party, drive};

/// Before every mock that says nothing of its priority.
const FIRST: u8 = 1;

/// A moment that no test lives to see.
const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);

/// Behind every other mock.
const LAST: u8 = u8::MAX;

/// The fake's place at a server.
pub(crate) struct Mount {
    address: SocketAddr,
    runner: Runner,
    desk: Arc<Front>,
}

/// Where the mocks of one fake take their answers from.
struct Front {
    /// The server keeps its mocks after the fake is gone.
    exchange: Weak<Exchange>,
    jobs: Jobs,
    /// What the request at hand gets. All of our mocks are asked about one request under one lock of the server's.
    next: Mutex<Option<Next>>,
}

/// What a request gets.
enum Next {
    Response(ResponseTemplate),
    /// The end of its connection.
    Close,
}

impl Mount {
    /// Prepares everything; the server does not know of it yet.
    pub(crate) fn new(exchange: &Arc<Exchange>, server: &MockServer) -> io::Result<Self> {
        let runner = Runner::start(exchange.clone())?;
        let desk = Arc::new(Front {
            exchange: Arc::downgrade(exchange),
            jobs: runner.jobs(),
            next: Mutex::new(None),
        });
        Ok(Self {
            address: *server.address(),
            runner,
            desk,
        })
    }

    /// Takes its place: requests from now on are the fake's.
    pub(crate) async fn register(&self, server: &MockServer) {
        let answers = Mock::given(AnswerMock(self.desk.clone()))
            .respond_with(Given(self.desk.clone()))
            .with_priority(FIRST);
        // Only an error of a mock ends the connection, and which a mock has, a response or an error, is settled when it is made.
        let closes = Mock::given(CloseMock(self.desk.clone()))
            .respond_with_err(|_: &Request| io::Error::from(io::ErrorKind::ConnectionAborted))
            .with_priority(FIRST);
        let refuses = Mock::given(RefuseMock(self.desk.clone()))
            .respond_with(Given(self.desk.clone()))
            .with_priority(LAST);
        for mock in [answers, closes, refuses] {
            server.register(mock).await;
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the fake's thread; `false` when a handler blocks it. The mocks stay, and claim nothing any more.
    pub(crate) fn stop(&mut self) -> bool {
        self.runner.stop()
    }
}

/// Claims every Invoke request, and is the mock of those that get a response.
struct AnswerMock(Arc<Front>);

/// The mock of the Invoke requests that get no response.
struct CloseMock(Arc<Front>);

/// Claims what the fake knows and does not play, unless a mock of the test does.
struct RefuseMock(Arc<Front>);

impl Match for AnswerMock {
    fn matches(&self, request: &Request) -> bool {
        is_faked(request) == Some(true) && self.0.answers(request)
    }
}

impl Match for CloseMock {
    fn matches(&self, request: &Request) -> bool {
        is_faked(request) == Some(true) && matches!(*self.0.next(), Some(Next::Close))
    }
}

impl Match for RefuseMock {
    fn matches(&self, request: &Request) -> bool {
        is_faked(request) == Some(false) && self.0.answers(request)
    }
}

/// Responds with what the matcher before it has worked out.
struct Given(Arc<Front>);

impl Respond for Given {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        match self.0.next().take() {
            Some(Next::Response(response)) => response,
            _ => unreachable!("the matcher has just put a response there"),
        }
    }
}

/// Whether the fake answers the operation of a request; `None` for what is not an operation of the service.
fn is_faked(request: &Request) -> Option<bool> {
    match Operation::of(request.method.as_str(), request.url.path()).0 {
        Operation::Invoke => Some(true),
        Operation::InvokeAsync | Operation::InvokeWithResponseStream => Some(false),
        Operation::Unknown => None,
    }
}

impl Front {
    /// Decides about a request; whether it gets a response.
    fn answers(&self, request: &Request) -> bool {
        // Not under the lock: conditions and handlers of the test are asked.
        let next = self.next_for(request);
        let responds = matches!(next, Some(Next::Response(_)));
        *self.next() = next;
        responds
    }

    /// `None` when the fake is gone: the request is not ours.
    fn next_for(&self, request: &Request) -> Option<Next> {
        let exchange = self.exchange.upgrade()?;
        let invocation = translate::invocation(request, &exchange.config.defaults);
        let mut arrived = exchange.arrive(invocation)?;
        let todo = arrived.todo.take().or_else(|| exchange.decide(&arrived));
        exchange.watch();
        let worked_out = todo.and_then(|todo| self.work_out(&exchange, &arrived, todo));
        let Some((outcome, delay)) = worked_out else {
            exchange.finished(arrived.ticket, Progress::Abandoned);
            return Some(Next::Close);
        };
        let next = match outcome.status() {
            None => Next::Close,
            Some(_) if outcome.fault().is_some() => Next::Close,
            Some(_) => {
                let response = response(&exchange, &arrived, &outcome);
                Next::Response(match delay.is_zero() {
                    true => response,
                    false => response.set_delay(delay),
                })
            }
        };
        // Whether its client is still there when the server sends it, nobody tells.
        exchange.finished(arrived.ticket, Progress::Answered);
        Some(next)
    }

    /// The outcome of a request, and how long the server waits with it; `None` when the fake is going away.
    fn work_out(
        &self,
        exchange: &Arc<Exchange>,
        arrived: &Arrived,
        todo: Todo,
    ) -> Option<(Outcome, Duration)> {
        let mut party = MountParty {
            arrived,
            jobs: &self.jobs,
            waits: Duration::ZERO,
        };
        // None of its waits is ever pending: the server does the waiting, or its thread is blocked.
        let subject = Subject::Attempt(arrived);
        let driven = pin!(drive(exchange, subject, &mut party, todo))
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

fn response(exchange: &Exchange, arrived: &Arrived, outcome: &Outcome) -> ResponseTemplate {
    let invocation = &arrived.invocation;
    let log_result = exchange.log_result(invocation, outcome);
    translate::response(&Response::of(
        outcome,
        Envelope {
            request_id: invocation.request_id(),
            log_result: log_result.as_deref(),
            now: SystemTime::now(),
            era: invocation.era(),
            closes: invocation.head().asks_to_close(),
            without_body: false,
        },
    ))
}

/// A client of another's server: that one waits in the fake's place, after the answer.
struct MountParty<'a> {
    arrived: &'a Arrived,
    jobs: &'a Jobs,
    /// How long the server is to wait.
    waits: Duration,
}

impl Party for MountParty<'_> {
    /// The clock that shows what it will be when the server has waited.
    fn now(&self) -> tokio::time::Instant {
        let now = tokio::time::Instant::now();
        now.checked_add(self.waits).unwrap_or(now + FAR)
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
        self.jobs.run(handler.clone(), self.arrived.again())
    }
}
