//! The messages about invalid replies.

use rstest::rstest;

use super::mistakes::problems;

/// A scenario with one rule that has this reply.
fn reply(reply: &str) -> String {
    problems(&format!(
        "{{\"rules\":[{{\"on\":\"f\",\n\"reply\":{reply}}}]}}"
    ))
}

fn function_error(error: &str) -> String {
    reply(&format!("{{\"function_error\":\n{error}}}"))
}

#[rstest]
#[case::stream(
    "{\"stream\": \"Hel\"}",
    "2:20 $.rules[0].reply.stream: expected an array, got \"Hel\""
)]
#[case::stream_step(
    "{\"stream\": [\"Hel\", {\"pause\": \"1s\"}]}",
    "2:28 $.rules[0].reply.stream[1]: missing key: a step of a stream needs one of `base64`, `http`, `wait`, `fault`, `bad_checksum`, `bad_prelude`, `exception`, `error_message`, `event`, `fail` and `no_end`\n  2:29 $.rules[0].reply.stream[1].pause: unknown key `pause`; remove it"
)]
#[case::stream_after_its_end(
    "{\"stream\": [{\"no_end\": true}, \"Hel\"]}",
    "2:39 $.rules[0].reply.stream[1]: `send` follows `no_end(..)`, which ends the stream; move `send` before `no_end(..)`, or remove `send`"
)]
#[case::stream_fault(
    "{\"stream\": [{\"fault\": \"TruncateHead\"}]}",
    "2:21 $.rules[0].reply.stream[0]: `Fault::TruncateHead` is not a fault inside a stream; use it on the whole reply: `Reply::stream(..).fault(..)`"
)]
#[case::stream_base64(
    "{\"stream\": [{\"base64\": \"?\"}]}",
    "2:32 $.rules[0].reply.stream[0].base64: not valid base64: Invalid symbol 63, offset 0; encode the bytes with padding"
)]
#[case::stream_boundaries(
    "{\"stream\": [\"Hel\"], \"boundaries\": \"random\"}",
    "2:43 $.rules[0].reply.boundaries: unknown kind of boundaries `random`; did you mean `Random`?"
)]
#[case::text(
    "\"ServiceException\"",
    "2:9 $.rules[0].reply: expected an object with one of `json`, `stream`, `function_error`, `error`, `unmodeled_error`, `http` and `fault`, got \"ServiceException\""
)]
#[case::error(
    "{\"error\": \"KMSDisabled\"}",
    "2:19 $.rules[0].reply.error: unknown service error `KMSDisabled`; did you mean `KMSDisabledException`?"
)]
#[case::two(
    "{\"json\": 1, \"error\": \"ServiceException\"}",
    "2:21 $.rules[0].reply.error: `error` cannot be combined with `json`; remove one of the two"
)]
#[case::reason(
    "{\"error\": \"ServiceException\", \"reason\": \"CallerRateLimitExceeded\"}",
    "2:49 $.rules[0].reply.reason: ServiceException has no `Reason` in the service model; use an error that has it, or remove this setting"
)]
#[case::reason_word(
    "{\"error\": \"TooManyRequestsException\", \"reason\": \"CallerRateLimit\"}",
    "2:57 $.rules[0].reply.reason: unknown throttle reason `CallerRateLimit`; did you mean `CallerRateLimitExceeded`?"
)]
#[case::seconds(
    "{\"error\": \"TooManyRequestsException\", \"retry_after\": \"1500ms\"}",
    "2:62 $.rules[0].reply.retry_after: `retry_after(1.5s)` is not a whole number of seconds; use whole seconds"
)]
#[case::duration(
    "{\"json\": 1, \"delay\": \"50\"}",
    "2:30 $.rules[0].reply.delay: `50` is not a duration; write a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`, as in `50ms`"
)]
#[case::long(
    "{\"json\": 1, \"delay\": \"99999999999999999999s\"}",
    "2:30 $.rules[0].reply.delay: `99999999999999999999s` is too long for a duration; use a shorter one"
)]
#[case::backwards(
    "{\"json\": 1, \"delay\": {\"from\": \"2ms\", \"to\": \"1ms\"}}",
    "2:30 $.rules[0].reply.delay: the delay range 2ms to 1ms is reversed; put the shorter bound first"
)]
#[case::no_end(
    "{\"json\": 1, \"delay\": {\"from\": \"2ms\"}}",
    "2:30 $.rules[0].reply.delay: missing key `to`"
)]
#[case::header(
    "{\"json\": 1, \"header\": [{\"name\": \"Content-Length\", \"value\": \"1\"}]}",
    "2:32 $.rules[0].reply.header[0]: `Content-Length` follows from the body and cannot be changed; use `Fault::LengthTooLong`, `Fault::LengthTooShort` or `Fault::BadChunk` for wrong framing"
)]
#[case::version(
    "{\"json\": 1, \"executed_version\": \"live\"}",
    "2:41 $.rules[0].reply.executed_version: `live` is not a version that can run; use `$LATEST` or a number"
)]
#[case::status(
    "{\"http\": {\"status\": 99}}",
    "2:29 $.rules[0].reply.http.status: expected a whole number from 200 to 599, got 99"
)]
#[case::no_body(
    "{\"http\": {\"status\": 204, \"body\": \"x\"}}",
    "2:18 $.rules[0].reply.http: a 204 cannot have a body, got 1 byte; leave the body empty, or use another status"
)]
#[case::base64(
    "{\"http\": {\"status\": 200, \"body\": {\"base64\": \"?\"}}}",
    "2:53 $.rules[0].reply.http.body.base64: not valid base64: Invalid symbol 63, offset 0; encode the bytes with padding"
)]
#[case::unicode(
    "{\"error\": \"ServiceException\", \"message\": \"\\ud800\"}",
    "2:50 $.rules[0].reply.message: not valid Unicode: half of a surrogate pair; write both halves, or the character itself"
)]
#[case::fault(
    "{\"fault\": \"reset\"}",
    "2:19 $.rules[0].reply.fault: unknown fault without a reply `reset`; did you mean `Reset`?"
)]
#[case::alone(
    "{\"fault\": {\"TruncateAfter\": 1}}",
    "2:19 $.rules[0].reply.fault: expected the name of a fault without a reply, got an object"
)]
#[case::after_the_end(
    "{\"json\": 1, \"fault\": {\"TruncateAfter\": 1}}",
    "2:30 $.rules[0].reply.fault: `TruncateAfter(1)` cannot fire: the body has 1 byte; use 0, or a longer body"
)]
#[case::fault_word(
    "{\"json\": 1, \"fault\": {\"TruncatedAfter\": 1}}",
    "2:31 $.rules[0].reply.fault.TruncatedAfter: unknown key `TruncatedAfter`; did you mean `TruncateAfter`?"
)]
#[case::in_queue(
    "{\"error\": \"InvalidParameterValueException\", \"in_queue\": true}",
    "2:65 $.rules[0].reply.in_queue: an error with the status 400 cannot happen in the queue; use an error with 429 or 5xx, use `RecursiveInvocationException`, or remove `in_queue`"
)]
#[case::in_queue_of_a_value(
    "{\"json\": 1, \"in_queue\": true}",
    "2:21 $.rules[0].reply.in_queue: `in_queue` is only allowed with `error` or `unmodeled_error`, and this reply has `json`"
)]
#[case::delivered(
    "{\"json\": 1, \"delivered_times\": 0}",
    "2:40 $.rules[0].reply.delivered_times: expected a whole number from 1 to 100, got 0"
)]
#[case::lost(
    "{\"error\": \"ServiceException\", \"lost\": true}",
    "2:39 $.rules[0].reply.lost: `lost` is only allowed with `json`, `stream` or `function_error`, and this reply has `error`"
)]
#[case::handled(
    "{\"handle\": \"echo\"}",
    "2:9 $.rules[0].reply: missing key: a reply needs one of `json`, `stream`, `function_error`, `error`, `unmodeled_error`, `http` and `fault`\n  2:10 $.rules[0].reply.handle: unknown key `handle`; remove it"
)]
fn a_reply_is_refused(#[case] written: &str, #[case] expected: &str) {
    assert_eq!(reply(written), expected);
}

