//! Of many calls, the journal keeps the last ones, and it counts all of them.

use std::sync::mpsc;
use std::thread;

use fake_lambda::matchers::attempt;
use fake_lambda::{Call, FakeLambda, Handle, Invocation, ServiceError};
use rstest::rstest;
use serde_json::{Value, json};

use super::SOON;
use crate::raw::Client;

#[rstest]
#[case::of_one_attempt(1)]
#[case::of_two_attempts(2)]
fn calls_of_eight_clients_are_recorded_once_and_in_order(#[case] attempts: u32) {
    const CLIENTS: u64 = 8;
    const CALLS: u64 = 1_000;
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle(async |invocation: Invocation| invocation.payload_json());
    for number in 1..attempts {
        lambda
            .on("f")
            .when(attempt(number))
            .reply(ServiceError::ServiceException);
    }
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let lambda = lambda.handle();
            scope.spawn(move || {
                let mut connection = Client::connect(&lambda);
                for number in 0..CALLS {
                    let payload = format!(r#"{{"client":{client},"number":{number}}}"#);
                    for attempt in 1..=attempts {
                        let fields = [
                            format!("amz-sdk-invocation-id: {client}-{number}"),
                            format!("amz-sdk-request: attempt={attempt}; max=3"),
                        ];
                        connection.send_invoke(
                            "f",
                            &fields.each_ref().map(String::as_str),
                            &payload,
                        );
                        let reply = connection.read_reply();
                        let is_last = attempt == attempts;
                        assert_eq!(reply.status(), if is_last { 200 } else { 500 });
                        assert_eq!(reply.body == payload.as_bytes(), is_last, "{reply}");
                    }
                }
            });
        }
    });
    lambda.assert_calls(CLIENTS * CALLS);
    lambda.assert_attempts(CLIENTS * CALLS * u64::from(attempts));
    let mut next = [0; CLIENTS as usize];
    for call in lambda.calls() {
        let payload = call.first().payload_json();
        let client = payload["client"].as_u64().unwrap();
        let next = &mut next[client as usize];
        assert_eq!(payload["number"], *next, "of client {client}");
        *next += 1;
        let seen: Vec<_> = call
            .attempts()
            .iter()
            .map(|attempt| (attempt.invocation().attempt(), attempt.status()))
            .collect();
        let expected: Vec<_> = (1..=attempts)
            .map(|attempt| {
                (
                    Some(attempt),
                    Some(if attempt == attempts { 200 } else { 500 }),
                )
            })
            .collect();
        assert_eq!(seen, expected, "of call {payload}");
    }
    assert_eq!(next, [CALLS; CLIENTS as usize]);
}

/// Makes this many calls over one connection, pipelining a hundred at a time.
fn call_often(lambda: &Handle, calls: u64) {
    let mut client = Client::connect(lambda);
    for start in (0..calls).step_by(100) {
        let numbers = start..calls.min(start + 100);
        for number in numbers.clone() {
            client.send_invoke("f", &[], number.to_string());
        }
        for _ in numbers {
            assert_eq!(client.read_reply().status(), 200);
        }
    }
    lambda.wait_until_idle().block();
}

fn payloads(calls: &[Call]) -> Vec<u64> {
    calls
        .iter()
        .map(|call| call.first().payload_json().as_u64().unwrap())
        .collect()
}

#[test]
fn the_last_ten_thousand_calls_are_kept_and_all_are_counted() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(json!(1));
    call_often(&lambda, 20_000);
    lambda.assert_calls(20_000);
    lambda.assert_attempts(20_000);
    script.assert_calls(20_000);
    lambda.seen("f").assert_attempts(20_000);
    let calls = lambda.calls();
    assert!(payloads(&calls).into_iter().eq(10_000..20_000));
    assert_eq!(
        (calls[0].number(), calls[9_999].number()),
        (10_001, 20_000),
        "the numbers continue"
    );
    let journal = lambda.journal().to_string();
    let first = journal.lines().next();
    assert_eq!(first, Some("(10000 earlier calls dropped)"));
}

