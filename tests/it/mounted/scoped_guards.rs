//! Guards of the test's scoped mocks, before and after the fake on the same server.
//!
//! A guard finds its mock by its position, and the server sorts its mocks by priority at each
//! request.

use std::time::Duration;

use fake_lambda::{FakeLambda, Fault};
use rstest::rstest;
use serde_json::json;
use wiremock::matchers::{any, method, path};
use wiremock::{Mock, MockGuard, MockServer, ResponseTemplate};

use super::{ask, invoke, path_of};
use crate::panics::caught;
use crate::raw::Client;

/// The status with which the test's own mocks answer.
const TEAPOT: u16 = 418;

/// The deadline of a wait, longer than any answer takes.
const DEADLINE: Duration = Duration::from_secs(5);

/// A mock of `GET <path>`.
fn get(at: &str) -> Mock {
    Mock::given(method("GET"))
        .and(path(at))
        .respond_with(ResponseTemplate::new(TEAPOT))
}

/// A server with a fake, a guard from before the fake, and one from after it.
async fn between(before: Mock, after: Mock) -> (MockServer, FakeLambda, MockGuard, MockGuard) {
    let server = MockServer::start().await;
    let before = server.register_as_scoped(before).await;
    let lambda = FakeLambda::mount_on(&server).await;
    lambda.on("f").reply(json!(1));
    let after = server.register_as_scoped(after).await;
    (server, lambda, before, after)
}

/// Paths of the requests that a guard saw.
async fn seen(guard: &MockGuard) -> Vec<String> {
    let requests = guard.received_requests().await;
    requests.iter().map(|it| it.url.path().to_owned()).collect()
}

#[tokio::test]
async fn each_scoped_guard_sees_all_its_requests() {
    let (_server, lambda, before, after) = between(get("/before"), get("/after")).await;
    for _ in 0..2 {
        assert_eq!(ask(&lambda, "GET", "/before").status(), TEAPOT);
        assert_eq!(invoke(&lambda, "f").status(), 200);
        assert_eq!(ask(&lambda, "GET", "/after").status(), TEAPOT);
    }
    assert_eq!(seen(&before).await, ["/before", "/before"]);
    assert_eq!(seen(&after).await, ["/after", "/after"]);
    lambda.assert_calls(2);
}

#[rstest]
#[case::too_few(1, 2)]
#[case::too_many(3, 2)]
#[tokio::test]
async fn an_unmet_expectation_of_a_scoped_guard_fails_the_test(
    #[case] sent: u64,
    #[case] expected: u64,
) {
    let before = get("/before").expect(expected).named("before");
    let after = get("/after").expect(expected).named("after");
    let (server, lambda, before, after) = between(before, after).await;
    for _ in 0..sent {
        ask(&lambda, "GET", "/before");
        invoke(&lambda, "f");
        ask(&lambda, "GET", "/after");
    }
    for (guard, name) in [(after, "after"), (before, "before")] {
        let text = caught(move || drop(guard)).text;
        let expected = format!(
            "- {name}.\n\tExpected range of matching incoming requests: == {expected}\n\tNumber of matched incoming requests: {sent}\n"
        );
        assert!(text.contains(&expected), "{text}");
    }
    drop(lambda);
    // The server reports both again, as it does without a fake.
    caught(move || drop(server));
}

#[tokio::test]
async fn a_met_expectation_of_a_scoped_guard_is_awaited_and_passes() {
    let (_server, lambda, before, after) =
        between(get("/before").expect(1), get("/after").expect(1)).await;
    invoke(&lambda, "f");
    for (guard, path) in [(&before, "/before"), (&after, "/after")] {
        ask(&lambda, "GET", path);
        let satisfied = tokio::time::timeout(DEADLINE, guard.wait_until_satisfied()).await;
        assert!(satisfied.is_ok(), "{path}");
    }
    drop((before, after));
}

#[rstest]
#[case::the_one_from_before_first(true)]
#[case::the_one_from_after_first(false)]
#[tokio::test]
async fn dropping_a_scoped_guard_ends_its_mock_and_not_the_fake(#[case] is_before_first: bool) {
    let (_server, lambda, before, after) = between(get("/before"), get("/after")).await;
    let statuses = || {
        let get = |path| ask(&lambda, "GET", path).status();
        (get("/before"), invoke(&lambda, "f").status(), get("/after"))
    };
    assert_eq!(statuses(), (TEAPOT, 200, TEAPOT));
    if is_before_first {
        drop(before);
        assert_eq!(statuses(), (404, 200, TEAPOT));
        drop(after);
    } else {
        drop(after);
        assert_eq!(statuses(), (TEAPOT, 200, 404));
        drop(before);
    }
    assert_eq!(statuses(), (404, 200, 404));
    lambda.on("closes").reply(Fault::CloseBeforeReply);
    assert!(read_until_closed(&lambda, "closes").is_empty());
}

