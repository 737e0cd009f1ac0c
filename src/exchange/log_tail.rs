//! The log tail of an attempt: made when its reply is about to be written, for callers that asked.

use base64::Engine;

use super::{Exchange, State};
use crate::aws::log_tail::{LoggedRun, RunEnding, tail};
use crate::aws::start::Start;
use crate::aws::words::LogType;
use crate::record::journal::Ticket;
use crate::reply::outcome::{Outcome, OutcomeKind, Todo};
use crate::request::invocation::Invocation;

impl Exchange {
    /// The value of `X-Amz-Log-Result`; `None` unless the caller asked for it and the function ran.
    pub(crate) fn log_result(&self, invocation: &Invocation, outcome: &Outcome) -> Option<String> {
        match invocation.log_type() {
            LogType::Tail => self.made_log_result(invocation, outcome),
            LogType::None => None,
        }
    }

    /// Apart, so that other callers pay for one comparison.
    #[cold]
    fn made_log_result(&self, invocation: &Invocation, outcome: &Outcome) -> Option<String> {
        let mut written = invocation.take_log()?;
        let OutcomeKind::Ran {
            body,
            failed,
            version,
            log,
            start,
        } = &outcome.kind
        else {
            return None;
        };
        written.push_str(log.as_deref().unwrap_or_default());
        let ending = match failed {
            true => RunEnding::of_error(body),
            false => RunEnding::Answered,
        };
        let run = LoggedRun {
            request_id: invocation.request_id(),
            function: invocation.function_name(),
            arn: &invocation.function_arn(),
            region: invocation.region(),
            version,
            log: &written,
            ending,
            start: *start,
            draws: self.draws(invocation),
        };
        let tail = tail(self.config.log_format, &run);
        Some(base64::engine::general_purpose::STANDARD.encode(tail))
    }
}

impl State {
    /// Takes an environment for a run whose log is asked for, and notes in its outcome how the run came by it.
    ///
    /// Called before the outcome is in the journal, which is asked for earlier runs at the first of each version: those of callers
    /// that asked for no log cost nothing.
    pub(super) fn enter_environment(
        &mut self,
        ticket: Ticket,
        invocation: &Invocation,
        todo: &mut Todo,
    ) {
        if invocation.log_type() != LogType::Tail {
            return;
        }
        let Some(Outcome {
            kind: OutcomeKind::Ran { version, start, .. },
            ..
        }) = todo.outcome_mut()
        else {
            return;
        };
        let Some(target) = invocation.target() else {
            return;
        };
        let is_new = self.environments.enter(target, version) && !self.log.has_run(target, version);
        *start = match self.start_of(ticket) {
            Some(start) => start,
            None if is_new => Start::Cold(None),
            None => Start::Warm,
        };
    }
}
