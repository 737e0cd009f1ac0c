//! A report depends on nothing but the tested code.

use serde_json::{Value, json};

use super::{Modes, Report, sweep};
use crate::{FakeLambda, Fault, ServiceError, sdk_client};

/// Two calls, whose client has no timeout and takes a function error for a price of 0.
async fn order(lambda: &FakeLambda) -> Result<String, String> {
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let price = client.invoke().function_name("price").send().await;
    let price = price.map_err(|error| format!("price: {error}"))?;
    let price: Value = serde_json::from_slice(price.payload().unwrap().as_ref()).unwrap();
    let amount = price["amount"].as_u64().unwrap_or(0);
    let payment = json!({"amount": amount}).to_string().into_bytes();
    let paid = client.invoke().function_name("pay").payload(payment.into());
    let paid = paid.send().await.map_err(|error| format!("pay: {error}"))?;
    match paid.function_error() {
        Some(_) => Err("declined".to_owned()),
        None => Ok(format!("paid {amount}")),
    }
}

fn two_functions(lambda: &FakeLambda) {
    lambda.on("price").reply(json!({"amount": 42}));
    lambda.on("pay").reply(json!({"ok": true}));
}

/// The report about these functions, and every number in it.
fn report(functions: &[&str], modes: Modes, threads: usize) -> (String, Value) {
    let sweep = sweep(two_functions, order).modes(modes);
    let sweep = sweep.on(functions.iter().copied()).threads(threads);
    let report: Report = sweep.run();
    (report.to_string(), report.to_json())
}

#[test]
fn a_report_is_the_same_in_100_runs_on_one_thread_and_on_many() {
    // A wait before a retry, a run that never ends, and a panic.
    let few = || {
        Modes::from(ServiceError::TooManyRequestsException)
            .and(Fault::StallAfter(1))
            .and(Fault::LengthTooShort(1))
    };
    let first = report(&["price"], few(), 1);
    for run in 0..100 {
        let next = report(&["price"], few(), run % 5 + 1);
        assert_eq!(next.0, first.0, "run {run}");
        assert_eq!(next.1, first.1, "run {run}");
    }
}

#[test]
fn a_report_of_each_part_of_the_default_modes_is_the_same_in_five_runs() {
    const PARTS: usize = 20;
    for part in 0..PARTS {
        let modes = || -> Modes {
            let all = Modes::documented();
            let of_part = all.iter().skip(part).step_by(PARTS);
            of_part.cloned().collect()
        };
        let first = report(&["price"], modes(), 1);
        for threads in 1..=4 {
            let next = report(&["price"], modes(), threads);
            assert_eq!(next.0, first.0, "part {part} on {threads} threads");
            assert_eq!(next.1, first.1, "part {part} on {threads} threads");
        }
    }
}

#[test]
fn a_report_of_the_default_modes_is_the_same_on_one_thread_and_on_many() {
    let first = report(&[], Modes::documented(), 1);
    let next = report(&[], Modes::documented(), 3);
    assert_eq!(next.0, first.0);
    assert_eq!(next.1, first.1);
}
