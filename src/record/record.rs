//! The record of one fake: the journal's entries, and the findings of verification.

use std::mem;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::finding::{Finding, Found};
use super::journal::{Journal, JournalLimits, Log};
use crate::behavior::chaos::Summary;
use crate::ground::clock::Clock;
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::ground::unpolled::UnpolledWaits;

/// The most findings to keep; a fake that gets bad requests in a loop has then reported enough.
const MAX_FINDINGS: usize = 100;

pub(crate) struct Record {
    pub(crate) newest_outage: Option<StartedOutage>,
    /// The start of a pause that held a request when the test panicked.
    pub(crate) failed_pause: Option<Location>,
    pub(crate) log: Log,
    pub(crate) findings: Findings,
    pub(crate) unpolled: UnpolledWaits,
    /// The functions that the test asked about by name, or by the counters of their constraint.
    pub(crate) asked: FxHashSet<Arc<str>>,
    /// How many connections an outage refused.
    #[cfg(feature = "in-memory")]
    pub(crate) refused_connections: u64,
    /// How many requests were refused for their signatures.
    pub(crate) refused_signatures: u64,
    /// Whether verification has reported that the number of refused signatures is not what the test
    /// expects.
    pub(crate) reported_refusals: bool,
}

/// The start of an outage.
#[derive(Clone, Debug)]
pub(crate) struct StartedOutage {
    pub(crate) begun_at: Location,
    /// The number of the last call before it; 0 if there was none.
    pub(crate) last_call: u64,
}

/// Findings that have not been reported yet.
#[derive(Default)]
pub(crate) struct Findings {
    kept: Vec<Found>,
    /// The number of findings beyond those kept.
    more: u64,
}

/// The contents of the report of a verification or a drop.
pub(crate) struct Reported {
    pub(crate) findings: Vec<Found>,
    /// The number of findings beyond those in `findings`.
    pub(crate) more_findings: u64,
    pub(crate) journal: Journal,
    /// Whether tokio's clock is paused for the test.
    pub(crate) is_clock_paused: bool,
    pub(crate) chaos: Option<Summary>,
    /// Whether anything in the script depends on the fake's seed.
    pub(crate) has_drawn: bool,
}

impl Reported {
    /// How many problems there are.
    pub(crate) fn found(&self) -> u64 {
        self.findings.len() as u64 + self.more_findings
    }
}

impl Record {
    pub(crate) fn new(limits: JournalLimits, clock: Clock) -> Self {
        Self {
            newest_outage: None,
            failed_pause: None,
            log: Log::new(limits, clock),
            findings: Findings::default(),
            unpolled: UnpolledWaits::default(),
            #[cfg(feature = "in-memory")]
            refused_connections: 0,
            refused_signatures: 0,
            asked: FxHashSet::default(),
            reported_refusals: false,
        }
    }
}

impl Record {
    /// The finding that requests were not refused for their signatures as often as the test
    /// expects; it is returned only once.
    pub(crate) fn unmet_refusals(
        &mut self,
        expected: Option<&(Count, Option<Location>)>,
    ) -> Vec<Finding> {
        let got = self.refused_signatures;
        let unmet = expected.filter(|(count, _)| !count.contains(got) && !self.reported_refusals);
        self.reported_refusals |= unmet.is_some();
        let finding = unmet.map(|(expected, written_at)| Finding::UnmetRefusals {
            expected: *expected,
            got,
            written_at: written_at.clone(),
        });
        finding.into_iter().collect()
    }
}

impl Findings {
    /// Keeps a finding; findings about the same mistake are merged.
    pub(crate) fn add(&mut self, finding: Finding) {
        if self.kept.iter_mut().any(|known| known.merge(&finding)) {
            return;
        }
        if self.kept.len() < MAX_FINDINGS {
            self.kept.push(Found::of(finding));
        } else {
            self.more += 1;
        }
    }

    /// Takes all of them, and the number of further ones.
    pub(crate) fn take(&mut self) -> (Vec<Found>, u64) {
        (mem::take(&mut self.kept), mem::take(&mut self.more))
    }
}
