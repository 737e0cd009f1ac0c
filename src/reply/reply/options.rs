//! How a reply is sent: late, held back, damaged, or changed at the level of HTTP.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Answer, Reply};
use crate::ground::message::accepted;
use crate::reply::chunks::{Chunks, End, Part, StreamChange};
use crate::reply::delay::Delay;
use crate::reply::fault::Fault;
use crate::reply::gate::{Gate, SharedGate};

/// How a reply is sent, and how an Event that gets it is delivered.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReplyOptions {
    pub(crate) gate: Option<Arc<SharedGate>>,
    pub(crate) delay: Option<Delay>,
    /// How much later it is sent because of chaos.
    pub(crate) chaos_delay: Duration,
    pub(crate) body_delay: Option<Delay>,
    pub(crate) fault: Option<Fault>,
    pub(crate) status: Option<u16>,
    pub(crate) body: Option<Bytes>,
    pub(crate) without: Vec<Arc<str>>,
    /// The function's timeout.
    pub(crate) timeout: Option<Duration>,
    /// Whether an Event gets the error after its 202.
    pub(crate) in_queue: bool,
    /// The number of copies of an Event in addition to the first.
    pub(crate) duplicates: u32,
    /// Whether an Event is accepted but never run.
    pub(crate) is_lost: bool,
    /// Whether an idempotent function did no work for this reply.
    pub(crate) is_replay: bool,
    /// Whether the gate of an idempotent function opened because its last handle was dropped.
    pub(crate) gate_was_dropped: bool,
}

impl ReplyOptions {
    /// The total number of deliveries of an Event; `None` for the usual single delivery.
    pub(crate) fn delivered_times(&self) -> Option<u32> {
        (self.duplicates > 0).then(|| self.duplicates + 1)
    }
}

impl Reply {
    /// Delays the first byte by a [`Duration`](std::time::Duration), a random duration from a
    /// range, or a [`Delay`].
    ///
    /// Until then the journal shows the attempt as `delayed for ..`. For an Event the 202 is not
    /// delayed, but its function is. A reply that replaces the 202, such as a service error, is
    /// delayed.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply};
    /// use serde_json::json;
    /// use std::time::Duration;
    ///
    /// let lambda = FakeLambda::start();
    /// let some = Duration::from_millis(5)..Duration::from_millis(50);
    /// lambda.on("slow").reply(Reply::json(json!({"ok": true})).delay(some));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the range is reversed.
    #[track_caller]
    pub fn delay(self, delay: impl Into<Delay>) -> Self {
        accepted(self.try_delay(delay.into()))
    }

    /// Delays the body by this long after the head.
    ///
    /// A reply whose body is empty, such as the 202 of an Event, is not delayed.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply};
    /// use serde_json::json;
    /// use std::time::Duration;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("slow").reply(Reply::json(json!({"ok": true})).body_delay(Duration::from_millis(5)));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the range is reversed, or if the reply has no body to delay.
    #[track_caller]
    pub fn body_delay(self, delay: impl Into<Delay>) -> Self {
        accepted(self.try_body_delay(delay.into()))
    }

    /// Holds the reply back until the gate lets it through.
    ///
    /// An attempt consumes its step on arrival, and the journal shows the attempt as `held by a
    /// gate`. With a [`delay`](Self::delay) as well, the gate comes first. The caller of an Event
    /// gets the 202 immediately, and the gate holds the function; a reply that replaces the 202,
    /// such as a service error or a fault, is held. A client that disconnects does not open the
    /// gate: the function stays held, and [`wait_until_idle`](crate::Handle::wait_until_idle) waits
    /// for the function.
    ///
    /// See [`Gate`] for an example.
    pub fn hold(mut self, gate: &Gate) -> Self {
        gate.shared.note_use();
        self.options_mut().gate = Some(gate.shared.clone());
        self
    }

