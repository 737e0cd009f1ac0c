//! Replaying hits that break replies.

use fake_lambda::{Chaos, FakeLambda, Fault, Hit, ServiceError};
use serde_json::json;

use crate::any_transport::chaos::{ask, codes};

/// The results of twenty callers.
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
fn a_replay_has_the_same_effect_as_the_seed() {
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
fn a_hit_applies_to_exactly_its_target() {
    let lambda = started();
    let chaos = lambda.chaos(Chaos::replay([Hit::new("f:live", 1, Fault::Reset)]));
    assert_eq!(ask(&lambda, "f"), r#"200 {"ok":true}"#);
    assert_eq!(ask(&lambda, "f:live"), "reset after 0 bytes");
    assert_eq!(codes(&chaos), [r#"Hit::new("f:live", 1, Fault::Reset)"#]);
}
