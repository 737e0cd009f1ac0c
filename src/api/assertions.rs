//! Assertions about calls, with the same methods for a whole fake, one script, one target, and the
//! calls that match a condition.
//!
//! An assertion that fails panics at the caller's line. Most have a `try_` variant that returns the
//! report instead.

mod deliveries;
mod duplicates;

use std::time::Duration;

use crate::api::fake::Handle;
use crate::api::rule::{Script, Seen, possible};
use crate::api::seen::Scope;
use crate::api::wait::Wait;
use crate::aws::target::{Target, target_of};
use crate::exchange::Exchange;
use crate::ground::count::{Count, Number};
use crate::ground::location::Location;
use crate::ground::message::{Message, accepted};
use crate::record::journal::Call;
use crate::record::report::Report;
use crate::request::matchers::IntoCondition;

macro_rules! questions {
    ($type:ty, $whose:literal, |$self:ident| $scope:expr) => {
        #[doc = concat!("Assertions about the calls ", $whose, ".")]
        impl $type {
            /// Returns the calls, oldest first, without those that the journal has dropped.
            pub fn calls(&$self) -> Vec<Call> {
                $scope.calls(&$self.exchange)
            }

            /// Returns the only call.
            ///
            /// # Panics
            ///
            /// Panics if there was no call or more than one, or if the journal has dropped a call
            /// that could be the only one.
            #[track_caller]
            pub fn only_call(&$self) -> Call {
                raised(&$self.exchange, $scope.only_call(&$self.exchange))
            }

            /// Restricts the assertions to calls that satisfy a condition; several conditions must
            /// all be met.
            ///
            /// Accepts the same conditions as [`Rule::when`](crate::Rule::when). A call counts if
            /// one of its attempts satisfies the condition. Each assertion evaluates the condition
            /// on what the journal keeps. If the journal has dropped something that could match,
            /// the assertion fails and names the limit to raise.
            ///
            /// ```
            /// use fake_lambda::{FakeLambda, matchers::*, sdk_client};
            /// use serde_json::json;
            ///
            /// # #[tokio::main(flavor = "current_thread")] async fn main() {
            /// let lambda = FakeLambda::start();
            /// lambda.on("pay").reply(json!({"paid": true}));
            /// let client = sdk_client!(aws_sdk_lambda, lambda);
            /// client.invoke().function_name("pay").payload(br#"{"order": 7}"#.to_vec().into()).send().await.unwrap();
            ///
            /// lambda.seen("pay").matching(payload_is(json!({"order": 7}))).assert_calls(1);
            /// lambda.matching(invocation_type("Event")).assert_calls(0);
            /// lambda.matching(attempt(2)).assert_calls(0); // nothing was retried
            /// lambda.matching(signing_region("us-east-1")).matching(log_type("None")).assert_attempts(1);
            /// # }
            /// ```
            #[track_caller]
            pub fn matching<M>(&$self, condition: impl IntoCondition<M>) -> Seen {
                let condition = condition.into_condition();
                Seen {
                    exchange: $self.exchange.clone(),
                    scope: $scope.matching(condition),
                }
            }

            /// Asserts the number of calls: a number or a range, as in `3`, `2..=4` or `1..`.
            ///
            /// One `client.send()` is one call, however often the SDK retries it.
            ///
            /// # Panics
            ///
            /// Panics if there were more or fewer, if `count` is a negative number or an empty
            /// range, or if the journal has dropped something that could match a condition of
            /// [`matching`](Self::matching).
            #[track_caller]
            pub fn assert_calls(&$self, count: impl Into<Count>) {
                let count = possible(count.into(), "assert_calls");
                raised(&$self.exchange, $scope.check(&$self.exchange, "call", count, |tally| tally.calls));
            }

            /// Does the same as [`assert_calls`](Self::assert_calls), but returns the report
            /// instead of panicking.
            ///
            /// # Errors
            ///
            /// Returns the [`Report`], which names this line.
            ///
            /// # Panics
            ///
            /// Panics if `count` is a negative number or an empty range.
            #[track_caller]
            pub fn try_assert_calls(&$self, count: impl Into<Count>) -> Result<(), Report> {
                let count = possible(count.into(), "try_assert_calls");
                returned($scope.check(&$self.exchange, "call", count, |tally| tally.calls))
            }

            /// Asserts the number of attempts, which are HTTP requests, including retries.
            ///
            /// # Panics
            ///
            /// Panics if there were more or fewer, if `count` is a negative number or an empty
            /// range, or if the journal has dropped something that could match a condition of
            /// [`matching`](Self::matching).
            #[track_caller]
            pub fn assert_attempts(&$self, count: impl Into<Count>) {
                let count = possible(count.into(), "assert_attempts");
                raised(&$self.exchange, $scope.check(&$self.exchange, "attempt", count, |tally| tally.attempts));
            }

            /// Does the same as [`assert_attempts`](Self::assert_attempts), but returns the report
            /// instead of panicking.
            ///
            /// # Errors
            ///
            /// Returns the [`Report`], which names this line.
            ///
            /// # Panics
            ///
            /// Panics if `count` is a negative number or an empty range.
            #[track_caller]
            pub fn try_assert_attempts(&$self, count: impl Into<Count>) -> Result<(), Report> {
                let count = possible(count.into(), "try_assert_attempts");
                returned($scope.check(&$self.exchange, "attempt", count, |tally| tally.attempts))
            }

            /// Asserts that these functions were called in exactly this order. Each name is one
            /// call; calls are ordered by the arrival of their first attempt.
            ///
            /// Names have the same form as in [`on`](crate::Handle::on). Calls to functions that
            /// are not named are ignored; add [`assert_calls`](Self::assert_calls) to assert that
            /// nothing else was called.
            ///
            /// ```
            /// use fake_lambda::{FakeLambda, sdk_client};
            /// use serde_json::json;
            ///
            /// # #[tokio::main(flavor = "current_thread")] async fn main() {
            /// let lambda = FakeLambda::start();
            /// lambda.on_any().reply(json!(null));
            /// let client = sdk_client!(aws_sdk_lambda, lambda);
            /// for name in ["check", "log", "pay"] {
            ///     client.invoke().function_name(name).send().await.unwrap();
            /// }
            /// lambda.assert_order(["check", "pay"]);
            /// lambda.assert_calls(3);
            /// # }
            /// ```
            ///
            /// # Panics
            ///
            /// Panics if a call has another position, is missing or was made too often, if the
            /// journal has dropped calls, if a string does not name a function, or if the list is
            /// empty.
            #[track_caller]
            pub fn assert_order(&$self, functions: impl IntoIterator<Item = impl AsRef<str>>) {
                let order = order_of(functions);
                raised(&$self.exchange, $scope.check_order(&$self.exchange, &order));
            }

            /// Does the same as [`assert_order`](Self::assert_order), but returns the report
            /// instead of panicking.
            ///
            /// # Errors
            ///
            /// Returns the [`Report`], which names this line.
            ///
            /// # Panics
            ///
            /// Panics if a string does not name a function, or if the list is empty.
            #[track_caller]
            pub fn try_assert_order(&$self, functions: impl IntoIterator<Item = impl AsRef<str>>) -> Result<(), Report> {
                let order = order_of(functions);
                returned($scope.check_order(&$self.exchange, &order))
            }

            /// Asserts that the client's backoff, the time it waits before every retry, is at least
            /// this long.
            ///
            /// It is measured from the end of one attempt to the arrival of the next: in real time,
            /// or on tokio's clock if the fake is in memory. [`Call::waits`] returns the measured
            /// times. With [`matching(attempt(3))`](Self::matching), only third attempts are
            /// checked.
            ///
            /// # Panics
            ///
            /// Panics if a retry arrived sooner, if there was no retry, or if the journal has
            /// dropped calls.
            #[track_caller]
            pub fn assert_backoff_at_least(&$self, at_least: Duration) {
                raised(&$self.exchange, $scope.check_backoff(&$self.exchange, at_least));
            }

            /// Does the same as [`assert_backoff_at_least`](Self::assert_backoff_at_least), but
            /// returns the report instead of panicking.
            ///
            /// # Errors
            ///
            /// Returns the [`Report`], which names this line.
            #[track_caller]
            pub fn try_assert_backoff_at_least(&$self, at_least: Duration) -> Result<(), Report> {
                returned($scope.check_backoff(&$self.exchange, at_least))
            }

            /// Asserts that the code under test waits at least this long between two calls of one
            /// function, as a retry policy of its own does.
            ///
            /// The wait lasts from the end of one call, which is the answer to its last attempt, to
            /// the arrival of the next call. It is measured in real time, or on tokio's clock if
            /// the fake is in memory. An SDK's own retries are attempts of one
            /// call: use [`assert_backoff_at_least`](Self::assert_backoff_at_least) for them. Calls
            /// of one function are compared even if their qualifiers differ; calls of different
            /// functions are not. A call that arrives before the previous one has ended came too
            /// soon. For parallel tasks, select the calls of each task with
            /// [`matching`](Self::matching).
            ///
            /// ```
            /// use fake_lambda::{FakeLambda, FunctionError, sdk_client};
            /// use serde_json::json;
            /// use std::time::Duration;
            ///
            /// # #[tokio::main(flavor = "current_thread")] async fn main() {
            /// let lambda = FakeLambda::start();
            /// lambda.on("pay").reply(FunctionError::new("Busy", "try again")).then(json!({"paid": true}));
            /// let client = sdk_client!(aws_sdk_lambda, lambda);
            /// // No SDK retries a function that failed.
            /// while client.invoke().function_name("pay").send().await.unwrap().function_error().is_some() {
            ///     tokio::time::sleep(Duration::from_millis(5)).await;
            /// }
            /// lambda.seen("pay").assert_call_gaps_at_least(Duration::from_millis(5));
            /// # }
            /// ```
            ///
            /// # Panics
            ///
            /// Panics if a call came sooner, if no function was called twice, or if the journal has
            /// dropped calls.
            #[track_caller]
            pub fn assert_call_gaps_at_least(&$self, at_least: Duration) {
                raised(&$self.exchange, $scope.check_call_gaps(&$self.exchange, at_least));
            }

            /// Does the same as [`assert_call_gaps_at_least`](Self::assert_call_gaps_at_least), but
            /// returns the report instead of panicking.
            ///
            /// # Errors
            ///
            /// Returns the [`Report`], which names this line.
            #[track_caller]
            pub fn try_assert_call_gaps_at_least(&$self, at_least: Duration) -> Result<(), Report> {
                returned($scope.check_call_gaps(&$self.exchange, at_least))
            }

            /// Waits until this many calls have at least one attempt that was answered or
            /// abandoned.
            ///
            /// # Panics
            ///
            /// Panics if `calls` is negative.
            #[track_caller]
            pub fn wait_for_calls(&$self, calls: impl Into<Number>) -> Wait {
                let calls = accepted(calls.into().checked("wait_for_calls"));
                $scope.wait(&$self.exchange, "call", calls, |tally| tally.finished_calls)
            }

            /// Waits until this many chunks were sent to callers of `InvokeWithResponseStream`.
            ///
            /// It counts the chunks of the script or of the handler, however they are split into
            /// the events of the stream.
            ///
            /// ```
            /// use fake_lambda::{Chunks, FakeLambda, Gate, Reply, sdk_client};
            ///
            /// # #[tokio::main(flavor = "current_thread")] async fn main() {
            /// let lambda = FakeLambda::start();
            /// let gate = Gate::new();
            /// lambda.on("chat").reply(Reply::stream(Chunks::from(["Hel", "lo"]).hold(&gate).send("!")));
            /// let client = sdk_client!(aws_sdk_lambda, lambda);
            /// let call = tokio::spawn(client.invoke_with_response_stream().function_name("chat").send());
            /// lambda.wait_for_chunks(2).await; // the third waits at the gate
            /// call.abort();
            /// # gate.open();
            /// # lambda.wait_until_idle().await;
            /// # }
            /// ```
            ///
            /// # Panics
            ///
            /// Panics if `chunks` is negative.
            #[track_caller]
            pub fn wait_for_chunks(&$self, chunks: impl Into<Number>) -> Wait {
                let chunks = accepted(chunks.into().checked("wait_for_chunks"));
                $scope.wait(&$self.exchange, "chunk", chunks, |tally| tally.chunks)
            }

            /// Waits until this many attempts were answered or abandoned. The journal then has
            /// their answers, but the function of an abandoned attempt or of an event may still
            /// run; [`wait_until_idle`](crate::Handle::wait_until_idle) waits for it.
            ///
            /// # Panics
            ///
            /// Panics if `attempts` is negative.
            #[track_caller]
            pub fn wait_for_attempts(&$self, attempts: impl Into<Number>) -> Wait {
                let attempts = accepted(attempts.into().checked("wait_for_attempts"));
                $scope.wait(&$self.exchange, "attempt", attempts, |tally| tally.finished_attempts)
            }
        }
    };
}

