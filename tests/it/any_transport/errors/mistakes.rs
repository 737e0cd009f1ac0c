//! Invalid replies, which panic at the line that creates them.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::time::Duration;

use fake_lambda::{FunctionError, Reply, ServiceError, ThrottleReason};
use rstest::rstest;
use serde_json::json;

type Mistake = fn() -> Reply;

#[rstest]
#[case::status_of_a_success(
    || Reply::unmodeled_error("NewException", 200),
    "error: `200` is not an error status\n  help: use a status from 400 to 599"
)]
#[case::status_beyond_the_last(
    || Reply::unmodeled_error("NewException", 600),
    "error: `600` is not an error status\n  help: use a status from 400 to 599"
)]
#[case::empty_code(
    || Reply::unmodeled_error("", 418),
    "error: `` is not a valid error code\n  help: use a code that fits into the header `x-amzn-ErrorType`"
)]
#[case::code_of_two_lines(
    || Reply::unmodeled_error("a\nb", 418),
    "error: `a\\nb` is not a valid error code\n  help: use a code that fits into the header `x-amzn-ErrorType`"
)]
#[case::interim_status(
    || Reply::http(100, ""),
    "error: `100` is not the status of a final HTTP response\n  help: use a status from 200 to 599"
)]
#[case::body_of_a_204(|| Reply::http(204, "abc"), "error: a 204 cannot have a body, got 3 bytes\n  help: leave the body empty, or use another status")]
#[case::body_set_on_a_204(|| Reply::http(204, "").body("abc"), "error: a 204 cannot have a body, got 3 bytes\n  help: leave the body empty, or use another status")]
#[case::body_of_a_304(|| Reply::http(304, "abc"), "error: a 304 cannot have a body, got 3 bytes\n  help: leave the body empty, or use another status")]
#[case::message_of_a_payload(
    || Reply::json(json!(1)).message("x"),
    "error: a payload has no message\n  help: use `message` with `Reply::error` or `Reply::unmodeled_error`"
)]
#[case::message_of_a_function_error(
    || Reply::from(FunctionError::out_of_memory()).message("x"),
    "error: a function error has no message\n  help: use `message` with `Reply::error` or `Reply::unmodeled_error`"
)]
#[case::message_of_a_plain_reply(
    || Reply::http(502, "x").message("x"),
    "error: a plain HTTP reply has no message\n  help: use `message` with `Reply::error` or `Reply::unmodeled_error`"
)]
#[case::message_of_a_handler(
    || Reply::handle(async |_| json!(1)).message("x"),
    "error: a handler has no message\n  help: use `message` with `Reply::error` or `Reply::unmodeled_error`"
)]
#[case::unknown_reason(
    || Reply::error(ServiceError::TooManyRequestsException).reason("CallerRateLimit"),
    "error: unknown throttle reason `CallerRateLimit`\n  help: did you mean `CallerRateLimitExceeded`?"
)]
#[case::reason_of_another_error(
    || Reply::error(ServiceError::ServiceException).reason(ThrottleReason::CallerRateLimitExceeded),
    "error: ServiceException has no `Reason` in the service model\n  help: use an error that has it, or remove this setting"
)]
#[case::reason_of_an_unmodeled_error(
    || Reply::unmodeled_error("NewException", 429).reason(ThrottleReason::CallerRateLimitExceeded),
    "error: an unmodeled error has no `Reason`\n  help: start with `Reply::error(..)`"
)]
#[case::fraction_of_a_second(
    || Reply::error(ServiceError::TooManyRequestsException).retry_after(Duration::from_millis(1500)),
    "error: `retry_after(1.5s)` is not a whole number of seconds\n  help: use whole seconds"
)]
#[case::retry_after_of_another_error(
    || Reply::error(ServiceError::KmsDisabledException).retry_after(Duration::from_secs(1)),
    "error: KMSDisabledException has no `Retry-After` in the service model\n  help: use an error that has it, or remove this setting"
)]
#[case::ec2_error_code_of_another_error(
    || Reply::error(ServiceError::Ec2ThrottledException).ec2_error_code("x"),
    "error: EC2ThrottledException has no `EC2ErrorCode` in the service model\n  help: use an error that has it, or remove this setting"
)]
#[case::type_value_of_an_error_without_one(
    || Reply::error(ServiceError::AccessDeniedException).type_value("User"),
    "error: the body of AccessDeniedException has no `Type`\n  help: use an error of the service model, or remove this setting"
)]
#[case::type_value_of_a_payload(
    || Reply::json(json!(1)).type_value(None),
    "error: a payload has no `Type`\n  help: start with `Reply::error(..)`"
)]
#[case::ec2_error_code_of_a_payload(
    || Reply::json(json!(1)).ec2_error_code("x"),
    "error: a payload has no `EC2ErrorCode`\n  help: start with `Reply::error(..)`"
)]
#[case::alias_as_executed_version(
    || Reply::json(json!(1)).executed_version("live"),
    "error: `live` is not a version that can run\n  help: use `$LATEST` or a number"
)]
#[case::empty_executed_version(
    || Reply::json(json!(1)).executed_version(""),
    "error: `` is not a version that can run\n  help: use `$LATEST` or a number"
)]
#[case::executed_version_of_an_error(
    || Reply::error(ServiceError::ServiceException).executed_version("7"),
    "error: a service error has no executed version\n  help: use `executed_version` with a payload, a function error or a stream"
)]
#[case::header_name_with_a_blank(
    || Reply::json(json!(1)).header("a b", "c"),
    "error: `a b` is not a valid header name\n  help: use letters, digits and `-`"
)]
#[case::header_value_of_two_lines(
    || Reply::json(json!(1)).header("a", "b\r\nc"),
    "error: `b\\r\\nc` is not a valid value of the header `a`\n  help: use visible ASCII characters, without line breaks"
)]
#[case::content_length(
    || Reply::json(json!(1)).header("Content-Length", "5"),
    "error: `Content-Length` follows from the body and cannot be changed\n  help: use `Fault::LengthTooLong`, `Fault::LengthTooShort` or `Fault::BadChunk` for wrong framing"
)]
#[case::transfer_encoding(
    || Reply::json(json!(1)).header("transfer-encoding", "chunked"),
    "error: `transfer-encoding` follows from the body and cannot be changed\n  help: use `Fault::LengthTooLong`, `Fault::LengthTooShort` or `Fault::BadChunk` for wrong framing"
)]
fn a_mistake_in_a_reply_panics_in_the_callers_file(
    #[case] mistake: Mistake,
    #[case] message: &str,
) {
    let (said, place) = panic_of(mistake);
    assert_eq!(said, message);
    assert_eq!(place, file!());
}

/// The text of a panic, and its file.
fn panic_of(mistake: Mistake) -> (String, String) {
    thread_local! {
        static FILE: Cell<String> = const { Cell::new(String::new()) };
    }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            FILE.set(info.location().map_or("", |place| place.file()).to_owned());
            before(info);
        }));
    });
    let panic = panic::catch_unwind(AssertUnwindSafe(mistake)).expect_err("no panic");
    let text = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().expect("a text")).to_owned(),
    };
    (text, FILE.take())
}
