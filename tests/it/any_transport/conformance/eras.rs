//! Answers of earlier years.

use std::time::Duration;

use fake_lambda::{FunctionError, Invocation};
use serde_json::{Value, json};

use super::case::{Case, filled, recorded, start_in};
use super::json::Json;
use crate::raw::{self, Reply};

recorded! {
    names_no_version: function_not_found_2023;
    times_out_at_a_date: timeout_2024;
    has_these_limits: async_payload_limit_128k async_payload_limit_256k wire_413_slightly_over;
    reads_as_java_printed_it: java_v1_413_rendering;
    is_handled: era_2018_handled;
    has_no_request_id: uncaught_exception_python_python3_8;
    has_a_trace_id_in_capitals: trace_id_of_march_2025;
    is_killed_without_a_type: era_2018_oom;
    is_not_json: validation_2018_bad_json bad_json_single_quote_2023;
    changed_in_2025: era_change_2025;
}

fn text<'a>(json: &'a Json, path: &str) -> &'a str {
    json.at(path).unwrap().text().unwrap()
}

/// The reply to a body with as many bytes as the recorded one.
fn refused_by_length(case: &Case) -> Reply {
    let lambda = start_in(case.year());
    lambda
        .on("function-name")
        .handle(async |_: Invocation| json!(null));
    let length = case.at("request.Payload bytes").number().unwrap() as usize;
    case.invoke(&lambda, format!("\"{}\"", "a".repeat(length - 2)))
}

fn names_no_version(case: &Case) {
    let reply = case.invoke(&start_in(case.year()), "{}");
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(reply.status(), 404);
    assert_eq!(body["Message"], filled(case.text("observed.Message"), ""));
}

fn times_out_at_a_date(case: &Case) {
    let lambda = start_in(case.year());
    lambda
        .on("function-name")
        .reply(FunctionError::timed_out(Duration::from_secs(1)));
    let reply = case.invoke(&lambda, "{}");
    let id = reply.field("x-amzn-RequestId").unwrap();
    let own = Json::parse(&reply.body);
    let (date, _) = text(&own, "errorMessage").split_once(' ').unwrap();
    assert_eq!(date.len(), "2018-07-17T10:17:00.383Z".len(), "{date}");
    let payload = case.at("observed.Payload").map(&|text| {
        let rest = text.strip_prefix("date").unwrap();
        filled(&format!("{date}{rest}"), id)
    });
    assert_eq!(reply.text(), payload.to_string());
    case.assert_head(&reply);
}

fn has_these_limits(case: &Case) {
    let reply = refused_by_length(case);
    assert_eq!(reply.status(), 413);
    case.assert_answer(&reply);
}

fn reads_as_java_printed_it(case: &Case) {
    let reply = refused_by_length(case);
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    let printed = format!(
        "{} (Service: AWSLambda; Status Code: {}; Error Code: {}; Request ID: ",
        body["Message"].as_str().unwrap(),
        reply.status(),
        reply.field("x-amzn-ErrorType").unwrap(),
    );
    let recorded = case.text("observed.text");
    assert!(recorded.starts_with(&printed), "{printed}\n{recorded}");
}

/// The payload has the shape that Node.js 8 gave it.
fn is_handled(case: &Case) {
    let lambda = start_in(case.year());
    lambda
        .on("function-name")
        .reply(FunctionError::new("Error", "an error occurred.").runtime("nodejs"));
    let reply = case.invoke(&lambda, "{}");
    assert_eq!(
        reply.field("X-Amz-Function-Error"),
        Some(case.text("observed.FunctionError"))
    );
    case.assert_answer(&reply);
}

/// Recorded in 2026 from Python 3.8; `era` selects this runtime only for the years when it was the
/// newest.
fn has_no_request_id(case: &Case) {
    let lambda = start_in(2021);
    let error = FunctionError::new("Exception", "Failed: some_error_msg").runtime("python");
    lambda.on("function-name").reply(error.stack(["a"]));
    let reply = case.invoke(&lambda, "{}");
    let recorded = case.at("observed.Payload").spaced(": ", ", ");
    assert_eq!(
        reply.text(),
        recorded.replace("\"<stack-trace>\"", "[\"a\"]")
    );
    case.assert_head(&reply);
}

fn has_a_trace_id_in_capitals(case: &Case) {
    let lambda = start_in(case.year());
    lambda.on("function-name").reply(json!(1));
    let reply = case.invoke(&lambda, "{}");
    let names = |trace: &str| -> Vec<String> {
        let parts = trace.split(';').filter_map(|part| part.split_once('='));
        parts.map(|(name, _)| name.to_owned()).collect()
    };
    let own = reply.field("X-Amzn-Trace-Id").unwrap();
    let recorded = case.text("observed.X-Amzn-Trace-Id");
    assert_eq!(names(own), names(recorded));
    assert!(own.contains(";Lineage=1:"), "{own}");
}

fn is_killed_without_a_type(case: &Case) {
    let lambda = start_in(case.year());
    lambda
        .on("function-name")
        .reply(FunctionError::out_of_memory());
    let reply = case.invoke(&lambda, "{}");
    let id = reply.field("x-amzn-RequestId").unwrap();
    let recorded = case.text("observed.Payload");
    // The record has the id of its own request.
    let other = recorded.split(' ').nth(1).unwrap();
    assert_eq!(reply.text(), recorded.replace(other, id));
    assert_eq!(
        reply.field("X-Amz-Function-Error"),
        Some(case.text("observed.FunctionError"))
    );
}

fn is_not_json(case: &Case) {
    let lambda = start_in(case.year());
    let reply = case.invoke(&lambda, case.text("request.Payload"));
    assert_eq!(reply.status(), 400);
    case.assert_answer(&reply);
}

/// The texts changed between 2024 and late 2025, and each was recorded before and after. The text
/// of function URLs, which also changed, is left out, because Invoke does not send it.
fn changed_in_2025(case: &Case) {
    for (year, side) in [(2024, "before"), (2026, "after")] {
        let recorded = |change: &str| case.at(&format!("observed.{change}.{side}"));
        let lambda = start_in(year);
        let reply = raw::invoke(&lambda, "doesnotexist", &[], "{}");
        let body = Json::parse(&reply.body);
        let message = recorded("not_found").text().unwrap();
        assert_eq!(text(&body, "Message"), filled(message, ""));

        let reply = raw::invoke(&lambda, "f", &[], b"n\x87r");
        let body = Json::parse(&reply.body);
        let message = recorded("bad_json").text().unwrap();
        let (_, end) = message.split_once("... ").unwrap();
        let end = end.replace("<echo of the bytes>", "n\u{fffd}r");
        assert!(text(&body, "message").ends_with(&end), "{reply}");

        lambda
            .on("f")
            .reply(FunctionError::timed_out(Duration::from_secs(1)));
        let reply = raw::invoke(&lambda, "f", &[], "{}");
        let id = reply.field("x-amzn-RequestId").unwrap();
        let own = Json::parse(&reply.body);
        let (date, _) = text(&own, "errorMessage").split_once(' ').unwrap();
        let payload = recorded("timeout").map(&|text| filled(&text.replace("<date>", date), id));
        assert_eq!(reply.text(), payload.to_string());
    }
}
