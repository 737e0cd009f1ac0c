//! Reading an execution that is still running.

use fake_lambda::Invocation;
use serde_json::json;

use super::send;
use crate::transport::FakeLambda;

/// The number of repetitions. The order of the fake's thread and the test's thread is random, so
/// each test repeats.
const TRIES: usize = 200;

#[test]
fn the_journal_of_settled_events_is_always_the_same() {
    for _ in 0..TRIES {
        let lambda = FakeLambda::start();
        lambda.on("mail").handle(async |_: Invocation| {
            tokio::task::yield_now().await;
            json!("sent")
        });
        send(&lambda, "mail", "{}");
        lambda.settle_events().block();
        let journal = lambda.journal().to_string();
        assert!(
            journal.ends_with("    execution 1 → 200 \"sent\"\n    Success"),
            "{journal}"
        );
    }
}

#[test]
fn verification_waits_for_an_execution_that_could_meet_an_expectation() {
    for _ in 0..TRIES {
        let lambda = FakeLambda::start();
        let script = lambda.on("mail").handle(async |_: Invocation| {
            tokio::task::yield_now().await;
            json!("sent")
        });
        script.expect_delivered(1);
        send(&lambda, "mail", "{}");
        // The drop verifies.
    }
}
