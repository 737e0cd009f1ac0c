//! Runs accepted events that are due and cannot run under the exchange's lock.

use std::future::poll_fn;
use std::sync::Arc;

use super::function::FunctionParty;
use crate::exchange::{Exchange, Run, Subject};
use crate::reply::outcome::Decision;
use crate::transport::drive::drive;

/// Runs events when they are due, until the fake is dropped.
pub(crate) async fn run(exchange: Arc<Exchange>) {
    while let Some(due) = poll_fn(|context| exchange.poll_run(context)).await {
        // Decided here, one after the other: the event that is due first consumes the first step.
        if let Some((run, decision)) = exchange.decide_run(due) {
            tokio::task::spawn_local(execute(exchange.clone(), run, decision));
        }
    }
}

/// Runs one execution until it ends.
async fn execute(exchange: Arc<Exchange>, run: Run, decision: Decision) {
    let mut party = FunctionParty {
        exchange: &exchange,
        invocation: &run.pending.invocation,
    };
    if let Some(outcome) = drive(&exchange, Subject::Execution(&run), &mut party, decision).await {
        exchange.executed(&run, &outcome, false);
    }
}
