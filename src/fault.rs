//! What can go wrong on the wire, as data; `server/inflict.rs` does it.

use std::fmt;
use std::time::Duration;

/// Something done to bytes or sockets.
///
/// It has two places. Alone, `.reply(Fault::Reset)`, the function did not run. On a reply, `.reply(Reply::json(..).fault(Fault::Reset))`,
/// the function ran and its reply was lost or damaged: the journal says so, since that is what makes a retry duplicate work. The first
/// four may stand alone; the others damage a reply and panic at the line that gives them none.
///
/// ```
/// use fake_lambda::{FakeLambda, Fault, Reply};
/// use serde_json::json;
///
/// let lambda = FakeLambda::start();
/// lambda.on("resize").reply(Fault::Reset).times(2).then(json!({"ok": true}));
/// lambda.on("pay").reply(Reply::json(json!({"paid": 42})).fault(Fault::TruncateAfter(5)));
/// ```
///
/// A client sees a *reset* as an error of the connection (`ECONNRESET`), and a *close* as the end of the stream. A body's bytes are counted
/// from 0 behind the head; a fault whose count lies beyond the body cannot fire, which panics where it is written if the body is known there,
/// and otherwise sends the reply whole and fails verification. On Linux every byte before a reset reaches a client that reads; other systems may
/// discard what it has not read when the reset comes. What each SDK makes of each fault:
/// [`documentation::faults`](crate::documentation::faults).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection is reset before any byte of a reply.
    Reset,
    /// The connection is closed before any byte of a reply.
    CloseBeforeReply,
    /// No byte ever comes; the connection stays open until the client leaves.
    Hang,
    /// Bytes that are no HTTP, then a close.
    Garbage,
    /// Half of the head, then a reset.
    ResetInHead,
    /// Half of the head, then a close.
    TruncateHead,
    /// The head in pieces of so many bytes, with this pause before each but the first.
    SlowHead {
        /// The size of a piece; at least 1.
        bytes: usize,
        /// The pause between two pieces.
        every: Duration,
    },
    /// The head and so many bytes of the body, then a close.
    TruncateAfter(usize),
    /// The head and so many bytes of the body, then a reset.
    ResetAfter(usize),
    /// The head and so many bytes of the body, then nothing until the client leaves.
    StallAfter(usize),
    /// The head, then the body in pieces of so many bytes, with this pause before each.
    Dribble {
        /// The size of a piece; at least 1.
        bytes: usize,
        /// The pause before each piece.
        every: Duration,
    },
    /// The body in chunks, the second of which has no valid size; then a close.
    BadChunk,
    /// A `Content-Length` that is so many bytes too long for the body; behind the body a close.
    LengthTooLong(usize),
    /// A `Content-Length` that is so many bytes too short; all of the body is sent, and the connection stays open.
    LengthTooShort(usize),
    /// The whole reply, which promises to keep the connection, then a close.
    CloseAfterReply,
    /// The whole reply, then a reset when the next request comes on the same connection: the race of a client that reuses a connection
    /// which its server has just given up. The request that meets it is in the journal; no rule answers it and no step is used up.
    ResetOnReuse,
}

impl Fault {
    /// Whether it may stand alone, without a reply to damage.
    pub(crate) fn stands_alone(self) -> bool {
        matches!(
            self,
            Self::Reset | Self::CloseBeforeReply | Self::Hang | Self::Garbage
        )
    }

    /// Whether the client gets no whole head, and so no status it could go by.
    pub(crate) fn hides_status(self) -> bool {
        self.stands_alone() || matches!(self, Self::ResetInHead | Self::TruncateHead)
    }

    /// Whether it goes on while the client stays.
    pub(crate) fn lasts(self) -> bool {
        matches!(
            self,
            Self::Hang | Self::StallAfter(_) | Self::SlowHead { .. } | Self::Dribble { .. }
        )
    }

    /// Whether a reply that meets it still arrives whole.
    pub(crate) fn spares_reply(self) -> bool {
        matches!(
            self,
            Self::SlowHead { .. }
                | Self::Dribble { .. }
                | Self::CloseAfterReply
                | Self::ResetOnReuse
        )
    }

    /// How long a body must be for the fault to happen.
    pub(crate) fn least_body(self) -> usize {
        match self {
            Self::TruncateAfter(bytes) | Self::ResetAfter(bytes) | Self::StallAfter(bytes) => {
                bytes.saturating_add(1)
            }
            Self::LengthTooShort(bytes) => bytes,
            // Two chunks.
            Self::BadChunk => 2,
            Self::Dribble { .. } | Self::LengthTooLong(_) => 1,
            _ => 0,
        }
    }

    /// What is wrong with its own numbers.
    pub(crate) fn mistake(self) -> Option<String> {
        match self {
            Self::SlowHead { bytes: 0, .. } | Self::Dribble { bytes: 0, .. } => {
                Some(format!("`{self:?}`: a piece has at least 1 byte"))
            }
            Self::LengthTooLong(0) | Self::LengthTooShort(0) => {
                Some(format!("`{self:?}`: a length that is 0 bytes off is right"))
            }
            _ => None,
        }
    }

    /// What is wrong with it for a body of so many bytes.
    pub(crate) fn mistake_for(self, body: usize) -> Option<String> {
        (body < self.least_body()).then(|| {
            format!(
                "`{self:?}` cannot happen to a body of {}: it takes at least {}",
                Bytes(body),
                self.least_body()
            )
        })
    }
}

/// What it does, as the journal says it: `reset before any byte`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reset => f.write_str("reset before any byte"),
            Self::CloseBeforeReply => f.write_str("closed before any byte"),
            Self::Hang => f.write_str("no byte, hanging"),
            Self::Garbage => f.write_str("bytes that are no HTTP"),
            Self::ResetInHead => f.write_str("reset inside the head"),
            Self::TruncateHead => f.write_str("closed inside the head"),
            Self::SlowHead { bytes, every } => {
                write!(f, "head sent {} every {every:?}", Bytes(*bytes))
            }
            Self::TruncateAfter(bytes) => write!(f, "closed after {} of the body", Bytes(*bytes)),
            Self::ResetAfter(bytes) => write!(f, "reset after {} of the body", Bytes(*bytes)),
            Self::StallAfter(bytes) => write!(f, "stalled after {} of the body", Bytes(*bytes)),
            Self::Dribble { bytes, every } => {
                write!(f, "body sent {} every {every:?}", Bytes(*bytes))
            }
            Self::BadChunk => f.write_str("a chunk without a size"),
            Self::LengthTooLong(bytes) => write!(f, "content length {} too long", Bytes(*bytes)),
            Self::LengthTooShort(bytes) => write!(f, "content length {} too short", Bytes(*bytes)),
            Self::CloseAfterReply => f.write_str("closed after the reply"),
            Self::ResetOnReuse => f.write_str("reset on the next request"),
        }
    }
}

/// `1 byte`, `2 bytes`.
struct Bytes(usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} byte{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}