#[rstest]
#[case::runtime(
    r#"{"error_type": "E", "message": "m", "runtime": "python3.12"}"#,
    "3:48 $.rules[0].reply.function_error.runtime: unknown runtime `python3.12`; did you mean `python`?"
)]
#[case::no_runtime(
    r#"{"error_type": "E", "message": "m", "stack": []}"#,
    "3:46 $.rules[0].reply.function_error.stack: only allowed in an error with a `runtime`; add `runtime`"
)]
#[case::no_message(
    r#"{"error_type": "E"}"#,
    "3:1 $.rules[0].reply.function_error: missing key `message`"
)]
#[case::rust(
    r#"{"error_type": "E", "message": "m", "runtime": "rust", "stack": []}"#,
    "3:1 $.rules[0].reply.function_error: `rust` sends no stack; remove `.stack(..)`, or use another runtime"
)]
#[case::frame(
    r#"{"error_type": "E", "message": "m", "runtime": "go", "stack": ["x"]}"#,
    "3:1 $.rules[0].reply.function_error: `x` is not a valid stack frame of `go`; use `path:line label`, as in `main.go:12 handler`"
)]
#[case::timeout(
    r#"{"timed_out": "16m"}"#,
    "3:15 $.rules[0].reply.function_error.timed_out: `960s` is not a valid timeout of a function; use a duration above zero, up to 15 minutes"
)]
#[case::exit_code(
    r#"{"exited": 256}"#,
    "3:12 $.rules[0].reply.function_error.exited: expected a whole number from 0 to 255, got 256"
)]
#[case::platform(
    r#"{"platform": {"error_type": "Extension.Crash"}}"#,
    "3:14 $.rules[0].reply.function_error.platform: missing key `text`"
)]
#[case::not_here(
    r#"{"out_of_memory": true, "runtime": "go"}"#,
    "3:25 $.rules[0].reply.function_error.runtime: `runtime` is only allowed with `error_type`, and this function error has `out_of_memory`"
)]
fn a_function_error_is_refused(#[case] error: &str, #[case] expected: &str) {
    assert_eq!(function_error(error), expected);
}
