//! Many concurrent calls against a limit.

use std::time::Duration;

use aws_sdk_lambda::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use fake_lambda::{FakeLambda, Gate, Reply, sdk_client};
use serde_json::json;
use tokio::sync::mpsc;

const CALLS: u64 = 200;
const LIMIT: u32 = 10;

/// The deadline of all calls, which take a few seconds on two cores while other tests run.
const DEADLINE: Duration = Duration::from_secs(60);

type Results = Vec<Result<(), aws_sdk_lambda::Error>>;

/// Sends all calls at the same time. The calls that the limit admits are held until each of the
/// others has been rejected once, and `given_up` of the others have been abandoned.
async fn flood(
    lambda: &FakeLambda,
    client: &aws_sdk_lambda::Client,
    gate: &Gate,
    given_up: u64,
) -> Results {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    for _ in 0..CALLS {
        let (send, sender) = (
            client.invoke().function_name("resize").send(),
            sender.clone(),
        );
        tokio::spawn(async move {
            let result = send.await;
            sender.send(result.map(drop).map_err(Into::into)).unwrap();
        });
    }
    let mut results = Results::new();
    let ended = async {
        let others = lambda.wait_for_calls(CALLS - u64::from(LIMIT));
        others.within(DEADLINE).await;
        for _ in 0..given_up {
            results.extend(receiver.recv().await);
        }
        gate.open();
        for _ in given_up..CALLS {
            results.extend(receiver.recv().await);
        }
    };
    let in_time = tokio::time::timeout(DEADLINE, ended).await;
    in_time.expect("a call has no end");
    lambda.wait_until_idle().within(DEADLINE).await;
    results
}

/// Checks what must be true whatever the client's retries are.
fn check(lambda: &FakeLambda, limit: &fake_lambda::Constraint, calls: u64) {
    assert_eq!(limit.peak(), u64::from(LIMIT));
    let journal = lambda.journal().calls();
    let attempts: Vec<_> = journal.iter().flat_map(|call| call.attempts()).collect();
    let refused: Vec<_> = attempts
        .iter()
        .filter(|attempt| attempt.status() == Some(429))
        .map(ToString::to_string)
        .collect();
    let text = "429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded (reserved concurrency 10)";
    assert!(refused.iter().all(|refusal| refusal == text));
    assert_eq!(refused.len() as u64, limit.refused());
    assert!(limit.refused() >= CALLS - u64::from(LIMIT));
    lambda.assert_calls(CALLS);
    lambda
        .seen("resize")
        .assert_attempts(calls + limit.refused());
}

#[tokio::test]
async fn a_client_with_enough_retries_completes_all_its_calls() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let script = lambda.on("resize").reply(
        Reply::json(json!({"ok": true}))
            .hold(&gate)
            .delay(Duration::from_millis(1)),
    );
    let limit = lambda.reserve_concurrency("resize", LIMIT);
    let quota = TokenBucket::builder().capacity(1_000_000).build();
    let partition = RetryPartition::custom("flood").token_bucket(quota).build();
    let retries = RetryConfig::standard()
        .with_max_attempts(1_000)
        .with_max_backoff(Duration::from_millis(5));
    let client = sdk_client!(aws_sdk_lambda, lambda, move |config| config
        .retry_config(retries)
        .retry_partition(partition));
    let results = flood(&lambda, &client, &gate, 0).await;
    assert!(results.iter().all(Result::is_ok));
    script.assert_calls(CALLS);
    script.assert_attempts(CALLS);
    check(&lambda, &limit, CALLS);
}

#[tokio::test]
async fn a_client_with_the_default_quota_abandons_rejected_calls() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let reply = Reply::json(json!({"ok": true})).hold(&gate);
    let script = lambda.on("resize").reply(reply);
    let limit = lambda.reserve_concurrency("resize", LIMIT);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let through = u64::from(LIMIT);
    let results = flood(&lambda, &client, &gate, CALLS - through).await;
    let is_throttled = |result: &&Result<(), _>| {
        use aws_sdk_lambda::Error::TooManyRequestsException;
        matches!(result, Err(TooManyRequestsException(_)))
    };
    let throttled = results.iter().filter(is_throttled).count() as u64;
    assert_eq!(throttled, CALLS - through);
    script.assert_attempts(through);
    check(&lambda, &limit, through);
}
