//! Environments that must be started, and how the log shows it.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fake_lambda::{Handle, LogFormat, ServiceError};
use insta::assert_snapshot;
use serde_json::json;

use super::said;
use crate::raw::{self, Client};
use crate::transport::FakeLambda;

pub(crate) const TAIL: &str = "X-Amz-Log-Type: Tail";
pub(crate) const INIT: Duration = Duration::from_millis(20);

fn start() -> FakeLambda {
    FakeLambda::start_with(|builder| builder.seed(0))
}

pub(crate) fn decoded(reply: &raw::Reply) -> String {
    let tail = reply.field("X-Amz-Log-Result").expect("a log result");
    let tail = String::from_utf8(STANDARD.decode(tail).unwrap()).unwrap();
    tail.replace(reply.field("x-amzn-RequestId").unwrap(), "<id>")
}

pub(crate) fn tail(lambda: &Handle, function: &str) -> String {
    decoded(&raw::invoke(lambda, function, &[TAIL], "{}"))
}

#[test]
fn a_new_environment_waits_for_its_init_and_logs_it() {
    let lambda = start();
    lambda.on("f").reply(json!(1));
    lambda.cold_starts("f", INIT);
    let begun = Instant::now();
    assert_eq!(
        tail(&lambda, "f"),
        "START RequestId: <id> Version: $LATEST\nEND RequestId: <id>\n\
         REPORT RequestId: <id>\tDuration: 11.27 ms\tBilled Duration: 32 ms\tMemory Size: 128 MB\tMax Memory Used: 81 MB\tInit Duration: 20.00 ms\t\n"
    );
    assert!(begun.elapsed() >= INIT);
    assert!(!tail(&lambda, "f").contains("Init Duration"), "it is warm");
}

#[test]
fn replies_that_do_not_run_the_function_start_no_environment() {
    let lambda = start();
    lambda
        .on("f")
        .reply(ServiceError::ServiceException)
        .times(1)
        .then(json!(1));
    lambda.cold_starts("f", INIT);
    said(&lambda, "f");
    assert!(tail(&lambda, "f").contains("Init Duration"));
}

#[test]
fn an_environment_is_warm_even_if_its_client_left_during_the_start() {
    let lambda = start();
    lambda.on("f").reply(json!(1));
    let starts = lambda.cold_starts("f", INIT);
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    crate::waits::until(|| starts.peak() == 1);
    client.reset();
    lambda.wait_until_idle().block();
    assert!(!tail(&lambda, "f").contains("Init Duration"));
}

#[test]
fn a_snapshot_is_refused_and_then_restored() {
    let lambda = start();
    lambda.on("f").reply(json!(1));
    lambda.snap_start("f:7", 2, INIT);
    let refused = [(); 2].map(|()| said(&lambda, "f:7"));
    assert_eq!(refused, ["409 SnapStartNotReadyException"; 2]);
    assert_eq!(said(&lambda, "f"), "200", "`$LATEST` has no snapshot");
    assert_eq!(
        tail(&lambda, "f:7"),
        "START RequestId: <id> Version: 7\nEND RequestId: <id>\n\
         REPORT RequestId: <id>\tDuration: 5.01 ms\tBilled Duration: 16 ms\tMemory Size: 128 MB\tMax Memory Used: 42 MB\t\
         Restore Duration: 20.00 ms\tBilled Restore Duration: 10 ms\t\n"
    );
    assert!(!tail(&lambda, "f:7").contains("Restore"), "it is warm");
}

#[test]
fn a_json_log_of_a_restored_run_begins_with_the_restore() {
    let lambda = FakeLambda::start_with(|builder| builder.seed(0).log_format(LogFormat::Json));
    lambda.on("f").reply(json!(1));
    lambda.snap_start("f:7", 0, INIT);
    assert_snapshot!(tail(&lambda, "f:7"), @r#"
    {"time":"2026-01-01T00:00:00.000Z","type":"platform.restoreStart","record":{"runtimeVersion":"provided:al2023.v97","runtimeVersionArn":"arn:aws:lambda:us-east-1::runtime:c41794fa37de91d5a4c88f2a471b21f574288707c433f12c13d96fe25015cab8","functionName":"f","functionVersion":"7","instanceId":"2026/01/01/f[7]9dc17ff6a2da32dc7544121c6c5c9b31","instanceMaxMemory":134217728}}
    {"time":"2026-01-01T00:00:00.020Z","type":"platform.start","record":{"requestId":"<id>","functionArn":"arn:aws:lambda:us-east-1:123456789012:function:f:7","version":"7"}}
    {"time":"2026-01-01T00:00:00.034Z","type":"platform.report","record":{"requestId":"<id>","metrics":{"durationMs":14.788,"billedDurationMs":25,"memorySizeMB":128,"maxMemoryUsedMB":48,"restoreDurationMs":20.0,"billedRestoreDurationMs":10},"status":"success"}}
    "#);
}
