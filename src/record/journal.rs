//! The record of requests in order of arrival: calls, their attempts, and the answer to each
//! attempt.
//!
//! [`log`](self::log) keeps the live record; a [`Journal`] is a copy of one moment. The text and
//! the serialized form of a journal contain nothing that changes from run to run: no request ids,
//! dates, ports or signatures.

mod answer;
mod calls;
mod counters;
mod delivery;
mod duplicates;
mod log;
mod serialized;
mod text;
mod timeline;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustc_hash::FxHashMap;

pub(crate) use self::counters::Tally;
pub use self::duplicates::Duplicate;
pub(crate) use self::log::{FrameContent, JournalLimits, Log, OddFrame, Streamed, Ticket};
pub(crate) use self::text::{BodyText, DEFAULT_PRINT_LIMIT};
pub(crate) use self::timeline::Timeline;
use crate::behavior::chaos::Hit;
use crate::behavior::constraints::{Refusal, Slot};
use crate::behavior::events::{Delivery, Origin};
use crate::behavior::rules::RuleId;
use crate::ground::count::plural;
use crate::ground::location::Location;
use crate::reply::fault::Fault;
use crate::reply::outcome::{Alterations, Outcome, Pause};
use crate::request::invocation::{ClientContext, Invocation, Particulars};

/// The requests that the fake has recorded, for snapshots: as text, and serialized for JSON and
/// YAML. Above [a limit](crate::Builder::journal_calls), the oldest calls are dropped, and the text
/// begins with their number.
///
/// JSON is printed with members sorted by name and scalars as they were sent. The text cuts bodies
/// over 1,024 bytes and shows their length ([`print_limit`](crate::Builder::print_limit) sets
/// another limit). In the serialized form JSON bodies are JSON, and complete.
///
/// Region, account, log type, client context, tenant id and durable execution name of a request are
/// shown if they are not the default; the default region and account are the fake's own. An empty
/// body is `(empty)`. Chunks of a stream are shown as one text, and one by one in the serialized
/// form. The frames that AWS does not send follow, as `odd_frames` in the serialized form: damaged
/// ones, and messages such as an [`exception`](crate::Chunks::exception).
///
/// ```text
/// 1 resize:live RequestResponse {"id":7}
///   attempt 1/3 → 429 TooManyRequestsException
///   attempt 2/3 → 200 {"ok":true} version 7
/// 2 mail Event {"to":"me"} (account 999988887777, tenant id "blue")
///   attempt 1/3 → 202
///     execution 1 → 200 function error {"errorMessage":"boom","errorType":"Error"}
///     execution 2 after 1m → 200 null
///     Success
/// 3 chat RequestResponse streamed {"prompt":"Hi"}
///   attempt 1/3 → 200 stream, 1 chunk: Hel, then function error Runtime.TruncatedResponse
/// 4 chat RequestResponse streamed {"prompt":"Hi"}
///   attempt 1/3 → 200 stream, 2 chunks: Hello, chunk 2 with a wrong checksum
/// ```
#[derive(Clone, Debug)]
pub struct Journal {
    pub(crate) entries: Vec<Call>,
    pub(crate) dropped: Dropped,
}

/// The number of calls that were dropped to stay within each limit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dropped {
    pub(crate) over_calls: u64,
    pub(crate) over_bytes: u64,
}

/// One `client.send()`: all attempts that share an `amz-sdk-invocation-id`.
///
/// A request without that header is a separate call.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) number: u64,
    pub(crate) attempts: Vec<Attempt>,
}

