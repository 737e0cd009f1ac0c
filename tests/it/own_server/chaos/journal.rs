//! The journal's entries about hits.

use fake_lambda::{Chaos, FakeLambda, Fault, Hit, ServiceError};
use serde_json::json;

use crate::any_transport::chaos::ask;

/// A fake that has received one attempt for each kind of hit.
fn hit_all_over() -> FakeLambda {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!({"ok": true}));
    lambda.chaos(
        Chaos::seeded(7)
            .window(1, ServiceError::TooManyRequestsException)
            .window(2, Fault::Reset)
            .window(3, Fault::TruncateAfter(5))
            .window(4, Fault::CloseAfterReply)
            .window(5, Fault::StallAfter(99))
            .every_nth(6, ServiceError::ServiceException)
            .rate(1.0, Fault::Garbage),
    );
    lambda.chaos(Chaos::replay([Hit::new("f", 8, Fault::CloseBeforeReply)]));
    for _ in 0..8 {
        ask(&lambda, "f");
    }
    lambda.wait_until_idle().block();
    lambda
}

#[test]
fn the_journal_shows_each_hit_with_its_reason() {
    let lambda = hit_all_over();
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse {}
      attempt 1 → 429 TooManyRequestsException (chaos: window 1)
    2 f RequestResponse {}
      attempt 1 → reset before any byte (chaos: window 2)
    3 f RequestResponse {}
      attempt 1 → closed after 5 bytes of the body (ran, lost 200 {"ok":true}) (chaos: window 3)
    4 f RequestResponse {}
      attempt 1 → 200 {"ok":true}, closed after the reply (chaos: window 4)
    5 f RequestResponse {}
      attempt 1 → 200 {"ok":true} (chaos: window 5; could not happen: stalled after 99 bytes of the body)
    6 f RequestResponse {}
      attempt 1 → 500 ServiceException (chaos: every_nth 6)
    7 f RequestResponse {}
      attempt 1 → bytes that are not HTTP (chaos: rate 1, seed 7)
    8 f RequestResponse {}
      attempt 1 → closed before any byte (chaos: replay)
    "#);
}

#[test]
fn each_hit_is_serialized_with_its_reason() {
    let lambda = hit_all_over();
    let calls = lambda.calls();
    let attempts = calls.iter().map(|call| &call.attempts()[0]);
    let attempts: Vec<String> = attempts
        .map(|attempt| serde_json::to_string(attempt).unwrap())
        .collect();
    insta::assert_snapshot!(attempts.join("\n"), @r#"
    {"status":429,"error":"TooManyRequestsException","chaos":"window 1"}
    {"fault":"reset before any byte","ran":false,"chaos":"window 2"}
    {"fault":"closed after 5 bytes of the body","ran":true,"status":200,"payload":{"ok":true},"executed_version":"$LATEST","chaos":"window 3"}
    {"fault":"closed after the reply","ran":true,"status":200,"payload":{"ok":true},"executed_version":"$LATEST","chaos":"window 4"}
    {"status":200,"payload":{"ok":true},"executed_version":"$LATEST","chaos":"window 5","could_not_happen":"stalled after 99 bytes of the body"}
    {"status":500,"error":"ServiceException","chaos":"every_nth 6"}
    {"fault":"bytes that are not HTTP","ran":false,"chaos":"rate 1, seed 7"}
    {"fault":"closed before any byte","ran":false,"chaos":"replay"}
    "#);
}
