//! The CPU time of a sweep of failure modes, in a child process, with a client of the AWS SDK that
//! makes two calls.

use std::env;
use std::fs;
use std::process::Command;

use fake_lambda::sweep::{Mode, Modes};
use fake_lambda::{FakeLambda, Fault, FunctionError, sdk_client};
use serde_json::{Value, json};

use crate::meter::succeed;

/// Precedes the hidden argument, the name of a set of modes.
pub(crate) const CHILD_FLAG: &str = "--sweep";

/// 43 modes, once and always, at two functions.
pub(crate) const CELLS_172: &str = "172-cells";

/// The default modes at two functions.
pub(crate) const DEFAULT_MODES: &str = "default-modes";

/// The length of a tick of `/proc/self/stat` on every Linux.
const MICROSECONDS_PER_TICK: f64 = 10_000.0;

/// The CPU time of all threads in microseconds, the lowest of three runs; `None` if the system does
/// not report it.
pub(crate) fn cpu_time(modes: &str) -> Option<f64> {
    let run = |_| {
        let mut child = Command::new(env::current_exe().expect("the path of this binary"));
        let output = succeed(child.args([CHILD_FLAG, modes]));
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    };
    (0..3)
        .map(run)
        .reduce(|one: Option<f64>, other| Some(one?.min(other?)))?
}

/// Runs the sweep in this process, and prints the microseconds.
pub(crate) fn run_child(modes: &str) {
    let is_default = modes == DEFAULT_MODES;
    let modes = if is_default {
        Modes::documented()
    } else {
        few()
    };
    let before = ticks();
    let report = fake_lambda::sweep(two_functions, order).modes(modes).run();
    let after = ticks();
    assert!(is_default || report.cells().len() == 172, "{report}");
    if let (Some(before), Some(after)) = (before, after) {
        println!("{}", (after - before) as f64 * MICROSECONDS_PER_TICK);
    }
}

fn few() -> Modes {
    let errors = Modes::errors()
        .and(Mode::new("thrown", FunctionError::new("E", "boom")))
        .and(Mode::new("out of memory", FunctionError::out_of_memory()));
    let faults = [
        Fault::Reset,
        Fault::CloseBeforeReply,
        Fault::Hang,
        Fault::Garbage,
        Fault::ResetInHead,
        Fault::TruncateHead,
        Fault::TruncateAfter(1),
        Fault::ResetAfter(1),
        Fault::StallAfter(1),
        Fault::BadChunk,
        Fault::LengthTooLong(7),
    ];
    faults.into_iter().fold(errors, Modes::and)
}

fn two_functions(lambda: &FakeLambda) {
    lambda.on("price").reply(json!({"amount": 42}));
    lambda.on("pay").reply(json!({"ok": true}));
}

async fn order(lambda: &FakeLambda) -> Result<String, String> {
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let price = client.invoke().function_name("price").send().await;
    let price = price.map_err(|error| format!("price: {error}"))?;
    let price = price.payload().map_or(&b""[..], |blob| blob.as_ref());
    let price: Value = serde_json::from_slice(price).map_err(|error| error.to_string())?;
    let amount = price["amount"].as_u64().ok_or("no amount")?;
    let payment = json!({"amount": amount}).to_string().into_bytes();
    let paid = client.invoke().function_name("pay").payload(payment.into());
    let paid = paid.send().await.map_err(|error| format!("pay: {error}"))?;
    match paid.function_error() {
        Some(_) => Err("declined".to_owned()),
        None => Ok(format!("paid {amount}")),
    }
}

/// The CPU time of every thread of this process, including those that have ended.
fn ticks() -> Option<u64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // After the name, which is in parentheses: the 12th and the 13th field.
    let fields = stat.rsplit_once(')')?.1.split_whitespace();
    let times = fields.skip(11).take(2).map(|field| field.parse::<u64>());
    times.sum::<Result<u64, _>>().ok()
}