/// One HTTP request of a call, and its answer.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub(crate) invocation: Invocation,
    pub(crate) outcome: Option<Outcome>,
    /// The state of its function, if the outcome does not show it.
    pub(crate) run: FunctionRun,
    pub(crate) progress: Progress,
    pub(crate) rule: Option<RuleId>,
    pub(crate) unscripted: bool,
    /// Whether a handler made the reply, so that its bytes are kept only for this attempt.
    pub(crate) computed: bool,
    /// The chunks of its answer that were sent, and how the stream ended.
    pub(crate) stream: Option<Box<Streamed>>,
    /// The index of its target's counters in the log.
    pub(crate) counter: Option<usize>,
    /// When the request had arrived completely.
    pub(crate) arrived: Instant,
    /// The time just before the last bytes were handed to the system, or when the connection was
    /// found to have ended before them.
    pub(crate) ended: Option<Instant>,
    /// The reason why it waits, if it does.
    pub(crate) wait_reason: Option<WaitReason>,
    /// The deliveries of the event that it sent; only in a copy of the journal.
    pub(crate) deliveries: Vec<Delivery>,
    /// The hit of chaos on it.
    pub(crate) hit: Option<Arc<Hit>>,
    /// Whether the fault of that hit could not fire in its reply, which was sent as scripted.
    pub(crate) could_not_happen: bool,
    /// The decision of the constraints, if any is active.
    pub(crate) admission: Option<Admission>,
}

/// The decision of the constraints about an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Admission {
    Entered(Slot),
    Refused(Refusal),
}

/// The reason why an attempt waits.
#[derive(Clone, Debug)]
pub(crate) enum WaitReason {
    /// The gate created there.
    Gate(Location),
    Delay(Duration),
    /// The start of its environment.
    Start(Duration),
    /// The handler written there.
    Handler(Location),
}

/// The state of the function of an attempt, if the attempt's outcome does not show it.
#[derive(Clone, Debug, Default)]
pub(crate) enum FunctionRun {
    /// It was not started, or the outcome of the attempt is its result.
    #[default]
    Known,
    /// It was started and has not ended; its client may have disconnected.
    Started,
    /// It ended after its client had disconnected, with an outcome that no client got.
    Lost(Box<Outcome>),
}

/// The state of an attempt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Progress {
    /// The reply is not decided: a start, a handler, a gate or a delay is active, or the test has
    /// paused the fake.
    Waiting,
    /// The reply is decided and is being sent.
    Decided,
    /// The last byte was handed to the system.
    Answered,
    /// The client disconnected before the last byte.
    Abandoned,
    /// An outage cut the connection before the last byte.
    Cut,
    /// The fake reset the connection, because nothing would ever have ended it.
    #[cfg(feature = "in-memory")]
    Endless,
}

impl Dropped {
    pub(crate) fn calls(self) -> u64 {
        self.over_calls + self.over_bytes
    }

    /// The methods of the builder that raise the limits at which calls were dropped.
    pub(crate) fn remedy(self) -> &'static str {
        match (self.over_calls, self.over_bytes) {
            (_, 0) => "FakeLambda::builder().journal_calls(..)",
            (0, _) => "FakeLambda::builder().journal_bytes(..)",
            (_, _) => "FakeLambda::builder().journal_calls(..).journal_bytes(..)",
        }
    }
}

impl WaitReason {
    /// The reason why a reply with this pause waits.
    pub(crate) fn of(pause: Option<&Pause>) -> Self {
        match pause {
            Some(Pause::Gate(gate)) => Self::Gate(gate.made_at().clone()),
            Some(Pause::Delay(delay)) => Self::Delay(*delay),
            None => Self::Delay(Duration::ZERO),
        }
    }
}

impl Journal {
    /// Returns the calls to functions, in the order of the journal, which also has requests for
    /// other operations.
    pub fn calls(&self) -> Vec<Call> {
        self.entries
            .iter()
            .filter(|entry| entry.first().is_invoke())
            .cloned()
            .collect()
    }

    /// Returns `true` if no request has ever arrived, not even one that was dropped.
    pub(crate) fn never_had_calls(&self) -> bool {
        self.entries.is_empty() && self.dropped.calls() == 0
    }

