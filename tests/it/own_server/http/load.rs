//! Many connections and long bodies.

use fake_lambda::{FakeLambda, Invocation};
use rstest::rstest;
use serde_json::{Value, json};

use super::{OK, TO_F, entries, json_text, request, start, still_answers};
use crate::raw::Client;

#[test]
fn a_client_is_answered_next_to_a_thousand_idle_ones() {
    let lambda = start();
    let mut idle: Vec<Client> = (0..1_000).map(|_| Client::connect(&lambda)).collect();
    still_answers(&lambda);
    for client in idle.iter_mut().step_by(333) {
        client.send(&request("f", "{}"));
        assert_eq!(client.read_reply().stable(), OK);
    }
    drop(idle);
    still_answers(&lambda);
    assert_eq!(entries(&lambda).len(), 6);
    lambda.verify();
}

#[rstest]
#[case::with_a_length(false)]
#[case::in_chunks(true)]
fn a_body_of_6_mib_arrives_intact(#[case] chunked: bool) {
    let lambda = start();
    let text = json_text(6 * 1024 * 1024 - 1);
    let mut client = Client::connect(&lambda);
    if chunked {
        client.send(format!("{TO_F}Transfer-Encoding: chunked\r\n\r\n").as_bytes());
        for chunk in text.as_bytes().chunks(100_000) {
            client.send(format!("{:x}\r\n", chunk.len()).as_bytes());
            client.send(chunk);
            client.send(b"\r\n");
        }
        client.send(b"0\r\n\r\n");
    } else {
        client.send(&request("f", &text));
    }
    assert_eq!(client.read_reply().stable(), OK);
    // Not `assert_eq`, which would print both.
    assert!(lambda.only_call().first().payload() == text);
    lambda.verify();
}

#[test]
fn a_slow_reader_gets_its_whole_reply_and_blocks_no_other_client() {
    let lambda = start();
    let text = json_text(5 * 1024 * 1024);
    let reply: Value = serde_json::from_str(&text).unwrap();
    let long = lambda
        .on("long")
        .handle(async move |_: Invocation| reply.clone());
    let mut slow = Client::connect(&lambda);
    slow.send(&request("long", "{}"));
    slow.wait_for_a_byte();
    // The reply has begun and the system's buffers hold a part of it; the rest waits for the
    // reader.
    still_answers(&lambda);
    let rest = slow.read_reply();
    assert_eq!(rest.status(), 200);
    assert!(rest.body == text.as_bytes());
    long.wait_for_attempts(1).block();
    assert!(!long.calls()[0].attempts()[0].is_abandoned());
}

#[test]
fn a_client_that_disconnects_inside_a_long_reply_abandons_its_attempt() {
    // The reply is far longer than what the system's buffers can hold or a function can return.
    let lambda = FakeLambda::builder().check_payloads(false).start();
    lambda.on("f").reply(json!({"ok": true}));
    let reply: Value = serde_json::from_str(&json_text(20 * 1024 * 1024)).unwrap();
    lambda.on("long").reply(reply);
    let mut client = Client::connect(&lambda);
    client.send(&request("long", "{}"));
    client.wait_for_a_byte();
    drop(client);
    lambda.wait_until_idle().block();
    let entries = entries(&lambda);
    assert!(
        entries[0].ends_with("… (20971520 bytes) (abandoned by the client)"),
        "{entries:?}"
    );
    still_answers(&lambda);
    lambda.verify();
}
