//! Decides whether an attempt is admitted.

use std::time::Instant;

use super::{ConstraintData, ConstraintKind, Constraints, Refusal, Slot, SlotUse};
use crate::aws::target::Target;

impl Constraints {
    /// Checks that the caller is allowed to invoke the function. This check comes before the rules
    /// and the other constraints.
    pub(crate) fn permit(&mut self, request: &Target) -> Result<(), Refusal> {
        self.refuse_by(request, &|constraint| {
            matches!(constraint.kind, ConstraintKind::Denied).then_some(Refusal::Denied)
        })
    }

    /// Checks that a request has what the function requires: a tenant, or a qualifier.
    pub(crate) fn require(&mut self, request: &Target, has_tenant: bool) -> Result<(), Refusal> {
        self.note_met(request);
        self.refuse_by(request, &|constraint| match constraint.kind {
            ConstraintKind::TenantRequired => (!has_tenant).then_some(Refusal::NoTenant),
            ConstraintKind::Durable => request.qualifier.is_none().then_some(Refusal::Unqualified),
            ConstraintKind::Denied
            | ConstraintKind::Reserved(_)
            | ConstraintKind::Account(_)
            | ConstraintKind::CallerRate(_)
            | ConstraintKind::FunctionRate(_)
            | ConstraintKind::Pending(_)
            | ConstraintKind::Updating(_)
            | ConstraintKind::ColdStarts(_)
            | ConstraintKind::SnapStart { .. } => None,
        })
    }

    /// Admits an attempt that has what the function [requires](Self::require) and returns its slot,
    /// or rejects it. An Event gets no slot before it leaves the queue.
    pub(crate) fn admit(
        &mut self,
        request: &Target,
        is_event: bool,
        now: Instant,
    ) -> Result<Option<Slot>, Refusal> {
        self.note_met(request);
        self.refuse_by(request, &|constraint| match &mut constraint.kind {
            ConstraintKind::CallerRate(bucket) => {
                (!bucket.take(now)).then_some(Refusal::CallerRate(bucket.rate))
            }
            ConstraintKind::Denied
            | ConstraintKind::TenantRequired
            | ConstraintKind::Durable
            | ConstraintKind::Reserved(_)
            | ConstraintKind::Account(_)
            | ConstraintKind::FunctionRate(_)
            | ConstraintKind::Pending(_)
            | ConstraintKind::Updating(_)
            | ConstraintKind::ColdStarts(_)
            | ConstraintKind::SnapStart { .. } => None,
        })?;
        self.refuse_by(request, &|constraint| match &mut constraint.kind {
            ConstraintKind::Pending(left) => left.rejects(now).then_some(Refusal::Pending),
            ConstraintKind::Updating(left) => left.rejects(now).then_some(Refusal::Updating),
            ConstraintKind::SnapStart { not_ready, .. } => {
                not_ready.rejects(now).then_some(Refusal::SnapshotNotReady)
            }
            ConstraintKind::Denied
            | ConstraintKind::TenantRequired
            | ConstraintKind::Durable
            | ConstraintKind::Reserved(_)
            | ConstraintKind::Account(_)
            | ConstraintKind::CallerRate(_)
            | ConstraintKind::FunctionRate(_)
            | ConstraintKind::ColdStarts(_) => None,
        })?;
        if is_event {
            return Ok(None);
        }
        let has_reserved = self.refuse_by_concurrency(request)?;
        self.refuse_by(request, &|constraint| match &mut constraint.kind {
            ConstraintKind::FunctionRate(bucket) => {
                (!bucket.take(now)).then_some(Refusal::FunctionRate {
                    rate: bucket.rate,
                    has_reserved,
                })
            }
            ConstraintKind::Denied
            | ConstraintKind::TenantRequired
            | ConstraintKind::Durable
            | ConstraintKind::Reserved(_)
            | ConstraintKind::Account(_)
            | ConstraintKind::CallerRate(_)
            | ConstraintKind::Pending(_)
            | ConstraintKind::Updating(_)
            | ConstraintKind::ColdStarts(_)
            | ConstraintKind::SnapStart { .. } => None,
        })?;
        Ok(Some(self.take_slot(request, has_reserved)))
    }

