//! The verbs that put constraints in force: limits, states and starts of functions.

use std::time::Instant;

use super::{Constraint, Handle};
use crate::aws::target::{Target, target_of};
use crate::behavior::constraints::{Lasting, Rate, Setting};
use crate::ground::location::Location;
use crate::ground::message::accepted;
use crate::record::report;
use crate::reply::delay::Delay;

impl Handle {
    /// Denies the caller a function, as a missing permission does: 403 `AccessDeniedException` in AWS's words for it, to a DryRun, too.
    ///
    /// This is asked before any rule, any chaos and every other constraint. The function needs no rule, and no rule answers in place of the 403. An Event
    /// that was accepted before is still delivered. [`stop`](Constraint::stop) gives the permission.
    ///
    /// A constraint has no expectations: to say that the code under test must not call the function, ask for what was refused or seen. This takes the
    /// place of `deny("pay").expect_calls(0)`.
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    ///
    /// let lambda = FakeLambda::start();
    /// let denied = lambda.deny("pay");
    /// // .. the code under test runs ..
    /// assert_eq!(denied.refused(), 0); // attempts, retries included
    /// lambda.seen("pay").assert_calls(0); // calls, with the report where there were some
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when the text names no function.
    #[track_caller]
    pub fn deny(&self, target: impl AsRef<str>) -> Constraint {
        self.constraint(Some(target_of(target.as_ref())), Setting::Denied)
    }

    /// Reserves concurrency for a function: what would be more executions at once is refused; with 0, all is.
    ///
    /// The client gets 429 `TooManyRequestsException`, `Rate Exceeded.`, with the reason `ReservedFunctionConcurrentInvocationLimitExceeded`, as recorded in
    /// November 2025. Set again for the same function the new number takes the place of the old one, and what is under way still counts; what came before
    /// the first time does not.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Gate, Reply, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let gate = Gate::new();
    /// lambda.on("resize").reply(Reply::json(json!({"ok": true})).hold(&gate));
    /// let limit = lambda.reserve_concurrency("resize", 1);
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    ///
    /// let first = tokio::spawn(client.invoke().function_name("resize").send());
    /// gate.reached(1).await;
    /// let error = client.invoke().function_name("resize").send().await.unwrap_err();
    /// assert!(error.into_service_error().is_too_many_requests_exception());
    /// gate.open();
    /// assert!(first.await.unwrap().is_ok());
    /// assert_eq!((limit.peak(), limit.refused()), (1, 3)); // the SDK tried three times
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when `function` names none, or a qualifier: what is reserved is the whole function's; and when more is reserved than
    /// [`account_concurrency`](Self::account_concurrency) has. And when the fake is mounted on a `wiremock::MockServer` and `executions` is above 0.
    #[track_caller]
    pub fn reserve_concurrency(&self, function: impl AsRef<str>, executions: u32) -> Constraint {
        self.constraint(
            Some(target_of(function.as_ref())),
            Setting::Reserved(executions),
        )
    }

    /// Bounds the executions at once of all functions together, as the quota of an account does, which is 1,000 at first.
    ///
    /// What [`reserve_concurrency`](Self::reserve_concurrency) reserves is taken off; the rest is for the functions without a reservation, and only their
    /// executions count here. The client gets 429 `TooManyRequestsException`, `Rate Exceeded.`, with the reason `ConcurrentInvocationLimitExceeded`, as
    /// published by those who met it.
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on_any().reply(json!({"ok": true}));
    /// lambda.reserve_concurrency("pay", 20);
    /// let limit = lambda.account_concurrency(100); // 80 for all others
    /// assert_eq!(limit.peak(), 0);
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when more than that is reserved. And when the fake is mounted on a `wiremock::MockServer` and `executions` is above 0.
    #[track_caller]
    pub fn account_concurrency(&self, executions: u32) -> Constraint {
        self.constraint(None, Setting::Account(executions))
    }

    /// Bounds how fast the caller may send: so many attempts a second, and `burst` of them at once.
    ///
    /// A bucket of `burst` tokens that is refilled all the time, in real time: the only constraint beside [`function_rate_limit`](Self::function_rate_limit) and a
    /// state that lasts for a `Duration` that reads a clock. A rate of 0 never refills, so exactly `burst` attempts get through, in every run. Refused attempts
    /// take no token. The client gets 429 `TooManyRequestsException` with the reason `CallerRateLimitExceeded` and the text
    /// `Rate exceeded`, which is not that of the other limits; published in 2023.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(json!({"ok": true}));
    /// let limit = lambda.rate_limit(0, 2);
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let resize = || client.invoke().function_name("resize").send();
    /// assert!(resize().await.is_ok() && resize().await.is_ok());
    /// assert!(resize().await.is_err());
    /// assert_eq!(limit.refused(), 3);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when `per_second` is negative or not finite, or `burst` is 0.
    #[track_caller]
    pub fn rate_limit(&self, per_second: impl Into<f64>, burst: u32) -> Constraint {
        let rate = accepted(Rate::of("rate_limit", per_second.into(), burst));
        self.constraint(None, Setting::CallerRate(rate))
    }

    /// Bounds how fast a function may be invoked; as [`rate_limit`](Self::rate_limit), for one function.
    ///
    /// AWS documents ten invocations a second for each execution that a function may have at once. The reason is
    /// `ReservedFunctionInvocationRateLimitExceeded` where concurrency is reserved for the function, else `FunctionInvocationRateLimitExceeded`; the service model
    /// has both, and nobody has published an answer with either.
    ///
    /// # Panics
    ///
    /// At this line when `function` names none, or a qualifier, and when [`rate_limit`](Self::rate_limit) does.
    #[track_caller]
    pub fn function_rate_limit(
        &self,
        function: impl AsRef<str>,
        per_second: impl Into<f64>,
        burst: u32,
    ) -> Constraint {
        let target = target_of(function.as_ref());
        let rate = accepted(Rate::of("function_rate_limit", per_second.into(), burst));
        self.constraint(Some(target), Setting::FunctionRate(rate))
    }

