//! The times of attempts that wait, and of those whose client left.

use std::future::pending;
use std::time::Duration;

use fake_lambda::{FakeLambda, Invocation, sdk_client};
use serde_json::{Value, json};

use crate::raw::Client;
use crate::waits::{SendInTime as _, until};

#[test]
fn an_attempt_that_waits_has_no_end_yet() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle(async |_: Invocation| pending::<Value>().await);
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    until(|| !lambda.calls().is_empty());
    assert_eq!(lambda.only_call().attempts()[0].ended(), None);
    assert!(lambda.timeline().to_string().ends_with("→ waiting"));
    drop(client);
    lambda.wait_until_idle().block();
    assert!(lambda.only_call().attempts()[0].ended().is_some());
}

#[tokio::test]
async fn work_that_a_client_gave_up_on_and_asked_for_again_is_marked() {
    use aws_sdk_lambda::config::timeout::TimeoutConfig;
    let lambda = FakeLambda::start();
    lambda
        .on("charge-card")
        .handle(async |_: Invocation| pending::<Value>().await)
        .then(json!({"paid": true}));
    let client = sdk_client!(aws_sdk_lambda, lambda, |config| {
        let patience = Duration::from_millis(200);
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(patience);
        config.timeout_config(timeouts.build())
    });
    let call = client.invoke().function_name("charge-card");
    call.send_in_time().await.unwrap();
    lambda.wait_until_idle().await;
    let timeline = lambda.timeline().to_string();
    let lines: Vec<&str> = timeline.lines().collect();
    assert!(
        lines[0].starts_with("1 call, 2 attempts, 1 abandoned, in "),
        "{timeline}"
    );
    assert!(lines[1].contains("x"), "the end of the first: {timeline}");
    assert!(
        lines[2].ends_with("attempt 1/3, 0 bytes in → no answer (abandoned by the client)"),
        "{timeline}"
    );
    assert!(lines[3].starts_with("  waited "), "{timeline}");
    assert!(
        lines[4].ends_with(r#", 13 out → 200 {"paid":true} (ran twice: attempt 1/3 had run it)"#),
        "{timeline}"
    );
}
