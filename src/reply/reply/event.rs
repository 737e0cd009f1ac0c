//! Options that only affect Events: errors after the 202, copies, losses.

use super::{Answer, ErrorReply, Reply};
use crate::aws::service_error::ServiceError;
use crate::ground::message::{Message, accepted};

impl Reply {
    /// Makes this error occur when the service takes an Event from its queue, after the caller has
    /// received the 202.
    ///
    /// The event goes back to the queue and is tried again after 1 s, 2 s, 4 s and so on up to 5
    /// minutes, until it is too old. This does not count as a retry. AWS documents this for
    /// throttles and for 5xx.
    ///
    /// A `RecursiveInvocationException` ends the event instead, because Lambda stops a function
    /// that keeps causing its own invocation: the event goes to the on-failure destination and to
    /// the dead-letter queue, as AWS announced in 2023. No recording confirms the condition in the
    /// record, `RetriesExhausted`.
    ///
    /// No other errors are allowed. Other invocation types get the error as usual.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply, ServiceError};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// let throttled = Reply::error(ServiceError::TooManyRequestsException).in_queue();
    /// lambda.on("resize").reply(throttled).times(2).then(json!({"ok": true}));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the reply is neither a [`ServiceError`] nor an
    /// [`unmodeled_error`](Self::unmodeled_error), or if the error is neither a 429, a 5xx nor a
    /// `RecursiveInvocationException`.
    #[track_caller]
    pub fn in_queue(self) -> Self {
        accepted(self.try_in_queue())
    }

    /// Delivers an Event `times` times in total if it gets this reply, even if its function
    /// succeeds: AWS promises at-least-once delivery, not exactly-once.
    ///
    /// Each copy is a separate [`Delivery`](crate::Delivery) with the same request id, and its
    /// executions consume steps of the script as usual. Other invocation types are not affected.
    ///
    /// # Panics
    ///
    /// Panics if `times` is 0 or over 100, or if the reply is not from a function.
    #[track_caller]
    pub fn delivered_times(self, times: u32) -> Self {
        accepted(self.try_delivered_times(times))
    }

    /// Accepts an Event that gets this reply but never runs it, as when the service's queue is
    /// overloaded.
    ///
    /// No record and no dead letter is sent. Other invocation types are not affected.
    ///
    /// # Panics
    ///
    /// Panics if the reply is not from a function.
    #[track_caller]
    pub fn lost(self) -> Self {
        accepted(self.try_lost())
    }

    pub(crate) fn try_in_queue(mut self) -> Result<Self, Message> {
        let status = match &self.answer {
            Answer::Error(ErrorReply {
                error: ServiceError::RecursiveInvocationException,
                ..
            }) => {
                self.options_mut().in_queue = true;
                return Ok(self);
            }
            Answer::Error(reply) => reply.error.status(),
            Answer::Unmodeled { status, .. } => *status,
            other @ (Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Http { .. }
            | Answer::Handler(_)
            | Answer::Stream(_)
            | Answer::Live(_)
            | Answer::Fault(_)) => {
                return Err(Message::new(
                    format!("{} is not an error of the service", other.kind()),
                    "use `in_queue` with `Reply::error` or `Reply::unmodeled_error`",
                ));
            }
        };
        if status != 429 && status < 500 {
            return Err(Message::new(
                format!("an error with the status {status} cannot happen in the queue"),
                "use an error with 429 or 5xx, use `RecursiveInvocationException`, or remove `in_queue`",
            ));
        }
        self.options_mut().in_queue = true;
        Ok(self)
    }

    pub(crate) fn try_delivered_times(mut self, times: u32) -> Result<Self, Message> {
        if !(1..=100).contains(&times) {
            return Err(Message::new(
                format!("`delivered_times({times})` is out of range"),
                "use 1 to 100, or `lost()` for an event that is never delivered",
            ));
        }
        self.needs_function("delivered_times")?;
        self.options_mut().duplicates = times - 1;
        Ok(self)
    }

    pub(crate) fn try_lost(mut self) -> Result<Self, Message> {
        self.needs_function("lost")?;
        self.options_mut().is_lost = true;
        Ok(self)
    }

    /// The same reply to an Event that is delivered this many times; `None` if it accepts no Event,
    /// or if it has a fault of its own or already changes how often the Event is delivered.
    pub(crate) fn redelivered(&self, times: u32) -> Option<Self> {
        let is_plain = self.own_fault().is_none() && !self.affects_only_events();
        let accepting = Some(self).filter(|reply| is_plain && reply.accepts_event());
        accepting?.clone().try_delivered_times(times).ok()
    }

    /// Returns `true` if an Event whose first reply is this one is accepted.
    pub(crate) fn accepts_event(&self) -> bool {
        match self.answer {
            Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Handler(_)
            | Answer::Stream(_)
            | Answer::Live(_) => true,
            Answer::Error(_) | Answer::Unmodeled { .. } => self
                .options
                .as_ref()
                .is_some_and(|options| options.in_queue),
            Answer::Http { .. } | Answer::Fault(_) => false,
        }
    }

    /// Returns `true` if it has an option that makes an Event lost or delivered more than once.
    pub(crate) fn affects_only_events(&self) -> bool {
        self.options
            .as_ref()
            .is_some_and(|options| options.is_lost || options.duplicates > 0)
    }

    fn needs_function(&self, verb: &str) -> Result<(), Message> {
        let is_of_function = matches!(
            self.answer,
            Answer::Payload(_) | Answer::FunctionError(_) | Answer::Handler(_) | Answer::Stream(_)
        );
        match is_of_function {
            true => Ok(()),
            false => Err(Message::new(
                format!("{} does not accept events", self.answer.kind()),
                format!("use `{verb}` with a payload, a function error or a handler"),
            )),
        }
    }
}
