//! The settings for the start of a fake.

use std::time::Duration;

use super::{EventsRun, FakeLambda};
use crate::aws::era::Era;
#[cfg(feature = "signature")]
use crate::aws::signature::Credentials;
use crate::aws::signature::Keys;
use crate::aws::words::LogFormat;
use crate::exchange::{Config, PrintsJournal};
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::ground::message::{Message, accepted};
use crate::ground::nearest::UnknownWord;
use crate::record::journal::{DEFAULT_PRINT_LIMIT, JournalLimits};
use crate::reply::capability::TransportKind;
use crate::reply::chunks::Boundaries;
use crate::request::invocation::Defaults;

/// Configures a fake before it starts; created by [`FakeLambda::builder`].
///
/// ```
/// use fake_lambda::FakeLambda;
///
/// let lambda = FakeLambda::builder().region("eu-west-1").allow_unscripted().start();
/// assert_eq!(lambda.region(), "eu-west-1");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder starts nothing until `.start()`"]
pub struct Builder {
    region: String,
    account: String,
    seed: Option<u64>,
    allows_unscripted: bool,
    is_strict: bool,
    pub(super) verifies_on_drop: bool,
    checks_payload: bool,
    era: Era,
    log_format: LogFormat,
    boundaries: Boundaries,
    limits_stream_rate: bool,
    keys: Keys,
    expected_refusals: Option<(Count, Option<Location>)>,
    limits: JournalLimits,
    events_run: EventsRun,
    print_limit: Option<usize>,
    stuck_after: Duration,
    /// Where a fake that prints nothing was started, for its reports.
    quiet_at: Option<Location>,
    fixture_of: Option<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            seed: None,
            allows_unscripted: false,
            is_strict: false,
            verifies_on_drop: true,
            checks_payload: true,
            era: Era::TODAY,
            log_format: LogFormat::Text,
            boundaries: Boundaries::AsSent,
            limits_stream_rate: false,
            keys: Keys::default(),
            expected_refusals: None,
            limits: JournalLimits {
                calls: 10_000,
                bytes: 64 * 1024 * 1024,
            },
            events_run: EventsRun::Manual,
            print_limit: None,
            stuck_after: Duration::from_secs(30),
            quiet_at: None,
            fixture_of: None,
        }
    }
}

impl Builder {
    /// Sets the region of requests that do not name one in their ARN or signature; the default is
    /// `us-east-1`.
    ///
    /// # Panics
    ///
    /// Panics if the region is not valid in an ARN.
    #[track_caller]
    pub fn region(self, region: impl AsRef<str>) -> Self {
        accepted(self.try_region(region.as_ref()))
    }

    /// Sets the account of requests whose function name does not contain one; the default is
    /// `123456789012`.
    ///
    /// # Panics
    ///
    /// Panics if it does not have twelve digits.
    #[track_caller]
    pub fn account(self, account: impl AsRef<str>) -> Self {
        accepted(self.try_account(account.as_ref()))
    }

    /// Sets the seed of all random numbers, request ids included, except those of
    /// [`Chaos::seeded`](crate::Chaos::seeded). The default is the number in `FAKE_LAMBDA_SEED`, or
    /// 0.
    ///
    /// Each random number depends on the seed, the target and the number of the attempt at that
    /// target; for chaos that is [keyed by payload](crate::Chaos::keyed_by_payload), on the seed,
    /// the target, the payload and the number of the attempt within its call. Failure messages
    /// print the seed if anything other than request ids depends on it, such as a random delay.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Makes verification ignore requests that match no rule; their clients still get a 404.
    pub fn allow_unscripted(mut self) -> Self {
        self.allows_unscripted = true;
        self
    }

