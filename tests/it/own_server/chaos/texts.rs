//! Failure messages about chaos: the hits and how to replay them, and scripted faults that cannot
//! happen.

use std::process::Command;
use std::time::Duration;

use fake_lambda::{Chaos, Delay, FakeLambda, Fault, Hit, Invocation, Reply, ServiceError};
use serde_json::json;

use crate::any_transport::chaos::ask;
use crate::panics::text_of;
use crate::raw;

/// The environment variable that is set for a test of this file that runs as a child process.
const CHILD: &str = "FAKE_LAMBDA_TEST_CHILD";

#[test]
fn a_failed_verification_prints_the_seeds_and_the_hits() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!({"ok": true})).expect_calls(3);
        let chaos = Chaos::seeded(7).rate(1.0, ServiceError::ServiceException);
        lambda.chaos(chaos.succeed_first(1));
        lambda.chaos(Chaos::seeded(9).rate(1.0, Fault::Reset).on("pay:live"));
        ask(&lambda, "pay");
        ask(&lambda, "pay");
        ask(&lambda, "pay:live");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/chaos/texts.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `pay` expected 3 calls, got 1
      help: turn on the client's retries, call `stop()` on the chaos before the call, or expect 1 call
      rule: `pay`, scripted at tests/it/own_server/chaos/texts.rs:LINE#2
      got: call 2 was hit by the chaos started at tests/it/own_server/chaos/texts.rs:LINE#3: pay RequestResponse {} → 500 ServiceException (chaos: rate 1, seed 7)
      got: call 3 was hit by the chaos started at tests/it/own_server/chaos/texts.rs:LINE#4: pay:live RequestResponse {} → reset before any byte (chaos: rate 1, seed 9)

    journal
      1 pay RequestResponse {}
        attempt 1 → 200 {"ok":true}
      2 pay RequestResponse {}
        attempt 1 → 500 ServiceException (chaos: rate 1, seed 7)
      3 pay:live RequestResponse {}
        attempt 1 → reset before any byte (chaos: rate 1, seed 9)
    chaos, seeds 7 and 9, hit 2 attempts; the same hits without a seed:
      lambda.chaos(Chaos::replay([
          Hit::new("pay", 2, ServiceError::ServiceException),
          Hit::new("pay:live", 1, Fault::Reset),
      ]));
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1)).expect_calls(1);
        lambda.chaos(Chaos::replay([Hit::new("pay", 9, Fault::Reset)]));
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/chaos/texts.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `pay` expected 1 call, got none
      help: await the call, check that its client uses `lambda.endpoint_url()`, and wait for background calls with `wait_for_calls(1)`
      rule: `pay`, scripted at tests/it/own_server/chaos/texts.rs:LINE#2

    journal: empty, no request arrived
    chaos hit nothing
    ");
}

#[test]
fn hits_that_are_keyed_by_payload_are_printed_with_the_payload_and_once_for_equal_ones() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!({"ok": true})).expect_calls(4);
        lambda.chaos(
            Chaos::seeded(7)
                .window(1, ServiceError::ServiceException)
                .keyed_by_payload()
                .on("pay"),
        );
        lambda.chaos(Chaos::new().window(3, Delay::from(Duration::from_millis(1))));
        for payload in [r#"{"order": 7}"#, r#"{"order":7}"#, "[]"] {
            raw::invoke(&lambda, "pay", &[], payload);
        }
    });
    insta::assert_snapshot!(text, @r##"
    fake-lambda (started at tests/it/own_server/chaos/texts.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `pay` expected 4 calls, got 1
      help: turn on the client's retries, call `stop()` on the chaos before the call, or expect 1 call
      rule: `pay`, scripted at tests/it/own_server/chaos/texts.rs:LINE#2
      got: call 1 was hit by the chaos started at tests/it/own_server/chaos/texts.rs:LINE#3: pay RequestResponse {"order":7} → 500 ServiceException (chaos: window 1)
      got: call 2 was hit by the chaos started at tests/it/own_server/chaos/texts.rs:LINE#3: pay RequestResponse {"order":7} → 500 ServiceException (chaos: window 1)

    journal
      1 to 2 (2 equal calls) pay RequestResponse {"order":7}
        attempt 1 → 500 ServiceException (chaos: window 1)
      3 pay RequestResponse []
        attempt 1 → 200 {"ok":true} (chaos: delay 1ms, window 3)
    chaos hit 3 attempts; the same hits as code:
      lambda.chaos(Chaos::replay([
          Hit::new("pay", 3, Delay::from(Duration::from_millis(1))),
          Hit::new("pay", 1, ServiceError::ServiceException).keyed_by_payload(r#"{"order":7}"#),
      ]));
    "##);
}

#[test]
fn a_fault_that_nothing_can_reach_is_reported() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1)).times(1).then(Fault::Reset);
        ask(&lambda, "pay");
        lambda.on("pay").named("the default").reply(json!(2));
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/chaos/texts.rs:LINE#1) found 1 problem

    error: the fault in the rule for `pay` can never fire: a newer rule answers every request
      help: script this rule after the newer one, or remove this rule with `.remove()`
      rule: `pay`, scripted at tests/it/own_server/chaos/texts.rs:LINE#2
      newer rule: "the default" (`pay`), scripted at tests/it/own_server/chaos/texts.rs:LINE#3

    journal
      1 pay RequestResponse {}
        attempt 1 → 200 1
      2 pay RequestResponse {}
        attempt 1 → 200 2
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.alias("pay:live", "7");
        lambda
            .on("pay:beta")
            .reply(Reply::json(json!("ok")).fault(Fault::TruncateAfter(1)));
        lambda.on("pay:live").reply(json!(1));
        ask(&lambda, "pay:live");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/chaos/texts.rs:LINE#1) found 1 problem

    error: the fault in the rule for `pay:beta` can never fire: its qualifier is not declared
      help: declare it: `lambda.alias("pay:beta", ..)`, or correct the rule
      rule: `pay:beta`, scripted at tests/it/own_server/chaos/texts.rs:LINE#2
      the test declares other qualifiers of this function, so every call with this one gets 404

    journal
      1 pay:live RequestResponse {}
        attempt 1 → 200 1 version 7
    "#);
}

