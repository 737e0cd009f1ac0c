//! Each fault as bytes on a socket: what arrives, and how the connection ends.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use fake_lambda::matchers::invocation_type;
use fake_lambda::{FakeLambda, Fault, Invocation, Reply};
use rstest::rstest;
use serde_json::json;

use super::Sort::{self, FunctionError, ServiceError, Success};
use super::{HOUR, asking, steady};
use crate::raw::{Client, End};

/// The pause of a slow reply that a test waits for.
const MOMENT: Duration = Duration::from_millis(1);

const GARBAGE: &[u8] = b"\x00\xff\xfeSSH-2.0-fake-lambda\r\n\x00\r\n";

/// Returns the bytes that a fault leaves of a head and a body.
type Left = fn(&[u8], &[u8]) -> Vec<u8>;

fn nothing(_: &[u8], _: &[u8]) -> Vec<u8> {
    Vec::new()
}

fn garbage(_: &[u8], _: &[u8]) -> Vec<u8> {
    GARBAGE.to_vec()
}

fn a_head(head: &[u8], _: &[u8]) -> Vec<u8> {
    head.to_vec()
}

fn half_a_head(head: &[u8], _: &[u8]) -> Vec<u8> {
    head[..head.len() / 2].to_vec()
}

fn three_bytes(head: &[u8], body: &[u8]) -> Vec<u8> {
    [head, &body[..3]].concat()
}

fn everything(head: &[u8], body: &[u8]) -> Vec<u8> {
    [head, body].concat()
}

/// The head with another length, and the body.
fn with_length(head: &[u8], body: &[u8], length: usize) -> Vec<u8> {
    let head = String::from_utf8(head.to_vec()).unwrap();
    let (right, wrong) = (body.len(), length);
    let changed = head.replace(
        &format!("Content-Length: {right}\r\n"),
        &format!("Content-Length: {wrong}\r\n"),
    );
    assert_ne!(changed, head);
    [changed.as_bytes(), body].concat()
}

fn two_too_few(head: &[u8], body: &[u8]) -> Vec<u8> {
    with_length(head, body, body.len() - 2)
}

fn seven_too_many(head: &[u8], body: &[u8]) -> Vec<u8> {
    with_length(head, body, body.len() + 7)
}

fn chunks(head: &[u8], body: &[u8]) -> Vec<u8> {
    let length = format!("Content-Length: {}\r\n", body.len());
    let head = String::from_utf8(head.to_vec()).unwrap();
    let head = head.replace(&length, "Transfer-Encoding: chunked\r\n");
    let (first, second) = body.split_at(body.len() / 2);
    let size = format!("{:x}\r\n", first.len());
    let parts: [&[u8]; 6] = [
        head.as_bytes(),
        size.as_bytes(),
        first,
        b"\r\nno size\r\n",
        second,
        b"\r\n",
    ];
    parts.concat()
}

#[rstest]
#[case::reset(Fault::Reset, b"", End::Reset)]
#[case::close_before_reply(Fault::CloseBeforeReply, b"", End::Closed)]
#[case::garbage(Fault::Garbage, GARBAGE, End::Closed)]
fn a_fault_without_a_reply_sends_nothing_else(
    #[case] fault: Fault,
    #[case] bytes: &[u8],
    #[case] end: End,
) {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(fault);
    assert_eq!(asking(&lambda).read_out(), (bytes.to_vec(), end));
    script.assert_attempts(1);
    let attempt = lambda.only_call().attempts()[0].clone();
    assert_eq!(
        (attempt.fault(), attempt.status(), attempt.has_run()),
        (Some(fault), None, false)
    );
}

#[rstest]
#[case::reset(Fault::Reset, nothing, End::Reset)]
#[case::close_before_reply(Fault::CloseBeforeReply, nothing, End::Closed)]
#[case::garbage(Fault::Garbage, garbage, End::Closed)]
#[case::reset_in_head(Fault::ResetInHead, half_a_head, End::Reset)]
#[case::truncate_head(Fault::TruncateHead, half_a_head, End::Closed)]
#[case::truncate_after_0(Fault::TruncateAfter(0), a_head, End::Closed)]
#[case::truncate_after_three(Fault::TruncateAfter(3), three_bytes, End::Closed)]
#[case::reset_after_0(Fault::ResetAfter(0), a_head, End::Reset)]
#[case::reset_after_three(Fault::ResetAfter(3), three_bytes, End::Reset)]
#[case::bad_chunk(Fault::BadChunk, chunks, End::Closed)]
#[case::length_too_long(Fault::LengthTooLong(7), seven_too_many, End::Closed)]
#[case::close_after_reply(Fault::CloseAfterReply, everything, End::Closed)]
fn a_fault_on_a_reply_ends_the_connection(
    #[case] fault: Fault,
    #[case] left: Left,
    #[case] end: End,
    #[values(Success, ServiceError, FunctionError)] sort: Sort,
) {
    let (head, body) = sort.whole();
    let lambda = FakeLambda::start();
    lambda.on("f").reply(sort.reply().fault(fault));
    let (bytes, ended) = asking(&lambda).read_out();
    let shown = String::from_utf8_lossy(&bytes).into_owned();
    assert_eq!((steady(bytes), ended), (left(&head, &body), end), "{shown}");
    let attempt = lambda.only_call().attempts()[0].clone();
    assert_eq!(attempt.fault(), Some(fault));
    assert_eq!(attempt.has_run(), !matches!(sort, ServiceError));
    assert!(!attempt.is_abandoned());
}

