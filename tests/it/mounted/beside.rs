//! The fake next to the test's own mocks.

use fake_lambda::FakeLambda;
use rstest::rstest;
use serde_json::json;
use wiremock::matchers::{any, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{ask, invoke, mounted};
use crate::panics::caught;

/// The status with which the test's own mocks answer.
const TEAPOT: u16 = 418;

fn teapot() -> ResponseTemplate {
    ResponseTemplate::new(TEAPOT)
}

#[rstest]
#[case::invoke("POST", "/2015-03-31/functions/f/invocations", 200)]
#[case::a_slash_at_the_end("POST", "/2015-03-31/functions/f/invocations/", 200)]
#[case::a_qualifier("POST", "/2015-03-31/functions/f/invocations?Qualifier=live", 200)]
#[case::an_arn(
    "POST",
    "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af/invocations",
    200
)]
#[case::an_invalid_name("POST", "/2015-03-31/functions/%21/invocations", 400)]
#[case::invoke_async("POST", "/2014-11-13/functions/f/invoke-async", 501)]
#[case::response_stream("POST", "/2021-11-15/functions/f/response-streaming-invocations", 200)]
#[case::another_operation("GET", "/2015-03-31/functions/f", TEAPOT)]
#[case::another_method("GET", "/2015-03-31/functions/f/invocations", TEAPOT)]
#[case::another_date("POST", "/2015-04-01/functions/f/invocations", TEAPOT)]
#[case::anything("POST", "/orders", TEAPOT)]
#[tokio::test]
async fn a_catch_all_gets_only_requests_that_the_fake_does_not_match(
    #[case] method: &str,
    #[case] path: &str,
    #[case] status: u16,
    #[values(true, false)] is_first: bool,
) {
    let server = MockServer::start().await;
    let catch_all = Mock::given(any()).respond_with(teapot());
    let catch_all = catch_all.expect(u64::from(status == TEAPOT));
    let lambda = if is_first {
        catch_all.with_priority(255).mount(&server).await;
        FakeLambda::mount_on(&server).await
    } else {
        let lambda = FakeLambda::mount_on(&server).await;
        catch_all.mount(&server).await;
        lambda
    };
    lambda.on_any().reply(json!(1));
    assert_eq!(ask(&lambda, method, path).status(), status);
    let attempts = u64::from(status != TEAPOT && status != 501);
    lambda.assert_attempts(attempts);
    assert_eq!(lambda.try_verify().is_err(), status == 501);
    server.verify().await;
}

#[tokio::test]
async fn an_operation_without_a_mock_is_a_501_and_is_reported() {
    let (_server, lambda) = mounted().await;
    let path = "/2014-11-13/functions/f/invoke-async";
    assert_eq!(ask(&lambda, "POST", path).status(), 501);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(
        report.contains("used `InvokeAsync`, which is not faked"),
        "{report}"
    );
}

#[tokio::test]
async fn a_request_without_a_mock_is_the_servers_404_and_not_reported() {
    let (_server, lambda) = mounted().await;
    let reply = ask(&lambda, "GET", "/orders");
    assert_eq!((reply.status(), reply.text()), (404, ""));
    assert!(lambda.journal().calls().is_empty());
}

#[rstest]
#[case::invoke(
    "/2015-03-31/functions/f/invocations",
    "/2015-03-31/functions/g/invocations"
)]
#[case::invoke_async(
    "/2014-11-13/functions/f/invoke-async",
    "/2014-11-13/functions/g/invoke-async"
)]
#[tokio::test]
async fn an_earlier_mock_takes_precedence_over_the_fake_and_a_later_one_does_not(
    #[case] theirs: &str,
    #[case] fakes: &str,
) {
    let server = MockServer::start().await;
    let first = Mock::given(path(theirs)).respond_with(teapot());
    first.expect(1).mount(&server).await;
    let lambda = FakeLambda::mount_on(&server).await;
    let later = Mock::given(path(fakes)).respond_with(teapot());
    later.expect(0).mount(&server).await;
    lambda.on_any().reply(json!(1));
    assert_eq!(ask(&lambda, "POST", theirs).status(), TEAPOT);
    assert_ne!(ask(&lambda, "POST", fakes).status(), TEAPOT);
    let journal = lambda.journal().to_string();
    assert_eq!(journal.matches("→").count(), 1, "{journal}");
    // Takes the finding about `InvokeAsync`, which would panic at the drop.
    let _ = lambda.try_verify();
}