    /// Damages the reply, or loses it. If the reply is a function's, the function has run.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Fault, Reply, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let paid = || Reply::json(json!({"paid": 42}));
    /// lambda.on("pay").reply(paid().fault(Fault::ResetAfter(5))).then(paid());
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// client.invoke().function_name("pay").send().await.unwrap();
    /// let runs = lambda.only_call().attempts().iter().filter(|attempt| attempt.has_run()).count();
    /// assert_eq!(runs, 2); // the SDK retried, so the order is paid twice
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if there is no reply to damage (a [`Fault`] without a reply), if the reply already
    /// has a fault (one between the chunks of its stream counts), or if this fault cannot fire: the
    /// number of bytes in `SlowHead`, `Dribble`, `LengthTooLong` and `LengthTooShort` must not be
    /// 0, and the body must be long enough for the fault. If the body is not known yet, as with a
    /// handler, a fault that could not fire fails verification.
    #[track_caller]
    pub fn fault(self, fault: Fault) -> Self {
        accepted(self.try_fault(fault))
    }

    /// Overrides the HTTP status, for replies that Lambda itself would not send.
    ///
    /// For an Event or DryRun it replaces the 202 or 204.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply, ServiceError};
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").reply(Reply::error(ServiceError::TooManyRequestsException).status(503));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if there is no reply to change (a [`Fault`] without a reply), if the status is not
    /// between 200 and 599, or if HTTP allows no body with it (204 and 304).
    #[track_caller]
    pub fn status(self, status: u16) -> Self {
        accepted(self.try_status(status))
    }

