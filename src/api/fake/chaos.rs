//! Chaos let loose on a fake.

use std::fmt;
use std::sync::Arc;

use super::Handle;
use crate::behavior::chaos::{Chaos, ChaosId, Hit};
use crate::exchange::Exchange;
use crate::ground::location::Location;
use crate::record::report;

/// A chaos at work; made by [`Handle::chaos`]. Cheap to clone; dropping it changes nothing.
#[derive(Clone)]
pub struct ActiveChaos {
    exchange: Arc<Exchange>,
    id: ChaosId,
}

impl Handle {
    /// Lets chaos loose over whatever the scripts say, from now on.
    ///
    /// Several may be at work; the newest is asked first, and one attempt is hit once.
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
    /// At this line when the chaos has no mode and so hits nothing, when the fake was dropped, and when the fake is mounted on a
    /// `wiremock::MockServer` that cannot do what a hit does.
    #[track_caller]
    pub fn chaos(&self, chaos: Chaos) -> ActiveChaos {
        if let Some(mistake) = chaos.mistake() {
            panic!("{mistake}");
        }
        let beyond = chaos
            .replies()
            .find_map(|reply| self.exchange.cannot(reply.needs()));
        if let Some(need) = beyond {
            panic!("{}", report::needs_server(&need));
        }
        let written_at = Location::here();
        let seed = self.exchange.config.seed;
        // Taken only where it is kept: a gate that is dropped here must not find the lock taken.
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
            None => panic!("{}", report::gone("cannot start chaos")),
        }
    }
}

impl ActiveChaos {
    /// What it has hit so far, by target and number; the same for the same seed and the same attempts, in whatever order these came.
    ///
    /// It keeps the first 100,000.
    pub fn hits(&self) -> Vec<Hit> {
        self.exchange
            .read(|state| state.behavior.chaos.hits(self.id))
    }

    /// Ends it: attempts that are decided from now on are not hit. What it has hit is kept.
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
