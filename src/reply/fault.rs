//! Faults of bytes and connections, as data; a transport performs them.

use std::fmt;
use std::time::Duration;

use crate::ground::count::plural;
use crate::ground::message::Message;

/// A failure of the connection or of the bytes on it.
///
/// A fault can replace a reply or damage one:
///
/// - `.reply(Fault::Reset)`: the function did not run.
/// - `.reply(Reply::json(..).fault(Fault::Reset))`: the function ran, but its reply was lost or
///   damaged. The journal shows this, because a retry then runs the function again.
///
/// Only the first four faults can replace a reply. The others need a reply to damage; without one,
/// the line that adds them to a script panics.
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
/// In a [stream](crate::Reply::stream) the body is the frames, without the HTTP chunks around them.
/// A stream has no `Content-Length`, so `LengthTooLong` and `LengthTooShort` change the size of the
/// first HTTP chunk instead. [`Chunks::fault`](crate::Chunks::fault) sets a fault between two
/// chunks.
///
/// A client sees a *reset* as a connection error (`ECONNRESET`), and a *close* as the end of the
/// input (EOF). Offsets count the bytes of the body; the first byte after the head has offset 0. A
/// fault that needs a longer body cannot fire, such as one with an offset beyond the body, or
/// `BadChunk` with a body of one byte. If the body is known where the fault is set, that line
/// panics; otherwise the reply is sent unchanged and verification fails. On Linux every byte before
/// a reset reaches a client that reads; other systems can discard what the client has not read when
/// the reset arrives. For the effect of each fault on each SDK see
/// [`documentation::faults`](crate::documentation::faults).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection is reset before any byte of a reply.
    Reset,
    /// The connection is closed before any byte of a reply.
    CloseBeforeReply,
    /// No byte is sent; the connection stays open until the client disconnects.
    Hang,
    /// Bytes that are not HTTP, then a close.
    Garbage,
    /// Half of the head, then a reset.
    ResetInHead,
    /// Half of the head, then a close.
    TruncateHead,
    /// The head in pieces of this many bytes, with a pause between two pieces, then the body.
    SlowHead {
        /// The size of a piece; at least 1.
        bytes: usize,
        /// The pause between two pieces.
        every: Duration,
    },
    /// The head and this many bytes of the body, then a close.
    TruncateAfter(usize),
    /// The head and this many bytes of the body, then a reset.
    ResetAfter(usize),
    /// The head and this many bytes of the body, then nothing until the client disconnects.
    StallAfter(usize),
    /// The head, then the body in pieces of this many bytes, with a pause before each piece.
    Dribble {
        /// The size of a piece; at least 1.
        bytes: usize,
        /// The pause before each piece.
        every: Duration,
    },
    /// The body in chunks, the second without a valid size, then a close.
    BadChunk,
    /// A `Content-Length` that is this many bytes too long for the body, then a close after the
    /// body.
    LengthTooLong(usize),
    /// A `Content-Length` that is this many bytes too short; the whole body is sent, and the
    /// connection stays open.
    LengthTooShort(usize),
    /// The whole reply, whose head keeps the connection open, then a close.
    CloseAfterReply,
    /// The whole reply, then a reset when the next request arrives on the same connection. This is
    /// the race of a client that reuses a connection which its server has just closed. The request
    /// that gets the reset is in the journal; no rule answers it, and it consumes no step.
    ResetOnReuse,
}

/// The effect of a fault on a reply, as data: one row for each variant; everything else is read
/// from the row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Damage {
    /// How much of the reply is sent.
    pub(crate) extent: Extent,
    /// The size of the pieces.
    pub(crate) pace: Pace,
    /// The body length that the head states.
    pub(crate) framing: Framing,
    /// How the connection continues.
    pub(crate) ending: Ending,
}

/// How much of a reply is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Extent {
    Nothing,
    /// Bytes that are not HTTP, instead of the reply.
    Garbage,
    HalfHead,
    /// The head and this many bytes of the body.
    Body(usize),
    Whole,
}

