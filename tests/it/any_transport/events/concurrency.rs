//! Limits act behind the 202, in the queue.

use fake_lambda::{EventCondition, EventsRun, Gate, Invocation, Reply, ServiceError};
use serde_json::json;

use super::{EVENT, QUEUE, boom, seconds, send, times};
use crate::raw;
use crate::transport::FakeLambda;

#[test]
fn without_any_concurrency_an_event_ends_at_once_and_takes_no_step() {
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
    limit.remove();
    send(&lambda, "f", "{}");
    script.assert_delivered(1);
}

#[test]
fn an_event_that_waits_is_ended_when_the_last_concurrency_is_taken_away() {
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
fn an_event_waits_for_a_free_place_and_takes_its_step_then() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let script = lambda
        .on("f")
        .reply(Reply::json(json!("caller")).hold(&gate))
        .then(json!("event"));
    lambda.reserve_concurrency("f", 1);
    let mut caller = raw::Client::connect(&lambda);
    caller.send_invoke("f", &[], "{}");
    gate.reached(1).block();
    send(&lambda, "f", "{}");
    lambda.advance(seconds(7)).block();
    assert_eq!(times(&lambda.only_delivery()), [0, 1, 3, 7]);
    gate.open();
    assert_eq!(caller.read_reply().body, b"\"caller\"");
    lambda.settle_events().block();
    let delivery = lambda.only_delivery();
    assert_eq!(times(&delivery), [0, 1, 3, 7, 15]);
    assert_eq!(delivery.executions()[4].payload().unwrap(), "\"event\"");
    script.assert_delivered(1);
}

#[test]
fn an_execution_counts_until_its_handler_has_ended() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda
        .on("f")
        .reply(Reply::handle(async |_: Invocation| json!(1)).hold(&gate));
    let limit = lambda.reserve_concurrency("f", 2);
    for _ in 0..3 {
        send(&lambda, "f", "{}");
    }
    gate.reached(2).block();
    assert_eq!(raw::invoke(&lambda, "f", &[], "{}").status(), 429);
    assert_eq!((limit.peak(), limit.refused()), (2, 2));
    gate.open();
    lambda.settle_events().block();
    lambda.assert_delivered(3);
    assert_eq!(limit.peak(), 2);
}

#[test]
fn what_refuses_a_caller_refuses_an_event_at_once() {
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
fn an_execution_starts_an_environment() {
    let lambda = FakeLambda::start();
    lambda.on("f").handle(async |_: Invocation| json!(1));
    lambda.cold_starts("f", std::time::Duration::from_millis(1));
    send(&lambda, "f", "{}");
    lambda.wait_until_idle().block();
    lambda.assert_delivered(1);
}

#[test]
fn an_event_does_not_grow_old_by_itself_while_a_caller_has_its_place() {
    let lambda = FakeLambda::start_with(|builder| builder.events_run(EventsRun::Auto));
    let gate = Gate::new();
    lambda
        .on("f")
        .reply(Reply::json(json!(1)).hold(&gate))
        .then(json!(2));
    lambda.reserve_concurrency("f", 1);
    let mut caller = raw::Client::connect(&lambda);
    caller.send_invoke("f", &[], "{}");
    gate.reached(1).block();
    send(&lambda, "f", "{}");
    gate.open();
    caller.read_reply();
    lambda.wait_until_idle().block();
    lambda.assert_delivered(1);
}
