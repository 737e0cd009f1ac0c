//! Chaos that delays the script's own reply.

use std::time::Duration;

use fake_lambda::{Chaos, Delay, FunctionError, Hit, Invocation, ServiceError};
use serde_json::json;

use super::{ask, ask_as, bytes, codes};
use crate::transport::FakeLambda;

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_delayed_reply_is_the_scripts_own_byte_for_byte_and_takes_its_step() {
    let (scripted, hit) = (FakeLambda::start(), FakeLambda::start());
    scripted
        .on("f")
        .reply(json!({"step": 1}))
        .then(json!({"step": 2}));
    let script = hit
        .on("f")
        .reply(json!({"step": 1}))
        .then(json!({"step": 2}));
    let chaos = hit.chaos(Chaos::new().window(1, Delay::from(MS)));
    for _ in 0..2 {
        assert_eq!(bytes(&hit, "f"), bytes(&scripted, "f"));
    }
    script.assert_attempts(2);
    assert_eq!(
        codes(&chaos),
        [r#"Hit::new("f", 1, Delay::from(Duration::from_millis(1)))"#]
    );
    assert!(hit.calls()[0].attempts()[0].has_run());
    insta::assert_snapshot!(hit.journal(), @r#"
    1 f RequestResponse {}
      attempt 1 → 200 {"step":1} (chaos: delay 1ms, window 1)
    2 f RequestResponse {}
      attempt 1 → 200 {"step":2}
    "#);
}

#[test]
fn every_reply_of_a_rule_can_be_delayed() {
    let lambda = FakeLambda::start();
    lambda
        .on("echo")
        .handle(async |call: Invocation| call.payload_json());
    lambda
        .on("failed")
        .reply(FunctionError::new("ValueError", "no"));
    lambda
        .on("refused")
        .reply(ServiceError::KmsDisabledException);
    let chaos = lambda.chaos(Chaos::new().every_nth(1, Delay::from(MS)));
    assert_eq!(ask(&lambda, "echo"), "200 {}");
    assert!(ask(&lambda, "failed").starts_with("200 {\"errorType\":\"ValueError\""));
    assert!(ask(&lambda, "refused").starts_with("502 "));
    assert_eq!(chaos.hits().len(), 3);
}

#[test]
fn an_event_and_a_request_that_no_rule_answers_are_not_delayed() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1)).times(1);
    let chaos = lambda.chaos(Chaos::new().every_nth(1, Delay::from(Duration::MAX)));
    assert_eq!(ask_as(&lambda, "f", "X-Amz-Invocation-Type: Event"), "202");
    assert!(ask(&lambda, "f").starts_with("404 "));
    assert_eq!(codes(&chaos), [""; 0]);
    lambda.try_verify().unwrap_err();
}

#[test]
fn a_drawn_delay_is_replayed_to_the_nanosecond() {
    let run = |chaos: Chaos| {
        let lambda = FakeLambda::start();
        lambda.on("f").reply(json!(1));
        let chaos = lambda.chaos(chaos);
        (0..5).for_each(|_| drop(ask(&lambda, "f")));
        chaos.hits()
    };
    let drawn = run(Chaos::seeded(7).rate(0.6, Delay::from(MS..2 * MS)));
    assert!(drawn.len() > 1, "{drawn:?}");
    assert_eq!(run(Chaos::replay(drawn.clone())), drawn);
    assert_eq!(
        drawn[0].target(),
        Hit::new("f", 1, Delay::from(MS)).target()
    );
}
