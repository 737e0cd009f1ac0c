//! A reply as steps: what is sent, when, and how the connection continues.
//!
//! Pure: no socket, no clock, no lock. A transport of bytes performs the steps.

use std::time::Duration;

use bytes::Bytes;

use super::response::Response;
use crate::reply::fault::{Damage, Ending, Extent, Fault, Framing, Misfit, Pace};

/// Bytes that no client accepts as HTTP.
pub(super) const GARBAGE: &[u8] = b"\x00\xff\xfeSSH-2.0-fake-lambda\r\n\x00\r\n";

/// Bodies of up to this many bytes are copied after the head, so that a reply is one write and one
/// packet.
const INLINE: usize = 8 * 1024;

/// How a reply is sent.
#[derive(Debug)]
pub(crate) struct Transmission {
    /// Sent first, in one piece: the head, and the body if it has at most [`INLINE`] bytes and no
    /// pause precedes it. Empty if the head is sent in pieces, or if nothing is sent.
    pub(crate) opening: Vec<u8>,
    pub(crate) rest: Vec<Step>,
    pub(crate) ending: Ending,
}

/// One action.
#[derive(Debug)]
pub(crate) enum Step {
    Send(Bytes),
    /// Pieces of this many bytes, with a pause between two. One step for each piece would take a
    /// hundred times the memory of the body.
    Trickle {
        bytes: Bytes,
        piece: usize,
        every: Duration,
    },
    Wait(Duration),
}

impl Transmission {
    /// The steps of a reply with a fault, with this pause between head and body. If the fault
    /// cannot fire, the error says why, and nothing has been sent yet.
    pub(crate) fn of(
        response: &Response<'_>,
        fault: Option<Fault>,
        body_delay: Duration,
    ) -> Result<Self, Misfit> {
        let body = response.body();
        if let Some(misfit) = fault.and_then(|fault| fault.misfit(body.len())) {
            return Err(misfit);
        }
        let damage = fault.map_or(Damage::NONE, Fault::damage);
        let pause = pause_before(&body, body_delay);
        Ok(Self::damaged(response, body, damage, pause))
    }

    /// A reply without a fault.
    pub(crate) fn whole(response: &Response<'_>, body_delay: Duration) -> Self {
        let body = response.body();
        let pause = pause_before(&body, body_delay);
        Self::damaged(response, body, Damage::NONE, pause)
    }

    /// The head of a stream, with this pause after it; `false` if a fault ends the reply there.
    pub(crate) fn stream_head(
        response: &Response<'_>,
        fault: Option<Fault>,
        body_delay: Duration,
    ) -> (Self, bool) {
        let damage = fault.map_or(Damage::NONE, Fault::damage);
        let head = Damage {
            extent: match damage.extent {
                Extent::Body(_) => Extent::Whole,
                extent @ (Extent::Nothing | Extent::Garbage | Extent::HalfHead | Extent::Whole) => {
                    extent
                }
            },
            pace: match damage.pace {
                Pace::Body { .. } => Pace::AtOnce,
                pace @ (Pace::AtOnce | Pace::Head { .. }) => pace,
            },
            framing: Framing::True,
            ..damage
        };
        let is_followed = head.extent == Extent::Whole;
        let head = match is_followed {
            true => Damage {
                ending: Ending::KeepAlive,
                ..head
            },
            false => head,
        };
        (
            Self::damaged(response, Bytes::new(), head, body_delay),
            is_followed,
        )
    }

    fn damaged(response: &Response<'_>, body: Bytes, damage: Damage, body_delay: Duration) -> Self {
        let ending = match damage.ending {
            // The head has announced the close.
            Ending::KeepAlive | Ending::ResetNext if response.closes() => Ending::Close,
            ending @ (Ending::KeepAlive
            | Ending::Close
            | Ending::Reset
            | Ending::Hang
            | Ending::ResetNext) => ending,
        };
        let mut head = match damage.extent {
            Extent::Nothing => return Self::opening(Vec::new(), ending),
            Extent::Garbage => return Self::opening(GARBAGE.to_vec(), ending),
            Extent::HalfHead | Extent::Body(_) | Extent::Whole => response.head(damage.framing),
        };
        let body = match damage.extent {
            Extent::Nothing | Extent::Garbage | Extent::HalfHead => {
                head.truncate(head.len() / 2);
                return Self::opening(head, ending);
            }
            Extent::Body(bytes) => body.slice(..bytes.min(body.len())),
            Extent::Whole => body,
        };
        let body = match damage.framing {
            Framing::BadChunk => badly_chunked(&body),
            Framing::True | Framing::TooLong(_) | Framing::TooShort(_) => body,
        };
        if damage.pace == Pace::AtOnce && body_delay.is_zero() && body.len() <= INLINE {
            head.extend_from_slice(&body);
            return Self::opening(head, ending);
        }
        let mut rest = Vec::with_capacity(4);
        let opening = match damage.pace {
            Pace::Head { bytes, every } => {
                rest.push(trickle(head.into(), bytes, every));
                Vec::new()
            }
            Pace::AtOnce | Pace::Body { .. } => head,
        };
        if !body_delay.is_zero() {
            rest.push(Step::Wait(body_delay));
        }
        match damage.pace {
            Pace::Body { bytes, every } => {
                rest.extend([Step::Wait(every), trickle(body, bytes, every)]);
            }
            Pace::AtOnce | Pace::Head { .. } => rest.push(Step::Send(body)),
        }
        Self {
            opening,
            rest,
            ending,
        }
    }

