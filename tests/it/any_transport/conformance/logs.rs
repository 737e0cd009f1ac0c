//! The end of the log, for callers that request it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fake_lambda::{FunctionError, Invocation, LogFormat, Reply, Runtime};
use regex::Regex;
use serde_json::{Value, json};

use super::case::{Case, filled, recorded, start};
use super::json::Json;
use crate::raw::{self, Reply as RawReply};
use crate::transport::FakeLambda;

recorded! {
    sends_a_log: log_tail_invoke_python;
    has_these_lines: request_id_log_lines log_tail_lines_python_cold;
    has_the_lines_of_the_error: log_tail_lines_on_error_python;
    is_the_tail_of_2024: headers_200_tail_2024;
    has_its_field: headers_200_with_tail;
    tells_version_and_arn: echo_context_with_qualifier_1;
    fails_with_a_log: sync_error_with_tail_same_function;
    reports_what_killed_it: oom_platform_report;
}

const TAIL: &str = "X-Amz-Log-Type: Tail";

fn decoded(text: &str) -> String {
    String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
}

fn tail_of(reply: &RawReply) -> String {
    decoded(reply.field("X-Amz-Log-Result").expect("a log result"))
}

/// Masks the figures of a function in the same way as the recorder, because they are random for
/// each call.
fn masked(log: &str) -> String {
    let durations = Regex::new("Duration: [0-9.]+ ms").unwrap();
    let memory = Regex::new("Max Memory Used: [0-9]+ MB").unwrap();
    let log = durations.replace_all(log, "Duration: <duration> ms");
    memory
        .replace_all(&log, "Max Memory Used: <memory> MB")
        .into_owned()
}

fn sends_a_log(case: &Case) {
    let lambda = start();
    lambda.on("function-name").reply(json!({}));
    case.assert_answer(&case.invoke(&lambda, "{}"));
}

/// The function wrote the second of the four lines; the recorder cut the spaces at the end of some
/// lines.
fn has_these_lines(case: &Case) {
    let lines = case.at("observed.logs").items();
    let lines: Vec<&str> = lines.iter().filter_map(Json::text).collect();
    let [_, written, _, _] = lines[..] else {
        panic!("the record has four lines: {lines:?}");
    };
    let written = written.trim_end().to_owned();
    let lambda = start();
    lambda
        .on("function-name")
        .handle(async move |inv: Invocation| {
            inv.log(filled(&written, inv.request_id()));
            json!({})
        });
    let reply = raw::invoke(&lambda, "function-name", &[TAIL], "{}");
    let id = reply.field("x-amzn-RequestId").unwrap();
    let recorded = filled(&lines.concat(), id);
    let tail = masked(&tail_of(&reply));
    let is_whole = lines.iter().all(|line| line.ends_with('\n'));
    if is_whole {
        assert_eq!(tail, recorded);
    } else {
        let tail: Vec<_> = tail.lines().map(str::trim_end).collect();
        assert_eq!(tail.concat(), recorded);
    }
}

/// The recorder omitted the report.
fn has_the_lines_of_the_error(case: &Case) {
    let lines = case.at("observed.result").items();
    let lines: Vec<&str> = lines.iter().filter_map(Json::text).collect();
    // The runtime itself writes the lines from the error on.
    let error = lines.iter().position(|line| line.starts_with("[ERROR]"));
    let written: Vec<_> = lines[1..error.unwrap()]
        .iter()
        .map(|line| (*line).to_owned())
        .collect();
    let lambda = start();
    lambda
        .on("function-name")
        .handle(async move |inv: Invocation| {
            for line in &written {
                inv.log(filled(line, inv.request_id()));
            }
            let frame = "  File \"/var/task/handler.py\", line 55, in handler\n    raise Exception(\"Test exception (this is intentional)\")\n";
            FunctionError::new("Exception", "Test exception (this is intentional)")
                .runtime(Runtime::Python)
                .stack([frame])
        });
    let reply = raw::invoke(&lambda, "function-name", &[TAIL], "{}");
    let id = reply.field("x-amzn-RequestId").unwrap();
    let tail = tail_of(&reply);
    let (last, sent) = {
        let mut sent: Vec<_> = tail.lines().collect();
        (sent.pop().unwrap(), sent)
    };
    assert!(last.starts_with("REPORT "), "{last}");
    let recorded: Vec<_> = lines.iter().map(|line| filled(line, id)).collect();
    assert_eq!(sent, recorded);
}

