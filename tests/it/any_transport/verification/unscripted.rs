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
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: resize RequestResponse {"id":"7"}
      help: script it before the call: `lambda.on("resize").reply(..)`
      no rule matches `resize`

    journal
      1 resize RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn a_name_with_one_wrong_letter() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("rezise").reply(json!(1));
        lambda.on("pay").reply(json!(1));
        ask(&lambda, "resize");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: resize RequestResponse {"id":"7"}
      help: change `resize` to `rezise` in the call, or script both
      nearest rule: `rezise`, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ function: called `resize`, the rule matches `rezise`

    journal
      1 resize RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn a_name_with_one_wrong_letter_and_another_qualifier() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("resize:live").reply(json!({"ok": true}));
        ask(&lambda, "rezise");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: rezise RequestResponse {"id":"7"}
      help: change `rezise` to `resize:live` in the call, or script both
      nearest rule: `resize:live`, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ function: called `rezise`, the rule matches `resize:live`

    journal
      1 rezise RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
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
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 2 problems

    error: call 1 was not scripted and got 404 ResourceNotFoundException: resize:beta RequestResponse {"id":"7"}
      help: call `resize:live`, or script every qualifier with `lambda.on("resize")`
      nearest rule: "the live one" (`resize:live`), scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ qualifier: called `beta`, the rule matches `live`

    error: call 2 was not scripted and got 404 ResourceNotFoundException: resize RequestResponse {"id":"7"}
      help: call `resize:live`, or script every qualifier with `lambda.on("resize")`
      nearest rule: "the live one" (`resize:live`), scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ qualifier: called without one, the rule matches `live`

    journal
      1 resize:beta RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
      2 resize RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn a_condition_with_the_path_in_the_payload() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let rule = lambda.on("pay").when(invocation_type("RequestResponse"));
        let rule = rule.when(payload_partial(json!({"id": 7})));
        rule.when(|i: &Invocation| i.payload_len() < 100)
            .reply(json!(1));
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: pay RequestResponse {"id":"7"}
      help: send `$.id` as 7, change the condition, or add a default rule before this one: `lambda.on("pay").reply(..)`
      nearest rule: `pay` with 3 conditions, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ payload_partial({"id":7}): `$.id` expected 7, got "7" (tests/it/any_transport/verification/unscripted.rs:LINE#3)
        ✓ invocation_type(RequestResponse)
        ✓ closure

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
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
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: pay RequestResponse {"id":"7"}
      help: change the request to meet the condition marked ✗, change the condition, or add a default rule before this one: `lambda.on("pay").reply(..)`
      nearest rule: `pay` with 1 condition, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#6
        ✗ attempt(2): the client sent no `amz-sdk-request` header (tests/it/any_transport/verification/unscripted.rs:LINE#7)
      another rule: `pay` with 1 condition, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#4
        ✗ closure returned false (tests/it/any_transport/verification/unscripted.rs:LINE#5)
      another rule: `pay` with 1 condition, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ MethodExactMatcher did not match (tests/it/any_transport/verification/unscripted.rs:LINE#3)

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
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
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: pay RequestResponse {"id":"7"}
      help: set the client's region to `eu-west-1`, or write the rule without a region: `lambda.on("pay")`
      nearest rule: `pay` in region eu-west-1, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ region: called in us-east-1, the rule matches eu-west-1

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
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
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: pay RequestResponse {"id":"7"}
      help: call `.remove()` later, or script another rule: `lambda.on("pay").reply(..)`
      rule: `pay`, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ removed before this call

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn an_exhausted_script() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1)).then(json!(2)).times(1);
        for _ in 0..3 {
            ask(&lambda, "pay");
        }
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 1 problem

    error: the script was exhausted at call 3, which got 404 ResourceNotFoundException: pay RequestResponse {"id":"7"}
      help: add `.then(..)` after `.times(1)`, raise that number, or make fewer attempts
      rule: `pay`, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ exhausted: it answered 2 times

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
      2 pay RequestResponse {"id":"7"}
        attempt 1 → 200 2
      3 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn a_script_that_is_exhausted_during_a_call() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("pay")
            .reply(ServiceError::TooManyRequestsException)
            .times(2);
        call(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 1 problem

    error: the script was exhausted at attempt 3/3 of call 1, which got 404 ResourceNotFoundException: pay RequestResponse {"id":7}
      help: add `.then(..)` after `.times(2)`, raise that number, or make fewer attempts
      rule: `pay`, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ exhausted: it answered 2 times

    journal
      1 pay RequestResponse {"id":7}
        attempt 1/3 → 429 TooManyRequestsException
        attempt 2/3 → 429 TooManyRequestsException
        attempt 3/3 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn one_mistake_in_many_calls_is_one_error_and_long_lists_are_cut() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        for _ in 0..130 {
            ask(&lambda, "resize");
        }
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 1 problem

    error: calls 1 to 5 and 125 more were not scripted and got 404 ResourceNotFoundException: resize RequestResponse {"id":"7"}
      help: script it before the call: `lambda.on("resize").reply(..)`
      no rule matches `resize`

    journal
      1 to 130 (130 equal calls) resize RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        for function in 0..130 {
            ask(&lambda, &format!("{function}"));
        }
    });
    assert!(text.contains("found 130 problems"), "{text}");
    assert_eq!(text.matches("error: ").count(), 10, "{text}");
    assert!(
        text.contains("\n\n… and 120 more\n\njournal\n  … 110 calls before\n  111 110 "),
        "{text}"
    );
    assert!(text.lines().count() < 90, "{text}");
}

