//! The time a server takes to start, in wall time: most of it is spent in the kernel, which
//! instruction counts do not include.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use crate::bare_hyper::BareHyper;
use crate::ours;
use crate::wiremock_server::{caller_runtime, start_on};

/// Warm-up rounds: they load code and start the runtime that all bare hyper servers share.
const WARM_UP_ROUNDS: usize = 10;

/// The median start of each engine in microseconds.
#[derive(Debug)]
pub(crate) struct Starts {
    pub(crate) bare_hyper: f64,
    pub(crate) wiremock: f64,
    pub(crate) ours: f64,
}

/// Starts every engine once per round, so that a disturbance of the machine affects all of them.
pub(crate) fn medians(rounds: usize) -> Starts {
    let runtime = caller_runtime();
    let mut starts: [Vec<Duration>; 3] = Default::default();
    for round in 0..WARM_UP_ROUNDS + rounds {
        // The order rotates, so that no engine always comes after the same one.
        for turn in 0..starts.len() {
            let engine = (round + turn) % starts.len();
            let took = match engine {
                0 => time(BareHyper::start),
                1 => time(|| start_on(&runtime)),
                _ => time(ours::start),
            };
            if round >= WARM_UP_ROUNDS {
                starts[engine].push(took);
            }
        }
    }
    let [bare_hyper, wiremock, ours] = starts.map(median_microseconds);
    Starts {
        bare_hyper,
        wiremock,
        ours,
    }
}

fn time<Server>(start: impl FnOnce() -> Server) -> Duration {
    let begun = Instant::now();
    let server = black_box(start());
    let took = begun.elapsed();
    drop(server);
    // wiremock's thread ends some time after the drop and cannot be joined, so wait for it before
    // the next start.
    thread::sleep(Duration::from_millis(1));
    took
}

fn median_microseconds(mut starts: Vec<Duration>) -> f64 {
    starts.sort_unstable();
    starts[starts.len() / 2].as_secs_f64() * 1e6
}
