//! Verification of requests that are refused or are not Invoke requests.

use super::{TO_F, start};
use crate::raw::Client;
use crate::text::without_lines;

#[test]
fn the_report_of_a_request_that_is_not_invoke() {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(b"GET /health HTTP/1.1\r\n\r\n");
    client.read_reply();
    insta::assert_snapshot!(without_lines(lambda.try_verify().unwrap_err()), @r"
    fake-lambda (started at tests/it/own_server/http.rs:LINE#1) found 1 problem

    error: journal entry 1 was not an Invoke request and got 403 AccessDeniedException: GET /health
      help: find the client that sends this; only `Invoke` and `InvokeWithResponseStream` are faked

    journal
      1 GET /health
        → 403 AccessDeniedException (not an Invoke request)
    ");
}

#[test]
fn the_report_of_bytes_that_are_not_http() {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
    client.read_to_end();
    insta::assert_snapshot!(without_lines(lambda.try_verify().unwrap_err()), @r"
    fake-lambda (started at tests/it/own_server/http.rs:LINE#1) found 1 problem

    error: journal entry 1 was not valid HTTP and got 400 (the client speaks TLS; the fake's endpoint begins with `http://`): `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03`
      help: give the client `lambda.endpoint_url()`, which begins with `http://`

    journal
      1 `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03`
        → 400 (the client speaks TLS; the fake's endpoint begins with `http://`)
    ");
}

/// A line break before a request is not part of it.
#[test]
fn the_report_of_bytes_that_are_not_http_shows_the_first_line_that_is_not_empty() {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(b"\r\n\x01not http\r\n\r\n");
    client.read_to_end();
    insta::assert_snapshot!(lambda.journal(), @r"
    1 `\x01not http…`
      → 400 (not a valid HTTP request: invalid token)
    ");
    lambda.try_verify().unwrap_err();
}

#[test]
fn the_report_of_an_ambiguous_length() {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(format!("{TO_F}Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345").as_bytes());
    client.read_to_end();
    insta::assert_snapshot!(without_lines(lambda.try_verify().unwrap_err()), @r"
    fake-lambda (started at tests/it/own_server/http.rs:LINE#1) found 1 problem

    error: journal entry 1 was not valid HTTP and got 400 (the request has two content-lengths that differ): POST /2015-03-31/functions/f/invocations
      help: find the client that sends this, and correct it

    journal
      1 POST /2015-03-31/functions/f/invocations
        → 400 (the request has two content-lengths that differ)
    ");
}

#[test]
fn the_report_of_an_unsupported_operation() {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(b"POST /2014-11-13/functions/f/invoke-async/ HTTP/1.1\r\n\r\n");
    client.read_reply();
    insta::assert_snapshot!(without_lines(lambda.try_verify().unwrap_err()), @r"
    fake-lambda (started at tests/it/own_server/http.rs:LINE#1) found 1 problem

    error: journal entry 1 used `InvokeAsync`, which is not faked, and got 501 FakeLambdaNotFaked: f
      help: call `Invoke`, or keep this request out of the test

    journal
      1 f
        → 501 FakeLambdaNotFaked (InvokeAsync is not faked)
    ");
}

#[test]
fn equal_requests_that_are_not_invoke_requests_have_different_ids() {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    let [first, second] = [(); 2].map(|()| {
        client.send(b"GET /orders HTTP/1.1\r\n\r\n");
        let reply = client.read_reply();
        reply.field("x-amzn-RequestId").unwrap().to_owned()
    });
    assert_ne!(first, second);
    lambda.try_verify().unwrap_err();
}