#[test]
fn chaos_that_can_hit_nothing_is_reported() {
    let text = text_of(|| {
        let lambda = FakeLambda::builder().strict().start();
        lambda.on("resize").reply(json!(1)).expect_calls(0);
        lambda.alias("mail:live", "7");
        lambda.on("mail").reply(json!(1)).expect_calls(0);
        lambda.chaos(
            Chaos::seeded(7)
                .rate(0.1, ServiceError::ServiceException)
                .on("resise")
                .on("mail:beta")
                .on("resize:live"),
        );
        lambda.chaos(Chaos::replay([
            Hit::new("payment", 1, Fault::Reset),
            Hit::new("payment", 2, Fault::Reset),
        ]));
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/chaos/texts.rs:LINE#1) found 3 problems

    error: the chaos started at tests/it/own_server/chaos/texts.rs:LINE#2 can never hit `resise`: no rule matches it
      help: did you mean `resize`? otherwise script `lambda.on("resise").reply(..)`

    error: the chaos started at tests/it/own_server/chaos/texts.rs:LINE#2 can never hit `mail:beta`: its qualifier is not declared, but others of the function are
      help: correct the name, or declare it: `lambda.alias("mail:beta", ..)`

    error: the chaos started at tests/it/own_server/chaos/texts.rs:LINE#3 can never hit `payment`: no rule matches it
      help: correct the name, or script `lambda.on("payment").reply(..)`

    journal: empty, no request arrived
    chaos, seed 7, hit nothing
    "#);
}

#[test]
fn each_unreachable_setting_is_reported_once() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1)).then(Fault::Reset);
    ask(&lambda, "pay");
    lambda.on("pay").reply(json!(1));
    lambda.chaos(Chaos::new().every_nth(1, Fault::Reset).on("payy"));
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains("found 2 problems"), "{report}");
    lambda.verify();
}

#[test]
fn a_fault_that_is_reachable_or_removed_is_not_reported() {
    let lambda = FakeLambda::start();
    // Used.
    lambda.on("used").reply(Fault::Reset);
    ask(&lambda, "used");
    lambda.on("used").reply(json!(1));
    // The newer rule ends, has a condition, is narrower, is for another function, or was removed.
    lambda.on("ends").reply(Fault::Reset);
    lambda.on("ends").reply(json!(1)).times(3);
    lambda.on("asks").reply(Fault::Reset);
    lambda
        .on("asks")
        .when(|_: &Invocation| false)
        .reply(json!(1));
    lambda.on("less").reply(Fault::Reset);
    lambda.on("less:live").reply(json!(1));
    lambda.on("one").reply(Fault::Reset);
    lambda.on("other").reply(json!(1));
    lambda.on("gone").reply(Fault::Reset);
    lambda.on("gone").reply(json!(1)).remove();
    // It is more specific than the newer one.
    lambda.on("narrow:live").reply(Fault::Reset);
    lambda.on("narrow").reply(json!(1));
    // The test states that this is intended.
    lambda.on("removed").reply(Fault::Reset).remove();
    lambda.on("removed").reply(json!(1));
    lambda.on("expected").reply(Fault::Reset).expect_calls(0);
    lambda.on("expected").reply(json!(1));
    // A fixture's default that the test overrides, with or without a fault.
    lambda.on("default").reply(ServiceError::ServiceException);
    lambda.on("default").reply(json!(1));
    lambda.on("fault").reply(Fault::Reset);
    lambda.on("fault").reply(json!(1));
    ask(&lambda, "fault");
    // Chaos for a function that only `on_any()` covers, and a replay of an attempt that never
    // happens.
    lambda.on_any().reply(json!(1));
    lambda.chaos(Chaos::new().every_nth(9, Fault::Reset).on("anything"));
    lambda.chaos(Chaos::replay([Hit::new("anything:live", 99, Fault::Reset)]));
    lambda.verify();
}

#[test]
fn child_fails_by_itself_under_chaos() {
    if std::env::var_os(CHILD).is_some() {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1));
        lambda.chaos(Chaos::seeded(7).rate(1.0, Fault::Reset));
        ask(&lambda, "pay");
        panic!("the test's own panic");
    }
}

#[test]
fn a_test_that_fails_for_another_reason_prints_the_hits() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "own_server::chaos::texts::child_fails_by_itself_under_chaos",
            "--exact",
            "--nocapture",
        ])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{stderr}");
    let text = "\
chaos, seed 7, hit 1 attempt; the same hits without a seed:
  lambda.chaos(Chaos::replay([
      Hit::new(\"pay\", 1, Fault::Reset),
  ]));
";
    assert!(stderr.contains(text), "{stderr}");
    assert!(
        stderr.contains("fake-lambda (started at tests/it/own_server/chaos/texts.rs:"),
        "{stderr}"
    );
}
