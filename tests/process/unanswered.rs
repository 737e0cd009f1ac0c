//! A drop with unanswered requests: all are released immediately, and standard error
//! names what held them.

use std::process::Command;
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

/// A generous timeout: the awaited events take milliseconds.
const SOON: Duration = Duration::from_secs(10);

const HOUR: Duration = Duration::from_secs(3600);

/// Makes each drop print its report, even if the test passes.
fn always(child: &mut Command) {
    child.env("FAKE_LAMBDA_JOURNAL", "always");
}

#[test]
fn a_drop_releases_every_client_and_names_what_held_it() {
    let (begins, begun) = mpsc::channel();
    let has_ended = Arc::new(AtomicBool::new(false));
    let ended = has_ended.clone();
    let value = || Reply::json(json!({"paid": 42}));
    // The child runs this. Its parent does the same to know the locations.
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
        thread::sleep(Duration::from_secs(5)); // the subject: it blocks the thread longer than the drop waits
        ended.store(true, Ordering::SeqCst);
        json!(null)
    });
    if role().is_none() {
        let ended = run(this_test!(), "unanswered", always);
        ended.succeeded();
        let (_, said) = ended.stderr.split_once("fake-lambda (").unwrap();
        let (said, _) = said.split_once("\n\njournal").unwrap();
        insta::assert_snapshot!(places.named(said.trim_end()), @r"
        started at <fake>) left its thread running
          the handler written at <handler> has blocked it for more than 1s
          help: use async waits in handlers, not `std::thread::sleep` or blocking channels
        fake-lambda (started at <fake>) was dropped

        note: dropped with 6 unanswered requests
          call 1 is hanging, as scripted at <hanging>: hang RequestResponse {}
          call 2 is held by the gate created at <gate>: gate RequestResponse {}
          call 3 is delayed by 3600s, as scripted at <delayed>: delay RequestResponse {}
          call 4 is waiting for its delayed body, as scripted at <late body>: body RequestResponse {}
          call 5 is stalled after 3 bytes of the body, as scripted at <stalled>: stall RequestResponse {}
          call 6 is in the handler written at <handler>: sleep RequestResponse {}
          help: await `lambda.wait_until_idle()` before the test ends, so that each client gets its answer or gives up
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
            // The handler that sleeps blocks the fake's thread, so the others must have arrived
            // before it begins.
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
    assert!(raw::is_closed(port, "sleep"));
    assert!(!has_ended.load(Ordering::SeqCst));
    let took = dropping.join().unwrap();
    assert!(took < Duration::from_secs(3), "the drop took {took:?}");
    assert!(
        !has_ended.load(Ordering::SeqCst),
        "the drop waited for the handler"
    );
    drop(gate);
}

/// A client whose request to `f` has arrived.
fn waiting(lambda: &FakeLambda) -> Client {
    let mut client = Client::connect(lambda);
    client.send_invoke("f", &[], "{}");
    let deadline = Instant::now() + SOON;
    while lambda.calls().is_empty() {
        assert!(Instant::now() < deadline, "it never came");
        thread::yield_now();
    }
    client
}

/// A client often stays connected until its runtime ends, even if it has given up.
#[test]
fn a_drop_of_a_test_that_passes_prints_nothing() {
    if role().is_none() {
        let ended = run(this_test!(), "given up", |_| {});
        ended.succeeded();
        assert_eq!(ended.stderr, "", "{ended}");
        return;
    }
    let replies = [
        Reply::from(Fault::Hang),
        Reply::json(json!(1)).fault(Fault::StallAfter(0)),
        Reply::json(json!(1)).delay(HOUR),
        Reply::json(json!(1)).body_delay(HOUR),
        Reply::json(json!(1)).hold(&Gate::new()),
    ];
    for reply in replies {
        let lambda = FakeLambda::start();
        lambda.on("f").reply(reply);
        let _client = waiting(&lambda);
        drop(lambda);
    }
}

#[test]
fn a_drop_that_fails_names_the_requests_that_are_held() {
    if role().is_none() {
        let ended = run(this_test!(), "fails", |_| {});
        assert!(ended.stdout.contains("1 failed"), "{ended}");
        let said = "was dropped with 1 unanswered request\n  call 1 is hanging, as scripted at ";
        assert_eq!(ended.stderr.matches(said).count(), 1, "{ended}");
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Fault::Hang);
    lambda.on("g").reply(json!(1)).expect_calls(1);
    let _client = waiting(&lambda);
    drop(lambda);
}

/// A whole reply may have been sent a moment before the fake records it; there is nothing to report
/// then.
#[test]
fn a_drop_right_after_the_last_byte_prints_nothing() {
    if role().is_none() {
        let ended = run(this_test!(), "answered", always);
        ended.succeeded();
        assert!(!ended.stderr.contains("unanswered request"), "{ended}");
        let journals = ended.stderr.matches("attempt 1 → 200 1").count();
        assert_eq!(journals, 600, "{ended}");
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

#[test]
fn a_drop_with_many_unanswered_requests_prints_a_few_lines() {
    const MANY: usize = 300;
    if role().is_none() {
        let ended = run(this_test!(), "unanswered", always);
        ended.succeeded();
        let (_, said) = ended.stderr.split_once("note: dropped with ").unwrap();
        let said: Vec<_> = said.lines().take_while(|line| !line.is_empty()).collect();
        assert_eq!(said.len(), 3, "{ended}");
        assert_eq!(said[0], "300 unanswered requests");
        let calls = "  calls 1 to 5 and 295 more are hanging, as scripted at ";
        assert!(said[1].starts_with(calls), "{ended}");
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Fault::Hang);
    let clients: Vec<_> = (0..MANY)
        .map(|_| {
            let mut client = Client::connect(&lambda);
            client.send_invoke("f", &[], "{}");
            client
        })
        .collect();
    let deadline = Instant::now() + SOON;
    while lambda.calls().len() < MANY {
        assert!(Instant::now() < deadline, "not all arrived");
        thread::yield_now();
    }
    drop(lambda);
    drop(clients);
}

#[test]
fn a_test_that_panics_prints_its_journal_once() {
    if role().is_none() {
        let ended = run(this_test!(), "panics", |_| {});
        assert!(ended.stderr.contains("expected 2 calls, got 1"), "{ended}");
        assert!(ended.stderr.contains("also found 1 problem"), "{ended}");
        let journals = ended.stderr.matches("\n  1 f RequestResponse {}").count();
        assert_eq!(journals, 1, "{ended}");
        let above = "\njournal: as printed above\n";
        assert!(ended.stderr.contains(above), "{ended}");
        return;
    }
    let lambda = FakeLambda::start();
    raw::invoke(&lambda, "f", &[], "{}");
    lambda.assert_calls(2);
}
