//! An active constraint, whose counters a test can read and which it can stop.

use std::fmt;
use std::sync::Arc;

use crate::behavior::constraints::{ConstraintData, ConstraintId};
use crate::exchange::Exchange;

/// A constraint, which rejects or delays invocations; created by methods of
/// [`Handle`](crate::Handle) such as [`deny`](crate::Handle::deny) and
/// [`reserve_concurrency`](crate::Handle::reserve_concurrency).
///
/// It counts the attempts that it rejects. It is cheap to clone; dropping it does not end it: it is
/// active until [`stop`](Self::stop).
///
/// # Common properties of constraints
///
/// A rejected attempt consumes no step of a script. It counts as an attempt at its target but not
/// as one of a rule, and the journal shows the constraint, as in
/// `429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded (reserved concurrency 2)`.
/// A request that is not valid is refused by the service itself and is not checked against any
/// constraint.
///
/// [`deny`](crate::Handle::deny) is checked before any rule. All others are checked when a rule is
/// about to answer, under the same lock, so an attempt that matches no rule still gets a 404.
///
/// An admitted attempt counts until the last byte of its reply is sent, whatever the rule answers,
/// including faults and service errors. So a client's next attempt finds the slot free. A reply
/// that hangs or stalls keeps its slot until the client disconnects. A function that still runs,
/// for example because its reply is held at a gate, keeps its slot until it ends, even if the
/// client has disconnected.
///
/// Only `deny` applies to a DryRun. `deny`, `require_tenant_id`, `durable`, the caller's rate and
/// the function states apply to an Event. Concurrency and the function's rate do not, so its
/// caller gets a 202; concurrency then applies to each execution of the event.
///
/// A fake that is mounted on a wiremock server answers one request at a time, so setting a
/// concurrency above 0 there panics. Setting any constraint panics if the fake was dropped.
///
/// # Order of the checks
///
/// 1. `deny`: a caller without the permission is refused before anything else about the function
///    matters, such as its throttles and rules.
/// 2. [`Chaos`](crate::Chaos) that replaces the whole answer.
/// 3. `require_tenant_id` and `durable`.
/// 4. The caller's rate.
/// 5. Pending, updating and a snapshot that is not ready.
/// 6. Concurrency.
/// 7. The function's rate.
///
/// AWS's own order is not known.
#[derive(Clone)]
pub struct Constraint {
    pub(super) exchange: Arc<Exchange>,
    pub(super) id: ConstraintId,
}

impl Constraint {
    /// Returns the largest number of executions under this constraint that ran at the same time
    /// since it was last set.
    pub fn peak(&self) -> u64 {
        self.ask(ConstraintData::peak)
    }

    /// Returns the number of attempts, and of executions of events, that this constraint has
    /// rejected.
    pub fn refused(&self) -> u64 {
        self.ask(ConstraintData::refused)
    }

    fn ask(&self, counter: fn(&ConstraintData) -> u64) -> u64 {
        self.exchange.note_check();
        let (target, got) = self.exchange.read(|state| {
            let constraint = &state.behavior.constraints[self.id];
            (constraint.target.clone(), counter(constraint))
        });
        if let Some(target) = target {
            self.exchange.note_question(&target);
        }
        got
    }

    /// Ends this constraint: from now on it rejects and delays nothing. Its counters stay.
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
