//! The journal as data, for JSON and YAML snapshots.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::text::without_id;
use super::{Attempt, BodyText, Call, FrameContent, Journal, OddFrame, Streamed};
use crate::reply::chunks::Odd;
use crate::reply::outcome::{Outcome, OutcomeKind};
use crate::reply::stream::{StreamEnd, StreamError};
use crate::request::invocation::{ClientContext, Particulars};

impl Serialize for Journal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = serializer.serialize_seq(Some(self.entries.len()))?;
        for entry in &self.entries {
            entries.serialize_element(entry)?;
        }
        entries.end()
    }
}

impl Serialize for Call {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let first = self.first();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("call", &self.number)?;
        if first.is_invoke() {
            map.serialize_entry("function", first.function_name())?;
            if let Some(qualifier) = first.qualifier() {
                map.serialize_entry("qualifier", qualifier)?;
            }
            let Particulars {
                region,
                account,
                log_type,
                client_context,
                tenant_id,
                durable_execution_name,
            } = first.particulars();
            if let Some(region) = region {
                map.serialize_entry("region", region)?;
            }
            if let Some(account) = account {
                map.serialize_entry("account", account)?;
            }
            if first.is_streamed() {
                map.serialize_entry("operation", first.operation().as_str())?;
            }
            map.serialize_entry("invocation_type", first.invocation_type().as_str())?;
            if let Some(log_type) = log_type {
                map.serialize_entry("log_type", log_type.as_str())?;
            }
            match client_context {
                Some(ClientContext::Decoded(bytes)) => {
                    map.serialize_entry("client_context", &BodyText::of(first, &bytes))?;
                }
                Some(ClientContext::Encoded(bytes)) => {
                    let text = BodyText::of(first, bytes).to_string();
                    map.serialize_entry("client_context_not_in_base64", &text)?;
                }
                None => {}
            }
            if let Some(id) = tenant_id {
                map.serialize_entry("tenant_id", &id)?;
            }
            if let Some(name) = durable_execution_name {
                map.serialize_entry("durable_execution_name", &name)?;
            }
            let payload = BodyText::of(first, first.payload_bytes());
            map.serialize_entry("payload", &payload)?;
        } else {
            map.serialize_entry("request", &first.described())?;
        }
        let attempts = self.attempts.iter().enumerate();
        let attempts = attempts.map(|(index, attempt)| AttemptText {
            attempt,
            has_repeated: self.has_repeated(index),
        });
        map.serialize_entry("attempts", &attempts.collect::<Vec<_>>())?;
        map.end()
    }
}

impl Serialize for Attempt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = AttemptText {
            attempt: self,
            has_repeated: false,
        };
        text.serialize(serializer)
    }
}

/// An attempt, and facts that only its call knows.
struct AttemptText<'a> {
    attempt: &'a Attempt,
    /// Whether its function was started for it and for an earlier attempt of the call.
    has_repeated: bool,
}

impl Serialize for AttemptText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            attempt,
            has_repeated,
        } = *self;
        let mut map = serializer.serialize_map(None)?;
        if let Some(number) = attempt.invocation.attempt() {
            map.serialize_entry("attempt", &number)?;
        }
        if let Some(most) = attempt.invocation.max_attempts() {
            map.serialize_entry("max_attempts", &most)?;
        }
        if let Some(outcome) = &attempt.outcome {
            if let Some(fault) = outcome.fault() {
                map.serialize_entry("fault", &fault.to_string())?;
                map.serialize_entry("ran", &outcome.has_run())?;
            }
            let constraint = attempt.constraint();
            write_reply(&mut map, attempt, outcome, constraint.as_deref())?;
        }
        if let Some(lost) = attempt.lost() {
            map.serialize_entry("ran", &lost.has_run())?;
            map.serialize_entry("lost", &LostText { attempt, lost })?;
        }
        if let Some(hit) = &attempt.hit {
            map.serialize_entry("chaos", hit.reason())?;
            if let Some(fault) = hit.damage().filter(|_| attempt.could_not_happen) {
                map.serialize_entry("could_not_happen", &fault.to_string())?;
            }
        }
        let marks = [
            ("waiting", attempt.is_waiting()),
            ("running", attempt.is_running()),
            ("ran_again", has_repeated),
            ("replayed", attempt.is_replay()),
            (
                "gate_dropped",
                attempt
                    .outcome
                    .as_ref()
                    .and_then(|outcome| outcome.alterations.as_ref())
                    .is_some_and(|alterations| alterations.gate_was_dropped),
            ),
            ("abandoned", attempt.is_abandoned()),
            ("cut", attempt.is_cut()),
            ("unscripted", attempt.unscripted),
        ];
        for (mark, _) in marks.into_iter().filter(|(_, is_so)| *is_so) {
            map.serialize_entry(mark, &true)?;
        }
        if !attempt.deliveries.is_empty() {
            map.serialize_entry("deliveries", &attempt.deliveries)?;
        }
        map.end()
    }
}

