//! A handler that runs while the client gets its chunks.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use super::handler::HandlerTask;
use crate::exchange::{Arrived, Exchange};
use crate::ground::location::Location;
use crate::reply::chunk_sender::ChunkReceiver;
use crate::reply::reply::{Failure, Handler, Reply};
use crate::reply::stream::{Live, LiveChunks, LiveStep};
use crate::transport::deadline::Deadline;

/// A running handler and its chunks.
struct LiveHandler {
    task: HandlerTask,
    chunks: ChunkReceiver,
    /// Whether every sender of the handler is gone.
    is_silent: bool,
    /// A chunk that was received but not handed on.
    first: Option<Bytes>,
    ended: Option<Result<Reply, Failure>>,
    exchange: Arc<Exchange>,
    arrived: Arrived,
    written_at: Location,
}

/// Starts a handler. Returns the reply that begins with its first chunk, or its end if it sends
/// none.
pub(super) async fn begin(
    deadline: Option<Deadline>,
    handler: &Handler,
    exchange: &Arc<Exchange>,
    arrived: &Arrived,
) -> Result<Reply, Failure> {
    let invocation = arrived.invocation.clone();
    let (task, chunks) = HandlerTask::streaming(deadline, handler, invocation, exchange.clone());
    let mut running = LiveHandler {
        task,
        chunks,
        is_silent: false,
        first: None,
        ended: None,
        exchange: exchange.clone(),
        arrived: arrived.without_decision(),
        written_at: handler.written_at.clone(),
    };
    match running.next_chunk().await {
        Some(chunk) => {
            running.first = Some(chunk);
            Ok(Reply::live(Live::new(Box::new(running))))
        }
        None => running.ended.take().expect("it has ended without a chunk"),
    }
}

impl LiveHandler {
    /// The next chunk; `None` once the handler has ended and all of its chunks were handed on.
    async fn next_chunk(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        while self.ended.is_none() {
            if self.is_silent {
                self.ended = Some(self.task.result().await);
                break;
            }
            tokio::select! {
                biased;
                chunk = self.chunks.next() => match chunk {
                    Some(chunk) => return Some(chunk),
                    None => self.is_silent = true,
                },
                ended = self.task.result() => self.ended = Some(ended),
            }
        }
        self.chunks.next_sent()
    }

    async fn next_step(&mut self) -> LiveStep {
        if let Some(chunk) = self.next_chunk().await {
            return LiveStep::Chunk(chunk);
        }
        match self.ended.take().expect("there are no more chunks") {
            Ok(reply) => LiveStep::Ended(reply.stream_error()),
            Err(Failure::TimedOut(timeout)) => LiveStep::TimedOut(timeout),
            Err(failure) => {
                let panic = failure.into_panic();
                let error = (self.exchange).stream_panicked(&self.arrived, &self.written_at, panic);
                LiveStep::Panicked(error)
            }
        }
    }
}

/// Aborts the handler. Its stream is read to the end even if the client has disconnected, so a
/// handler that is still running here has exceeded its timeout, or its fake is being dropped.
impl Drop for LiveHandler {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl LiveChunks for LiveHandler {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = LiveStep> + Send + '_>> {
        Box::pin(self.next_step())
    }

    fn written_at(&self) -> &Location {
        &self.written_at
    }
}
