//! A constraint that is in force, for the test to count by and to end.

use std::fmt;
use std::sync::Arc;

use crate::behavior::constraints::ConstraintId;
use crate::exchange::Exchange;

/// What refuses or delays invocations that a rule would answer; made by the verbs of [`Handle`](crate::Handle), such as
/// [`reserve_concurrency`](crate::Handle::reserve_concurrency).
///
/// It counts. Cheap to clone; dropping it changes nothing: it is in force until [`stop`](Self::stop).
///
/// # What all constraints have in common
///
/// They are asked when a rule is about to answer, under the same lock. A refused attempt uses no step of the script: it counts as an attempt
/// of its target and not of the rule, and the journal shows the constraint, as in
/// `429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded (reserved concurrency 2)`. An attempt that no rule wants is still a
/// 404, and one that the service refuses on sight is still refused. Whatever the rule says, a fault and a service error included, an attempt that
/// is let through counts until the last byte of its reply leaves, so a client's next attempt finds the place free; a reply that is held,
/// hung or stalled keeps its place until the client leaves. A DryRun meets no constraint. An Event meets those of the front door, which are the
/// caller's rate and the states; concurrency and the function's rate are no matter of the caller's then, who gets a 202.
///
/// A fake behind a wiremock server answers one request at a time: there a concurrency above 0 is refused where it is set.
///
/// [`Chaos`](crate::Chaos) that makes the whole answer goes before all constraints. They are asked in this order: the caller's rate; pending, updating and a
/// snapshot that is not ready; concurrency; the function's rate. AWS's own order is not known.
#[derive(Clone)]
pub struct Constraint {
    pub(super) exchange: Arc<Exchange>,
    pub(super) id: ConstraintId,
}

impl Constraint {
    /// The most executions that were under way at once of those it is for, since it was last set.
    pub fn peak(&self) -> u64 {
        self.exchange
            .read(|state| state.behavior.constraints[self.id].peak())
    }

    /// How many attempts it has refused.
    pub fn refused(&self) -> u64 {
        self.exchange
            .read(|state| state.behavior.constraints[self.id].refused())
    }

    /// Ends it: from now on it refuses and delays nothing. What it has counted stays.
    pub fn stop(&self) {
        self.exchange
            .edit(|state| state.behavior.constraints.stop(self.id));
    }
}

impl fmt::Debug for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.exchange.read(|state| {
            let constraint = &state.behavior.constraints[self.id];
            f.debug_struct("Constraint")
                .field("constraint", &format_args!("{constraint}"))
                .field("written_at", &constraint.written_at)
                .finish_non_exhaustive()
        })
    }
}
