//! Faults and malformed replies: how each SDK handles one that every attempt gets, and how often it
//! retries.

use fake_lambda::FakeLambda;
use rstest::rstest;
use serde_json::json;

use crate::rows::{PATIENCE, Reaction, compare, rows};
use crate::sdk::Sdk;

#[rstest]
#[case::boto3(Sdk::Boto3, "boto3")]
#[case::java_script(Sdk::JavaScript, "js")]
#[ignore = "needs the SDKs: tests/interop/run"]
fn every_fault_and_malformed_reply_has_its_error_and_attempts(
    #[case] sdk: Sdk,
    #[case] column: &str,
) {
    let lambda = FakeLambda::start();
    let mut calls = Vec::new();
    for (number, row) in rows().into_iter().enumerate() {
        let function = format!("f{number}");
        row.script(&lambda, &function);
        let mut call = json!({"FunctionName": function, "Reaction": true, "Again": row.again});
        if row.hangs() {
            call["Patience"] = json!(PATIENCE.as_secs_f64());
        }
        calls.push(call);
    }
    let got = sdk.reactions(&lambda, &calls);
    lambda.wait_until_idle().block();
    let measured: Vec<_> = got
        .into_iter()
        .enumerate()
        .map(|(number, got)| {
            let calls = lambda.seen(format!("f{number}")).calls();
            let attempts = calls.last().expect("a call").attempts().len() as u64;
            Reaction { attempts, got }
        })
        .collect();
    compare(column, &measured);
}
