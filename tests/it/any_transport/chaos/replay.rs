//! Replaying and shrinking hits.

use aws_sdk_lambda::Client;
use fake_lambda::{ActiveChaos, Chaos, ServiceError, sdk_client};
use serde_json::json;

use crate::transport::FakeLambda;

/// Pays for five orders; returns whether one is lost.
async fn loses_an_order(chaos: Chaos) -> (bool, ActiveChaos) {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    lambda.on("mail").reply(json!({"sent": true}));
    let chaos = lambda.chaos(chaos);
    let client: Client = sdk_client!(aws_sdk_lambda, lambda);
    let mut lost = false;
    for _ in 0..5 {
        lost |= client.invoke().function_name("pay").send().await.is_err();
        // A lost mail does not matter.
        let _ = client.invoke().function_name("mail").send().await;
    }
    (lost, chaos)
}

#[tokio::test]
async fn a_failing_list_shrinks_to_the_attempts_of_the_one_call_that_is_lost() {
    let drawn = Chaos::seeded(3).rate(0.6, ServiceError::ServiceException);
    let (lost, chaos) = loses_an_order(drawn).await;
    assert!(lost);
    let hits = chaos.hits();
    let mut shrink = Chaos::shrink(hits.clone());
    while let Some(chaos) = shrink.next_run() {
        shrink.failed(loses_an_order(chaos).await.0);
    }
    let left: Vec<_> = shrink
        .hits()
        .iter()
        .map(|hit| (hit.target(), hit.attempt()))
        .collect();
    // The three attempts of one call. Which call it is depends on the hits that were removed first.
    assert_eq!(left.len(), 3, "{left:?} of {hits:?}");
    let first = left[0].1;
    let expected = [first, first + 1, first + 2].map(|attempt| ("pay".to_owned(), attempt));
    assert_eq!(left, expected, "of {hits:?}");
}