/// The outcome of a function after its client had disconnected.
struct LostText<'a> {
    attempt: &'a Attempt,
    lost: &'a Outcome,
}

impl Serialize for LostText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write_reply(&mut map, self.attempt, self.lost, None)?;
        map.end()
    }
}

/// A chunk as text, or else in base64.
struct ChunkText<'a> {
    attempt: &'a Attempt,
    chunk: &'a [u8],
}

impl Serialize for ChunkText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(self.chunk) {
            Ok(text) => {
                let id = self.attempt.invocation.request_id();
                serializer.serialize_str(&without_id(text, id))
            }
            Err(_) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("base64", &STANDARD.encode(self.chunk))?;
                map.end()
            }
        }
    }
}

/// Writes the entries that describe an answer in chunks.
fn write_stream<M: SerializeMap>(
    map: &mut M,
    attempt: &Attempt,
    stream: Option<&Streamed>,
) -> Result<(), M::Error> {
    let Some(stream) = stream else { return Ok(()) };
    match stream.is_dropped {
        true => map.serialize_entry("dropped_payload_bytes", &stream.length)?,
        false => {
            let chunks = stream
                .chunks
                .iter()
                .map(|chunk| ChunkText { attempt, chunk });
            let chunks: Vec<_> = chunks.collect();
            map.serialize_entry("chunks", &chunks)?;
        }
    }
    if !stream.odd.is_empty() {
        let frames = stream.odd.iter();
        let frames = frames.map(|frame| OddFrameText { attempt, frame });
        map.serialize_entry("odd_frames", &frames.collect::<Vec<_>>())?;
    }
    match &stream.end {
        Some(StreamEnd::Failed(error)) => {
            map.serialize_entry("stream_error", &ErrorText { attempt, error })
        }
        Some(StreamEnd::Missing) => map.serialize_entry("without_end", &true),
        Some(StreamEnd::Complete) | None => Ok(()),
    }
}

/// A frame that AWS does not send.
struct OddFrameText<'a> {
    attempt: &'a Attempt,
    frame: &'a OddFrame,
}

impl Serialize for OddFrameText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let OddFrame {
            chunks_before,
            content,
            damage,
        } = self.frame;
        let invocation = &self.attempt.invocation;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("chunks_before", chunks_before)?;
        match content {
            FrameContent::Chunk => map.serialize_entry("frame", "chunk")?,
            FrameContent::Message(Odd::Exception(error)) => {
                map.serialize_entry("frame", "exception")?;
                map.serialize_entry("type", error.code())?;
            }
            FrameContent::Message(Odd::Error { code, text }) => {
                map.serialize_entry("frame", "error")?;
                map.serialize_entry("code", &**code)?;
                let text = without_id(text, invocation.request_id());
                map.serialize_entry("text", &text)?;
            }
            FrameContent::Message(Odd::Event { name, payload }) => {
                map.serialize_entry("frame", "event")?;
                map.serialize_entry("type", &**name)?;
                let payload = BodyText::of(invocation, payload.as_bytes());
                map.serialize_entry("payload", &payload)?;
            }
            FrameContent::End => map.serialize_entry("frame", "end")?,
        }
        if let Some(damage) = damage {
            map.serialize_entry("damage", &damage.to_string())?;
        }
        map.end()
    }
}

/// The error in the event at the end of a stream.
struct ErrorText<'a> {
    attempt: &'a Attempt,
    error: &'a StreamError,
}

impl Serialize for ErrorText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", &*self.error.code)?;
        if let Some(details) = &self.error.details {
            let text = BodyText::of(&self.attempt.invocation, details.as_bytes());
            map.serialize_entry("details", &text)?;
        }
        map.end()
    }
}

/// Writes the entries that describe a reply.
fn write_reply<M: SerializeMap>(
    map: &mut M,
    attempt: &Attempt,
    outcome: &Outcome,
    constraint: Option<&str>,
) -> Result<(), M::Error> {
    if let Some(status) = outcome.status() {
        map.serialize_entry("status", &status)?;
    }
    if let Some(code) = outcome.code() {
        map.serialize_entry("error", code)?;
    }
    if let Some(reason) = outcome.reason() {
        map.serialize_entry("reason", reason.as_str())?;
    }
    if let Some(constraint) = constraint {
        map.serialize_entry("constraint", constraint)?;
    }
    if outcome.is_function_error() {
        map.serialize_entry("function_error", &true)?;
    }
    let stream = attempt.stream.as_deref().filter(|_| outcome.is_stream());
    if outcome.is_stream() {
        write_stream(map, attempt, stream)?;
    } else if let Some(body) = outcome.body() {
        map.serialize_entry("payload", &BodyText::of(&attempt.invocation, body))?;
    }
    if let OutcomeKind::Ran { version, .. } = &outcome.kind {
        map.serialize_entry("executed_version", &**version)?;
    }
    Ok(())
}
