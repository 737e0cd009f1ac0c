//! Asynchronous invocation: its configuration and its clock.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Handle;
use crate::api::wait::Wait;
use crate::aws::target::{Target, target_of};
use crate::behavior::events::EventConfig;
use crate::exchange::{Exchange, State};
use crate::ground::location::Location;
use crate::ground::message::{Message, accepted};

/// When the events' clock goes on; see [`Builder::events_run`](crate::Builder::events_run).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum EventsRun {
    /// By itself: accepted events run to their end at once, retries included; one that a limit refuses waits until the callers that have its
    /// places leave.
    Auto,
    /// When the test says so, with [`advance`](Handle::advance) and [`settle_events`](Handle::settle_events). The default.
    #[default]
    Manual,
}

/// How the events of a function, or of one qualifier of it, are treated; made by [`Handle::event_invoke_config`].
#[derive(Clone)]
pub struct EventInvokeConfig {
    exchange: Arc<Exchange>,
    target: Target,
}

impl Handle {
    /// Configures how a function treats events: retries, maximum age, destinations, dead-letter queue.
    ///
    /// Without a qualifier it is for every one. Each setting counts at the moment it is needed, also for what is queued already; of
    /// each, the one for the qualifier goes before the one for the function. The defaults are the service's: two retries, six
    /// hours, nothing sent anywhere.
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
    /// At this line when the text names no function.
    #[track_caller]
    pub fn event_invoke_config(&self, target: impl AsRef<str>) -> EventInvokeConfig {
        let target = target_of(target.as_ref());
        self.name_setting("event_invoke_config", &target, Location::here());
        EventInvokeConfig {
            exchange: self.exchange.clone(),
            target,
        }
    }

    /// Moves the events' clock on and runs what falls due, in order; ready when all of that is over.
    ///
    /// The clock begins at 2025-01-01T00:00:00Z. It stands still between two calls of this and while anything runs, so first executions are all made at the
    /// moment of their acceptance. It moves when this is called; the wait is for the end.
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
    #[track_caller]
    pub fn advance(&self, length: Duration) -> Wait {
        let goal = self.exchange.advance(length);
        let what = format!("for the events' clock to advance by {length:?}");
        let is_done = move |state: &State| state.events.queue.has_reached(goal);
        Wait::new(self.exchange.clone(), what, is_done, State::events_left)
    }

    /// Moves the events' clock on until nothing is queued, and runs what falls due, in order; ready when every accepted event has ended.
    ///
    /// Events that are accepted meanwhile are among them, and so are executions that are running: await this before a snapshot of events.
    #[track_caller]
    pub fn settle_events(&self) -> Wait {
        self.exchange.settle_events();
        let what = "for every accepted event to end".to_owned();
        let is_done = |state: &State| state.events.queue.unsettled() == 0;
        Wait::new(self.exchange.clone(), what, is_done, State::events_left)
    }
}

impl EventInvokeConfig {
    /// How often a function that failed runs again for the same event: 0 to 2, after one minute and after two more.
    ///
    /// # Panics
    ///
    /// At this line for another number.
    #[track_caller]
    pub fn maximum_retry_attempts(&self, retries: u32) -> Self {
        accepted(self.edit(|config| config.try_retries(retries)))
    }

    /// How old an event may get: 60 s to 6 h. What would be too old by its next execution ends now, as on AWS.
    ///
    /// # Panics
    ///
    /// At this line for another duration, and for one that is no whole number of seconds.
    #[track_caller]
    pub fn maximum_event_age(&self, age: Duration) -> Self {
        accepted(self.edit(|config| config.try_age(age)))
    }

    /// Where records of events go whose function ran well: the ARN of a queue, topic, function or event bus.
    ///
    /// A function is invoked on this fake, with the record as its event. Functions that invoke one another so are ended after 16, as AWS
    /// does, and verification tells it.
    ///
    /// # Panics
    ///
    /// At this line when AWS would not take the ARN: of another service, of a FIFO queue or topic, of a bucket.
    #[track_caller]
    pub fn on_success(&self, arn: impl AsRef<str>) -> Self {
        let arn = arn.as_ref();
        accepted(self.edit(|config| config.try_on_success(arn)))
    }

    /// Where records of events go that failed for good: the ARN of a queue, topic, function, event bus or bucket.
    ///
    /// A function is treated as in [`on_success`](Self::on_success).
    ///
    /// # Panics
    ///
    /// At this line when AWS would not take the ARN: of another service, of a FIFO queue or topic.
    #[track_caller]
    pub fn on_failure(&self, arn: impl AsRef<str>) -> Self {
        let arn = arn.as_ref();
        accepted(self.edit(|config| config.try_on_failure(arn)))
    }

    /// Where events themselves go that failed for good: the ARN of a queue or topic.
    ///
    /// # Panics
    ///
    /// At this line when AWS would not take the ARN: of another service, of a FIFO queue or topic.
    #[track_caller]
    pub fn dead_letter_queue(&self, arn: impl AsRef<str>) -> Self {
        let arn = arn.as_ref();
        accepted(self.edit(|config| config.try_dead_letter_queue(arn)))
    }

    /// Overloads the queue: an event of the function that is accepted while so many wait is lost, without a word.
    ///
    /// AWS says that this happens, and not when; the number is the test's. What is being run does not wait.
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
