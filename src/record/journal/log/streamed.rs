//! The part of an answer in chunks that was sent.

use std::mem;

use bytes::Bytes;

use super::{Log, Ticket};
use crate::aws::event_stream::FrameDamage;
use crate::record::journal::{Attempt, FunctionRun};
use crate::reply::chunks::Odd;
use crate::reply::fault::Fault;
use crate::reply::outcome::Outcome;
use crate::reply::stream::StreamEnd;

/// The size of a chunk in addition to its bytes.
const CHUNK: usize = 2 * size_of::<Bytes>();

/// The chunks that a function sent, and how its stream ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streamed {
    /// Empty if the journal has dropped them.
    pub(crate) chunks: Vec<Bytes>,
    pub(crate) count: usize,
    /// The length of all of them.
    pub(crate) length: usize,
    /// The size of those that are kept.
    kept: usize,
    /// Whether the journal has dropped them.
    pub(crate) is_dropped: bool,
    /// `None` while it runs, and after a connection that ended first.
    pub(crate) end: Option<StreamEnd>,
    /// The frames that AWS does not send, in order.
    pub(crate) odd: Vec<OddFrame>,
}

/// A frame that is damaged, or that is neither a chunk nor an end.
#[derive(Clone, Debug)]
pub(crate) struct OddFrame {
    /// The number of chunks before it.
    pub(crate) chunks_before: usize,
    pub(crate) content: FrameContent,
    pub(crate) damage: Option<FrameDamage>,
}

/// The content of a frame.
#[derive(Clone, Debug)]
pub(crate) enum FrameContent {
    Chunk,
    Message(Odd),
    End,
}

impl Streamed {
    /// Drops the chunks, and returns the number of bytes that this frees.
    fn drop_chunks(&mut self) -> usize {
        (self.chunks, self.is_dropped) = (Vec::new(), true);
        mem::take(&mut self.kept)
    }

    /// The damage to the event at the end.
    pub(crate) fn end_damage(&self) -> Option<FrameDamage> {
        let last = self.odd.last()?;
        match last.content {
            FrameContent::End => last.damage,
            FrameContent::Chunk | FrameContent::Message(_) => None,
        }
    }

    /// The chunks as one payload.
    pub(crate) fn payload(&self) -> Bytes {
        match &self.chunks[..] {
            [only] => only.clone(),
            several => several.concat().into(),
        }
    }
}

impl Log {
    /// Records chunks that are about to be sent, and the damage to their first frame.
    pub(crate) fn streamed(&mut self, ticket: Ticket, sent: &[Bytes], damage: Option<FrameDamage>) {
        if damage.is_some() {
            self.streamed_odd_frame(ticket, FrameContent::Chunk, damage);
        }
        let Some(entry) = self.calls.get_mut(ticket.call) else {
            return;
        };
        let attempt = &mut entry.call.attempts[ticket.attempt];
        let is_computed = attempt.computed;
        attempt.wait_reason = None;
        let Some(stream) = &mut attempt.stream else {
            return;
        };
        let length: usize = sent.iter().map(Bytes::len).sum();
        stream.count += sent.len();
        stream.length += length;
        if !stream.is_dropped {
            stream.chunks.extend(sent.iter().cloned());
            // The script owns the bytes of its chunks, so they are not counted here.
            let own = if is_computed { length } else { 0 };
            let bytes = own + sent.len() * CHUNK;
            stream.kept += bytes;
            entry.bytes += bytes;
            self.bytes += bytes;
        }
        let (counter, rule) = (attempt.counter, attempt.rule);
        let count = sent.len() as u64;
        self.counters
            .count_event(counter, rule, |tally| tally.chunks += count);
        self.drop_over_limits();
        if self.bytes > self.limits.bytes {
            self.drop_chunks(ticket);
        }
    }

    /// Records a frame that is about to be sent and that AWS does not send.
    pub(crate) fn streamed_odd_frame(
        &mut self,
        ticket: Ticket,
        content: FrameContent,
        damage: Option<FrameDamage>,
    ) {
        let Some(entry) = self.calls.get_mut(ticket.call) else {
            return;
        };
        let attempt = &mut entry.call.attempts[ticket.attempt];
        attempt.wait_reason = None;
        let Some(stream) = &mut attempt.stream else {
            return;
        };
        stream.odd.push(OddFrame {
            chunks_before: stream.count,
            content,
            damage,
        });
        // The script owns the strings of its messages, so they are not counted here.
        entry.bytes += size_of::<OddFrame>();
        self.bytes += size_of::<OddFrame>();
        self.drop_over_limits();
    }

    /// Drops the chunks of a stream that exceeds the limit before it ends.
    fn drop_chunks(&mut self, ticket: Ticket) {
        let Some(entry) = self.calls.get_mut(ticket.call) else {
            return;
        };
        let attempt = &mut entry.call.attempts[ticket.attempt];
        if let Some(stream) = &mut attempt.stream {
            let freed = stream.drop_chunks();
            entry.bytes -= freed;
            self.bytes -= freed;
        }
    }

    /// Records the end of the function of a stream, how its caller sees it, and the damage to its
    /// frame; `None` if the caller does not get it.
    pub(crate) fn stream_ended(
        &mut self,
        ticket: Ticket,
        mut outcome: Outcome,
        end: Option<(StreamEnd, Option<FrameDamage>)>,
    ) {
        if let Some((_, Some(damage))) = end {
            self.streamed_odd_frame(ticket, FrameContent::End, Some(damage));
        }
        let Some(entry) = self.calls.get_mut(ticket.call) else {
            return;
        };
        let attempt = &mut entry.call.attempts[ticket.attempt];
        outcome.forget_chunks();
        attempt.wait_reason = None;
        match end {
            // Its client has disconnected, which may not be recorded yet.
            None => {
                attempt.run = FunctionRun::Lost(Box::new(outcome));
                if attempt.is_finished() {
                    self.left_running -= 1;
                    entry.busy -= 1;
                    self.calls.note_end(ticket.call);
                }
            }
            Some((end, _)) => {
                // What is known of its fault by now.
                let fault = attempt.fault();
                attempt.run = FunctionRun::Known;
                let kept = attempt.outcome.insert(outcome);
                if let Some(alterations) = &mut kept.alterations {
                    alterations.fault = fault;
                }
                let bytes = size_of::<Streamed>() + end.kept_bytes();
                if let Some(stream) = &mut attempt.stream {
                    stream.end.get_or_insert(end);
                }
                entry.bytes += bytes;
                self.bytes += bytes;
            }
        }
        self.drop_over_limits();
    }

    /// Records that a fault of the script ends the connection here.
    pub(crate) fn stream_cut(&mut self, ticket: Ticket, fault: Fault) {
        let outcome = self.attempt_mut(ticket).outcome.as_mut();
        if let Some(alterations) = outcome.and_then(|outcome| outcome.alterations.as_mut()) {
            alterations.fault.get_or_insert(fault);
        }
    }
}

impl Attempt {
    /// Records that its answer in chunks begins: the function runs until its end.
    pub(super) fn begin_stream(&mut self) {
        if self.outcome.as_ref().is_some_and(Outcome::is_stream) {
            self.run = FunctionRun::Started;
            self.stream = Some(Box::default());
        }
    }
}
