//! Header fields keep the casing in which a test writes them.

use fake_lambda::{FakeLambda, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use crate::any_transport::errors::{FUNCTION, call};

#[rstest]
#[case::redirect_with_another_content_type(
    Reply::http(302, "").header("Location", "https://example.com/").header("content-type", "text/plain"),
    "HTTP/1.1 302 Found\r\nDate: <date>\r\ncontent-type: text/plain\r\nContent-Length: 0\r\n\
     Connection: keep-alive\r\nLocation: https://example.com/\r\n\r\n"
)]
#[case::header_added(
    Reply::json(json!(1)).header("X-Custom", "a").header("X-Custom", "b"),
    "HTTP/1.1 200 OK\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\
     Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\nx-amzn-Remapped-Content-Length: 0\r\n\
     X-Amz-Executed-Version: $LATEST\r\nX-Amzn-Trace-Id: <trace-id>\r\nX-Custom: a\r\nX-Custom: b\r\n\r\n1"
)]
#[case::header_replaced_whatever_its_casing(
    Reply::error(ServiceError::ServiceException).message("x").header("X-AMZN-ERRORTYPE", "ServiceException:http://internal/"),
    concat!(
        "HTTP/1.1 500 Internal Server Error\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 27\r\n",
        "Connection: keep-alive\r\nx-amzn-RequestId: <request-id>\r\n",
        "X-AMZN-ERRORTYPE: ServiceException:http://internal/\r\n\r\n",
        r#"{"Message":"x","Type":null}"#,
    )
)]
fn a_refined_reply_has_these_bytes_and_no_others(#[case] reply: Reply, #[case] bytes: &str) {
    let lambda = FakeLambda::start();
    lambda.on(FUNCTION).reply(reply);
    assert_eq!(call(&lambda).masked(), bytes);
}
