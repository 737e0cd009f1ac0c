//! Mistakes in a reply, which panic where they are made.

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
    "`200` is no status of an error: `unmodeled_error` takes 400 to 599"
)]
#[case::status_beyond_the_last(
    || Reply::unmodeled_error("NewException", 600),
    "`600` is no status of an error: `unmodeled_error` takes 400 to 599"
)]
#[case::empty_code(
    || Reply::unmodeled_error("", 418),
    "`` is no error code: it is sent as the value of the header `x-amzn-ErrorType`"
)]
#[case::code_of_two_lines(
    || Reply::unmodeled_error("a\nb", 418),
    "`a\nb` is no error code: it is sent as the value of the header `x-amzn-ErrorType`"
)]
#[case::interim_status(
    || Reply::http(100, ""),
    "`100` is no status of a final HTTP response: `http` takes 200 to 599"
)]
#[case::body_of_a_204(|| Reply::http(204, "abc"), "a 204 has no body, and 3 bytes were given")]
#[case::body_of_a_304(|| Reply::http(304, "abc"), "a 304 has no body, and 3 bytes were given")]
#[case::message_of_a_payload(
    || Reply::json(json!(1)).message("x"),
    "a payload has no message: `message` belongs to `Reply::error` and `Reply::unmodeled_error`"
)]
#[case::message_of_a_function_error(
    || Reply::from(FunctionError::out_of_memory()).message("x"),
    "a function error has no message: `message` belongs to `Reply::error` and `Reply::unmodeled_error`"
)]
#[case::message_of_a_plain_reply(
    || Reply::http(502, "x").message("x"),
    "a plain HTTP reply has no message: `message` belongs to `Reply::error` and `Reply::unmodeled_error`"
)]
#[case::message_of_a_handler(
    || Reply::handle(async |_| json!(1)).message("x"),
    "a handler has no message: `message` belongs to `Reply::error` and `Reply::unmodeled_error`"
)]
#[case::unknown_reason(
    || Reply::error(ServiceError::TooManyRequestsException).reason("CallerRateLimit"),
    "unknown throttle reason `CallerRateLimit`: did you mean `CallerRateLimitExceeded`?"
)]
#[case::reason_of_another_error(
    || Reply::error(ServiceError::ServiceException).reason(ThrottleReason::CallerRateLimitExceeded),
    "ServiceException has no `Reason` in the service model"
)]
#[case::reason_of_an_unmodeled_error(
    || Reply::unmodeled_error("NewException", 429).reason(ThrottleReason::CallerRateLimitExceeded),
    "an unmodeled error has no `Reason`: it belongs to `Reply::error`"
)]
#[case::fraction_of_a_second(
    || Reply::error(ServiceError::TooManyRequestsException).retry_after(Duration::from_millis(1500)),
    "`1.5s` is no whole number of seconds, and `Retry-After` counts in seconds"
)]
#[case::retry_after_of_another_error(
    || Reply::error(ServiceError::KmsDisabledException).retry_after(Duration::from_secs(1)),
    "KMSDisabledException has no `Retry-After` in the service model"
)]
#[case::ec2_error_code_of_another_error(
    || Reply::error(ServiceError::Ec2ThrottledException).ec2_error_code("x"),
    "EC2ThrottledException has no `EC2ErrorCode` in the service model"
)]
#[case::ec2_error_code_of_a_payload(
    || Reply::json(json!(1)).ec2_error_code("x"),
    "a payload has no `EC2ErrorCode`: it belongs to `Reply::error`"
)]
#[case::alias_as_executed_version(
    || Reply::json(json!(1)).executed_version("live"),
    "`live` is no version that could have run: use `$LATEST` or a number"
)]
#[case::empty_executed_version(
    || Reply::json(json!(1)).executed_version(""),
    "`` is no version that could have run: use `$LATEST` or a number"
)]
#[case::executed_version_of_an_error(
    || Reply::error(ServiceError::ServiceException).executed_version("7"),
    "a service error has no executed version: only a function that ran has one"
)]
#[case::header_name_with_a_blank(
    || Reply::json(json!(1)).header("a b", "c"),
    "`a b` is no name of a header"
)]
#[case::header_value_of_two_lines(
    || Reply::json(json!(1)).header("a", "b\r\nc"),
    "`b\r\nc` is no value of the header `a`"
)]
#[case::content_length(
    || Reply::json(json!(1)).header("Content-Length", "5"),
    "`Content-Length` follows from the body and cannot be set"
)]
#[case::transfer_encoding(
    || Reply::json(json!(1)).header("transfer-encoding", "chunked"),
    "`transfer-encoding` follows from the body and cannot be set"
)]
fn a_mistake_in_a_reply_panics_where_it_is_made(#[case] mistake: Mistake, #[case] message: &str) {
    let (said, place) = panic_of(mistake);
    assert_eq!(said, message);
    assert_eq!(place, file!());
}

/// What a panic said, and in which file.
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
