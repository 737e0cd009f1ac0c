//! Events that are delivered twice, or never.

use fake_lambda::{Chaos, FunctionError, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use super::{boom, send};
use crate::raw;
use crate::transport::FakeLambda;

#[test]
fn an_event_can_be_delivered_twice_without_an_error() {
    let lambda = FakeLambda::start();
    let script = lambda
        .on("f")
        .reply(Reply::json(json!(1)).delivered_times(2))
        .then(json!(2));
    send(&lambda, "f", r#"{"id":7}"#);
    lambda.wait_until_idle().block();
    let [first, copy] = &lambda.deliveries()[..] else {
        panic!("{}", lambda.journal());
    };
    assert_eq!(first.request_id(), copy.request_id());
    assert_eq!((first.is_duplicate(), copy.is_duplicate()), (false, true));
    assert_eq!(copy.executions()[0].payload().unwrap(), "2");
    script.assert_calls(1);
    script.assert_delivered(2);
}

#[test]
fn each_copy_has_its_own_retries() {
    let lambda = FakeLambda::start();
    let twice = Reply::from(boom()).delivered_times(2);
    lambda
        .on("f")
        .reply(twice)
        .then(boom())
        .times(3)
        .then(json!(1));
    send(&lambda, "f", "{}");
    lambda.settle_events().block();
    let counts: Vec<_> = lambda
        .deliveries()
        .iter()
        .map(|one| one.invoke_count())
        .collect();
    assert_eq!(counts, [3, 3]);
    lambda.assert_delivered(2);
}

#[test]
fn a_lost_event_is_accepted_and_never_run() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Reply::handle(async |_: Invocation| -> Reply { unreachable!() }).lost());
    lambda.event_invoke_config("f").on_failure(super::QUEUE);
    send(&lambda, "f", "{}");
    lambda.settle_events().block();
    let delivery = lambda.only_delivery();
    assert!(delivery.is_lost() && delivery.is_settled());
    assert_eq!((delivery.condition(), delivery.record()), (None, None));
    assert_eq!(delivery.executions(), []);
}

#[test]
fn a_full_queue_loses_further_events() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(boom());
    lambda.on("g").reply(boom());
    lambda.event_invoke_config("f").queue_capacity(2);
    for function in ["f", "f", "f", "g"] {
        send(&lambda, function, "{}");
    }
    let lost = || {
        lambda
            .deliveries()
            .iter()
            .map(|one| one.is_lost())
            .collect::<Vec<_>>()
    };
    assert_eq!(lost(), [false, false, true, false]);
    lambda.settle_events().block();
    send(&lambda, "f", "{}");
    assert_eq!(lost(), [false, false, true, false, false]);
}

#[rstest]
#[case::copies(|reply: Reply| reply.delivered_times(3))]
#[case::losses(Reply::lost)]
fn other_invocation_types_are_not_affected(#[case] effect: fn(Reply) -> Reply) {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(effect(FunctionError::new("E", "m").into()));
    let reply = raw::invoke(&lambda, "f", &[], "{}");
    assert_eq!(
        (reply.status(), reply.field("X-Amz-Function-Error")),
        (200, Some("Unhandled"))
    );
    assert_eq!(lambda.deliveries(), []);
}

#[test]
fn an_in_queue_error_is_an_ordinary_error_for_other_callers() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Reply::error(ServiceError::ServiceException).in_queue());
    assert_eq!(raw::invoke(&lambda, "f", &[], "{}").status(), 500);
}

#[test]
fn chaos_for_events_does_not_hide_older_chaos_from_other_calls() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!("script"));
    lambda.chaos(Chaos::new().every_nth(1, ServiceError::ServiceException));
    lambda.chaos(Chaos::new().every_nth(1, Reply::json(json!("chaos")).lost()));
    send(&lambda, "f", "{}");
    assert_eq!(raw::invoke(&lambda, "f", &[], "{}").status(), 500);
}

#[test]
fn event_chaos_hits_the_same_events_for_the_same_seed() {
    let lost = || {
        let lambda = FakeLambda::start_with(|builder| builder.seed(7));
        lambda.on("f").reply(json!("script"));
        let effect = Chaos::new()
            .rate(0.2, Reply::json(json!("chaos")).lost())
            .rate(0.2, Reply::json(json!("chaos")).delivered_times(2))
            .rate(0.2, Reply::error(ServiceError::ServiceException).in_queue());
        lambda.chaos(effect);
        for _ in 0..40 {
            send(&lambda, "f", "{}");
            // Options that are only for events do not affect a caller that waits for the function.
            assert_ne!(raw::invoke(&lambda, "f", &[], "{}").body, b"\"chaos\"");
        }
        lambda.settle_events().block();
        let deliveries = lambda.deliveries();
        let kinds = deliveries
            .iter()
            .map(|one| (one.is_lost(), one.is_duplicate(), one.executions().len()));
        kinds.collect::<Vec<_>>()
    };
    let once = lost();
    assert!(once.iter().any(|(is_lost, ..)| *is_lost));
    assert!(once.iter().any(|(_, is_duplicate, _)| *is_duplicate));
    assert!(once.iter().any(|(.., executions)| *executions == 2));
    assert_eq!(lost(), once);
}