#[rstest]
#[case::slow_head(Fault::SlowHead { bytes: 50, every: MOMENT }, everything)]
#[case::dribble(Fault::Dribble { bytes: 4, every: MOMENT }, everything)]
#[case::dribble_without_a_pause(Fault::Dribble { bytes: 1, every: Duration::ZERO }, everything)]
#[case::length_too_short(Fault::LengthTooShort(2), two_too_few)]
fn a_fault_on_a_reply_leaves_the_connection_open(
    #[case] fault: Fault,
    #[case] left: Left,
    #[values(Success, ServiceError, FunctionError)] sort: Sort,
) {
    let (head, body) = sort.whole();
    let lambda = FakeLambda::start();
    lambda.on("f").reply(sort.reply().fault(fault));
    lambda.on("next").reply(json!("next"));
    let mut client = asking(&lambda);
    let expected = left(&head, &body);
    assert_eq!(steady(client.read_bytes(expected.len())), expected);
    assert!(client.is_silent());
    client.send_invoke("next", &[], "{}");
    assert_eq!(client.read_reply().text(), "\"next\"");
}

#[rstest]
#[case::hang(Fault::Hang, nothing)]
#[case::stall_after_0(Fault::StallAfter(0), a_head)]
#[case::stall_after_three(Fault::StallAfter(3), three_bytes)]
#[case::slow_head(Fault::SlowHead { bytes: 50, every: HOUR }, |head: &[u8], _: &[u8]| head[..50].to_vec())]
#[case::dribble(Fault::Dribble { bytes: 4, every: HOUR }, a_head)]
fn a_stalled_reply_waits_until_the_client_disconnects(
    #[case] fault: Fault,
    #[case] left: Left,
    #[values(Success, ServiceError, FunctionError)] sort: Sort,
) {
    let (head, body) = sort.whole();
    let lambda = FakeLambda::start();
    lambda.on("f").reply(sort.reply().fault(fault));
    lambda.on("other").reply(json!("other"));
    let mut client = asking(&lambda);
    let expected = left(&head, &body);
    assert_eq!(steady(client.read_bytes(expected.len())), expected);
    // A request that is answered in the meantime: the fake could have sent more by then.
    for _ in 0..2 {
        let mut other = Client::connect(&lambda);
        other.send_invoke("other", &[], "{}");
        assert_eq!(other.read_reply().text(), "\"other\"");
    }
    assert!(client.is_silent());
    let attempt = lambda.calls()[0].attempts()[0].clone();
    assert_eq!(attempt.fault(), Some(fault));
    assert!(!attempt.is_waiting() && !attempt.is_abandoned());
    drop(client);
    lambda.wait_until_idle().block();
    assert!(lambda.calls()[0].attempts()[0].is_abandoned());
}

#[test]
fn a_hang_waits_until_the_client_disconnects() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(Fault::Hang);
    drop(asking(&lambda));
    script.wait_for_attempts(1).block();
    assert_eq!(
        super::lines(&lambda),
        "f RequestResponse {} attempt 1 → no byte, hanging (abandoned by the client)"
    );
}

#[test]
fn the_body_of_a_reply_arrives_after_its_own_delay() {
    let (head, body) = Success.whole();
    let lambda = FakeLambda::start();
    let late = |delay| Success.reply().body_delay(delay);
    lambda.on("f").reply(late(MOMENT)).then(late(HOUR));
    let mut client = asking(&lambda);
    let all = client.read_bytes(head.len() + body.len());
    assert_eq!(steady(all), everything(&head, &body));
    client.send_invoke("f", &[], "{}");
    // The id of this attempt is different.
    assert_eq!(client.read_bytes(head.len()).len(), head.len());
    assert!(client.is_silent());
}

#[rstest]
#[case::alone(Reply::from(Fault::Reset), 0)]
#[case::after_the_body(Success.reply().fault(Fault::ResetAfter(3)), 3)]
fn a_client_that_has_closed_its_sending_half_is_reset(#[case] reply: Reply, #[case] length: usize) {
    let lambda = FakeLambda::start();
    let closed = Arc::new(Barrier::new(2));
    let waits = closed.clone();
    let is_closed = move |_: &Invocation| {
        waits.wait();
        true
    };
    lambda.on("f").when(is_closed).reply(reply);
    let mut client = asking(&lambda);
    client.close_sending_half();
    closed.wait();
    let (bytes, end) = client.read_out();
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let body = head.map_or(0, |head| bytes.len() - head - 4);
    assert_eq!((body, end), (length, End::Reset));
}

#[rstest]
#[case::the_202_of_an_event("Event")]
#[case::the_204_of_a_dry_run("DryRun")]
fn a_reply_without_a_body_does_not_delay_the_next_request(#[case] kind: &str) {
    let lambda = FakeLambda::start();
    let late = Success.reply().body_delay(HOUR);
    lambda.on("f").when(invocation_type(kind)).reply(late);
    lambda.on("g").reply(json!(1));
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[&format!("X-Amz-Invocation-Type: {kind}")], "{}");
    assert!(client.read_reply().body.is_empty());
    client.send_invoke("g", &[], "{}");
    assert_eq!(client.read_reply().text(), "1");
}

/// The body is longer than any socket's buffer: bytes that are not read before the reset would be
/// lost.
#[cfg(target_os = "linux")]
#[test]
fn every_byte_before_a_reset_reaches_a_client_that_reads() {
    const SENT: usize = 5 * 1024 * 1024;
    let lambda = FakeLambda::start();
    let text = "x".repeat(SENT + 1000);
    let reply = Reply::json(text.clone()).fault(Fault::ResetAfter(SENT));
    lambda.on("f").reply(reply);
    let (bytes, end) = asking(&lambda).read_out();
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    assert_eq!((bytes.len() - head.unwrap() - 4, end), (SENT, End::Reset));
}
