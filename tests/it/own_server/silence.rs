//! Nothing passes silently: what a test wrote and what did nothing is reported.

use fake_lambda::{FakeLambda, FunctionError, Gate, Reply};
use serde_json::json;

use super::advice::{post, red};

#[test]
fn a_settling_that_nobody_awaits() {
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
    note: a test that returned `Err` early looks like this; to see its error, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the wait for every accepted event to end did nothing: it was dropped before it was awaited
      help: await it with `.await`, or call `.block()` on it outside of async code
      wait created at tests/it/own_server/silence.rs:LINE#2

    journal
      1 send-mail Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"no such address","errorType":"Bounced"}
          queued until 1m
    "#);
}

#[test]
fn a_wait_for_calls_that_nobody_awaits() {
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
    note: a test that returned `Err` early looks like this; to see its error, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the wait for 1 call answered by the rule for `resize` did nothing: it was dropped before it was awaited
      help: await it with `.await`, or call `.block()` on it outside of async code
      wait created at tests/it/own_server/silence.rs:LINE#2

    journal
      1 resize RequestResponse {}
        attempt 1 → 200 1
    ");
}

#[test]
fn a_wait_at_a_gate_that_nobody_awaits() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let gate = Gate::new();
        lambda.on("resize").reply(Reply::json(json!(1)).hold(&gate));
        let _ = gate.reached(1);
        gate.open();
        post(&lambda, "resize", &[], "{}");
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/silence.rs:LINE#1) found 1 problem
    note: a test that returned `Err` early looks like this; to see its error, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the wait for 1 reply at a gate did nothing: it was dropped before it was awaited
      help: await it with `.await`, or call `.block()` on it outside of async code
      wait created at tests/it/own_server/silence.rs:LINE#2

    journal
      1 resize RequestResponse {}
        attempt 1 → 200 1
    ");
}

#[test]
fn a_wait_that_a_panic_kept_from_its_await_is_no_finding() {
    let lambda = FakeLambda::start();
    let wait = lambda.wait_for_calls(1);
    crate::panics::caught(move || {
        let _wait = wait;
        panic!("the test fails before");
    });
    lambda.verify();
}
