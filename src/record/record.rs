//! What happened at one fake: the journal's entries, and what verification will say.

use std::mem;

use super::finding::{Finding, Found};
use super::journal::{JournalLimits, Log};

/// The most findings kept; a fake in a loop of bad requests has reported enough by then.
const MAX_FINDINGS: usize = 100;

pub(crate) struct Record {
    pub(crate) log: Log,
    pub(crate) findings: Findings,
}

/// What was found and not reported yet.
#[derive(Default)]
pub(crate) struct Findings {
    kept: Vec<Found>,
    /// How many there were beyond those kept.
    more: u64,
}

impl Record {
    pub(crate) fn new(limits: JournalLimits) -> Self {
        Self {
            log: Log::new(limits),
            findings: Findings::default(),
        }
    }
}

impl Findings {
    /// Keeps a finding; what several calls have in common is one.
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

    /// Takes all of them, and how many more there were.
    pub(crate) fn take(&mut self) -> (Vec<Found>, u64) {
        (mem::take(&mut self.kept), mem::take(&mut self.more))
    }
}
