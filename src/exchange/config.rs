//! The settings of a fake that do not change after its start.

use std::time::Duration;

use crate::aws::words::LogFormat;
use crate::behavior::events;
use crate::ground::clock::{self, Clock};
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::record::journal::JournalLimits;
use crate::reply::capability::TransportKind;
use crate::reply::chunks::Boundaries;
use crate::request::invocation::Defaults;

/// The settings from the builder.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) seed: u64,
    pub(crate) defaults: Defaults,
    pub(crate) allows_unscripted: bool,
    /// How many requests the test expects to be refused for their signatures, and where it says so.
    pub(crate) expected_refusals: Option<(Count, Option<Location>)>,
    /// Whether verification reports what was scripted and not used.
    pub(crate) is_strict: bool,
    pub(crate) log_format: LogFormat,
    pub(crate) limits: JournalLimits,
    /// Whether events run by themselves until they end.
    pub(crate) runs_events: bool,
    /// Whether the events' clock follows the clock of the fake.
    pub(crate) events_follow: bool,
    /// How chunks become the events of a stream.
    pub(crate) boundaries: Boundaries,
    /// Whether streams are sent at the service's rate.
    pub(crate) limits_stream_rate: bool,
    /// The transport of requests and replies.
    pub(crate) transport: TransportKind,
    pub(crate) prints_journal: PrintsJournal,
    /// After how long without any change a held request is reported on standard error.
    pub(crate) stuck_after: Duration,
    pub(crate) started_at: Location,
    /// The test for which a fixture started the fake, because the start location is then the
    /// fixture's.
    pub(crate) fixture_of: Option<String>,
}

/// At which drops the journal is printed on standard error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PrintsJournal {
    Never,
    /// While the thread panics.
    AtFailure,
    Always,
}

impl Config {
    /// Where the fake was started, as reports print it.
    pub(crate) fn started(&self) -> String {
        match &self.fixture_of {
            Some(test) => format!("started by the fixture of `{test}`"),
            None => format!("started at {}", self.started_at),
        }
    }

    /// The clock by which this fake measures time.
    pub(crate) fn clock(&self) -> Clock {
        self.transport.clock()
    }

    /// Returns `true` if tokio's clock is paused and this fake does not measure with it: a client's
    /// timeouts then pass before the fake can answer.
    pub(crate) fn is_clock_paused(&self) -> bool {
        !self.clock().is_virtual() && clock::is_paused()
    }

    /// The limits of the ended events to keep: the same as those of the journal.
    pub(super) fn event_limits(&self) -> events::EventLimits {
        events::EventLimits {
            events: self.limits.calls,
            bytes: self.limits.bytes,
        }
    }
}
