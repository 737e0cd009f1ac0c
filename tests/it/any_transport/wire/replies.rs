//! The fields and bytes of each kind of reply.

use std::time::{Duration, SystemTime};

use fake_lambda::{FunctionError, Reply, ServiceError};
use insta::assert_snapshot;
use rstest::rstest;
use serde_json::json;

use super::invoke;
use crate::raw::Client;
use crate::transport::FakeLambda;

#[test]
fn a_function_that_ran_answers_200_with_fields_in_the_recorded_order() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!({"ok": true}));
    assert_snapshot!(invoke(&lambda, "f", "", b"{}").stable(), @r#"
    HTTP/1.1 200 OK
    Date: <date>
    Content-Type: application/json
    Content-Length: 11
    Connection: keep-alive
    x-amzn-RequestId: <request-id>
    x-amzn-Remapped-Content-Length: 0
    X-Amz-Executed-Version: $LATEST
    X-Amzn-Trace-Id: <trace-id>

    {"ok":true}
    "#);
}

#[test]
fn a_function_that_returned_null_answers_four_bytes() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(null));
    let reply = invoke(&lambda, "f", "", b"{}");
    assert_eq!(
        (reply.field("Content-Length"), reply.text()),
        (Some("4"), "null")
    );
}

#[test]
fn a_string_is_sent_with_its_quotes_and_its_bytes_are_counted() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!("HelloWörld"));
    let reply = invoke(&lambda, "f", "", b"{}");
    assert_eq!(
        (reply.field("Content-Length"), reply.text()),
        (Some("13"), "\"HelloWörld\"")
    );
    assert_eq!(reply.field("Content-Type"), Some("application/json"));
}

#[test]
fn a_function_error_has_its_field_after_the_request_id() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(FunctionError::new("ValueError", "boom"));
    assert_snapshot!(invoke(&lambda, "f", "", b"{}").stable(), @r#"
    HTTP/1.1 200 OK
    Date: <date>
    Content-Type: application/json
    Content-Length: 48
    Connection: keep-alive
    x-amzn-RequestId: <request-id>
    X-Amz-Function-Error: Unhandled
    x-amzn-Remapped-Content-Length: 0
    X-Amz-Executed-Version: $LATEST
    X-Amzn-Trace-Id: <trace-id>

    {"errorType":"ValueError","errorMessage":"boom"}
    "#);
}

#[test]
fn an_event_answers_202_without_a_content_type() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Reply::json(json!({"ok": true})).executed_version("7"));
    let fields = "X-Amz-Invocation-Type: Event\r\nX-Amz-Log-Type: Tail\r\n";
    assert_snapshot!(invoke(&lambda, "f", fields, b"{}").stable(), @r#"
    HTTP/1.1 202 Accepted
    Date: <date>
    Content-Length: 0
    Connection: keep-alive
    x-amzn-RequestId: <request-id>
    x-amzn-Remapped-Content-Length: 0
    X-Amzn-Trace-Id: <trace-id>
    "#);
}

#[test]
fn a_dry_run_answers_204_without_a_length() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!({"ok": true}));
    let fields = "X-Amz-Invocation-Type: DryRun\r\n";
    assert_snapshot!(invoke(&lambda, "f", fields, b"{}").stable(), @r#"
    HTTP/1.1 204 No Content
    Date: <date>
    Connection: keep-alive
    x-amzn-RequestId: <request-id>
    x-amzn-Remapped-Content-Length: 0
    X-Amzn-Trace-Id: <trace-id>
    "#);
}

#[test]
fn there_are_no_bytes_between_two_replies_of_a_connection() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(json!(1))
        .then(ServiceError::ServiceException)
        .then(json!(2));
    let mut client = Client::connect(&lambda);
    let fields = [
        "",
        "X-Amz-Invocation-Type: DryRun\r\n",
        "",
        "Connection: close\r\n",
    ];
    let replies = fields.map(|fields| client.invoke("f", fields, b"{}"));
    let told: Vec<_> = replies
        .iter()
        .map(|reply| (reply.status(), reply.field("Connection").unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            (200, "keep-alive"),
            (204, "keep-alive"),
            (500, "keep-alive"),
            (200, "close")
        ]
    );
    assert_eq!(client.read_to_end(), b"");
}

#[test]
fn every_line_of_a_head_ends_in_crlf() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let head = invoke(&lambda, "f", "", b"{}").head;
    assert!(head.ends_with("\r\n\r\n"));
    assert_eq!(head.matches('\n').count(), head.matches("\r\n").count());
    assert_eq!(head.matches('\r').count(), head.matches("\r\n").count());
}

#[rstest]
#[case::payload(json!(1).into())]
#[case::error(ServiceError::ServiceException.into())]
#[case::load_balancer(Reply::http(502, "x"))]
fn the_date_is_now_in_the_form_of_http(#[case] reply: Reply) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(reply);
    let before = SystemTime::now();
    let reply = invoke(&lambda, "f", "", b"{}");
    let after = SystemTime::now();
    let date = reply.field("Date").unwrap();
    let moment = httpdate::parse_http_date(date).unwrap();
    assert_eq!(httpdate::fmt_http_date(moment), date);
    // A date has whole seconds.
    assert!(
        moment + Duration::from_secs(1) > before && moment <= after,
        "{date}"
    );
}
