//! The script of a stream: chunks, pauses between them, failures, and its end.
//!
//! [`Chunks`] is data and does not depend on a request. An invalid script panics at the line that
//! makes it.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::aws::event_stream::{FrameDamage, LONGEST_VALUE, write_event, write_frame};
use crate::aws::function_error::FunctionError;
use crate::aws::service_error::ServiceError;
use crate::ground::json::text_of;
use crate::ground::message::{Message, accepted};
use crate::reply::delay::Delay;
use crate::reply::fault::{Ending, Extent, Fault, Framing, Pace};
use crate::reply::gate::{Gate, SharedGate};

/// The stream of a function: chunks, pauses and failures in order, then the end.
///
/// A list of strings or byte strings is also accepted, so a plain stream needs no `Chunks`:
///
/// ```
/// use fake_lambda::{Chunks, FakeLambda, FunctionError, Reply};
/// use std::time::Duration;
///
/// let lambda = FakeLambda::start();
/// lambda.on("chat").reply(Reply::stream(["Hel", "lo"]));
/// lambda.on("chat:slow").reply(Reply::stream(
///     Chunks::new()
///         .http(200, [("content-type", "text/event-stream")])
///         .send("data: Hel\n\n")
///         .wait(Duration::from_secs(40))
///         .send("data: lo\n\n")
///         .fail(FunctionError::new("ValueError", "no more")),
/// ));
/// ```
///
/// The caller of `InvokeWithResponseStream` gets one `PayloadChunk` for each [`send`](Self::send)
/// and an `InvokeComplete` at the end. AWS does not promise to keep these boundaries; see
/// [`boundaries`](Self::boundaries).
///
/// The caller of `Invoke` gets the chunks as one payload, after all pauses. An error at the end is
/// then the whole reply: a function error. A fault loses the whole reply, except
/// [`Dribble`](Fault::Dribble) and [`BadChunk`](Fault::BadChunk), which have no effect. Steps that
/// need a stream of events have no effect either: other messages, damaged frames, a missing end.
#[derive(Clone, Debug, Default)]
#[must_use = "chunks do nothing until a rule streams them: `lambda.on(..).reply(Reply::stream(chunks))`"]
pub struct Chunks {
    parts: Vec<Part>,
    end: End,
    boundaries: Option<Boundaries>,
    /// The step that has ended the stream or its connection, so that nothing can follow.
    ended_by: Option<String>,
}

/// One step of a stream.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Send(Bytes),
    /// The prelude of an HTTP response, sent as a chunk.
    Http(Arc<Prelude>),
    Wait(Delay),
    Hold(Arc<SharedGate>),
    /// A fault here, or inside what is sent next.
    Fault(Fault),
    /// Damage to the next frame.
    Damage(FrameDamage),
    /// A frame that is neither a chunk nor the usual end.
    Message(Odd),
}

/// The prelude of an HTTP response.
#[derive(Debug)]
pub(crate) struct Prelude {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// JSON, then 8 zero bytes.
    chunk: Bytes,
}

/// A message that AWS does not send.
#[derive(Clone, Debug)]
pub(crate) enum Odd {
    Exception(ServiceError),
    Error { code: Arc<str>, text: Arc<str> },
    Event { name: Arc<str>, payload: Arc<str> },
}

/// How a stream ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum End {
    #[default]
    Complete,
    Failed(FunctionError),
    /// Without the event that AWS sends last.
    Missing,
}

/// A change that chaos makes to the stream of a script, whatever its chunks are.
#[derive(Clone, Debug)]
pub enum StreamChange {
    /// These steps follow the first chunk, in place of the rest.
    Rest(Chunks),
    /// The chunks of the script with these boundaries.
    Boundaries(Boundaries),
}

/// Chaos cuts a stream into events of equal size. If there would be more events than this, it
/// makes them larger.
const MOST_EVENTS: usize = 1_024;

