//! Questions about what happened: the same ones for a whole fake, one script, one target, and whatever matches.
//!
//! Every assertion panics at the caller's line and has a `try_` twin that returns the report instead.

mod deliveries;

use std::time::Duration;

use crate::api::fake::Handle;
use crate::api::rule::{Script, Seen, possible};
use crate::api::seen::Scope;
use crate::api::wait::Wait;
use crate::aws::target::{Target, target_of};
use crate::exchange::Exchange;
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::record::journal::Call;
use crate::record::report::Report;
use crate::request::matchers::IntoCondition;

macro_rules! questions {
    ($type:ty, $whose:literal, |$self:ident| $scope:expr) => {
        #[doc = concat!("What happened, asked of ", $whose, ".")]
        impl $type {
            /// The calls, oldest first; those the journal has dropped are missing.
            ///
            /// # Panics
            ///
            /// At this line when the journal has dropped a payload that [`matching`](Self::matching) has to look at.
            #[track_caller]
            pub fn calls(&$self) -> Vec<Call> {
                match $scope.calls(&$self.exchange) {
                    Ok(calls) => calls,
                    Err(report) => raised_report(&$self.exchange, report),
                }
            }

            /// The one call there was.
            ///
            /// # Panics
            ///
            /// At this line when there was none, or more than one.
            #[track_caller]
            pub fn only_call(&$self) -> Call {
                $scope.only_call(&$self.exchange)
            }

            /// The same questions, of what this condition holds for alone; several conditions must all hold.
            ///
            /// Takes what [`Rule::when`](crate::Rule::when) takes. A call is counted when the condition holds for one of its attempts. It is asked of
            /// what the journal keeps, whenever a question is asked; where something was dropped that may have matched, an assertion fails and
            /// names the limit to raise.
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

            /// Asserts how many calls there were: a number or a range, as in `3`, `2..=4` or `1..`.
            ///
            /// One `client.send()` is one call, however often the SDK retried it.
            ///
            /// # Panics
            ///
            /// At this line when there were more or fewer, or no number of calls is in the range.
            #[track_caller]
            pub fn assert_calls(&$self, count: impl Into<Count>) {
                let count = possible(count.into(), "assert_calls");
                raised(&$self.exchange, $scope.check(&$self.exchange, "call", count, |tally| tally.calls));
            }

            /// What [`assert_calls`](Self::assert_calls) would panic with.
            ///
            /// # Errors
            ///
            /// The report, which names this line.
            ///
            /// # Panics
            ///
            /// At this line when no number of calls is in the range.
            #[track_caller]
            pub fn try_assert_calls(&$self, count: impl Into<Count>) -> Result<(), Report> {
                let count = possible(count.into(), "try_assert_calls");
                returned($scope.check(&$self.exchange, "call", count, |tally| tally.calls))
            }

            /// Asserts how many attempts there were, retries included: HTTP requests.
            ///
            /// # Panics
            ///
            /// At this line when there were more or fewer, or no number of attempts is in the range.
            #[track_caller]
            pub fn assert_attempts(&$self, count: impl Into<Count>) {
                let count = possible(count.into(), "assert_attempts");
                raised(&$self.exchange, $scope.check(&$self.exchange, "attempt", count, |tally| tally.attempts));
            }

            /// What [`assert_attempts`](Self::assert_attempts) would panic with.
            ///
            /// # Errors
            ///
            /// The report, which names this line.
            ///
            /// # Panics
            ///
            /// At this line when no number of attempts is in the range.
            #[track_caller]
            pub fn try_assert_attempts(&$self, count: impl Into<Count>) -> Result<(), Report> {
                let count = possible(count.into(), "try_assert_attempts");
                returned($scope.check(&$self.exchange, "attempt", count, |tally| tally.attempts))
            }

            /// Asserts that the calls of these functions came just so: each name is one call, by the arrival of its first attempt.
            ///
            /// Names are what [`on`](crate::Handle::on) takes. Calls of functions that are not named count for nothing: with
            /// [`assert_calls`](Self::assert_calls) beside it, nothing else was called.
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
            /// At this line when one came in another order, too often or not at all, or a text names no function.
            #[track_caller]
            pub fn assert_order(&$self, functions: impl IntoIterator<Item = impl AsRef<str>>) {
                let order = order_of(functions);
                raised(&$self.exchange, $scope.check_order(&$self.exchange, &order));
            }

            /// What [`assert_order`](Self::assert_order) would panic with.
            ///
            /// # Errors
            ///
            /// The report, which names this line.
            ///
            /// # Panics
            ///
            /// At this line when a text names no function, or there is none.
            #[track_caller]
            pub fn try_assert_order(&$self, functions: impl IntoIterator<Item = impl AsRef<str>>) -> Result<(), Report> {
                let order = order_of(functions);
                returned($scope.check_order(&$self.exchange, &order))
            }

            /// Asserts that the client's back-off is at least this long: what it waits before every retry.
            ///
            /// From the end of one attempt to the arrival of the next, in real time; [`Call::waits`] has the figures. With
            /// [`matching(attempt(3))`](Self::matching) only third attempts are looked at.
            ///
            /// # Panics
            ///
            /// At this line when a retry came sooner, or nothing was retried.
            #[track_caller]
            pub fn assert_backoff_at_least(&$self, at_least: Duration) {
                raised(&$self.exchange, $scope.check_backoff(&$self.exchange, at_least));
            }

            /// What [`assert_backoff_at_least`](Self::assert_backoff_at_least) would panic with.
            ///
            /// # Errors
            ///
            /// The report, which names this line.
            #[track_caller]
            pub fn try_assert_backoff_at_least(&$self, at_least: Duration) -> Result<(), Report> {
                returned($scope.check_backoff(&$self.exchange, at_least))
            }

            /// Waits until that many calls have had an attempt answered or abandoned.
            #[track_caller]
            pub fn wait_for_calls(&$self, calls: u64) -> Wait {
                $scope.wait(&$self.exchange, "call", calls, |tally| tally.finished_calls)
            }

            /// Waits until that many attempts were answered or abandoned, so that what the journal says of them is final.
            #[track_caller]
            pub fn wait_for_attempts(&$self, attempts: u64) -> Wait {
                $scope.wait(&$self.exchange, "attempt", attempts, |tally| tally.finished_attempts)
            }
        }
    };
}

