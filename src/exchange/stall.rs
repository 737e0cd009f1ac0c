//! Notices that a request is held and nothing else happens, and says so on standard error: nothing hangs without a word.

use std::io::{self, Write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use super::exchange::Exchange;
use crate::ground::timer::wake_at;
use crate::record::report;

/// Into how many parts the time is divided after which a stall is told: it is told by one part too late at most.
const PARTS: u32 = 4;

/// The shortest time between two looks.
const SHORTEST: Duration = Duration::from_millis(1);

/// The longest time between two looks: no test lasts so long.
const LONGEST: Duration = Duration::from_secs(60 * 60 * 24);

/// Looks at an exchange, and is woken by the process's timer to do so.
struct Watch {
    /// The watch ends with the fake.
    exchange: Weak<Exchange>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// How many changes there had been.
    changes: u64,
    /// For how many looks nothing has changed.
    quiet: u32,
}

impl Exchange {
    /// Looks at what is held from now on, until nothing is.
    pub(crate) fn watch(self: &Arc<Self>) {
        if self.config.stuck_after == Duration::MAX || self.watched.swap(true, Ordering::SeqCst) {
            return;
        }
        let watch = Watch {
            exchange: Arc::downgrade(self),
            seen: Mutex::default(),
        };
        Arc::new(watch).look_later(self);
    }
}

impl Watch {
    fn look_later(self: Arc<Self>, exchange: &Exchange) {
        let part = (exchange.config.stuck_after / PARTS).clamp(SHORTEST, LONGEST);
        if let Some(at) = Instant::now().checked_add(part) {
            wake_at(at, &Waker::from(self));
        }
    }

    /// Whether it is told now that nothing has happened for long.
    fn is_told(&self, changes: u64) -> bool {
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
            // One may have come meanwhile and found that somebody looks.
            if !is_open() || exchange.watched.swap(true, Ordering::SeqCst) {
                return;
            }
        }
        if self.is_told(exchange.read(|state| state.changes)) {
            let (started, length) = (exchange.config.started(), exchange.config.stuck_after);
            let told = exchange.read(|state| report::stuck(&started, length, &state.unanswered()));
            if let Some(told) = told {
                // Not `eprintln!`: a test harness would keep it until the test ends, which it may never do.
                let _ = io::stderr().write_all(told.as_bytes());
            }
        }
        self.look_later(&exchange);
    }
}
