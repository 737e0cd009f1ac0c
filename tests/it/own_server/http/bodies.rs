//! `Expect`, and the heads and bodies that are accepted.

use rstest::rstest;

use super::{Barrier, OK, TO_F, entries, is_accepted, is_refused, request, start};
use crate::raw::Client;

// Expect.

#[rstest]
#[case::with_a_length("Content-Length: 2", "{}")]
#[case::chunked("Transfer-Encoding: chunked", "2\r\n{}\r\n0\r\n\r\n")]
fn a_client_that_expects_100_continue_gets_it(#[case] framing: &str, #[case] body: &str) {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(format!("{TO_F}Expect: 100-Continue\r\n{framing}\r\n\r\n").as_bytes());
    assert_eq!(client.read_reply().head, "HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(entries(&lambda), [""; 0]);
    client.send(body.as_bytes());
    assert_eq!(client.read_reply().stable(), OK);
    client.send(&request("f", "2"));
    assert_eq!(client.read_reply().stable(), OK);
}

#[rstest]
#[case::with_its_whole_body("1.1", "Content-Length: 2\r\n\r\n{}")]
#[case::with_part_of_its_body("1.1", "Content-Length: 2\r\n\r\n{")]
#[case::without_a_body("1.1", "Content-Length: 0\r\n\r\n")]
#[case::of_http_1_0("1.0", "Content-Length: 2\r\n\r\n")]
fn a_client_that_does_not_need_100_continue_gets_none(#[case] version: &str, #[case] rest: &str) {
    let lambda = start();
    let mut barrier = Barrier::of(&lambda);
    let mut client = Client::connect(&lambda);
    let head = TO_F.replace("1.1", version);
    let sent = format!("{head}Connection: close\r\nExpect: 100-continue\r\n{rest}");
    client.send(sent.as_bytes());
    barrier.pass();
    let body = rest.split_once("\r\n\r\n").unwrap().1;
    if !rest.starts_with("Content-Length: 0") {
        client.send(&b"{}"[body.len()..]);
    }
    assert_eq!(client.read_reply().status(), 200);
    assert_eq!(client.read_to_end(), b"");
}

#[test]
fn another_expectation_is_refused() {
    is_refused(
        format!("{TO_F}Expect: a-miracle\r\nContent-Length: 2\r\n\r\n{{}}").as_bytes(),
        "417 Expectation Failed",
        "`a-miracle` is not a supported expectation: only 100-continue is",
    );
}

#[test]
fn a_body_that_is_too_long_is_refused_before_it_is_sent() {
    is_refused(
        format!("{TO_F}Expect: 100-continue\r\nContent-Length: 67108865\r\n\r\n").as_bytes(),
        "413 Request Entity Too Large",
        "the body is longer than 67108864 bytes, far beyond what Lambda accepts",
    );
}

// Accepted requests.

#[rstest]
#[case::two_equal_lengths("Content-Length: 2\r\nContent-Length: 02\r\n\r\n{}")]
#[case::white_space_around_a_length("Content-Length: \t 2 \t\r\n\r\n{}")]
#[case::no_white_space("content-length:2\r\n\r\n{}")]
#[case::a_value_that_is_not_ascii("X-Name: ü\r\nContent-Length: 2\r\n\r\n{}")]
#[case::an_empty_value("X-Name:\r\nContent-Length: 2\r\n\r\n{}")]
fn an_unambiguous_request_is_accepted(#[case] rest: &str) {
    is_accepted(format!("{TO_F}{rest}").as_bytes(), "{}");
}

#[test]
fn up_to_128_header_fields_are_accepted() {
    let fields = "A: b\r\n".repeat(127);
    is_accepted(format!("{TO_F}{fields}\r\n").as_bytes(), "");
}

#[test]
fn a_request_without_a_length_has_no_body() {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(&[format!("{TO_F}\r\n").as_bytes(), &request("f", "2")].concat());
    assert_eq!(client.read_reply().stable(), OK);
    assert_eq!(client.read_reply().stable(), OK);
    assert_eq!(
        entries(&lambda),
        [
            "f RequestResponse (empty) attempt 1 → 200 {\"ok\":true}",
            "f RequestResponse 2 attempt 1 → 200 {\"ok\":true}"
        ]
    );
}