#[test]
fn a_small_journal_keeps_the_newest_calls() {
    let lambda = FakeLambda::builder().journal_calls(2).start();
    lambda.on("f").reply(json!(1));
    call_often(&lambda, 5);
    lambda.assert_calls(5);
    insta::assert_snapshot!(lambda.journal(), @r"
    (3 earlier calls dropped)
    4 f RequestResponse 3
      attempt 1 → 200 1
    5 f RequestResponse 4
      attempt 1 → 200 1
    ");
}

#[test]
fn a_call_that_waits_is_never_dropped() {
    let lambda = FakeLambda::builder()
        .journal_calls(2)
        .journal_bytes(0)
        .start();
    lambda.on("f").reply(json!(1));
    let (begins, begun) = mpsc::channel();
    lambda.on("waits").handle(async move |_: Invocation| {
        begins.send(()).unwrap();
        std::future::pending::<Value>().await
    });
    let mut waiting = Client::connect(&lambda);
    waiting.send_invoke("waits", &[], r#"{"kept":true}"#);
    begun.recv_timeout(SOON).unwrap();
    let mut client = Client::connect(&lambda);
    for _ in 0..5 {
        client.send_invoke("f", &[], "{}");
        client.read_reply();
    }
    lambda.seen("f").wait_for_calls(5).block();
    lambda.assert_calls(6);
    insta::assert_snapshot!(lambda.journal(), @r#"
    (5 earlier calls dropped)
    1 waits RequestResponse {"kept":true}
      attempt 1 → waiting
    "#);
}

#[test]
fn over_the_byte_limit_the_oldest_calls_are_dropped_with_everything_they_hold() {
    let lambda = FakeLambda::builder().journal_bytes(400_000).start();
    lambda.on("f").reply(json!(1));
    let payload = json!("x".repeat(9_998)).to_string();
    let head = format!("x-long: {}", "y".repeat(10_000));
    let mut client = Client::connect(&lambda);
    for _ in 0..40 {
        client.send_invoke("f", &[&head], &payload);
        client.read_reply();
    }
    lambda.wait_until_idle().block();
    lambda.assert_calls(40);
    let calls = lambda.calls();
    assert!((16..20).contains(&calls.len()), "{}", calls.len());
    let first = 41 - calls.len() as u64;
    let numbers = calls.iter().map(fake_lambda::Call::number);
    assert!(numbers.eq(first..=40), "the newest are kept");
    for call in &calls {
        assert_eq!(call.first().payload(), payload);
        assert_eq!(call.first().header("x-long").map(str::len), Some(10_000));
    }
}

#[test]
fn with_a_byte_limit_of_zero_a_handler_still_gets_its_payload() {
    let lambda = FakeLambda::builder().journal_bytes(0).start();
    lambda
        .on("echo")
        .handle(async |invocation: Invocation| invocation.payload_json());
    let mut client = Client::connect(&lambda);
    for _ in 0..3 {
        client.send_invoke("echo", &[], r#"{"id":7}"#);
        assert_eq!(client.read_reply().body, br#"{"id":7}"#);
    }
    lambda.wait_until_idle().block();
    lambda.assert_calls(3);
    assert_eq!(lambda.calls().len(), 0);
}

#[test]
fn the_replies_of_handlers_and_the_attempts_of_a_call_count_toward_the_byte_limit() {
    let lambda = FakeLambda::builder().journal_bytes(300_000).start();
    lambda
        .on("long")
        .handle(async |_: Invocation| json!("x".repeat(50_000)));
    lambda.on("f").reply(json!(1));
    let mut client = Client::connect(&lambda);
    for _ in 0..10 {
        client.send_invoke("long", &[], "{}");
        client.read_reply();
    }
    lambda.wait_until_idle().block();
    assert_eq!(lambda.calls().len(), 5, "of ten replies of 50 kB");
    for _ in 0..1_000 {
        client.send_invoke("f", &["amz-sdk-invocation-id: one"], "{}");
        client.read_reply();
    }
    lambda.wait_until_idle().block();
    lambda.assert_attempts(1_010);
    let kept = lambda.calls();
    assert!(kept.len() <= 1, "{}", kept.len());
    let attempts = kept.last().map_or(0, |call| call.attempts().len());
    assert!(attempts < 500, "{attempts} attempts are kept");
}
