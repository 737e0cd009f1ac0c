//! The methods that activate constraints: limits, function states and starts of environments.

use super::{Constraint, Handle};
use crate::aws::target::{Target, target_of};
use crate::behavior::constraints::{Lasting, Rate, Setting};
use crate::ground::location::Location;
use crate::ground::message::accepted;
use crate::record::report;
use crate::reply::delay::Delay;

impl Handle {
    /// Denies access to a function, as a missing IAM permission does.
    ///
    /// Every invocation type, DryRun included, gets 403 `AccessDeniedException` with AWS's message.
    ///
    /// The denial is checked before any rule, any chaos and every other constraint. The function
    /// needs no rule, and no rule can replace the 403. An Event that was accepted earlier is still
    /// delivered. [`stop`](Constraint::stop) restores the access.
    ///
    /// A constraint has no expectations. To assert that the code under test does not call the
    /// function, check the number of rejected attempts or the calls:
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    ///
    /// let lambda = FakeLambda::start();
    /// let denied = lambda.deny("pay");
    /// // .. the code under test runs ..
    /// assert_eq!(denied.refused(), 0); // attempts, retries included
    /// lambda.seen("pay").assert_calls(0); // calls; if it fails, it prints the report
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `target` does not name a function.
    #[track_caller]
    pub fn deny(&self, target: impl AsRef<str>) -> Constraint {
        let target = target_of(target.as_ref());
        self.name_setting(Setting::Denied.verb(), &target, Location::here());
        self.constraint(Some(target), Setting::Denied)
    }

    /// Requires every call of a function to have a tenant id, as tenant isolation does.
    ///
    /// A call without `X-Amz-Tenant-Id` gets 400 `InvalidParameterValueException`,
    /// `The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again.`,
    /// as published in AWS's own article about tenant isolation. How AWS answers a DryRun without a
    /// tenant id is not known, so the fake admits such a DryRun.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("orders").reply(json!({"ok": true}));
    /// lambda.require_tenant_id("orders");
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let error = client.invoke().function_name("orders").send().await.unwrap_err();
    /// assert!(error.into_service_error().is_invalid_parameter_value_exception());
    /// assert!(client.invoke().function_name("orders").tenant_id("blue").send().await.is_ok());
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `function` is not a valid function name or has a qualifier, because tenancy is
    /// configured for the whole function.
    #[track_caller]
    pub fn require_tenant_id(&self, function: impl AsRef<str>) -> Constraint {
        self.constraint(Some(target_of(function.as_ref())), Setting::TenantRequired)
    }

    /// Declares a function durable.
    ///
    /// A call without a version or an alias gets 400 `InvalidParameterValueException`,
    /// `You cannot invoke a durable function using an unqualified ARN.`, as published in May 2026.
    /// Every 200 and 202 that the function's callers get from `Invoke` carries
    /// `X-Amz-Durable-Execution-Arn`, which contains the version that runs, the name that the
    /// client chose (or else a UUID), and an id. The header was published for a 202, in June 2026;
    /// the service model has it for both statuses. The fake does not remember names: a second call
    /// with the same name runs the function again.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("orders").reply(json!({"ok": true}));
    /// lambda.durable("orders");
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let call = client.invoke().function_name("orders:7").durable_execution_name("order-42");
    /// let arn = call.send().await.unwrap().durable_execution_arn.unwrap();
    /// let start = "arn:aws:lambda:us-east-1:123456789012:function:orders:7/durable-execution/order-42/";
    /// assert!(arn.starts_with(start));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `function` is not a valid function name or has a qualifier.
    #[track_caller]
    pub fn durable(&self, function: impl AsRef<str>) -> Constraint {
        self.constraint(Some(target_of(function.as_ref())), Setting::Durable)
    }

    /// Reserves concurrency for a function: executions beyond this number are rejected; 0 rejects
    /// all.
    ///
    /// The client gets 429 `TooManyRequestsException`, `Rate Exceeded.`, with the reason
    /// `ReservedFunctionConcurrentInvocationLimitExceeded`, as recorded in November 2025. A second
    /// `reserve_concurrency` for the same function replaces the number, and running executions
    /// still count. Executions that started before any number was set do not count.
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
    /// Panics if `function` is not a valid function name or has a qualifier, because concurrency is
    /// reserved for the whole function; if more is reserved than
    /// [`account_concurrency`](Self::account_concurrency) allows; or if the fake is mounted on a
    /// `wiremock::MockServer` and `executions` is above 0.
    #[track_caller]
    pub fn reserve_concurrency(&self, function: impl AsRef<str>, executions: u32) -> Constraint {
        self.constraint(
            Some(target_of(function.as_ref())),
            Setting::Reserved(executions),
        )
    }

    /// Limits the concurrent executions of all functions together, as the account quota does (1,000
    /// by default).
    ///
    /// The numbers that [`reserve_concurrency`](Self::reserve_concurrency) reserves are subtracted.
    /// The rest is for functions without reserved concurrency, and only their executions count
    /// here. The client gets 429 `TooManyRequestsException`, `Rate Exceeded.`, with the reason
    /// `ConcurrentInvocationLimitExceeded`, as published by users of AWS.
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on_any().reply(json!({"ok": true}));
    /// lambda.reserve_concurrency("pay", 20);
    /// let limit = lambda.account_concurrency(100); // 80 for all other functions
    /// assert_eq!(limit.peak(), 0);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if more than `executions` is already reserved, or if the fake is mounted on a
    /// `wiremock::MockServer` and `executions` is above 0.
    #[track_caller]
    pub fn account_concurrency(&self, executions: u32) -> Constraint {
        self.constraint(None, Setting::Account(executions))
    }

