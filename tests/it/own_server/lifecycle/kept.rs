//! The journal keeps a part of many calls and counts all of them.

use std::sync::mpsc;
use std::thread;

use fake_lambda::matchers::attempt;
use fake_lambda::{Call, FakeLambda, Handle, Invocation, ServiceError};
use rstest::rstest;
use serde_json::{Value, json};

use super::alone::{next_line, role, run, this_test};
use super::{SOON, call};
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
    assert_eq!(first, Some("(10000 earlier calls are no longer kept)"));
}

#[test]
fn a_small_journal_keeps_the_newest_calls() {
    let lambda = FakeLambda::builder().journal_calls(2).start();
    lambda.on("f").reply(json!(1));
    call_often(&lambda, 5);
    lambda.assert_calls(5);
    insta::assert_snapshot!(lambda.journal(), @r"
    (3 earlier calls are no longer kept)
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
    (4 earlier calls are no longer kept)
    1 waits RequestResponse {"kept":true}
      attempt 1 → waiting
    6 f RequestResponse <2 bytes, no longer kept>
      attempt 1 → 200 1
    "#);
}

#[test]
fn over_the_byte_limit_the_oldest_payloads_are_dropped() {
    let lambda = FakeLambda::builder().journal_bytes(8_000).start();
    lambda.on("f").reply(json!(1));
    let payload = json!("x".repeat(998)).to_string();
    let mut client = Client::connect(&lambda);
    for _ in 0..20 {
        client.send_invoke("f", &[], &payload);
        client.read_reply();
    }
    lambda.wait_until_idle().block();
    lambda.assert_calls(20);
    let calls = lambda.calls();
    let lengths: Vec<_> = calls
        .iter()
        .map(|call| call.first().payload_len())
        .collect();
    assert_eq!(lengths, [1_000; 20]);
    let kept: Vec<_> = calls
        .iter()
        .map(|call| serde_json::to_value(call).unwrap()["payload"].is_string())
        .collect();
    let dropped = kept.iter().take_while(|kept| !**kept).count();
    assert!(kept[dropped..].iter().all(|kept| *kept), "{kept:?}");
    // Twenty heads of 93 bytes are kept as well.
    assert_eq!(20 - dropped, 6, "{kept:?}");
    assert_eq!(calls[19].first().payload(), payload);
    assert!(
        lambda
            .journal()
            .to_string()
            .starts_with("1 f RequestResponse <1000 bytes, no longer kept>\n  attempt 1 → 200 1\n")
    );
}

#[test]
fn reading_a_dropped_payload_panics_and_names_the_limit() {
    if role().is_none() {
        let ended = run(this_test!(), "asks", |_| {});
        ended.panicked_at_the_marked_line();
        let text = "the payload of this invocation of `f` (2 bytes) is no longer kept: the journal was over its byte limit\n  \
                    help: raise the limit with `FakeLambda::builder().journal_bytes(..)`";
        assert!(ended.stderr.contains(text), "{ended}");
        return;
    }
    let lambda = FakeLambda::builder().journal_bytes(0).start();
    lambda.on("f").reply(json!(1));
    call(&lambda, "f");
    lambda.wait_until_idle().block();
    let call = lambda.only_call();
    next_line!();
    call.first().payload();
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
    let calls = lambda.calls();
    let left: Vec<_> = calls
        .iter()
        .map(|call| call.attempts()[0].reply_payload().unwrap().len())
        .collect();
    assert_eq!(left, [0; 3], "the replies of handlers count too");
}
