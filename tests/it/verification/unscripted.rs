//! Unscripted requests.

use fake_lambda::matchers::{attempt, invocation_type, payload_partial};
use fake_lambda::{FakeLambda, Invocation, ServiceError};
use serde_json::json;

use super::{ask, call, caught, text_of};
use crate::raw;

// The scenarios stand above all tests, since their lines are in the snapshots: a new one goes last, and no snapshot moves.

fn nothing_is_scripted() {
    let lambda = FakeLambda::start();
    ask(&lambda, "resize");
}

fn one_letter_is_wrong() {
    let lambda = FakeLambda::start();
    lambda.on("rezise").reply(json!(1));
    lambda.on("pay").reply(json!(1));
    ask(&lambda, "resize");
}

fn the_qualifier_is_another() {
    let lambda = FakeLambda::start();
    lambda
        .on("resize:live")
        .named("the live one")
        .reply(json!(1));
    ask(&lambda, "resize:beta");
    ask(&lambda, "resize");
}

fn a_condition_says_no() {
    let lambda = FakeLambda::start();
    let rule = lambda.on("pay").when(invocation_type("RequestResponse"));
    let rule = rule.when(payload_partial(json!({"id": 7})));
    rule.when(|i: &Invocation| i.payload_len() < 100)
        .reply(json!(1));
    ask(&lambda, "pay");
}

fn conditions_of_all_kinds_say_no() {
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
}

fn the_region_is_another() {
    let lambda = FakeLambda::start();
    lambda
        .on("arn:aws:lambda:eu-west-1:123456789012:function:pay")
        .reply(json!(1));
    ask(&lambda, "pay");
}

fn the_rule_was_removed() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1)).remove();
    ask(&lambda, "pay");
}

fn the_script_is_used_up() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1)).then(json!(2)).times(1);
    for _ in 0..3 {
        ask(&lambda, "pay");
    }
}

fn the_script_runs_dry_inside_a_call() {
    let lambda = FakeLambda::start();
    lambda
        .on("pay")
        .reply(ServiceError::TooManyRequestsException)
        .times(2);
    call(&lambda, "pay");
}

fn much_goes_wrong() {
    let lambda = FakeLambda::start();
    for _ in 0..130 {
        ask(&lambda, "resize");
    }
}

#[test]
fn a_forgotten_script() {
    insta::assert_snapshot!(text_of(nothing_is_scripted), @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:resize:$LATEST
    fake-lambda, started at tests/it/verification/unscripted.rs:13:18, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, resize RequestResponse {"id":"7"}
        no rule is for this function
        to change: script it before the call, `lambda.on("resize").reply(..)`, or correct the call

    journal
      1 resize RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_name_one_letter_off() {
    insta::assert_snapshot!(text_of(one_letter_is_wrong), @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:resize:$LATEST
    fake-lambda, started at tests/it/verification/unscripted.rs:18:18, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, resize RequestResponse {"id":"7"}
        nearest rule: scripted at tests/it/verification/unscripted.rs:19:12, on rezise
          ✗ function: the call asked for `resize`, the rule is for `rezise`
        to change: correct the rule above or the call, or script `lambda.on("resize").reply(..)` as well

    journal
      1 resize RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn another_qualifier() {
    insta::assert_snapshot!(text_of(the_qualifier_is_another), @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:resize:$LATEST
    fake-lambda, started at tests/it/verification/unscripted.rs:25:18, found 2 problems:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, resize:beta RequestResponse {"id":"7"}
        nearest rule: "the live one" scripted at tests/it/verification/unscripted.rs:27:10, on resize:live
          ✗ qualifier: the call asked for `beta`, the rule is for `live`
        to change: correct the rule above or the call, or script `lambda.on("resize:beta").reply(..)` as well

    ✗ unscripted, answered 404 ResourceNotFoundException: call 2, resize RequestResponse {"id":"7"}
        nearest rule: "the live one" scripted at tests/it/verification/unscripted.rs:27:10, on resize:live
          ✗ qualifier: the call asked for none, the rule is for `live`
        to change: correct the rule above or the call, or script `lambda.on("resize").reply(..)` as well

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
    insta::assert_snapshot!(text_of(a_condition_says_no), @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/verification/unscripted.rs:35:18, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, pay RequestResponse {"id":"7"}
        nearest rule: scripted at tests/it/verification/unscripted.rs:36:23, on pay when invocation_type(RequestResponse), payload_partial({"id":7}), closure
          ✓ invocation_type(RequestResponse)
          ✗ payload_partial({"id":7}): $.id expected 7, got "7"  (tests/it/verification/unscripted.rs:37:26)
        to change: correct the rule above or the call, or script `lambda.on("pay").reply(..)` as well

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn conditions_of_several_rules() {
    insta::assert_snapshot!(text_of(conditions_of_all_kinds_say_no), @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/verification/unscripted.rs:44:18, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, pay RequestResponse {"id":"7"}
        nearest rule: scripted at tests/it/verification/unscripted.rs:53:12, on pay when attempt(2)
          ✗ attempt(2): the client sent no `amz-sdk-request` header  (tests/it/verification/unscripted.rs:53:27)
        nearest rule: scripted at tests/it/verification/unscripted.rs:50:10, on pay when closure
          ✗ closure  (tests/it/verification/unscripted.rs:51:10)
        nearest rule: scripted at tests/it/verification/unscripted.rs:46:10, on pay when MethodExactMatcher
          ✗ MethodExactMatcher  (tests/it/verification/unscripted.rs:47:10)
        to change: correct the rule above or the call, or script `lambda.on("pay").reply(..)` as well

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn another_region() {
    insta::assert_snapshot!(text_of(the_region_is_another), @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/verification/unscripted.rs:58:18, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, pay RequestResponse {"id":"7"}
        nearest rule: scripted at tests/it/verification/unscripted.rs:60:10, on pay
          ✗ the call asked for region us-east-1, account 123456789012, the rule is for region eu-west-1, account 123456789012
        to change: correct the rule above or the call, or script `lambda.on("pay").reply(..)` as well

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_removed_rule() {
    insta::assert_snapshot!(text_of(the_rule_was_removed), @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/verification/unscripted.rs:66:18, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, pay RequestResponse {"id":"7"}
        nearest rule: scripted at tests/it/verification/unscripted.rs:67:12, on pay
          ✗ the rule was removed
        to change: correct the rule above or the call, or script `lambda.on("pay").reply(..)` as well

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_used_up_script() {
    insta::assert_snapshot!(text_of(the_script_is_used_up), @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/verification/unscripted.rs:72:18, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 3, pay RequestResponse {"id":"7"}
        nearest rule: scripted at tests/it/verification/unscripted.rs:73:12, on pay
          ✗ its script is used up: it answered 2 attempts
        to change: let the script go on with `.then(..)`, give its last step more `times(..)` or none, or call less often

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
    insta::assert_snapshot!(text_of(the_script_runs_dry_inside_a_call), @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
    fake-lambda, started at tests/it/verification/unscripted.rs:80:18, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, pay RequestResponse {"id":7}
        nearest rule: scripted at tests/it/verification/unscripted.rs:82:10, on pay
          ✗ its script is used up: it answered 2 attempts
        to change: let the script go on with `.then(..)`, give its last step more `times(..)` or none, or call less often

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
    let text = text_of(much_goes_wrong);
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
