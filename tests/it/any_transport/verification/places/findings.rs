//! The locations in the text of a failed verification, each with its line and column.

use fake_lambda::matchers::attempt;
use fake_lambda::{Chaos, Context, FunctionError, Invocation, Reply, ServiceError};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{ask, places_of};
use crate::raw;
use crate::transport::FakeLambda;

const EVENT: &str = "X-Amz-Invocation-Type: Event";

#[test]
fn the_rule_with_the_nearest_name_is_named() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        places.next("far", "on(");
        lambda.on("pay").reply(json!(1));
        places.next("near", "on(");
        lambda.on("rezise").reply(json!(1));
        places.next("farther", "on(");
        lambda.on("mail").reply(json!(1));
        ask(&lambda, "resize");
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      nearest rule: `rezise`, scripted at <near>
    ");
}

#[cfg(feature = "wiremock")]
#[test]
fn a_condition_of_wiremock_is_located_at_its_when() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        places.next("rule", "on(");
        let rule = lambda.on("pay");
        places.next("condition", "when(");
        let rule = rule.when(wiremock::matchers::method("GET"));
        rule.reply(json!(1));
        ask(&lambda, "pay");
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      nearest rule: `pay` with 1 condition, scripted at <rule>
        ✗ MethodExactMatcher did not match (<condition>)
    ");
}

#[test]
fn the_newest_rule_for_another_qualifier_is_named() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        places.next("older", "on(");
        lambda.on("pay:old").reply(json!(1));
        places.next("newer", "on(");
        lambda.on("pay:live").reply(json!(1));
        ask(&lambda, "pay:beta");
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      nearest rule: `pay:live`, scripted at <newer>
      another rule: `pay:old`, scripted at <older>
    ");
}

#[test]
fn a_rule_for_another_region_is_named() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        let target = "arn:aws:lambda:eu-west-1:123456789012:function:pay";
        places.next("rule", "on(");
        lambda.on(target).reply(json!(1));
        lambda.on("mail").reply(json!(1));
        ask(&lambda, "pay");
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      nearest rule: `pay` in region eu-west-1, scripted at <rule>
    ");
}

#[test]
fn a_removed_rule_is_named() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        places.next("rule", "on(");
        lambda.on("pay").reply(json!(1)).remove();
        lambda.on("mail").reply(json!(1));
        ask(&lambda, "pay");
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      rule: `pay`, scripted at <rule>
    ");
}

#[test]
fn a_rule_with_an_exhausted_script_is_named() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        places.next("rule", "on(");
        lambda.on("pay").reply(json!(1)).times(1);
        lambda.on("mail").reply(json!(1));
        ask(&lambda, "pay");
        ask(&lambda, "pay");
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      rule: `pay`, scripted at <rule>
    ");
}

#[test]
fn a_rule_with_a_script_exhausted_in_the_queue_is_named() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        let error = FunctionError::new("Error", "boom");
        places.next("rule", "on(");
        lambda.on("pay").reply(error).times(1);
        lambda.on("mail").reply(json!(1));
        raw::invoke(&lambda, "pay", &[EVENT], "{}");
        lambda.settle_events().block();
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      rule: `pay`, scripted at <rule>
    ");
}

#[test]
fn a_rule_for_an_undeclared_qualifier_is_named() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        lambda.alias("pay:live", "7");
        lambda.on("pay:live").reply(json!(1));
        places.next("rule", "on(");
        lambda.on("pay:beta").reply(json!(1));
        ask(&lambda, "pay:beta");
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      rule: `pay:beta`, scripted at <rule>, can never answer
    ");
}

#[test]
fn the_unmet_rule_and_the_one_that_answered_are_distinguished() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        places.next("rule", "on(");
        lambda.on("pay").reply(json!(1)).expect_calls(1);
        places.next("newer rule", "on(");
        lambda.on("pay").reply(json!(2));
        ask(&lambda, "pay");
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      help: remove the newer rule at <newer rule>, or count its calls instead
      rule: `pay`, scripted at <rule>
    ");
}

