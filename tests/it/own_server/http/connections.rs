//! When a connection ends, and clients that disconnect.

use std::thread;
use std::time::Instant;

use fake_lambda::FakeLambda;
use rstest::rstest;
use serde_json::json;

use super::{Barrier, DEADLINE, OK, TO_F, Waiting, entries, request, start, still_answers};
use crate::raw::Client;

/// [`entries`], once there are this many: the end of a connection is detected a moment later, and
/// no reply shows when.
fn entries_once_there_are(lambda: &FakeLambda, count: usize) -> Vec<String> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let entries = entries(lambda);
        if entries.len() >= count {
            return entries;
        }
        assert!(
            Instant::now() < deadline,
            "expected {count} entries, got {entries:?}"
        );
        thread::yield_now();
    }
}

// The end of a connection.

#[rstest]
#[case::of_http_1_1("1.1", "", false)]
#[case::that_asks_to_close("1.1", "Connection: close\r\n", true)]
#[case::that_asks_to_close_in_a_list("1.1", "connection: TE,  CLOSE\r\n", true)]
#[case::that_asks_to_close_in_a_second_field(
    "1.1",
    "Connection: TE\r\nConnection: close\r\n",
    true
)]
#[case::of_http_1_0("1.0", "", true)]
#[case::of_http_1_0_that_asks_to_stay("1.0", "Connection: Keep-Alive\r\n", false)]
#[case::of_http_1_0_that_asks_for_something_else("1.0", "Connection: TE\r\n", true)]
fn a_connection_closes_or_stays_open_after_a_request(
    #[case] version: &str,
    #[case] fields: &str,
    #[case] ends: bool,
) {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    let head = TO_F.replace("HTTP/1.1", &format!("HTTP/{version}"));
    let bytes = format!("{head}{fields}Content-Length: 2\r\n\r\n{{}}");
    client.send(bytes.as_bytes());
    let reply = client.read_reply();
    if ends {
        let closing = OK.replace("Connection: keep-alive", "Connection: close");
        assert_eq!(reply.stable(), closing);
        assert_eq!(client.read_to_end(), b"");
    } else {
        assert_eq!(reply.stable(), OK);
        client.send(&request("f", "2"));
        assert_eq!(client.read_reply().stable(), OK);
    }
    assert_eq!(entries(&lambda).len(), if ends { 1 } else { 2 });
}

#[test]
fn bytes_after_a_request_that_closes_are_not_answered() {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    let closing = format!("{TO_F}Connection: close\r\nContent-Length: 1\r\n\r\n1");
    client.send(&[closing.as_bytes(), &request("f", "2")].concat());
    assert_eq!(client.read_reply().status(), 200);
    assert_eq!(client.read_to_end(), b"");
    assert_eq!(
        entries(&lambda),
        ["f RequestResponse 1 attempt 1 → 200 {\"ok\":true}"]
    );
}

#[test]
fn one_connection_is_used_again_and_again() {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    for number in 1..=3 {
        // Some clients end a body with a line break that is not part of it.
        let before = if number == 2 { "\r\n" } else { "" };
        client.send(&[before.as_bytes(), &request("f", &number.to_string())].concat());
        assert_eq!(client.read_reply().stable(), OK);
    }
    client.close_sending_half();
    assert_eq!(client.read_to_end(), b"");
    let line = |number| format!("f RequestResponse {number} attempt 1 → 200 {{\"ok\":true}}");
    assert_eq!(entries(&lambda), [line(1), line(2), line(3)]);
}

#[test]
fn a_line_break_at_the_end_of_a_connection_is_not_a_request() {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(&[&request("f", "1")[..], b"\r\n"].concat());
    assert_eq!(client.read_reply().stable(), OK);
    client.close_sending_half();
    assert_eq!(client.read_to_end(), b"");
    assert_eq!(
        entries(&lambda),
        ["f RequestResponse 1 attempt 1 → 200 {\"ok\":true}"]
    );
}

#[test]
fn a_half_closed_client_gets_an_immediate_reply() {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(&request("f", "1"));
    client.close_sending_half();
    assert_eq!(client.read_reply().stable(), OK);
    assert_eq!(client.read_to_end(), b"");
}

