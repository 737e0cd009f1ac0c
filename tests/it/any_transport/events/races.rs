//! What a test reads of an execution that is still under way.

use fake_lambda::Invocation;
use serde_json::json;

use super::send;
use crate::transport::FakeLambda;

/// How often each is tried: the thread of the fake and that of the test take turns as they please.
const TRIES: usize = 200;

#[test]
fn a_journal_of_events_that_have_settled_is_always_the_same() {
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
fn verification_waits_for_an_execution_that_may_meet_an_expectation() {
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
