//! What goes when the record has grown past its limits.

use super::{Attempt, Call, Log};
use crate::reply::outcome::Outcome;

impl Log {
    /// Past the byte limit the oldest finished payloads go, past the number of calls whole finished calls.
    pub(super) fn drop_over_limits(&mut self) {
        while self.bytes > self.limits.bytes {
            let Some(ticket) = self.finished.pop_front() else {
                break;
            };
            let Some(call) = self.entry(ticket.call) else {
                continue;
            };
            let attempt = &mut call.attempts[ticket.attempt];
            let freed = kept_bytes(attempt) - attempt.invocation.head().len();
            attempt.invocation.drop_payload();
            if let Some(outcome) = attempt.outcome.as_mut().filter(|_| attempt.computed) {
                outcome.drop_body();
            }
            self.bytes -= freed;
            self.dropped_payloads += u64::from(freed > 0);
        }
        while self.entries.len() > self.limits.calls {
            let is_finished = |call: &&Call| call.attempts.iter().all(Attempt::is_finished);
            let Some(index) = self.entries.iter().position(|call| is_finished(&call)) else {
                break;
            };
            // Calls that are still open stand in front, and are few: little is moved.
            let call = self.entries.remove(index).expect("found just now");
            self.dropped_calls += 1;
            self.bytes -= call.attempts.iter().map(kept_bytes).sum::<usize>();
            if let Some(id) = call.first().head().field("amz-sdk-invocation-id") {
                self.by_invocation.remove(id);
            }
            while self
                .finished
                .front()
                .is_some_and(|ticket| ticket.call == call.number)
            {
                self.finished.pop_front();
            }
        }
    }
}

fn kept_bytes(attempt: &Attempt) -> usize {
    let computed = attempt.outcome.as_ref().filter(|_| attempt.computed);
    let reply = computed
        .and_then(Outcome::body)
        .map_or(0, |body| body.len());
    attempt.invocation.head().len()
        + attempt.invocation.kept_payload().map_or(0, <[u8]>::len)
        + reply
}