questions!(Handle, "of the whole fake", |self| Scope::of_fake());
questions!(Script, "that one rule answered", |self| Scope::of_rule(
    self.rule
));
questions!(
    Seen,
    "to one target, whichever rules answered them, or about the calls that match",
    |self| self.scope.clone()
);

/// The value, or a panic with the report at the test's line. Records what the report contains of
/// the journal.
#[track_caller]
fn raised<T>(exchange: &Exchange, checked: Result<T, Report>) -> T {
    match checked {
        Ok(value) => value,
        Err(report) => {
            exchange.note_printed_journal(report.journal().unwrap_or_default());
            panic!("{report}");
        }
    }
}

/// Adds the test's line to the report: nothing panics here, so no panic message shows the line.
#[track_caller]
fn returned(checked: Result<(), Report>) -> Result<(), Report> {
    let asked_at = Location::here();
    checked.map_err(|report| report.asked_at(&asked_at))
}

/// The targets that a test wrote, or a panic at its line.
#[track_caller]
fn order_of(functions: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<Target> {
    // No closures: a panic inside one would name a line of the standard library.
    let mut order = Vec::new();
    for function in functions {
        order.push(target_of(function.as_ref()));
    }
    assert!(
        !order.is_empty(),
        "{}",
        Message::new("the expected order names no function", "name at least one")
    );
    order
}
