//! Executions that are held, and events whose 202 is lost.

use std::time::Duration;

use fake_lambda::{EventCondition, FakeLambda, Fault, Gate, Reply, Wait};
use serde_json::json;

use crate::any_transport::events::{EVENT, boom, seconds, send, times};
use crate::panics::caught;
use crate::raw;
use crate::waits::begun;

#[test]
fn a_fault_in_the_queue_is_retried_after_a_second_like_a_throttle() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(boom())
        .then(Fault::Reset)
        .then(json!(1));
    send(&lambda, "f", "{}");
    lambda.settle_events().block();
    let delivery = lambda.only_delivery();
    assert_eq!(times(&delivery), [0, 60, 61], "{delivery}");
    assert_eq!(delivery.condition(), Some(EventCondition::Success));
    lambda.assert_executions(3);
}

#[test]
fn a_gate_holds_the_execution_but_not_the_caller() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("f").reply(Reply::json(json!(1)).hold(&gate));
    send(&lambda, "f", "{}");
    gate.reached(1).block();
    assert_eq!(lambda.only_delivery().condition(), None);
    gate.open();
    lambda.wait_until_idle().block();
    lambda.assert_delivered(1);
}

#[test]
fn a_pause_also_holds_executions() {
    let lambda = FakeLambda::start();
    let old = lambda.on("f").reply(boom());
    send(&lambda, "f", "{}");
    let settled = {
        let _paused = lambda.pause();
        let settled = begun(lambda.settle_events());
        old.remove();
        lambda.on("f").reply(json!(1));
        settled
    };
    settled.block();
    lambda.assert_event_retry_delays([seconds(60)]);
    lambda.assert_delivered(1);
}

#[test]
fn a_wait_that_times_out_because_of_a_pause_names_the_pause() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(boom());
    send(&lambda, "f", "{}");
    let _paused = lambda.pause();
    let late = |wait: Wait| {
        let text = caught(|| wait.within(Duration::from_millis(5)).block()).text;
        text.lines().take(2).collect::<Vec<_>>().join("\n")
    };
    let texts = [
        late(lambda.settle_events()),
        late(lambda.advance(seconds(60))),
        late(lambda.wait_until_idle()),
    ];
    insta::assert_snapshot!(texts.join("\n"), @r"
    error: waited 5ms for every accepted event to end, but 1 accepted event has not ended
      help: drop the guard of `lambda.pause()` before this wait
    error: waited 5ms for the events' clock to advance by 60s, but 1 accepted event has not ended
      help: drop the guard of `lambda.pause()` before this wait
    error: waited 5ms for the fake to become idle, but `lambda.pause()` holds all requests
      help: drop the guard of `lambda.pause()` before this wait
    ");
}

#[test]
fn an_event_whose_202_is_lost_is_still_delivered() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Reply::json(json!(1)).fault(Fault::ResetInHead))
        .times(1)
        .then(json!(2));
    let id = "amz-sdk-invocation-id: 1f2e";
    let mut client = raw::Client::connect(&lambda);
    client.send_invoke("f", &[EVENT, id], "{}");
    let _ = client.read_out();
    assert_eq!(raw::invoke(&lambda, "f", &[EVENT, id], "{}").status(), 202);
    lambda.wait_until_idle().block();
    // The client made one call of two attempts, and the function ran twice.
    let call = lambda.only_call();
    let deliveries: Vec<_> = call
        .attempts()
        .iter()
        .map(|attempt| attempt.deliveries().len())
        .collect();
    assert_eq!(deliveries, [1, 1]);
    assert_ne!(
        lambda.deliveries()[0].request_id(),
        lambda.deliveries()[1].request_id()
    );
}
