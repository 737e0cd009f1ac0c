//! Refused requests.

use rstest::rstest;
use serde_json::json;

use super::{
    Barrier, TO_F, all_bytes, entries, is_accepted, is_refused, refusal, request, start,
    still_answers,
};
use crate::raw::Client;

#[rstest]
#[case::zeros(b"\0\0\0\0\r\n\r\n", "invalid token")]
#[case::only_a_method(b"GET\r\n", "invalid token")]
#[case::only_a_method_and_an_empty_line(b"GET\r\n\r\n", "invalid token")]
#[case::a_target_without_a_version(b"GET /\r\n\r\n", "invalid token")]
#[case::a_reply(b"HTTP/1.1 200 OK\r\n\r\n", "invalid token")]
#[case::a_control_character_in_the_target(b"GET /\x01 HTTP/1.1\r\n\r\n", "invalid token")]
#[case::the_preface_of_http_2(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "invalid HTTP version")]
#[case::a_version_in_lower_case(b"GET / http/1.1\r\n\r\n", "invalid HTTP version")]
#[case::a_field_without_a_colon(b"GET / HTTP/1.1\r\nHost\r\n\r\n", "invalid header name")]
#[case::a_space_before_the_colon(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "invalid header name")]
#[case::a_folded_field(b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "invalid header name")]
#[case::a_nul_in_a_name(b"GET / HTTP/1.1\r\nA\0: b\r\n\r\n", "invalid header name")]
#[case::a_nul_in_a_value(b"GET / HTTP/1.1\r\nA: b\0\r\n\r\n", "invalid header value")]
#[case::a_bare_carriage_return(b"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "invalid header value")]
fn bytes_that_are_not_http_are_refused(#[case] bytes: &[u8], #[case] error: &str) {
    let why = format!("not a valid HTTP request: {error}");
    is_refused(bytes, "400 Bad Request", &why);
}

#[rstest]
#[case::with_a_sign("Content-Length: +5", "`+5` is not a valid content-length")]
#[case::negative("Content-Length: -1", "`-1` is not a valid content-length")]
#[case::hexadecimal("Content-Length: 0x10", "`0x10` is not a valid content-length")]
#[case::two_numbers("Content-Length: 5 5", "`5 5` is not a valid content-length")]
#[case::a_list("Content-Length: 5, 5", "`5, 5` is not a valid content-length")]
#[case::empty("Content-Length: ", "`` is not a valid content-length")]
#[case::not_an_ascii_digit("Content-Length: ٣", "`٣` is not a valid content-length")]
#[case::of_2_to_the_64(
    "Content-Length: 18446744073709551616",
    "`18446744073709551616` is not a valid content-length"
)]
#[case::that_differ(
    "Content-Length: 5\r\nContent-Length: 6",
    "the request has two content-lengths that differ"
)]
#[case::with_chunks(
    "Transfer-Encoding: chunked\r\nContent-Length: 5",
    "the request has both content-length and transfer-encoding"
)]
#[case::gzip_before_chunked(
    "Transfer-Encoding: gzip, chunked",
    "`gzip, chunked` is not supported as transfer-encoding: only a single `chunked` is"
)]
#[case::chunked_twice(
    "Transfer-Encoding: chunked, chunked",
    "`chunked, chunked` is not supported as transfer-encoding: only a single `chunked` is"
)]
#[case::chunked_in_two_fields(
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "`chunked` is not supported as transfer-encoding: only a single `chunked` is"
)]
#[case::identity(
    "Transfer-Encoding: identity",
    "`identity` is not supported as transfer-encoding: only a single `chunked` is"
)]
fn an_ambiguous_length_is_refused(#[case] fields: &str, #[case] why: &str) {
    let bytes = format!("{TO_F}{fields}\r\n\r\n12345");
    is_refused(bytes.as_bytes(), "400 Bad Request", why);
}

