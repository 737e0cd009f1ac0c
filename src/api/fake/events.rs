//! Asynchronous invocation: its configuration and its clock.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::Handle;
use crate::api::wait::Wait;
use crate::aws::target::{Target, target_of};
use crate::behavior::events::EventConfig;
use crate::exchange::{Exchange, State};
use crate::ground::clock::is_paused;
use crate::ground::location::Location;
use crate::ground::message::{Message, accepted};

/// When the events' clock advances; see [`Builder::events_run`](crate::Builder::events_run).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum EventsRun {
    /// By itself: accepted events run until they end, immediately and including retries. An event
    /// that a limit rejects waits until the calls that are running free their slots.
    Auto,
    /// When the test calls [`advance`](Handle::advance) or
    /// [`settle_events`](Handle::settle_events). The default.
    #[default]
    Manual,
    /// On the clock of tokio: an event runs when it is due on that clock. With tokio's clock
    /// paused, `tokio::time::sleep` in the test is what makes retries happen.
    /// [`advance`](Handle::advance) panics, and [`settle_events`](Handle::settle_events) only
    /// waits.
    ///
    /// On a fake with a port or on a mock server, events run in real time, so the first retry is
    /// due after a minute.
    #[cfg(feature = "in-memory")]
    TokioClock,
}

impl EventsRun {
    pub(super) fn follows_clock(self) -> bool {
        match self {
            Self::Auto | Self::Manual => false,
            #[cfg(feature = "in-memory")]
            Self::TokioClock => true,
        }
    }
}

/// The event configuration of a function, or of one of its qualifiers; created by
/// [`Handle::event_invoke_config`].
#[derive(Clone)]
pub struct EventInvokeConfig {
    exchange: Arc<Exchange>,
    target: Target,
}

impl Handle {
    /// Configures how a function treats events: retries, maximum age, destinations, dead-letter
    /// queue.
    ///
    /// Settings for a target without a qualifier apply to every qualifier; a setting for a
    /// qualifier takes precedence. Each setting is read when it is needed, so changes also apply to
    /// queued events. The defaults are the service's: two retries, six hours, no destination.
    ///
    /// ```
    /// use fake_lambda::{EventCondition, FakeLambda, FunctionError, sdk_client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(FunctionError::new("ValueError", "no such image"));
    /// lambda
    ///     .event_invoke_config("resize")
    ///     .maximum_retry_attempts(1)
    ///     .on_failure("arn:aws:sqs:us-east-1:123456789012:failed");
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let event = aws_sdk_lambda::types::InvocationType::Event;
    /// client.invoke().function_name("resize").invocation_type(event).send().await.unwrap();
    ///
    /// lambda.settle_events().await;
    /// let delivery = lambda.only_delivery();
    /// assert_eq!(delivery.condition(), Some(EventCondition::RetriesExhausted));
    /// assert_eq!(delivery.record().unwrap().json()["requestContext"]["approximateInvokeCount"], 2);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `target` does not name a function.
    #[track_caller]
    pub fn event_invoke_config(&self, target: impl AsRef<str>) -> EventInvokeConfig {
        let target = target_of(target.as_ref());
        self.name_setting("event_invoke_config", &target, Location::here());
        EventInvokeConfig {
            exchange: self.exchange.clone(),
            target,
        }
    }

    /// Advances the events' clock and runs the events that become due, in order; the wait ends when
    /// they have finished.
    ///
    /// The clock starts at 2025-01-01T00:00:00Z. By default only this method and
    /// [`settle_events`](Self::settle_events) move it. It stands still while anything runs, so all
    /// first executions happen at the time of acceptance. The clock moves when the wait begins,
    /// which is when it is awaited or blocked on.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, FunctionError, sdk_client};
    /// use serde_json::json;
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let script = lambda.on("resize").reply(FunctionError::new("ValueError", "busy")).times(2).then(json!({"ok": true}));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let event = aws_sdk_lambda::types::InvocationType::Event;
    /// client.invoke().function_name("resize").invocation_type(event).send().await.unwrap();
    ///
    /// lambda.advance(Duration::from_secs(60)).await;
    /// script.assert_executions(2);
    /// lambda.advance(Duration::from_secs(120)).await;
    /// script.assert_delivered(1);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the events run on tokio's clock.
    #[track_caller]
    pub fn advance(&self, length: Duration) -> Wait {
        assert!(
            !self.exchange.config.events_follow,
            "{}",
            Message::new(
                "`advance` cannot move the events' clock: events run on tokio's clock",
                "sleep with `tokio::time::sleep(..)`, or remove `.events_run(EventsRun::TokioClock)`",
            )
        );
        let what = format!("for the events' clock to advance by {length:?}");
        let goal = Arc::new(OnceLock::new());
        let left = |state: &State| state.events_left(false);
        let (exchange, begun, reach) = (self.exchange.clone(), goal.clone(), self.reach.clone());
        let is_done = move |state: &State| {
            let goal = goal.get();
            goal.is_some_and(|goal| state.events.queue.has_reached(*goal))
        };
        Wait::new(self.exchange.clone(), what, is_done, left).beginning_with(move || {
            begun.get_or_init(|| exchange.advance(length));
            reach.run_events();
        })
    }

