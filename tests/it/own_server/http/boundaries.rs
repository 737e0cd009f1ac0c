//! Where a request ends.

use std::thread;

use rstest::rstest;
use serde_json::json;

use super::{Barrier, OK, TO_F, Waiting, all_bytes, entries, json_text, refusal, request, start};
use crate::raw::Client;

#[rstest]
#[case::with_a_length("Content-Length: 21\r\n\r\n{\"text\":\"abcdefghij\"}")]
#[case::with_bare_line_feeds_in_the_head("Content-Length: 21\n\n{\"text\":\"abcdefghij\"}")]
#[case::in_one_chunk(
    "Transfer-Encoding: chunked\r\n\r\n15\r\n{\"text\":\"abcdefghij\"}\r\n0\r\n\r\n"
)]
#[case::in_chunks_of_upper_and_lower_case(
    "Transfer-Encoding: Chunked\r\n\r\n0A\r\n{\"text\":\"a\r\nb\r\nbcdefghij\"}\r\n000\r\n\r\n"
)]
#[case::in_chunks_with_extensions(
    "Transfer-Encoding: chunked\r\n\r\n1;a\r\n{\r\n14 ;b=\"c\";d\r\n\"text\":\"abcdefghij\"}\r\n0;e\r\n\r\n"
)]
#[case::in_chunks_with_trailers(
    "Transfer-Encoding: chunked\r\n\r\n15\r\n{\"text\":\"abcdefghij\"}\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"
)]
fn a_request_split_anywhere_is_one_request(#[case] rest: &str) {
    let lambda = start();
    let mut barrier = Barrier::of(&lambda);
    let start = if rest.starts_with("Content-Length: 21\n") {
        TO_F.replace("\r\n", "\n")
    } else {
        TO_F.to_owned()
    };
    let bytes = format!("{start}{rest}").into_bytes();
    for split in 1..bytes.len() {
        let mut client = Client::connect(&lambda);
        client.send(&bytes[..split]);
        barrier.pass();
        client.send(&bytes[split..]);
        let reply = client.read_reply();
        assert_eq!(reply.stable(), OK, "split at {split}");
        client.close_sending_half();
        assert_eq!(client.read_to_end(), b"", "split at {split}");
    }
    let line = "f RequestResponse {\"text\":\"abcdefghij\"} attempt 1 → 200 {\"ok\":true}";
    assert_eq!(entries(&lambda), vec![line; bytes.len() - 1]);
    lambda.verify();
}

#[rstest]
#[case::bad_field("No colon\r\n\r\n", "not a valid HTTP request: invalid header name")]
#[case::bad_length("Content-Length: +2\r\n\r\n{}", "`+2` is not a valid content-length")]
#[case::bad_chunk(
    "Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
    "`xyz` is not a valid chunk size"
)]
fn an_invalid_request_split_anywhere_is_refused_in_the_same_way(
    #[case] rest: &str,
    #[case] why: &str,
) {
    let lambda = start();
    let mut barrier = Barrier::of(&lambda);
    let bytes = format!("{TO_F}{rest}").into_bytes();
    for split in 1..bytes.len() {
        let mut client = Client::connect(&lambda);
        client.send(&bytes[..split]);
        barrier.pass();
        client.send(&bytes[split..]);
        assert_eq!(
            all_bytes(&mut client),
            refusal("400 Bad Request", why),
            "split at {split}"
        );
    }
    let entries = entries(&lambda);
    assert_eq!(entries, vec![entries[0].clone(); bytes.len() - 1]);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(
        report.contains(&format!(
            " and {} more were not valid HTTP",
            bytes.len() - 6
        )),
        "{report}"
    );
}

#[rstest]
#[case::two(&["one", "two"])]
#[case::three(&["one", "two", "three"])]
fn requests_in_one_packet_are_answered_in_order(#[case] functions: &[&str]) {
    let lambda = start();
    for function in functions {
        lambda.on(function).reply(json!(function));
    }
    let mut client = Client::connect(&lambda);
    let packet: Vec<u8> = functions.iter().flat_map(|f| request(f, "{}")).collect();
    client.send(&packet);
    for function in functions {
        let body = client.read_reply().body;
        assert_eq!(String::from_utf8(body).unwrap(), format!("\"{function}\""));
    }
    let lines = functions
        .iter()
        .map(|f| format!("{f} RequestResponse {{}} attempt 1 → 200 \"{f}\""));
    assert_eq!(entries(&lambda), lines.collect::<Vec<_>>());
}

#[test]
fn a_chunked_request_and_the_next_in_one_packet_are_two() {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    let chunked =
        format!("{TO_F}Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\nX-Sum: 1\r\n\r\n");
    client.send(&[chunked.as_bytes(), &request("f", "2")].concat());
    assert_eq!(client.read_reply().stable(), OK);
    assert_eq!(client.read_reply().stable(), OK);
    assert_eq!(
        entries(&lambda),
        [
            "f RequestResponse 1 attempt 1 → 200 {\"ok\":true}",
            "f RequestResponse 2 attempt 1 → 200 {\"ok\":true}"
        ]
    );
}

#[rstest]
#[case::with_it_in_one_packet(usize::MAX, 0)]
#[case::while_it_waits(0, usize::MAX)]
#[case::in_two_parts_before_the_reply(40, usize::MAX)]
#[case::in_two_parts_around_the_reply(40, 0)]
#[case::in_three_parts(20, 20)]
fn a_request_after_a_waiting_one_is_answered_after_it(
    #[case] with_it: usize,
    #[case] meanwhile: usize,
) {
    let lambda = start();
    let mut barrier = Barrier::of(&lambda);
    let slow = Waiting::on(&lambda, "slow", json!("slow"));
    let mut client = Client::connect(&lambda);
    let next = request("f", "7");
    let (with_it, rest) = next.split_at(with_it.min(next.len()));
    let (meanwhile, afterwards) = rest.split_at(meanwhile.min(rest.len()));

    client.send(&[&request("slow", "{}"), with_it].concat());
    slow.has_begun();
    client.send(meanwhile);
    barrier.pass();
    assert_eq!(
        entries(&lambda),
        ["slow RequestResponse {} attempt 1 → waiting"]
    );
    slow.let_go();

    assert_eq!(client.read_reply().body, b"\"slow\"");
    client.send(afterwards);
    assert_eq!(client.read_reply().stable(), OK);
    assert_eq!(
        entries(&lambda),
        [
            "slow RequestResponse {} attempt 1 → 200 \"slow\"",
            "f RequestResponse 7 attempt 1 → 200 {\"ok\":true}"
        ]
    );
}

#[test]
fn more_than_the_read_ahead_is_answered_after_the_waiting_request() {
    let lambda = start();
    let mut barrier = Barrier::of(&lambda);
    let slow = Waiting::on(&lambda, "slow", json!("slow"));
    let mut client = Client::connect(&lambda);
    client.send(&request("slow", "{}"));
    slow.has_begun();
    let text = json_text(5 * 1024 * 1024);
    let mut first = request("f", &text);
    let rest = first.split_off(300 * 1024);
    client.send(&first);
    barrier.pass();
    // Bytes that the fake does not read ahead stay with the sender until the first reply.
    let mut sender = client.again();
    let sending = thread::spawn(move || sender.send(&rest));
    slow.let_go();
    assert_eq!(client.read_reply().body, b"\"slow\"");
    assert_eq!(client.read_reply().stable(), OK);
    sending.join().unwrap();
    let calls = lambda.seen("f").calls();
    assert_eq!(calls.len(), 1);
    assert!(calls[0].first().payload() == text);
}
