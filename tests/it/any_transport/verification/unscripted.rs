//! Unscripted requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use fake_lambda::matchers::{attempt, invocation_type, payload_partial};
use fake_lambda::{Invocation, ServiceError};
use serde_json::json;

use super::{ask, call};
use crate::panics::{caught, text_of};
use crate::raw;
use crate::transport::FakeLambda;

#[test]
fn a_forgotten_script() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        ask(&lambda, "resize");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:resize:$LATEST
    fake-lambda, started at tests/it/any_transport/verification/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, resize RequestResponse {"id":"7"}
        to change: script it before the call, `lambda.on("resize").reply(..)`, or correct the call
        no rule is for this function

    journal
      1 resize RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_name_one_letter_off() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("rezise").reply(json!(1));
        lambda.on("pay").reply(json!(1));
        ask(&lambda, "resize");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:resize:$LATEST
    fake-lambda, started at tests/it/any_transport/verification/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, resize RequestResponse {"id":"7"}
        to change: write `resize` in the rule at tests/it/any_transport/verification/unscripted.rs:LINE#2, or call `rezise`; or script both, `lambda.on("resize").reply(..)`
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on rezise
          ✗ function: the call asked for `resize`, the rule is for `rezise`

    journal
      1 resize RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn another_qualifier() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("resize:live")
            .named("the live one")
            .reply(json!(1));
        ask(&lambda, "resize:beta");
        ask(&lambda, "resize");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:resize:$LATEST
    fake-lambda, started at tests/it/any_transport/verification/unscripted.rs:LINE#1, found 2 problems:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, resize:beta RequestResponse {"id":"7"}
        to change: the rule at tests/it/any_transport/verification/unscripted.rs:LINE#2 is for `live` alone: call that, or script this one too, `lambda.on("resize:beta").reply(..)`
        nearest rule: "the live one" scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on resize:live
          ✗ qualifier: the call asked for `beta`, the rule is for `live`

    ✗ unscripted, answered 404 ResourceNotFoundException: call 2, resize RequestResponse {"id":"7"}
        to change: the rule at tests/it/any_transport/verification/unscripted.rs:LINE#2 is for `live` alone: call that, or script this one too, `lambda.on("resize").reply(..)`
        nearest rule: "the live one" scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on resize:live
          ✗ qualifier: the call asked for none, the rule is for `live`

    journal
      1 resize:beta RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
      2 resize RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_condition_with_the_place_in_the_payload() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let rule = lambda.on("pay").when(invocation_type("RequestResponse"));
        let rule = rule.when(payload_partial(json!({"id": 7})));
        rule.when(|i: &Invocation| i.payload_len() < 100)
            .reply(json!(1));
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/any_transport/verification/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, pay RequestResponse {"id":"7"}
        to change: correct what is sent: $.id expected 7, got "7"; or the condition at tests/it/any_transport/verification/unscripted.rs:LINE#3; or script the rest above that line, `lambda.on("pay").reply(..)`
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on pay when invocation_type(RequestResponse), payload_partial({"id":7}), closure
          ✓ invocation_type(RequestResponse)
          ✗ payload_partial({"id":7}): $.id expected 7, got "7"  (tests/it/any_transport/verification/unscripted.rs:LINE#3)
          ✓ closure

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn conditions_of_several_rules() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("pay")
            .when(wiremock::matchers::method("GET"))
            .reply(json!(1));
        lambda
            .on("pay")
            .when(|i: &Invocation| i.payload_len() > 100)
            .reply(json!(2));
        lambda.on("pay").when(attempt(2)).reply(json!(3));
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/any_transport/verification/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, pay RequestResponse {"id":"7"}
        to change: correct what is sent: the client sent no `amz-sdk-request` header; or the condition at tests/it/any_transport/verification/unscripted.rs:LINE#7; or script the rest above that line, `lambda.on("pay").reply(..)`
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#6, on pay when attempt(2)
          ✗ attempt(2): the client sent no `amz-sdk-request` header  (tests/it/any_transport/verification/unscripted.rs:LINE#7)
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#4, on pay when closure
          ✗ closure  (tests/it/any_transport/verification/unscripted.rs:LINE#5)
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on pay when MethodExactMatcher
          ✗ MethodExactMatcher  (tests/it/any_transport/verification/unscripted.rs:LINE#3)

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn another_region() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("arn:aws:lambda:eu-west-1:123456789012:function:pay")
            .reply(json!(1));
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/any_transport/verification/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, pay RequestResponse {"id":"7"}
        to change: correct the client's region, or leave region and account out of the rule at tests/it/any_transport/verification/unscripted.rs:LINE#2
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on pay
          ✗ the call asked for region us-east-1, account 123456789012, the rule is for region eu-west-1, account 123456789012

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_removed_rule() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1)).remove();
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/any_transport/verification/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, pay RequestResponse {"id":"7"}
        to change: remove the rule at tests/it/any_transport/verification/unscripted.rs:LINE#2 later, or script another, `lambda.on("pay").reply(..)`
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on pay
          ✗ the rule was removed

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_used_up_script() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1)).then(json!(2)).times(1);
        for _ in 0..3 {
            ask(&lambda, "pay");
        }
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/any_transport/verification/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 3, pay RequestResponse {"id":"7"}
        to change: let the script at tests/it/any_transport/verification/unscripted.rs:LINE#2 go on with `.then(..)`, give its last step more `times(..)` or none, or call less often
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on pay
          ✗ its script is used up: it answered 2 attempts

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
      2 pay RequestResponse {"id":"7"}
        attempt 1 → 200 2
      3 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_script_that_runs_dry_inside_a_call() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("pay")
            .reply(ServiceError::TooManyRequestsException)
            .times(2);
        call(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/any_transport/verification/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, pay RequestResponse {"id":7}
        to change: let the script at tests/it/any_transport/verification/unscripted.rs:LINE#2 go on with `.then(..)`, give its last step more `times(..)` or none, or call less often
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on pay
          ✗ its script is used up: it answered 2 attempts

    journal
      1 pay RequestResponse {"id":7}
        attempt 1/3 → 429 TooManyRequestsException
        attempt 2/3 → 429 TooManyRequestsException
        attempt 3/3 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn more_problems_than_anyone_reads() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        for _ in 0..130 {
            ask(&lambda, "resize");
        }
    });
    assert!(text.contains("found 130 problems"), "{text}");
    assert_eq!(text.matches('✗').count(), 10, "{text}");
    assert!(
        text.contains("\n\n… and 120 more\n\njournal\n  … 110 calls before\n  111 resize"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 88, "{text}");
}

