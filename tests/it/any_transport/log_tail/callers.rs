//! Which callers get a tail, and which settings of the log are refused.

use std::panic::{AssertUnwindSafe, catch_unwind};

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fake_lambda::{Invocation, Reply, ServiceError, sdk_client};
use rstest::rstest;
use serde_json::json;

use super::{TAIL, lines, start, start_with, tail};
use crate::raw;
use crate::transport::FakeLambda;

#[rstest]
#[case::not_asked_for(&[])]
#[case::none(&["X-Amz-Log-Type: None"])]
#[case::event(&[TAIL, "X-Amz-Invocation-Type: Event"])]
#[case::dry_run(&[TAIL, "X-Amz-Invocation-Type: DryRun"])]
fn only_a_synchronous_caller_that_requests_a_tail_gets_one(
    #[case] fields: &[&str],
    #[values(false, true)] by_handler: bool,
) {
    let lambda = start();
    let reply = || Reply::json(json!({})).log("a line");
    if by_handler {
        lambda
            .on("pay")
            .handle(async move |invocation: Invocation| {
                invocation.log("a line");
                reply()
            });
    } else {
        lambda.on("pay").reply(reply());
    }
    let reply = raw::invoke(&lambda, "pay", fields, "{}");
    assert!((200..300).contains(&reply.status()), "{reply}");
    assert!(
        !reply.head.to_lowercase().contains("x-amz-log-result"),
        "{reply}"
    );
}

#[rstest]
#[case::service_error(Reply::error(ServiceError::KmsDisabledException))]
#[case::unmodeled(Reply::unmodeled_error("BrandNewException", 418))]
#[case::http(Reply::http(502, "bad gateway"))]
#[case::handler(Reply::handle(async |invocation: Invocation| {
    invocation.log("a line");
    ServiceError::KmsDisabledException
}))]
fn a_reply_that_is_not_from_a_function_has_no_tail(#[case] reply: Reply) {
    let lambda = start();
    lambda.on("pay").reply(reply);
    let reply = raw::invoke(&lambda, "pay", &[TAIL], "{}");
    assert!(reply.status() >= 400, "{reply}");
    assert_eq!(reply.field("X-Amz-Log-Result"), None);
}

#[rstest]
#[case::service_error(
    Reply::error(ServiceError::KmsDisabledException),
    "error: a service error has no log\n  help: use `log` with a payload, a function error or a stream"
)]
#[case::unmodeled(
    Reply::unmodeled_error("BrandNewException", 418),
    "error: an unmodeled error has no log\n  help: use `log` with a payload, a function error or a stream"
)]
#[case::http(
    Reply::http(502, ""),
    "error: a plain HTTP reply has no log\n  help: use `log` with a payload, a function error or a stream"
)]
#[case::handler(Reply::handle(async |_: Invocation| json!({})), "error: a handler has no log\n  help: write the log inside the handler, with `invocation.log(..)`")]
fn a_log_on_a_reply_without_a_run_is_refused(#[case] reply: Reply, #[case] text: &str) {
    let panic = catch_unwind(AssertUnwindSafe(|| reply.log("a line"))).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), text);
}

#[test]
fn a_tail_is_not_in_the_journal() {
    let lambda = start();
    lambda.on("pay").reply(Reply::json(json!(1)).log("a line"));
    tail(&lambda, "pay");
    insta::assert_snapshot!(lambda.journal(), @r"
    1 pay RequestResponse {} (log type Tail)
      attempt 1 → 200 1
    ");
}

#[rstest]
#[case::json("JSON", '{')]
#[case::the_default("Text", 'S')]
fn the_log_format_is_a_word_of_aws(#[case] format: &str, #[case] first: char) {
    let lambda = start_with(|builder| builder.log_format(format));
    lambda.on("pay").reply(json!({}));
    assert!(tail(&lambda, "pay").starts_with(first));
}

#[test]
fn an_unknown_format_is_refused() {
    let panic =
        catch_unwind(|| FakeLambda::start_with(|builder| builder.log_format("Json"))).unwrap_err();
    assert_eq!(
        panic.downcast_ref::<String>().unwrap(),
        "error: unknown log format `Json`\n  help: did you mean `JSON`?"
    );
}

#[tokio::test]
async fn the_aws_sdk_returns_the_tail() {
    let lambda = start_with(|builder| builder.log_format(aws_sdk_lambda::types::LogFormat::Text));
    lambda
        .on("pay")
        .reply(Reply::json(json!({})).log("charging card 42"));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let invoke = || {
        client
            .invoke()
            .function_name("pay")
            .payload(Blob::new("{}"))
    };
    let output = invoke().log_type(LogType::Tail).send().await.unwrap();
    let tail = STANDARD.decode(output.log_result().unwrap()).unwrap();
    assert_eq!(
        lines(std::str::from_utf8(&tail).unwrap()),
        ["charging card 42"]
    );
    let output = invoke().send().await.unwrap();
    assert_eq!(output.log_result(), None);
}
