//! Runs accepted events that are due: as tasks, if they cannot be completed under the exchange's
//! lock.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::function::FunctionParty;
use super::thread::spawn;
use crate::exchange::{Exchange, Run, Subject};
use crate::ground::panics;
use crate::reply::outcome::Decision;
use crate::transport::drive::drive;

/// The number of panics after which no further event runs.
const MAX_PANICS: usize = 100;

/// Runs events when they are due, until the fake is dropped.
pub(crate) async fn run(exchange: Arc<Exchange>) {
    for _ in 0..MAX_PANICS {
        match panics::catch_in(run_due(&exchange)).await {
            Ok(()) => return,
            Err(panic) => exchange.events_broke(panic),
        }
    }
}

async fn run_due(exchange: &Arc<Exchange>) {
    let mut timer = pin!(sleep(Duration::ZERO));
    let mut next = |context: &mut Context<'_>| {
        loop {
            let run = exchange.poll_run(context);
            // An event that is already due waits for something other than the clock.
            let later = |next: &Instant| run.is_pending() && *next > Instant::now();
            let next = exchange.next_due().map(Instant::from_std).filter(later);
            let Some(next) = next else { return run };
            timer.as_mut().reset(next);
            if timer.as_mut().poll(context).is_pending() {
                return run;
            }
        }
    };
    while let Some(due) = poll_fn(&mut next).await {
        // Decided here, one after the other: the event that is due first consumes the first step.
        if let Some((run, decision)) = exchange.decide_run(due) {
            spawn(Box::pin(execute(exchange.clone(), run, decision)));
        }
    }
}

/// Runs one execution until it ends.
async fn execute(exchange: Arc<Exchange>, run: Run, decision: Decision) {
    let mut party = FunctionParty {
        exchange: &exchange,
        invocation: &run.pending.invocation,
        streamed: None,
    };
    let driven = drive(&exchange, Subject::Execution(&run), &mut party, decision);
    match panics::catch_in(driven).await {
        Ok(Some(outcome)) => exchange.executed(&run, &outcome, false),
        Ok(None) => {}
        Err(panic) => exchange.execution_broke(&run, panic),
    }
}
