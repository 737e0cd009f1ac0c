//! The verbs that put causes in force: limits, states and starts of functions.

use std::time::Instant;

use super::{Cause, Handle};
use crate::causes::{Bucket, CauseError, Kind, Lasting, Left, Rate};
use crate::delay::Delay;
use crate::place::Place;
use crate::report;
use crate::target::Target;
use crate::target::target_of;

impl Handle {
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
    pub fn reserve_concurrency(&self, function: impl AsRef<str>, executions: u32) -> Cause {
        let target = whole_function(function.as_ref(), "reserve_concurrency");
        self.cause(Some(target), |_| Kind::Reserved(executions))
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
    pub fn account_concurrency(&self, executions: u32) -> Cause {
        self.cause(None, |_| Kind::Account(executions))
    }

    /// Bounds how fast the caller may send: so many attempts a second, and `burst` of them at once.
    ///
    /// A bucket of `burst` tokens that is refilled all the time, in real time: the only cause beside [`function_rate_limit`](Self::function_rate_limit) and a
    /// [`Lasting`] of time that reads a clock. A rate of 0 never refills, so exactly `burst` attempts get through, in every run. Refused attempts
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
    pub fn rate_limit(&self, per_second: impl Into<f64>, burst: u32) -> Cause {
        let rate = rate_of("rate_limit", per_second.into(), burst);
        self.cause(None, |now| Kind::CallerRate(Bucket::new(rate, now)))
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
    ) -> Cause {
        let verb = "function_rate_limit";
        let target = whole_function(function.as_ref(), verb);
        let rate = rate_of(verb, per_second.into(), burst);
        self.cause(Some(target), |now| {
            Kind::FunctionRate(Bucket::new(rate, now))
        })
    }

    /// Says that a function was just made and is not active yet: for so many attempts, or for a duration from now on.
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
    pub fn pending(&self, target: impl AsRef<str>, lasting: impl Into<Lasting>) -> Cause {
        let (target, lasting) = (target_of(target.as_ref()), lasting.into());
        let left = left_of("pending", lasting, false);
        self.cause(Some(target), |_| Kind::Pending(left))
    }

    /// Says that a function is being updated: for so many attempts, or for a duration from now on.
    ///
    /// The client gets 409 `ResourceConflictException`, `The operation cannot be performed at this time. An update is in progress for resource: ..`, in the words
    /// recorded of `UpdateFunctionCode` in November 2025. AWS documents that an invocation during an update runs the code from before it, so this is for
    /// callers that deal with the conflict anyhow. Set again, it begins anew.
    ///
    /// # Panics
    ///
    /// At this line when `target` names no function, or nothing would ever meet it: 0 attempts, or no time.
    #[track_caller]
    pub fn updating(&self, target: impl AsRef<str>, lasting: impl Into<Lasting>) -> Cause {
        let (target, lasting) = (target_of(target.as_ref()), lasting.into());
        let left = left_of("updating", lasting, false);
        self.cause(Some(target), |_| Kind::Updating(left))
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
    pub fn cold_starts(&self, target: impl AsRef<str>, init: impl Into<Delay>) -> Cause {
        let (target, init) = (target_of(target.as_ref()), possible(init.into()));
        self.cause(Some(target), |_| Kind::ColdStarts(init))
    }

    /// Turns SnapStart on for a published version: its snapshot is not ready at first, and then each new environment is restored from it.
    ///
    /// While it is not ready, for so many attempts (0 for none) or for a duration from now on, the client gets 409 `SnapStartNotReadyException` in the words of the
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
    ) -> Cause {
        let text = target.as_ref();
        let target = target_of(text);
        assert!(
            target
                .qualifier
                .as_deref()
                .is_some_and(|qualifier| !qualifier.starts_with("$LATEST")),
            "`snap_start({text:?}, ..)`: only published versions have snapshots: name one, or an alias, as in `{}:7`",
            target.name
        );
        let left = left_of("snap_start", not_ready.into(), true);
        let restore = possible(restore.into());
        self.cause(Some(target), |_| Kind::SnapStart {
            not_ready: left,
            restore,
        })
    }

    #[track_caller]
    fn cause(&self, target: Option<Target>, kind: impl FnOnce(Instant) -> Kind) -> Cause {
        let (kind, written_at) = (kind(Instant::now()), Place::here());
        // There nothing is at once.
        if let Kind::Reserved(1..) | Kind::Account(1..) = kind
            && self.exchange.config.is_mounted
        {
            panic!("{}", report::needs_server("a concurrency above 0"));
        }
        let set = self
            .exchange
            .edit(|state| (!state.is_frozen()).then(|| state.causes.set(target, kind, written_at)));
        match set {
            Some(Ok(id)) => Cause {
                exchange: self.exchange.clone(),
                id,
            },
            Some(Err(CauseError::NotEnough { account, reserved })) => panic!(
                "{reserved} executions would be reserved of the {account} that the account has: reserve less, or give \
                 `account_concurrency` more"
            ),
            None => panic!(
                "this cause is for a fake that was dropped: keep `FakeLambda` alive as long as the test needs it"
            ),
        }
    }
}

/// The function, or a panic at the user's line.
#[track_caller]
fn whole_function(text: &str, verb: &str) -> Target {
    let target = target_of(text);
    if let Some(qualifier) = &target.qualifier {
        panic!(
            "`{verb}({text:?}, ..)`: the limit is the whole function's, and `{qualifier}` is one qualifier of it: write `{}`",
            target.name
        );
    }
    target
}

#[track_caller]
fn rate_of(verb: &str, per_second: f64, burst: u32) -> Rate {
    match Rate::new(per_second, burst) {
        Ok(rate) => rate,
        Err(why) => panic!("`{verb}`, {per_second} a second with a burst of {burst}: {why}"),
    }
}

#[track_caller]
fn left_of(verb: &str, lasting: Lasting, may_be_over: bool) -> Left {
    let left = lasting.left(Instant::now());
    match left.filter(|_| may_be_over || !lasting.is_over()) {
        Some(left) => left,
        None => panic!("`{verb}`: no attempt would ever meet it for {lasting}"),
    }
}

#[track_caller]
fn possible(delay: Delay) -> Delay {
    if let Some(mistake) = delay.mistake() {
        panic!("{mistake}");
    }
    delay
}