#[test]
fn the_conditions_that_prevented_an_expected_call_are_named() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        places.next("default", "on(");
        lambda.on("pay").reply(json!(1));
        places.next("rule", "on(");
        let rule = lambda.on("pay");
        places.next("condition", "attempt(");
        let rule = rule.when(attempt(2));
        places.next("closure", "when(");
        let rule = rule.when(|_: &Invocation| false);
        rule.reply(json!(2)).expect_calls(1);
        ask(&lambda, "pay");
    });
    assert_snapshot!(text, @r#"
    fake-lambda (started at <fake>) found 1 problem
      rule: `pay` with 2 conditions, scripted at <rule>
        ✗ attempt(2): the client sent no `amz-sdk-request` header (<condition>)
        ? closure was not called for this report (<closure>)
      got: call 1 was answered by `pay`, scripted at <default>: pay RequestResponse {"id":"7"} → 200 1
    "#);
}

#[test]
fn the_rule_whose_target_differs_from_the_call_is_named() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        places.next("any", "on_any(");
        lambda.on_any().reply(json!(1));
        places.next("other name", "on(");
        lambda.on("pai").reply(json!(1)).expect_calls(1);
        places.next("other qualifier", "on(");
        lambda.on("pay:live").reply(json!(1)).expect_attempts(1);
        ask(&lambda, "pay:beta");
    });
    assert_snapshot!(text, @r#"
    fake-lambda (started at <fake>) found 2 problems
      rule: `pai`, scripted at <other name>
      got: call 1 was answered by the rule for any function, scripted at <any>: pay:beta RequestResponse {"id":"7"} → 200 1
      rule: `pay:live`, scripted at <other qualifier>
      got: call 1 was answered by the rule for any function, scripted at <any>: pay:beta RequestResponse {"id":"7"} → 200 1
    "#);
}

#[test]
fn the_rule_with_an_unmet_expectation_of_events_is_named() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        lambda.on("mail").reply(json!(1));
        places.next("rule", "on(");
        lambda.on("pay").reply(json!(1)).expect_delivered(1);
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      rule: `pay`, scripted at <rule>
    ");
}

#[test]
fn a_handler_that_panicked_is_named_instead_of_its_rule() {
    let text = places_of(|places| {
        places.next("first panic", "panic!");
        let first = || -> Value { panic!("the first") };
        places.next("second panic", "panic!");
        let second = || -> Value { panic!("the second") };
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        lambda.on("mail").handle(async |_: Invocation| json!(1));
        let rule = lambda.on("pay");
        places.next("handle", "handle(");
        rule.handle(async move |_: Invocation| -> Value { first() });
        places.next("Reply::handle", "Reply::handle(");
        let reply = Reply::handle(async move |_: Invocation| -> Value { second() });
        lambda.on("ship").reply(reply);
        ask(&lambda, "mail");
        ask(&lambda, "pay");
        ask(&lambda, "ship");
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 2 problems
      handler: written at <handle>; the client got 418 FakeLambdaPanicked
      panicked at <first panic>
      handler: written at <Reply::handle>; the client got 418 FakeLambdaPanicked
      panicked at <second panic>
    ");
}

#[test]
fn a_handler_that_could_not_deserialize_its_payload_is_named() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        let handler = async |id: u32, _: Context| Ok::<_, FunctionError>(id);
        let rule = lambda.on("pay");
        places.next("handler", "handle_json(");
        rule.handle_json(handler);
        ask(&lambda, "pay");
        raw::invoke(&lambda, "pay", &[EVENT], "{}");
        lambda.wait_until_idle().block();
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      handler: written at <handler>; the client got a function error
    ");
}

#[test]
fn a_condition_that_panicked_is_named() {
    let text = places_of(|places| {
        places.next("panic", "panic!");
        let asked = || -> bool { panic!("what now") };
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        let rule = lambda.on("pay").when(|_: &Invocation| true);
        places.next("condition", "when(");
        let rule = rule.when(move |_: &Invocation| asked());
        rule.reply(json!(1));
        ask(&lambda, "pay");
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      condition: written at <condition>; the client got 418 FakeLambdaPanicked
      panicked at <panic>
    ");
}

#[test]
fn chaos_and_constraints_that_nothing_reaches_are_distinguished() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(json!(1));
        let chaos = || Chaos::seeded(7).every_nth(2, ServiceError::ServiceException);
        lambda.chaos(chaos());
        places.next("chaos", "chaos(");
        lambda.chaos(chaos().on("resise"));
        lambda.pending("resize", 1);
        places.next("constraint", "updating(");
        lambda.updating("resise", 1);
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 2 problems
    error: the chaos started at <chaos> can never hit `resise`: no rule matches it
      set at <constraint>
    ");
}
