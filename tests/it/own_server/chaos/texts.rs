//! What a failed test reads: the hits and how to have them again, and what was scripted and cannot happen.

use std::process::Command;

use fake_lambda::{Chaos, FakeLambda, Fault, Hit, Invocation, Reply, ServiceError};
use serde_json::json;

use crate::any_transport::chaos::ask;
use crate::panics::text_of;

/// Tells a test of this file that it is the child process of another.
const CHILD: &str = "FAKE_LAMBDA_TEST_CHILD";

#[test]
fn a_failed_verification_tells_the_seeds_and_the_hits() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!({"ok": true})).expect_calls(3);
        lambda.chaos(Chaos::seeded(7).every_nth(2, ServiceError::ServiceException));
        lambda.chaos(Chaos::seeded(9).rate(1.0, Fault::Reset).on("pay:live"));
        ask(&lambda, "pay");
        ask(&lambda, "pay");
        ask(&lambda, "pay:live");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got reset before any byte (chaos: rate 1, seed 9)
    fake-lambda, started at tests/it/own_server/chaos/texts.rs:LINE#1, found 1 problem:

    ✗ unmet: expected exactly 3 calls, got 1
        scripted at tests/it/own_server/chaos/texts.rs:LINE#2, on pay
        to change: make 2 more calls, await that with `wait_for_calls(3)`, or expect 1 call
        came instead: call 2, pay RequestResponse {} → 500 ServiceException (chaos: every_nth 2)
        came instead: call 3, pay:live RequestResponse {} → reset before any byte (chaos: rate 1, seed 9)

    journal
      1 pay RequestResponse {}
        attempt 1 → 200 {"ok":true}
      2 pay RequestResponse {}
        attempt 1 → 500 ServiceException (chaos: every_nth 2)
      3 pay:live RequestResponse {}
        attempt 1 → reset before any byte (chaos: rate 1, seed 9)
    chaos, seeds 7, 9, hit 2 attempts; the same hits without a seed:
      lambda.chaos(Chaos::replay([
          Hit::new("pay", 2, ServiceError::ServiceException),
          Hit::new("pay:live", 1, Fault::Reset),
      ]));
    seed 0
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1)).expect_calls(1);
        lambda.chaos(Chaos::replay([Hit::new("pay", 9, Fault::Reset)]));
    });
    insta::assert_snapshot!(text, @r"
    no client got an answer from this fake
    fake-lambda, started at tests/it/own_server/chaos/texts.rs:LINE#1, found 1 problem:

    ✗ unmet: expected exactly 1 call, got 0
        scripted at tests/it/own_server/chaos/texts.rs:LINE#2, on pay
        to change: make the call, or await it with `wait_for_calls(1)`; or is the client's endpoint not this fake's `endpoint_url()`?

    the journal is empty: no request has come
    chaos, a replay, hit nothing
    seed 0
    ");
}

#[test]
fn a_fault_that_nothing_can_reach_is_found() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1)).times(1).then(Fault::Reset);
        ask(&lambda, "pay");
        lambda.on("pay").named("the default").reply(json!(2));
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 200 2
    fake-lambda, started at tests/it/own_server/chaos/texts.rs:LINE#1, found 1 problem:

    ✗ a fault that cannot happen: scripted at tests/it/own_server/chaos/texts.rs:LINE#2, on pay
        all that it could answer goes to the newer rule "the default" scripted at tests/it/own_server/chaos/texts.rs:LINE#3, on pay
        to change: write the rule with the fault behind the other one, or, where that is to replace it, take it out with `.remove()`

    journal
      1 pay RequestResponse {}
        attempt 1 → 200 1
      2 pay RequestResponse {}
        attempt 1 → 200 2
    seed 0
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
    the client last got 200 1 version 7
    fake-lambda, started at tests/it/own_server/chaos/texts.rs:LINE#1, found 1 problem:

    ✗ a fault that cannot happen: scripted at tests/it/own_server/chaos/texts.rs:LINE#2, on pay:beta
        its qualifier is not declared, and others of the function are, so every call of it gets a 404
        to change: declare it, with `lambda.alias("pay:beta", ..)` or `lambda.publish_version("pay:beta")`, or correct the rule

    journal
      1 pay:live RequestResponse {}
        attempt 1 → 200 1 version 7
    seed 0
    "#);
}

#[test]
fn chaos_that_can_hit_nobody_is_found() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(json!(1));
        lambda.alias("mail:live", "7");
        lambda.on("mail").reply(json!(1));
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
    no client got an answer from this fake
    fake-lambda, started at tests/it/own_server/chaos/texts.rs:LINE#1, found 3 problems:

    ✗ chaos that cannot hit `resise`, let loose at tests/it/own_server/chaos/texts.rs:LINE#2: no rule is for it
        did you mean `resize`? it has a rule
        to change: correct the target of the chaos, or script `lambda.on("resise").reply(..)`

    ✗ chaos that cannot hit `mail:beta`, let loose at tests/it/own_server/chaos/texts.rs:LINE#2: its qualifier is not declared, and others of the function are
        to change: correct the target of the chaos, or declare it, with `lambda.alias("mail:beta", ..)`

    ✗ chaos that cannot hit `payment`, let loose at tests/it/own_server/chaos/texts.rs:LINE#3: no rule is for it
        to change: correct the target of the chaos, or script `lambda.on("payment").reply(..)`

    the journal is empty: no request has come
    chaos, seed 7, hit nothing
    seed 0
    "#);
}

#[test]
fn each_of_these_is_told_once() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(Fault::Reset);
    lambda.on("pay").reply(json!(1));
    lambda.chaos(Chaos::new().every_nth(1, Fault::Reset).on("mail"));
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains("found 2 problems"), "{report}");
    lambda.verify();
}

#[test]
fn a_fault_that_something_can_reach_or_that_the_test_has_taken_out_is_none() {
    let lambda = FakeLambda::start();
    // Used.
    lambda.on("used").reply(Fault::Reset);
    ask(&lambda, "used");
    lambda.on("used").reply(json!(1));
    // The newer rule ends, asks, is for less, is for another, or is gone.
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
    // The test says that it means so.
    lambda.on("removed").reply(Fault::Reset).remove();
    lambda.on("removed").reply(json!(1));
    lambda.on("expected").reply(Fault::Reset).expect_calls(0);
    lambda.on("expected").reply(json!(1));
    // Without a fault a fixture's default is overridden as ever.
    lambda.on("default").reply(ServiceError::ServiceException);
    lambda.on("default").reply(json!(1));
    // Chaos for whatever has a rule, and a replay of what never comes.
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
        lambda.chaos(Chaos::seeded(7).every_nth(1, Fault::Reset));
        ask(&lambda, "pay");
        panic!("the test's own panic");
    }
}

#[test]
fn a_test_that_fails_by_itself_is_told_the_hits() {
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
    let told = "\
chaos, seed 7, hit 1 attempt; the same hits without a seed:
  lambda.chaos(Chaos::replay([
      Hit::new(\"pay\", 1, Fault::Reset),
  ]));
";
    assert!(stderr.contains(told), "{stderr}");
    assert!(
        stderr.contains("fake-lambda, started at tests/it/own_server/chaos/texts.rs:"),
        "{stderr}"
    );
}