enum Leaving {
    Closing,
    HalfClosing,
    Resetting,
}

use Leaving::{Closing, HalfClosing, Resetting};

// Clients that disconnect.

#[rstest]
#[case::inside_the_head(
    "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: la",
    "`POST /2015-03-31/functions/f/invocations HTTP/1.1…` → no answer (the client disconnected before the end of the head)"
)]
#[case::before_the_body(
    "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
    "POST /2015-03-31/functions/f/invocations → no answer (the client disconnected after 0 of 9 bytes of the body)"
)]
#[case::inside_the_body(
    "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nContent-Length: 9\r\n\r\n{\"id\"",
    "POST /2015-03-31/functions/f/invocations → no answer (the client disconnected after 5 of 9 bytes of the body)"
)]
#[case::before_the_first_chunk(
    "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST /2015-03-31/functions/f/invocations → no answer (the client disconnected inside a chunked body)"
)]
#[case::inside_a_chunk(
    "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"id\"",
    "POST /2015-03-31/functions/f/invocations → no answer (the client disconnected inside a chunked body)"
)]
#[case::before_the_last_chunk(
    "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "POST /2015-03-31/functions/f/invocations → no answer (the client disconnected inside a chunked body)"
)]
#[case::inside_the_trailers(
    "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: 1\r\n",
    "POST /2015-03-31/functions/f/invocations → no answer (the client disconnected inside a chunked body)"
)]
fn a_client_that_disconnects_inside_its_request_is_recorded(
    #[case] sent: &str,
    #[case] entry: &str,
    #[values(Closing, HalfClosing, Resetting)] leaving: Leaving,
) {
    let lambda = start();
    let mut barrier = Barrier::of(&lambda);
    let mut client = Client::connect(&lambda);
    client.send(sent.as_bytes());
    barrier.pass();
    leave(client, &leaving);
    assert_eq!(entries_once_there_are(&lambda, 1), [entry]);
    still_answers(&lambda);
    lambda.assert_calls(lambda.seen("barrier").calls().len() as u64 + 1);
    lambda.verify();
}

#[rstest]
fn a_client_that_sends_nothing_is_not_recorded(
    #[values(Closing, HalfClosing, Resetting)] leaving: Leaving,
) {
    let lambda = start();
    let mut barrier = Barrier::of(&lambda);
    let client = Client::connect(&lambda);
    barrier.pass();
    leave(client, &leaving);
    barrier.pass();
    assert_eq!(entries(&lambda), [""; 0]);
    still_answers(&lambda);
    lambda.verify();
}

#[rstest]
#[case::after_its_request("")]
#[case::with_another_request_after_it(TO_F)]
fn a_client_that_disconnects_from_a_waiting_handler_abandons_its_attempt(
    #[case] behind: &str,
    #[values(Closing, HalfClosing, Resetting)] leaving: Leaving,
) {
    let lambda = start();
    let mut barrier = Barrier::of(&lambda);
    let slow = Waiting::on(&lambda, "slow", json!("slow"));
    let mut client = Client::connect(&lambda);
    client.send(&[&request("slow", "{}"), behind.as_bytes()].concat());
    slow.has_begun();
    barrier.pass();
    leave(client, &leaving);
    slow.script.wait_for_attempts(1).block();
    let entry = "slow RequestResponse {} attempt 1 → no answer";
    // The function continues, as on AWS.
    let running = format!("{entry} (still running) (abandoned by the client)");
    assert_eq!(entries(&lambda), [running]);
    slow.let_go();
    still_answers(&lambda);
    lambda.wait_until_idle().block();
    let ran = format!("{entry} (ran, lost 200 \"slow\") (abandoned by the client)");
    assert_eq!(entries(&lambda)[0], ran);
    slow.script.assert_attempts(1);
    assert!(slow.script.calls()[0].attempts()[0].is_abandoned());
    lambda.verify();
}

/// Disconnects; if the connection is half closed, the other half ends without a byte.
fn leave(mut client: Client, leaving: &Leaving) {
    match leaving {
        Closing => drop(client),
        HalfClosing => {
            client.close_sending_half();
            assert_eq!(client.read_to_end(), b"");
        }
        Resetting => client.reset(),
    }
}