    /// Makes verification also report what was scripted and not used:
    ///
    /// - a rule that never answered, unless it was removed or has an expectation of a number, such
    ///   as [`expect_calls(0)`](crate::Script::expect_calls);
    /// - a script that was not finished, unless its rule was removed: one of its steps never
    ///   answered, or answered less often than its `times`;
    /// - accepted events that have not ended: run them with
    ///   [`settle_events`](crate::Handle::settle_events);
    /// - a constraint other than [`deny`](crate::Handle::deny), or chaos, for a function that no
    ///   rule matches, and that the test neither calls nor asks about. Without this method, such a
    ///   constraint or chaos is reported only if the name or qualifier of the function is probably
    ///   a mistake.
    ///
    /// Verification waits for running executions, for at most one second. It does not wait if they
    /// run on the runtime of its own thread, as is usual with a fake in memory.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, ServiceError};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::builder().strict().start();
    /// lambda.on("resize").reply(ServiceError::ServiceException).then(json!({"ok": true}));
    /// let report = lambda.try_verify().unwrap_err().to_string();
    /// assert!(report.contains("error: the rule for `resize` never answered"));
    /// ```
    pub fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }

    /// Sets whether dropping the fake verifies it; the default is `true`.
    ///
    /// With `false`, call [`verify`](FakeLambda::verify) at the end. Use this for tests that return
    /// `Err` early and should report only that error.
    pub fn verify_on_drop(mut self, verifies: bool) -> Self {
        self.verifies_on_drop = verifies;
        self
    }

    /// Sets whether payloads must be JSON within the service's size limits, and responses within
    /// theirs; the default is `true`.
    ///
    /// A request can have 6,291,456 bytes, an Event 1,048,576 (fewer in an earlier
    /// [`era`](Self::era)), and a response that is not a stream 6,291,556.
    ///
    /// In an unoptimized test, checking a payload of many small objects takes about 4 ms per MiB.
    /// If that is too long, compile only this crate with optimizations, in the `Cargo.toml` of the
    /// workspace:
    ///
    /// ```toml
    /// [profile.dev.package.fake-lambda]
    /// opt-level = 2
    /// ```
    pub fn check_payloads(mut self, checks: bool) -> Self {
        self.checks_payload = checks;
        self
    }

    /// Answers as AWS did in the given year, before changes late in that year. The default is the
    /// present.
    ///
    /// These answers have changed over the years: the text and shape of a timeout and of a killed
    /// process, the end of a 404's text, the error for a body that is not JSON (the column in it is
    /// today's unless another was recorded), the error for a request that is too large, the value
    /// `Handled` of `X-Amz-Function-Error` (until 2018), the payloads of Node.js and Python (until
    /// 2019 and until 2021, see [`FunctionError`](crate::FunctionError)), the form of the trace id,
    /// and the limits of an Event and of a stream. 2025 means before November of that year; 2026 is
    /// the present.
    ///
    /// # Panics
    ///
    /// Panics if the answers of the year are not known: before 2017, and after 2026.
    #[track_caller]
    pub fn era(self, year: u16) -> Self {
        accepted(self.try_era(year))
    }

    /// Sets the format of the functions' logs: a [`LogFormat`], the AWS SDK's type, or its name.
    /// The default is `Text`.
    ///
    /// The format shows in the log tail, which only a caller that requests it gets. The figures in
    /// a tail are invented: durations and memory depend on the seed, the target and the number of
    /// the attempt at that target, and times count from a fixed date. In memory and with tokio's
    /// clock paused, the tail of a run that takes longer than 41 ms on that clock reports that
    /// duration.
    ///
    /// # Panics
    ///
    /// Panics if there is no such format.
    #[track_caller]
    pub fn log_format(self, format: impl AsRef<str>) -> Self {
        accepted(self.try_log_format(format.as_ref()))
    }

    /// Refuses requests that are not signed with these credentials, as AWS does. Call it again to
    /// add more credentials.
    ///
    /// By default no signature is needed, and none is verified. With credentials, the fake verifies
    /// Signature Version 4: the key, session token, clock (5 minutes), date, region (that of
    /// [`region`](Self::region)), service, and the signature over the request as it arrived. It
    /// reads only the `Authorization` header; a presigned URL counts as unsigned. Every `x-amz-*`
    /// header except the session token must be signed, as AWS documents; Lambda's answer to an
    /// unsigned one was never recorded. AWS does not say why a signature does not match, but the
    /// journal and verification do: for example a path that was not encoded a second time, which
    /// works for names and fails for ARNs. Each refusal is reported, as
    /// [`expect_refusals`](Self::expect_refusals) describes, and so fails the test.
    ///
    /// ```
    /// use fake_lambda::{Credentials, FakeLambda, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::builder()
    ///     .require_signature(Credentials::default()) // those of `sdk_client!` and `env()`
    ///     .require_signature(Credentials::new("ASIAOLD", "secret").session_token("token").expired())
    ///     .start();
    /// lambda.on("resize").reply(json!({"ok": true}));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let arn = "arn:aws:lambda:us-east-1:123456789012:function:resize:live";
    /// assert!(client.invoke().function_name(arn).send().await.is_ok());
    /// # }
    /// ```
    #[cfg(feature = "signature")]
    pub fn require_signature(mut self, credentials: Credentials) -> Self {
        self.keys.add(credentials);
        self
    }

    /// Expects this many requests to be refused for their signatures, retries included; checked at
    /// verification. Takes a number or a range.
    ///
    /// If nothing is expected, each refusal is reported by itself. With
    /// [`allow_unscripted`](Self::allow_unscripted), only refusals of requests for functions that
    /// have a rule are reported.
    ///
    /// ```
    /// use fake_lambda::{Credentials, FakeLambda, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::builder()
    ///     .require_signature(Credentials::default().expired())
    ///     .expect_refusals(1)
    ///     .start();
    /// lambda.on("resize").reply(json!({"ok": true}));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// assert!(client.invoke().function_name("resize").send().await.is_err()); // `ExpiredTokenException`
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `count` is a negative number or an empty range.
    #[cfg(feature = "signature")]
    #[track_caller]
    pub fn expect_refusals(self, count: impl Into<Count>) -> Self {
        accepted(self.try_expect_refusals(count.into(), Some(Location::here())))
    }

    /// Sets how many calls the journal keeps; the default is 10,000. Above the limit, the oldest
    /// finished calls are dropped. Counters stay exact, except that a retry of a dropped call
    /// counts as a new call.
    ///
    /// # Panics
    ///
    /// Panics if `calls` is 0.
    #[track_caller]
    pub fn journal_calls(self, calls: usize) -> Self {
        accepted(self.try_journal_calls(calls))
    }

    /// Sets how many bytes the journal keeps: of heads, payloads, computed replies, and the fake's
    /// own notes, which take approximately 1.5 KiB for each attempt. The default is 64 MiB.
    ///
    /// Above the limit, the oldest finished calls are dropped, with everything they hold. Counters
    /// stay exact, as with [`journal_calls`](Self::journal_calls). A call that waits for its answer
    /// is never dropped.
    pub fn journal_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// Sets when queued events run. The default is [`EventsRun::Manual`]: when the test moves their
    /// clock.
    ///
    /// For tests in which the time between executions does not matter, [`EventsRun::Auto`] runs
    /// each event until it ends; `wait_until_idle` then waits for that.
    ///
    /// With the feature `in-memory` there is also `EventsRun::TokioClock`.
    pub fn events_run(mut self, when: EventsRun) -> Self {
        self.events_run = when;
        self
    }

    /// Sets the maximum number of bytes of a body that the journal, the timeline and failure
    /// messages print. The default is the number in `FAKE_LAMBDA_PRINT_LIMIT`, or 1,024.
    ///
    /// A longer body is cut and ends with `…` and its length. In the serialized journal, JSON
    /// bodies are complete.
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    ///
    /// let lambda = FakeLambda::builder().print_limit(80).start();
    /// ```
    pub fn print_limit(mut self, bytes: usize) -> Self {
        self.print_limit = Some(bytes);
        self
    }

    /// Sets after how long a held request is reported on standard error, in one line, if nothing
    /// else happens at the fake. The default is 30 s.
    ///
    /// The line names the request and the gate, handler or rule that holds it, so a test that hangs
    /// shows the reason, even under a harness that captures its output. The line is printed once,
    /// and again only after something else has happened. `Duration::MAX` turns this report off.
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    /// use std::time::Duration;
    ///
    /// let lambda = FakeLambda::builder().stuck_after(Duration::from_secs(5)).start();
    /// ```
    pub fn stuck_after(mut self, length: Duration) -> Self {
        self.stuck_after = length;
        self
    }

    /// Makes the fake print nothing, and not verify when it is dropped. Its reports name this
    /// location as its start.
    #[cfg(feature = "in-memory")]
    pub(crate) fn quiet(mut self, started_at: Location) -> Self {
        self.verifies_on_drop = false;
        self.quiet_at = Some(started_at);
        self.stuck_after = Duration::MAX;
        self
    }

    /// Sets how the chunks of a stream become events, unless
    /// [`Chunks::boundaries`](crate::Chunks::boundaries) sets it for that stream. The default is
    /// [`AsSent`](Boundaries::AsSent).
    ///
    /// A client must not depend on the boundaries, so run its tests with
    /// [`Random`](Boundaries::Random) as well.
    ///
    /// ```
    /// use fake_lambda::{Boundaries, FakeLambda};
    ///
    /// let lambda = FakeLambda::builder().boundaries(Boundaries::Random).start();
    /// ```
    ///
    /// # Panics
    ///
    /// Panics for events of 0 bytes.
    #[track_caller]
    pub fn boundaries(self, boundaries: Boundaries) -> Self {
        accepted(self.try_boundaries(boundaries))
    }

    /// Sends streams at the rate that AWS documents: the first 6 MiB immediately, then 2 MiB per
    /// second. By default, and on a `wiremock::MockServer`, they are as fast as the client reads.
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    ///
    /// let lambda = FakeLambda::builder().limit_stream_rate().start();
    /// ```
    pub fn limit_stream_rate(mut self) -> Self {
        self.limits_stream_rate = true;
        self
    }

    /// Records that a fixture of this crate starts the fake, for the test on this thread.
    #[cfg(feature = "rstest")]
    pub(crate) fn for_a_fixture(mut self) -> Self {
        self.fixture_of = Some(std::thread::current().name().unwrap_or("a test").to_owned());
        self
    }

    /// Starts the fake; the port is bound when this returns.
    ///
    /// # Panics
    ///
    /// Panics if the system has no free port, thread or descriptor, if `FAKE_LAMBDA_SEED` or
    /// `FAKE_LAMBDA_PRINT_LIMIT` is needed and is not a whole number of at least 0, or if
    /// `FAKE_LAMBDA_JOURNAL` is not `off`, `failure` or `always`.
    #[track_caller]
    pub fn start(self) -> FakeLambda {
        let verifies_on_drop = self.verifies_on_drop;
        match FakeLambda::start_with(self.config(TransportKind::Socket), verifies_on_drop) {
            Ok(fake) => fake,
            Err(error) => panic!("{}", cannot_start(&error)),
        }
    }

    #[track_caller]
    pub(super) fn config(self, transport: TransportKind) -> Config {
        Config {
            // Not `unwrap_or_else`: a panic inside it would name a line of the standard library.
            seed: match self.seed {
                Some(seed) => seed,
                None => number_of_environment("FAKE_LAMBDA_SEED").unwrap_or(0),
            },
            defaults: Defaults {
                region: self.region.into(),
                account: self.account.into(),
                checks_payload: self.checks_payload,
                era: self.era,
                keys: self.keys,
                print_limit: match self.print_limit {
                    Some(bytes) => bytes,
                    None => number_of_environment("FAKE_LAMBDA_PRINT_LIMIT")
                        .map_or(DEFAULT_PRINT_LIMIT, |bytes| bytes as usize),
                },
            },
            allows_unscripted: self.allows_unscripted,
            expected_refusals: self.expected_refusals,
            is_strict: self.is_strict,
            log_format: self.log_format,
            boundaries: self.boundaries,
            limits_stream_rate: self.limits_stream_rate,
            limits: self.limits,
            runs_events: self.events_run == EventsRun::Auto,
            events_follow: self.events_run.follows_clock(),
            transport,
            prints_journal: match self.quiet_at.is_some() {
                true => PrintsJournal::Never,
                false => prints_journal(),
            },
            stuck_after: self.stuck_after,
            // Not `unwrap_or_else`: a closure has a location of its own.
            started_at: match self.quiet_at {
                Some(started_at) => started_at,
                None => Location::here(),
            },
            fixture_of: self.fixture_of,
        }
    }
}

