//! The times of attempts that wait or that are abandoned, and how the journal shows duplicates.

use std::future::pending;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use fake_lambda::{FakeLambda, Invocation, Reply, sdk_client};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::panics::text_of;
use crate::raw::{self, Client};
use crate::waits::{DEADLINE, SendInTime as _, until};

#[test]
fn an_attempt_that_waits_has_no_end_yet() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle(async |_: Invocation| pending::<Value>().await);
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    until(|| !lambda.calls().is_empty());
    assert_eq!(lambda.only_call().attempts()[0].ended(), None);
    assert!(lambda.timeline().to_string().ends_with("→ waiting"));
    drop(client);
    lambda.wait_for_attempts(1).block();
    assert!(lambda.only_call().attempts()[0].ended().is_some());
}

#[tokio::test]
async fn work_that_is_abandoned_and_retried_is_marked_as_duplicate() {
    use aws_sdk_lambda::config::timeout::TimeoutConfig;
    let lambda = FakeLambda::start();
    lambda
        .on("charge-card")
        .handle(async |_: Invocation| pending::<Value>().await)
        .then(json!({"paid": true}));
    let client = sdk_client!(aws_sdk_lambda, lambda, |config| {
        let patience = Duration::from_millis(200);
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(patience);
        config.timeout_config(timeouts.build())
    });
    let call = client.invoke().function_name("charge-card");
    call.send_in_time().await.unwrap();
    lambda.wait_for_attempts(2).await;
    let timeline = lambda.timeline().to_string();
    let lines: Vec<&str> = timeline.lines().collect();
    assert!(
        lines[0].starts_with("1 call, 2 attempts, 1 abandoned, in "),
        "{timeline}"
    );
    assert!(lines[1].contains("x"), "the end of the first: {timeline}");
    assert!(
        lines[2].ends_with(
            "attempt 1/3, 0 bytes in → no answer (still running) (abandoned by the client)"
        ),
        "{timeline}"
    );
    assert!(lines[3].starts_with("  waited "), "{timeline}");
    assert!(
        lines[4].ends_with(
            r#", 13 out → 200 {"paid":true} (ran twice: attempt 1/3 is still running it)"#
        ),
        "{timeline}"
    );
}

/// On a busy machine, the fake's thread can pause right after it has written a reply. If the
/// attempt ended only then, the journal's wait before a retry would be shorter than the client's.
#[test]
fn an_attempt_ends_before_its_client_has_the_reply() {
    const CALLS: u64 = 3_000;
    const REQUEST: &[u8] =
        b"POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let mut socket = TcpStream::connect(("127.0.0.1", lambda.port())).unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut read_at = Vec::new();
    for _ in 0..CALLS {
        socket.write_all(REQUEST).unwrap();
        let deadline = Instant::now() + DEADLINE;
        let mut buffer = [0; 4096];
        // It spins, to have the bytes as soon as they are there.
        while !matches!(socket.read(&mut buffer), Ok(1..)) {
            assert!(Instant::now() < deadline, "no reply");
        }
        read_at.push(Instant::now());
    }
    lambda.wait_for_calls(CALLS).block();
    let ended = lambda
        .calls()
        .into_iter()
        .map(|call| call.attempts()[0].ended());
    let late = ended
        .zip(read_at)
        .filter(|(ended, read_at)| ended.unwrap() > *read_at);
    assert_eq!(late.count(), 0);
}

#[test]
fn assert_no_duplicates_fails_if_the_journal_has_dropped_calls() {
    let lambda = FakeLambda::builder().journal_calls(1).start();
    lambda.on("pay").reply(json!(null));
    for payload in ["1", "2"] {
        raw::invoke(&lambda, "pay", &[], payload);
    }
    lambda.wait_until_idle().block();
    assert_snapshot!(text_of(|| lambda.assert_no_duplicates()), @r#"
    error: duplicates cannot be found: the journal has dropped 1 call
      help: raise its limit with `FakeLambda::builder().journal_calls(..)`
    "#);
}

#[test]
fn assert_no_duplicates_fails_if_ended_events_were_dropped() {
    let lambda = FakeLambda::builder().journal_calls(2).start();
    let twice = Reply::json(1).delivered_times(2);
    lambda.on("mail").reply(twice).then(json!(1));
    for payload in ["1", "2"] {
        raw::invoke(&lambda, "mail", &["X-Amz-Invocation-Type: Event"], payload);
        lambda.settle_events().block();
    }
    assert_snapshot!(text_of(|| lambda.assert_no_duplicates()), @"
    error: duplicates cannot be found: the fake has dropped 1 ended event
      help: raise its limit with `FakeLambda::builder().journal_calls(..)`
    ");
}