#[test]
fn a_rule_for_a_qualifier_that_was_not_declared_is_told() {
    let dropped = caught(|| {
        let lambda = FakeLambda::start();
        lambda.alias("f:live", "7");
        lambda.on("f:beta").reply(json!(1));
        raw::invoke(&lambda, "f:beta", &[], "{}");
    });
    let place = concat!("a rule for it never answers: scripted at ", file!(), ":");
    let text = dropped.text;
    assert!(
        text.contains("✗ not declared, answered 404 ResourceNotFoundException: call 1, f:beta"),
        "{text}"
    );
    assert!(text.contains(place), "{text}");
    assert!(
        text.contains("declare this one too, with `lambda.alias(\"f:beta\", ..)`"),
        "{text}"
    );
    assert!(
        text.contains("→ 404 ResourceNotFoundException (qualifier not declared)"),
        "{text}"
    );
}

#[test]
fn a_rule_for_another_function_is_named_where_there_is_nothing_nearer() {
    let dropped = caught(|| {
        let lambda = FakeLambda::start();
        lambda.on("quote-service").reply(json!(1));
        raw::invoke(&lambda, "price", &[], "{}");
    });
    let text = dropped.text;
    assert!(
        text.contains("the call asked for `price`, the rule is for `quote-service`"),
        "{text}"
    );
}

