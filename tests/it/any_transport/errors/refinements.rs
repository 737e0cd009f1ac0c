//! The changes that a script can make to a reply.

use std::time::Duration;

use aws_sdk_lambda::error::ProvideErrorMetadata;
use fake_lambda::{FunctionError, Reply, ServiceError, ThrottleReason, sdk_client};
use rstest::rstest;
use serde_json::json;

use super::{FUNCTION, call};
use crate::raw::Client;
use crate::transport::FakeLambda;
use crate::waits::SendInTime as _;

#[rstest]
#[case::retry_after(
    Reply::error(ServiceError::TooManyRequestsException).retry_after(Duration::from_secs(120)),
    concat!(
        "HTTP/1.1 429 Too Many Requests\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 42\r\n",
        "Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-ErrorType: TooManyRequestsException\r\n",
        "Retry-After: 120\r\n\r\n",
        r#"{"Type":"User","message":"Rate Exceeded."}"#,
    )
)]
#[case::ec2_error_code(
    Reply::error(ServiceError::Ec2UnexpectedException).message("no").ec2_error_code("InsufficientCapacity"),
    concat!(
        "HTTP/1.1 502 Bad Gateway\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 68\r\n",
        "Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-ErrorType: EC2UnexpectedException\r\n\r\n",
        r#"{"EC2ErrorCode":"InsufficientCapacity","Message":"no","Type":"User"}"#,
    )
)]
#[case::message_that_needs_escapes(
    Reply::error(ServiceError::ServiceException).message("a \"b\"\n\\ é \u{1}"),
    concat!(
        "HTTP/1.1 500 Internal Server Error\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 47\r\n",
        "Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-ErrorType: ServiceException\r\n\r\n",
        r#"{"Message":"a \"b\"\n\\ é \u0001","Type":null}"#,
    )
)]
#[case::type_set(
    Reply::error(ServiceError::ServiceException).message("no").type_value("Service"),
    concat!(
        "HTTP/1.1 500 Internal Server Error\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 33\r\n",
        "Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-ErrorType: ServiceException\r\n\r\n",
        r#"{"Message":"no","Type":"Service"}"#,
    )
)]
#[case::type_set_to_null(
    Reply::error(ServiceError::TooManyRequestsException).type_value(None),
    concat!(
        "HTTP/1.1 429 Too Many Requests\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 40\r\n",
        "Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-ErrorType: TooManyRequestsException\r\n\r\n",
        r#"{"Type":null,"message":"Rate Exceeded."}"#,
    )
)]
#[case::role_cannot_be_assumed(
    Reply::role_cannot_be_assumed(),
    concat!(
        "HTTP/1.1 403 Forbidden\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 76\r\n",
        "Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-ErrorType: AccessDeniedException\r\n\r\n",
        r#"{"Message":"The role defined for the function cannot be assumed by Lambda."}"#,
    )
)]
#[case::empty_message(
    Reply::error(ServiceError::AccessDeniedException).message(""),
    concat!(
        "HTTP/1.1 403 Forbidden\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 14\r\n",
        "Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-ErrorType: AccessDeniedException\r\n\r\n",
        r#"{"Message":""}"#,
    )
)]
#[case::message_beats_the_text_of_the_reason(
    Reply::error(ServiceError::TooManyRequestsException)
        .message("slow down").reason(ThrottleReason::CallerRateLimitExceeded),
    concat!(
        "HTTP/1.1 429 Too Many Requests\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 72\r\n",
        "Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-ErrorType: TooManyRequestsException\r\n\r\n",
        r#"{"Reason":"CallerRateLimitExceeded","Type":"User","message":"slow down"}"#,
    )
)]
#[case::unmodeled(
    Reply::unmodeled_error("BrandNewException", 418),
    concat!(
        "HTTP/1.1 418 I'm a teapot\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 2\r\n",
        "Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-ErrorType: BrandNewException\r\n\r\n",
        "{}",
    )
)]
#[case::unmodeled_with_message(
    Reply::unmodeled_error("BrandNewException", 503).message("not yet"),
    concat!(
        "HTTP/1.1 503 Service Unavailable\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 21\r\n",
        "Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-ErrorType: BrandNewException\r\n\r\n",
        r#"{"Message":"not yet"}"#,
    )
)]
#[case::load_balancer(
    Reply::http(502, "<html>bad gateway</html>"),
    "HTTP/1.1 502 Bad Gateway\r\nDate: <date>\r\nContent-Type: text/html\r\nContent-Length: 24\r\n\
     Connection: keep-alive\r\n\r\n<html>bad gateway</html>"
)]
#[case::executed_version(
    Reply::json(json!({"ok": 1})).executed_version("7"),
    "HTTP/1.1 200 OK\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\
     Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-Remapped-Content-Length: 0\r\n\
     X-Amz-Executed-Version: 7\r\nX-Amzn-Trace-Id: <trace-id>\r\n\r\n{\"ok\":1}"
)]
fn a_refined_reply_has_these_bytes_and_no_others(#[case] reply: Reply, #[case] bytes: &str) {
    let lambda = FakeLambda::start();
    lambda.on(FUNCTION).reply(reply);
    assert_eq!(call(&lambda).masked(), bytes);
}

#[test]
fn a_function_error_has_the_scripted_executed_version() {
    let lambda = FakeLambda::start();
    let error = FunctionError::new("ValueError", "no");
    lambda
        .on(FUNCTION)
        .reply(Reply::from(error).executed_version("$LATEST"));
    let reply = Client::connect(&lambda).invoke("my-function:7", "", b"{}");
    assert_eq!(reply.field("X-Amz-Executed-Version"), Some("$LATEST"));
}

#[tokio::test]
async fn the_sdk_returns_an_unmodeled_error_as_unhandled_with_its_code() {
    let lambda = FakeLambda::start();
    lambda
        .on("pay")
        .reply(Reply::unmodeled_error("BrandNewException", 418).message("hm"));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let failure = client
        .invoke()
        .function_name("pay")
        .send_in_time()
        .await
        .unwrap_err();
    assert_eq!(
        failure.raw_response().map(|reply| reply.status().as_u16()),
        Some(418)
    );
    assert_eq!(
        (failure.code(), failure.message()),
        (Some("BrandNewException"), Some("hm"))
    );
    lambda.assert_attempts(1);
}

#[tokio::test]
async fn the_sdk_retries_an_error_of_a_load_balancer_by_its_status_and_finds_no_code() {
    let lambda = FakeLambda::start();
    lambda
        .on("pay")
        .reply(Reply::http(502, "<html>bad gateway</html>"));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let failure = client
        .invoke()
        .function_name("pay")
        .send_in_time()
        .await
        .unwrap_err();
    let reply = failure.raw_response().unwrap();
    assert_eq!(reply.status().as_u16(), 502);
    assert_eq!(reply.body().bytes(), Some(&b"<html>bad gateway</html>"[..]));
    assert_eq!(failure.code(), None);
    lambda.assert_attempts(3);
}