#[test]
fn a_chunked_request_of_http_1_0_is_refused() {
    let head = TO_F.replace("HTTP/1.1", "HTTP/1.0");
    let bytes = format!("{head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    let why = "an HTTP/1.0 request cannot have a transfer-encoding";
    is_refused(bytes.as_bytes(), "400 Bad Request", why);
}

#[rstest]
#[case::not_a_number("xyz\r\n{}\r\n0\r\n\r\n", "`xyz` is not a valid chunk size")]
#[case::empty("\r\n{}\r\n0\r\n\r\n", "`` is not a valid chunk size")]
#[case::negative("-2\r\n{}\r\n0\r\n\r\n", "`-2` is not a valid chunk size")]
#[case::with_a_sign("+2\r\n{}\r\n0\r\n\r\n", "`+2` is not a valid chunk size")]
#[case::with_a_prefix("0x2\r\n{}\r\n0\r\n\r\n", "`0x2` is not a valid chunk size")]
#[case::with_a_space_before_it(" 2\r\n{}\r\n0\r\n\r\n", "` 2` is not a valid chunk size")]
#[case::of_2_to_the_64(
    "10000000000000000\r\n{}",
    "`10000000000000000` is not a valid chunk size"
)]
#[case::smaller_than_its_data("1\r\n{}\r\n0\r\n\r\n", "a chunk is longer than its size says")]
#[case::greater_than_its_data(
    "3\r\n{}\r\n0\r\n\r\n",
    "a line of the chunked body ends without a carriage return"
)]
#[case::before_a_bare_line_feed(
    "2\n{}\r\n0\r\n\r\n",
    "a line of the chunked body ends without a carriage return"
)]
#[case::with_a_bare_line_feed_after_its_data(
    "2\r\n{}\n0\r\n\r\n",
    "a line of the chunked body ends without a carriage return"
)]
#[case::with_a_bare_line_feed_at_the_end(
    "2\r\n{}\r\n0\r\n\n",
    "a line of the chunked body ends without a carriage return"
)]
fn a_chunk_with_an_invalid_size_is_refused(#[case] chunks: &str, #[case] why: &str) {
    let bytes = format!("{TO_F}Transfer-Encoding: chunked\r\n\r\n{chunks}");
    is_refused(bytes.as_bytes(), "400 Bad Request", why);
}

#[test]
fn a_line_of_a_chunked_body_has_a_limit() {
    let extension = "a".repeat(8 * 1024);
    let bytes = format!("{TO_F}Transfer-Encoding: chunked\r\n\r\n2;{extension}");
    let why = "a line of the chunked body is too long";
    is_refused(bytes.as_bytes(), "400 Bad Request", why);
}

#[rstest]
#[case::with_a_length("Content-Length: 67108865\r\n\r\n")]
#[case::with_the_greatest_length("Content-Length: 18446744073709551615\r\n\r\n")]
#[case::in_one_chunk("Transfer-Encoding: chunked\r\n\r\n4000001\r\n")]
#[case::in_the_second_chunk("Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\n4000000\r\n")]
#[case::in_the_greatest_chunk("Transfer-Encoding: chunked\r\n\r\nffffffff\r\n")]
fn a_body_over_64_mib_is_refused(#[case] rest: &str) {
    is_refused(
        format!("{TO_F}{rest}").as_bytes(),
        "413 Request Entity Too Large",
        "the body is longer than 67108864 bytes, far beyond what Lambda accepts",
    );
}

#[test]
fn a_head_over_1_mib_is_refused() {
    is_refused(
        head_of(1024 * 1024 + 1).as_bytes(),
        "431 Request Header Fields Too Large",
        "the head is longer than 1048576 bytes",
    );
}

#[test]
fn a_head_far_over_1_mib_is_refused() {
    is_refused(
        head_of(3 * 1024 * 1024).as_bytes(),
        "431 Request Header Fields Too Large",
        "the head is longer than 1048576 bytes",
    );
}

#[test]
fn a_head_of_1_mib_is_accepted() {
    is_accepted(head_of(1024 * 1024).as_bytes(), "");
}

#[test]
fn more_than_128_header_fields_are_refused() {
    let fields = "A: b\r\n".repeat(128);
    is_refused(
        format!("{TO_F}{fields}\r\n").as_bytes(),
        "431 Request Header Fields Too Large",
        "the head has too many header fields",
    );
}

#[test]
fn a_refused_client_that_keeps_sending_gets_the_whole_refusal() {
    let lambda = start();
    let mut barrier = Barrier::of(&lambda);
    let mut client = Client::connect(&lambda);
    client.send(format!("{TO_F}Content-Length: 67108865\r\n\r\n").as_bytes());
    barrier.pass();
    // The fake has answered. A socket that is already closed would reset the connection for each of
    // these.
    for _ in 0..3 {
        client.send(&[b' '; 10_000]);
        barrier.pass();
    }
    let why = "the body is longer than 67108864 bytes, far beyond what Lambda accepts";
    let bytes = all_bytes(&mut client);
    assert_eq!(bytes, refusal("413 Request Entity Too Large", why));
    assert!(lambda.try_verify().is_err());
}

#[test]
fn a_request_hidden_in_a_refused_one_is_never_answered() {
    let lambda = start();
    let smuggled = lambda.on("smuggled").reply(json!("smuggled"));
    let mut client = Client::connect(&lambda);
    let carrier = format!("{TO_F}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    client.send(&[carrier.as_bytes(), &request("smuggled", "{}")].concat());
    let why = "the request has both content-length and transfer-encoding";
    assert_eq!(all_bytes(&mut client), refusal("400 Bad Request", why));
    still_answers(&lambda);
    smuggled.assert_calls(0);
    assert_eq!(entries(&lambda).len(), 2);
    assert!(lambda.try_verify().is_err());
}

/// A request for `f` with a head of this length.
fn head_of(length: usize) -> String {
    let field = |value: &str| format!("{TO_F}X-Long: {value}\r\n\r\n");
    let head = field(&"a".repeat(length - field("").len()));
    assert_eq!(head.len(), length);
    head
}
