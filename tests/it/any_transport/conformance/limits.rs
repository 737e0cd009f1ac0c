//! Bodies up to the limits and over them.

use fake_lambda::{Invocation, Reply, ServiceError};
use serde_json::{Value, json};

use super::case::{Case, recorded, start};
use crate::raw;

recorded! {
    is_taken: request_5mb_ok;
    is_refused_by_its_length: async_payload_limit_1m;
    is_refused_with_these_bytes: wire_413_raw_http;
    may_say_so_of_a_sync_call: wire_413_raw_body_sync;
    has_the_documented_limits: doc_async_limit;
}

/// A JSON string with this many bytes.
fn string_of(length: usize) -> String {
    format!("\"{}\"", "a".repeat(length - 2))
}

fn is_taken(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .handle(async |inv: Invocation| json!(inv.payload_len()));
    let reply = case.invoke(&lambda, string_of(5_000_000));
    assert_eq!(
        Some(u64::from(reply.status())),
        case.at("observed.StatusCode").number()
    );
    assert_eq!(reply.text(), "5000000");
}

fn is_refused_by_its_length(case: &Case) {
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    let length = case.at("request.Payload bytes").number().unwrap() as usize;
    let reply = case.invoke(&lambda, string_of(length));
    assert_eq!(
        reply.status().to_string(),
        case.text("observed.HTTPStatusCode")
    );
    case.assert_answer(&reply);
}

/// Recorded from a function URL, with a client that spells header names in its own way.
fn is_refused_with_these_bytes(case: &Case) {
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    let reply = case.invoke(&lambda, string_of(10_000_000));
    let mut lines = case.text("observed.raw").split("\r\n");
    assert_eq!(reply.head.lines().next(), lines.next());
    let field = lines.next().unwrap();
    let same = |line: &str| line.eq_ignore_ascii_case(field);
    assert!(reply.head.lines().any(same), "{reply}");
    assert_eq!(Some(reply.text()), lines.next());
}

/// Recorded through API Gateway, with the text that Invoke had in 2018. Today's Invoke has another
/// one, so the recorded text is scripted.
fn may_say_so_of_a_sync_call(case: &Case) {
    let message = match case.observed("body") {
        Some(body) => {
            let body: Value = serde_json::from_str(body.text().unwrap()).unwrap();
            body["Message"].as_str().unwrap().to_owned()
        }
        None => case.text("observed.message").to_owned(),
    };
    let lambda = start();
    lambda
        .on("function-name")
        .reply(Reply::error(ServiceError::RequestEntityTooLargeException).message(message));
    case.assert_answer(&case.invoke(&lambda, "{}"));
}

fn has_the_documented_limits(case: &Case) {
    let mib = |text: &str| 1024 * 1024 * text[..1].parse::<usize>().unwrap();
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    let rows = [
        (&[][..], "observed.sync", 200),
        (&["X-Amz-Invocation-Type: Event"], "observed.async", 202),
    ];
    for (fields, limit, status) in rows {
        let limit = mib(case.text(limit));
        let reply = raw::invoke(&lambda, "function-name", fields, string_of(limit));
        assert_eq!(reply.status(), status, "{reply}");
        let reply = raw::invoke(&lambda, "function-name", fields, string_of(limit + 1));
        assert_eq!(reply.status(), 413, "{reply}");
    }
}