    /// The attempt that was answered last, as its call and its index in that call.
    pub(crate) fn last_answered(&self) -> Option<(&Call, usize)> {
        let attempts = self.entries.iter().flat_map(|call| {
            let each = call.attempts.iter().enumerate();
            each.map(move |(index, attempt)| (call, index, attempt))
        });
        let answered = attempts.filter(|(_, _, one)| one.outcome.is_some() && !one.lasts());
        let last = answered.max_by_key(|(_, _, attempt)| attempt.ended.unwrap_or(attempt.arrived));
        last.map(|(call, index, _)| (call, index))
    }

    /// Returns the same journal with its calls sorted by request and answer and numbered again, for
    /// snapshots of parallel clients.
    ///
    /// Calls are sorted by function, qualifier, what else the journal shows of the request, and
    /// payload, each as text, and then by their attempts; the attempts of a call keep their order.
    /// Sorting cannot hide which client got which step of a shared script, so give parallel calls
    /// replies that depend on their requests.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Invocation, sdk_client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("echo").handle(async |invocation: Invocation| invocation.payload_json());
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let call = |text: &str| client.invoke().function_name("echo").payload(text.as_bytes().to_vec().into()).send();
    /// let (a, b) = tokio::join!(call("2"), call("1"));
    /// # a.unwrap(); b.unwrap();
    /// assert_eq!(
    ///     lambda.journal().sorted().to_string(),
    ///     "1 echo RequestResponse 1\n  attempt 1/3 → 200 1\n2 echo RequestResponse 2\n  attempt 1/3 → 200 2"
    /// );
    /// # }
    /// ```
    #[must_use = "the journal itself stays in order of arrival"]
    pub fn sorted(mut self) -> Self {
        for call in &mut self.entries {
            call.number = 0;
        }
        self.entries.sort_by_cached_key(key);
        for (index, call) in self.entries.iter_mut().enumerate() {
            call.number = index as u64 + 1;
        }
        self
    }
}

impl Call {
    /// Returns the number of the call in the journal, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the request of the first attempt. The SDKs send the same payload in each attempt of
    /// a call.
    pub fn first(&self) -> &Invocation {
        &self.attempts[0].invocation
    }

    /// Returns the attempts in order of arrival; there is at least one.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Adds each delivery to the attempt that sent its event. A delivery whose event is the record
    /// of another delivery is added to the attempt of that other delivery.
    pub(crate) fn attach_deliveries(calls: &mut [Call], deliveries: Vec<Delivery>) {
        if deliveries.is_empty() {
            return;
        }
        let mut origins: FxHashMap<u64, (u64, usize)> = FxHashMap::default();
        let mut by_attempt: FxHashMap<(u64, usize), Vec<Delivery>> = FxHashMap::default();
        for delivery in deliveries {
            let origin = match delivery.inner().origin {
                Origin::Call { call, attempt } => Some((call, attempt)),
                Origin::Delivery(number) => origins.get(&number).copied(),
            };
            // If the journal has dropped the first event of a chain, it shows none of the chain.
            if let Some(origin) = origin {
                origins.insert(delivery.number(), origin);
                by_attempt.entry(origin).or_default().push(delivery);
            }
        }
        for call in calls {
            for (index, attempt) in call.attempts.iter_mut().enumerate() {
                let found = by_attempt.remove(&(call.number, index));
                attempt.deliveries = found.unwrap_or_default();
            }
        }
    }

    /// `attempt 2/3`: the number that the client gave it, or else its position.
    pub(crate) fn name_of(&self, index: usize) -> String {
        let invocation = &self.attempts[index].invocation;
        let number = invocation.attempt().unwrap_or(index as u32 + 1);
        match invocation.max_attempts() {
            Some(most) => format!("attempt {number}/{most}"),
            None => format!("attempt {number}"),
        }
    }

