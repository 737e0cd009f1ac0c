//! The memory that a server keeps of large requests, as the growth of a child process.
//!
//! The resident set is read twice in the same process with the server alive and the client's
//! buffers built, so only the server grows. Without `/proc` there is no figure.

use std::env;
use std::fs;
use std::process::Command;

use crate::client::Client;
use crate::engine::Engine;
use crate::meter::succeed;
use crate::payload::Payload;

/// Precedes the hidden argument, an engine's name.
pub(crate) const CHILD_FLAG: &str = "--kept";

const REQUESTS: usize = 64;
const MIB: usize = 1024 * 1024;

/// The total number of payload bytes in the large requests.
pub(crate) const SENT_BYTES: usize = REQUESTS * 4 * MIB;

/// The most payload bytes that our fake keeps by default.
pub(crate) const DEFAULT_CAP_BYTES: usize = 64 * MIB;

/// The growth of the engine's process in bytes, if this platform reports it.
pub(crate) fn growth(engine: Engine) -> Option<f64> {
    let mut child = Command::new(env::current_exe().expect("the path of this binary"));
    let output = succeed(child.args([CHILD_FLAG, engine.name()]));
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// Sends the requests to the named engine and prints the growth of the process in bytes.
pub(crate) fn run_child(engine: &str) {
    let server = Engine::named(engine).run(1);
    let mut large = Client::connect(&server.reach, 1, &Payload::String4Mib.bytes());
    let mut small = Client::connect(&server.reach, 1, &Payload::Small.bytes());

    // A small request warms up; a large one would leave its buffers in the first reading.
    small.call();
    let before = resident_bytes();
    for _ in 0..REQUESTS {
        large.call();
    }
    // Each engine answers on one thread: when this reply arrives, the last large request has been
    // dropped.
    small.call();
    let after = resident_bytes();
    if let (Some(before), Some(after)) = (before, after) {
        println!("{}", after.saturating_sub(before));
    }
    crate::leave_without_drops(0);
}

pub(crate) fn resident_bytes() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}
