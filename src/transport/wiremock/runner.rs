//! Runs the test's handlers on the fake's own thread, while the server's thread waits for them.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use super::stream;
use crate::exchange::{Arrived, Exchange, Subject};
use crate::reply::reply::{Failure, Handler, Reply};
use crate::transport::deadline::Deadline;
use crate::transport::drive::drive;
use crate::transport::http1::{FunctionParty, HandlerTask, OwnThread, run_events, spawn};

/// How long the server's thread, and with it every mock, waits for one handler; shorter than the
/// default deadline of a test's wait.
const PATIENCE: Duration = Duration::from_secs(3);

/// The fake's own thread.
pub(super) struct Runner {
    jobs: Jobs,
    thread: OwnThread,
}

/// The queue of handlers to run.
#[derive(Clone)]
pub(super) struct Jobs(UnboundedSender<Job>);

enum Job {
    /// A handler whose reply the server's thread waits for.
    Now(Handler, Box<Arrived>, mpsc::Sender<Result<Reply, Failure>>),
    Stop,
}

impl Runner {
    pub(super) fn start(exchange: Arc<Exchange>) -> io::Result<Self> {
        let (sender, jobs) = unbounded_channel();
        let thread = OwnThread::start(&|| Ok(()), Box::pin(work(jobs, exchange)))?;
        Ok(Self {
            jobs: Jobs(sender),
            thread,
        })
    }

    pub(super) fn jobs(&self) -> Jobs {
        self.jobs.clone()
    }

    /// Ends the thread and its tasks, and waits at most a second for that; `false` if a handler
    /// blocks it longer.
    pub(super) fn stop(&mut self) -> bool {
        // It may already have ended with a panic.
        let _ = self.jobs.0.send(Job::Stop);
        self.thread.ends_in_time()
    }
}

impl Jobs {
    /// The handler's reply, or the reason why there is none; `None` if the fake is dropped in the
    /// meantime.
    pub(super) fn run(&self, handler: Handler, arrived: Arrived) -> Option<Result<Reply, Failure>> {
        let (sender, result) = mpsc::channel();
        self.0
            .send(Job::Now(handler, Box::new(arrived), sender))
            .ok()?;
        match result.recv_timeout(PATIENCE) {
            Ok(result) => Some(result),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => Some(Err(Failure::GivenUp(format!(
                "it had not replied after {PATIENCE:?}, and a `wiremock::MockServer` answers one request at a time"
            )))),
        }
    }
}

/// Runs jobs concurrently until the fake is dropped.
async fn work(mut jobs: UnboundedReceiver<Job>, exchange: Arc<Exchange>) {
    spawn(Box::pin(run_events(exchange.clone())));
    while let Some(job) = jobs.recv().await {
        let exchange = exchange.clone();
        let start = |handler: &Handler, arrived: &Arrived| {
            let timeout = handler.timeout();
            let deadline = timeout.map(|timeout| Deadline::of(Instant::now(), timeout));
            HandlerTask::until(
                deadline,
                handler,
                arrived.invocation.clone(),
                exchange.clone(),
            )
        };
        match job {
            Job::Now(handler, arrived, sender) => {
                let mut running = start(&handler, &arrived);
                spawn(Box::pin(async move {
                    let result = running.result().await;
                    if let Err(mpsc::SendError(late)) = sender.send(result) {
                        // The server has already answered without it.
                        let subject = Subject::Attempt(&arrived);
                        let decision = exchange.handled(subject, &handler, late);
                        let mut party = FunctionParty {
                            exchange: &exchange,
                            invocation: &arrived.invocation,
                            streamed: None,
                        };
                        let driven = drive(&exchange, subject, &mut party, decision).await;
                        if let Some(mut outcome) = driven {
                            // No client gets it, but its function has ended.
                            stream::frames(&exchange, &arrived, &mut outcome, false);
                        }
                    }
                }));
            }
            Job::Stop => return,
        }
    }
}
