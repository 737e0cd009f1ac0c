//! Nothing passes silently: what a test writes without any effect is reported.

#![expect(
    clippy::let_underscore_future,
    reason = "a wait that is never awaited is the subject"
)]

use fake_lambda::matchers::payload_partial;
use fake_lambda::{Chunks, FakeLambda, FunctionError, Gate, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use super::advice::{post, red};
use crate::panics::text_of;

#[test]
fn settle_events_that_is_never_awaited() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("send-mail")
            .reply(FunctionError::new("Bounced", "no such address"));
        let event = "X-Amz-Invocation-Type: Event";
        post(&lambda, "send-mail", &[event], "{}");
        lambda.wait_until_idle().block();
        let _ = lambda.settle_events();
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/silence.rs:LINE#1) found 1 problem

    error: the wait for every accepted event to end did nothing: it was dropped before it was awaited
      help: await it, call `.block()` on it outside of async code, or put it first in `select!`, with `biased;`
      wait created at tests/it/own_server/silence.rs:LINE#2

    journal
      1 send-mail Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"no such address","errorType":"Bounced"}
          queued until 1m
    "#);
}

#[test]
fn a_wait_for_calls_that_is_never_awaited() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("resize").reply(json!(1));
        for _ in 0..3 {
            let _ = script.wait_for_calls(1);
        }
        post(&lambda, "resize", &[], "{}");
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/silence.rs:LINE#1) found 1 problem

    error: the wait for 1 call answered by the rule for `resize` did nothing: it was dropped before it was awaited
      help: await it, call `.block()` on it outside of async code, or put it first in `select!`, with `biased;`
      wait created at tests/it/own_server/silence.rs:LINE#2

    journal
      1 resize RequestResponse {}
        attempt 1 → 200 1
    ");
}

#[rstest]
#[case::before_a_reply(|gate: &Gate| Reply::json(json!(1)).hold(gate))]
#[case::in_a_stream(|gate: &Gate| Reply::stream(Chunks::new().hold(gate).send("1")))]
fn a_wait_at_a_gate_that_is_never_awaited(#[case] reply: fn(&Gate) -> Reply) {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let gate = Gate::new();
        lambda.on("resize").reply(reply(&gate));
        let _ = gate.reached(1);
        gate.open();
        post(&lambda, "resize", &[], "{}");
    });
    insta::allow_duplicates! { insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/silence.rs:LINE#1) found 1 problem

    error: the wait for 1 reply at a gate did nothing: it was dropped before it was awaited
      help: await it, call `.block()` on it outside of async code, or put it first in `select!`, with `biased;`
      wait created at tests/it/own_server/silence.rs:LINE#2

    journal
      1 resize RequestResponse {}
        attempt 1 → 200 1
    "); }
}

#[tokio::test]
async fn a_wait_in_a_loop_with_select_is_not_reported() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("resize").reply(Reply::json(json!(1)).hold(&gate));
    // Every other time, another branch is ready first and the wait is not polled.
    for round in 0..20 {
        let is_first = round % 2 == 0;
        tokio::select! {
            biased;
            () = std::future::ready(()), if is_first => {}
            () = lambda.wait_for_calls(1) => {}
            () = std::future::ready(()) => {}
        }
        tokio::select! {
            biased;
            () = std::future::ready(()), if is_first => {}
            () = gate.reached(1) => {}
            () = std::future::ready(()) => {}
        }
    }
    lambda.verify();
}

#[test]
fn a_wait_that_a_panic_left_without_its_await_is_not_reported() {
    let lambda = FakeLambda::start();
    let wait = lambda.wait_for_calls(1);
    crate::panics::caught(move || {
        let _wait = wait;
        panic!("the test fails before");
    });
    lambda.verify();
}

/// A fake that also reports what was not used.
#[track_caller]
fn strict() -> FakeLambda {
    FakeLambda::builder().strict().start()
}

