//! Streams: the reaction of each SDK when its caller reads a stream until it ends.

use fake_lambda::{FakeLambda, Reply};
use rstest::rstest;
use serde_json::json;

use crate::sdk::Sdk;
use crate::stream_rows::{compare, rows, with_attempts};

#[rstest]
#[case::boto3(Sdk::Boto3, "boto3")]
#[case::java_script(Sdk::JavaScript, "js")]
#[ignore = "needs the SDKs: tests/interop/run"]
fn every_stream_has_its_reaction(#[case] sdk: Sdk, #[case] column: &str) {
    let lambda = FakeLambda::start();
    let mut calls = Vec::new();
    for (number, row) in rows().into_iter().enumerate() {
        let function = format!("f{number}");
        lambda.on(&function).reply(row.reply);
        let mut call = json!({"FunctionName": function, "Stream": true});
        if row.hangs {
            call["Patience"] = json!(0.4);
        }
        calls.push(call);
    }
    let got = sdk.reactions(&lambda, &calls);
    lambda.wait_until_idle().block();
    let measured: Vec<_> = got
        .into_iter()
        .enumerate()
        .map(|(number, got)| {
            let call = lambda.seen(format!("f{number}")).only_call();
            Some(with_attempts(got, call.attempts().len()))
        })
        .collect();
    compare(column, &measured);
}

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn a_log_is_in_the_last_event(#[case] sdk: Sdk) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Reply::stream(["Hel", "lo"]));
    let call = json!({"FunctionName": "f", "Stream": true, "LogType": "Tail"});
    let got = sdk.reactions(&lambda, &[call]);
    assert_eq!(got, [r#""Hel"; "lo"; InvokeComplete with a log; end"#]);
}
