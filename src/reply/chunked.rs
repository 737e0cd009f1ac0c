//! The body of a stream on the wire: frames in HTTP chunks, and what a fault does to them.
//!
//! Pure: no socket, no clock, no lock. It returns steps of the type that
//! [`transmission`](super::transmission) defines.

use bytes::Bytes;

use super::stream::StreamEnd;
use super::transmission::{GARBAGE, Step};
use crate::aws::event_stream::{self, FrameDamage, write_chunk};
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
    /// The wrong part of the next frame.
    frame: Option<FrameDamage>,
    /// How many bytes of the body were sent.
    sent: usize,
    /// How many HTTP chunks were sent.
    chunks: usize,
    /// The length of the frames in the first HTTP chunk, even if a fault cuts them.
    first: usize,
}

/// The bytes to send next.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub(crate) steps: Vec<Step>,
    /// How the connection continues, if nothing more of this stream follows.
    pub(crate) ending: Option<Ending>,
    /// The fault that has ended the stream, as a fault of the whole reply.
    pub(crate) fault: Option<Fault>,
    /// The wrong part of its first frame.
    pub(crate) damage: Option<FrameDamage>,
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
            first: 0,
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
        let mut frames = Vec::new();
        end.write(&mut frames, log);
        self.frames(frames)
    }

    /// The piece of these whole frames; empty if there are none.
    pub(crate) fn frames(&mut self, mut frames: Vec<u8>) -> Piece {
        if frames.is_empty() {
            return Piece::default();
        }
        let wrong = self.frame.take();
        if let Some(wrong) = wrong {
            event_stream::damage(&mut frames, wrong);
        }
        let length = frames.len();
        let own = self.next.take();
        let damage = own.unwrap_or(self.whole);
        let count = match (damage.extent, own) {
            // If the frame has a limit of its own, its last byte is never sent. Chunks that are
            // cut are several frames.
            (Extent::Body(bytes), Some(_)) => bytes.min(event_stream::length_of_first(&frames) - 1),
            // An earlier frame with a fault of its own can have gone beyond this limit.
            (Extent::Body(bytes), None) => bytes.saturating_sub(self.sent).min(length),
            (Extent::Nothing | Extent::Garbage | Extent::HalfHead | Extent::Whole, _) => length,
        };
        let is_cut = count < length;
        // A fault of this frame, such as a chunk without a size, can end the connection after it.
        let ends = is_cut || own.is_some_and(|own| own.ending != Ending::KeepAlive);
        let mut steps = Vec::new();
        if count > 0 {
            let size = self.size_line(length, damage.framing, own.is_some());
            if self.chunks == 0 {
                self.first = length;
            }
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
            damage: wrong,
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
            damage: None,
        }
    }

    /// Damages the next frame.
    pub(crate) fn damage(&mut self, damage: FrameDamage) {
        self.frame = Some(damage);
    }

    /// The end of the body; with the reason why the fault of the reply did not fire, if it did not.
    pub(crate) fn finish(&self) -> (Bytes, Ending, Option<Misfit>) {
        // `LengthTooShort` changes only the size of the first chunk. That size must stay above 0,
        // because a size of 0 ends the body.
        let misfit = self.fault.and_then(|fault| match self.whole.framing {
            Framing::TooShort(_) => fault.misfit_in_frame(self.first),
            Framing::True | Framing::BadChunk | Framing::TooLong(_) => fault.misfit(self.sent),
        });
        let misfit = misfit.or_else(|| {
            let is_one_chunk = self.whole.framing == Framing::BadChunk && self.chunks < 2;
            let (fault, body) = (self.fault?, self.sent);
            is_one_chunk.then_some(Misfit {
                fault,
                body,
                is_frame: false,
            })
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
            Framing::TooShort(bytes) if self.chunks == 0 && bytes < length => length - bytes,
            Framing::BadChunk | Framing::TooLong(_) | Framing::TooShort(_) => length,
        };
        format!("{size:x}\r\n").into_bytes()
    }

    /// The fault of the whole reply that stops its body after the bytes that were sent.
    fn as_whole(&self, ending: Ending) -> Fault {
        match ending {
            Ending::Reset | Ending::ResetNext => Fault::ResetAfter(self.sent),
            Ending::Hang => Fault::StallAfter(self.sent),
            Ending::KeepAlive | Ending::Close => Fault::TruncateAfter(self.sent),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use aws_smithy_eventstream::frame::read_message_from;
    use bytes::{Buf, Bytes, BytesMut};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;

    use super::{Chunked, LAST_CHUNK, Piece};
    use crate::ground::head::Head;
    use crate::ground::same_cases::same_cases;
    use crate::reply::chunks::{Boundaries, Chunks, End};
    use crate::reply::fault::{Ending, Fault};
    use crate::reply::stream::{Next, StreamEnd, Walk};
    use crate::reply::transmission::Step;
    use crate::request::invocation::{Defaults, Invocation, RequestId};

    fn invocation(seed: u64) -> Invocation {
        let defaults = Defaults::of_a_test();
        let head = "POST /2021-11-15/functions/f/response-streaming-invocations HTTP/1.1\r\nHost: h\r\n\r\n";
        let head = Head::take(&mut BytesMut::from(head)).unwrap().unwrap();
        let mut invocation = Invocation::read(head, Bytes::new(), &defaults);
        invocation.set_request_id(RequestId::from_bits(seed, !seed));
        invocation
    }

    fn sent(bytes: &mut Vec<u8>, piece: Piece) -> Option<Ending> {
        for step in piece.steps {
            match step {
                Step::Send(piece) => bytes.extend_from_slice(&piece),
                Step::Trickle { bytes: all, .. } => bytes.extend_from_slice(&all),
                Step::Wait(_) => {}
            }
        }
        piece.ending
    }

    /// The bytes after the head of a stream with this fault, and how the connection continues.
    fn body(
        chunks: Chunks,
        usual: Boundaries,
        fault: Option<Fault>,
        seed: u64,
    ) -> (Vec<u8>, Ending) {
        let mut walk = Walk::new(Arc::new(chunks), usual, &invocation(seed));
        let (mut body, mut bytes) = (Chunked::new(fault), Vec::new());
        loop {
            let ending = match walk.next() {
                Next::Chunks(cut) => sent(&mut bytes, body.events(&cut.events)),
                Next::End(_) => {
                    if let Some(ending) = sent(&mut bytes, body.end(&StreamEnd::Complete, None)) {
                        return (bytes, ending);
                    }
                    let (last, ending, _) = body.finish();
                    bytes.extend_from_slice(&last);
                    return (bytes, ending);
                }
                other => unreachable!("{other:?}"),
            };
            if let Some(ending) = ending {
                return (bytes, ending);
            }
        }
    }

    /// A body in chunks as an HTTP client reads it.
    fn unchunked(bytes: &[u8]) -> Vec<u8> {
        let (mut rest, mut body) = (bytes, Vec::new());
        loop {
            let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
            let size = std::str::from_utf8(&rest[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            let chunk = &rest[end + 2..];
            body.extend_from_slice(&chunk[..size]);
            assert_eq!(&chunk[size..size + 2], b"\r\n");
            rest = &chunk[size + 2..];
            if size == 0 {
                assert!(rest.is_empty());
                return body;
            }
        }
    }

    /// The decoder of another project reads every stream: any bytes, with any boundaries.
    #[test]
    fn random_streams_are_read_by_another_decoder() {
        let boundaries = prop_oneof![
            Just(Boundaries::AsSent),
            Just(Boundaries::Merged),
            (1..9_usize).prop_map(Boundaries::Every),
            Just(Boundaries::Random),
        ];
        let chunks = vec(vec(any::<u8>(), 0..24), 0..6);
        let read =
            TestRunner::new(same_cases(10_000)).run(&(chunks, boundaries, any::<u64>()), |case| {
                let (chunks, boundaries, seed) = case;
                let whole = chunks.concat();
                let chunks = chunks.into_iter().map(Bytes::from);
                let chunks = Chunks::of(chunks, End::Complete);
                let (bytes, _) = body(chunks, boundaries, None, seed);
                let mut frames = Bytes::from(unchunked(&bytes));
                let (mut payload, mut is_complete) = (Vec::new(), false);
                while frames.has_remaining() {
                    let message = read_message_from(&mut frames).unwrap();
                    prop_assert!(!is_complete, "nothing follows the end");
                    let name = message.headers()[0].value().as_string().unwrap();
                    match name.as_str() {
                        "PayloadChunk" => payload.extend_from_slice(message.payload()),
                        "InvokeComplete" => is_complete = true,
                        other => return Err(TestCaseError::fail(other.to_owned())),
                    }
                }
                prop_assert!(is_complete);
                prop_assert_eq!(payload, whole);
                Ok(())
            });
        read.unwrap();
    }

    /// Chaos can hit a reply whose chunks have faults of their own.
    #[test]
    fn a_frame_with_its_own_fault_can_go_beyond_the_limit_of_the_fault_of_the_reply() {
        let mut body = Chunked::new(Some(Fault::ResetAfter(5)));
        let every = Duration::ZERO;
        assert!(
            body.fault(Fault::Dribble { bytes: 7, every })
                .ending
                .is_none()
        );
        let (hel, lo) = (Bytes::from("Hel"), Bytes::from("lo"));
        let mut bytes = Vec::new();
        assert_eq!(sent(&mut bytes, body.events(&[hel])), None);
        assert_eq!(unchunked(&[&bytes, LAST_CHUNK].concat()).len(), 109);
        let length = bytes.len();
        assert_eq!(sent(&mut bytes, body.events(&[lo])), Some(Ending::Reset));
        assert_eq!(bytes.len(), length);
    }

    /// Wherever a fault of the whole reply cuts, the bytes before it are those of the whole body.
    #[test]
    fn a_cut_is_a_start_of_the_whole_body() {
        let chunks = || Chunks::from(["Hel", "lo"]);
        let frames = unchunked(&body(chunks(), Boundaries::AsSent, None, 0).0);
        for count in 0..frames.len() {
            let fault = Some(Fault::ResetAfter(count));
            let (bytes, ending) = body(chunks(), Boundaries::AsSent, fault, 0);
            assert_eq!(ending, Ending::Reset, "{count}");
            let mut got = Vec::new();
            let mut rest = &bytes[..];
            while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
                let size = std::str::from_utf8(&rest[..end]).unwrap();
                let size = usize::from_str_radix(size, 16).unwrap();
                let chunk = &rest[end + 2..];
                got.extend_from_slice(&chunk[..size.min(chunk.len())]);
                rest = chunk.get(size + 2..).unwrap_or_default();
            }
            assert_eq!(got, frames[..count], "{count}");
        }
        let beyond = Some(Fault::ResetAfter(frames.len()));
        let (bytes, ending) = body(chunks(), Boundaries::AsSent, beyond, 0);
        assert_eq!((unchunked(&bytes), ending), (frames, Ending::KeepAlive));
    }
}
