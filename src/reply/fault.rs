//! What can go wrong on the wire, as data; a transport performs it.

use std::fmt;
use std::time::Duration;

use crate::ground::count::plural;
use crate::ground::message::Message;

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

/// What a fault does to a reply, as data: one row for each variant, and everything else is read from the row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Damage {
    /// How much of the reply is sent.
    pub(crate) extent: Extent,
    /// In which pieces.
    pub(crate) pace: Pace,
    /// What the head says of the body's length.
    pub(crate) framing: Framing,
    /// What becomes of the connection then.
    pub(crate) ending: Ending,
}

/// How much of a reply is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Extent {
    Nothing,
    /// Bytes that are not HTTP, in place of the reply.
    Garbage,
    HalfHead,
    /// The head and this many bytes of the body.
    Body(usize),
    Whole,
}

/// In which pieces a reply is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pace {
    AtOnce,
    Head { bytes: usize, every: Duration },
    Body { bytes: usize, every: Duration },
}

/// What a head says of its body's length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Framing {
    True,
    TooLong(usize),
    TooShort(usize),
    /// Chunks, the second of which has no valid size.
    BadChunk,
}

/// What becomes of a connection after a reply.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ending {
    /// The next request may come.
    KeepAlive,
    /// An orderly close.
    Close,
    /// A reset, once every byte has left.
    Reset,
    /// Nothing more, until the client leaves.
    Hang,
    /// The next request meets a reset.
    ResetNext,
}

impl Damage {
    /// A reply that is sent as it should be.
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
    /// Whether it is more than a whole reply, or a close in place of one.
    pub(crate) fn needs_raw_bytes(self) -> bool {
        self != Self::NONE && self != Self::cut(Extent::Nothing, Ending::Close)
    }
}

impl Fault {
    /// The table of faults.
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

    /// Whether it may stand alone, without a reply to damage.
    pub(crate) fn stands_alone(self) -> bool {
        matches!(self.damage().extent, Extent::Nothing | Extent::Garbage)
    }

    /// Whether the client gets no whole head, and so no status it could go by.
    pub(crate) fn hides_status(self) -> bool {
        !matches!(self.damage().extent, Extent::Body(_) | Extent::Whole)
    }

    /// Whether it goes on while the client stays.
    pub(crate) fn lasts(self) -> bool {
        let Damage { pace, ending, .. } = self.damage();
        ending == Ending::Hang || pace != Pace::AtOnce
    }

    /// Whether a reply that meets it still arrives whole.
    pub(crate) fn spares_reply(self) -> bool {
        let damage = self.damage();
        (damage.extent, damage.framing) == (Extent::Whole, Framing::True)
    }

    /// How long a body must be for the fault to happen.
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

    /// What is wrong with its own numbers.
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

    /// Whether a body of this many bytes is too short for it.
    pub(crate) fn misfit(self, body: usize) -> Option<Misfit> {
        (body < self.least_body()).then_some(Misfit { fault: self, body })
    }
}

/// A fault that cannot happen to a body, which is too short for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Misfit {
    pub(crate) fault: Fault,
    /// In bytes.
    pub(crate) body: usize,
}

impl Misfit {
    /// As a wrong argument, where the body is known.
    pub(crate) fn message(self) -> Message {
        let Self { fault, body } = self;
        Message::new(
            format!("`{fault:?}` cannot fire: the body has {}", Bytes(body)),
            self.help("body"),
        )
    }

    /// What to change; `longer` is what may be longer, the body or the reply.
    pub(crate) fn help(self, longer: &str) -> String {
        let damage = self.fault.damage();
        let least = self.fault.least_body();
        let is_numbered = matches!(damage.extent, Extent::Body(_))
            || matches!(damage.framing, Framing::TooShort(_));
        match is_numbered && self.body > 0 && least > 1 {
            true => format!(
                "use a number below {}, or a longer {longer}",
                self.body + usize::from(matches!(damage.framing, Framing::TooShort(_)))
            ),
            false => format!("use a {longer} of at least {}", Bytes(least)),
        }
    }
}

/// What it does, as the journal says it: `reset before any byte`.
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
