//! An idempotent function that answers late.

use std::time::Duration;

use aws_sdk_lambda::config::timeout::TimeoutConfig;
use fake_lambda::{Chaos, Delay, FakeLambda, FunctionError, Invocation, Reply};
use insta::assert_snapshot;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{client, seconds};

const LATE: Duration = Duration::from_secs(30);

fn fake(reply: Reply) -> FakeLambda {
    let lambda = FakeLambda::in_memory();
    let order = |invocation: &Invocation| -> Value { invocation.payload_json()["order"].clone() };
    lambda.on("f").idempotent_by(order).reply(reply);
    lambda
}

/// Sends the same order twice; the second time, the first execution has ended.
async fn sent_twice(lambda: &FakeLambda) {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(seconds(5))
        .build();
    let client = client(lambda, timeouts, 3);
    for _ in 0..2 {
        let call = client.invoke().function_name("f");
        let _ = call.payload(br#"{"order":7}"#.to_vec().into()).send().await;
        sleep(LATE).await;
    }
    lambda.wait_until_idle().await;
}

#[tokio::test(start_paused = true)]
async fn a_delay_of_chaos_is_part_of_the_execution() {
    let receipt = || Reply::json(json!({"receipt": 1}));
    let by_script = fake(receipt().delay(LATE));
    sent_twice(&by_script).await;
    assert_snapshot!(by_script.journal(), @r#"
    1 f RequestResponse {"order":7}
      attempt 1/3 → no answer (ran, lost 200 {"receipt":1}) (abandoned by the client)
      attempt 2/3 → 200 function error {"errorMessage":"Execution already in progress with idempotency key: 7","errorType":"IdempotencyAlreadyInProgressError"} (idempotent: not executed again)
    2 f RequestResponse {"order":7}
      attempt 1/3 → 200 {"receipt":1} (idempotent: not executed again)
    "#);
    let by_chaos = fake(receipt());
    let chaos = by_chaos.chaos(Chaos::seeded(1).window(1.., Delay::from(LATE)));
    sent_twice(&by_chaos).await;
    let journal = by_chaos.journal().to_string();
    let reason = " (chaos: delay 30s, window at least 1)";
    assert_eq!(journal.replace(reason, ""), by_script.journal().to_string());
    // Only the execution is late.
    assert_eq!(chaos.hits().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_late_execution_is_not_a_duplicate_of_its_retries() {
    let lambda = fake(json!({"receipt": 1}).into());
    lambda.chaos(Chaos::seeded(1).window(1.., Delay::from(LATE)));
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(seconds(5))
        .build();
    let client = client(&lambda, timeouts, 3);
    let call = client
        .invoke()
        .function_name("f")
        .payload(br#"{"order":7}"#.to_vec().into());
    let _ = call.send().await;
    assert!(lambda.only_call().attempts()[0].is_running());
    lambda.assert_no_duplicates();
}

#[tokio::test(start_paused = true)]
async fn a_late_error_is_forgotten_after_the_delay_of_chaos() {
    let lambda = fake(FunctionError::new("E", "boom").into());
    lambda.chaos(Chaos::seeded(1).window(1.., Delay::from(LATE)));
    sent_twice(&lambda).await;
    assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse {"order":7}
      attempt 1/3 → no answer (ran, lost 200 function error {"errorMessage":"boom","errorType":"E"}) (chaos: delay 30s, window at least 1) (abandoned by the client)
      attempt 2/3 → 200 function error {"errorMessage":"Execution already in progress with idempotency key: 7","errorType":"IdempotencyAlreadyInProgressError"} (idempotent: not executed again)
    2 f RequestResponse {"order":7}
      attempt 1/3 → no answer (ran, lost 200 function error {"errorMessage":"boom","errorType":"E"}) (chaos: delay 30s, window at least 1) (abandoned by the client)
      attempt 2/3 → 200 function error {"errorMessage":"Execution already in progress with idempotency key: 7","errorType":"IdempotencyAlreadyInProgressError"} (idempotent: not executed again)
    "#);
}