#[test]
fn a_rule_for_an_undeclared_qualifier_is_reported() {
    let dropped = caught(|| {
        let lambda = FakeLambda::start();
        lambda.alias("f:live", "7");
        lambda.on("f:beta").reply(json!(1));
        raw::invoke(&lambda, "f:beta", &[], "{}");
    });
    let place = concat!("rule: `f:beta`, scripted at ", file!(), ":");
    let text = dropped.text;
    assert!(
        text.contains(
            "call 1 named a qualifier that was not declared and got 404 \
             ResourceNotFoundException: f:beta"
        ),
        "{text}"
    );
    assert!(text.contains(place), "{text}");
    assert!(
        text.contains("help: declare it: `lambda.alias(\"f:beta\", ..)`"),
        "{text}"
    );
    assert!(
        text.contains("→ 404 ResourceNotFoundException (qualifier not declared)"),
        "{text}"
    );
}

#[test]
fn a_rule_for_another_function_is_named_if_nothing_is_nearer() {
    let dropped = caught(|| {
        let lambda = FakeLambda::start();
        lambda.on("quote-service").reply(json!(1));
        raw::invoke(&lambda, "price", &[], "{}");
    });
    let text = dropped.text;
    assert!(
        text.contains("no rule matches `price`; the nearest is `quote-service`"),
        "{text}"
    );
}

#[test]
fn an_exhausted_script_with_conditions() {
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
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 2 problems

    error: the script was exhausted at attempt 2/3 of call 2, which got 404 ResourceNotFoundException: pay RequestResponse {"id":"7"}
      help: add `.then(..)` after `.times(1)`, raise that number, or make fewer attempts
      rule: `pay` with 2 conditions, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ exhausted: it answered 1 time
        ✓ payload_partial({"id":"7"})
        ✓ attempt(2)

    error: call 3 was not scripted and got 404 ResourceNotFoundException: pay RequestResponse {"id":"7"}
      help: change the request to meet the condition marked ✗, change the condition, or add a default rule before this one: `lambda.on("pay").reply(..)`
      rule: `pay` with 2 conditions, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ exhausted: it answered 1 time
        ✗ attempt(2): the client sent no `amz-sdk-request` header (tests/it/any_transport/verification/unscripted.rs:LINE#3)
        ✓ payload_partial({"id":"7"})

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 2/3 → 200 1
      2 pay RequestResponse {"id":"7"}
        attempt 2/3 → 404 ResourceNotFoundException (unscripted)
      3 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
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
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: pay RequestResponse {"id":"7"}
      help: change the request to meet the conditions marked ✗, change the conditions, or add a default rule before this one: `lambda.on("pay").reply(..)`
      nearest rule: `pay` with 2 conditions, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ payload_partial({"id":7}): `$.id` expected 7, got "7" (tests/it/any_transport/verification/unscripted.rs:LINE#3)
        ✗ closure: it panicked: called `Option::unwrap()` on a `None` value (tests/it/any_transport/verification/unscripted.rs:LINE#4)

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn the_rule_with_the_fewest_failed_conditions_is_the_nearest() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let rule = lambda.on("pay").when(invocation_type("RequestResponse"));
        rule.when(attempt(2)).reply(json!(1));
        let rule = lambda.on("pay").when(invocation_type("Event"));
        rule.when(attempt(2)).reply(json!(2));
        ask(&lambda, "pay");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/verification/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: pay RequestResponse {"id":"7"}
      help: change the request to meet the condition marked ✗, change the condition, or add a default rule before this one: `lambda.on("pay").reply(..)`
      nearest rule: `pay` with 2 conditions, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#2
        ✗ attempt(2): the client sent no `amz-sdk-request` header (tests/it/any_transport/verification/unscripted.rs:LINE#3)
        ✓ invocation_type(RequestResponse)
      another rule: `pay` with 2 conditions, scripted at tests/it/any_transport/verification/unscripted.rs:LINE#4
        ✗ invocation_type(Event): expected Event, got RequestResponse (tests/it/any_transport/verification/unscripted.rs:LINE#5)
        ✗ attempt(2): the client sent no `amz-sdk-request` header (tests/it/any_transport/verification/unscripted.rs:LINE#6)

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn a_condition_after_a_failed_one_is_evaluated_only_for_the_report() {
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
fn a_condition_of_a_rule_for_another_function_is_not_evaluated() {
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
        report.contains("nearest rule: ") && !report.contains("panicked"),
        "{report}"
    );
}