    /// Returns how long the client waited before each of its retries: from the end of one attempt
    /// to the arrival of the next.
    ///
    /// The list is one shorter than [`attempts`](Self::attempts). A wait is zero if the retry
    /// arrived before the fake detected that the client had abandoned the previous attempt.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, ServiceError, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(ServiceError::ServiceException).then(json!({"ok": true}));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// client.invoke().function_name("resize").send().await.unwrap();
    /// assert_eq!(lambda.only_call().waits().len(), 1);
    /// # }
    /// ```
    pub fn waits(&self) -> Vec<Duration> {
        let pairs = self.attempts.windows(2);
        pairs
            .map(|pair| match pair[0].ended {
                Some(ended) => pair[1].arrived.saturating_duration_since(ended),
                None => Duration::ZERO,
            })
            .collect()
    }

    /// Returns how long the client waited between the end of an earlier call and this one; `None`
    /// if that call had not ended.
    pub(crate) fn gap_after(&self, earlier: &Self) -> Option<Duration> {
        let ends = earlier.attempts.iter().map(|attempt| attempt.ended);
        let ended = ends.collect::<Option<Vec<_>>>()?.into_iter().max()?;
        self.attempts[0].arrived.checked_duration_since(ended)
    }

    /// Returns how often the function was started for this call: for its attempts, including those
    /// whose client disconnected, and for the events that it sent.
    ///
    /// A request that an idempotent function recognized is not counted; an execution of an event is
    /// counted when it has ended. A number greater than 1 means duplicate work, unless an event was
    /// retried after it had failed.
    ///
    /// ```
    /// use aws_sdk_lambda::config::timeout::TimeoutConfig;
    /// use fake_lambda::{FakeLambda, Reply, sdk_client};
    /// use serde_json::json;
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let slow = Reply::json(json!({"paid": true})).delay(Duration::from_millis(250));
    /// lambda.on("pay").reply(slow);
    /// let patience = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(100)).build();
    /// let client = sdk_client!(aws_sdk_lambda, lambda, |config| config.timeout_config(patience));
    /// client.invoke().function_name("pay").send().await.unwrap_err();
    /// lambda.wait_until_idle().await; // the client has disconnected, and its functions continue
    /// assert_eq!(lambda.only_call().executions(), 3); // paid three times
    /// # }
    /// ```
    pub fn executions(&self) -> usize {
        let each = self.attempts.iter().map(|attempt| {
            let own = attempt.deliveries.iter().filter(|one| one.call().is_some());
            usize::from(attempt.has_begun()) + own.map(Delivery::runs).sum::<usize>()
        });
        each.sum()
    }

    /// Returns `true` if the function was started for this attempt and for an earlier one. The
    /// client retried, so it did not get a successful reply to the earlier one.
    pub(super) fn has_repeated(&self, index: usize) -> bool {
        let mut earlier = self.attempts[..index].iter();
        self.attempts[index].has_begun() && earlier.any(Attempt::has_begun)
    }

    /// The text about a repeated run, if there was one: `ran twice: attempt 1/3 had run it`.
    pub(super) fn repeated(&self, index: usize) -> Option<String> {
        if !self.has_repeated(index) {
            return None;
        }
        let ran = |index: &usize| self.attempts[*index].has_begun();
        let before: Vec<usize> = (0..index).filter(ran).collect();
        let last = *before.last()?;
        let often = match before.len() {
            1 => "twice".to_owned(),
            several => format!("{} times", several + 1),
        };
        let name = self.name_of(last);
        Some(match self.attempts[last].is_running() {
            true => format!("ran {often}: {name} is still running it"),
            false => format!("ran {often}: {name} had run it"),
        })
    }
}

impl Attempt {
    /// Returns the request.
    pub fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    /// Returns the status of its answer. It is `None` while the attempt waits, if the connection
    /// ended before a decision, or if a fault kept the status from the client.
    pub fn status(&self) -> Option<u16> {
        let outcome = self.outcome.as_ref()?;
        match outcome.fault() {
            Some(fault) if fault.hides_status() => None,
            _ => outcome.status(),
        }
    }

