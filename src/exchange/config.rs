//! What the builder was told.

use std::time::Duration;

use crate::aws::words::LogFormat;
use crate::behavior::events;
use crate::ground::location::Location;
use crate::record::journal::JournalLimits;
use crate::reply::capability::TransportKind;
use crate::request::invocation::Defaults;

/// What the builder was told.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) seed: u64,
    pub(crate) defaults: Defaults,
    pub(crate) allows_unscripted: bool,
    pub(crate) log_format: LogFormat,
    pub(crate) limits: JournalLimits,
    /// Whether events run to their end by themselves.
    pub(crate) runs_events: bool,
    /// What carries the requests and replies.
    pub(crate) transport: TransportKind,
    /// After how long without any change a request that is held is told on standard error.
    pub(crate) stuck_after: Duration,
    pub(crate) started_at: Location,
    /// The test that a fixture started the fake for: the line is the fixture's then.
    pub(crate) fixture_of: Option<String>,
}

impl Config {
    /// Where the fake was started, as reports say it.
    pub(crate) fn started(&self) -> String {
        match &self.fixture_of {
            Some(test) => format!("started by the fixture of `{test}`"),
            None => format!("started at {}", self.started_at),
        }
    }

    /// How many ended events are kept: as many as calls.
    pub(super) fn event_limits(&self) -> events::EventLimits {
        events::EventLimits {
            events: self.limits.calls,
            bytes: self.limits.bytes,
        }
    }
}
