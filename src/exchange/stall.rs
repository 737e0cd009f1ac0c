//! Detects that a request is held while nothing else happens, and reports it on standard error, so
//! that a test never hangs silently.

use std::io::{self, Write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use super::exchange::Exchange;
use crate::ground::timer::wake_at;
use crate::record::report;

/// The number of checks during the time after which a stall is reported, so that the report is late
/// by one interval at most.
const PARTS: u32 = 4;

/// The shortest interval between two checks.
const SHORTEST: Duration = Duration::from_millis(1);

/// The longest interval between two checks; no test lasts that long.
const LONGEST: Duration = Duration::from_secs(60 * 60 * 24);

/// Checks an exchange periodically; woken by the process's timer.
struct Watch {
    /// Weak, so that the watch ends with the fake.
    exchange: Weak<Exchange>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// The number of changes at the last check.
    changes: u64,
    /// The number of checks without a change.
    quiet: u32,
}

impl Exchange {
    /// Watches held requests from now on, until there are none.
    pub(crate) fn watch(self: &Arc<Self>) {
        if self.config.stuck_after == Duration::MAX || self.watched.swap(true, Ordering::SeqCst) {
            return;
        }
        let watch = Watch {
            exchange: Arc::downgrade(self),
            seen: Mutex::default(),
        };
        Arc::new(watch).check_later(self);
    }
}

impl Watch {
    fn check_later(self: Arc<Self>, exchange: &Exchange) {
        let part = (exchange.config.stuck_after / PARTS).clamp(SHORTEST, LONGEST);
        if let Some(at) = Instant::now().checked_add(part) {
            wake_at(at, &Waker::from(self));
        }
    }

    /// Returns `true` if a stall must be reported now.
    fn is_due(&self, changes: u64) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let quiet = match seen.changes == changes {
            true => seen.quiet.saturating_add(1),
            false => 0,
        };
        *seen = Seen { changes, quiet };
        quiet == PARTS
    }
}

impl Wake for Watch {
    fn wake(self: Arc<Self>) {
        let Some(exchange) = self.exchange.upgrade() else {
            return;
        };
        let is_open = || {
            exchange.read(|state| !state.intake.is_closed() && state.record.log.open_attempts() > 0)
        };
        if !is_open() {
            exchange.watched.store(false, Ordering::SeqCst);
            // A request may have arrived in the meantime and seen that a watch exists.
            if !is_open() || exchange.watched.swap(true, Ordering::SeqCst) {
                return;
            }
        }
        if self.is_due(exchange.read(|state| state.changes)) {
            let (started, length) = (exchange.config.started(), exchange.config.stuck_after);
            let notice =
                exchange.read(|state| report::stuck(&started, length, &state.unanswered()));
            if let Some(notice) = notice {
                // Not `eprintln!`: a test harness captures it until the test ends, which may never
                // happen.
                let _ = io::stderr().write_all(notice.as_bytes());
            }
        }
        self.check_later(&exchange);
    }
}