/// How chunks become the events that a caller gets.
///
/// AWS does not promise that a caller gets the chunks as the function wrote them: a client must not
/// depend on it. Chunks with another step between them, such as a pause, are never joined. The
/// journal and the waits count the chunks of the script, whatever the events.
///
/// ```
/// use fake_lambda::{Boundaries, Chunks, FakeLambda, Reply};
///
/// let lambda = FakeLambda::builder().seed(7).boundaries(Boundaries::Random).start();
/// lambda.on("chat").reply(Reply::stream(["Hel", "lo"]));
/// lambda.on("report").reply(Reply::stream(Chunks::from(["Hel", "lo"]).boundaries(Boundaries::Every(1))));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Boundaries {
    /// One event for each chunk, or several for a chunk over 16 MiB. The default.
    #[default]
    AsSent,
    /// One event for all chunks without another step between them, such as a pause.
    Merged,
    /// Events of this many bytes, at least 1; the last one before another step or the end can be
    /// shorter. Events without a pause between them arrive together.
    Every(usize),
    /// Chunks are joined and cut at random. The boundaries depend on the fake's seed, the function
    /// and the number of the attempt.
    Random,
}

impl Chunks {
    /// Creates an empty stream, which ends with success.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends this chunk: a string, a vector of bytes or a slice of them, as in `&b"\xff\xfe"[..]`.
    ///
    /// # Panics
    ///
    /// Panics if the stream has already ended, as every method that adds a step or an end does.
    #[track_caller]
    pub fn send(self, chunk: impl Into<Bytes>) -> Self {
        accepted(self.try_add("send", Part::Send(chunk.into())))
    }