/// The record ends before the trace id. Except for figures and ids, its decoded log is ours.
fn is_the_tail_of_2024(case: &Case) {
    let fields = case.at("observed.HTTPHeaders");
    let lambda = start();
    lambda.on("function-name").reply(json!(null));
    let reply = case.invoke(&lambda, "{}");
    let names: Vec<_> = reply
        .head
        .lines()
        .skip(1)
        .filter_map(|line| Some(line.split_once(": ")?.0.to_lowercase()))
        .collect();
    assert_eq!(names[..fields.names().len()], fields.names());
    let text = |name: &str| fields.at(name).unwrap().text().unwrap();
    let own = reply.field("x-amzn-RequestId").unwrap();
    let recorded = decoded(text("x-amz-log-result")).replace(text("x-amzn-requestid"), own);
    assert_eq!(masked(&tail_of(&reply)), masked(&recorded));
}

fn has_its_field(case: &Case) {
    let lambda = start();
    lambda.on("function-name").reply(json!({}));
    let reply = raw::invoke(&lambda, "function-name", &[TAIL], "{}");
    let fields = case.at("observed.SdkHttpMetadata.HttpHeaders").names();
    let mut sent: Vec<_> = reply
        .head
        .lines()
        .skip(1)
        .filter_map(|line| Some(line.split_once(": ")?.0))
        .collect();
    sent.sort_unstable();
    let mut fields = fields;
    fields.sort_unstable();
    assert_eq!(sent, fields);
    assert_eq!(reply.text(), case.at("observed.Payload").to_string());
}

fn tells_version_and_arn(case: &Case) {
    let lambda = start();
    lambda.publish_version("function-name:1");
    // The fake cannot know the function's state, so the handler returns it here.
    lambda.on("function-name").handle(async |inv: Invocation| {
        let name = inv.function_name();
        json!({"event": inv.payload_json(), "context": {
            "invoked_function_arn": inv.function_arn(),
            "function_version": inv.function_version(),
            "function_name": name,
            "memory_limit_in_mb": "128",
            "aws_request_id": inv.request_id(),
            "log_group_name": format!("/aws/lambda/{name}"),
            "log_stream_name": "<log-stream-name:1>",
            "client_context": inv.client_context(),
        }})
    });
    let reply = case.invoke(&lambda, case.text("request.Payload"));
    case.assert_answer(&reply);
    assert!(tail_of(&reply).contains(" Version: 1\n"));
}

fn fails_with_a_log(case: &Case) {
    let payload = case.at("observed.Payload");
    let text = |name: &str| payload.at(name).unwrap().text().unwrap();
    let frames = payload.at("stackTrace").unwrap().items();
    let frames: Vec<_> = frames.iter().filter_map(Json::text).collect();
    let error = FunctionError::new(text("errorType"), text("errorMessage"));
    let lambda = start();
    lambda
        .on("function-name")
        .reply(error.runtime(Runtime::Python).stack(frames));
    let reply = case.invoke(&lambda, case.text("request.Payload"));
    let id = reply.field("x-amzn-RequestId").unwrap();
    let recorded = payload.map(&|text| filled(text, id)).spaced(": ", ", ");
    assert_eq!(reply.text(), recorded);
    case.assert_answer(&reply);
}

fn reports_what_killed_it(case: &Case) {
    let lambda = FakeLambda::start_with(|builder| builder.log_format(LogFormat::Json));
    lambda
        .on("function-name")
        .reply(Reply::from(FunctionError::out_of_memory()));
    let reply = raw::invoke(&lambda, "function-name", &[TAIL], "{}");
    let tail = tail_of(&reply);
    let report: Value = serde_json::from_str(tail.lines().last().unwrap()).unwrap();
    assert_eq!(report["type"], "platform.report");
    for (name, value) in case.at("observed").members() {
        assert_eq!(report["record"][name], value.value(), "{name}");
    }
}
