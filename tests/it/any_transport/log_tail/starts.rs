//! Which runs warm an environment, and the position of the header.

use fake_lambda::{Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::{Value, json};

use super::{TAIL, bytes_of_tail, json_fake, start, start_with, tail};
use crate::raw;

#[test]
fn a_cold_start_logs_its_init_and_a_warm_one_does_not() {
    let lambda = start();
    lambda
        .on("pay")
        .reply(Reply::json(json!({})).log("charging card 42"));
    assert_eq!(
        tail(&lambda, "pay"),
        "START RequestId: <id> Version: $LATEST\ncharging card 42\nEND RequestId: <id>\n\
         REPORT RequestId: <id>\tDuration: 11.20 ms\tBilled Duration: 318 ms\tMemory Size: 128 MB\tMax Memory Used: 37 MB\tInit Duration: 306.33 ms\t\n"
    );
    assert_eq!(
        tail(&lambda, "pay"),
        "START RequestId: <id> Version: $LATEST\ncharging card 42\nEND RequestId: <id>\n\
         REPORT RequestId: <id>\tDuration: 21.93 ms\tBilled Duration: 22 ms\tMemory Size: 128 MB\tMax Memory Used: 69 MB\t\n"
    );
}

#[test]
fn a_json_log_of_a_cold_start_begins_with_the_init() {
    let lambda = json_fake();
    lambda
        .on("pay")
        .reply(Reply::json(json!({})).log("charging \"card\" 42"));
    insta::assert_snapshot!(tail(&lambda, "pay"), @r#"
    {"time":"2026-01-01T00:00:00.000Z","type":"platform.initStart","record":{"initializationType":"on-demand","phase":"init","runtimeVersion":"provided:al2023.v97","runtimeVersionArn":"arn:aws:lambda:us-east-1::runtime:c41794fa37de91d5a4c88f2a471b21f574288707c433f12c13d96fe25015cab8","functionName":"pay","functionVersion":"$LATEST","instanceId":"2026/01/01/pay[$LATEST]33cabc97b8c48ed6e54cfa74fcd70079","instanceMaxMemory":134217728}}
    {"time":"2026-01-01T00:00:00.306Z","type":"platform.start","record":{"requestId":"<id>","functionArn":"arn:aws:lambda:us-east-1:123456789012:function:pay","version":"$LATEST"}}
    {"timestamp":"2026-01-01T00:00:00.306Z","level":"INFO","requestId":"<id>","message":"charging \"card\" 42"}
    {"time":"2026-01-01T00:00:00.317Z","type":"platform.report","record":{"requestId":"<id>","metrics":{"durationMs":11.198,"billedDurationMs":318,"memorySizeMB":128,"maxMemoryUsedMB":37,"initDurationMs":306.329},"status":"success"}}
    "#);
    insta::assert_snapshot!(tail(&lambda, "pay"), @r#"
    {"time":"2026-01-01T00:00:00.000Z","type":"platform.start","record":{"requestId":"<id>","functionArn":"arn:aws:lambda:us-east-1:123456789012:function:pay","version":"$LATEST"}}
    {"timestamp":"2026-01-01T00:00:00.000Z","level":"INFO","requestId":"<id>","message":"charging \"card\" 42"}
    {"time":"2026-01-01T00:00:00.021Z","type":"platform.report","record":{"requestId":"<id>","metrics":{"durationMs":21.925,"billedDurationMs":22,"memorySizeMB":128,"maxMemoryUsedMB":69},"status":"success"}}
    "#);
    let (_, bytes) = bytes_of_tail(&lambda, "pay");
    assert_eq!(bytes.last(), Some(&b'}'), "no line break at the end");
}

#[test]
fn the_log_header_is_between_the_version_and_the_trace_id() {
    let lambda = start();
    lambda.on("pay").reply(json!({}));
    let reply = raw::invoke(&lambda, "pay", &[TAIL], "{}");
    let names: Vec<_> = reply
        .head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        [
            "Date",
            "Content-Type",
            "Content-Length",
            "Connection",
            "x-amzn-RequestId",
            "x-amzn-Remapped-Content-Length",
            "X-Amz-Executed-Version",
            "X-Amz-Log-Result",
            "X-Amzn-Trace-Id",
        ]
    );
}

#[test]
fn the_log_of_a_qualified_call_has_the_version_that_ran() {
    let lambda = json_fake();
    lambda.publish_version("pay:7");
    lambda.alias("pay:live", "7");
    lambda.on("pay").reply(json!({}));
    lambda
        .on("refund")
        .reply(Reply::json(json!({})).executed_version("3"));
    let records: Vec<Value> = tail(&lambda, "pay:live")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(records[0]["record"]["functionVersion"], "7");
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:pay:live";
    assert_eq!(
        records[1]["record"],
        json!({"requestId": "<id>", "functionArn": arn, "version": "7"})
    );
    // The alias's version is the one that runs here as well, so there is no cold start.
    assert!(!tail(&lambda, "pay:7").contains("initStart"));
    assert!(tail(&lambda, "refund").contains(r#""version":"3""#));
}

#[test]
fn a_text_log_also_has_the_version_that_ran() {
    let lambda = start();
    lambda.on("pay").reply(json!({}));
    assert!(tail(&lambda, "pay:7").starts_with("START RequestId: <id> Version: 7\n"));
    let unqualified = tail(&lambda, "pay");
    assert!(unqualified.starts_with("START RequestId: <id> Version: $LATEST\n"));
    assert!(
        unqualified.contains("\tInit Duration: "),
        "another version is another environment: {unqualified}"
    );
}

#[test]
fn only_a_run_warms_an_environment() {
    let lambda = start();
    lambda
        .on("pay")
        .reply(ServiceError::TooManyRequestsException)
        .then(Reply::handle(async |_: Invocation| {
            ServiceError::ServiceException
        }))
        .then(json!({}));
    raw::invoke(&lambda, "pay", &[], "{}");
    raw::invoke(&lambda, "pay", &[], "{}");
    raw::invoke(&lambda, "pay", &["X-Amz-Invocation-Type: DryRun"], "{}");
    assert!(tail(&lambda, "pay").contains("\tInit Duration: "));
}

#[rstest]
#[case::without_a_tail("X-Amz-Log-Type: None")]
#[case::event("X-Amz-Invocation-Type: Event")]
fn every_run_warms_the_environment(#[case] field: &str, #[values(false, true)] by_handler: bool) {
    let lambda = start();
    if by_handler {
        lambda.on("pay").handle(async |_: Invocation| json!({}));
    } else {
        lambda.on("pay").reply(json!({}));
    }
    raw::invoke(&lambda, "pay", &[field], "{}");
    assert!(!tail(&lambda, "pay").contains("Init Duration"));
}

#[test]
fn a_run_that_the_journal_dropped_also_warms_the_environment() {
    let lambda = start_with(|builder| builder.journal_calls(1));
    lambda.on_any().reply(json!({}));
    for function in ["pay", "refund", "refund"] {
        raw::invoke(&lambda, function, &[], "{}");
    }
    assert!(!tail(&lambda, "pay").contains("Init Duration"));
    assert!(tail(&lambda, "ship").contains("Init Duration"));
}