    /// Returns the number of the connection that carried it. The fake counts the connections that
    /// it accepts, from 1.
    ///
    /// It is `None` on a `wiremock::MockServer`, which does not report it. The journal and its
    /// serialized form do not show the number, since parallel clients connect in any order.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(json!(null));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// for _ in 0..3 {
    ///     client.invoke().function_name("resize").send().await.unwrap();
    /// }
    /// let calls = lambda.calls();
    /// let connections = calls.iter().map(|call| call.attempts()[0].connection());
    /// assert!(connections.eq([Some(1); 3]), "the client reuses its connection");
    /// # }
    /// ```
    pub fn connection(&self) -> Option<u64> {
        self.invocation.connection()
    }

    /// Returns the fault in its reply, or the fault that takes the place of a reply.
    ///
    /// A fault between the chunks of a stream is returned as the fault of the whole reply that has
    /// the same effect: `ResetAfter(109)`.
    pub fn fault(&self) -> Option<Fault> {
        self.outcome.as_ref()?.fault()
    }

    /// Returns `true` if the function ran and ended, with a result or an error, even if its reply
    /// was then lost or its client had disconnected. While it runs, this is `false`.
    pub fn has_run(&self) -> bool {
        let runs = self.stream.is_some() && self.is_running();
        let answered = self.outcome.as_ref().is_some_and(Outcome::has_run) && !runs;
        answered || self.lost().is_some_and(Outcome::has_run)
    }

    /// Returns `true` if the function was started and has not ended: a handler, a delay, a gate or
    /// a stream is active. A client that disconnects does not end it.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Gate, Reply, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let gate = Gate::new();
    /// lambda.on("pay").reply(Reply::json(json!({"paid": true})).hold(&gate));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let call = tokio::spawn(client.invoke().function_name("pay").send());
    /// gate.reached(1).await;
    /// call.abort(); // the client disconnects
    /// lambda.wait_for_attempts(1).await;
    /// assert!(lambda.only_call().attempts()[0].is_running());
    /// gate.open();
    /// lambda.wait_until_idle().await;
    /// assert!(lambda.only_call().attempts()[0].has_run());
    /// # }
    /// ```
    pub fn is_running(&self) -> bool {
        matches!(self.run, FunctionRun::Started)
    }

    /// The last outcome of its function, whether or not a client got it.
    pub(crate) fn last_outcome(&self) -> Option<&Outcome> {
        self.lost().or(self.outcome.as_ref())
    }

    /// The outcome of its function after its client had disconnected.
    pub(crate) fn lost(&self) -> Option<&Outcome> {
        match &self.run {
            FunctionRun::Lost(outcome) => Some(outcome),
            FunctionRun::Known | FunctionRun::Started => None,
        }
    }

    /// Returns the code of the error in its answer, as on the wire: `KMSDisabledException`.
    pub fn error_code(&self) -> Option<&str> {
        self.outcome.as_ref()?.code()
    }

    /// Returns the constraint that rejected it, as the journal prints it: `reserved concurrency 2`.
    pub fn constraint(&self) -> Option<String> {
        match self.admission? {
            Admission::Refused(refusal) => Some(refusal.to_string()),
            Admission::Entered(_) => None,
        }
    }

    /// Returns the message of the error in its answer.
    pub fn error_message(&self) -> Option<&str> {
        self.outcome.as_ref()?.message()
    }

    /// Returns `true` if the function ran and failed: 200 with `X-Amz-Function-Error`.
    pub fn is_function_error(&self) -> bool {
        self.outcome
            .as_ref()
            .is_some_and(Outcome::is_function_error)
    }

    /// Whether its reply was sent because its gate was dropped.
    pub(crate) fn gate_was_dropped(&self) -> bool {
        let alterations = self.outcome.as_ref();
        let alterations = alterations.and_then(|outcome| outcome.alterations.as_deref());
        alterations.is_some_and(|alterations| alterations.gate_was_dropped)
    }