#[test]
fn a_used_up_script_with_its_conditions() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let rule = lambda.on("pay").when(payload_partial(json!({"id": "7"})));
        rule.when(attempt(2)).reply(json!(1)).times(1);
        let second = ["amz-sdk-request: attempt=2; max=3"];
        raw::invoke(&lambda, "pay", &second, r#"{"id":"7"}"#);
        raw::invoke(&lambda, "pay", &second, r#"{"id":"7"}"#);
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/any_transport/verification/unscripted.rs:LINE#1, found 2 problems:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 2, pay RequestResponse {"id":"7"}
        to change: let the script at tests/it/any_transport/verification/unscripted.rs:LINE#2 go on with `.then(..)`, give its last step more `times(..)` or none, or call less often
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on pay when payload_partial({"id":"7"}), attempt(2)
          ✗ its script is used up: it answered 1 attempt
          ✓ payload_partial({"id":"7"})
          ✓ attempt(2)

    ✗ unscripted, answered 404 ResourceNotFoundException: call 3, pay RequestResponse {"id":"7"}
        to change: correct what is sent: the client sent no `amz-sdk-request` header; or the condition at tests/it/any_transport/verification/unscripted.rs:LINE#3; or script the rest above that line, `lambda.on("pay").reply(..)`
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on pay when payload_partial({"id":"7"}), attempt(2)
          ✗ its script is used up: it answered 1 attempt
          ✓ payload_partial({"id":"7"})
          ✗ attempt(2): the client sent no `amz-sdk-request` header  (tests/it/any_transport/verification/unscripted.rs:LINE#3)

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 2/3 → 200 1
      2 pay RequestResponse {"id":"7"}
        attempt 2/3 → 404 ResourceNotFoundException (unscripted)
      3 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_condition_that_panics_only_for_the_report() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let rule = lambda.on("pay").when(payload_partial(json!({"id": 7})));
        rule.when(|i: &Invocation| i.payload_json()["size"].as_u64().unwrap() > 1)
            .reply(json!(1));
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/any_transport/verification/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, pay RequestResponse {"id":"7"}
        to change: correct what is sent: $.id expected 7, got "7"; or the condition at tests/it/any_transport/verification/unscripted.rs:LINE#3; or script the rest above that line, `lambda.on("pay").reply(..)`
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on pay when payload_partial({"id":7}), closure
          ✗ payload_partial({"id":7}): $.id expected 7, got "7"  (tests/it/any_transport/verification/unscripted.rs:LINE#3)
          ✗ closure: it panicked: called `Option::unwrap()` on a `None` value  (tests/it/any_transport/verification/unscripted.rs:LINE#4)

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn the_rule_that_fails_least_is_the_nearest() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let rule = lambda.on("pay").when(invocation_type("RequestResponse"));
        rule.when(attempt(2)).reply(json!(1));
        let rule = lambda.on("pay").when(invocation_type("Event"));
        rule.when(attempt(2)).reply(json!(2));
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/any_transport/verification/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, pay RequestResponse {"id":"7"}
        to change: correct what is sent: the client sent no `amz-sdk-request` header; or the condition at tests/it/any_transport/verification/unscripted.rs:LINE#3; or script the rest above that line, `lambda.on("pay").reply(..)`
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2, on pay when invocation_type(RequestResponse), attempt(2)
          ✓ invocation_type(RequestResponse)
          ✗ attempt(2): the client sent no `amz-sdk-request` header  (tests/it/any_transport/verification/unscripted.rs:LINE#3)
        nearest rule: scripted at tests/it/any_transport/verification/unscripted.rs:LINE#4, on pay when invocation_type(Event), attempt(2)
          ✗ invocation_type(Event): expected Event, got RequestResponse  (tests/it/any_transport/verification/unscripted.rs:LINE#5)
          ✗ attempt(2): the client sent no `amz-sdk-request` header  (tests/it/any_transport/verification/unscripted.rs:LINE#6)

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_condition_behind_a_no_is_asked_once_and_only_for_a_report() {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    let asked = Arc::new(AtomicU32::new(0));
    let counter = asked.clone();
    lambda.on("pay").reply(json!(0)).times(1);
    lambda
        .on("pay")
        .when(payload_partial(json!({"id": 8})))
        .when(move |_: &Invocation| counter.fetch_add(1, Ordering::Relaxed) == 0)
        .reply(json!(1));
    assert_eq!(ask(&lambda, "pay"), 200, "the default answers");
    assert_eq!(asked.load(Ordering::Relaxed), 0, "nothing is reported");
    assert_eq!(ask(&lambda, "pay"), 404);
    assert_eq!(asked.load(Ordering::Relaxed), 1, "for the report");
    lambda.try_verify().unwrap_err();
    assert_eq!(asked.load(Ordering::Relaxed), 1, "and never again");
}

#[test]
fn a_condition_of_a_rule_for_something_else_is_not_asked() {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    for target in ["pay:live", "pai", "resize"] {
        lambda
            .on(target)
            .when(|_: &Invocation| -> bool { panic!("asked") })
            .reply(json!(1));
    }
    assert_eq!(ask(&lambda, "pay"), 404);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(
        report.contains("nearest rule: ") && !report.contains("asked\n"),
        "{report}"
    );
}
