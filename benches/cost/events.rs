//! The cost of accepted events while they are queued, and how fast they settle, in a child process.
//!
//! Each event fails at first and succeeds when it is retried. The journal keeps one call, so only
//! the queue grows.

use std::env;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use fake_lambda::{FakeLambda, FunctionError};
use serde_json::json;

use crate::client::{function_name, invocations_path};
use crate::kept::resident_bytes;
use crate::meter::succeed;

/// Precedes the hidden argument, a number of events.
pub(crate) const CHILD_FLAG: &str = "--events";

/// The number of queued events in the larger of the two measurements.
pub(crate) const MANY: usize = 100_000;

/// The number of requests that are sent before their replies are read.
const AHEAD: usize = 100;

/// The figures for one number of events.
#[derive(Debug)]
pub(crate) struct Events {
    /// The time from the call of `settle_events` to the end of the last event.
    pub(crate) settled_in_microseconds: f64,
    /// The growth of the process's memory per event, if this platform reports it.
    pub(crate) bytes_each: Option<f64>,
}

/// Queues and settles this many events in a child process.
pub(crate) fn measure(events: usize) -> Events {
    let mut child = Command::new(env::current_exe().expect("the path of this binary"));
    let output = succeed(child.args([CHILD_FLAG, &events.to_string()]));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut figures = printed.split_whitespace().map(|figure| figure.parse().ok());
    Events {
        settled_in_microseconds: figures
            .next()
            .flatten()
            .expect("the child prints how long it took"),
        bytes_each: figures.next().flatten(),
    }
}

/// Runs the measurement in this process, and prints the microseconds followed by the bytes.
pub(crate) fn run_child(events: &str) {
    let events: usize = events.parse().expect("a number of events");
    let lambda = FakeLambda::builder().journal_calls(1).start();
    let name = function_name(0);
    let failed = FunctionError::new("Error", "boom");
    let script = lambda.on(&name).reply(failed).times(events as u64 + 1);
    script.then(json!({"ok": true}));

    let mut client = TcpStream::connect(("127.0.0.1", lambda.port())).expect("the fake listens");
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: localhost\r\nX-Amz-Invocation-Type: Event\r\nContent-Length: 8\r\n\r\n{{\"id\":7}}",
        invocations_path(&name)
    );
    // The first reply shows the length of all: every head of a 202 has the same length.
    client
        .write_all(request.as_bytes())
        .expect("the fake reads");
    let mut first = [0; 1_024];
    let length = client.read(&mut first).expect("the fake answers");
    assert!(first.starts_with(b"HTTP/1.1 202 "), "the event is accepted");

    let before = resident_bytes();
    let mut replies = vec![0; length * AHEAD];
    for start in (0..events).step_by(AHEAD) {
        let some = AHEAD.min(events - start);
        let requests = request.repeat(some);
        client
            .write_all(requests.as_bytes())
            .expect("the fake reads");
        client
            .read_exact(&mut replies[..length * some])
            .expect("the fake answers each");
    }
    let after = resident_bytes();
    let begun = Instant::now();
    lambda
        .settle_events()
        .within(Duration::from_secs(60))
        .block();
    print!("{}", begun.elapsed().as_secs_f64() * 1e6);
    if let (Some(before), Some(after)) = (before, after) {
        print!(" {}", after.saturating_sub(before) as f64 / events as f64);
    }
    println!();
    crate::leave_without_drops(0);
}
