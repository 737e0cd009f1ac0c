//! Features that need the fake's own server panic at the line that uses them.

use std::time::Duration;

use fake_lambda::FakeLambda;
use fake_lambda::matchers::attempt;
use fake_lambda::{Chaos, Chunks, Fault, Gate, Hit, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use super::{invoke, mounted};
use crate::panics::caught;
use crate::raw::{Client, End};

#[tokio::test]
async fn a_refusal_names_the_method_and_the_rule() {
    let (_server, lambda) = mounted().await;
    let mistakes: [fn(&FakeLambda); 8] = [
        |lambda| {
            let reply = Reply::json(json!(1)).hold(&Gate::new());
            lambda.on("resize:live").when(attempt(1)).reply(reply);
        },
        |lambda| {
            let script = lambda.on_any().named("the worker").reply(json!(1));
            script.then(Fault::Hang);
        },
        |lambda| drop(lambda.pause()),
        |lambda| drop(lambda.outage()),
        |lambda| drop(lambda.chaos(Chaos::seeded(7).every_nth(3, Fault::Reset))),
        |lambda| drop(lambda.chaos(Chaos::replay([Hit::new("f", 1, Fault::BadChunk)]))),
        |lambda| drop(lambda.reserve_concurrency("resize", 1)),
        |lambda| drop(lambda.account_concurrency(1_000)),
    ];
    let texts = mistakes.map(|mistake| {
        let caught = caught(|| mistake(&lambda));
        assert!(caught.file.ends_with("refusals.rs"), "{}", caught.file);
        caught.text
    });
    lambda.assert_calls(0);
    insta::assert_snapshot!(texts.join("\n\n"), @r#"
    error: `hold` cannot be used on a `wiremock::MockServer`
      help: start this fake with `FakeLambda::start()` instead of `mount_on`
      rule: `resize:live` when attempt(1), scripted at tests/it/mounted/refusals.rs:LINE#1
      a mock server sends whole replies, one at a time

    error: `Fault::Hang` cannot be sent by a `wiremock::MockServer`
      help: start this fake with `FakeLambda::start()` instead of `mount_on`
      rule: "the worker" (any function), scripted at tests/it/mounted/refusals.rs:LINE#1
      a mock server sends whole replies, one at a time

    error: `pause` cannot be used on a `wiremock::MockServer`
      help: start this fake with `FakeLambda::start()` instead of `mount_on`
      a mock server answers one request at a time

    error: `outage` cannot be used on a `wiremock::MockServer`
      help: start this fake with `FakeLambda::start()` instead of `mount_on`
      the connections belong to the mock server

    error: `Fault::Reset` cannot be sent by a `wiremock::MockServer`
      help: start this fake with `FakeLambda::start()` instead of `mount_on`
      a mock server sends whole replies, one at a time

    error: `Fault::BadChunk` cannot be sent by a `wiremock::MockServer`
      help: start this fake with `FakeLambda::start()` instead of `mount_on`
      a mock server sends whole replies, one at a time

    error: `reserve_concurrency` above 0 has no effect on a `wiremock::MockServer`
      help: start this fake with `FakeLambda::start()` instead of `mount_on`
      a mock server answers one request at a time

    error: `account_concurrency` above 0 has no effect on a `wiremock::MockServer`
      help: start this fake with `FakeLambda::start()` instead of `mount_on`
      a mock server answers one request at a time
    "#);
}

#[tokio::test]
async fn a_stream_with_more_than_chunks_is_refused() {
    let (_server, lambda) = mounted().await;
    let chunks = || Chunks::new().send("Hel");
    let streams = [
        chunks().wait(MOMENT),
        chunks().hold(&Gate::new()),
        chunks().fault(Fault::Reset),
        chunks().bad_checksum().send("lo"),
        chunks().bad_prelude().send("lo"),
    ];
    let texts = streams.map(|stream| {
        let caught = caught(|| drop(lambda.on("f").reply(Reply::stream(stream))));
        caught.text.lines().next().unwrap().to_owned()
    });
    lambda.assert_calls(0);
    insta::assert_snapshot!(texts.join("\n"), @r#"
    error: `wait` in a stream cannot be used on a `wiremock::MockServer`
    error: `hold` in a stream cannot be used on a `wiremock::MockServer`
    error: `fault` in a stream cannot be used on a `wiremock::MockServer`
    error: `bad_checksum` cannot be used on a `wiremock::MockServer`
    error: `bad_prelude` cannot be used on a `wiremock::MockServer`
    "#);
}

const MOMENT: Duration = Duration::from_millis(1);

fn one() -> Reply {
    Reply::json(json!(1))
}

#[rstest]
#[case::reset(Fault::Reset.into(), "`Fault::Reset`")]
#[case::hang(Fault::Hang.into(), "`Fault::Hang`")]
#[case::garbage(Fault::Garbage.into(), "`Fault::Garbage`")]
#[case::reset_in_head(one().fault(Fault::ResetInHead), "`Fault::ResetInHead`")]
#[case::truncate_head(one().fault(Fault::TruncateHead), "`Fault::TruncateHead`")]
#[case::truncate(one().fault(Fault::TruncateAfter(0)), "`Fault::TruncateAfter(0)`")]
#[case::reset_after(one().fault(Fault::ResetAfter(0)), "`Fault::ResetAfter(0)`")]
#[case::stall(one().fault(Fault::StallAfter(0)), "`Fault::StallAfter(0)`")]
#[case::slow_head(one().fault(Fault::SlowHead { bytes: 1, every: MOMENT }), "`Fault::SlowHead { bytes: 1, every: 1ms }`")]
#[case::dribble(one().fault(Fault::Dribble { bytes: 1, every: MOMENT }), "`Fault::Dribble { bytes: 1, every: 1ms }`")]
#[case::bad_chunk(Reply::json(json!("two")).fault(Fault::BadChunk), "`Fault::BadChunk`")]
#[case::too_long(one().fault(Fault::LengthTooLong(1)), "`Fault::LengthTooLong(1)`")]
#[case::too_short(one().fault(Fault::LengthTooShort(1)), "`Fault::LengthTooShort(1)`")]
#[case::close_after(one().fault(Fault::CloseAfterReply), "`Fault::CloseAfterReply`")]
#[case::reset_on_reuse(one().fault(Fault::ResetOnReuse), "`Fault::ResetOnReuse`")]
#[case::gate(one().hold(&Gate::new()), "`hold`")]
#[case::body_delay(one().body_delay(MOMENT), "`body_delay`")]
#[case::late_close(one().delay(MOMENT).fault(Fault::CloseBeforeReply), "`delay` before a `Fault`")]
#[case::no_date(one().without_header("date"), "`without_header(\"date\")`")]
#[tokio::test]
async fn features_that_need_the_fakes_own_server_are_refused(
    #[case] reply: Reply,
    #[case] verb: &str,
) {
    let (_server, lambda) = mounted().await;
    let text = caught(|| lambda.on("f").reply(reply)).text;
    let begins = format!("error: {verb} ");
    assert!(text.starts_with(&begins), "{text}");
    lambda.on("f").reply(json!(1));
    lambda.assert_calls(0);
}

#[rstest]
#[case::close(Fault::CloseBeforeReply.into())]
#[case::delay(one().delay(MOMENT))]
#[case::status(one().status(201))]
#[case::body(Reply::error(ServiceError::ServiceException).body("<html>"))]
#[case::without_header(one().without_header("x-amzn-RequestId"))]
#[case::header(one().header("x-custom", "a"))]
#[tokio::test]
async fn replies_that_a_mock_server_can_send_are_not_refused(#[case] reply: Reply) {
    let (_server, lambda) = mounted().await;
    lambda.on("f").reply(reply);
    lambda.assert_calls(0);
}

#[tokio::test]
async fn chaos_and_constraints_of_whole_replies_are_not_refused() {
    let (_server, lambda) = mounted().await;
    lambda.on_any().reply(json!(1));
    let chaos = Chaos::seeded(7).window(2..=2, ServiceError::ServiceException);
    lambda.chaos(chaos.window(3..=3, Fault::CloseBeforeReply));
    lambda.reserve_concurrency("off", 0);
    lambda.cold_starts("cold", MOMENT);
    assert_eq!(invoke(&lambda, "f").status(), 200);
    assert_eq!(invoke(&lambda, "f").status(), 500);
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    assert_eq!(client.read_out(), (Vec::new(), End::Closed));
    assert_eq!(invoke(&lambda, "off").status(), 429);
    assert_eq!(invoke(&lambda, "cold").text(), "1");
}
