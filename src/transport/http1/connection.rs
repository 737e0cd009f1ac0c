//! One connection: reads requests and writes replies, in order.

use std::future::{Future, pending, poll_fn};
use std::io;
#[cfg(feature = "in-memory")]
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::body::Refused;
use super::function::FunctionParty;
use super::function_stream::{Function, leave};
use super::reading::{NoRequest, read_request};
use super::sockets::Line;
use super::thread::spawn;
use super::wire::Wire;
use crate::exchange::{Arrived, Exchange, Subject};
#[cfg(feature = "in-memory")]
use crate::ground::awaited::sleep_without_waits;
use crate::ground::head::Head;
use crate::ground::panics::{self, CaughtPanic};
use crate::record::journal::Progress;
use crate::reply::fault::{Ending, Fault};
use crate::reply::outcome::{Decision, Outcome};
use crate::reply::response::{Envelope, Response};
use crate::reply::transmission::Transmission;
use crate::request::invocation::{Invocation, Validity};
use crate::transport::drive::drive;

/// How long a request can be held on a test's paused clock. If nothing else can happen, that time
/// passes immediately.
#[cfg(feature = "in-memory")]
const LONGEST_SILENCE: Duration = Duration::from_secs(60 * 60 * 24 * 30);

/// One client's connection.
pub(super) struct Connection {
    pub(super) wire: Wire,
    /// Counted from 1.
    number: u64,
    pub(super) exchange: Arc<Exchange>,
    /// Whether the reply to the current request has begun.
    replies: bool,
    /// Whether nothing would ever have ended its last request.
    #[cfg(feature = "in-memory")]
    is_endless: bool,
}

/// What follows the last request of a connection.
enum Next {
    /// The connection is closed so that the client gets every byte.
    Close,
    /// The connection is dropped as it is.
    End,
}

impl Connection {
    pub(super) fn new(line: Arc<Line>, number: u64, exchange: Arc<Exchange>) -> Self {
        Self {
            wire: Wire::new(line),
            number,
            exchange,
            replies: false,
            #[cfg(feature = "in-memory")]
            is_endless: false,
        }
    }

    /// Answers requests until the client disconnects, a request ends the connection, or the fake is
    /// dropped.
    pub(super) async fn serve(mut self) {
        match panics::catch_in(self.answer_all()).await {
            Ok(Next::Close) => self.wire.close().await,
            Ok(Next::End) => {}
            Err(panic) => self.broke(panic).await,
        }
    }

    async fn answer_all(&mut self) -> Next {
        let mut is_over = false;
        loop {
            self.replies = false;
            match read_request(&mut self.wire).await {
                Ok((head, body)) => {
                    let closes = head.asks_to_close();
                    let invocation = Invocation::read(head, body, &self.exchange.config.defaults)
                        .on_connection(self.number);
                    if is_over {
                        self.exchange.record_fault(invocation, Fault::Reset);
                        // Setting the linger time fails only if the client is gone.
                        let _ = self.wire.reset();
                        return Next::End;
                    }
                    match self.answer(invocation, closes).await {
                        Some(Ending::KeepAlive) => {}
                        Some(Ending::ResetNext) => is_over = true,
                        Some(Ending::Close) => return Next::Close,
                        Some(Ending::Reset | Ending::Hang) | None => return Next::End,
                    }
                }
                Err(NoRequest::Idle) => return Next::End,
                Err(NoRequest::Incomplete { head, why }) => {
                    let why = match self.wire.is_cut() {
                        true => "an outage cut the connection inside the request".to_owned(),
                        false => why,
                    };
                    self.refuse(head, Validity::Incomplete { why });
                    return Next::End;
                }
                Err(NoRequest::Refused {
                    head,
                    refused: Refused { status, why },
                }) => {
                    let outcome = Outcome::malformed(status, &why);
                    self.refuse(head, Validity::Malformed { status, why });
                    return match self.reply_and_close(&outcome, "").await {
                        Progress::Answered => Next::Close,
                        Progress::Waiting
                        | Progress::Decided
                        | Progress::Abandoned
                        | Progress::Cut => Next::End,
                        #[cfg(feature = "in-memory")]
                        Progress::Endless => Next::End,
                    };
                }
            }
        }
    }

    /// Ends the connection after a panic outside of the test's handlers and conditions.
    async fn broke(mut self, panic: CaughtPanic) {
        let broken = self
            .exchange
            .connection_broke(Some(self.number), self.replies, panic);
        let Some((ticket, outcome)) = broken else {
            return;
        };
        let progress = match outcome {
            Some((outcome, id)) => self.reply_and_close(&outcome, &id).await,
            None => self.lost(),
        };
        self.exchange.finished(ticket, progress, None);
        if progress == Progress::Answered {
            self.wire.close().await;
        }
    }

    /// Sends a last reply that needs nothing of its request.
    async fn reply_and_close(&mut self, outcome: &Outcome, request_id: &str) -> Progress {
        let envelope = Envelope {
            request_id,
            ..Envelope::closing(SystemTime::now())
        };
        let reply = Response::of(outcome, envelope);
        let reply = Transmission::whole(&reply, Duration::ZERO);
        match self.wire.perform(reply).await {
            Ok(_) => Progress::Answered,
            Err(_) => self.lost(),
        }
    }

    /// Records a request that is malformed or incomplete.
    fn refuse(&self, head: Head, validity: Validity) {
        let invocation = Invocation::unreadable(head, validity).on_connection(self.number);
        self.exchange.refuse(invocation);
    }

