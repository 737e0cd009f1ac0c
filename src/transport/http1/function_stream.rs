//! A function that streams its answer: what it sends, when, and how it ends.
//!
//! The function does not end when its client disconnects. It then continues alone, and what it
//! sends is discarded.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::thread::{Task, spawn};
use crate::aws::event_stream::FrameDamage;
use crate::aws::function_error::FunctionError;
use crate::exchange::{Arrived, Exchange, Subject};
use crate::ground::panics;
use crate::record::journal::WaitReason;
use crate::reply::chunked::{Chunked, Piece};
use crate::reply::chunks::Odd;
use crate::reply::fault::{Ending, Fault};
use crate::reply::gate::SharedGate;
use crate::reply::outcome::{Outcome, Pause};
use crate::reply::stream::{
    Cut, Draws, Ended, Limit, LiveChunks, LiveStep, Next, Rate, Stream, StreamEnd, StreamError,
    Walk, cut,
};
use crate::reply::transmission::Step;
use crate::transport::deadline::{Deadline, in_time};

/// A function that streams its answer, whether or not a client waits for it.
pub(super) struct Function {
    exchange: Arc<Exchange>,
    arrived: Arrived,
    outcome: Outcome,
    source: Source,
    deadline: Option<Deadline>,
    /// How many chunks it has sent.
    chunks: usize,
    rate: Rate,
    /// The end to come next, if it has just sent an error as a chunk.
    end: Option<StreamEnd>,
    is_over: bool,
}

/// What makes the chunks.
enum Source {
    Script(Box<Walk>),
    Handler {
        chunks: Box<dyn LiveChunks>,
        limit: Limit,
        draws: Draws,
    },
}

/// The next action of a function.
pub(super) enum Item {
    Chunks(Cut),
    Fault(Fault),
    Damage(FrameDamage),
    Message(Odd),
    End(StreamEnd),
}

impl Function {
    /// The function of an outcome that its caller gets in chunks.
    pub(super) fn new(exchange: &Arc<Exchange>, arrived: &Arrived, outcome: Outcome) -> Self {
        let invocation = &arrived.invocation;
        let boundaries = exchange.config.boundaries;
        let script = |chunks| Source::Script(Box::new(Walk::new(chunks, boundaries, invocation)));
        let source = match outcome.stream() {
            Some(Stream::Script(chunks)) => script(chunks.clone()),
            Some(Stream::Live(live)) => match live.take() {
                Some(chunks) => Source::Handler {
                    chunks,
                    limit: Limit::of(invocation),
                    draws: Draws::of_boundaries(invocation),
                },
                None => unreachable!("a running handler answers one request"),
            },
            Some(Stream::Sent) | None => unreachable!("only an answer in chunks is sent in chunks"),
        };
        let alterations = outcome.alterations.as_deref();
        let deadline = alterations.and_then(|alterations| {
            let timeout = alterations.timeout?;
            let left = timeout.saturating_sub(alterations.spent);
            let at = Instant::now() + left;
            Some(Deadline { at, timeout })
        });
        Self {
            exchange: exchange.clone(),
            arrived: arrived.without_decision(),
            outcome,
            source,
            deadline,
            chunks: 0,
            rate: Rate::default(),
            end: None,
            is_over: false,
        }
    }

    async fn next(&mut self) -> Item {
        if let Some(end) = self.end.take() {
            return Item::End(end);
        }
        loop {
            let next = match &mut self.source {
                Source::Script(walk) => walk.next(),
                Source::Handler {
                    chunks,
                    limit,
                    draws,
                } => {
                    let reason = WaitReason::Handler(chunks.written_at().clone());
                    self.exchange.stream_waits(&self.arrived, reason);
                    let step = chunks.next().await;
                    match (step, limit.exceeded()) {
                        // The rest is discarded until the handler has ended.
                        (LiveStep::Chunk(_), Some(_)) => continue,
                        (LiveStep::Ended(_), Some(most)) => Next::End(Ended::TooLarge(most)),
                        (LiveStep::Chunk(chunk), None) => {
                            let boundaries = self.exchange.config.boundaries;
                            Next::Chunks(cut(vec![chunk], boundaries, limit, draws))
                        }
                        (LiveStep::Ended(Ok(())), None) => Next::End(Ended::Complete),
                        (LiveStep::Ended(Err(error)), None) => Next::End(Ended::Failed(error)),
                        (LiveStep::TimedOut(timeout), _) => {
                            Next::End(Ended::Failed(FunctionError::timed_out(timeout)))
                        }
                        (LiveStep::Panicked(error), _) => return self.panicked(error),
                    }
                }
            };
            return match next {
                Next::Chunks(cut) => match self.pace(&cut).await {
                    true => {
                        self.chunks += cut.sent.len();
                        Item::Chunks(cut)
                    }
                    false => self.timed_out(),
                },
                Next::Wait(length) => match self.wait(length).await {
                    true => continue,
                    false => self.timed_out(),
                },
                Next::Hold(gate) => match self.hold(gate).await {
                    true => continue,
                    false => self.timed_out(),
                },
                Next::Fault(fault) => Item::Fault(fault),
                Next::Damage(damage) => Item::Damage(damage),
                Next::Message(message) => Item::Message(message),
                Next::End(ended) => self.ended(ended),
            };
        }
    }

