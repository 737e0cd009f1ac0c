//! The answer of a function in chunks, for one invocation: the steps of a script in order, with the
//! boundaries that its caller gets.
//!
//! The steps are pure: no clock, no lock. A transport performs them. A handler that runs is only
//! passed on to the transport, in a [`Live`].

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::aws::event_stream::{FrameDamage, LONGEST_PAYLOAD, write_end};
use crate::aws::function_error::FunctionError;
use crate::ground::draws::{hashed, mixed, share};
use crate::ground::location::Location;
use crate::reply::chunks::{Boundaries, Chunks, End, Odd, Part};
use crate::reply::fault::Fault;
use crate::reply::gate::SharedGate;
use crate::request::invocation::Invocation;

/// The answer that a caller gets in chunks.
#[derive(Clone, Debug)]
pub(crate) enum Stream {
    Script(Arc<Chunks>),
    /// The chunks of a handler that runs.
    Live(Live),
    /// The journal's record of it, whose chunks are kept elsewhere.
    Sent,
}

/// The chunks of a handler that runs.
#[derive(Clone)]
pub(crate) struct Live(Arc<Mutex<Option<Box<dyn LiveChunks>>>>);

/// The output of a running handler.
pub(crate) trait LiveChunks: Send {
    /// The next chunk, or how the handler has ended.
    fn next(&mut self) -> Pin<Box<dyn Future<Output = LiveStep> + Send + '_>>;

    /// Where the handler was written.
    fn written_at(&self) -> &Location;
}

/// One step of a running handler.
#[derive(Debug)]
pub(crate) enum LiveStep {
    Chunk(Bytes),
    /// It has returned or failed.
    Ended(Result<(), FunctionError>),
    /// It has exceeded its timeout.
    TimedOut(Duration),
    /// It panicked; the error is for its caller.
    Panicked(StreamError),
}

/// How a stream ended for its caller.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum StreamEnd {
    Complete,
    Failed(StreamError),
    /// Without an event at the end.
    Missing,
}

impl StreamEnd {
    /// Writes the event at the end, if there is one.
    pub(crate) fn write(&self, frames: &mut Vec<u8>, log: Option<&str>) {
        match self {
            Self::Complete => write_end(frames, None, log),
            Self::Failed(error) => {
                write_end(frames, Some((&error.code, error.details.as_deref())), log);
            }
            Self::Missing => {}
        }
    }

    /// The size of its strings.
    pub(crate) fn kept_bytes(&self) -> usize {
        match self {
            Self::Complete | Self::Missing => 0,
            Self::Failed(error) => {
                error.code.len() + error.details.as_ref().map_or(0, |details| details.len())
            }
        }
    }
}

/// The error in the event at the end of a stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct StreamError {
    pub(crate) code: Arc<str>,
    pub(crate) details: Option<Arc<str>>,
}

/// The steps of a script for one invocation.
#[derive(Debug)]
pub(crate) struct Walk {
    chunks: Arc<Chunks>,
    /// The next step.
    index: usize,
    boundaries: Boundaries,
    limit: Limit,
    /// The draws of the boundaries.
    draws: Draws,
    /// The draws of the pauses, which are the same for each boundary policy and both operations.
    pauses: Draws,
    has_ended: bool,
}

/// The next step of a stream.
#[derive(Debug)]
pub(crate) enum Next {
    Chunks(Cut),
    Wait(Duration),
    Hold(Arc<SharedGate>),
    /// A fault at this point, or inside what is sent next.
    Fault(Fault),
    /// Damage to the next frame.
    Damage(FrameDamage),
    /// A message that is neither a chunk nor the end.
    Message(Odd),
    End(Ended),
}

/// Chunks that a function sent, and the payloads of the events in which its caller gets them.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Cut {
    pub(crate) sent: Vec<Bytes>,
    pub(crate) events: Vec<Bytes>,
}

/// How a function ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ended {
    Complete,
    Failed(FunctionError),
    /// It sent more than the service hands on.
    TooLarge(usize),
    Missing,
}