    fn opening(opening: Vec<u8>, ending: Ending) -> Self {
        Self {
            opening,
            rest: Vec::new(),
            ending,
        }
    }
}

/// The pause before this body; none before an empty one, because its client has the whole reply
/// with the head and can send the next request.
fn pause_before(body: &Bytes, body_delay: Duration) -> Duration {
    match body.is_empty() {
        true => Duration::ZERO,
        false => body_delay,
    }
}

fn trickle(bytes: Bytes, piece: usize, every: Duration) -> Step {
    Step::Trickle {
        bytes,
        piece,
        every,
    }
}

/// The body in chunks, the second without a valid size.
fn badly_chunked(body: &[u8]) -> Bytes {
    let (first, second) = body.split_at(body.len() / 2);
    let size = format!("{:x}\r\n", first.len());
    let chunks = [size.as_bytes(), first, b"\r\nno size\r\n", second, b"\r\n"];
    chunks.concat().into()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{Step, Transmission};
    use crate::reply::fault::{Ending, Fault, Misfit};
    use crate::reply::outcome::{Outcome, OutcomeKind};
    use crate::reply::response::{Envelope, Response};

    const MS: Duration = Duration::from_millis(1);
    const HEAD: &str = "HTTP/1.1 502 Bad Gateway\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: text/html\r\n";

    /// The bytes that arrive and when, on a virtual clock, and how the connection continues.
    fn played(transmission: Transmission) -> (Vec<(Duration, String)>, Ending) {
        let mut now = Duration::ZERO;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut seen = Vec::new();
        if !transmission.opening.is_empty() {
            seen.push((now, text(&transmission.opening)));
        }
        for step in transmission.rest {
            match step {
                Step::Send(bytes) => seen.push((now, text(&bytes))),
                Step::Wait(length) => now += length,
                Step::Trickle {
                    bytes,
                    piece,
                    every,
                } => {
                    for (index, piece) in bytes.chunks(piece).enumerate() {
                        now += if index > 0 { every } else { Duration::ZERO };
                        seen.push((now, text(piece)));
                    }
                }
            }
        }
        (seen, transmission.ending)
    }

    fn of(fault: Option<Fault>, body_delay: Duration) -> Result<Transmission, Misfit> {
        let outcome = Outcome::of(OutcomeKind::Http {
            status: 502,
            body: "abcdef".into(),
        });
        let envelope = Envelope {
            closes: false,
            ..Envelope::closing(UNIX_EPOCH)
        };
        Transmission::of(&Response::of(&outcome, envelope), fault, body_delay)
    }

    fn head(length: &str) -> String {
        format!("{HEAD}{length}\r\nConnection: keep-alive\r\n\r\n")
    }

    #[test]
    fn each_fault_is_a_transmission() {
        let whole = head("Content-Length: 6");
        let half = whole[..whole.len() / 2].to_owned();
        let at = |at: u32, text: &str| (MS * at, text.to_owned());
        let with = |body: &str| vec![at(0, &format!("{whole}{body}"))];
        let garbage = "\0\u{fffd}\u{fffd}SSH-2.0-fake-lambda\r\n\0\r\n";
        let (bytes, every) = (4, MS);
        let rows = [
            (Fault::Reset, vec![], Ending::Reset),
            (Fault::CloseBeforeReply, vec![], Ending::Close),
            (Fault::Hang, vec![], Ending::Hang),
            (Fault::Garbage, vec![at(0, garbage)], Ending::Close),
            (Fault::ResetInHead, vec![at(0, &half)], Ending::Reset),
            (Fault::TruncateHead, vec![at(0, &half)], Ending::Close),
            (Fault::TruncateAfter(2), with("ab"), Ending::Close),
            (Fault::ResetAfter(0), with(""), Ending::Reset),
            (Fault::StallAfter(5), with("abcde"), Ending::Hang),
            (Fault::CloseAfterReply, with("abcdef"), Ending::Close),
            (Fault::ResetOnReuse, with("abcdef"), Ending::ResetNext),
            (
                Fault::Dribble { bytes, every },
                vec![at(0, &whole), at(1, "abcd"), at(2, "ef")],
                Ending::KeepAlive,
            ),
            (
                Fault::BadChunk,
                vec![at(
                    0,
                    &(head("Transfer-Encoding: chunked") + "3\r\nabc\r\nno size\r\ndef\r\n"),
                )],
                Ending::Close,
            ),
            (
                Fault::LengthTooLong(3),
                vec![at(0, &(head("Content-Length: 9") + "abcdef"))],
                Ending::Close,
            ),
            (
                Fault::LengthTooShort(2),
                vec![at(0, &(head("Content-Length: 4") + "abcdef"))],
                Ending::KeepAlive,
            ),
        ];
        for (fault, seen, ending) in rows {
            let transmission = of(Some(fault), Duration::ZERO).unwrap();
            assert_eq!(played(transmission), (seen, ending), "{fault:?}");
        }
        let slow = Fault::SlowHead { bytes: 60, every };
        let (seen, ending) = played(of(Some(slow), 10 * MS).unwrap());
        let pieces = whole.len().div_ceil(60);
        assert_eq!((seen.len(), ending), (pieces + 1, Ending::KeepAlive));
        assert_eq!(seen[pieces], at(10 + pieces as u32 - 1, "abcdef"));
    }

    #[test]
    fn a_fault_that_cannot_fire_is_found_before_anything_is_sent() {
        assert!(of(Some(Fault::TruncateAfter(6)), MS).is_err());
        assert!(of(Some(Fault::TruncateAfter(5)), MS).is_ok());
    }
}