    /// Returns the function's result, the body of a plain HTTP reply, or the body that
    /// [`Reply::body`](crate::Reply::body) sets.
    pub fn reply_payload(&self) -> Option<Bytes> {
        match &self.stream {
            Some(stream) => Some(stream.payload()),
            None => self.outcome.as_ref()?.body().cloned(),
        }
    }

    /// Returns the chunks that were sent to a caller of `InvokeWithResponseStream`, one for each
    /// chunk of the script or of the handler, whatever the events in which they were sent.
    ///
    /// A payload is one chunk. The list is empty if the caller got no chunk, if the answer was not
    /// a stream, or if the journal has dropped the chunks.
    ///
    /// ```
    /// use fake_lambda::{Boundaries, FakeLambda, Reply, sdk_client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::builder().boundaries(Boundaries::Merged).start();
    /// lambda.on("chat").reply(Reply::stream(["Hel", "lo"]));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let mut answer = client.invoke_with_response_stream().function_name("chat").send().await.unwrap();
    /// while answer.event_stream.recv().await.unwrap().is_some() {}
    /// assert_eq!(lambda.only_call().attempts()[0].chunks(), ["Hel", "lo"]);
    /// # }
    /// ```
    pub fn chunks(&self) -> &[Bytes] {
        self.stream.as_ref().map_or(&[], |stream| &stream.chunks)
    }

    /// The number of chunks that were sent, even if the journal has dropped them.
    pub(crate) fn sent_chunks(&self) -> u64 {
        self.stream.as_ref().map_or(0, |stream| stream.count as u64)
    }

    /// Returns the hit of chaos on it, if there was one.
    pub fn hit(&self) -> Option<&Hit> {
        self.hit.as_deref().filter(|_| !self.could_not_happen)
    }

    /// Returns `true` while it waits for its reply to be decided; no byte of it has been sent.
    pub fn is_waiting(&self) -> bool {
        self.progress == Progress::Waiting
    }

    /// Returns `true` if the client disconnected, or closed its sending half, before the last byte
    /// of the reply.
    pub fn is_abandoned(&self) -> bool {
        self.progress == Progress::Abandoned
    }

    /// Returns `true` if an outage cut its connection before the last byte of the reply.
    pub fn is_cut(&self) -> bool {
        self.progress == Progress::Cut
    }

    /// Returns the deliveries of the event that it sent and the service accepted: first its own
    /// delivery, then copies and records that were sent to functions.
    pub fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// Returns `true` if it matched no rule.
    pub fn is_unscripted(&self) -> bool {
        self.unscripted
    }

    /// Returns `true` if the last byte was sent or the connection has ended. The function may still
    /// run.
    pub(crate) fn is_finished(&self) -> bool {
        match self.progress {
            Progress::Waiting | Progress::Decided => false,
            Progress::Answered | Progress::Abandoned | Progress::Cut => true,
            #[cfg(feature = "in-memory")]
            Progress::Endless => true,
        }
    }

    /// Returns `true` if its reply takes time to send. Any other reply that is not finished may
    /// already have been sent whole.
    pub(crate) fn lasts(&self) -> bool {
        let alterations = self.outcome.as_ref();
        let alterations = alterations.and_then(|outcome| outcome.alterations.as_deref());
        let is_slow = |alterations: &Alterations| {
            !alterations.body_delay.is_zero() || alterations.fault.is_some_and(Fault::lasts)
        };
        let streams = self.stream.is_some() && self.is_running();
        !self.is_finished() && (streams || alterations.is_some_and(is_slow))
    }

    /// Returns when the last byte of the request had arrived; on tokio's clock if the fake is in
    /// memory.
    pub fn arrived(&self) -> Instant {
        self.arrived
    }

    /// Returns the time just before the last bytes of the reply were handed to the system, or when
    /// the connection was found to have ended before them; `None` before that.
    pub fn ended(&self) -> Option<Instant> {
        self.ended
    }

