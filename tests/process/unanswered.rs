//! What a drop finds unanswered: everyone is let go at once, and standard error names what kept them.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use fake_lambda::{FakeLambda, Fault, Gate, Invocation, Reply};
use serde_json::json;

use crate::alone::{role, run, this_test};
use crate::raw::{Client, End};
use crate::text::Places;
use crate::{answered, raw};

/// Generous: what is waited for takes milliseconds.
const SOON: Duration = Duration::from_secs(10);

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_drop_lets_every_client_go_and_names_what_kept_it() {
    let (begins, begun) = mpsc::channel();
    let has_ended = Arc::new(AtomicBool::new(false));
    let ended = has_ended.clone();
    let value = || Reply::json(json!({"paid": 42}));
    // The child is asked. Its parent does the same to know the places.
    let mut places = Places::default();
    places.next("fake", "FakeLambda::start");
    let lambda = FakeLambda::start();
    places.next("gate", "Gate::new");
    let gate = Gate::new();
    places.next("hanging", "on(");
    lambda.on("hang").reply(Fault::Hang);
    places.next("held", "on(");
    lambda.on("gate").reply(value().hold(&gate));
    places.next("delayed", "on(");
    lambda.on("delay").reply(value().delay(HOUR));
    places.next("late body", "on(");
    lambda.on("body").reply(value().body_delay(HOUR));
    let stalled = value().fault(Fault::StallAfter(3));
    places.next("stalled", "on(");
    lambda.on("stall").reply(stalled);
    places.next("handler", "handle(");
    lambda.on("sleep").handle(async move |_: Invocation| {
        begins.send(()).unwrap();
        thread::sleep(Duration::from_secs(5)); // the subject: it blocks the thread past the drop's second
        ended.store(true, Ordering::SeqCst);
        json!(null)
    });
    if role().is_none() {
        let ended = run(this_test!(), "unanswered", |_| {});
        ended.succeeded();
        let (_, said) = ended.stderr.split_once("fake-lambda, ").unwrap();
        insta::assert_snapshot!(places.named(said.trim_end()), @r"
        started at <fake>, was dropped with 6 requests unanswered:
          call 1, hang RequestResponse {}: no byte, hanging, scripted at <hanging>
          call 2, gate RequestResponse {}: held by the gate made at <gate>, scripted at <held>
          call 3, delay RequestResponse {}: delayed for 3600s, scripted at <delayed>
          call 4, body RequestResponse {}: its body is delayed, scripted at <late body>
          call 5, stall RequestResponse {}: stalled after 3 bytes of the body, scripted at <stalled>
          call 6, sleep RequestResponse {}: in the handler written at <handler>
        fake-lambda, started at <fake>: the handler written at <handler> still blocks the fake's thread after a second; it is left behind
        ");
        return;
    }
    let ask = |function: &str| {
        let mut client = Client::connect(&lambda);
        client.send_invoke(function, &[], "{}");
        client
    };
    let mut clients: Vec<_> = ["hang", "gate", "delay", "body", "stall"]
        .into_iter()
        .map(|function| {
            let client = ask(function);
            // The one that sleeps keeps the fake's thread, so the others have to be where they stay before it begins.
            let deadline = Instant::now() + SOON;
            while lambda.seen(function).calls().is_empty() {
                assert!(Instant::now() < deadline, "`{function}` never came");
                thread::yield_now();
            }
            client
        })
        .collect();
    gate.reached(1).block();
    clients.push(ask("sleep"));
    begun.recv_timeout(SOON).unwrap();
    let port = lambda.port();
    let dropping = thread::spawn(move || {
        let begun = Instant::now();
        drop(lambda);
        begun.elapsed()
    });
    for client in &mut clients {
        assert_eq!(client.read_out().1, End::Closed);
    }
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(!has_ended.load(Ordering::SeqCst));
    let took = dropping.join().unwrap();
    assert!(took < Duration::from_secs(3), "the drop took {took:?}");
    assert!(
        !has_ended.load(Ordering::SeqCst),
        "the drop waited for the handler"
    );
    drop(gate);
}

/// A reply may have been sent whole a moment before the fake takes note of it: that is nothing to tell.
#[test]
fn a_drop_right_behind_the_last_byte_says_nothing() {
    if role().is_none() {
        let ended = run(this_test!(), "answered", |_| {});
        ended.succeeded();
        assert!(!ended.stderr.contains("unanswered"), "{ended}");
        return;
    }
    for _ in 0..300 {
        let lambda = FakeLambda::start();
        lambda.on("f").reply(json!(1));
        let _client = answered(&lambda, "1");
        drop(lambda);
        let lambda = FakeLambda::start();
        let reply = Reply::json(json!(1)).fault(Fault::ResetOnReuse);
        lambda.on("f").reply(reply);
        raw::invoke(&lambda, "f", &[], "{}");
    }
}
