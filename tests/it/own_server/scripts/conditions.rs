//! Conditions that pause the fake, and conditions on requests that only its own server accepts.

use std::sync::{Arc, OnceLock};

use fake_lambda::{FakeLambda, Invocation, Script};
use serde_json::json;
use wiremock::matchers::method;

use crate::any_transport::scripts::{ask, ask_as};

#[test]
fn a_request_that_wiremock_cannot_represent_fails_with_the_reason() {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    lambda.on("f").when(method("POST")).reply(json!(1));
    let field = format!("x-{}: 1", "a".repeat(70_000));
    assert_eq!(
        ask_as(&lambda, "f", &field),
        "404 ResourceNotFoundException"
    );
    let report = lambda.try_verify().unwrap_err().to_string();
    let reason = report
        .lines()
        .find(|line| line.contains("✗ MethodExactMatcher"))
        .unwrap();
    assert!(
        reason.contains(
            "✗ MethodExactMatcher: a `wiremock::Request` cannot contain the header `x-aaa"
        ),
        "{reason}"
    );
    assert!(
        reason.len() < 300,
        "{} bytes in one line of the report",
        reason.len()
    );
}

#[test]
fn conditions_and_handlers_can_use_the_fake() {
    let lambda = FakeLambda::start();
    let (handle, own) = (lambda.handle(), Arc::new(OnceLock::<Script>::new()));
    let script = own.clone();
    let using = move || {
        let _paused = handle.pause();
        handle
            .on("made")
            .reply(json!(handle.journal().calls().len()));
        let script = script.get().unwrap();
        script.expect_calls(1..);
        script.calls().len()
            + handle.seen("f").calls().len()
            + usize::from(!format!("{script:?}").is_empty())
    };
    let asking = using.clone();
    let rule = lambda.on("f").when(move |_: &Invocation| asking() > 0);
    let script = rule.handle(async move |_: Invocation| json!(using()));
    own.set(script).unwrap();
    assert_eq!(ask(&lambda, "f"), "3");
    assert_eq!(ask(&lambda, "made"), "1");
}