questions!(Handle, "the whole fake", |self| Scope::of_fake());
questions!(Script, "one rule: what it answered", |self| Scope::of_rule(
    self.rule
));
questions!(
    Seen,
    "one target, or of what matches, whichever rules answered",
    |self| self.scope.clone()
);

/// Panics with the report, at the line of the test.
#[track_caller]
fn raised(exchange: &Exchange, checked: Result<(), Report>) {
    if let Err(report) = checked {
        raised_report(exchange, report);
    }
}

/// Panics with the report, and notes that the test's author has the journal.
#[track_caller]
fn raised_report(exchange: &Exchange, report: Report) -> ! {
    exchange.prints_journal(report.journal().unwrap_or_default());
    panic!("{report}")
}

/// Gives the report the line of the test, which its panic would have had.
#[track_caller]
fn returned(checked: Result<(), Report>) -> Result<(), Report> {
    let asked_at = Location::here();
    checked.map_err(|report| report.asked_at(&asked_at))
}

/// The targets that a test wrote, or a panic at its line.
#[track_caller]
fn order_of(functions: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<Target> {
    // No closures: a panic inside would be at a line of the standard library.
    let mut order = Vec::new();
    for function in functions {
        order.push(target_of(function.as_ref()));
    }
    assert!(
        !order.is_empty(),
        "{}",
        Message::new("`assert_order` names no function", "name at least one")
    );
    order
}
