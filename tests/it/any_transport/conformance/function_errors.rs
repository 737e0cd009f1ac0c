//! Functions that ran and failed: the payload of their runtime, byte for byte.
//!
//! A record contains the members and their order; the spaces between them are those that the JSON
//! writer of each runtime is known to write.

use std::time::Duration;

use fake_lambda::{FunctionError, Runtime};
use serde_json::{Value, json};

use super::case::{Case, filled, recorded, start};
use super::json::Json;
use crate::raw::Reply;

recorded! {
    raises_in_python: python_handler_exception uncaught_exception_python_python3_10;
    raises_in_a_state_machine: sfn_view_of_function_error;
    cannot_marshal: python_marshal_error_raw;
    has_these_types: runtime_api_error_types_list;
    throws_in_java: uncaught_exception_java;
    throws_in_node: uncaught_exception_nodejs;
    returns_an_error_in_go: uncaught_exception_go_provided;
    returns_an_error_in_rust: uncaught_exception_rust_provided;
    exits: python_sys_exit_in_init;
    times_out: timeout_2025 init_segfault_recursion_times_out;
    says_in_its_message: doc_init_timeout doc_invalid_entrypoint;
    is_killed_for_its_memory: oom_current;
    returns_too_much: response_too_large;
    may_return_so_much: response_limit_is_6mib_plus_100;
    loses_its_extension: extension_init_error;
}

const MASKED: &str = "\"<stack-trace>\"";

fn invoke(case: &Case, error: FunctionError) -> Reply {
    let lambda = start();
    lambda.on("function-name").reply(error);
    let reply = case.invoke(&lambda, "{}");
    assert_eq!(reply.status(), 200, "{reply}");
    assert_eq!(reply.field("X-Amz-Function-Error"), Some("Unhandled"));
    reply
}

/// Compares the payload with the recorded one, which is written with these spaces and has `stack`
/// in place of the masked stack trace.
#[track_caller]
fn assert_payload(reply: &Reply, recorded: &Json, (colon, comma): (&str, &str), stack: &str) {
    let id = reply.field("x-amzn-RequestId").unwrap();
    let recorded = recorded.map(&|text| filled(text, id));
    let bytes = recorded.spaced(colon, comma).replace(MASKED, stack);
    assert_eq!(reply.text(), bytes);
}

const COMPACT: (&str, &str) = (":", ",");
const PYTHON: (&str, &str) = (": ", ", ");

/// An error with the recorded type and message.
fn recorded_error(payload: &Json, runtime: Runtime) -> FunctionError {
    let text = |name: &str| payload.at(name).unwrap().text().unwrap();
    FunctionError::new(text("errorType"), text("errorMessage")).runtime(runtime)
}

