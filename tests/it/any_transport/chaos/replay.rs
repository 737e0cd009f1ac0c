//! The same trouble again, and less of it.

use aws_sdk_lambda::Client;
use fake_lambda::{ActiveChaos, Chaos, Fault, Hit, ServiceError, sdk_client};
use serde_json::json;

use super::{ask, codes};
use crate::transport::FakeLambda;

/// What twenty callers see.
fn seen(lambda: &FakeLambda) -> Vec<String> {
    (0..20)
        .map(|place| ask(lambda, ["f", "f:live"][place % 2]))
        .collect()
}

fn started() -> FakeLambda {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!({"ok": true}));
    lambda
}

#[test]
fn a_replay_does_what_the_seed_did() {
    let (first, second) = (started(), started());
    let chaos = first.chaos(
        Chaos::seeded(7)
            .rate(0.3, ServiceError::ServiceException)
            .rate(0.2, Fault::Reset)
            .rate(0.2, Fault::TruncateAfter(2)),
    );
    let drawn = seen(&first);
    assert!(chaos.hits().len() > 8, "{:#?}", chaos.hits());
    let again = second.chaos(Chaos::replay(chaos.hits()));
    assert_eq!(seen(&second), drawn);
    assert_eq!(again.hits(), chaos.hits());
    assert_eq!(again.hits()[0].reason(), "replay");
}

#[test]
fn a_hit_is_for_exactly_its_target() {
    let lambda = started();
    let chaos = lambda.chaos(Chaos::replay([Hit::new("f:live", 1, Fault::Reset)]));
    assert_eq!(ask(&lambda, "f"), r#"200 {"ok":true}"#);
    assert_eq!(ask(&lambda, "f:live"), "reset after 0 bytes");
    assert_eq!(codes(&chaos), [r#"Hit::new("f:live", 1, Fault::Reset)"#]);
}

/// Pays with five orders; whether one is lost.
async fn loses_an_order(chaos: Chaos) -> (bool, ActiveChaos) {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    lambda.on("mail").reply(json!({"sent": true}));
    let chaos = lambda.chaos(chaos);
    let client: Client = sdk_client!(aws_sdk_lambda, lambda);
    let mut lost = false;
    for _ in 0..5 {
        lost |= client.invoke().function_name("pay").send().await.is_err();
        // Nobody minds a mail that is lost.
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
    // Three attempts of one call, of whichever comes first once the others are left out.
    assert_eq!(left.len(), 3, "{left:?} of {hits:?}");
    let first = left[0].1;
    let expected = [first, first + 1, first + 2].map(|attempt| ("pay".to_owned(), attempt));
    assert_eq!(left, expected, "of {hits:?}");
}
