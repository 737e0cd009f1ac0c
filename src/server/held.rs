//! Replies that are held back: by a gate, by a delay, and no longer than the function's timeout.

use super::connection::Connection;
use super::deadline::{Deadline, in_time};
use crate::exchange::Arrived;
use crate::outcome::{Held, Outcome};

impl Connection {
    /// The outcome of a reply that nothing holds any more, or of the function's timeout; `None` when the client left meanwhile.
    pub(super) async fn hold_back(
        &mut self,
        arrived: &Arrived,
        held: Held,
        deadline: Option<Deadline>,
    ) -> Option<Outcome> {
        let Held {
            gate,
            delay,
            mut outcome,
            late,
        } = held;
        let exchange = self.exchange.clone();
        let wait = async {
            let mut gate_was_dropped = false;
            if let Some(gate) = gate {
                gate_was_dropped = gate.hold(exchange.described(arrived)).await;
                exchange.is_delayed(arrived, delay);
            }
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            gate_was_dropped
        };
        match (self.unless_left(in_time(deadline, wait)).await?, late) {
            (None, Some((_, late))) => return Some(late.in_place_of(&outcome)),
            (Some(true), _) => outcome.manner.get_or_insert_default().gate_was_dropped = true,
            (Some(false) | None, _) => {}
        }
        Some(outcome)
    }
}
