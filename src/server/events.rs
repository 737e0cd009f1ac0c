//! Running accepted events: what the exchange finds due and cannot do under its lock.

use std::future::poll_fn;
use std::sync::Arc;

use super::deadline::{Deadline, in_time};
use super::handler::Running;
use crate::exchange::{Exchange, Run};
use crate::outcome::Todo;

/// Runs events as they fall due, until the fake is dropped.
pub(crate) async fn run(exchange: Arc<Exchange>) {
    while let Some(mut run) = poll_fn(|context| exchange.poll_run(context)).await {
        // Decided here, one after the other: what falls due first takes the first step.
        let todo = match run.todo.take() {
            Some(todo) => Some(todo),
            None => exchange.decide_run(&mut run),
        };
        if let Some(todo) = todo {
            tokio::task::spawn_local(execute(exchange.clone(), run, todo));
        }
    }
}

/// One execution, to its end.
async fn execute(exchange: Arc<Exchange>, run: Run, mut todo: Todo) {
    let mut deadline = None;
    loop {
        match todo {
            Todo::Send(outcome) => return exchange.executed(&run, &outcome, false),
            Todo::Hold(held) => {
                deadline = deadline.or_else(|| held.timeout().map(Deadline::after));
                let wait = async {
                    if let Some(gate) = &held.gate {
                        gate.hold(exchange.described_run(&run)).await;
                    }
                    if !held.delay.is_zero() {
                        tokio::time::sleep(held.delay).await;
                    }
                };
                let is_in_time = in_time(deadline, wait).await.is_some();
                todo = Todo::Send(match held.late {
                    Some((_, late)) if !is_in_time => late,
                    _ => held.outcome,
                });
            }
            Todo::Start(length, then) => {
                tokio::time::sleep(length).await;
                todo = *then;
            }
            Todo::Run(handler) => {
                deadline = deadline.or_else(|| handler.timeout().map(Deadline::after));
                let invocation = run.pending.invocation.clone();
                let mut running = Running::until(deadline, &handler, invocation, exchange.clone());
                let result = running.result().await;
                todo = exchange.run_handled(&run, &handler, result);
            }
        }
    }
}
