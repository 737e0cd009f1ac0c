//! A service that is unreachable for a while.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};

use fake_lambda::{FakeLambda, Gate, Invocation, Reply, sdk_client};
use insta::assert_snapshot;
use serde_json::json;

use crate::raw::{Client, End, invoke};
use crate::waits::SendInTime;
use crate::waits::until;

const RESET: (Vec<u8>, End) = (Vec::new(), End::Reset);

fn is_refused(lambda: &FakeLambda) -> bool {
    let connected = TcpStream::connect(("127.0.0.1", lambda.port()));
    connected.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

#[test]
fn an_outage_resets_refuses_and_ends_on_the_same_port() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let mut idle = Client::connect(&lambda);
    idle.invoke("f", "", b"{}");
    let (port, outage) = (lambda.port(), lambda.outage());
    assert!(is_refused(&lambda));
    assert_eq!(idle.read_out(), RESET);
    outage.stop();
    assert_eq!(lambda.port(), port);
    assert_eq!(invoke(&lambda, "f", &[], "{}").text(), "1");
}

#[test]
fn attempts_cut_by_an_outage_are_in_the_journal() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("held").reply(Reply::json(json!(1)).hold(&gate));
    let mut held = Client::connect(&lambda);
    held.send_invoke("held", &[], "{}");
    gate.reached(1).block();
    let mut half = Client::connect(&lambda);
    half.send(b"POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}");
    // The test cannot see whether the fake has read the half request. Its connection is cut in
    // both cases.
    let outage = lambda.outage();
    assert_eq!(held.read_out(), RESET);
    assert_eq!(half.read_out(), RESET);
    drop(outage);
    let call = lambda.journal().calls().swap_remove(0);
    assert_snapshot!(call, @r"
    1 held RequestResponse {}
      attempt 1 → no answer (still running) (cut by an outage)
    ");
    let attempt = &call.attempts()[0];
    assert!(attempt.is_cut() && !attempt.is_abandoned() && !attempt.has_run());
    assert!(attempt.is_running());
    assert_eq!(
        serde_json::to_value(attempt).unwrap(),
        json!({"running": true, "cut": true})
    );
    gate.open();
    lambda.wait_until_idle().block();
    assert!(lambda.calls()[0].attempts()[0].has_run());
}

#[test]
fn a_reply_that_is_read_slowly_is_cut() {
    let lambda = FakeLambda::start();
    // More than the buffers between the fake and its client can hold.
    let payload = "x".repeat(6_000_000);
    lambda.on("f").reply(json!(payload));
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    client.wait_for_a_byte();
    drop(lambda.outage());
    let (bytes, end) = client.read_out();
    assert_eq!(end, End::Reset);
    assert!(bytes.len() < payload.len());
    let call = lambda.only_call();
    assert!(call.attempts()[0].is_cut() && call.attempts()[0].has_run());
}

#[test]
fn no_other_process_gets_the_port_during_an_outage() {
    let lambda = FakeLambda::start();
    let _outage = lambda.outage();
    let stranger = TcpListener::bind(("127.0.0.1", lambda.port()));
    assert_eq!(stranger.unwrap_err().kind(), ErrorKind::AddrInUse);
}

#[test]
fn the_port_listens_again_after_the_last_of_two_outages() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    // The fake closes first, so its side of the connection lingers.
    assert!(invoke(&lambda, "f", &["Connection: close"], "{}").text() == "1");
    let (first, second) = (lambda.outage(), lambda.handle().outage());
    first.stop();
    assert!(is_refused(&lambda));
    drop(second);
    assert_eq!(invoke(&lambda, "f", &[], "{}").text(), "1");
    for _ in 0..20 {
        drop(lambda.outage());
        assert_eq!(invoke(&lambda, "f", &[], "{}").text(), "1");
    }
}

#[test]
fn a_fake_can_be_dropped_during_its_outage() {
    let lambda = FakeLambda::start();
    let outage = lambda.outage();
    let port = lambda.port();
    drop(lambda);
    let free = TcpListener::bind(("127.0.0.1", port));
    assert!(free.is_ok(), "the drop frees the port");
    drop(outage);
}

#[test]
fn a_handler_can_start_an_outage_that_cuts_its_own_client() {
    let lambda = FakeLambda::start();
    let handle = lambda.handle();
    static OVER: AtomicBool = AtomicBool::new(false);
    lambda.on("f").handle(async move |_: Invocation| {
        let outage = handle.outage();
        tokio::task::yield_now().await;
        drop(outage);
        OVER.store(true, Ordering::Release);
        json!(1)
    });
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    assert_eq!(client.read_out(), RESET);
    until(|| OVER.load(Ordering::Acquire));
    lambda.wait_until_idle().block();
    assert!(lambda.only_call().attempts()[0].is_cut());
}

#[test]
#[should_panic(expected = "cannot start an outage: the fake was dropped")]
fn an_outage_of_a_dropped_fake_is_refused() {
    let handle = FakeLambda::start().handle();
    let _outage = handle.outage();
}

#[tokio::test]
async fn a_call_of_the_sdk_fails_during_an_outage_and_the_next_one_succeeds() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1)).expect_attempts(2);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    client
        .invoke()
        .function_name("f")
        .send_in_time()
        .await
        .unwrap();
    {
        let _outage = lambda.outage();
        let error = client.invoke().function_name("f").send_in_time().await;
        assert!(error.is_err_and(|error| error.as_service_error().is_none()));
    }
    client
        .invoke()
        .function_name("f")
        .send_in_time()
        .await
        .unwrap();
    assert_snapshot!(lambda.journal(), @r"
    1 f RequestResponse (empty)
      attempt 1/3 → 200 1
    2 f RequestResponse (empty)
      attempt 1/3 → 200 1
    ");
}