    /// Sends the prelude of an HTTP response as a chunk: status and headers as JSON, then 8 zero
    /// bytes.
    ///
    /// A function with a function URL streams it first. A caller of `InvokeWithResponseStream` or
    /// `Invoke` gets it as part of the payload.
    ///
    /// ```
    /// use fake_lambda::{Chunks, FakeLambda, Reply};
    ///
    /// let lambda = FakeLambda::start();
    /// let html = Chunks::new().http(200, [("content-type", "text/html")]).send("<html>");
    /// lambda.on("page").reply(Reply::stream(html));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `status` is not between 200 and 599.
    #[track_caller]
    pub fn http<'a>(
        self,
        status: u16,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        accepted(self.try_http(status, headers.into_iter()))
    }

    /// Pauses for a [`Duration`](std::time::Duration), a random duration from a range, or a
    /// [`Delay`].
    ///
    /// # Panics
    ///
    /// Panics if the range is reversed.
    #[track_caller]
    pub fn wait(self, delay: impl Into<Delay>) -> Self {
        accepted(self.try_wait(delay.into()))
    }

    /// Pauses until the gate lets the stream through.
    ///
    /// ```
    /// use fake_lambda::{Chunks, FakeLambda, Gate, Reply, sdk_client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let gate = Gate::new();
    /// lambda.on("chat").reply(Reply::stream(Chunks::new().send("Hel").hold(&gate).send("lo")));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let mut answer = client.invoke_with_response_stream().function_name("chat").send().await.unwrap();
    /// let first = answer.event_stream.recv().await.unwrap().unwrap();
    /// assert_eq!(first.as_payload_chunk().unwrap().payload.as_ref().unwrap().as_ref(), b"Hel");
    /// gate.reached(1).await; // the second chunk waits
    /// gate.open();
    /// # while answer.event_stream.recv().await.unwrap().is_some() {}
    /// # }
    /// ```
    #[track_caller]
    pub fn hold(self, gate: &Gate) -> Self {
        gate.shared.note_use();
        accepted(self.try_add("hold", Part::Hold(gate.shared.clone())))
    }

    /// Breaks the connection here, or damages what is sent next.
    ///
    /// [`Reset`](Fault::Reset), [`CloseBeforeReply`](Fault::CloseBeforeReply) and
    /// [`Hang`](Fault::Hang) happen here. [`Garbage`](Fault::Garbage) sends bytes that are not a
    /// frame, then closes. The others damage the next frame:
    /// [`TruncateAfter`](Fault::TruncateAfter), [`ResetAfter`](Fault::ResetAfter) and
    /// [`StallAfter`](Fault::StallAfter) send this many bytes of it, but never its last byte;
    /// [`Dribble`](Fault::Dribble) sends it in pieces of this many bytes;
    /// [`BadChunk`](Fault::BadChunk) sends it in an HTTP chunk without a valid size.
    ///
    /// # Panics
    ///
    /// Panics if the fault sends pieces of 0 bytes, if the next frame already has a fault, if an
    /// earlier step gives the next frame a wrong checksum and this fault ends the stream before
    /// that frame, or if the fault is about the head, the length or the end of a reply: use
    /// [`Reply::fault`](crate::Reply::fault) for such a fault.
    #[track_caller]
    pub fn fault(self, fault: Fault) -> Self {
        accepted(self.try_fault(fault))
    }

    /// Sends the next frame with a wrong checksum of its content.
    ///
    /// # Panics
    ///
    /// Panics if an earlier step already gives the next frame a wrong checksum.
    #[track_caller]
    pub fn bad_checksum(self) -> Self {
        accepted(self.try_add("bad_checksum", Part::Damage(FrameDamage::Message)))
    }

    /// Sends the next frame with a wrong checksum of its lengths.
    ///
    /// # Panics
    ///
    /// Panics if an earlier step already gives the next frame a wrong checksum.
    #[track_caller]
    pub fn bad_prelude(self) -> Self {
        accepted(self.try_add("bad_prelude", Part::Damage(FrameDamage::Prelude)))
    }

    /// Sends this error as a message of the type `exception`. AWS's service model defines no such
    /// message, and no recording contains one.
    #[track_caller]
    pub fn exception(self, error: ServiceError) -> Self {
        accepted(self.try_add("exception", Part::Message(Odd::Exception(error))))
    }

    /// Sends a message of the type `error` with this code and text. No recording has one.
    ///
    /// # Panics
    ///
    /// Panics if a string is empty or has more than 32,767 bytes.
    #[track_caller]
    pub fn error_message(self, code: impl AsRef<str>, text: impl AsRef<str>) -> Self {
        accepted(self.try_error_message(code.as_ref(), text.as_ref()))
    }

    /// Sends an event of this type with this JSON, such as one that a client does not know.
    ///
    /// ```
    /// use fake_lambda::{Chunks, FakeLambda, Reply};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("chat").reply(Reply::stream(Chunks::new().event("Heartbeat", json!({})).send("Hello")));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `event_type` is empty or has more than 32,767 bytes, or if `payload` cannot be
    /// written as JSON.
    #[track_caller]
    pub fn event(self, event_type: impl AsRef<str>, payload: impl Serialize) -> Self {
        let payload = text_of(&payload);
        accepted(self.try_event(event_type.as_ref(), &payload))
    }

    /// Ends the stream with this error.
    ///
    /// The event at the end has a code and details that depend on the error:
    ///
    /// | error | `ErrorCode` | `ErrorDetails` |
    /// |---|---|---|
    /// | [`FunctionError::new`], or a payload of your own | `Unhandled` | the error as JSON |
    /// | [`FunctionError::exited`] and others that end the process | `Runtime.TruncatedResponse` | absent |
    /// | [`FunctionError::timed_out`] | `Sandbox.Timeout` | `RequestId: <id> Error: <text>` |
    ///
    /// Before the first chunk, the errors of the second row have the values of the first row
    /// instead: `Unhandled` and the error as JSON.
    ///
    /// `Unhandled` and `Runtime.TruncatedResponse` are in responses that users of AWS have
    /// published. The text of the details was not recorded; `Sandbox.Timeout` is the code of AWS's
    /// runtime interface emulator. An error of the [Rust runtime](crate::Runtime::Rust) after the
    /// first chunk is sent the way `lambda_runtime` 1.5 sends it: as a chunk, before an end
    /// with success.
    #[track_caller]
    pub fn fail(self, error: FunctionError) -> Self {
        accepted(self.try_end("fail", End::Failed(error)))
    }

    /// Ends the stream without the event `InvokeComplete`.
    ///
    /// # Panics
    ///
    /// Panics if a step damages the next frame, which then never comes.
    #[track_caller]
    pub fn no_end(self) -> Self {
        accepted(self.try_end("no_end", End::Missing))
    }

    /// Sets how these chunks become events, instead of
    /// [`Builder::boundaries`](crate::Builder::boundaries).
    ///
    /// # Panics
    ///
    /// Panics for events of 0 bytes.
    #[track_caller]
    pub fn boundaries(self, boundaries: Boundaries) -> Self {
        accepted(self.try_boundaries(boundaries))
    }

    pub(crate) fn try_wait(self, delay: Delay) -> Result<Self, Message> {
        match delay.mistake() {
            Some(mistake) => Err(mistake),
            None => self.try_add("wait", Part::Wait(delay)),
        }
    }

    pub(crate) fn try_http<'a>(
        self,
        status: u16,
        headers: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Message> {
        let prelude = Prelude::new(status, headers)?;
        self.try_add("http", Part::Http(Arc::new(prelude)))
    }

    pub(crate) fn try_fault(self, fault: Fault) -> Result<Self, Message> {
        if let Some(mistake) = fault.mistake() {
            return Err(mistake);
        }
        let damage = fault.damage();
        let cuts = matches!(damage.extent, Extent::Nothing | Extent::Garbage);
        let is_inside = matches!(damage.extent, Extent::Body(_))
            || matches!(damage.pace, Pace::Body { .. })
            || damage.framing == Framing::BadChunk;
        if !cuts && !is_inside {
            return Err(Message::new(
                format!("`Fault::{fault:?}` is not a fault inside a stream"),
                "use it on the whole reply: `Reply::stream(..).fault(..)`",
            ));
        }
        let mut chunks = self.try_add("fault", Part::Fault(fault))?;
        if cuts {
            let is_damaged = |part: &Part| matches!(part, Part::Damage(_));
            if chunks.pending().any(is_damaged) {
                return Err(Message::new(
                    format!("a step damages the next frame, but `Fault::{fault:?}` sends none"),
                    "remove one of the two steps, or send a chunk between them",
                ));
            }
            chunks.ended_by = Some(format!("Fault::{fault:?}"));
        }
        Ok(chunks)
    }

    pub(crate) fn try_error_message(self, code: &str, text: &str) -> Result<Self, Message> {
        fits_header(code)?;
        fits_header(text)?;
        let (code, text) = (code.into(), text.into());
        self.try_add("error_message", Part::Message(Odd::Error { code, text }))
    }

    pub(crate) fn try_event(self, name: &str, payload: &str) -> Result<Self, Message> {
        fits_header(name)?;
        let (name, payload) = (name.into(), payload.into());
        self.try_add("event", Part::Message(Odd::Event { name, payload }))
    }

    pub(crate) fn try_boundaries(mut self, boundaries: Boundaries) -> Result<Self, Message> {
        self.boundaries = Some(boundaries.checked()?);
        Ok(self)
    }

    pub(crate) fn try_end(mut self, verb: &str, end: End) -> Result<Self, Message> {
        self.is_open(verb)?;
        let is_damaged = self.pending().next().is_some();
        if end == End::Missing && is_damaged {
            return Err(Message::new(
                "a step damages the next frame, but `no_end` sends none",
                "remove `no_end`, or send another chunk before it",
            ));
        }
        self.end = end;
        self.ended_by = Some(format!("{verb}(..)"));
        Ok(self)
    }

    pub(crate) fn try_add(mut self, verb: &str, part: Part) -> Result<Self, Message> {
        self.is_open(verb)?;
        let is_same = |other: &Part| {
            matches!(
                (&part, other),
                (Part::Fault(_), Part::Fault(_)) | (Part::Damage(_), Part::Damage(_))
            )
        };
        if self.pending().any(is_same) {
            return Err(Message::new(
                format!("`{verb}` damages a frame that an earlier step already damages"),
                "send a chunk between these two steps, or remove one of them",
            ));
        }
        self.parts.push(part);
        Ok(self)
    }

    /// Returns `true` if a step damages the connection.
    pub(crate) fn has_fault(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Fault(_)))
    }

    /// The steps that damage the next frame.
    fn pending(&self) -> impl Iterator<Item = &Part> {
        let sends = |part: &&Part| part.chunk().is_some() || matches!(part, Part::Message(_));
        let last = self.parts.iter().rev().take_while(move |part| !sends(part));
        last.filter(|part| matches!(part, Part::Fault(_) | Part::Damage(_)))
    }

    fn is_open(&self, verb: &str) -> Result<(), Message> {
        match &self.ended_by {
            None => Ok(()),
            Some(ended_by) => Err(Message::new(
                format!("`{verb}` follows `{ended_by}`, which ends the stream"),
                format!("move `{verb}` before `{ended_by}`, or remove `{verb}`"),
            )),
        }
    }

    /// Chunks with this end.
    pub(crate) fn of(chunks: impl IntoIterator<Item = Bytes>, end: End) -> Self {
        Self {
            parts: chunks.into_iter().map(Part::Send).collect(),
            end,
            boundaries: None,
            ended_by: None,
        }
    }

    /// The same stream with this change; `None` if that changes nothing, or if the script itself
    /// damages the stream.
    pub(crate) fn changed(&self, change: &StreamChange) -> Option<Self> {
        let mut parts = self.parts.iter();
        if parts.any(|part| matches!(part, Part::Fault(_) | Part::Damage(_))) {
            return None;
        }
        match change {
            StreamChange::Rest(rest) => {
                let is_chunk = |part: &Part| part.chunk().is_some();
                let first = self.parts.iter().position(is_chunk);
                let kept = first.map_or(self.parts.len(), |first| first + 1);
                Some(Self {
                    parts: [&self.parts[..kept], &rest.parts].concat(),
                    boundaries: self.boundaries,
                    ..rest.clone()
                })
            }
            StreamChange::Boundaries(boundaries) => {
                let boundaries = match *boundaries {
                    Boundaries::Merged if self.count() < 2 => return None,
                    Boundaries::Every(bytes) if self.length() <= bytes => return None,
                    Boundaries::Every(bytes) => {
                        Boundaries::Every(bytes.max(self.length().div_ceil(MOST_EVENTS)))
                    }
                    same @ (Boundaries::AsSent | Boundaries::Merged | Boundaries::Random) => same,
                };
                Some(Self {
                    boundaries: Some(boundaries),
                    ..self.clone()
                })
            }
        }
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(crate) fn end(&self) -> &End {
        &self.end
    }

    /// How its chunks become events, if the script sets it.
    pub(crate) fn own_boundaries(&self) -> Option<Boundaries> {
        self.boundaries
    }

    /// The number of chunks.
    pub(crate) fn count(&self) -> usize {
        self.parts.iter().filter_map(Part::chunk).count()
    }

    /// The chunks as one payload.
    pub(crate) fn joined(&self) -> Bytes {
        let mut chunks = self.parts.iter().filter_map(Part::chunk);
        match (self.count(), chunks.next()) {
            (1, Some(only)) => only.clone(),
            (_, first) => first
                .into_iter()
                .chain(chunks)
                .flat_map(|chunk| chunk.iter().copied())
                .collect(),
        }
    }

    /// The length of the chunks together.
    pub(crate) fn length(&self) -> usize {
        let lengths = self.parts.iter().filter_map(Part::chunk).map(Bytes::len);
        lengths.fold(0, usize::saturating_add)
    }

    /// The fault of a reply that is not sent in chunks and so is lost whole.
    pub(crate) fn fault_of_whole(&self) -> Option<Fault> {
        self.parts.iter().find_map(|part| {
            let Part::Fault(fault) = part else {
                return None;
            };
            let damage = fault.damage();
            match (damage.extent, damage.ending) {
                (Extent::Whole | Extent::HalfHead, _) => None,
                (_, Ending::Reset | Ending::ResetNext) => Some(Fault::Reset),
                (_, Ending::Hang) => Some(Fault::Hang),
                (_, Ending::Close | Ending::KeepAlive) => Some(Fault::CloseBeforeReply),
            }
        })
    }

    /// Returns `true` if it has a pause.
    pub(crate) fn pauses(&self) -> bool {
        let is_pause = |part: &Part| matches!(part, Part::Wait(_) | Part::Hold(_));
        self.parts.iter().any(is_pause)
    }

    /// Returns `true` if one of its pauses is random.
    pub(crate) fn draws(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Wait(delay) => delay.draws(),
            Part::Send(_)
            | Part::Http(_)
            | Part::Hold(_)
            | Part::Fault(_)
            | Part::Damage(_)
            | Part::Message(_) => false,
        })
    }

    /// The first step that can only be sent by the fake's own server, as a message names it:
    /// `` `wait` in a stream ``.
    pub(crate) fn beyond_chunks(&self) -> Option<&'static str> {
        self.parts.iter().find_map(|part| match part {
            Part::Send(_) | Part::Http(_) | Part::Message(_) => None,
            Part::Wait(_) => Some("`wait` in a stream"),
            Part::Hold(_) => Some("`hold` in a stream"),
            Part::Fault(_) => Some("`fault` in a stream"),
            Part::Damage(FrameDamage::Message) => Some("`bad_checksum`"),
            Part::Damage(FrameDamage::Prelude) => Some("`bad_prelude`"),
        })
    }
}

