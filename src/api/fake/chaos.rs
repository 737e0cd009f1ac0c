//! Chaos that was started on a fake.

use std::fmt;
use std::sync::Arc;

use super::Handle;
use crate::behavior::chaos::{Chaos, ChaosId, Hit};
use crate::exchange::Exchange;
use crate::ground::location::Location;
use crate::record::report;

/// Chaos that was started; created by [`Handle::chaos`]. Cheap to clone; dropping it does not stop
/// the chaos.
#[derive(Clone)]
pub struct ActiveChaos {
    exchange: Arc<Exchange>,
    id: ChaosId,
}

impl Handle {
    /// Starts injecting faults and errors on top of the scripts.
    ///
    /// Several [`Chaos`] values can be active at the same time. The newest is tried first, and an
    /// attempt is hit at most once.
    ///
    /// ```
    /// use fake_lambda::{Chaos, FakeLambda, ServiceError};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(json!({"ok": true}));
    /// let chaos = lambda.chaos(Chaos::seeded(7).every_nth(3, ServiceError::TooManyRequestsException).on("resize"));
    /// chaos.stop();
    /// assert_eq!(chaos.hits(), []);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the chaos has no mode and so hits nothing, if two hits of a replay are for the
    /// same attempt (a name and the ARN of the same function), if the fake was dropped, or if the
    /// fake is mounted on a `wiremock::MockServer` that cannot perform a hit.
    #[track_caller]
    pub fn chaos(&self, chaos: Chaos) -> ActiveChaos {
        let mistake = chaos.mistake();
        let of_set = || {
            self.exchange
                .read(|state| state.behavior.chaos.mistake(&chaos))
        };
        if let Some(mistake) = mistake.or_else(of_set) {
            panic!("{mistake}");
        }
        let beyond = chaos
            .replies()
            .find_map(|reply| self.exchange.unmet_need(reply.needs()));
        if let Some(need) = beyond {
            panic!("{}", report::needs_server(&need));
        }
        let written_at = Location::here();
        let seed = self.exchange.config.seed;
        // Only moved out if the chaos is added: dropping a gate under the lock could deadlock.
        let mut chaos = Some(chaos);
        let added = self.exchange.edit(|state| {
            let chaos = if state.intake.is_closed() {
                None
            } else {
                chaos.take()
            };
            chaos.map(|chaos| state.behavior.chaos.add(chaos, seed, written_at))
        });
        match added {
            Some(id) => ActiveChaos {
                exchange: self.exchange.clone(),
                id,
            },
            None => panic!("{}", report::fake_was_dropped("cannot start chaos")),
        }
    }
}

impl ActiveChaos {
    /// Returns the hits so far, sorted by target and number; the same for the same seed and the
    /// same attempts, in whatever order these arrive.
    ///
    /// Only the first 100,000 are kept.
    pub fn hits(&self) -> Vec<Hit> {
        self.exchange.note_check();
        self.exchange
            .read(|state| state.behavior.chaos.hits(self.id))
    }

    /// Stops the chaos: later attempts are not hit. Its hits so far are kept.
    pub fn stop(&self) {
        self.exchange
            .edit(|state| state.behavior.chaos.stop(self.id));
    }
}

impl fmt::Debug for ActiveChaos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveChaos")
            .field("hits", &self.hits())
            .finish_non_exhaustive()
    }
}