    /// Waits as the service's rate requires; `false` if the function has exceeded its timeout.
    async fn pace(&mut self, cut: &Cut) -> bool {
        if !self.exchange.config.limits_stream_rate {
            return true;
        }
        let length = cut.events.iter().map(Bytes::len).sum();
        let pause = self.rate.pause(length);
        pause.is_zero() || self.wait(pause).await
    }

    /// Waits this long, or until the function's timeout; `false` if the function has exceeded it.
    async fn wait(&mut self, length: Duration) -> bool {
        let pause = Pause::Delay(length);
        self.exchange.stream_is_paused(&self.arrived, &pause);
        let left = self.deadline.map(|deadline| deadline.left(Instant::now()));
        let length = left.map_or(length, |left| left.min(length));
        tokio::time::sleep(length).await;
        !self.deadline.is_some_and(|deadline| deadline.has_passed())
    }

    /// Waits for the gate, or until the function's timeout; `false` if the function exceeded it.
    async fn hold(&mut self, gate: Arc<SharedGate>) -> bool {
        let what = Subject::Attempt(&self.arrived).described();
        let pause = Pause::Gate(gate.clone());
        self.exchange.stream_is_paused(&self.arrived, &pause);
        let held = in_time(self.deadline, gate.hold(what)).await;
        if held == Some(true) {
            let alterations = self.outcome.alterations.get_or_insert_default();
            alterations.gate_was_dropped = true;
        }
        held.is_some()
    }

    fn timed_out(&mut self) -> Item {
        let timeout = self.deadline.map(|deadline| deadline.timeout);
        let timeout = timeout.unwrap_or_default();
        self.ended(Ended::Failed(FunctionError::timed_out(timeout)))
    }

    fn ended(&mut self, ended: Ended) -> Item {
        let invocation = &self.arrived.invocation;
        if let Some(error) = ended.error() {
            self.outcome.fail(&error, invocation);
        }
        if let Some(chunk) = ended.error_chunk(self.chunks) {
            self.end = Some(StreamEnd::Complete);
            self.chunks += 1;
            return Item::Chunks(Cut {
                sent: vec![chunk.clone()],
                events: vec![chunk],
            });
        }
        Item::End(ended.seen(invocation, self.chunks))
    }

    fn panicked(&mut self, error: StreamError) -> Item {
        let payload = error.details.as_deref().unwrap_or_default().to_owned();
        let failed = FunctionError::bytes(payload);
        self.outcome.fail(&failed, &self.arrived.invocation);
        Item::End(StreamEnd::Failed(error))
    }

    /// Records what is about to be sent, and returns it as a piece of the body.
    pub(super) fn piece(&mut self, item: Item, body: &mut Chunked, usual: Ending) -> Piece {
        let (exchange, arrived) = (&self.exchange, &self.arrived);
        match item {
            Item::Chunks(Cut { sent, events }) => {
                let piece = body.events(&events);
                if piece.ending.is_none() {
                    exchange.streamed(arrived, &sent, piece.damage);
                }
                piece
            }
            Item::Fault(fault) => body.fault(fault),
            Item::Damage(damage) => {
                body.damage(damage);
                Piece::default()
            }
            Item::Message(message) => {
                let piece = body.frames(message.frame());
                if piece.ending.is_none() {
                    exchange.streamed_message(arrived, message, piece.damage);
                }
                piece
            }
            Item::End(end) => {
                let log = exchange.log_result(arrived, &self.outcome);
                let mut piece = body.end(&end, log.as_deref());
                if piece.ending.is_none() {
                    let (last, ending, misfit) = body.finish();
                    if let Some(misfit) = misfit {
                        exchange.fault_could_not_happen(arrived, misfit);
                    }
                    piece.steps.push(Step::Send(last));
                    piece.ending = Some(match ending {
                        Ending::KeepAlive => usual,
                        // The head has announced the close.
                        Ending::ResetNext if usual == Ending::Close => usual,
                        ending @ (Ending::Close
                        | Ending::Reset
                        | Ending::Hang
                        | Ending::ResetNext) => ending,
                    });
                }
                self.is_over = true;
                exchange.stream_ended(arrived, &self.outcome, Some((end, piece.damage)));
                piece
            }
        }
    }

    /// Continues without a client.
    async fn run_alone(mut self) {
        while !self.is_over {
            let item = self.next().await;
            self.discard(item);
        }
    }

    /// Drops an item that no client gets.
    pub(super) fn discard(&mut self, item: Item) {
        if let Item::End(_) = item {
            self.is_over = true;
            self.exchange
                .stream_ended(&self.arrived, &self.outcome, None);
        }
    }
}

/// Returns the function with what it does next.
pub(super) fn produce(mut function: Function) -> Task<(Function, Item)> {
    Box::pin(async move {
        let item = function.next().await;
        (function, item)
    })
}

/// Continues a function without its client. Unless something delays the function, it has ended when
/// this returns.
pub(super) async fn leave((exchange, arrived): (Arc<Exchange>, Arrived), function: Task<Function>) {
    let mut alone: Task<()> = Box::pin(async move {
        let ended = panics::catch_in(async move { function.await.run_alone().await });
        if let Err(panic) = ended.await {
            exchange.function_broke(&arrived, panic);
        }
    });
    let is_over = poll_fn(|context| Poll::Ready(alone.as_mut().poll(context).is_ready())).await;
    if !is_over {
        spawn(alone);
    }
}
