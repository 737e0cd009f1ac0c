//! The answer to an attempt, in a few words.

use std::fmt;

use super::text::first_line;
use super::{
    Attempt, BodyText, FrameContent, FunctionRun, OddFrame, Progress, Streamed, WaitReason,
};
use crate::aws::versions::Resolved;
use crate::ground::count::plural;
use crate::reply::chunks::Odd;
use crate::reply::outcome::{Outcome, OutcomeKind};
use crate::reply::stream::StreamEnd;
use crate::request::invocation::Validity;
use crate::request::operation::Requested;

/// The mark of a result for which an idempotent function did no work.
pub(super) const REPLAYED: &str = " (idempotent: not executed again)";

/// The answer to the attempt: `429 TooManyRequestsException`.
impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            None if self.progress == Progress::Waiting => {
                match self.wait_reason {
                    Some(WaitReason::Gate(_)) => f.write_str("held by a gate")?,
                    Some(WaitReason::Delay(delay)) => write!(f, "delayed for {delay:?}")?,
                    Some(WaitReason::Handler(_) | WaitReason::Start(_)) | None => {
                        f.write_str("waiting")?
                    }
                }
                return match &self.hit {
                    Some(hit) => write!(f, " (chaos: {})", hit.reason()),
                    None => Ok(()),
                };
            }
            None => f.write_str("no answer")?,
            Some(outcome) => self.write_outcome(outcome, f)?,
        }
        if self.is_replay() {
            f.write_str(REPLAYED)?;
        }
        match &self.run {
            FunctionRun::Known => {}
            FunctionRun::Started => write!(f, " (still running)")?,
            // The text of the fault already says what the client lost.
            FunctionRun::Lost(_) if self.stream.is_some() && self.fault().is_some() => {}
            FunctionRun::Lost(_) if self.stream.is_some() => {
                f.write_str(" (ran, lost the rest)")?
            }
            FunctionRun::Lost(lost) => {
                let ran = if lost.has_run() { "ran, " } else { "" };
                write!(f, " ({ran}lost ")?;
                self.write_reply(lost, f)?;
                f.write_str(")")?;
            }
        }
        if let Some(constraint) = self.constraint() {
            write!(f, " ({constraint})")?;
        }
        let is_undeclared = *self.invocation.version() == Resolved::Unknown;
        match (self.invocation.validity(), self.invocation.requested()) {
            (Validity::Malformed { why, .. } | Validity::Incomplete { why }, _) => {
                write!(f, " ({why})")?
            }
            (Validity::Refused { why: Some(why), .. }, _) => write!(f, " ({})", first_line(why))?,
            (Validity::Valid | Validity::Refused { why: None, .. }, requested) => match requested {
                Requested::Unknown => f.write_str(" (not an Invoke request)")?,
                Requested::InvokeAsync => f.write_str(" (InvokeAsync is not faked)")?,
                Requested::Call(_) if is_undeclared => f.write_str(" (qualifier not declared)")?,
                Requested::Call(_) if self.unscripted => f.write_str(" (unscripted)")?,
                Requested::Call(_) => {}
            },
        }
        #[cfg(feature = "in-memory")]
        if self.progress == Progress::Endless {
            write!(f, " (reset by the fake: nothing would have ended it)")?;
        }
        if self.is_cut() {
            write!(f, " (cut by an outage)")?;
        }
        match &self.hit {
            Some(hit) if self.could_not_happen => {
                let fault = hit.damage().map(|fault| fault.to_string());
                let fault = fault.unwrap_or_default();
                write!(f, " (chaos: {}; could not happen: {fault})", hit.reason())?;
            }
            Some(hit) => write!(f, " (chaos: {})", hit.reason())?,
            None => {}
        }
        if self.is_abandoned() && !matches!(self.invocation.validity(), Validity::Incomplete { .. })
        {
            write!(f, " (abandoned by the client)")?;
        }
        Ok(())
    }
}

impl Attempt {
    fn write_outcome(&self, outcome: &Outcome, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match outcome.fault() {
            None => self.write_reply(outcome, f)?,
            Some(fault) if outcome.status().is_none() => write!(f, "{fault}")?,
            Some(fault) if fault.keeps_reply_whole() => {
                self.write_reply(outcome, f)?;
                write!(f, ", {fault}")?;
            }
            Some(fault) => {
                let ran = if outcome.has_run() { "ran, " } else { "" };
                write!(f, "{fault} ({ran}lost ")?;
                self.write_reply(outcome, f)?;
                f.write_str(")")?;
            }
        }
        if self.gate_was_dropped() {
            f.write_str(" (its gate was dropped)")?;
        }
        Ok(())
    }

