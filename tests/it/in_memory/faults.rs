//! To the SDK every fault is the same in memory as on a socket.

use std::sync::LazyLock;
use std::time::Duration;

use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::{TimeoutConfig, TimeoutConfigBuilder};
use fake_lambda::{FakeLambda, sdk_client};
use regex::Regex;
use rstest::rstest;
use serde_json::json;

use crate::own_server::faults::rows::{Row, rows};
use crate::waits::SendInTime as _;

/// The timeout of a client for a row that hangs. Only a few rows do, so the test is still fast.
const PATIENCE: Duration = Duration::from_millis(300);

#[rstest]
#[case::plain(|_| TimeoutConfig::builder())]
#[case::attempt_timeout(|length| TimeoutConfig::builder().operation_attempt_timeout(length))]
#[case::operation_timeout(|length| TimeoutConfig::builder().operation_timeout(length))]
#[tokio::test]
async fn the_whole_error_is_the_same(#[case] timeouts: fn(Duration) -> TimeoutConfigBuilder) {
    let has_timeout = timeouts(PATIENCE).build().has_timeouts();
    let mut compared = 0;
    for row in rows() {
        if row.hangs() && !has_timeout {
            continue;
        }
        let length = if row.hangs() {
            PATIENCE
        } else {
            Duration::from_secs(20)
        };
        let socket = got(&FakeLambda::start(), &row, timeouts(length).build()).await;
        let memory = got(&FakeLambda::in_memory(), &row, timeouts(length).build()).await;
        assert_eq!(memory, socket, "{} to {}", row.what, row.to);
        compared += 1;
    }
    assert!(compared >= 30, "{compared}");
}

/// The whole error of the SDK for a row, without the parts that change from run to run.
async fn got(lambda: &FakeLambda, row: &Row, timeouts: TimeoutConfig) -> String {
    row.script(lambda, "f");
    lambda.on("first").reply(json!("first"));
    let client = sdk_client!(aws_sdk_lambda, lambda, |config| config
        .retry_config(RetryConfig::standard().with_max_backoff(Duration::from_millis(1)))
        .timeout_config(timeouts));
    client
        .invoke()
        .function_name("first")
        .send_in_time()
        .await
        .unwrap();
    let call = client.invoke().function_name("f");
    let before = match row.again {
        true => format!("{:?}", call.clone().send_in_time().await),
        false => String::new(),
    };
    let result = call.send_in_time().await;
    lambda.wait_until_idle().await;
    let calls = lambda.seen("f").calls();
    let attempts = calls.last().unwrap().attempts().len();
    static CHANGING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|Root=1-[0-9a-f]{8}|extensions_1x: \{[^}]*\}"#).unwrap()
    });
    let text = format!("{before}\n{result:?}\n{attempts} attempts");
    CHANGING.replace_all(&text, "…").into_owned()
}