/// The most bytes that the service hands on, and how many are left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    most: usize,
    left: usize,
    is_exceeded: bool,
}

/// The service's rate: the first 6 MiB immediately, then 2 MiB per second, as documented.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    sent: usize,
}

/// Numbers that depend on the seed, the target and the number of the attempt.
#[derive(Debug)]
pub(crate) struct Draws {
    start: u64,
    count: u64,
}

impl Live {
    pub(crate) fn new(chunks: Box<dyn LiveChunks>) -> Self {
        Self(Arc::new(Mutex::new(Some(chunks))))
    }

    /// The running handler; `None` if it was taken before.
    pub(crate) fn take(&self) -> Option<Box<dyn LiveChunks>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Walk {
    /// The steps with these boundaries, unless the script has its own.
    pub(crate) fn new(chunks: Arc<Chunks>, usual: Boundaries, invocation: &Invocation) -> Self {
        Self {
            index: 0,
            boundaries: chunks.own_boundaries().unwrap_or(usual),
            limit: Limit::of(invocation),
            draws: Draws::of_boundaries(invocation),
            pauses: Draws::of_pauses(invocation),
            has_ended: false,
            chunks,
        }
    }

    /// The next step; the last is an end.
    pub(crate) fn next(&mut self) -> Next {
        let chunks = self.chunks.clone();
        let Some(part) = chunks.parts().get(self.index).filter(|_| !self.has_ended) else {
            return Next::End(match (self.limit.exceeded(), chunks.end()) {
                (Some(most), _) => Ended::TooLarge(most),
                (None, End::Complete) => Ended::Complete,
                (None, End::Failed(error)) => Ended::Failed(error.clone()),
                (None, End::Missing) => Ended::Missing,
            });
        };
        self.index += 1;
        match part {
            Part::Wait(delay) => Next::Wait(delay.drawn(self.pauses.next())),
            Part::Hold(gate) => Next::Hold(gate.clone()),
            Part::Fault(fault) => Next::Fault(*fault),
            Part::Damage(damage) => Next::Damage(*damage),
            Part::Message(message) => Next::Message(message.clone()),
            Part::Send(_) | Part::Http(_) => {
                let mut sent: Vec<Bytes> = part.chunk().into_iter().cloned().collect();
                while let (true, Some(chunk)) = (
                    self.joins(),
                    chunks.parts().get(self.index).and_then(Part::chunk),
                ) {
                    sent.push(chunk.clone());
                    self.index += 1;
                }
                let cut = cut(sent, self.boundaries, &mut self.limit, &mut self.draws);
                self.has_ended = self.limit.exceeded().is_some();
                Next::Chunks(cut)
            }
        }
    }

    /// Decides whether the next chunk is joined to the one before it.
    fn joins(&mut self) -> bool {
        match self.boundaries {
            Boundaries::AsSent => false,
            Boundaries::Merged | Boundaries::Every(_) => true,
            Boundaries::Random => self.draws.share() < 0.5,
        }
    }
}

/// The events of chunks that are sent together. What is over the limit is not sent.
pub(crate) fn cut(
    mut sent: Vec<Bytes>,
    boundaries: Boundaries,
    limit: &mut Limit,
    draws: &mut Draws,
) -> Cut {
    let mut whole = match &sent[..] {
        [only] => only.clone(),
        several => {
            let mut whole = BytesMut::with_capacity(several.iter().map(Bytes::len).sum());
            several
                .iter()
                .for_each(|chunk| whole.extend_from_slice(chunk));
            whole.freeze()
        }
    };
    let taken = limit.take(whole.len());
    if taken < whole.len() {
        sent = only_first(sent, taken);
        whole.truncate(taken);
        if taken == 0 {
            return Cut::default();
        }
    }
    let mut events = Vec::with_capacity(1);
    loop {
        let length = whole.len();
        let event = match boundaries {
            Boundaries::AsSent | Boundaries::Merged => length,
            Boundaries::Every(bytes) => bytes,
            Boundaries::Random if length < 2 || draws.share() < 0.5 => length,
            Boundaries::Random => 1 + (draws.share() * (length - 1) as f64) as usize,
        };
        events.push(whole.split_to(event.min(length).min(LONGEST_PAYLOAD)));
        if whole.is_empty() {
            return Cut { sent, events };
        }
    }
}

/// The first bytes of these chunks.
fn only_first(chunks: Vec<Bytes>, mut bytes: usize) -> Vec<Bytes> {
    let mut first = Vec::new();
    for mut chunk in chunks {
        if bytes == 0 {
            break;
        }
        chunk.truncate(bytes);
        bytes -= chunk.len();
        first.push(chunk);
    }
    first
}

impl Ended {
    /// The error as a chunk, if that is how a function sends it after this many chunks.
    pub(crate) fn error_chunk(&self, chunks: usize) -> Option<Bytes> {
        match self {
            Self::Failed(error) if chunks > 0 => error.as_chunk(),
            Self::Failed(_) | Self::TooLarge(_) | Self::Complete | Self::Missing => None,
        }
    }