/// The pieces in which a reply is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pace {
    AtOnce,
    Head { bytes: usize, every: Duration },
    Body { bytes: usize, every: Duration },
}

/// How a head states the length of its body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Framing {
    True,
    TooLong(usize),
    TooShort(usize),
    /// Chunks, the second without a valid size.
    BadChunk,
}

/// How a connection continues after a reply.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ending {
    /// It waits for the next request.
    KeepAlive,
    /// An orderly close.
    Close,
    /// A reset, after all bytes of the reply have been sent.
    Reset,
    /// Nothing more, until the client disconnects.
    Hang,
    /// The next request gets a reset.
    ResetNext,
}

impl Damage {
    /// A reply that is sent unchanged.
    pub(crate) const NONE: Self = Self {
        extent: Extent::Whole,
        pace: Pace::AtOnce,
        framing: Framing::True,
        ending: Ending::KeepAlive,
    };

    const fn cut(extent: Extent, ending: Ending) -> Self {
        Self {
            extent,
            ending,
            ..Self::NONE
        }
    }
}

impl Damage {
    /// Returns `true` for everything except an unchanged reply and a close instead of a reply.
    pub(crate) fn needs_raw_bytes(self) -> bool {
        self != Self::NONE && self != Self::cut(Extent::Nothing, Ending::Close)
    }
}

impl Fault {
    /// The row of this fault. The `match` is the table of faults.
    pub(crate) fn damage(self) -> Damage {
        const WHOLE: Damage = Damage::NONE;
        match self {
            Self::Reset => Damage::cut(Extent::Nothing, Ending::Reset),
            Self::CloseBeforeReply => Damage::cut(Extent::Nothing, Ending::Close),
            Self::Hang => Damage::cut(Extent::Nothing, Ending::Hang),
            Self::Garbage => Damage::cut(Extent::Garbage, Ending::Close),
            Self::ResetInHead => Damage::cut(Extent::HalfHead, Ending::Reset),
            Self::TruncateHead => Damage::cut(Extent::HalfHead, Ending::Close),
            Self::TruncateAfter(bytes) => Damage::cut(Extent::Body(bytes), Ending::Close),
            Self::ResetAfter(bytes) => Damage::cut(Extent::Body(bytes), Ending::Reset),
            Self::StallAfter(bytes) => Damage::cut(Extent::Body(bytes), Ending::Hang),
            Self::CloseAfterReply => Damage::cut(Extent::Whole, Ending::Close),
            Self::ResetOnReuse => Damage::cut(Extent::Whole, Ending::ResetNext),
            Self::SlowHead { bytes, every } => Damage {
                pace: Pace::Head { bytes, every },
                ..WHOLE
            },
            Self::Dribble { bytes, every } => Damage {
                pace: Pace::Body { bytes, every },
                ..WHOLE
            },
            Self::BadChunk => Damage {
                framing: Framing::BadChunk,
                ending: Ending::Close,
                ..WHOLE
            },
            Self::LengthTooLong(bytes) => Damage {
                framing: Framing::TooLong(bytes),
                ending: Ending::Close,
                ..WHOLE
            },
            Self::LengthTooShort(bytes) => Damage {
                framing: Framing::TooShort(bytes),
                ..WHOLE
            },
        }
    }

    /// Returns `true` if the fault can replace a reply.
    pub(crate) fn can_replace_reply(self) -> bool {
        matches!(self.damage().extent, Extent::Nothing | Extent::Garbage)
    }

    /// Returns `true` if the client gets no complete head, and so no status.
    pub(crate) fn hides_status(self) -> bool {
        !matches!(self.damage().extent, Extent::Body(_) | Extent::Whole)
    }

    /// Returns `true` if a reply with this fault takes time to send, or never ends.
    pub(crate) fn lasts(self) -> bool {
        let Damage { pace, ending, .. } = self.damage();
        ending == Ending::Hang || pace != Pace::AtOnce
    }

    /// Returns `true` if a reply with this fault never ends.
    pub(crate) fn hangs(self) -> bool {
        self.damage().ending == Ending::Hang
    }

