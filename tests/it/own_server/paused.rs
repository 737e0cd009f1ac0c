//! Under tokio's paused clock a client of a real socket times out immediately, and messages report
//! it.

use std::time::Duration;

use aws_sdk_lambda::config::timeout::TimeoutConfig;
use fake_lambda::{Attempt, FakeLambda, Gate, Reply, sdk_client};
use serde_json::json;

use super::advice::red;
use crate::raw::Client;
use crate::waits::until;

/// The message with which this test fails under a paused clock.
#[track_caller]
fn red_paused(test: impl Future<Output = ()>) -> String {
    red(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build().unwrap();
        runtime.block_on(test);
    })
}

/// Makes one call whose attempts are given up one after the other before they are answered, as an
/// SDK does under the paused clock.
async fn give_up(lambda: &FakeLambda, gate: &Gate) {
    for number in 1..=3 {
        let mut client = Client::connect(lambda);
        let attempt = format!("amz-sdk-request: attempt={number}; max=3");
        let fields = [&*attempt, "amz-sdk-invocation-id: 1f2e"];
        client.send_invoke("resize", &fields, "{}");
        gate.reached(number).await;
    }
    until(|| {
        lambda
            .only_call()
            .attempts()
            .iter()
            .all(Attempt::is_abandoned)
    });
    gate.open();
    lambda.wait_until_idle().await;
}

#[test]
fn an_assertion_under_a_paused_clock() {
    let text = red_paused(async {
        let lambda = FakeLambda::start();
        let gate = Gate::new();
        let script = lambda.on("resize").reply(Reply::json(json!(1)).hold(&gate));
        give_up(&lambda, &gate).await;
        script.assert_attempts(1);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/paused.rs:LINE#2
    error: expected 1 attempt answered by this rule, got 3
      help: run this test without `start_paused`; tokio's clock is paused, so a client that uses a socket times out immediately
      rule: `resize`, scripted at tests/it/own_server/paused.rs:LINE#1

    journal
      1 resize RequestResponse {}
        attempt 1/3 → no answer (ran, lost 200 1) (abandoned by the client)
        attempt 2/3 → no answer (ran, lost 200 1) (abandoned by the client) (ran twice: attempt 1/3 had run it)
        attempt 3/3 → no answer (ran, lost 200 1) (abandoned by the client) (ran 3 times: attempt 2/3 had run it)
    ");
}

#[test]
fn an_expectation_under_a_paused_clock() {
    let text = red_paused(async {
        let lambda = FakeLambda::start();
        let gate = Gate::new();
        let script = lambda.on("resize").reply(Reply::json(json!(1)).hold(&gate));
        script.expect_attempts(1);
        give_up(&lambda, &gate).await;
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/paused.rs:LINE#1) found 1 problem
    note: tokio's clock is paused, so a client that uses a socket times out immediately: run this test without `start_paused`

    error: the rule for `resize` expected 1 attempt, got 3
      help: run this test without `start_paused`; tokio's clock is paused, so a client that uses a socket times out immediately
      rule: `resize`, scripted at tests/it/own_server/paused.rs:LINE#2

    journal
      1 resize RequestResponse {}
        attempt 1/3 → no answer (ran, lost 200 1) (abandoned by the client)
        attempt 2/3 → no answer (ran, lost 200 1) (abandoned by the client) (ran twice: attempt 1/3 had run it)
        attempt 3/3 → no answer (ran, lost 200 1) (abandoned by the client) (ran 3 times: attempt 2/3 had run it)
    ");
}

#[test]
fn another_mistake_under_a_paused_clock() {
    let text = red_paused(async {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(json!(1));
        lambda.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/paused.rs:LINE#1
    error: expected 1 call, got none
      help: await the call, check that its client uses `lambda.endpoint_url()`, and wait for background calls with `wait_for_calls(1)`

    note: tokio's clock is paused, so a client that uses a socket times out immediately: run this test without `start_paused`

    journal: empty, no request arrived
    ");
}

#[test]
fn a_wait_under_a_paused_clock() {
    let text = red_paused(async {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(json!(1));
        let wait = lambda.wait_for_calls(1);
        wait.within(Duration::from_millis(5)).await;
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/paused.rs:LINE#2
    error: waited 5ms for 1 call, got none
      help: check that the client uses `lambda.endpoint_url()`, and that it runs while the test waits
      note: tokio's clock is paused, so a client that uses a socket times out immediately: run this test without `start_paused`
      wait created at tests/it/own_server/paused.rs:LINE#1

    journal: empty, no request arrived
    ");
}

/// How far the SDK gets with its request depends on the system.
#[test]
fn the_sdk_under_a_paused_clock() {
    let text = red_paused(async {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(json!(1));
        let client = sdk_client!(aws_sdk_lambda, lambda, |config| {
            let hour = Duration::from_secs(3_600);
            let timeout = TimeoutConfig::builder().operation_attempt_timeout(hour);
            config.timeout_config(timeout.build())
        });
        let _ = client.invoke().function_name("resize").send().await;
        lambda.assert_calls(7);
    });
    let cure = "run this test without `start_paused`";
    assert!(text.contains(cure), "{text}");
}