/// The settings that can be refused. Each method returns the message with which its public method
/// panics at the test's line.
impl Builder {
    pub(crate) fn try_region(mut self, region: &str) -> Result<Self, Message> {
        let arn = format!("arn:aws:lambda:{region}:123456789012:function:f");
        let fits = arn
            .parse::<crate::aws::target::Target>()
            .is_ok_and(|target| target.region.as_deref() == Some(region));
        if !fits {
            return Err(Message::new(
                format!("`{region}` is not an AWS region"),
                "use a name such as `us-east-1`",
            ));
        }
        self.region = region.to_owned();
        Ok(self)
    }

    pub(crate) fn try_account(mut self, account: &str) -> Result<Self, Message> {
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Message::new(
                format!("`{account}` is not an account id"),
                "use twelve digits",
            ));
        }
        self.account = account.to_owned();
        Ok(self)
    }

    pub(crate) fn try_era(mut self, year: u16) -> Result<Self, Message> {
        self.era = Era::of(year).ok_or_else(|| {
            Message::new(
                format!("`era({year})` is out of range"),
                "use a year from 2017 to 2026",
            )
        })?;
        Ok(self)
    }

    pub(crate) fn try_boundaries(mut self, boundaries: Boundaries) -> Result<Self, Message> {
        self.boundaries = boundaries.checked()?;
        Ok(self)
    }

    pub(crate) fn try_log_format(mut self, word: &str) -> Result<Self, Message> {
        self.log_format = word
            .parse()
            .map_err(|unknown: UnknownWord| unknown.message())?;
        Ok(self)
    }

    #[cfg(feature = "signature")]
    pub(crate) fn try_expect_refusals(
        mut self,
        count: Count,
        written_at: Option<Location>,
    ) -> Result<Self, Message> {
        if let Some(mistake) = count.mistake("expect_refusals") {
            return Err(mistake);
        }
        self.expected_refusals = Some((count, written_at));
        Ok(self)
    }

    pub(crate) fn try_journal_calls(mut self, calls: usize) -> Result<Self, Message> {
        if calls == 0 {
            return Err(Message::new(
                "`journal_calls(0)` keeps no call",
                "use at least 1",
            ));
        }
        self.limits.calls = calls;
        Ok(self)
    }
}

