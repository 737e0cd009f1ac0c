//! Runs the test's async closures as tasks that stay on one thread, catches their panics, and marks
//! the one that is being polled.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::task::{JoinError, JoinHandle};
use tokio::time::timeout_at;

use crate::exchange::Exchange;
use crate::ground::location::Location;
use crate::ground::panics::{self, CaughtPanic, panic_text};
use crate::reply::chunk_sender::{ChunkReceiver, ChunkSender};
use crate::reply::chunks::{Chunks, End};
use crate::reply::reply::{self, Failure, Handler, Reply, Run};
use crate::request::context;
use crate::request::invocation::Invocation;
use crate::transport::deadline::Deadline;

type Ended = Result<Reply, Failure>;

/// A running handler. It continues if no client waits for it anymore, as a function does, but not
/// past its timeout.
pub(crate) struct HandlerTask {
    task: JoinHandle<Ended>,
    deadline: Option<Deadline>,
}

impl HandlerTask {
    /// Starts a handler now; its time may have begun earlier.
    ///
    /// The reply of a handler that sends chunks contains all of them.
    pub(crate) fn until(
        deadline: Option<Deadline>,
        handler: &Handler,
        invocation: Invocation,
        exchange: Arc<Exchange>,
    ) -> Self {
        let context = context_of(deadline, invocation, &exchange);
        let future: reply::HandlerFuture = match handler.run.clone() {
            // The closure is called inside the task, so that a panic before its first await is
            // caught as well.
            Run::Reply(run) => Box::pin(async move { run(context).await }),
            Run::Stream(run) => Box::pin(async move {
                let (sender, chunks) = ChunkSender::channel();
                Ok(collected(run(context, sender), chunks).await)
            }),
            Run::Idempotent(memory, executed) => {
                Box::pin(async move { executed.execute(&memory, context).await })
            }
        };
        Self::start(deadline, handler, future, exchange)
    }

    /// Starts a handler that sends chunks: the receiver gets them, and the reply has only the end
    /// of the stream.
    pub(super) fn streaming(
        deadline: Option<Deadline>,
        handler: &Handler,
        invocation: Invocation,
        exchange: Arc<Exchange>,
    ) -> (Self, ChunkReceiver) {
        let context = context_of(deadline, invocation, &exchange);
        let (sender, chunks) = ChunkSender::channel();
        let future: reply::HandlerFuture = match handler.run.clone() {
            Run::Reply(run) => Box::pin(async move { run(context).await }),
            Run::Stream(run) => Box::pin(async move {
                let ended = run(context, sender).await;
                Ok(Reply::stream(Chunks::of([], End::of(ended))))
            }),
            Run::Idempotent(memory, executed) => {
                Box::pin(async move { executed.execute(&memory, context).await })
            }
        };
        (Self::start(deadline, handler, future, exchange), chunks)
    }

    fn start(
        deadline: Option<Deadline>,
        handler: &Handler,
        future: reply::HandlerFuture,
        exchange: Arc<Exchange>,
    ) -> Self {
        let is_in_memory = exchange.config.transport.is_in_memory();
        let future = MarkedFuture {
            future,
            exchange,
            written_at: handler.written_at.clone(),
        };
        let task = match is_in_memory {
            false => tokio::task::spawn_local(future),
            true => spawn_on_callers_runtime(future),
        };
        Self { task, deadline }
    }

    /// Drops the handler at the `.await` where it waits, or at its next one if it is running.
    pub(super) fn abort(&self) {
        self.task.abort();
    }

    /// The reply, or the reason why there is none. Can be called again if an earlier call was
    /// dropped.
    pub(crate) async fn result(&mut self) -> Result<Reply, Failure> {
        let Some(deadline) = self.deadline else {
            return match (&mut self.task).await {
                Ok(ended) => ended,
                Err(error) => Err(panicked(error)),
            };
        };
        let ended = match timeout_at(deadline.at, &mut self.task).await {
            Ok(ended) => ended,
            Err(_) => {
                self.task.abort();
                // The closure's values are dropped before the caller gets the timeout.
                (&mut self.task).await
            }
        };
        match ended {
            // A failed assertion must be reported, however late.
            Ok(Err(failure @ (Failure::Panicked(_) | Failure::Impossible(_)))) => Err(failure),
            Err(error) if error.is_panic() => Err(panicked(error)),
            Ok(ended) if !deadline.has_passed() => ended,
            // It was aborted, or it has ended too late.
            Ok(_) | Err(_) => Err(Failure::TimedOut(deadline.timeout)),
        }
    }
}

fn context_of(
    deadline: Option<Deadline>,
    invocation: Invocation,
    exchange: &Exchange,
) -> context::Context {
    let timeout = deadline.map(|deadline| deadline.timeout);
    context::Context::new(invocation, timeout, exchange.config.clock())
}

/// The whole stream of a handler.
async fn collected(mut handler: reply::StreamFuture, mut sent: ChunkReceiver) -> Reply {
    let mut chunks = Vec::new();
    let mut is_silent = false;
    let ended = loop {
        tokio::select! {
            biased;
            chunk = sent.next(), if !is_silent => match chunk {
                Some(chunk) => chunks.push(chunk),
                None => is_silent = true,
            },
            ended = &mut handler => break ended,
        }
    };
    chunks.extend(std::iter::from_fn(|| sent.next_sent()));
    Reply::stream(Chunks::of(chunks, End::of(ended)))
}

#[cfg(feature = "in-memory")]
fn spawn_on_callers_runtime(future: MarkedFuture) -> JoinHandle<Ended> {
    let kept = super::kept::Kept::new(future);
    tokio::spawn(async move {
        let moved = || CaughtPanic {
            text: "the runtime moved to another thread while the handler ran".to_owned(),
            panicked_at: None,
        };
        kept.await
            .unwrap_or_else(|| Err(Failure::Panicked(moved())))
    })
}

#[cfg(not(feature = "in-memory"))]
fn spawn_on_callers_runtime(_: MarkedFuture) -> JoinHandle<Ended> {
    unreachable!("without the feature no fake is in memory")
}

/// The failure of a task that panicked while it was dropped, or that was canceled.
fn panicked(error: JoinError) -> Failure {
    Failure::Panicked(CaughtPanic {
        text: match error.try_into_panic() {
            Ok(panic) => panic_text(panic),
            Err(_) => "it was canceled".to_owned(),
        },
        panicked_at: None,
    })
}

/// A future that marks when it is being polled.
struct MarkedFuture {
    future: reply::HandlerFuture,
    exchange: Arc<Exchange>,
    written_at: Location,
}

impl Future for MarkedFuture {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        self.exchange.mark_polled(Some(self.written_at.clone()));
        let poll = panics::catch(|| self.future.as_mut().poll(context));
        self.exchange.mark_polled(None);
        match poll {
            Ok(poll) => poll,
            Err(panic) => Poll::Ready(Err(Failure::Panicked(panic))),
        }
    }
}