    /// Says that a function was just made and is not active yet: for a number of attempts, as in `3`, or for a `Duration` from now on.
    ///
    /// The client gets 409 `ResourceConflictException`, `The operation cannot be performed at this time. The function is currently in the following state:
    /// Pending`, as documented and published in 2022. No SDK retries that. Set again, it begins anew.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(json!({"ok": true}));
    /// lambda.pending("resize", 1);
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let error = client.invoke().function_name("resize").send().await.unwrap_err();
    /// assert!(error.into_service_error().is_resource_conflict_exception());
    /// assert!(client.invoke().function_name("resize").send().await.is_ok());
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when `target` names no function, or nothing would ever meet it: 0 attempts, or no time.
    #[track_caller]
    pub fn pending(&self, target: impl AsRef<str>, lasting: impl Into<Lasting>) -> Constraint {
        self.constraint(
            Some(target_of(target.as_ref())),
            Setting::Pending(lasting.into()),
        )
    }

    /// Says that a function is being updated: for a number of attempts, as in `3`, or for a `Duration` from now on.
    ///
    /// The client gets 409 `ResourceConflictException`, `The operation cannot be performed at this time. An update is in progress for resource: ..`, in the words
    /// recorded of `UpdateFunctionCode` in November 2025. AWS documents that an invocation during an update runs the code from before it, so this is for
    /// callers that deal with the conflict anyhow. Set again, it begins anew.
    ///
    /// # Panics
    ///
    /// At this line when `target` names no function, or nothing would ever meet it: 0 attempts, or no time.
    #[track_caller]
    pub fn updating(&self, target: impl AsRef<str>, lasting: impl Into<Lasting>) -> Constraint {
        self.constraint(
            Some(target_of(target.as_ref())),
            Setting::Updating(lasting.into()),
        )
    }

    /// Lets each new environment of a function take time to start.
    ///
    /// An environment has one execution at a time. The first one of each waits for the init, before any delay, gate or handler of its rule, and its
    /// log tail has that as `Init Duration`; an environment that is free is used again. Only replies of a function that runs need one. A [`Delay`] of several
    /// lengths is drawn as everywhere, and the waiting is real. Without this the fake starts nothing, and only the log tail of a version's first run says otherwise.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, sdk_client};
    /// use serde_json::json;
    /// use std::time::{Duration, Instant};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(json!({"ok": true}));
    /// lambda.cold_starts("resize", Duration::from_millis(20));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let begun = Instant::now();
    /// client.invoke().function_name("resize").send().await.unwrap();
    /// assert!(begun.elapsed() >= Duration::from_millis(20));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when `target` names no function, or the delay is a range backwards.
    #[track_caller]
    pub fn cold_starts(&self, target: impl AsRef<str>, init: impl Into<Delay>) -> Constraint {
        self.constraint(
            Some(target_of(target.as_ref())),
            Setting::ColdStarts(init.into()),
        )
    }

    /// Turns SnapStart on for a published version: its snapshot is not ready at first, and then each new environment is restored from it.
    ///
    /// While it is not ready, for a number of attempts (0 for none) or for a `Duration` from now on, the client gets 409 `SnapStartNotReadyException` in the words of the
    /// service model; nobody has published it. Afterwards it is as with [`cold_starts`](Self::cold_starts), and the log tail has `Restore Duration` and
    /// `Billed Restore Duration` in the place of `Init Duration`; in the JSON format it begins with `platform.restoreStart`.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, sdk_client};
    /// use serde_json::json;
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(json!({"ok": true}));
    /// lambda.snap_start("resize:7", 1, Duration::from_millis(5));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let error = client.invoke().function_name("resize:7").send().await.unwrap_err();
    /// assert!(error.into_service_error().is_snap_start_not_ready_exception());
    /// assert!(client.invoke().function_name("resize:7").send().await.is_ok());
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when `target` names no version or alias of a function: AWS has no snapshots of `$LATEST`; and when the delay is a range backwards.
    #[track_caller]
    pub fn snap_start(
        &self,
        target: impl AsRef<str>,
        not_ready: impl Into<Lasting>,
        restore: impl Into<Delay>,
    ) -> Constraint {
        let (not_ready, restore) = (not_ready.into(), restore.into());
        let target = target_of(target.as_ref());
        self.constraint(Some(target), Setting::SnapStart { not_ready, restore })
    }

    #[track_caller]
    fn constraint(&self, target: Option<Target>, setting: Setting) -> Constraint {
        if let Some(mistake) = setting.mistake(target.as_ref()) {
            panic!("{mistake}");
        }
        if let Some(need) = self.exchange.cannot(setting.needs()) {
            panic!("{}", report::needs_server(&need));
        }
        let (now, written_at) = (Instant::now(), Location::here());
        let set = self.exchange.edit(|state| {
            let is_live = !state.intake.is_closed();
            is_live.then(|| {
                state
                    .behavior
                    .constraints
                    .set(target, setting, now, written_at)
            })
        });
        match set {
            Some(Ok(id)) => Constraint {
                exchange: self.exchange.clone(),
                id,
            },
            Some(Err(error)) => panic!("{}", error.message()),
            None => panic!("{}", report::gone("cannot set a constraint")),
        }
    }
}