#[tokio::test]
async fn the_servers_own_verification_is_unchanged() {
    let (server, lambda) = mounted().await;
    let orders = Mock::given(method("GET")).and(path("/orders"));
    let orders = orders.respond_with(teapot()).expect(1).named("orders");
    orders.mount(&server).await;
    drop(lambda);
    let text = caught(move || drop(server)).text;
    assert!(text.contains("- orders.\n"), "{text}");
    assert_eq!(text.matches("\n- ").count(), 1, "{text}");
}

#[tokio::test]
async fn the_endpoint_is_the_servers() {
    let (server, lambda) = mounted().await;
    assert_eq!(lambda.endpoint_url(), server.uri());
    assert_eq!(lambda.port(), server.address().port());
    let env = lambda.env();
    assert!(
        env.contains(&("AWS_ENDPOINT_URL_LAMBDA", server.uri())),
        "{env:?}"
    );
}

#[tokio::test]
async fn a_builders_fake_is_mounted_with_its_settings() {
    let server = MockServer::start().await;
    let builder = FakeLambda::builder().region("eu-west-1").allow_unscripted();
    let lambda = builder.account("999999999999").mount_on(&server).await;
    let reply = invoke(&lambda, "f");
    assert_eq!(
        reply.text(),
        r#"{"Message":"Function not found: arn:aws:lambda:eu-west-1:999999999999:function:f:$LATEST","Type":"User"}"#
    );
}

#[tokio::test]
async fn a_report_names_the_line_that_mounted_the_fake() {
    let server = MockServer::start().await;
    let (lambda, line) = (FakeLambda::mount_on(&server).await, line!());
    assert_eq!(invoke(&lambda, "resise").status(), 404);
    let text = caught(move || drop(lambda)).exact;
    let started = format!("started at tests/it/mounted/beside.rs:{line}:");
    assert!(text.contains(&started), "{text}");
    assert!(text.contains("was not scripted"), "{text}");
}

#[tokio::test]
async fn the_server_continues_without_the_fake_and_accepts_another() {
    let (server, lambda) = mounted().await;
    let (handle, other) = (lambda.handle(), Mock::given(method("GET")));
    other.respond_with(teapot()).mount(&server).await;
    lambda.on("f").reply(json!(1));
    assert_eq!(invoke(&lambda, "f").status(), 200);
    drop(lambda);
    let lambda = FakeLambda::mount_on(&server).await;
    lambda.on("f").reply(json!(2));
    assert_eq!(invoke(&lambda, "f").text(), "2");
    assert_eq!(ask(&lambda, "GET", "/").status(), TEAPOT);
    assert_eq!(handle.journal().calls().len(), 1);
    server.reset().await;
    let reply = invoke(&lambda, "f");
    assert_eq!((reply.status(), reply.text()), (404, ""));
}

#[tokio::test]
async fn a_mock_that_takes_the_call_of_a_failed_assertion() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(teapot())
        .mount(&server)
        .await;
    let lambda = FakeLambda::mount_on(&server).await;
    let script = lambda.on("f").reply(json!(1));
    invoke(&lambda, "f");
    insta::assert_snapshot!(caught(|| script.assert_calls(1)).text, @"
    error: expected 1 call answered by this rule, got none
      help: await the call, check that its client uses `lambda.endpoint_url()` and that the fake is mounted before every mock that matches the call, and wait for background calls with `wait_for_calls(1)`
      rule: `f`, scripted at tests/it/mounted/beside.rs:LINE#1

    journal: empty, no request arrived
    ");
}
