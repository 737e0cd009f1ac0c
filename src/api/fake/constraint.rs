//! A constraint that is in force, for the test to count by and to end.

use std::fmt;
use std::sync::Arc;

use crate::behavior::constraints::ConstraintId;
use crate::exchange::Exchange;

/// What refuses or delays invocations; made by the verbs of [`Handle`](crate::Handle), such as [`deny`](crate::Handle::deny) and
/// [`reserve_concurrency`](crate::Handle::reserve_concurrency).
///
/// It counts. Cheap to clone; dropping it changes nothing: it is in force until [`stop`](Self::stop).
///
/// # What all constraints have in common
///
/// A refused attempt uses no step of a script: it counts as an attempt of its target and not of a rule, and the journal shows the constraint, as in
/// `429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded (reserved concurrency 2)`. An attempt that the service refuses on sight
/// meets no constraint.
///
/// [`deny`](crate::Handle::deny) is asked before any rule. All others are asked when a rule is about to answer, under the same lock: an attempt that no
/// rule wants is still a 404. Whatever the rule says, a fault and a service error included, an attempt that
/// is let through counts until the last byte of its reply leaves, so a client's next attempt finds the place free; a reply that is held,
/// hung or stalled keeps its place until the client leaves. A DryRun meets only `deny`. An Event meets the constraints of the front door, which are `deny`, the
/// caller's rate and the states; concurrency and the function's rate are no matter of the caller's then, who gets a 202.
///
/// A fake behind a wiremock server answers one request at a time: there a concurrency above 0 is refused where it is set.
///
/// # The order in which they are asked
///
/// 1. `deny`: a caller without the permission is refused before anything else of the function matters, its throttles and whether it has rules included.
/// 2. [`Chaos`](crate::Chaos) that makes the whole answer.
/// 3. The caller's rate.
/// 4. Pending, updating and a snapshot that is not ready.
/// 5. Concurrency.
/// 6. The function's rate.
///
/// AWS's own order is not known.
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