/// The message if the system cannot provide the resources of a fake.
pub(super) fn cannot_start(error: &std::io::Error) -> Message {
    Message::new(
        format!("the fake cannot start: {error}"),
        "run fewer tests at the same time, or close ports, threads or file descriptors that are not needed",
    )
}

/// When to print the journal, from the environment.
#[track_caller]
fn prints_journal() -> PrintsJournal {
    const VARIABLE: &str = "FAKE_LAMBDA_JOURNAL";
    let Some(text) = std::env::var_os(VARIABLE) else {
        return PrintsJournal::AtFailure;
    };
    match text.to_str() {
        Some("off") => PrintsJournal::Never,
        Some("failure") => PrintsJournal::AtFailure,
        Some("always") => PrintsJournal::Always,
        Some(_) | None => panic!(
            "{}",
            Message::new(
                format!("`{VARIABLE}` has an invalid value: {text:?}"),
                "set it to `off`, `failure` or `always`, or unset it",
            )
        ),
    }
}

/// The number in an environment variable, if it is set.
#[track_caller]
fn number_of_environment(variable: &str) -> Option<u64> {
    let text = std::env::var_os(variable)?;
    match text.to_str().and_then(|text| text.parse().ok()) {
        Some(number) => Some(number),
        None => panic!(
            "{}",
            Message::new(
                format!("`{variable}` is not a number: {text:?}"),
                format!(
                    "set it to a whole number from 0 to {}, or unset it",
                    u64::MAX
                ),
            )
        ),
    }
}
