//! Replies that are valid HTTP but not valid Lambda answers.

use std::time::Duration;

use fake_lambda::{FakeLambda, Fault, FunctionError, Invocation, Reply, ServiceError, matchers};
use rstest::rstest;
use serde_json::json;

use super::asking;
use crate::raw::{self, Client};

fn throttle() -> Reply {
    Reply::error(ServiceError::TooManyRequestsException)
}

fn answer_of(reply: Reply) -> String {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(reply);
    asking(&lambda).read_reply().stable()
}

#[test]
fn another_status_changes_only_the_status_line() {
    insta::assert_snapshot!(answer_of(throttle().status(200)), @r#"
    HTTP/1.1 200 OK
    Date: <date>
    Content-Type: application/json
    Content-Length: 42
    Connection: keep-alive
    x-amzn-RequestId: <request-id>
    x-amzn-ErrorType: TooManyRequestsException

    {"Type":"User","message":"Rate Exceeded."}
    "#);
}

#[test]
fn an_unassigned_status_has_a_reason_phrase() {
    let first = answer_of(Reply::json(json!(1)).status(299));
    assert!(first.starts_with("HTTP/1.1 299 Unknown\n"), "{first}");
}

#[test]
fn another_body_has_its_own_length() {
    insta::assert_snapshot!(answer_of(throttle().body("<html>slow down</html>")), @r#"
    HTTP/1.1 429 Too Many Requests
    Date: <date>
    Content-Type: application/json
    Content-Length: 22
    Connection: keep-alive
    x-amzn-RequestId: <request-id>
    x-amzn-ErrorType: TooManyRequestsException

    <html>slow down</html>
    "#);
}

#[test]
fn a_body_can_be_empty_or_an_array() {
    for body in ["", "[]"] {
        let lambda = FakeLambda::start();
        lambda.on("f").reply(throttle().body(body));
        let reply = asking(&lambda).read_reply();
        assert_eq!(reply.status(), 429);
        assert_eq!(
            reply.field("Content-Length"),
            Some(&*body.len().to_string())
        );
        assert_eq!(
            reply.field("x-amzn-ErrorType"),
            Some("TooManyRequestsException")
        );
        assert_eq!(reply.text(), body);
    }
}

#[test]
fn an_omitted_header_does_not_change_the_others() {
    let reply = throttle()
        .without_header("X-AMZN-ErrorType")
        .without_header("Date");
    insta::assert_snapshot!(answer_of(reply), @r#"
    HTTP/1.1 429 Too Many Requests
    Content-Type: application/json
    Content-Length: 42
    Connection: keep-alive
    x-amzn-RequestId: <request-id>

    {"Type":"User","message":"Rate Exceeded."}
    "#);
}

#[test]
fn a_changed_header_keeps_its_position() {
    let reply = throttle()
        .header("Date", "Thu, 01 Jan 1970 00:00:00 GMT")
        .header(
            "x-amzn-ErrorType",
            "TooManyRequestsException:http://internal.amazon.com/coral/com.amazonaws.lambda/",
        );
    let lambda = FakeLambda::start();
    lambda.on("f").reply(reply);
    let reply = asking(&lambda).read_reply();
    let names: Vec<_> = reply
        .head
        .lines()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(names[..2], ["HTTP/1.1 429 Too Many Requests", "Date"]);
    assert_eq!(reply.field("Date"), Some("Thu, 01 Jan 1970 00:00:00 GMT"));
    assert_eq!(
        reply.field("x-amzn-ErrorType"),
        Some("TooManyRequestsException:http://internal.amazon.com/coral/com.amazonaws.lambda/")
    );
}

#[test]
fn a_damaged_reply_can_also_be_malformed() {
    let lambda = FakeLambda::start();
    let reply = throttle()
        .body("<html>slow down</html>")
        .status(503)
        .fault(Fault::TruncateAfter(6));
    lambda.on("f").reply(reply);
    let (bytes, _) = asking(&lambda).read_out();
    let text = String::from_utf8(bytes).unwrap();
    assert!(
        text.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{text}"
    );
    assert!(text.contains("\r\nContent-Length: 22\r\n"), "{text}");
    assert!(text.ends_with("\r\n\r\n<html>"), "{text}");
}

/// The client finds the end of each reply: the next request on the connection is answered.
#[rstest]
#[case::event("Event", Reply::json(json!(1)).body("accepted?"), 202, "accepted?")]
#[case::event_with_a_status("Event", Reply::json(json!(1)).status(500), 500, "")]
#[case::event_of_a_handler("Event", Reply::handle(async |_: Invocation| json!(1)).status(500), 500, "")]
#[case::dry_run("DryRun", Reply::json(json!(1)).body("none"), 204, "")]
#[case::dry_run_with_a_status("DryRun", Reply::json(json!(1)).status(500), 500, "")]
#[case::dry_run_with_both("DryRun", Reply::json(json!(1)).status(500).body("both"), 500, "both")]
#[case::function_error("RequestResponse", Reply::from(FunctionError::out_of_memory()).status(502).body("[]"), 502, "[]")]
fn a_malformed_reply_works_for_every_invocation_type(
    #[case] invocation_type: &str,
    #[case] reply: Reply,
    #[case] status: u16,
    #[case] body: &str,
) {
    let lambda = FakeLambda::start();
    let script = lambda
        .on("f")
        .when(matchers::invocation_type(invocation_type))
        .reply(reply);
    let mut client = Client::connect(&lambda);
    let field = format!("X-Amz-Invocation-Type: {invocation_type}");
    for _ in 0..2 {
        client.send_invoke("f", &[&field], "{}");
        let reply = client.read_reply();
        assert_eq!((reply.status(), reply.text()), (status, body));
    }
    lambda.wait_until_idle().block();
    let attempt = script.calls()[0].attempts()[0].clone();
    assert_eq!(attempt.status(), Some(status));
    let told = attempt.reply_payload().unwrap_or_default();
    assert_eq!(told, body.as_bytes());
}

#[test]
fn a_reply_of_a_handler_keeps_its_own_header() {
    let lambda = FakeLambda::start();
    let inner = async |_: Invocation| Reply::json(json!(1)).header("X-Mine", "inner");
    let reply = Reply::handle(inner)
        .header("x-mine", "outer")
        .header("X-More", "outer")
        .without_header("Date")
        .status(201);
    lambda.on("f").reply(reply);
    let reply = raw::invoke(&lambda, "f", &[], "{}");
    assert_eq!(reply.status(), 201);
    assert_eq!(reply.field("X-Mine"), Some("inner"));
    assert_eq!(reply.field("x-mine"), None);
    assert_eq!(reply.field("X-More"), Some("outer"));
    assert_eq!(reply.field("Date"), None);
}

#[rstest]
#[case::success("RequestResponse", Reply::json(json!(1)).log("a line"))]
#[case::function_error("RequestResponse", FunctionError::out_of_memory().into())]
#[case::service_error("RequestResponse", throttle().retry_after(Duration::from_secs(1)))]
#[case::unmodeled_error("RequestResponse", Reply::unmodeled_error("BrandNewException", 418))]
#[case::plain_http("RequestResponse", Reply::http(502, "<html>"))]
#[case::event("Event", Reply::json(json!(1)))]
#[case::dry_run("DryRun", Reply::json(json!(1)))]
fn every_header_can_be_omitted(#[case] invocation_type: &str, #[case] reply: Reply) {
    let answer = |reply| {
        let lambda = FakeLambda::start();
        let rule = lambda.on("f");
        rule.when(matchers::invocation_type(invocation_type))
            .reply(reply);
        let of_type = format!("X-Amz-Invocation-Type: {invocation_type}");
        let fields = [&*of_type, "X-Amz-Log-Type: Tail", "Connection: close"];
        raw::invoke(&lambda, "f", &fields, "{}")
    };
    let names = |reply: &raw::Reply| -> Vec<String> {
        let fields = reply.head.lines().filter_map(|line| line.split_once(": "));
        fields.map(|(name, _)| name.to_owned()).collect()
    };
    let all = names(&answer(reply.clone()));
    assert!(all.len() >= 4, "{all:?}");
    for name in all.iter().filter(|name| *name != "Content-Length") {
        let left = names(&answer(reply.clone().without_header(name)));
        let expected: Vec<_> = all.iter().filter(|known| *known != name).collect();
        assert_eq!(left.iter().collect::<Vec<_>>(), expected);
    }
}
