//! The body of a stream on the wire: frames in HTTP chunks, and what a fault does to them.
//!
//! Pure, like [`transmission`](super::transmission), whose steps it makes.

use bytes::Bytes;

use super::stream::StreamEnd;
use super::transmission::{GARBAGE, Step};
use crate::aws::event_stream::{self, FrameDamage, write_chunk, write_end};
use crate::reply::fault::{Damage, Ending, Extent, Fault, Framing, Misfit, Pace};

/// The end of a body in chunks.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Writes the frames of one stream.
#[derive(Debug)]
pub(crate) struct Chunked {
    /// The fault of the whole reply, whose numbers count the bytes of the body.
    whole: Damage,
    fault: Option<Fault>,
    /// The fault of the next frame.
    next: Option<Damage>,
    /// What is wrong with the next frame itself.
    frame: Option<FrameDamage>,
    /// How many bytes of the body were sent.
    sent: usize,
    /// How many HTTP chunks were sent.
    chunks: usize,
}

/// What is sent next.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub(crate) steps: Vec<Step>,
    /// How the connection continues, if nothing more of this stream follows.
    pub(crate) ending: Option<Ending>,
    /// The fault that has ended it, as a fault of the whole reply.
    pub(crate) fault: Option<Fault>,
}

impl Chunked {
    /// The body of a reply with this fault.
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self {
            whole: fault.map_or(Damage::NONE, Fault::damage),
            fault,
            next: None,
            frame: None,
            sent: 0,
            chunks: 0,
        }
    }

    /// The events of chunks that are sent together.
    pub(crate) fn events(&mut self, payloads: &[Bytes]) -> Piece {
        let length: usize = payloads.iter().map(Bytes::len).sum();
        let mut frames = Vec::with_capacity(length + 96 * payloads.len());
        for payload in payloads {
            write_chunk(&mut frames, payload);
        }
        self.frames(frames)
    }

    /// The event at the end, if there is one.
    pub(crate) fn end(&mut self, end: &StreamEnd, log: Option<&str>) -> Piece {
        let error = match end {
            StreamEnd::Complete => None,
            StreamEnd::Failed(error) => Some((&*error.code, error.details.as_deref())),
            StreamEnd::Missing => return Piece::default(),
        };
        let mut frames = Vec::new();
        write_end(&mut frames, error, log);
        self.frames(frames)
    }

    /// Whole frames.
    pub(crate) fn frames(&mut self, mut frames: Vec<u8>) -> Piece {
        if let Some(damage) = self.frame.take() {
            event_stream::damage(&mut frames, damage);
        }
        let length = frames.len();
        let own = self.next.take();
        let damage = own.unwrap_or(self.whole);
        let count = match (damage.extent, own) {
            // The last byte of a frame with a fault of its own is never sent.
            (Extent::Body(bytes), Some(_)) => bytes.min(length - 1),
            (Extent::Body(bytes), None) => (bytes - self.sent).min(length),
            (Extent::Nothing | Extent::Garbage | Extent::HalfHead | Extent::Whole, _) => length,
        };
        let is_cut = count < length;
        // A fault of this frame, such as a chunk without a size, can end the connection after it.
        let ends = is_cut || own.is_some_and(|own| own.ending != Ending::KeepAlive);
        let mut steps = Vec::new();
        if count > 0 {
            let size = self.size_line(length, damage.framing, own.is_some());
            frames.truncate(count);
            let mut bytes = size;
            bytes.append(&mut frames);
            if !is_cut {
                bytes.extend_from_slice(b"\r\n");
            }
            match damage.pace {
                Pace::Body {
                    bytes: piece,
                    every,
                } => {
                    steps.push(Step::Wait(every));
                    steps.push(Step::Trickle {
                        bytes: bytes.into(),
                        piece,
                        every,
                    });
                }
                Pace::AtOnce | Pace::Head { .. } => steps.push(Step::Send(bytes.into())),
            }
            self.chunks += 1;
        }
        self.sent += count;
        Piece {
            steps,
            ending: ends.then_some(damage.ending),
            fault: ends.then(|| self.as_whole(damage.ending)),
        }
    }

    /// A fault here, or inside what is sent next.
    pub(crate) fn fault(&mut self, fault: Fault) -> Piece {
        let damage = fault.damage();
        let steps = match damage.extent {
            Extent::Nothing => Vec::new(),
            Extent::Garbage => {
                let size = format!("{:x}\r\n", GARBAGE.len());
                let chunk = [size.as_bytes(), GARBAGE, b"\r\n", LAST_CHUNK];
                vec![Step::Send(chunk.concat().into())]
            }
            Extent::HalfHead | Extent::Body(_) | Extent::Whole => {
                self.next = Some(damage);
                return Piece::default();
            }
        };
        Piece {
            steps,
            ending: Some(damage.ending),
            fault: Some(self.as_whole(damage.ending)),
        }
    }

    /// Damages the next frame.
    pub(crate) fn damage(&mut self, damage: FrameDamage) {
        self.frame = Some(damage);
    }

    /// The end of the body; with the reason why the fault of the reply did not fire, if it did not.
    pub(crate) fn finish(&self) -> (Bytes, Ending, Option<Misfit>) {
        let misfit = self.fault.and_then(|fault| fault.misfit(self.sent));
        let misfit = misfit.or_else(|| {
            let is_one_chunk = self.whole.framing == Framing::BadChunk && self.chunks < 2;
            let (fault, body) = (self.fault?, self.sent);
            is_one_chunk.then_some(Misfit { fault, body })
        });
        let ending = match misfit {
            None => self.whole.ending,
            Some(_) => Ending::KeepAlive,
        };
        (Bytes::from_static(LAST_CHUNK), ending, misfit)
    }

    /// The first line of an HTTP chunk.
    fn size_line(&self, length: usize, framing: Framing, is_own: bool) -> Vec<u8> {
        let size = match framing {
            Framing::True => length,
            Framing::BadChunk if is_own || self.chunks == 1 => return b"no size\r\n".to_vec(),
            // In a body without a stated length, the first chunk has the wrong size.
            Framing::TooLong(bytes) if self.chunks == 0 => length.saturating_add(bytes),
            Framing::TooShort(bytes) if self.chunks == 0 => length.saturating_sub(bytes).max(1),
            Framing::BadChunk | Framing::TooLong(_) | Framing::TooShort(_) => length,
        };
        format!("{size:x}\r\n").into_bytes()
    }

    /// The fault of a whole reply that is cut after what was sent.
    fn as_whole(&self, ending: Ending) -> Fault {
        match ending {
            Ending::Reset | Ending::ResetNext => Fault::ResetAfter(self.sent),
            Ending::Hang => Fault::StallAfter(self.sent),
            Ending::KeepAlive | Ending::Close => Fault::TruncateAfter(self.sent),
        }
    }
}