fn raises_in_python(case: &Case) {
    let payload = case.at("observed.Payload");
    let error = recorded_error(payload, Runtime::Python);
    let frames = payload.at("stackTrace").unwrap().items();
    let frames: Vec<&str> = match frames.iter().filter_map(Json::text).collect::<Vec<_>>() {
        masked if masked.is_empty() => vec!["a", "b"],
        frames => frames,
    };
    let reply = invoke(case, error.stack(frames));
    assert_payload(&reply, payload, PYTHON, r#"["a", "b"]"#);
    case.assert_head(&reply);
}

/// Step Functions returns the payload as the cause, and its type as the error.
fn raises_in_a_state_machine(case: &Case) {
    let payload = case.at("observed.cause");
    let frames = payload.at("stackTrace").unwrap().items();
    let frames: Vec<_> = frames.iter().filter_map(Json::text).collect();
    let reply = invoke(case, recorded_error(payload, Runtime::Python).stack(frames));
    assert_payload(&reply, payload, PYTHON, "");
    let error = Json::parse(&reply.body);
    assert_eq!(error.at("errorType"), case.observed("error"));
}

fn cannot_marshal(case: &Case) {
    let bytes = case.text("observed.Payload");
    let payload = Json::parse(bytes.as_bytes());
    let reply = invoke(case, recorded_error(&payload, Runtime::Python));
    let recorded = payload.at("requestId").unwrap().text().unwrap();
    let own = reply.field("x-amzn-RequestId").unwrap();
    assert_eq!(reply.text(), bytes.replace(recorded, own));
}

fn has_these_types(case: &Case) {
    for error_type in case.at("observed.errorTypes").items() {
        let error = FunctionError::new(error_type.text().unwrap(), "boom").runtime(Runtime::Python);
        let reply = invoke(case, error);
        let payload = Json::parse(&reply.body);
        assert_eq!(payload.at("errorType"), Some(error_type));
        let order = ["errorMessage", "errorType", "requestId", "stackTrace"];
        assert_eq!(payload.names(), order);
    }
}

fn throws_in_java(case: &Case) {
    let payload = case.at("observed.Payload");
    let error = recorded_error(payload, Runtime::Java).stack(["a", "b"]);
    let reply = invoke(case, error);
    assert_payload(&reply, payload, COMPACT, r#"["a","b"]"#);
    case.assert_head(&reply);
}

fn throws_in_node(case: &Case) {
    let payload = case.at("observed.Payload");
    let error = recorded_error(payload, Runtime::Node).stack(["    at a"]);
    let reply = invoke(case, error);
    let trace = r#"["Error: Error: some_error_msg","    at a"]"#;
    assert_payload(&reply, payload, COMPACT, trace);
    case.assert_head(&reply);
}

fn returns_an_error_in_go(case: &Case) {
    let payload = case.at("observed.Payload");
    let reply = invoke(case, recorded_error(payload, Runtime::Go));
    assert_payload(&reply, payload, COMPACT, "");
    case.assert_answer(&reply);
}

fn returns_an_error_in_rust(case: &Case) {
    let payload = case.at("observed.Payload");
    let reply = invoke(case, recorded_error(payload, Runtime::Rust));
    assert_payload(&reply, payload, COMPACT, "");
    case.assert_answer(&reply);
}

fn exits(case: &Case) {
    let reply = invoke(case, FunctionError::exited(0));
    assert_payload(&reply, case.at("observed.Payload"), COMPACT, "");
    case.assert_answer(&reply);
}

fn timeout_in(message: &str) -> Duration {
    let (_, seconds) = message.split_once("timed out after ").unwrap();
    let seconds = seconds.strip_suffix(" seconds").unwrap();
    Duration::from_secs_f64(seconds.parse().unwrap())
}

fn times_out(case: &Case) {
    let timeout = timeout_in(case.text("observed.Payload.errorMessage"));
    let reply = invoke(case, FunctionError::timed_out(timeout));
    assert_payload(&reply, case.at("observed.Payload"), COMPACT, "");
    case.assert_answer(&reply);
}

/// The documentation has the platform's text without the request id before it.
fn says_in_its_message(case: &Case) {
    let message = case.text("observed.message");
    let error = match case.text("observed.errorType") {
        "Sandbox.Timedout" => FunctionError::timed_out(timeout_in(message)),
        "Runtime.InvalidEntrypoint" => FunctionError::invalid_entrypoint(),
        other => panic!("no error of the type {other} is documented"),
    };
    let reply = invoke(case, error);
    let id = reply.field("x-amzn-RequestId").unwrap();
    let payload = Json::parse(&reply.body);
    assert_eq!(payload.names(), ["errorType", "errorMessage"]);
    assert_eq!(payload.at("errorType"), case.observed("errorType"));
    let own = payload.at("errorMessage").unwrap().text().unwrap();
    assert_eq!(own, format!("RequestId: {id} Error: {message}"));
}

fn is_killed_for_its_memory(case: &Case) {
    let reply = invoke(case, FunctionError::out_of_memory());
    let message = case.text("observed.Payload.errorMessage");
    // The record has the id of its own request.
    let recorded = message.split(' ').nth(1).unwrap();
    let own = reply.field("x-amzn-RequestId").unwrap();
    let payload = case.at("observed.Payload").to_string();
    assert_eq!(reply.text(), payload.replace(recorded, own));
}

/// A JSON string with this many bytes.
fn string_of(length: u64) -> Value {
    json!("a".repeat(length as usize - 2))
}

fn returns_too_much(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .reply(string_of(7 * 1024 * 1024 + 2));
    let reply = case.invoke(&lambda, "{}");
    assert_payload(&reply, case.at("observed.Payload"), COMPACT, "");
    case.assert_answer(&reply);
}

fn may_return_so_much(case: &Case) {
    let limit = case.at("observed.limit_bytes").number().unwrap();
    let lambda = start();
    let script = lambda.on("function-name");
    script
        .reply(string_of(6 * 1024 * 1024 + 2))
        .then(string_of(limit))
        .then(string_of(limit + 1));
    for failed in [None, None, Some("Unhandled")] {
        let reply = case.invoke(&lambda, "{}");
        assert_eq!(reply.field("X-Amz-Function-Error"), failed);
    }
}

fn loses_its_extension(case: &Case) {
    let reply = invoke(case, FunctionError::extension_exited("apm", 0));
    let id = reply.field("x-amzn-RequestId").unwrap();
    assert_eq!(
        reply.text(),
        case.text("observed.Payload").replace("<request-id>", id)
    );
}
