//! An answer in chunks as one body, because the server sends only whole bodies.

use crate::aws::event_stream::write_chunk;
use crate::exchange::{Arrived, Exchange};
use crate::reply::outcome::Outcome;
use crate::reply::stream::{Next, Stream, StreamEnd, Walk};

/// Returns all frames of an answer in chunks, and records the chunks in the journal; returns `None`
/// for any other answer. Without a client, the answer is recorded as lost.
pub(super) fn frames(
    exchange: &Exchange,
    arrived: &Arrived,
    outcome: &mut Outcome,
    has_client: bool,
) -> Option<Vec<u8>> {
    let Some(Stream::Script(chunks)) = outcome.stream().filter(|_| outcome.is_stream()) else {
        return None;
    };
    let invocation = &arrived.invocation;
    let mut walk = Walk::new(chunks.clone(), exchange.config.boundaries, invocation);
    let (mut frames, mut count) = (Vec::new(), 0);
    let ended = loop {
        match walk.next() {
            Next::Chunks(cut) => {
                count += cut.sent.len();
                exchange.streamed(arrived, &cut.sent, None);
                for event in cut.events {
                    write_chunk(&mut frames, &event);
                }
            }
            Next::Message(message) => {
                frames.extend_from_slice(&message.frame());
                exchange.streamed_message(arrived, message, None);
            }
            Next::End(ended) => break ended,
            Next::Wait(_) | Next::Hold(_) | Next::Fault(_) | Next::Damage(_) => {
                unreachable!("they are refused where they are scripted, or when a handler replies")
            }
        }
    };
    if let Some(error) = ended.error() {
        outcome.fail(&error, invocation);
    }
    let end = match ended.error_chunk(count) {
        Some(chunk) => {
            exchange.streamed(arrived, std::slice::from_ref(&chunk), None);
            write_chunk(&mut frames, &chunk);
            StreamEnd::Complete
        }
        None => ended.seen(invocation, count),
    };
    let log = exchange.log_result(arrived, outcome);
    end.write(&mut frames, log.as_deref());
    exchange.stream_ended(arrived, outcome, has_client.then_some((end, None)));
    Some(frames)
}