    /// The error with which the function failed.
    pub(crate) fn error(&self) -> Option<FunctionError> {
        match self {
            Self::Failed(error) => Some(error.clone()),
            Self::TooLarge(_) => Some(FunctionError::response_too_large()),
            Self::Complete | Self::Missing => None,
        }
    }

    /// The end for the caller, after this many chunks.
    pub(crate) fn seen(self, invocation: &Invocation, chunks: usize) -> StreamEnd {
        let error = |code: Cow<'static, str>, details: Option<String>| {
            StreamEnd::Failed(StreamError {
                code: code.into(),
                details: details.map(Arc::from),
            })
        };
        match self {
            Self::Complete => StreamEnd::Complete,
            Self::Missing => StreamEnd::Missing,
            Self::Failed(failed) => {
                let (id, era) = (invocation.request_id(), invocation.era());
                let (code, details) = failed.in_stream(id, era, chunks > 0);
                error(code, details)
            }
            Self::TooLarge(most) => error(
                "Function.ResponseSizeTooLarge".into(),
                Some(format!(
                    "Response payload size exceeded maximum allowed payload size ({most} bytes)."
                )),
            ),
        }
    }
}

impl Limit {
    pub(crate) fn of(invocation: &Invocation) -> Self {
        let most = match invocation.is_limited() {
            true => invocation.era().stream_limit(),
            false => usize::MAX,
        };
        Self {
            most,
            left: most,
            is_exceeded: false,
        }
    }

    /// How many of these bytes are handed on.
    fn take(&mut self, bytes: usize) -> usize {
        let taken = bytes.min(self.left);
        self.left -= taken;
        self.is_exceeded |= taken < bytes;
        taken
    }

    /// The limit, once it has been exceeded.
    pub(crate) fn exceeded(&self) -> Option<usize> {
        self.is_exceeded.then_some(self.most)
    }
}

impl Rate {
    const UNPACED: usize = 6 << 20;
    const PER_SECOND: u64 = 2 << 20;

    /// The pause before this many more bytes.
    pub(crate) fn pause(&mut self, bytes: usize) -> Duration {
        let over = |sent: usize| sent.saturating_sub(Self::UNPACED);
        let before = over(self.sent);
        self.sent += bytes;
        let paced = (over(self.sent) - before) as u64;
        Duration::from_nanos(paced * 1_000_000_000 / Self::PER_SECOND)
    }
}

impl Draws {
    pub(crate) fn of_boundaries(invocation: &Invocation) -> Self {
        Self::of(invocation, "stream boundaries")
    }

    pub(crate) fn of_pauses(invocation: &Invocation) -> Self {
        Self::of(invocation, "stream")
    }

    fn of(invocation: &Invocation, what: &str) -> Self {
        Self {
            start: hashed(&[invocation.drawn_id(), what]),
            count: 0,
        }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.count += 1;
        mixed(self.start.wrapping_add(self.count))
    }

    /// A number from 0 up to, but not including, 1.
    fn share(&mut self) -> f64 {
        share(self.next())
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}