#[test]
fn a_rule_that_never_answers_a_strict_test() {
    let text = red(|| {
        let lambda = strict();
        lambda.on("resize").reply(json!(1));
        lambda
            .on("resize")
            .when(payload_partial(json!({"sku": "a"})))
            .reply(json!(2));
        lambda.on("rotate").named("the rotation").reply(json!(3));
        post(&lambda, "resize", &[], r#"{"sku":"b"}"#);
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/silence.rs:LINE#1) found 2 problems
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `resize` never answered
      help: send `$.sku` as "a", or change the condition
      rule: `resize` with 1 condition, scripted at tests/it/own_server/silence.rs:LINE#3
        ✗ payload_partial({"sku":"a"}): `$.sku` expected "a", got "b" (tests/it/own_server/silence.rs:LINE#4)
      got: call 1 was answered by `resize`, scripted at tests/it/own_server/silence.rs:LINE#2: resize RequestResponse {"sku":"b"} → 200 1
      `strict()` reports each rule that never answers; `.expect_calls(0)`, or a range such as `.expect_calls(..=1)`, allows it

    error: the rule "the rotation" never answered
      help: make the call, or wait for it with `wait_for_calls(1)`
      rule: "the rotation" (`rotate`), scripted at tests/it/own_server/silence.rs:LINE#5
      `strict()` reports each rule that never answers; `.expect_calls(0)`, or a range such as `.expect_calls(..=1)`, allows it

    journal
      1 resize RequestResponse {"sku":"b"}
        attempt 1 → 200 1
    "#);
}

#[test]
fn scripts_that_a_strict_test_does_not_finish() {
    let text = red(|| {
        let lambda = strict();
        let error = || Reply::from(ServiceError::ServiceException);
        lambda.on("resize").reply(error()).times(3).then(json!(1));
        lambda.on("rotate").reply(error()).then(json!(1));
        lambda.on("crop").reply(json!(1)).times(2).expect_calls(1);
        for function in ["resize", "rotate", "crop"] {
            post(&lambda, function, &[], "{}");
        }
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/silence.rs:LINE#1) found 3 problems
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the script of the rule for `resize` was not finished: step 1 of 2 answered 1 of 3 attempts
      help: make 3 more attempts, or shorten the script
      rule: `resize`, scripted at tests/it/own_server/silence.rs:LINE#2

    error: the script of the rule for `rotate` was not finished: step 2 of 2 answered 0 of 1 attempt
      help: make 1 more attempt, or shorten the script
      rule: `rotate`, scripted at tests/it/own_server/silence.rs:LINE#3

    error: the script of the rule for `crop` was not finished: step 1 of 1 answered 1 of 2 attempts
      help: make 1 more attempt, or shorten the script
      rule: `crop`, scripted at tests/it/own_server/silence.rs:LINE#4

    journal
      1 resize RequestResponse {}
        attempt 1 → 500 ServiceException
      2 rotate RequestResponse {}
        attempt 1 → 500 ServiceException
      3 crop RequestResponse {}
        attempt 1 → 200 1
    ");
}

#[test]
fn events_that_a_strict_test_leaves_queued() {
    let text = red(|| {
        let lambda = strict();
        let bounced = || FunctionError::new("Bounced", "no such address");
        lambda.on("send-mail").reply(bounced());
        lambda.on("send-fax").reply(bounced());
        let event = "X-Amz-Invocation-Type: Event";
        for function in ["send-mail", "send-mail", "send-fax"] {
            post(&lambda, function, &[event], "{}");
        }
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/silence.rs:LINE#1) found 2 problems
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: 2 accepted events of `send-mail` have not ended
      help: let the 2 events end first: `lambda.settle_events().await`
      rule: `send-mail`, scripted at tests/it/own_server/silence.rs:LINE#2

    error: 1 accepted event of `send-fax` has not ended
      help: let the event end first: `lambda.settle_events().await`
      rule: `send-fax`, scripted at tests/it/own_server/silence.rs:LINE#3

    journal
      1 to 2 (2 equal calls) send-mail Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"no such address","errorType":"Bounced"}
          queued until 1m
      3 send-fax Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"no such address","errorType":"Bounced"}
          queued until 1m
    "#);
}

#[test]
fn a_script_that_a_queued_event_can_finish_is_not_reported_in_addition_to_the_event() {
    let lambda = strict();
    let bounced = FunctionError::new("Bounced", "no such address");
    lambda.on("send-mail").reply(bounced).then(json!(1));
    post(
        &lambda,
        "send-mail",
        &["X-Amz-Invocation-Type: Event"],
        "{}",
    );
    let text = text_of(|| lambda.verify());
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/silence.rs:LINE#1) found 1 problem

    error: 1 accepted event of `send-mail` has not ended
      help: let the event end first: `lambda.settle_events().await`
      rule: `send-mail`, scripted at tests/it/own_server/silence.rs:LINE#2

    journal
      1 send-mail Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"no such address","errorType":"Bounced"}
          queued until 1m
    "#);
    lambda.settle_events().block();
}

#[test]
fn a_strict_verification_reports_each_thing_once() {
    let lambda = strict();
    let script = lambda.on("resize").reply(json!(1)).times(2);
    lambda.on("rotate").reply(json!(1));
    lambda.on("send-mail").reply(FunctionError::new("E", "no"));
    let event = "X-Amz-Invocation-Type: Event";
    post(&lambda, "send-mail", &[event], "{}");
    post(&lambda, "resize", &[], "{}");
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains("found 3 problems"), "{report}");
    post(&lambda, "send-mail", &[event], "{}");
    let report = lambda.try_verify().unwrap_err().to_string();
    let first = "error: 1 accepted event of `send-mail` has not ended\n";
    assert!(report.contains(first), "{report}");
    script.assert_calls(1);
    lambda.verify();
}

#[test]
fn a_strict_test_that_uses_everything_passes() {
    let lambda = strict();
    let error = ServiceError::ServiceException;
    lambda.on("resize").reply(error).times(2).then(json!(1));
    for _ in 0..4 {
        post(&lambda, "resize", &[], "{}");
    }
    lambda.on("exact").reply(json!(1)).times(1);
    post(&lambda, "exact", &[], "{}");
    lambda.on("none").reply(json!(1)).expect_calls(0);
    lambda.on("some").reply(json!(1)).expect_attempts(..3);
    lambda.on("gone").reply(json!(1)).remove();
    lambda.on("mail").reply(json!(1));
    let event = "X-Amz-Invocation-Type: Event";
    post(&lambda, "mail", &[event], "{}");
}

/// The first execution of an event may still be running when the caller has received the 202.
#[test]
fn a_strict_test_does_not_race_with_an_event_that_ends_by_itself() {
    for _ in 0..20 {
        let lambda = strict();
        lambda.on("mail").handle(async |_: Invocation| {
            tokio::task::yield_now().await;
            json!(1)
        });
        let event = "X-Amz-Invocation-Type: Event";
        post(&lambda, "mail", &[event], "{}");
    }
}

#[test]
fn without_strict_unused_rules_scripts_and_events_are_not_reported() {
    let lambda = FakeLambda::start();
    lambda.on("resize").reply(json!(1)).times(2);
    lambda.on("rotate").reply(json!(1));
    lambda.on("send-mail").reply(FunctionError::new("E", "no"));
    post(&lambda, "resize", &[], "{}");
    let event = "X-Amz-Invocation-Type: Event";
    post(&lambda, "send-mail", &[event], "{}");
}
