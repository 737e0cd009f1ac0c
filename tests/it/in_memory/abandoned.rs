//! Clients that stop waiting for an answer. On a paused clock, each request arrives before the
//! client's timeout.

use aws_sdk_lambda::config::timeout::TimeoutConfig;
use fake_lambda::{Attempt, FakeLambda, Gate, Reply};
use insta::assert_snapshot;
use serde_json::json;

use super::{client, seconds};
use crate::text::without_lines;

fn patience() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(seconds(1))
        .build()
}

#[tokio::test(start_paused = true)]
async fn each_abandoned_attempt_is_one_more_execution() {
    let lambda = FakeLambda::in_memory();
    let gate = Gate::new();
    let slow = Reply::json(json!({"paid": true})).hold(&gate);
    lambda.on("charge-card").reply(slow);
    let client = client(&lambda, patience(), 3);
    let call = client.invoke().function_name("charge-card");
    call.send().await.unwrap_err();
    lambda.wait_for_attempts(3).await;
    let call = lambda.only_call();
    let each = call.attempts();
    assert!(
        each.iter()
            .all(|one| one.is_abandoned() && one.is_running())
    );
    assert!(!each.iter().any(Attempt::has_run));
    assert_eq!(call.executions(), 3);
    gate.open();
    lambda.wait_until_idle().await;
    let call = lambda.only_call();
    assert!(call.attempts().iter().all(Attempt::has_run));
    assert!(!call.attempts().iter().any(Attempt::is_running));
    assert_eq!(call.executions(), 3);
    assert!(call.attempts().iter().all(|one| one.status().is_none()));
    assert_snapshot!(lambda.journal(), @r#"
    1 charge-card RequestResponse (empty)
      attempt 1/3 → no answer (ran, lost 200 {"paid":true}) (abandoned by the client)
      attempt 2/3 → no answer (ran, lost 200 {"paid":true}) (abandoned by the client) (ran twice: attempt 1/3 had run it)
      attempt 3/3 → no answer (ran, lost 200 {"paid":true}) (abandoned by the client) (ran 3 times: attempt 2/3 had run it)
    "#);
    let lost = json!({"status": 200, "payload": {"paid": true}, "executed_version": "$LATEST"});
    let attempts = &serde_json::to_value(lambda.journal()).unwrap()[0]["attempts"];
    let [first, second] = [1, 2].map(|number| {
        json!({
            "attempt": number, "max_attempts": 3,
            "ran": true, "lost": lost, "abandoned": true,
        })
    });
    assert_eq!(attempts[0], first);
    let mut again = second;
    again["ran_again"] = json!(true);
    assert_eq!(attempts[1], again);
    let timeline = lambda.timeline().to_string();
    assert!(
        timeline.ends_with("(ran 3 times: attempt 2/3 had run it)"),
        "{timeline}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_the_client_that_passes_before_the_reply() {
    let (lambda, gate) = (FakeLambda::in_memory(), Gate::new());
    let client = client(&lambda, patience(), 3);
    let script = lambda.on("pay").reply(Reply::json(json!(1)).hold(&gate));
    let call = client.invoke().function_name("pay");
    call.send().await.unwrap_err();
    lambda.wait_for_attempts(3).await;
    let report = script.try_assert_attempts(1).unwrap_err().to_string();
    let text = without_lines(report.split("\n\n").next().unwrap());
    assert_snapshot!(text, @"
    error: expected 1 attempt answered by this rule, got 3
      help: raise the client's timeout, send the reply sooner, or expect 3 attempts; the client gave up attempt 1/3 of call 1
      rule: `pay`, scripted at tests/it/in_memory/abandoned.rs:LINE#1
      asked at tests/it/in_memory/abandoned.rs:LINE#2
    ");
}