    fn write_reply(&self, outcome: &Outcome, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", outcome.status().unwrap_or_default())?;
        match &outcome.kind {
            OutcomeKind::Ran { version, .. } if outcome.is_stream() => {
                self.write_stream(f)?;
                if **version != *"$LATEST" {
                    write!(f, " version {version}")?;
                }
                return Ok(());
            }
            OutcomeKind::Ran {
                failure, version, ..
            } => {
                if failure.is_some() {
                    f.write_str(" function error")?;
                }
                self.write_body(outcome, f)?;
                if **version != *"$LATEST" {
                    write!(f, " version {version}")?;
                }
                return Ok(());
            }
            OutcomeKind::Error(_) | OutcomeKind::Unmodeled { .. } => {
                write!(f, " {}", outcome.code().unwrap_or_default())?;
                if let Some(reason) = outcome.reason() {
                    write!(f, " {reason}")?;
                }
            }
            OutcomeKind::Http { .. } if !self.is_malformed() => return self.write_body(outcome, f),
            OutcomeKind::Http { .. }
            | OutcomeKind::Accepted
            | OutcomeKind::DryRun
            | OutcomeKind::Nothing => {}
        }
        match self.body_text(outcome) {
            Some(body) => write!(f, " {body}"),
            None => Ok(()),
        }
    }

    /// The body of a reply unless it is empty.
    fn body_text<'a>(&'a self, outcome: &'a Outcome) -> Option<BodyText<'a>> {
        let body = outcome.body().filter(|body| !body.is_empty())?;
        Some(BodyText::of(&self.invocation, body))
    }

    /// Writes the chunks that were sent, the frames that AWS does not send, and how the stream
    /// ended: ` stream, 2 chunks: Hello`.
    fn write_stream(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none = Streamed::default();
        let stream = self.stream.as_deref().unwrap_or(&none);
        let is_open = stream.end.is_none() && self.is_running();
        f.write_str(if is_open { " streaming" } else { " stream" })?;
        write!(f, ", {}", plural(stream.count as u64, "chunk"))?;
        match (stream.is_dropped, stream.length) {
            (true, length) => write!(f, " <{length} bytes, dropped>")?,
            (false, 0) => {}
            (false, _) => write!(f, ": {}", BodyText::of(&self.invocation, &stream.payload()))?,
        }
        for frame in &stream.odd {
            self.write_odd_frame(frame, stream.count, f)?;
        }
        match &stream.end {
            Some(StreamEnd::Failed(error)) => {
                write!(f, ", then function error {}", error.code)?;
                if let Some(details) = &error.details {
                    write!(f, " {}", BodyText::of(&self.invocation, details.as_bytes()))?;
                }
            }
            Some(StreamEnd::Missing) => f.write_str(", without `InvokeComplete`")?,
            Some(StreamEnd::Complete) | None => {}
        }
        match stream.end_damage() {
            Some(damage) => write!(f, ", `InvokeComplete` with a {damage}"),
            None => Ok(()),
        }
    }

    /// Writes a frame that AWS does not send, in a stream of this many chunks:
    /// `, then exception ServiceException`, `, chunk 1 with a wrong checksum`.
    fn write_odd_frame(
        &self,
        frame: &OddFrame,
        chunks: usize,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let next = frame.chunks_before + 1;
        let is_after_chunks = frame.chunks_before == chunks;
        let message = match &frame.content {
            FrameContent::Chunk => {
                write!(f, ", chunk {next}")?;
                None
            }
            FrameContent::Message(message) => Some(message),
            // Follows the error in it.
            FrameContent::End => return Ok(()),
        };
        if let Some(message) = message {
            f.write_str(if is_after_chunks { ", then " } else { ", " })?;
            let text = |text: &str| BodyText::of(&self.invocation, text.as_bytes()).to_string();
            match message {
                Odd::Exception(error) => write!(f, "exception {}", error.code())?,
                Odd::Error {
                    code,
                    text: details,
                } => write!(f, "error message {} {}", text(code), text(details))?,
                Odd::Event { name, payload } => {
                    write!(f, "event {} {}", text(name), text(payload))?
                }
            }
        }
        if let Some(damage) = frame.damage {
            write!(f, " with a {damage}")?;
        }
        match message.is_some() && !is_after_chunks {
            true => write!(f, " before chunk {next}"),
            false => Ok(()),
        }
    }

    /// Whether the fake's server refused it as invalid HTTP, with a reply that never has a body.
    fn is_malformed(&self) -> bool {
        matches!(self.invocation.validity(), Validity::Malformed { .. })
    }

    fn write_body(&self, outcome: &Outcome, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.body_text(outcome) {
            Some(body) => write!(f, " {body}"),
            None => f.write_str(" (empty)"),
        }
    }
}
