//! The cost of one call: instructions if valgrind is installed, wall time otherwise.
//!
//! An instruction count comes from two runs of a child process that differ only in their number of
//! calls. The difference of their counts, divided by the difference of the calls, does not include
//! starting, scripting and exiting.
//!
//! Instructions are misleading for large payloads, in both directions. glibc copies blocks from
//! about 2 KiB up to a part of the cache with `rep movsb`, which valgrind counts once per byte, so
//! a copy looks more expensive than it is. The kernel's share, above all fresh pages for kept data,
//! is not counted at all, so keeping data looks cheaper than it is. Therefore the table also shows
//! wall time.

use std::env;
use std::hint::black_box;
use std::process::{Command, Output};
use std::time::Instant;

use serde::de::IgnoredAny;

use crate::cell::Cell;
use crate::client::Client;
use crate::engine::Engine;
use crate::table::Unit;

/// Precedes the hidden argument `engine/cell/calls`.
pub(crate) const CHILD_FLAG: &str = "--cell";

/// The flag of a child whose instructions are counted.
pub(crate) const COUNTED_FLAG: &str = "--counted";

/// The name that replaces an engine's in a task without a server: each call is one pass of
/// serde_json over the payload.
const JSON_PASS: &str = "serde_json";

/// Without valgrind this many times more calls run in the same time.
const WALL_FACTOR: usize = 10;

/// How calls are measured on this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Meter {
    /// Instructions of the whole process, client included, as cachegrind counts them.
    Valgrind,
    /// Wall time, best of three children.
    WallClock,
    /// CPU time of every thread of the process, best of three children.
    #[cfg(feature = "in-memory")]
    CpuTime,
}

impl Meter {
    /// Uses valgrind if it is on the path.
    pub(crate) fn detect() -> Meter {
        let found = Command::new("valgrind").arg("--version").output();
        match found {
            Ok(output) if output.status.success() => Meter::Valgrind,
            _ => Meter::WallClock,
        }
    }

    /// Describes the figures, above the table.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Valgrind => "Cost of a call: instructions, client included",
            Self::WallClock => {
                "Cost of a call: WALL TIME (valgrind is not installed), client included"
            }
            #[cfg(feature = "in-memory")]
            Self::CpuTime => "Cost of a call: CPU time, client included",
        }
    }

    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::Valgrind => Unit::Instructions,
            Self::WallClock => Unit::Microseconds,
            #[cfg(feature = "in-memory")]
            Self::CpuTime => Unit::Microseconds,
        }
    }

    /// The cost of one call of the cell, client and server together.
    pub(crate) fn cost_of_call(self, engine: Engine, cell: &Cell, quick: bool) -> f64 {
        self.cost(engine.name(), cell, quick)
    }

    /// The cost of one pass of serde_json over the cell's payload.
    pub(crate) fn cost_of_json_pass(self, cell: &Cell, quick: bool) -> f64 {
        self.cost(JSON_PASS, cell, quick)
    }

    fn cost(self, subject: &str, cell: &Cell, quick: bool) -> f64 {
        let [few, many] = cell.calls(quick);
        let task = |calls: usize| format!("{subject}/{}/{calls}", cell.name);
        match self {
            Self::Valgrind => {
                let count = |task: &str| instructions(CHILD_FLAG, task);
                let more = count(&task(many)) - count(&task(few));
                more / (many - few) as f64
            }
            Self::WallClock => best_of_three(&task(WALL_FACTOR * many), 0, WALL_FACTOR * many),
            #[cfg(feature = "in-memory")]
            Self::CpuTime => best_of_three(&task(WALL_FACTOR * many), 1, WALL_FACTOR * many),
        }
    }
}

/// Runs `engine/cell/calls` and prints the nanoseconds of the calls, and those of CPU time.
pub(crate) fn run_child(task: &str) {
    let mut parts = task.split('/');
    let mut part = || parts.next().expect("a task has three parts");
    let (subject, cell, calls) = (part(), Cell::named(part()), part());
    let calls: usize = calls.parse().expect("the number of calls is a number");
    let payload = cell.payload.bytes();

    if subject == JSON_PASS {
        time(calls, || {
            black_box(
                serde_json::from_slice::<IgnoredAny>(black_box(&payload))
                    .expect("the payload is JSON"),
            );
        });
    } else {
        let server = Engine::named(subject).run(cell.functions);
        let mut client = Client::connect(&server.reach, cell.functions, &payload);
        time(calls, || client.call());
        crate::leave_without_drops(0);
    }
}

fn time(calls: usize, mut call: impl FnMut()) {
    // The first call includes the connection and the growth of buffers.
    call();
    let (begun, cpu) = (Instant::now(), cpu_nanoseconds());
    for _ in 0..calls {
        call();
    }
    let wall = begun.elapsed().as_nanos();
    println!("{wall} {}", cpu_nanoseconds() - cpu);
}

/// The CPU time of every thread of this process so far; 0 if the system does not report it.
fn cpu_nanoseconds() -> u64 {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else {
        return 0;
    };
    let time = |folder: std::path::PathBuf| {
        let text = std::fs::read_to_string(folder.join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    };
    threads.filter_map(|thread| time(thread.ok()?.path())).sum()
}

/// The microseconds per call; `place` is the position of the figure in what a child prints.
fn best_of_three(task: &str, place: usize, calls: usize) -> f64 {
    let best = (0..3)
        .map(|_| nanoseconds(task, place))
        .fold(f64::INFINITY, f64::min);
    best / calls as f64 / 1000.0
}

/// The instructions of a child, from start to exit: the lower of two counts.
///
/// Two counts of the same task differ, because the threads are scheduled differently each time:
/// this decides how often they switch, and whether a growing vector must be copied.
pub(crate) fn instructions(flag: &str, task: &str) -> f64 {
    count_once(flag, task).min(count_once(flag, task))
}

/// The instructions of a child, counted once by cachegrind: with the simulation of caches off, this
/// tool of valgrind does little else.
fn count_once(flag: &str, task: &str) -> f64 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args([
        "--tool=cachegrind",
        "--cache-sim=no",
        "--cachegrind-out-file=/dev/null",
    ]);
    valgrind.arg(env::current_exe().expect("the path of this binary"));
    let output = succeed(valgrind.args([flag, task, COUNTED_FLAG]));
    let summary = String::from_utf8_lossy(&output.stderr);
    // `==1234== I   refs:      1,234,567`, with more or fewer spaces in other versions.
    let count = summary.lines().find_map(|line| {
        let (name, count) = line.split_once("refs:")?;
        name.contains(" I ").then(|| count.trim().replace(',', ""))
    });
    let count =
        count.unwrap_or_else(|| panic!("valgrind printed no count of instructions:\n{summary}"));
    count.parse().expect("valgrind's count is a number")
}

fn nanoseconds(task: &str, place: usize) -> f64 {
    let mut child = Command::new(env::current_exe().expect("the path of this binary"));
    let output = succeed(child.args([CHILD_FLAG, task]));
    let printed = String::from_utf8_lossy(&output.stdout);
    let figure = printed.split_whitespace().nth(place);
    figure
        .and_then(|figure| figure.parse().ok())
        .expect("the child prints nanoseconds")
}

/// Runs a child until it ends.
///
/// # Panics
///
/// Panics if it fails, with its output.
pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command.output().expect("the child can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{said}");
    output
}