    /// Admits an execution from the queue if there is concurrency for it; rates do not apply.
    pub(crate) fn admit_from_queue(&mut self, request: &Target) -> Result<Slot, Refusal> {
        let has_reserved = self.refuse_by_concurrency(request)?;
        Ok(self.take_slot(request, has_reserved))
    }

    fn note_met(&mut self, request: &Target) {
        for (_, constraint) in self.covering(request) {
            constraint.was_met = true;
        }
    }

    fn refuse_by(
        &mut self,
        request: &Target,
        refuses: &dyn Fn(&mut ConstraintData) -> Option<Refusal>,
    ) -> Result<(), Refusal> {
        for (_, constraint) in self.covering(request) {
            if let Some(refusal) = refuses(constraint) {
                constraint.refused += 1;
                constraint.was_met = true;
                return Err(refusal);
            }
        }
        Ok(())
    }

    /// Returns whether the function has reserved concurrency. Rejects the request if the function's
    /// reserved concurrency, or else the account's, is all in use.
    fn refuse_by_concurrency(&mut self, request: &Target) -> Result<bool, Refusal> {
        let reserved = self.reserved();
        let has_reserved = self.has_reserved(request);
        self.refuse_by(request, &|constraint| match constraint.kind {
            ConstraintKind::Reserved(executions)
                if constraint.under_way >= u64::from(executions) =>
            {
                Some(Refusal::Reserved { executions })
            }
            ConstraintKind::Account(executions) if !has_reserved => {
                let unreserved = u64::from(executions).saturating_sub(reserved);
                (constraint.under_way >= unreserved).then_some(Refusal::Account {
                    executions,
                    reserved,
                })
            }
            ConstraintKind::Denied
            | ConstraintKind::TenantRequired
            | ConstraintKind::Durable
            | ConstraintKind::Reserved(_)
            | ConstraintKind::Account(_)
            | ConstraintKind::CallerRate(_)
            | ConstraintKind::FunctionRate(_)
            | ConstraintKind::Pending(_)
            | ConstraintKind::Updating(_)
            | ConstraintKind::ColdStarts(_)
            | ConstraintKind::SnapStart { .. } => None,
        })?;
        Ok(has_reserved)
    }

    fn take_slot(&mut self, request: &Target, has_reserved: bool) -> Slot {
        let mut counted_by = Vec::new();
        for (id, constraint) in self.covering(request) {
            // A run of a function with reserved concurrency uses none of the account's shared part.
            if has_reserved && matches!(constraint.kind, ConstraintKind::Account(_)) {
                continue;
            }
            constraint.under_way += 1;
            constraint.peak = constraint.peak.max(constraint.under_way);
            counted_by.push(id);
        }
        self.last += 1;
        let execution = Slot(self.last);
        let running = SlotUse {
            counted_by,
            environment: None,
        };
        self.executions.insert(execution, running);
        execution
    }

    fn reserved(&self) -> u64 {
        let active = self.all.iter().filter(|constraint| !constraint.is_stopped);
        active
            .map(|constraint| match constraint.kind {
                ConstraintKind::Reserved(executions) => u64::from(executions),
                ConstraintKind::Denied
                | ConstraintKind::TenantRequired
                | ConstraintKind::Durable
                | ConstraintKind::Account(_)
                | ConstraintKind::CallerRate(_)
                | ConstraintKind::FunctionRate(_)
                | ConstraintKind::Pending(_)
                | ConstraintKind::Updating(_)
                | ConstraintKind::ColdStarts(_)
                | ConstraintKind::SnapStart { .. } => 0,
            })
            .sum()
    }

    fn has_reserved(&self, request: &Target) -> bool {
        let reserves =
            |constraint: &ConstraintData| matches!(constraint.kind, ConstraintKind::Reserved(_));
        self.all
            .iter()
            .any(|constraint| reserves(constraint) && constraint.covers(request))
    }
}
