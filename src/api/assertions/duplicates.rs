//! Assertions about work that was executed more than once.

use std::fmt::Display;

use super::raised;
use crate::api::fake::Handle;
use crate::record::journal::Duplicate;
use crate::record::report::{self, Report};
use crate::request::invocation::Invocation;

impl Handle {
    /// Returns the work that some function executed more than once: executions of one function with
    /// the same payload, byte for byte.
    ///
    /// An execution is an attempt whose function ran or runs, even if its reply was lost, or an
    /// event that ran. Lambda's own retries of an event that failed are not duplicates; a copy of
    /// an event that was delivered twice is one. Executions in calls or of events that were
    /// dropped at a limit of the journal are not found;
    /// [`assert_no_duplicates`](Self::assert_no_duplicates) panics in that case.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Fault, Reply, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let lost = Reply::json(json!({"paid": 42})).fault(Fault::ResetAfter(1));
    /// lambda.on("pay").reply(lost).times(1).then(json!({"paid": 42}));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// client.invoke().function_name("pay").payload(b"7".to_vec().into()).send().await.unwrap();
    ///
    /// let [duplicate] = &lambda.duplicates()[..] else { panic!("paid once") };
    /// assert_eq!((duplicate.function(), duplicate.key()), ("pay", "7"));
    /// assert_eq!(duplicate.executions(), [(1, 1), (1, 2)]); // call 1, attempts 1 and 2
    /// # }
    /// ```
    pub fn duplicates(&self) -> Vec<Duplicate> {
        Duplicate::all(&self.calls(), Duplicate::payload_as_key)
    }

    /// Asserts that no function executed the same payload twice: that
    /// [`duplicates`](Self::duplicates) finds none.
    ///
    /// # Panics
    ///
    /// Panics with the duplicates if there are any, if the journal has dropped calls, or if ended
    /// events were dropped at a limit of the journal.
    #[track_caller]
    pub fn assert_no_duplicates(&self) {
        raised(
            &self.exchange,
            self.check_duplicates(Duplicate::payload_as_key, false),
        );
    }

    /// Asserts that no function executed two requests with the same key, such as the id of an
    /// order, even if their payloads differ.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Invocation};
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.assert_no_duplicates_by(|invocation: &Invocation| invocation.payload_json()["order"].clone());
    /// ```
    ///
    /// # Panics
    ///
    /// Panics with the duplicates if there are any, if the journal has dropped calls, or if ended
    /// events were dropped at a limit of the journal.
    #[track_caller]
    pub fn assert_no_duplicates_by<K: Display>(&self, key: impl Fn(&Invocation) -> K) {
        let key = |invocation: &Invocation| key(invocation).to_string();
        raised(&self.exchange, self.check_duplicates(key, true));
    }

    fn check_duplicates(
        &self,
        key: impl Fn(&Invocation) -> String,
        is_by_key: bool,
    ) -> Result<(), Report> {
        self.exchange.note_check();
        let (journal, events) = self
            .exchange
            .read(|state| (state.journal(), state.dropped_events(|_| true)));
        if journal.dropped.calls() > 0 {
            return Err(report::duplicates_unknown(journal.dropped, false));
        }
        if events.calls() > 0 {
            return Err(report::duplicates_unknown(events, true));
        }
        let duplicates = Duplicate::all(&journal.calls(), key);
        match duplicates.is_empty() {
            true => Ok(()),
            false => Err(report::duplicated(&duplicates, is_by_key, &journal)),
        }
    }
}