impl End {
    /// The end of a function that returned this.
    pub(crate) fn of(ended: Result<(), FunctionError>) -> Self {
        match ended {
            Ok(()) => Self::Complete,
            Err(error) => Self::Failed(error),
        }
    }
}

impl Boundaries {
    /// Returns these boundaries, or an error if they are not valid.
    pub(crate) fn checked(self) -> Result<Self, Message> {
        match self {
            Self::Every(0) => Err(Message::new(
                "`Boundaries::Every(0)` sends events of 0 bytes",
                "use at least 1 byte",
            )),
            Self::AsSent | Self::Merged | Self::Every(_) | Self::Random => Ok(self),
        }
    }
}

fn fits_header(text: &str) -> Result<(), Message> {
    match (1..=LONGEST_VALUE).contains(&text.len()) {
        true => Ok(()),
        false => Err(Message::new(
            format!(
                "a string of {} bytes does not fit in a frame header",
                text.len()
            ),
            "use 1 to 32,767 bytes",
        )),
    }
}

impl Part {
    /// The chunk that it sends.
    pub(crate) fn chunk(&self) -> Option<&Bytes> {
        match self {
            Self::Send(chunk) => Some(chunk),
            Self::Http(prelude) => Some(&prelude.chunk),
            Self::Wait(_) | Self::Hold(_) | Self::Fault(_) | Self::Damage(_) | Self::Message(_) => {
                None
            }
        }
    }
}

