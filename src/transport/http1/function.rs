//! How a function waits in the fake's runtime: on tokio's clock, at its gates, for its handlers.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::handler::HandlerTask;
use super::live;
use crate::aws::function_error::LONGEST_TIMEOUT;
use crate::exchange::{Arrived, Exchange};
use crate::reply::gate::SharedGate;
use crate::reply::reply::{Failure, Handler, Reply};
use crate::request::invocation::Invocation;
use crate::transport::deadline::{Deadline, in_time};
use crate::transport::drive::Party;

/// A function that runs for an attempt or an event, whether or not a client waits for it.
pub(crate) struct FunctionParty<'a> {
    pub(crate) exchange: &'a Arc<Exchange>,
    pub(crate) invocation: &'a Invocation,
    /// The attempt whose client gets the chunks of a handler as they are sent.
    pub(crate) streamed: Option<&'a Arrived>,
}

impl Party for FunctionParty<'_> {
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// Returns Lambda's longest timeout if the fake is in memory: on a paused clock, nothing else
    /// would end a handler that waits for something that never happens.
    fn longest_run(&self) -> Option<Duration> {
        let is_in_memory = self.exchange.config.transport.is_in_memory();
        is_in_memory.then_some(LONGEST_TIMEOUT)
    }

    async fn wait(&mut self, length: Duration) {
        tokio::time::sleep(length).await;
    }

    async fn hold(
        &mut self,
        gate: &SharedGate,
        what: String,
        until: Option<Deadline>,
    ) -> Option<bool> {
        in_time(until, gate.hold(what)).await
    }

    async fn run(
        &mut self,
        handler: &Handler,
        until: Option<Deadline>,
    ) -> Option<Result<Reply, Failure>> {
        let streamed = self.streamed.filter(|_| handler.streams());
        if let Some(arrived) = streamed.filter(|_| self.invocation.is_streamed()) {
            return Some(live::begin(until, handler, self.exchange, arrived).await);
        }
        let invocation = self.invocation.clone();
        let mut running = HandlerTask::until(until, handler, invocation, self.exchange.clone());
        Some(running.result().await)
    }
}