    /// Answers one request; `None` if the connection ends before the whole reply is sent, or if the
    /// fake is being dropped.
    async fn answer(&mut self, invocation: Invocation, closes: bool) -> Option<Ending> {
        let exchange = self.exchange.clone();
        let mut arrived = exchange.arrive(invocation)?;
        let outcome = match arrived.decision.take() {
            Some(Decision::Send(outcome)) => {
                if outcome.alterations.is_some() {
                    // The answer can take a long time, or forever.
                    exchange.watch();
                }
                outcome
            }
            decision => match self.work_out(&arrived, decision).await {
                Some(outcome) => outcome,
                None => {
                    exchange.finished(arrived.ticket, self.lost(), None);
                    return None;
                }
            },
        };
        if outcome.is_stream() {
            self.replies = true;
            let written = self.stream(&arrived, outcome, closes).await;
            return self.ended(&arrived, written).await;
        }
        let log_result = exchange.log_result(&arrived, &outcome);
        let response = Response::of(
            &outcome,
            Envelope {
                request_id: arrived.invocation.request_id(),
                log_result: log_result.as_deref(),
                now: SystemTime::now(),
                era: arrived.invocation.era(),
                closes,
                without_body: arrived.invocation.method() == "HEAD",
            },
        );
        let transmission = match &outcome.alterations {
            None => Transmission::whole(&response, Duration::ZERO),
            Some(alterations) => {
                Transmission::of(&response, alterations.fault, alterations.body_delay)
                    .unwrap_or_else(|why| {
                        exchange.fault_could_not_happen(&arrived, why);
                        Transmission::whole(&response, alterations.body_delay)
                    })
            }
        };
        self.replies = true;
        let written = self.wire.perform(transmission).await;
        self.ended(&arrived, written).await
    }

    /// Records that a reply was written, or how the connection ended before that.
    async fn ended(&mut self, arrived: &Arrived, written: io::Result<Ending>) -> Option<Ending> {
        let written = match written {
            Ok(Ending::Hang) => self.hang(arrived).await,
            written => written,
        };
        // Not the time after the write: the client may have read the reply long before this thread
        // runs again, and its wait before a retry would look shorter than it was. With a clock that
        // can be paused this cannot happen, because the client runs on this thread.
        let (progress, at) = match written {
            Ok(_) if self.exchange.config.clock().is_virtual() => (Progress::Answered, None),
            Ok(_) => (Progress::Answered, Some(self.wire.last_write)),
            Err(_) => (self.lost(), None),
        };
        self.exchange.finished(arrived.ticket, progress, at);
        written.ok()
    }

    /// The end of an attempt whose last byte was not sent.
    fn lost(&self) -> Progress {
        #[cfg(feature = "in-memory")]
        if self.is_endless {
            return Progress::Endless;
        }
        match self.wire.is_cut() {
            true => Progress::Cut,
            false => Progress::Abandoned,
        }
    }

    /// The outcome of a request that waits for a decision or a handler; `None` if the connection
    /// ends or the fake is dropped in the meantime.
    async fn work_out(&mut self, arrived: &Arrived, decision: Option<Decision>) -> Option<Outcome> {
        let exchange = self.exchange.clone();
        exchange.watch();
        let decision = match decision {
            Some(decision) => decision,
            None => {
                let decided = poll_fn(|context| exchange.poll_decide(arrived, context));
                self.unless_left(arrived, decided).await??
            }
        };
        let (own, again) = (exchange.clone(), arrived.without_decision());
        let mut driven = Box::pin(async move {
            let mut party = FunctionParty {
                exchange: &own,
                invocation: &again.invocation,
                streamed: Some(&again),
            };
            drive(&own, Subject::Attempt(&again), &mut party, decision).await
        });
        let outcome = self.unless_left(arrived, driven.as_mut()).await;
        if outcome.is_none() && exchange.is_running(arrived.ticket) {
            // The function continues until it ends, although no client waits for it.
            let left = arrived.without_decision();
            spawn(Box::pin(async move {
                match panics::catch_in(driven).await {
                    Ok(Some(outcome)) if outcome.is_stream() => {
                        let again = left.without_decision();
                        let own = exchange.clone();
                        let function = async move { Function::new(&own, &again, outcome) };
                        leave((exchange, left), Box::pin(function)).await;
                    }
                    Ok(_) => {}
                    Err(panic) => exchange.function_broke(&left, panic),
                }
            }));
        }
        outcome?
    }

    /// Runs `work` while the client stays connected and, on a paused clock, while something can
    /// still end it.
    pub(super) async fn unless_left<T>(
        &mut self,
        arrived: &Arrived,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        #[cfg(feature = "in-memory")]
        if self.exchange.config.transport.is_in_memory() {
            let exchange = self.exchange.clone();
            let ended = unless_endless(&exchange, arrived, work);
            let ended = self.wire.unless_left(ended).await?;
            if ended.is_none() {
                self.cut_off();
            }
            return ended;
        }
        let _ = arrived;
        self.wire.unless_left(work).await
    }

    /// Sends nothing until the client disconnects.
    async fn hang(&mut self, arrived: &Arrived) -> io::Result<Ending> {
        self.unless_left(arrived, pending::<()>()).await;
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// Resets the connection of a client that would wait forever.
    #[cfg(feature = "in-memory")]
    fn cut_off(&mut self) {
        self.is_endless = true;
        // A pipe can always be reset.
        let _ = self.wire.reset();
    }
}

/// The result of `work`; `None` if the test's clock is paused and nothing will ever end the wait,
/// not even a timer of the fake. That is then a finding.
#[cfg(feature = "in-memory")]
async fn unless_endless<T>(
    exchange: &Exchange,
    arrived: &Arrived,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            result = work.as_mut() => return Some(result),
            () = sleep_without_waits(LONGEST_SILENCE) => {}
        }
        if exchange.never_ends(arrived.ticket, LONGEST_SILENCE) {
            return None;
        }
    }
}