impl Prelude {
    fn new<'a>(
        status: u16,
        headers: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Message> {
        if !(200..600).contains(&status) {
            return Err(Message::new(
                format!("`{status}` is not the status of a final HTTP response"),
                "use a status from 200 to 599",
            ));
        }
        let headers: Vec<_> = headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        // Written member by member, because the order of a map depends on the features of
        // serde_json.
        let fields = headers.iter();
        let fields = fields.map(|(name, value)| {
            let (name, value) = (name.as_str(), value.as_str());
            format!("{}:{}", Value::from(name), Value::from(value))
        });
        let fields = fields.collect::<Vec<_>>().join(",");
        let text = format!("{{\"statusCode\":{status},\"headers\":{{{fields}}},\"cookies\":[]}}");
        let chunk = [text.as_bytes(), &[0; 8]].concat().into();
        Ok(Self {
            status,
            headers,
            chunk,
        })
    }
}

impl Odd {
    pub(crate) fn frame(&self) -> Vec<u8> {
        let mut frame = Vec::new();
        match self {
            Self::Event { name, payload } => write_event(&mut frame, name, payload.as_bytes()),
            Self::Error { code, text } => {
                let headers = [
                    (":error-code", &**code),
                    (":error-message", text),
                    (":message-type", "error"),
                ];
                write_frame(&mut frame, &headers, b"");
            }
            Self::Exception(error) => {
                let headers = [
                    (":exception-type", error.code()),
                    (":content-type", "application/json"),
                    (":message-type", "exception"),
                ];
                let message = Value::from(error.default_message());
                let body = format!("{{\"{}\":{message}}}", error.message_member());
                write_frame(&mut frame, &headers, body.as_bytes());
            }
        }
        frame
    }
}

impl From<Chunks> for StreamChange {
    fn from(rest: Chunks) -> Self {
        Self::Rest(rest)
    }
}

impl From<Boundaries> for StreamChange {
    fn from(boundaries: Boundaries) -> Self {
        Self::Boundaries(boundaries)
    }
}

impl<B: Into<Bytes>, const N: usize> From<[B; N]> for Chunks {
    fn from(chunks: [B; N]) -> Self {
        Self::of(chunks.map(Into::into), End::Complete)
    }
}

impl<B: Into<Bytes>> From<Vec<B>> for Chunks {
    fn from(chunks: Vec<B>) -> Self {
        Self::of(chunks.into_iter().map(Into::into), End::Complete)
    }
}