    /// Advances the events' clock until nothing is queued, and runs the events that become due, in
    /// order; the wait ends when every accepted event has ended.
    ///
    /// This includes events that are accepted in the meantime and executions that are already
    /// running. Await it before you take a snapshot of events. Without `.await` or `.block()` the
    /// wait does nothing, and verification reports it.
    #[track_caller]
    pub fn settle_events(&self) -> Wait {
        let what = "for every accepted event to end".to_owned();
        let is_done = |state: &State| state.events.queue.unsettled() == 0;
        let takes_real_time = self.exchange.config.events_follow && !is_paused();
        let left = move |state: &State| state.events_left(takes_real_time);
        let (exchange, reach) = (self.exchange.clone(), self.reach.clone());
        Wait::new(self.exchange.clone(), what, is_done, left).beginning_with(move || {
            exchange.settle_events();
            reach.run_events();
        })
    }
}

impl EventInvokeConfig {
    /// Sets how often a function that failed runs again for the same event: 0 to 2 times, after one
    /// minute and after two more.
    ///
    /// # Panics
    ///
    /// Panics if the number is greater than 2.
    #[track_caller]
    pub fn maximum_retry_attempts(&self, retries: u32) -> Self {
        accepted(self.edit(|config| config.try_retries(retries)))
    }

    /// Sets the maximum age of an event: 60 s to 6 h. As on AWS, an event that would be too old at
    /// its next execution ends immediately.
    ///
    /// # Panics
    ///
    /// Panics if the duration is out of this range, or not a whole number of seconds.
    #[track_caller]
    pub fn maximum_event_age(&self, age: Duration) -> Self {
        accepted(self.edit(|config| config.try_age(age)))
    }

    /// Sets the destination for records of events whose function succeeded: the ARN of a queue,
    /// topic, function or event bus.
    ///
    /// If it is a function, this fake invokes it with the record as its event. If functions invoke
    /// one another in a loop, the loop ends after 16 invocations, as on AWS, and verification
    /// reports it.
    ///
    /// # Panics
    ///
    /// Panics if AWS would not accept the ARN, because it is malformed, or names a FIFO queue or
    /// topic, a bucket, or a resource of another service.
    #[track_caller]
    pub fn on_success(&self, arn: impl AsRef<str>) -> Self {
        let arn = arn.as_ref();
        accepted(self.edit(|config| config.try_on_success(arn)))
    }

    /// Sets the destination for records of events that failed permanently: the ARN of a queue,
    /// topic, function, event bus or bucket.
    ///
    /// A function is invoked as described for [`on_success`](Self::on_success).
    ///
    /// # Panics
    ///
    /// Panics if AWS would not accept the ARN, because it is malformed, or names a FIFO queue or
    /// topic, or a resource of another service.
    #[track_caller]
    pub fn on_failure(&self, arn: impl AsRef<str>) -> Self {
        let arn = arn.as_ref();
        accepted(self.edit(|config| config.try_on_failure(arn)))
    }

    /// Sets the destination for events that failed permanently: the ARN of a queue or topic.
    ///
    /// # Panics
    ///
    /// Panics if AWS would not accept the ARN, because it is malformed, or names a FIFO queue or
    /// topic, or a resource of another service.
    #[track_caller]
    pub fn dead_letter_queue(&self, arn: impl AsRef<str>) -> Self {
        let arn = arn.as_ref();
        accepted(self.edit(|config| config.try_dead_letter_queue(arn)))
    }

    /// Limits the queue: once this many events of the function are waiting, further accepted ones
    /// are silently lost.
    ///
    /// AWS documents that this happens, but not when, so the test chooses the number. A running
    /// event does not count as waiting.
    pub fn queue_capacity(&self, events: usize) -> Self {
        accepted(self.edit(|config| {
            config.capacity = Some(events);
            Ok(())
        }))
    }

    fn edit(
        &self,
        edit: impl FnOnce(&mut EventConfig) -> Result<(), Message>,
    ) -> Result<Self, Message> {
        self.exchange
            .edit(|state| edit(state.events.queue.configs.entry(&self.target)))?;
        Ok(self.clone())
    }
}

impl fmt::Debug for EventInvokeConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventInvokeConfig")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