/// The bytes that the client reads until the connection closes.
fn read_until_closed(lambda: &FakeLambda, function: &str) -> String {
    let mut client = Client::connect(lambda);
    client.send_invoke(function, &[], "");
    String::from_utf8(client.read_to_end()).unwrap()
}

#[tokio::test]
async fn a_scoped_mock_of_invoke_from_before_the_fake_answers_until_its_guard_is_dropped() {
    let server = MockServer::start().await;
    let theirs = Mock::given(path(path_of("f"))).respond_with(ResponseTemplate::new(TEAPOT));
    let guard = server.register_as_scoped(theirs.expect(1)).await;
    let lambda = FakeLambda::mount_on(&server).await;
    lambda.on_any().reply(json!(1));
    assert_eq!(invoke(&lambda, "f").status(), TEAPOT);
    assert_eq!(invoke(&lambda, "g").status(), 200);
    drop(guard);
    assert_eq!(invoke(&lambda, "f").status(), 200);
    lambda.seen("f").assert_calls(1);
}

#[tokio::test]
async fn a_scoped_guard_outlives_the_fake_and_works_next_to_a_second_fake() {
    let (server, lambda, before, after) = between(get("/before"), get("/after")).await;
    assert_eq!(invoke(&lambda, "f").status(), 200);
    drop(lambda);
    let lambda = FakeLambda::mount_on(&server).await;
    lambda.on("f").reply(json!(2));
    assert_eq!(ask(&lambda, "GET", "/before").status(), TEAPOT);
    assert_eq!(invoke(&lambda, "f").text(), "2");
    assert_eq!(ask(&lambda, "GET", "/after").status(), TEAPOT);
    drop(lambda);
    assert_eq!(seen(&before).await, ["/before"]);
    assert_eq!(seen(&after).await, ["/after"]);
}

#[tokio::test]
async fn a_scoped_guard_next_to_two_fakes_sees_all_its_requests() {
    let (server, lambda, before, after) = between(get("/before"), get("/after")).await;
    let second = FakeLambda::mount_on(&server).await;
    second.on("f").reply(json!(2));
    assert_eq!(invoke(&lambda, "f").text(), "1");
    ask(&lambda, "GET", "/before");
    ask(&lambda, "GET", "/after");
    drop(lambda);
    assert_eq!(invoke(&second, "f").text(), "2");
    assert_eq!(seen(&before).await, ["/before"]);
    assert_eq!(seen(&after).await, ["/after"]);
}

#[tokio::test]
async fn the_number_of_an_unnamed_mock_after_the_fake_is_two_higher_than_without_the_fake() {
    let (server, lambda, before, after) =
        between(get("/before").expect(1), get("/after").expect(1)).await;
    invoke(&lambda, "f");
    let texts = [before, after].map(|guard| caught(move || drop(guard)).text);
    assert!(texts[0].contains("- Mock #0.\n"), "{}", texts[0]);
    assert!(texts[1].contains("- Mock #3.\n"), "{}", texts[1]);
    drop(lambda);
    let text = caught(move || drop(server)).text;
    assert!(text.contains("- Mock #0.\n"), "{text}");
    assert!(text.contains("- Mock #3.\n"), "{text}");
}

#[rstest]
#[case::a_higher_priority_takes_the_request(4, TEAPOT)]
#[case::the_same_priority_comes_after_the_fake(5, 200)]
#[case::a_lower_priority_comes_after_the_fake(6, 200)]
#[tokio::test]
async fn a_later_mock_takes_precedence_only_with_a_higher_priority(
    #[case] priority: u8,
    #[case] status: u16,
) {
    let server = MockServer::start().await;
    let lambda = FakeLambda::mount_on(&server).await;
    lambda.on("f").reply(json!(1));
    let later = Mock::given(any()).respond_with(ResponseTemplate::new(TEAPOT));
    later.with_priority(priority).mount(&server).await;
    assert_eq!(invoke(&lambda, "f").status(), status);
    assert_eq!(ask(&lambda, "GET", "/orders").status(), TEAPOT);
    lambda.assert_calls(u64::from(status == 200));
}

#[tokio::test]
async fn reset_removes_the_fake_and_a_scoped_guard_of_a_later_mock_works() {
    let (server, lambda, before, after) = between(get("/before"), get("/after")).await;
    assert_eq!(invoke(&lambda, "f").status(), 200);
    drop((before, after));
    server.reset().await;
    let guard = server
        .register_as_scoped(get("/later").expect(1).named("later"))
        .await;
    assert_eq!(invoke(&lambda, "f").status(), 404);
    assert_eq!(ask(&lambda, "GET", "/later").status(), TEAPOT);
    assert_eq!(seen(&guard).await, ["/later"]);
    lambda.assert_calls(1);
    let again = FakeLambda::mount_on(&server).await;
    again.on("f").reply(json!(2));
    assert_eq!(invoke(&again, "f").text(), "2");
    drop(guard);
    assert_eq!(invoke(&again, "f").text(), "2");
    assert_eq!(ask(&lambda, "GET", "/later").status(), 404);
}
