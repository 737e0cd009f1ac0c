//! The failure-mode sweep, with the clients that it judges.

mod assertions;
mod clients;
mod events;
mod mistakes;
mod modes;
mod page;
mod streams;
mod texts;
mod verdicts;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use fake_lambda::sweep::{Report, Verdict};
use fake_lambda::{FakeLambda, sdk_client};
use serde_json::{Value, json};

use super::seconds;

/// A price, and a payment that depends on it.
fn two_functions(lambda: &FakeLambda) {
    lambda.on("price").reply(json!({"amount": 42}));
    lambda.on("pay").reply(json!({"paid": true}));
}

/// A client whose calls time out after a minute and make at most this many attempts each.
fn bounded(lambda: &FakeLambda, attempts: u32) -> Client {
    let timeouts = TimeoutConfig::builder().operation_timeout(seconds(60));
    super::client(lambda, timeouts.build(), attempts)
}

/// The result of a function, or what is wrong with it.
async fn invoked(client: &Client, function: &str, payload: Value) -> Result<Value, String> {
    let payload = payload.to_string().into_bytes();
    let call = client.invoke().function_name(function);
    let output = call.payload(payload.into()).send().await;
    let output = output.map_err(|error| format!("{function} cannot be called: {error}"))?;
    if output.function_error().is_some() {
        return Err(format!("{function} failed"));
    }
    let payload = output.payload().map_or(&b""[..], |blob| blob.as_ref());
    serde_json::from_slice(payload).map_err(|error| format!("{function}: {error}"))
}

/// A correct client: every failure is an error, and every call ends.
async fn correct(lambda: &FakeLambda) -> Result<String, String> {
    let client = bounded(lambda, 3);
    let price = invoked(&client, "price", json!(null)).await?;
    let amount = price["amount"].as_u64().ok_or("no amount")?;
    invoked(&client, "pay", json!({"amount": amount})).await?;
    Ok(format!("paid {amount}"))
}

/// A client without a timeout, which takes a function error for a price of 0.
async fn careless(lambda: &FakeLambda) -> Result<String, String> {
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let price = client.invoke().function_name("price").send().await;
    let price = price.map_err(|error| format!("price: {error}"))?;
    let price: Value = serde_json::from_slice(price.payload().unwrap().as_ref()).unwrap();
    let amount = price["amount"].as_u64().unwrap_or(0);
    invoked(&client, "pay", json!({"amount": amount})).await?;
    Ok(format!("paid {amount}"))
}

/// The verdicts in the order of the cells.
fn verdicts(report: &Report) -> Vec<Verdict> {
    report.cells().iter().map(|cell| cell.verdict()).collect()
}

/// A line for each cell, such as `price, once, Hang: unbounded, no result`.
fn lines(report: &Report) -> String {
    let cells = report.cells().iter().map(|cell| {
        format!(
            "{}, {}, {}: {}, {}",
            cell.function(),
            cell.persistence(),
            cell.mode(),
            cell.verdict(),
            cell.result()
        )
    });
    cells.collect::<Vec<_>>().join("\n")
}
