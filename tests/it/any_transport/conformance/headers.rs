//! The head of a reply: its fields, their casing and their order.

use fake_lambda::{FunctionError, Reply, ServiceError};
use serde_json::json;

use super::case::{Case, recorded, start, start_in};
use super::json::Json;
use crate::raw::Reply as RawReply;

recorded! {
    has_these_fields: headers_200_no_tail headers_200_payload_null;
    has_these_in_this_order: error_headers_404 headers_200_function_error headers_200_2023_lineage;
    is_spelled_and_ordered_so: apigw_log_of_invoke_response_2020;
    is_an_error_in_this_order: error_raw_headers_403;
    has_the_trace_id_of_today: headers_2025_trace_format;
    is_a_uuid: request_id_is_lowercase_uuid;
}

fn names(reply: &RawReply) -> Vec<&str> {
    let lines = reply.head.lines().skip(1);
    lines
        .filter_map(|line| Some(line.split_once(": ")?.0))
        .collect()
}

/// Each part of a trace id: its name and the lengths of the values between colons and dashes.
#[track_caller]
fn shape(trace: &str) -> Vec<(&str, Vec<usize>)> {
    let is_lower_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let lengths = |value: &str| {
        assert!(
            value
                .split([':', '-'])
                .all(|part| part.chars().all(is_lower_hex)),
            "{trace}"
        );
        value.split([':', '-']).map(str::len).collect()
    };
    let parts = trace.split(';').map(|part| part.split_once('=').unwrap());
    parts.map(|(name, value)| (name, lengths(value))).collect()
}

/// The recorder kept names, casing and values of the fields, but not their order.
fn has_these_fields(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .reply(case.at("observed.Payload").value());
    let reply = case.invoke(&lambda, "{}");
    let fields = case.at("observed.SdkHttpMetadata.HttpHeaders");
    let mut sent = names(&reply);
    sent.sort_unstable();
    let mut recorded = fields.names();
    recorded.sort_unstable();
    assert_eq!(sent, recorded);
    for (name, value) in fields.members() {
        let value = value.text().unwrap();
        let is_new_each_time = value == "date" || value == name || value == "<uuid:1>";
        if !is_new_each_time {
            assert_eq!(reply.field(name), Some(value), "{name}");
        }
    }
    assert_eq!(
        Some(u64::from(reply.status())),
        case.at("observed.SdkHttpMetadata.HttpStatusCode").number()
    );
}

/// The recorder kept the order, but converted the names to lower case.
fn has_these_in_this_order(case: &Case) {
    let fields = case.at("observed.HTTPHeaders");
    let answer: Reply = if fields.at("x-amzn-errortype").is_some() {
        ServiceError::ResourceNotFoundException.into()
    } else if fields.at("x-amz-function-error").is_some() {
        FunctionError::new("Error", "boom").into()
    } else {
        json!(1).into()
    };
    let lambda = start_in(case.year());
    lambda.on("function-name").reply(answer);
    let reply = case.invoke(&lambda, "{}");
    let sent: Vec<_> = names(&reply)
        .iter()
        .map(|name| name.to_lowercase())
        .collect();
    assert_eq!(sent, fields.names());
    let same = [
        "content-type",
        "connection",
        "x-amzn-errortype",
        "x-amz-function-error",
        "x-amzn-remapped-content-length",
        "x-amz-executed-version",
    ];
    for (name, value) in fields.members() {
        if same.contains(&&**name) {
            let own = names(&reply)
                .into_iter()
                .find(|own| own.eq_ignore_ascii_case(name));
            assert_eq!(reply.field(own.unwrap()), value.text(), "{name}");
        }
        if name == "x-amzn-trace-id" {
            let own = reply.field("X-Amzn-Trace-Id").unwrap();
            assert_eq!(shape(own), shape(value.text().unwrap()));
        }
    }
}

fn is_spelled_and_ordered_so(case: &Case) {
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    let reply = case.invoke(&lambda, "{}");
    let order = case.at("observed.order").items();
    let order: Vec<_> = order.iter().filter_map(Json::text).collect();
    assert_eq!(names(&reply), order);
}

/// Recorded from a function URL: the body is not Invoke's, but the head is that of every error.
fn is_an_error_in_this_order(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .reply(ServiceError::AccessDeniedException);
    let reply = case.invoke(&lambda, "{}");
    let (head, _) = case.text("observed.raw").split_once("\r\n\r\n").unwrap();
    let masked = |head: &str| -> Vec<String> {
        let changing = ["Date", "Content-Length", "x-amzn-RequestId"];
        head.lines()
            .filter(|line| !line.is_empty())
            .map(|line| match line.split_once(": ") {
                Some((name, _)) if changing.contains(&name) => name.to_owned(),
                _ => line.to_owned(),
            })
            .collect()
    };
    assert_eq!(masked(&reply.head), masked(head));
}

fn has_the_trace_id_of_today(case: &Case) {
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    let reply = case.invoke(&lambda, "{}");
    for (name, value) in case.at("observed").members() {
        let (value, own) = (value.text().unwrap(), reply.field(name).unwrap());
        if name == "X-Amzn-Trace-Id" {
            assert_eq!(shape(own), shape(value));
        } else {
            assert_eq!(own, value, "{name}");
        }
    }
}

fn is_a_uuid(case: &Case) {
    let pattern = regex::Regex::new(case.text("observed.regex")).unwrap();
    let lambda = start();
    lambda.on("function-name").reply(json!(1));
    for _ in 0..20 {
        let reply = case.invoke(&lambda, "{}");
        let id = reply.field("x-amzn-RequestId").unwrap();
        assert!(pattern.is_match(id), "{id}");
    }
}