    /// Returns `true` if the function did or does work for this attempt, even if its client
    /// disconnected in the meantime. A replay does not count.
    fn has_begun(&self) -> bool {
        (self.has_run() || self.is_running()) && !self.is_replay()
    }

    /// Returns `true` if an idempotent function recognized the request and did no work for it: its
    /// earlier result was replayed, or the earlier execution was still in progress. See
    /// [`Rule::idempotent_by`](crate::Rule::idempotent_by).
    pub fn is_replay(&self) -> bool {
        self.last_outcome().is_some_and(Outcome::is_replay)
    }
}

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dropped = self.dropped.calls();
        if dropped > 0 {
            writeln!(f, "({} dropped)", plural(dropped, "earlier call"))?;
        }
        for (index, entry) in self.entries.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{entry}")?;
        }
        Ok(())
    }
}

/// The lines of the call in the journal, without a line break at the end.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, Headline(self.first()))?;
        for (index, attempt) in self.attempts.iter().enumerate() {
            write!(f, "\n  ")?;
            if attempt.invocation.is_invoke() {
                write!(f, "{} ", self.name_of(index))?;
            }
            write!(f, "→ {attempt}")?;
            if let Some(repeated) = self.repeated(index) {
                write!(f, " ({repeated})")?;
            }
            for delivery in &attempt.deliveries {
                delivery::write_below(f, delivery)?;
            }
        }
        Ok(())
    }
}

/// The maximum number of payload bytes in the first line of a message.
const SHORT: usize = 60;

/// Target, invocation type and the start of the payload.
pub(crate) struct ShortHeadline<'a>(pub(crate) &'a Invocation);

/// One line about a request: target, invocation type, payload, and what else differs from the
/// defaults.
pub(crate) struct Headline<'a>(pub(crate) &'a Invocation);

impl fmt::Display for Headline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_headline(self.0, usize::MAX, f)?;
        write_particulars(self.0, f)
    }
}

impl fmt::Display for ShortHeadline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_headline(self.0, SHORT, f)
    }
}

fn write_headline(
    invocation: &Invocation,
    limit: usize,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    f.write_str(&invocation.described())?;
    if !invocation.is_invoke() {
        return Ok(());
    }
    write!(f, " {}", invocation.invocation_type())?;
    if invocation.is_streamed() {
        f.write_str(" streamed")?;
    }
    let payload = invocation.payload_bytes();
    if payload.is_empty() {
        return f.write_str(" (empty)");
    }
    let limit = limit.min(invocation.print_limit());
    let text = BodyText::with(payload, invocation.request_id(), limit);
    write!(f, " {text}")
}

/// Writes ` (region eu-west-1, tenant id "blue")`, or nothing if everything has its default value.
fn write_particulars(invocation: &Invocation, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Particulars {
        region,
        account,
        log_type,
        client_context,
        tenant_id,
        durable_execution_name,
    } = invocation.particulars();
    let client_context = client_context.map(|context| match context {
        ClientContext::Decoded(bytes) => BodyText::of(invocation, &bytes).to_string(),
        ClientContext::Encoded(bytes) => {
            format!("not in base64 {}", BodyText::of(invocation, bytes))
        }
    });
    let parts = [
        region.map(|region| format!("region {region}")),
        account.map(|account| format!("account {account}")),
        log_type.map(|word| format!("log type {word}")),
        client_context.map(|text| format!("client context {text}")),
        tenant_id.map(|id| format!("tenant id {id:?}")),
        durable_execution_name.map(|name| format!("durable execution name {name:?}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.is_empty() {
        true => Ok(()),
        false => write!(f, " ({})", parts.join(", ")),
    }
}

/// Everything that a snapshot could show of a call.
fn key(call: &Call) -> (String, String) {
    let serialized = serde_json::to_string(call).expect("a call is made of strings and numbers");
    (serialized, call.to_string())
}
