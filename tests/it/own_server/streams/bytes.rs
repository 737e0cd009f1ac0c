//! Whole replies, byte for byte.

use fake_lambda::{Boundaries, Chunks, FakeLambda, Reply};
use insta::assert_snapshot;
use serde_json::json;

use super::{asking, lines, read_head};
use crate::raw::Client;
use crate::streams::{chunk, complete, http_chunk};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_head_is_that_of_a_stream() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let mut client = asking(&lambda);
    assert_snapshot!(client.read_reply().stable().split("\n\n").next().unwrap(), @r#"
    HTTP/1.1 200 OK
    Date: <date>
    Content-Type: application/vnd.amazon.eventstream
    Transfer-Encoding: chunked
    Connection: keep-alive
    x-amzn-RequestId: <request-id>
    X-Amz-Executed-Version: $LATEST
    X-Amzn-Trace-Id: <trace-id>
    "#);
}

/// A frame for each chunk, and an HTTP chunk for each frame.
#[test]
fn each_frame_is_an_http_chunk() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Reply::stream(["Hel", ""]));
    let mut client = asking(&lambda);
    read_head(&mut client);
    let body = [
        http_chunk(&chunk("Hel")),
        http_chunk(&chunk("")),
        http_chunk(&complete("{}")),
        b"0\r\n\r\n".to_vec(),
    ];
    let body = body.concat();
    let got = client.read_bytes(body.len());
    assert_eq!(hex(&got), hex(&body));
    // Written out once, so that the encoder of the test is tested as well.
    assert_snapshot!(hex(&chunk("Hel")), @"0000006d0000005a8f3ed47f0b3a6576656e742d7479706507000c5061796c6f61644368756e6b0d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d0d3a6d6573736167652d747970650700056576656e7448656cd8aa0c5c");
    assert!(client.is_silent());
    client.send_streamed("f", &[]);
    assert_eq!(
        client.read_reply().body,
        [chunk("Hel"), chunk(""), complete("{}")].concat()
    );
}

#[test]
fn frames_of_one_cut_arrive_in_one_http_chunk() {
    let lambda = FakeLambda::start();
    let cut = Chunks::from(["Hel"]).boundaries(Boundaries::Every(2));
    lambda.on("f").reply(Reply::stream(cut));
    let mut client = asking(&lambda);
    read_head(&mut client);
    let first = http_chunk(&[chunk("He"), chunk("l")].concat());
    assert_eq!(hex(&client.read_bytes(first.len())), hex(&first));
}

#[test]
fn a_connection_is_closed_if_the_client_asks_for_it() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let mut client = Client::connect(&lambda);
    client.send_streamed("f", &["Connection: close"]);
    let bytes = String::from_utf8_lossy(&client.read_to_end()).into_owned();
    assert!(bytes.contains("\r\nConnection: close\r\n"), "{bytes}");
    assert!(bytes.ends_with("0\r\n\r\n"), "{bytes}");
}

#[test]
fn a_stream_without_its_last_event_ends_cleanly() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Reply::stream(Chunks::new().send("Hel").no_end()));
    assert_eq!(asking(&lambda).read_reply().body, chunk("Hel"));
}

#[test]
fn a_checksum_can_be_wrong() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Reply::stream(Chunks::new().bad_checksum().send("Hel")))
        .then(Reply::stream(Chunks::new().bad_prelude().send("Hel")));
    let rest = complete("{}");
    let mut damaged = chunk("Hel");
    *damaged.last_mut().unwrap() ^= 0xff;
    assert_eq!(
        asking(&lambda).read_reply().body,
        [damaged, rest.clone()].concat()
    );
    let mut damaged = chunk("Hel");
    damaged[11] ^= 0xff;
    assert_eq!(asking(&lambda).read_reply().body, [damaged, rest].concat());
}

#[test]
fn a_body_of_its_own_replaces_the_frames() {
    let lambda = FakeLambda::start();
    let half = &chunk("Hel")[..20];
    lambda
        .on("f")
        .reply(Reply::stream(["Hel"]).body(half.to_vec()));
    let reply = asking(&lambda).read_reply();
    assert_eq!(reply.field("Content-Length"), Some("20"));
    assert_eq!(
        reply.field("Content-Type"),
        Some("application/vnd.amazon.eventstream")
    );
    assert_eq!(reply.body, half);
}

#[test]
fn a_stream_over_the_limit_ends_with_an_error() {
    let mib = "x".repeat(1 << 20);
    let lambda = FakeLambda::builder().era(2024).start();
    let chunks = |count| Reply::stream(vec![mib.clone(); count]);
    lambda.on("f").reply(chunks(20)).then(chunks(21));
    let body = asking(&lambda).read_reply().body;
    assert_eq!(body, [chunk(&mib).repeat(20), complete("{}")].concat());
    let body = asking(&lambda).read_reply().body;
    let end = r#"{"ErrorCode":"Function.ResponseSizeTooLarge","ErrorDetails":"Response payload size exceeded maximum allowed payload size (20971520 bytes)."}"#;
    let rest = body.strip_prefix(&*chunk(&mib).repeat(20)).unwrap();
    assert_eq!(rest, complete(end));
    let sent: usize = lambda.calls()[1].attempts()[0]
        .chunks()
        .iter()
        .map(|chunk| chunk.len())
        .sum();
    assert_eq!(sent, 20 << 20);
    let last = lines(&lambda);
    let last = last.lines().last().unwrap();
    assert!(
        last.contains(", then function error Function.ResponseSizeTooLarge "),
        "{last}"
    );
}
