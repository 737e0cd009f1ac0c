//! HandlerTask accepted events: what the exchange finds due and cannot do under its lock.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::handler::HandlerTask;
use crate::exchange::{Exchange, Run, Subject};
use crate::reply::gate::SharedGate;
use crate::reply::outcome::Todo;
use crate::reply::reply::{Failure, Handler, Reply};
use crate::transport::deadline::{Deadline, in_time};
use crate::transport::drive::{Party, drive};

/// Runs events as they fall due, until the fake is dropped.
pub(crate) async fn run(exchange: Arc<Exchange>) {
    while let Some(due) = poll_fn(|context| exchange.poll_run(context)).await {
        // Decided here, one after the other: what falls due first takes the first step.
        if let Some((run, todo)) = exchange.decide_run(due) {
            tokio::task::spawn_local(execute(exchange.clone(), run, todo));
        }
    }
}

/// One execution, to its end.
async fn execute(exchange: Arc<Exchange>, run: Run, todo: Todo) {
    let mut party = EventParty {
        exchange: &exchange,
        run: &run,
    };
    if let Some(outcome) = drive(&exchange, Subject::Execution(&run), &mut party, todo).await {
        exchange.executed(&run, &outcome, false);
    }
}

/// An event that is run: nobody waits for its answer, so nobody leaves.
struct EventParty<'a> {
    exchange: &'a Arc<Exchange>,
    run: &'a Run,
}

impl Party for EventParty<'_> {
    fn now(&self) -> Instant {
        Instant::now()
    }

    async fn wait(&mut self, length: Duration) -> Option<()> {
        tokio::time::sleep(length).await;
        Some(())
    }

    async fn hold(
        &mut self,
        gate: &SharedGate,
        what: String,
        until: Option<Deadline>,
    ) -> Option<Option<bool>> {
        Some(in_time(until, gate.hold(what)).await)
    }

    async fn run(
        &mut self,
        handler: &Handler,
        until: Option<Deadline>,
    ) -> Option<Result<Reply, Failure>> {
        let invocation = self.run.pending.invocation.clone();
        let mut running = HandlerTask::until(until, handler, invocation, self.exchange.clone());
        Some(running.result().await)
    }
}
