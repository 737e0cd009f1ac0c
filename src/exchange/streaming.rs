//! Reports from a transport while it sends an answer in chunks.

use bytes::Bytes;

use super::exchange::Exchange;
use super::subject::{Arrived, Subject};
use crate::aws::event_stream::FrameDamage;
use crate::ground::location::Location;
use crate::ground::panics::CaughtPanic;
use crate::record::journal::{FrameContent, WaitReason};
use crate::reply::chunks::Odd;
use crate::reply::fault::Fault;
use crate::reply::outcome::{Outcome, Pause};
use crate::reply::stream::{StreamEnd, StreamError};

impl Exchange {
    /// Records chunks that are about to be sent, and the damage to their first frame.
    pub(crate) fn streamed(&self, arrived: &Arrived, sent: &[Bytes], damage: Option<FrameDamage>) {
        self.edit(|state| state.record.log.streamed(arrived.ticket, sent, damage));
    }

    /// Records a message that is about to be sent, and the damage to its frame.
    pub(crate) fn streamed_message(
        &self,
        arrived: &Arrived,
        message: Odd,
        damage: Option<FrameDamage>,
    ) {
        let content = FrameContent::Message(message);
        self.edit(|state| {
            let log = &mut state.record.log;
            log.streamed_odd_frame(arrived.ticket, content, damage);
        });
    }

    /// Records what the next chunk waits for.
    pub(crate) fn stream_waits(&self, arrived: &Arrived, reason: WaitReason) {
        self.edit(|state| {
            // A drop opens every gate: the journal keeps the reason why the attempt waited.
            if !state.intake.is_closed() {
                state.record.log.waits_for(arrived.ticket, reason);
            }
        });
    }

    /// Records the pause of the script that the next chunk waits for.
    pub(crate) fn stream_is_paused(&self, arrived: &Arrived, pause: &Pause) {
        self.stream_waits(arrived, WaitReason::of(Some(pause)));
    }

    /// Records that the function of a stream has ended, how its caller sees the end, and the damage
    /// to its frame; `None` if the caller does not get it.
    pub(crate) fn stream_ended(
        &self,
        arrived: &Arrived,
        outcome: &Outcome,
        end: Option<(StreamEnd, Option<FrameDamage>)>,
    ) {
        let kept = outcome.without_log();
        self.edit(|state| {
            if state.intake.is_closed() {
                return;
            }
            let was_running = state.record.log.is_running(arrived.ticket);
            state.record.log.stream_ended(arrived.ticket, kept, end);
            state.leave_after_disconnect(arrived.ticket, was_running);
        });
    }

    /// Records that a fault of the script ends the connection here.
    pub(crate) fn stream_cut(&self, arrived: &Arrived, fault: Fault) {
        self.edit(|state| state.record.log.stream_cut(arrived.ticket, fault));
    }

    /// Records the panic of a handler whose stream has begun, and returns the error for its client.
    pub(crate) fn stream_panicked(
        &self,
        arrived: &Arrived,
        written_at: &Location,
        panic: CaughtPanic,
    ) -> StreamError {
        self.stream_panic(Subject::Attempt(arrived), written_at, panic)
    }
}
