//! Gates: what they hold, in which order, and what they report when nothing arrives.

use std::time::Duration;

use fake_lambda::{FakeLambda, Fault, Gate, Handle, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use super::{asking, lines};
use crate::panics::caught;
use crate::raw::Client;
use crate::waits::until;

fn held(value: u32, gate: &Gate) -> Reply {
    Reply::json(json!(value)).hold(gate)
}

#[test]
fn a_missed_deadline_names_the_gate_and_the_arrivals() {
    let short = Duration::from_millis(5);
    let gate = Gate::new();
    let panic = caught(|| gate.reached(1).within(short).block());
    insta::assert_snapshot!(panic.text, @r"
    error: waited 5ms for 1 reply at a gate, got none
      help: hold a reply at this gate: `Reply::json(..).hold(&gate)`; no reply uses this gate
      gate created at tests/it/own_server/faults/holding.rs:LINE#1
      wait created at tests/it/own_server/faults/holding.rs:LINE#2
    ");
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("f").reply(held(1, &gate));
    let _clients = [asking(&lambda), asking(&lambda)];
    gate.reached(2).block();
    let panic = caught(|| gate.reached(3).within(short).block());
    insta::assert_snapshot!(panic.text, @r"
    error: waited 5ms for 3 replies at a gate, got 2
      help: make 1 more call that the gate holds, or wait for 2 replies
      gate created at tests/it/own_server/faults/holding.rs:LINE#1
      got: call 1, f RequestResponse {}
      got: call 2, f RequestResponse {}
      wait created at tests/it/own_server/faults/holding.rs:LINE#2
    ");
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("f").reply(held(1, &gate));
    let _clients: Vec<_> = (0..12).map(|_| asking(&lambda)).collect();
    gate.reached(12).block();
    let panic = caught(|| gate.reached(13).within(short).block());
    insta::assert_snapshot!(panic.text, @r"
    error: waited 5ms for 13 replies at a gate, got 12
      help: make 1 more call that the gate holds, or wait for 12 replies
      gate created at tests/it/own_server/faults/holding.rs:LINE#1
      got: call 1, f RequestResponse {}
      got: call 2, f RequestResponse {}
      got: call 3, f RequestResponse {}
      got: call 4, f RequestResponse {}
      got: call 5, f RequestResponse {}
      got: call 6, f RequestResponse {}
      got: call 7, f RequestResponse {}
      got: call 8, f RequestResponse {}
      got: call 9, f RequestResponse {}
      got: call 10, f RequestResponse {}
      … and 2 more
      wait created at tests/it/own_server/faults/holding.rs:LINE#2
    ");
}

#[test]
fn a_held_reply_is_sent_when_its_gate_opens() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let script = lambda.on("f").reply(held(1, &gate));
    let mut client = asking(&lambda);
    gate.reached(1).block();
    assert!(client.is_silent());
    assert!(lambda.only_call().attempts()[0].is_waiting());
    assert_eq!(
        lines(&lambda),
        "f RequestResponse {} attempt 1 → held by a gate"
    );
    script.assert_attempts(1);
    gate.open();
    assert_eq!(client.read_reply().text(), "1");
    script.wait_for_attempts(1).block();
    assert_eq!(lines(&lambda), "f RequestResponse {} attempt 1 → 200 1");
    // The gate stays open, and still counts arrivals.
    assert_eq!(asking(&lambda).read_reply().text(), "1");
    gate.reached(2).block();
}

#[test]
fn single_replies_are_released_in_the_order_of_arrival() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda
        .on("f")
        .reply(held(1, &gate))
        .then(held(2, &gate))
        .then(held(3, &gate));
    let mut clients: Vec<_> = (1..=3)
        .map(|number| {
            let client = asking(&lambda);
            gate.reached(number).block();
            client
        })
        .collect();
    gate.open_one();
    assert_eq!(clients[0].read_reply().text(), "1");
    assert!(clients[1].is_silent() && clients[2].is_silent());
    gate.open_one();
    gate.open_one();
    assert_eq!(clients[1].read_reply().text(), "2");
    assert_eq!(clients[2].read_reply().text(), "3");
}

#[test]
fn a_pass_given_in_advance_is_used_by_the_next_arrival() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("f").reply(held(1, &gate));
    gate.open_one();
    assert_eq!(asking(&lambda).read_reply().text(), "1");
    let second = asking(&lambda);
    gate.reached(2).block();
    assert!(second.is_silent());
}

#[rstest]
fn a_held_reply_whose_client_disconnects_is_abandoned(
    #[values("closes", "closes its half", "resets")] leaving: &str,
) {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let script = lambda.on("f").reply(held(1, &gate));
    let mut client = asking(&lambda);
    gate.reached(1).block();
    match leaving {
        "closes" => drop(client),
        "closes its half" => client.close_sending_half(),
        _ => client.reset(),
    }
    script.wait_for_attempts(1).block();
    let text =
        "f RequestResponse {} attempt 1 → no answer (still running) (abandoned by the client)";
    assert_eq!(lines(&lambda), text);
    // The function is still held, and continues first.
    let mut next = asking(&lambda);
    gate.reached(2).block();
    gate.open_one();
    until(|| lambda.calls()[0].attempts()[0].has_run());
    assert!(next.is_silent());
    gate.open_one();
    assert_eq!(next.read_reply().text(), "1");
    lambda.verify();
}

#[test]
fn a_gate_whose_last_handle_is_dropped_opens_and_is_noted() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("f").reply(held(1, &gate));
    let mut client = asking(&lambda);
    gate.reached(1).block();
    let clone = gate.clone();
    drop(gate);
    assert!(client.is_silent(), "a clone could open it");
    drop(clone);
    assert_eq!(client.read_reply().text(), "1");
    lambda.wait_until_idle().block();
    let text = "f RequestResponse {} attempt 1 → 200 1 (its gate was dropped)";
    assert_eq!(lines(&lambda), text);
    let attempts = serde_json::to_value(lambda.only_call().attempts()).unwrap();
    assert_eq!(attempts[0]["gate_dropped"], json!(true));
}

