//! Concurrency applies after the 202, in the queue; constraints on the caller apply before it.

use fake_lambda::{EventCondition, Invocation, ServiceError};
use serde_json::json;

use super::{EVENT, QUEUE, boom, send, times};
use crate::raw;
use crate::transport::FakeLambda;

#[test]
fn with_zero_concurrency_an_event_ends_without_consuming_a_step() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(json!(1)).times(1);
    let limit = lambda.reserve_concurrency("f", 0);
    lambda
        .event_invoke_config("f")
        .on_failure(QUEUE)
        .dead_letter_queue(QUEUE);
    send(&lambda, "f", "{}");
    send(&lambda, "f", "{}");
    for delivery in lambda.deliveries() {
        let condition = EventCondition::ZeroReservedConcurrency;
        assert_eq!(delivery.condition(), Some(condition));
        assert_eq!(delivery.executions(), []);
        let record = delivery.record().unwrap().json();
        assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
        assert_eq!(delivery.dead_letter().unwrap().error_code(), 429);
    }
    assert_eq!(limit.refused(), 2);
    limit.stop();
    send(&lambda, "f", "{}");
    script.assert_delivered(1);
}

#[test]
fn a_waiting_event_ends_when_the_concurrency_becomes_zero() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(boom());
    send(&lambda, "f", "{}");
    lambda.reserve_concurrency("f", 0);
    lambda.settle_events().block();
    let delivery = lambda.only_delivery();
    assert_eq!(times(&delivery), [0]);
    let condition = EventCondition::ZeroReservedConcurrency;
    assert_eq!(delivery.condition(), Some(condition));
}

#[test]
fn constraints_on_the_caller_reject_an_event_immediately() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(ServiceError::ServiceException)
        .then(json!(1));
    lambda.rate_limit(0, 2);
    let statuses = [(); 3].map(|()| raw::invoke(&lambda, "f", &[EVENT], "{}").status());
    assert_eq!(statuses, [500, 202, 429]);
    assert_eq!(lambda.deliveries().len(), 1);
}

#[test]
fn an_event_is_delivered_after_a_cold_start() {
    let lambda = FakeLambda::start();
    lambda.on("f").handle(async |_: Invocation| json!(1));
    lambda.cold_starts("f", std::time::Duration::from_millis(1));
    send(&lambda, "f", "{}");
    lambda.wait_until_idle().block();
    lambda.assert_delivered(1);
}
