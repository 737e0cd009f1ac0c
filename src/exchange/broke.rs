//! Panics on a thread that runs the fake, outside of the test's handlers and conditions: in a waker
//! or a `Drop` of the test, or in this crate.
//!
//! The attempt, the event or the connection ends, so that no client and no wait hangs, and
//! verification reports the panic.

use super::events::Run;
use super::exchange::Exchange;
use super::progress::{
    CODE_OF_PANIC, EXIT_CODE_OF_PANIC, GOT_PANICKED, HAD_GOT_202, HAD_LEFT, failure_outcome,
};
use super::subject::{Arrived, Subject};
use crate::aws::function_error::FunctionError;
use crate::ground::panics::CaughtPanic;
use crate::record::finding::Finding;
use crate::record::journal::{ShortHeadline, Ticket};
use crate::reply::outcome::{Decision, Outcome};

/// The answer to a client whose reply may have begun.
const CLOSED: &str = "the fake closed the connection";

impl Exchange {
    /// Records the panic of a connection's task, or of another server's thread.
    ///
    /// Returns the attempt that it was answering, and the outcome and the request id to send unless
    /// a reply has begun.
    pub(crate) fn connection_broke(
        &self,
        connection: Option<u64>,
        has_replied: bool,
        panic: CaughtPanic,
    ) -> Option<(Ticket, Option<(Outcome, String)>)> {
        self.edit(|state| {
            let open = state.record.log.open_on(connection);
            let open = open.map(|(ticket, attempt)| {
                let headline = ShortHeadline(&attempt.invocation);
                let what = format!("answered call {}: {headline}", ticket.call);
                (ticket, what, attempt.invocation.request_id().to_owned())
            });
            let (broken, what) = match open {
                Some((ticket, what, id)) => (Some((ticket, id)), what),
                None => (None, "served a connection".to_owned()),
            };
            let answer = match (&broken, has_replied) {
                (Some(_), false) => GOT_PANICKED,
                (Some(_), true) | (None, _) => CLOSED,
            };
            let outcome = panicked(&panic);
            state.record.findings.add(Finding::Broke {
                call: broken.as_ref().map(|(ticket, _)| ticket.call),
                what,
                answer,
                panicked_at: panic.panicked_at,
                text: panic.text,
            });
            let (ticket, id) = broken?;
            if has_replied {
                // The function of a stream has ended with its connection.
                state.record.log.runs(ticket, false);
                return Some((ticket, None));
            }
            state.decided_after_wait(ticket, outcome.clone(), false);
            Some((ticket, Some((outcome, id))))
        })
    }

    /// Records the panic of a function that ran without its client.
    pub(crate) fn function_broke(&self, arrived: &Arrived, panic: CaughtPanic) {
        let outcome = panicked(&panic);
        let finding = broke(Subject::Attempt(arrived), HAD_LEFT, panic);
        self.edit(|state| {
            state.record.findings.add(finding);
            state.decided_after_wait(arrived.ticket, outcome, false);
        });
    }

    /// Records the panic of an execution of an event: the function failed.
    pub(crate) fn execution_broke(&self, run: &Run, panic: CaughtPanic) {
        let subject = Subject::Execution(run);
        self.add_finding(broke(subject, HAD_GOT_202, panic));
        let failed = FunctionError::exited(EXIT_CODE_OF_PANIC);
        let mut decision = Decision::of(&failed.into(), subject.invocation());
        if let Some(outcome) = decision.outcome_mut() {
            self.executed(run, outcome, false);
        }
    }

    /// Records a panic of the task that starts executions.
    pub(crate) fn events_broke(&self, panic: CaughtPanic) {
        self.add_finding(Finding::Broke {
            call: None,
            what: "ran accepted events".to_owned(),
            answer: "the next event runs",
            panicked_at: panic.panicked_at,
            text: panic.text,
        });
    }
}

fn broke(subject: Subject<'_>, answer: &'static str, panic: CaughtPanic) -> Finding {
    Finding::Broke {
        call: Some(subject.call()),
        what: format!("ran the function of {}", subject.described()),
        answer,
        panicked_at: panic.panicked_at,
        text: panic.text,
    }
}

fn panicked(panic: &CaughtPanic) -> Outcome {
    let message = format!("fake-lambda: the fake panicked: {}", panic.text);
    failure_outcome(CODE_OF_PANIC, message)
}