#[test]
fn a_gate_that_is_dropped_after_it_opened_is_not_noted() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("f").reply(held(1, &gate));
    gate.open();
    drop(gate);
    assert_eq!(asking(&lambda).read_reply().text(), "1");
    lambda.wait_until_idle().block();
    assert_eq!(lines(&lambda), "f RequestResponse {} attempt 1 → 200 1");
}

#[test]
fn one_gate_holds_replies_of_two_fakes() {
    let fakes = [FakeLambda::start(), FakeLambda::start()];
    let gate = Gate::new();
    let mut clients = fakes.each_ref().map(|lambda| {
        lambda.on("f").reply(held(1, &gate));
        asking(lambda)
    });
    gate.reached(2).block();
    let [first, second] = &mut clients;
    gate.open_one();
    // Their order of arrival is not defined: one continues and one stays.
    gate.open_one();
    assert_eq!(first.read_reply().text(), "1");
    assert_eq!(second.read_reply().text(), "1");
    let [one, other] = fakes;
    drop(one);
    let mut client = asking(&other);
    gate.reached(3).block();
    gate.open();
    assert_eq!(client.read_reply().text(), "1");
}

#[rstest]
#[case::service_error("X-None: none", Reply::error(ServiceError::ServiceException), 500)]
#[case::plain_http("X-None: none", Reply::http(502, "<html>"), 502)]
#[case::event(
    "X-Amz-Invocation-Type: Event",
    Reply::error(ServiceError::ServiceException),
    500
)]
fn any_reply_can_be_held(#[case] field: &str, #[case] reply: Reply, #[case] status: u16) {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("f").reply(reply.hold(&gate));
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[field], "{}");
    gate.reached(1).block();
    assert!(client.is_silent());
    gate.open();
    assert_eq!(client.read_reply().status(), status);
}

#[test]
fn the_caller_of_an_event_is_not_held() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("f").reply(held(1, &gate));
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &["X-Amz-Invocation-Type: Event"], "{}");
    assert_eq!(client.read_reply().status(), 202);
}

#[test]
fn a_fault_without_a_reply_can_be_held_and_delayed() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let late = Reply::from(Fault::Reset)
        .hold(&gate)
        .delay(Duration::from_millis(1));
    lambda.on("f").reply(late);
    let mut client = asking(&lambda);
    gate.reached(1).block();
    assert!(client.is_silent());
    gate.open();
    assert_eq!(client.read_out(), (Vec::new(), crate::raw::End::Reset));
}

#[tokio::test]
async fn a_handler_can_hold_its_reply_and_wait_at_a_gate_itself() {
    let lambda = FakeLambda::start();
    let (inside, outside) = (Gate::new(), Gate::new());
    let handler = {
        let inside = inside.clone();
        async move |_: Invocation| held(1, &inside)
    };
    lambda.on("f").reply(Reply::handle(handler));
    lambda.on("g").handle({
        let outside = outside.clone();
        async move |_: Invocation| {
            outside.reached(1).await;
            json!("after the gate")
        }
    });
    lambda.on("h").reply(held(3, &outside));
    let ask = |function: &'static str| {
        let handle: Handle = lambda.handle();
        tokio::task::spawn_blocking(move || {
            let mut client = Client::connect(&handle);
            client.send_invoke(function, &[], "{}");
            client.read_reply().text().to_owned()
        })
    };
    let (f, g) = (ask("f"), ask("g"));
    inside.reached(1).await;
    inside.open();
    assert_eq!(f.await.unwrap(), "1");
    let h = ask("h");
    assert_eq!(g.await.unwrap(), "\"after the gate\"");
    outside.open();
    assert_eq!(h.await.unwrap(), "3");
}

#[test]
fn a_gate_prints_its_location_and_what_it_holds() {
    let gate = Gate::new();
    let line = line!() - 1;
    let text = format!("{gate:?}");
    let place = format!("{}:{line}:16", file!());
    assert_eq!(
        text,
        format!("Gate {{ made_at: {place}, open: false, held: 0 }}")
    );
}
