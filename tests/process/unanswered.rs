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
use crate::text::without_lines;
use crate::{answered, raw};

/// Generous: what is waited for takes milliseconds.
const SOON: Duration = Duration::from_secs(10);

const HOUR: Duration = Duration::from_secs(3600);

// Its lines are in the text that the test expects.
fn started(sleeps: impl Fn() + Send + Sync + 'static) -> (FakeLambda, Gate) {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let value = || Reply::json(json!({"paid": 42}));
    lambda.on("hang").reply(Fault::Hang);
    lambda.on("gate").reply(value().hold(&gate));
    lambda.on("delay").reply(value().delay(HOUR));
    lambda.on("body").reply(value().body_delay(HOUR));
    lambda
        .on("stall")
        .reply(value().fault(Fault::StallAfter(3)));
    lambda.on("sleep").handle(async move |_: Invocation| {
        sleeps();
        json!(null)
    });
    (lambda, gate)
}

#[test]
fn a_drop_lets_every_client_go_and_names_what_kept_it() {
    if role().is_none() {
        let ended = run(this_test!(), "unanswered", |_| {});
        ended.succeeded();
        let (_, said) = ended.stderr.split_once("fake-lambda, ").unwrap();
        insta::assert_snapshot!(without_lines(said.trim_end()), @r"
        started at tests/process/unanswered.rs:LINE#1, was dropped with 6 requests unanswered:
          call 1, hang RequestResponse {}: no byte, hanging, scripted at tests/process/unanswered.rs:LINE#3
          call 2, gate RequestResponse {}: held by the gate made at tests/process/unanswered.rs:LINE#2, scripted at tests/process/unanswered.rs:LINE#4
          call 3, delay RequestResponse {}: delayed for 3600s, scripted at tests/process/unanswered.rs:LINE#5
          call 4, body RequestResponse {}: its body is delayed, scripted at tests/process/unanswered.rs:LINE#6
          call 5, stall RequestResponse {}: stalled after 3 bytes of the body, scripted at tests/process/unanswered.rs:LINE#7
          call 6, sleep RequestResponse {}: in the handler written at tests/process/unanswered.rs:LINE#8
        fake-lambda, started at tests/process/unanswered.rs:LINE#1: the handler written at tests/process/unanswered.rs:LINE#8 still blocks the fake's thread after a second; it is left behind
        ");
        return;
    }
    let (begins, begun) = mpsc::channel();
    let has_ended = Arc::new(AtomicBool::new(false));
    let ended = has_ended.clone();
    let (lambda, gate) = started(move || {
        begins.send(()).unwrap();
        thread::sleep(Duration::from_secs(5)); // the subject: it blocks the thread past the drop's second
        ended.store(true, Ordering::SeqCst);
    });
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