    /// Limits the rate of the caller: this many attempts per second, and `burst` attempts at the
    /// same time.
    ///
    /// This is a bucket of `burst` tokens that is refilled continuously: in real time, or on
    /// tokio's clock if the fake is in memory. Besides
    /// [`function_rate_limit`](Self::function_rate_limit) and a state that lasts for a `Duration`,
    /// it is the only constraint that reads a clock. A rate of 0 never refills the bucket, so
    /// exactly `burst` attempts pass, in every run. An attempt that this limit rejects takes no
    /// token; one that a later check rejects does. The client gets 429 `TooManyRequestsException`
    /// with the reason `CallerRateLimitExceeded` and the text `Rate exceeded`, as published in
    /// 2023. The text of the other limits is `Rate Exceeded.`.
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
    /// Panics if `per_second` is negative or not finite, or if `burst` is 0.
    #[track_caller]
    pub fn rate_limit(&self, per_second: impl Into<f64>, burst: u32) -> Constraint {
        let rate = accepted(Rate::of("rate_limit", per_second.into(), burst));
        self.constraint(None, Setting::CallerRate(rate))
    }

    /// Limits the rate of invocations of one function; otherwise like
    /// [`rate_limit`](Self::rate_limit).
    ///
    /// Unlike `rate_limit`, it does not apply to Events. AWS documents ten invocations per second
    /// for each concurrent execution that a function can have. The reason is
    /// `ReservedFunctionInvocationRateLimitExceeded` if the function has reserved concurrency, and
    /// `FunctionInvocationRateLimitExceeded` otherwise. The service model has both reasons, but no
    /// published recording shows either.
    ///
    /// # Panics
    ///
    /// Panics if `function` is not a valid function name or has a qualifier, or under the
    /// conditions of [`rate_limit`](Self::rate_limit).
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

    /// Puts a function in the state Pending, as after its creation, for a number of attempts, as in
    /// `3`, or for a `Duration` that starts now.
    ///
    /// The client gets 409 `ResourceConflictException`,
    /// `The operation cannot be performed at this time. The function is currently in the following state: Pending`,
    /// as documented, and published in 2022. No SDK retries this error. A second `pending` for the
    /// same target restarts the state.
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
    /// Panics if `target` does not name a function, or if the state could reject no attempt: a
    /// number below 1, or no time.
    #[track_caller]
    pub fn pending(&self, target: impl AsRef<str>, lasting: impl Into<Lasting>) -> Constraint {
        self.constraint(
            Some(target_of(target.as_ref())),
            Setting::Pending(lasting.into()),
        )
    }

    /// Marks a function as being updated, for a number of attempts, as in `3`, or for a `Duration`
    /// that starts now.
    ///
    /// The client gets 409 `ResourceConflictException`,
    /// `The operation cannot be performed at this time. An update is in progress for resource: ..`,
    /// with the text recorded for `UpdateFunctionCode` in November 2025. According to AWS's
    /// documentation, an invocation during an update runs the previous code, so use this only for
    /// callers that handle the conflict anyway. A second `updating` for the same target restarts
    /// the state.
    ///
    /// # Panics
    ///
    /// Panics if `target` does not name a function, or if the state could reject no attempt: a
    /// number below 1, or no time.
    #[track_caller]
    pub fn updating(&self, target: impl AsRef<str>, lasting: impl Into<Lasting>) -> Constraint {
        self.constraint(
            Some(target_of(target.as_ref())),
            Setting::Updating(lasting.into()),
        )
    }

    /// Makes each new environment of a function take time to start.
    ///
    /// An environment has one execution at a time. The first execution of each environment waits
    /// for its init, before any delay, gate or handler of its rule, and its log tail has this time
    /// as `Init Duration`. An idle environment is used again. A reply needs an environment only if
    /// the function runs. A [`Delay`] that is not fixed depends on the seed of the fake. The wait
    /// is in real time, or on tokio's clock if the fake is in memory.
    /// Without this constraint or [`snap_start`](Self::snap_start) no environment takes time to
    /// start; only the log tail of a version's first run shows an init.
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
    /// Panics if `target` does not name a function, or if the delay range is reversed.
    #[track_caller]
    pub fn cold_starts(&self, target: impl AsRef<str>, init: impl Into<Delay>) -> Constraint {
        self.constraint(
            Some(target_of(target.as_ref())),
            Setting::ColdStarts(init.into()),
        )
    }

    /// Turns on SnapStart for a published version or an alias: the snapshot is not ready at first;
    /// then each new environment is restored from the snapshot.
    ///
    /// While the snapshot is not ready, for a number of attempts (0 for none) or for a `Duration`
    /// that starts now, the client gets 409 `SnapStartNotReadyException` with the text of the
    /// service model; no recording of it is published. After that, environments start as with
    /// [`cold_starts`](Self::cold_starts), and the log tail has `Restore Duration` and
    /// `Billed Restore Duration` instead of `Init Duration`; in the JSON format, the tail begins
    /// with `platform.restoreStart`.
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
    /// Panics if `target` does not name a version or alias of a function, because AWS has no
    /// snapshots of `$LATEST`; if `not_ready` is a negative number; or if the delay range is
    /// reversed.
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
        if let Some(need) = self.exchange.unmet_need(setting.needs()) {
            panic!("{}", report::needs_server(&need));
        }
        let now = self.exchange.config.clock().now();
        let written_at = Location::here();
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
            None => panic!("{}", report::fake_was_dropped("cannot set a constraint")),
        }
    }
}
