//! When verification runs.

use std::panic;
use std::process::{Command, Output};

use fake_lambda::ServiceError;
use rstest::rstest;
use serde_json::json;

use super::{CHILD, ask};
use crate::panics::caught;
use crate::text::without_lines;
use crate::transport::FakeLambda;

fn a_test_returns_early_with_its_error() -> Result<(), String> {
    let lambda = FakeLambda::start();
    let script = lambda.on("pay").reply(ServiceError::KmsDisabledException);
    script.expect_attempts(2);
    let status = ask(&lambda, "pay");
    if status != 200 {
        return Err(format!("the payment failed with {status}"));
    }
    script.assert_attempts(2);
    Ok(())
}

fn a_test_returns_early_with_a_function_error() -> Result<(), String> {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(fake_lambda::FunctionError::new(
        "ValueError",
        "no such order",
    ));
    ask(&lambda, "pay");
    ask(&lambda, "receipt:v1").to_string();
    ask(&lambda, "pay");
    Err("no such order".to_owned())
}

#[test]
fn an_early_return_still_shows_the_clients_last_error() {
    let panic = caught(|| a_test_returns_early_with_its_error().unwrap());
    insta::assert_snapshot!(panic.text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/runs.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `pay` expected 2 attempts, got 1
      help: count calls instead, or expect 1 attempt; without the header `amz-sdk-invocation-id` each retry counts as a call
      rule: `pay`, scripted at tests/it/any_transport/verification/runs.rs:LINE#2

    note: call 1 ended with 502 KMSDisabledException: Lambda was unable to decrypt the environment variables because the KMS key used is disabled. Please check the function's…

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 502 KMSDisabledException
    "#);
    let panic = caught(|| a_test_returns_early_with_a_function_error().unwrap());
    insta::assert_snapshot!(panic.text.lines().next().unwrap(), @"fake-lambda (started at tests/it/any_transport/verification/runs.rs:LINE#1) found 1 problem");
}

#[test]
fn a_problem_is_reported_once() {
    let lambda = FakeLambda::start();
    let script = lambda.on("pay").reply(json!(1)).expect_calls(1);
    ask(&lambda, "resize");
    let report = lambda.try_verify().unwrap_err();
    assert!(report.to_string().contains("found 2 problems"), "{report}");
    assert_eq!(format!("{report:?}"), report.to_string());
    lambda.verify();
    ask(&lambda, "resize");
    let again = caught(|| lambda.verify()).text;
    assert!(again.contains("found 1 problem\n"), "{again}");
    script.expect_calls(2);
    assert!(
        lambda.try_verify().is_err(),
        "a new expectation is a new finding"
    );
}

#[test]
fn an_expectation_can_be_met_after_it_was_reported() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1)).expect_calls(1);
    lambda.try_verify().unwrap_err();
    ask(&lambda, "pay");
    lambda.verify();
}

#[rstest]
#[case::at_drop(true)]
#[case::never(false)]
fn a_drop_verifies_unless_the_builder_says_otherwise(#[case] verifies: bool) {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(verifies));
    ask(&lambda, "resize");
    if verifies {
        assert!(caught(move || drop(lambda)).text.contains("not scripted"));
    } else {
        drop(lambda);
    }
}

#[test]
fn allowed_requests_and_met_expectations_are_not_reported() {
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    lambda
        .on("pay")
        .reply(json!(1))
        .expect_calls(1)
        .expect_attempts(1..);
    lambda.on("never-called").reply(json!(1));
    ask(&lambda, "pay");
    assert_eq!(ask(&lambda, "resize"), 404);
    lambda.verify();
}

#[test]
fn a_drop_while_panicking_prints_and_does_not_abort() {
    let Output { status, stderr, .. } = Command::new(std::env::current_exe().unwrap())
        .args([
            "any_transport::verification::child_panics_with_a_finding",
            "--exact",
            "--nocapture",
        ])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(101), "{stderr}");
    assert!(stderr.contains("the test's own panic"), "{stderr}");
    let report = stderr.find("fake-lambda (").map(|start| &stderr[start..]);
    let report = report.unwrap_or_else(|| panic!("no report in {stderr}"));
    let report = report
        .split("\nerror: test failed")
        .next()
        .unwrap()
        .trim_end();
    insta::assert_snapshot!(without_lines(report), @r#"
    fake-lambda (started at tests/it/any_transport/verification.rs:LINE#1) also found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: resize RequestResponse {"id":"7"}
      help: script it before the call: `lambda.on("resize").reply(..)`
      no rule matches `resize`

    journal
      1 resize RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}
