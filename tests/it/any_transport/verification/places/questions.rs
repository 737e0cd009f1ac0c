//! The locations in the text of a failed assertion, wait or edit, each with its line and column.

use std::future::pending;
use std::time::Duration;

use fake_lambda::matchers::{
    Condition, access_key_id, attempt, client_context_partial, durable_execution_name,
    header_contains, invocation_type, log_type, payload_is, payload_partial, signing_region,
    tenant_id,
};
use fake_lambda::{Gate, Invocation};
use insta::assert_snapshot;
use rstest::rstest;
use serde_json::{Value, json};

use super::{MS, ask, places_of};
use crate::raw;
use crate::transport::FakeLambda;

const EVENT: &str = "X-Amz-Invocation-Type: Event";

#[test]
fn a_count_of_a_rule_names_the_assertion_the_rule_and_the_one_that_answered() {
    let text = places_of(|places| {
        let lambda = FakeLambda::start();
        places.next("rule", "on(");
        let script = lambda.on("pay").reply(json!(1));
        places.next("newer rule", "on(");
        lambda.on("pay").reply(json!(2));
        ask(&lambda, "pay");
        places.next("assertion", "assert_calls(");
        script.assert_calls(1);
    });
    assert_snapshot!(text, @r"
    panicked at <assertion>
      help: remove the newer rule at <newer rule>, or count its calls instead
      rule: `pay`, scripted at <rule>
    ");
}

#[test]
fn a_count_of_what_matches_names_each_condition() {
    let text = places_of(|places| {
        let lambda = FakeLambda::start();
        lambda.on_any().reply(json!(1));
        ask(&lambda, "pay");
        places.next("type", "invocation_type(");
        let events = lambda.matching(invocation_type("Event"));
        places.next("closure", "matching(");
        let seen = events.matching(|call: &Invocation| call.payload_len() > 100);
        places.next("assertion", "assert_attempts(");
        seen.assert_attempts(1);
    });
    assert_snapshot!(text, @r"
    panicked at <assertion>
      ✗ invocation_type(Event): expected Event, got RequestResponse (<type>)
      ✗ closure returned false (<closure>)
    ");
}

#[test]
fn a_returned_report_names_the_assertion_and_the_condition() {
    let text = places_of(|places| {
        let lambda = FakeLambda::start();
        lambda.on_any().reply(json!(1));
        ask(&lambda, "pay");
        places.next("condition", "attempt(");
        let seen = lambda.matching(attempt(1));
        places.next("question", "try_assert_attempts(");
        let report = seen.try_assert_attempts(1);
        places.next("unwrap", "unwrap()");
        report.unwrap();
    });
    assert_snapshot!(text, @r"
    panicked at <unwrap>
      ✗ attempt(1): the client sent no `amz-sdk-request` header (<condition>)
      asked at <question>
    ");
}

#[test]
fn a_count_of_events_names_the_rule() {
    let text = places_of(|places| {
        let lambda = FakeLambda::start();
        lambda.on("mail").reply(json!(1));
        places.next("rule", "on(");
        let script = lambda.on("pay").reply(json!(1));
        places.next("assertion", "assert_dead_lettered(");
        script.assert_dead_lettered(1);
    });
    assert_snapshot!(text, @r"
    panicked at <assertion>
      rule: `pay`, scripted at <rule>
    ");
}

#[test]
fn a_wait_of_a_rule_names_where_it_was_created_and_where_it_blocks() {
    let text = places_of(|places| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1));
        places.next("rule", "on(");
        let script = lambda.on("pay").reply(json!(1));
        places.next("wait", "wait_for_calls(");
        let wait = script.wait_for_calls(1).within(MS);
        places.next("block", "block()");
        wait.block();
    });
    assert_snapshot!(text, @r"
    panicked at <block>
      wait created at <wait>
    ");
}

#[test]
fn a_wait_for_an_idle_fake_names_the_first_running_handler() {
    let text = places_of(|places| {
        let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
        let rule = lambda.on("mail");
        places.next("first", "handle(");
        rule.handle(async |_: Invocation| pending::<Value>().await);
        let rule = lambda.on("pay");
        places.next("second", "handle(");
        rule.handle(async |_: Invocation| pending::<Value>().await);
        for function in ["mail", "pay"] {
            raw::invoke(&lambda, function, &[EVENT], "{}");
        }
        places.next("wait", "wait_until_idle(");
        let wait = lambda.wait_until_idle().within(5 * MS);
        places.next("block", "block()");
        wait.block();
    });
    assert_snapshot!(text, @r"
    panicked at <block>
      handler written at <first>
      wait created at <wait>
    ");
}

#[test]
fn a_wait_for_the_end_of_events_names_the_running_handler() {
    let text = places_of(|places| {
        let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
        let rule = lambda.on("mail");
        places.next("handler", "handle(");
        rule.handle(async |_: Invocation| pending::<Value>().await);
        raw::invoke(&lambda, "mail", &[EVENT], "{}");
        places.next("wait", "settle_events(");
        let wait = lambda.settle_events().within(5 * MS);
        places.next("block", "block()");
        wait.block();
    });
    assert_snapshot!(text, @r"
    panicked at <block>
      the handler written at <handler> is still running
      wait created at <wait>
    ");
}

#[test]
fn a_wait_at_a_gate_names_that_gate() {
    let text = places_of(|places| {
        let _before = Gate::new();
        places.next("gate", "Gate::new()");
        let gate = Gate::new();
        let _after = Gate::new();
        places.next("wait", "reached(");
        let wait = gate.reached(1).within(Duration::ZERO);
        places.next("block", "block()");
        wait.block();
    });
    assert_snapshot!(text, @r"
    panicked at <block>
      gate created at <gate>
      wait created at <wait>
    ");
}

#[test]
fn a_refused_edit_names_its_line_and_its_rule() {
    let text = places_of(|places| {
        let lambda = FakeLambda::start();
        places.next("rule", "on(");
        let script = lambda.on("pay").reply(json!(1)).times(2);
        lambda.on("pay").reply(json!(1));
        places.next("edit", "times(");
        script.times(3);
    });
    assert_snapshot!(text, @r"
    panicked at <edit>
      rule: `pay`, scripted at <rule>
    ");
}

#[rstest]
#[case::payload_is(line!(), payload_is(1))]
#[case::payload_partial(line!(), payload_partial(1))]
#[case::client_context_partial(line!(), client_context_partial(1))]
#[case::invocation_type(line!(), invocation_type("Event"))]
#[case::attempt(line!(), attempt(1))]
#[case::log_type(line!(), log_type("Tail"))]
#[case::tenant_id(line!(), tenant_id("blue"))]
#[case::durable_execution_name(line!(), durable_execution_name("order-7"))]
#[case::signing_region(line!(), signing_region("eu-west-1"))]
#[case::access_key_id(line!(), access_key_id("AKID"))]
#[case::header_contains(line!(), header_contains("a", "b"))]
fn a_condition_has_the_line_of_its_matcher(#[case] line: u32, #[case] condition: Condition) {
    let text = format!("{condition:?}");
    let place = format!("written_at: {}:{line}:", file!());
    assert!(text.contains(&place), "{text}");
}
