//! How the server sends the fake's replies.

use std::time::Duration;

use fake_lambda::{Fault, Reply, ServiceError, sdk_client};
use rstest::rstest;
use serde_json::json;

use super::{invoke, mounted};
use crate::raw::{Client, End};

#[tokio::test]
async fn the_names_of_headers_are_in_lower_case() {
    let (_server, lambda) = mounted().await;
    lambda
        .on("f")
        .reply(Reply::json(json!({"ok": true})).header("X-Custom", "a"));
    let reply = invoke(&lambda, "f");
    let mut names: Vec<&str> = reply
        .head
        .lines()
        .filter_map(|line| Some(line.split_once(": ")?.0))
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "connection",
            "content-length",
            "content-type",
            "date",
            "x-amz-executed-version",
            "x-amzn-remapped-content-length",
            "x-amzn-requestid",
            "x-amzn-trace-id",
            "x-custom",
        ]
    );
    assert_eq!(reply.text(), r#"{"ok":true}"#);
}

#[tokio::test]
async fn the_server_does_not_say_which_connection_carried_an_attempt() {
    let (_server, lambda) = mounted().await;
    lambda.on("f").reply(json!(1));
    invoke(&lambda, "f");
    assert_eq!(lambda.only_call().attempts()[0].connection(), None);
}

#[tokio::test]
async fn a_delay_does_not_block_other_requests() {
    let (_server, lambda) = mounted().await;
    let never = Duration::from_secs(60 * 60);
    let slow = lambda.on("slow").reply(Reply::json(json!(1)).delay(never));
    lambda
        .on("soon")
        .reply(Reply::json(json!(2)).delay(Duration::from_millis(1)));
    let mut client = Client::connect(&lambda);
    client.send_invoke("slow", &[], "{}");
    slow.wait_for_attempts(1).await;
    assert_eq!(invoke(&lambda, "soon").text(), "2");
    lambda.wait_until_idle().await;
    client.close_sending_half();
    assert_eq!(client.read_out(), (Vec::new(), End::Closed));
    insta::assert_snapshot!(lambda.journal(), @r"
    1 slow RequestResponse {}
      attempt 1 → 200 1
    2 soon RequestResponse (empty)
      attempt 1 → 200 2
    ");
}

#[rstest]
#[case::alone(Fault::CloseBeforeReply.into(), "closed before any byte", false)]
#[case::of_a_reply(
    Reply::json(json!(1)).fault(Fault::CloseBeforeReply),
    "closed before any byte (ran, lost 200 1)",
    true
)]
#[tokio::test]
async fn a_connection_is_closed_before_any_byte_of_a_reply(
    #[case] reply: Reply,
    #[case] told: &str,
    #[case] has_run: bool,
) {
    let (_server, lambda) = mounted().await;
    lambda.on("f").reply(reply).then(json!(2));
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    assert_eq!(client.read_out(), (Vec::new(), End::Closed));
    let call = lambda.only_call();
    assert_eq!(call.attempts()[0].to_string(), told);
    assert_eq!(call.attempts()[0].has_run(), has_run);
    assert_eq!(invoke(&lambda, "f").text(), "2");
}

#[tokio::test]
async fn the_sdk_retries_through_closes_and_errors() {
    let (_server, lambda) = mounted().await;
    let script = lambda.on("f").reply(Fault::CloseBeforeReply);
    script
        .then(ServiceError::ServiceException)
        .then(json!({"ok": true}));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let output = client.invoke().function_name("f").send().await.unwrap();
    assert_eq!(output.payload().unwrap().as_ref(), br#"{"ok":true}"#);
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse (empty)
      attempt 1/3 → closed before any byte
      attempt 2/3 → 500 ServiceException
      attempt 3/3 → 200 {"ok":true}
    "#);
}