    /// Overrides the body and keeps all headers except `Content-Length`.
    ///
    /// Use it for replies that Lambda itself would not send: HTML from a proxy, or a JSON array
    /// where the client expects an object.
    ///
    /// The caller of an Event gets this body as well; the 204 of a DryRun has none. No size limit
    /// is checked.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply, ServiceError};
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").reply(Reply::error(ServiceError::TooManyRequestsException).body("<html>slow down</html>"));
    /// lambda.on("pay").reply(Reply::error(ServiceError::ServiceException).without_header("x-amzn-ErrorType").body("[]"));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if there is no reply to change (a [`Fault`] without a reply, or a handler), if the
    /// reply has a fault that cannot fire with this body, if this body is empty and the reply has a
    /// [`body_delay`](Self::body_delay), or if it is not empty and HTTP allows no body with the
    /// status (204 and 304).
    #[track_caller]
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        accepted(self.try_body(body.into()))
    }

    /// Omits a response header that the reply normally has.
    ///
    /// # Panics
    ///
    /// Panics if there is no reply to change (a [`Fault`] without a reply), if no reply of Lambda
    /// has such a header, or if it is `content-length` or `transfer-encoding`, because a reply
    /// without them has no end.
    #[track_caller]
    pub fn without_header(self, name: impl AsRef<str>) -> Self {
        accepted(self.try_without_header(name.as_ref()))
    }

    /// The same reply with the delays, fault, status, body, omitted headers and timeout of these
    /// options, such as those of the handler that made it. The reply's own options take precedence;
    /// the delays of chaos and the omitted headers of both are kept. A reply that is a fault gets
    /// no other fault.
    pub(crate) fn under(mut self, outer: Option<&Arc<ReplyOptions>>) -> Self {
        let Some(outer) = outer else { return self };
        let own = self.options_mut();
        let outer = (**outer).clone();
        own.gate = own.gate.take().or(outer.gate);
        own.delay = own.delay.or(outer.delay);
        own.chaos_delay = own.chaos_delay.saturating_add(outer.chaos_delay);
        own.body_delay = own.body_delay.or(outer.body_delay);
        own.fault = own.fault.or(outer.fault);
        own.status = own.status.or(outer.status);
        own.body = own.body.take().or(outer.body);
        own.without.extend(outer.without);
        own.timeout = own.timeout.or(outer.timeout);
        if matches!(self.answer, Answer::Fault(_)) {
            self.options_mut().fault = None;
        }
        self
    }

    /// The same reply without its timeout and without anything that delays its first byte.
    pub(crate) fn without_delays(mut self) -> Self {
        if self.options.is_some() {
            let options = self.options_mut();
            (options.gate, options.delay, options.timeout) = (None, None, None);
            options.chaos_delay = Duration::ZERO;
        }
        self
    }

    /// The gate that holds the reply, and those inside its stream.
    pub(crate) fn gates(&self) -> impl Iterator<Item = &Arc<SharedGate>> {
        let stream = match &self.answer {
            Answer::Stream(chunks) => chunks.parts(),
            Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Handler(_)
            | Answer::Live(_)
            | Answer::Fault(_) => &[],
        };
        let inside = stream.iter().filter_map(|part| match part {
            Part::Hold(gate) => Some(gate),
            Part::Send(_)
            | Part::Http(_)
            | Part::Wait(_)
            | Part::Fault(_)
            | Part::Damage(_)
            | Part::Message(_) => None,
        });
        let own = self.waits().filter_map(|options| options.gate.as_ref());
        own.chain(inside)
    }

    /// Its options, and those whose gate and delay an idempotent function waits for.
    pub(super) fn waits(&self) -> impl Iterator<Item = &ReplyOptions> {
        let of_function = match &self.answer {
            Answer::Handler(handler) => handler
                .executed()
                .and_then(|executed| executed.options.as_deref()),
            Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Stream(_)
            | Answer::Live(_)
            | Answer::Fault(_) => None,
        };
        self.options.as_deref().into_iter().chain(of_function)
    }

    /// Returns `true` if its options change what a client gets, or how often an Event is delivered.
    pub(crate) fn is_altered(&self) -> bool {
        self.options.as_ref().is_some_and(|options| {
            options.fault.is_some()
                || options.status.is_some()
                || options.body.is_some()
                || !options.without.is_empty()
                || options.is_lost
                || options.duplicates > 0
        })
    }

    /// The same reply with the fault and the delay of `by`, which must be a fault alone; `None` if
    /// `by` is anything else, or if this reply already has a fault.
    pub(crate) fn damaged(&self, by: &Self) -> Option<Self> {
        let Answer::Fault(fault) = by.answer else {
            return None;
        };
        if self.own_fault().is_some() {
            return None;
        }
        let mut damage = by.clone();
        damage.options_mut().fault = Some(fault);
        Some(self.clone().under(damage.options.as_ref()))
    }

    /// The same reply, this much later; `None` if it has a fault of its own.
    pub(crate) fn later(&self, by: Duration) -> Option<Self> {
        if self.own_fault().is_some() {
            return None;
        }
        let mut later = self.clone();
        later.options_mut().chaos_delay = by;
        Some(later)
    }

    /// The same reply to a caller that gets a stream, with this change; `None` if it is neither
    /// chunks nor a payload, if it has a body or a fault of its own, or if nothing changes.
    pub(crate) fn with_stream(&self, change: &StreamChange) -> Option<Self> {
        let has_own_body = |options: &Arc<ReplyOptions>| options.body.is_some();
        if self.own_fault().is_some() || self.options.as_ref().is_some_and(has_own_body) {
            return None;
        }
        let changed = match &self.answer {
            Answer::Stream(chunks) => chunks.changed(change),
            Answer::Payload(body) => Chunks::of([body.clone()], End::Complete).changed(change),
            Answer::FunctionError(_)
            | Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Handler(_)
            | Answer::Live(_)
            | Answer::Fault(_) => None,
        };
        Some(Self {
            answer: Answer::Stream(Arc::new(changed?)),
            ..self.clone()
        })
    }

    /// The fault it was written with, alone or on a reply.
    pub(crate) fn own_fault(&self) -> Option<Fault> {
        match self.answer {
            Answer::Fault(fault) => Some(fault),
            Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Handler(_)
            | Answer::Stream(_)
            | Answer::Live(_) => self.options.as_ref()?.fault,
        }
    }

    pub(super) fn options_mut(&mut self) -> &mut ReplyOptions {
        Arc::make_mut(self.options.get_or_insert_default())
    }
}