    /// Returns `true` if a reply with this fault still arrives whole.
    pub(crate) fn keeps_reply_whole(self) -> bool {
        let damage = self.damage();
        (damage.extent, damage.framing) == (Extent::Whole, Framing::True)
    }

    /// The shortest body with which the fault can fire.
    pub(crate) fn least_body(self) -> usize {
        let damage = self.damage();
        let cut = match damage.extent {
            Extent::Body(bytes) => bytes.saturating_add(1),
            Extent::Nothing | Extent::Garbage | Extent::HalfHead | Extent::Whole => 0,
        };
        let framed = match damage.framing {
            Framing::True => 0,
            Framing::TooLong(_) => 1,
            Framing::TooShort(bytes) => bytes,
            // Two chunks.
            Framing::BadChunk => 2,
        };
        let paced = usize::from(matches!(damage.pace, Pace::Body { .. }));
        cut.max(framed).max(paced)
    }

    /// The reason why the fault's own numbers are not valid, if they are not.
    pub(crate) fn mistake(self) -> Option<Message> {
        let damage = self.damage();
        if let Pace::Head { bytes: 0, .. } | Pace::Body { bytes: 0, .. } = damage.pace {
            return Some(Message::new(
                format!("`{self:?}` sends pieces of 0 bytes"),
                "use at least 1 byte",
            ));
        }
        matches!(damage.framing, Framing::TooLong(0) | Framing::TooShort(0)).then(|| {
            Message::new(
                format!("`{self:?}` sends the correct length"),
                "use at least 1 byte",
            )
        })
    }

    /// The mismatch if a body of this many bytes is too short for the fault.
    pub(crate) fn misfit(self, body: usize) -> Option<Misfit> {
        (body < self.least_body()).then_some(Misfit {
            fault: self,
            body,
            is_frame: false,
        })
    }

    /// The mismatch if the first frame of a stream, with this many bytes, is too short for the
    /// fault: the size that its HTTP chunk states must be at least 1.
    pub(crate) fn misfit_in_frame(self, length: usize) -> Option<Misfit> {
        (length <= self.least_body()).then_some(Misfit {
            fault: self,
            body: length,
            is_frame: true,
        })
    }
}

/// A fault that cannot fire because the body is too short.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Misfit {
    pub(crate) fault: Fault,
    /// The length of the body in bytes.
    pub(crate) body: usize,
    /// Whether the body is that of the first frame of a stream.
    pub(crate) is_frame: bool,
}

impl Misfit {
    /// The message about a wrong argument, for a body that is known when the fault is set.
    pub(crate) fn message(self) -> Message {
        let (fault, body) = (self.fault, self.body);
        Message::new(
            format!("`{fault:?}` cannot fire: the body has {}", Bytes(body)),
            self.help("body"),
        )
    }

    /// The suggested change; `longer` names what can be made longer, the body or the reply.
    pub(crate) fn help(self, longer: &str) -> String {
        let damage = self.fault.damage();
        let least = self.fault.least_body();
        let is_numbered = matches!(damage.extent, Extent::Body(_))
            || matches!(damage.framing, Framing::TooShort(_));
        match is_numbered && self.body > 0 && least > 1 {
            true => {
                let is_whole = matches!(damage.framing, Framing::TooShort(_)) && !self.is_frame;
                let limit = self.body + usize::from(is_whole);
                match limit {
                    1 => format!("use 0, or a longer {longer}"),
                    _ => format!("use a number below {limit}, or a longer {longer}"),
                }
            }
            false => format!("use a {longer} of at least {}", Bytes(least)),
        }
    }
}

/// The effect as the journal prints it: `reset before any byte`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reset => f.write_str("reset before any byte"),
            Self::CloseBeforeReply => f.write_str("closed before any byte"),
            Self::Hang => f.write_str("no byte, hanging"),
            Self::Garbage => f.write_str("bytes that are not HTTP"),
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
        f.write_str(&plural(self.0 as u64, "byte"))
    }
}
