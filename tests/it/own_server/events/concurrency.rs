//! Events that wait for a free slot.

use fake_lambda::{EventsRun, FakeLambda, Gate, Invocation, Reply};
use serde_json::json;

use crate::any_transport::events::{seconds, send, times};
use crate::raw;

#[test]
fn an_event_waits_for_a_free_slot_and_then_consumes_its_step() {
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
fn an_event_does_not_age_while_a_caller_holds_the_slot() {
    let lambda = FakeLambda::builder().events_run(EventsRun::Auto).start();
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
