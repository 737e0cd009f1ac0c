//! Assertions about calls that match.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use fake_lambda::matchers::{
    access_key_id, attempt, durable_execution_name, header_contains, invocation_type, log_type,
    payload_is, payload_partial, signing_region, tenant_id,
};
use fake_lambda::{Invocation, ServiceError};
use rstest::rstest;
use serde_json::json;

use super::{ask, call};
use crate::panics::text_of;
use crate::raw;
use crate::transport::FakeLambda;

#[test]
fn a_call_that_arrived_instead_and_why_it_does_not_match() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on_any().reply(json!(1));
        ask(&lambda, "pay");
        let seen = lambda.seen("pay").matching(payload_is(json!({"id": "7"})));
        let seen = seen.matching(invocation_type("Event"));
        seen.matching(log_type("Tail")).assert_calls(2..);
    });
    insta::assert_snapshot!(text, @r#"
    error: expected at least 2 calls to `pay` matching payload_is({"id":"7"}), invocation_type(Event), log_type(Tail), got none
      help: change the request to meet the conditions marked ✗, or change the conditions
      ✗ invocation_type(Event): expected Event, got RequestResponse (tests/it/any_transport/verification/matching.rs:LINE#1)
      ✗ log_type(Tail): expected Tail, got None (tests/it/any_transport/verification/matching.rs:LINE#2)
      ✓ payload_is({"id":"7"})
      got: call 1: pay RequestResponse {"id":"7"} → 200 1

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
}

#[test]
fn a_returned_report_names_the_line_of_the_assertion() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on_any().reply(json!(1));
        ask(&lambda, "pay");
        lambda.matching(attempt(1)).try_assert_attempts(1).unwrap();
    });
    insta::assert_snapshot!(text, @r#"
    called `Result::unwrap()` on an `Err` value: error: expected 1 attempt matching attempt(1), got none
      help: change the request to meet the condition marked ✗, or change the condition
      ✗ attempt(1): the client sent no `amz-sdk-request` header (tests/it/any_transport/verification/matching.rs:LINE#1)
      got: call 1: pay RequestResponse {"id":"7"} → 200 1
      asked at tests/it/any_transport/verification/matching.rs:LINE#2

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
}

#[test]
fn the_matching_calls_of_a_rule() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("pay").reply(json!(1));
        ask(&lambda, "pay");
        ask(&lambda, "pay");
        let seven = payload_partial(json!({"id": 7}));
        script.matching(seven).assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    error: expected 1 call answered by this rule matching payload_partial({"id":7}), got none
      help: send `$.id` as 7, or change the condition
      rule: `pay`, scripted at tests/it/any_transport/verification/matching.rs:LINE#1
        ✗ payload_partial({"id":7}): `$.id` expected 7, got "7" (tests/it/any_transport/verification/matching.rs:LINE#2)
      got: call 1: pay RequestResponse {"id":"7"} → 200 1
      got: call 2: pay RequestResponse {"id":"7"} → 200 1

    journal
      1 to 2 (2 equal calls) pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
}

#[test]
fn calls_that_can_no_longer_be_counted() {
    let text = text_of(|| {
        let lambda = FakeLambda::start_with(|builder| builder.journal_calls(1));
        lambda.on_any().reply(json!(1));
        for _ in 0..3 {
            ask(&lambda, "pay");
            lambda.wait_until_idle().block();
        }
        lambda.matching(log_type("Tail")).assert_calls(0);
    });
    insta::assert_snapshot!(text, @r#"
    error: cannot check calls matching log_type(Tail): the journal has dropped 2 calls
      help: raise its limit with `FakeLambda::builder().journal_calls(..)`

    journal
      … 2 calls before
      3 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
    the journal has dropped 2 calls (raise `FakeLambda::builder().journal_calls(..)`); counts without `matching(..)` are exact
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start_with(|builder| builder.journal_bytes(0));
        lambda.on_any().reply(json!(1));
        ask(&lambda, "pay");
        lambda.wait_until_idle().block();
        let seven = payload_partial(json!({"id": 7}));
        lambda.matching(seven).assert_calls(0);
    });
    insta::assert_snapshot!(text, @r#"
    error: cannot check calls matching payload_partial({"id":7}): the journal has dropped 1 call
      help: raise its limit with `FakeLambda::builder().journal_bytes(..)`

    journal
      … 1 call before
    the journal has dropped 1 call (raise `FakeLambda::builder().journal_bytes(..)`); counts without `matching(..)` are exact
    "#);
    let text = text_of(|| {
        let lambda =
            FakeLambda::start_with(|builder| builder.journal_calls(1).journal_bytes(4_096));
        lambda.on_any().reply(json!(1));
        for payload in ["1".to_owned(), "2".to_owned(), "3".repeat(4_096)] {
            raw::invoke(&lambda, "pay", &[], payload);
            lambda.wait_until_idle().block();
        }
        lambda.matching(log_type("Tail")).assert_calls(0);
    });
    insta::assert_snapshot!(text, @r#"
    error: cannot check calls matching log_type(Tail): the journal has dropped 3 calls
      help: raise its limit with `FakeLambda::builder().journal_calls(..).journal_bytes(..)`

    journal
      … 3 calls before
    the journal has dropped 3 calls (raise `FakeLambda::builder().journal_calls(..).journal_bytes(..)`); counts without `matching(..)` are exact
    "#);
}

#[test]
fn a_wait_for_a_call_that_never_matches() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on_any().reply(json!(1));
        ask(&lambda, "pay");
        let events = lambda.matching(invocation_type("Event"));
        events.wait_for_calls(1).within(Duration::ZERO).block();
    });
    insta::assert_snapshot!(text, @r#"
    error: waited 0ns for 1 call matching invocation_type(Event), got none
      help: make the call before the deadline, or extend the deadline with `.within(..)`
      wait created at tests/it/any_transport/verification/matching.rs:LINE#1

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
}

#[test]
fn a_call_matches_by_any_attempt_and_only_matching_ones_count() {
    let lambda = FakeLambda::start();
    let script = lambda
        .on("pay")
        .reply(ServiceError::ServiceException)
        .times(2)
        .then(json!(1));
    call(&lambda, "pay");
    ask(&lambda, "pay");
    for (number, calls) in [(1, 1), (2, 1), (3, 1), (4, 0)] {
        let matching = lambda.matching(attempt(number));
        matching.assert_calls(calls);
        matching.assert_attempts(calls);
        script.matching(attempt(number)).assert_attempts(calls);
        lambda
            .seen("pay")
            .matching(attempt(number))
            .assert_calls(calls);
    }
    let retried = lambda.matching(attempt(3)).only_call();
    assert_eq!(retried.attempts().len(), 3, "a call is whole");
    assert_eq!(retried.waits().len(), 2);
    lambda.seen("refund").matching(attempt(1)).assert_calls(0);
}

const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=0";

#[rstest]
#[case::tail(log_type("Tail"), &["X-Amz-Log-Type: Tail"], true)]
#[case::no_tail(log_type("Tail"), &[], false)]
#[case::tenant(tenant_id("blue"), &["X-Amz-Tenant-Id: blue"], true)]
#[case::part_of_a_tenant(tenant_id("blue"), &["X-Amz-Tenant-Id: blue-2"], false)]
#[case::tenant_in_another_case(tenant_id("blue"), &["X-Amz-Tenant-Id: Blue"], false)]
#[case::no_tenant(tenant_id("blue"), &[], false)]
#[case::durable(durable_execution_name("order-7"), &["X-Amz-Durable-Execution-Name: order-7"], true)]
#[case::part_of_a_durable(durable_execution_name("order-7"), &["X-Amz-Durable-Execution-Name: order-77"], false)]
#[case::no_durable(durable_execution_name("order-7"), &["X-Amz-Tenant-Id: order-7"], false)]
#[case::region(signing_region("eu-west-1"), &[SIGNED], true)]
#[case::another_region(signing_region("us-east-1"), &[SIGNED], false)]
#[case::no_region(signing_region("us-east-1"), &[], false)]
#[case::key(access_key_id("AKID"), &[SIGNED], true)]
#[case::another_key(access_key_id("AKI"), &[SIGNED], false)]
#[case::header(header_contains("USER-agent", "app/x"), &["User-Agent: sdk app/x md/y"], true)]
#[case::second_header(header_contains("via", "b"), &["Via: a", "Via: b"], true)]
#[case::another_value(header_contains("user-agent", "app/x"), &["User-Agent: sdk"], false)]
#[case::no_header(header_contains("user-agent", ""), &[], false)]
fn a_condition_works_in_a_rule_and_in_an_assertion(
    #[case] condition: fake_lambda::matchers::Condition,
    #[case] fields: &[&str],
    #[case] holds: bool,
) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(false));
    lambda.on("f").when(condition.clone()).reply(json!(true));
    let reply = raw::invoke(&lambda, "f", fields, "{}");
    assert_eq!(reply.body, holds.to_string().as_bytes());
    let matching = lambda.matching(condition);
    matching.assert_calls(u64::from(holds));
    assert_eq!(matching.calls().len(), usize::from(holds));
}

#[test]
fn a_condition_of_a_wait_can_use_the_fake() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let handle = lambda.handle();
    let asked = Arc::new(AtomicU32::new(0));
    let counter = asked.clone();
    let matching = lambda.matching(move |i: &Invocation| {
        counter.fetch_add(1, Ordering::Relaxed);
        handle.assert_calls(1..);
        i.payload_json()["id"] == "7"
    });
    let wait = matching.wait_for_attempts(2);
    let calls = std::thread::spawn({
        let handle = lambda.handle();
        move || {
            for payload in ["{}", r#"{"id":"7"}"#, "{}", r#"{"id":"7"}"#] {
                raw::invoke(&handle, "f", &[], payload);
            }
        }
    });
    wait.block();
    calls.join().unwrap();
    matching.assert_calls(2);
    lambda.assert_calls(4);
    assert!(asked.load(Ordering::Relaxed) >= 4);
}

#[test]
fn an_order_considers_only_the_named_functions_and_qualifiers() {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(json!(1));
    for function in ["a:1", "x", "b", "a:2"] {
        ask(&lambda, function);
    }
    lambda.assert_order(["a:1", "b", "a:2"]);
    lambda.assert_order(["a", "b", "a"]);
    lambda.assert_order(["a:1", "a:2"]);
    lambda.seen("a").assert_order(["a:1", "a:2"]);
    lambda.try_assert_order(["a:2", "a:1"]).unwrap_err();
    lambda.try_assert_order(["a", "b"]).unwrap_err();
    lambda.try_assert_order(["a", "b", "a", "b"]).unwrap_err();
    lambda.try_assert_order(["y"]).unwrap_err();
}

#[test]
fn a_missed_wait_counts_a_call_that_the_journal_has_dropped() {
    let text = text_of(|| {
        let lambda = FakeLambda::start_with(|builder| builder.journal_bytes(0));
        lambda.on("pay").reply(json!(1));
        ask(&lambda, "pay");
        lambda.wait_until_idle().block();
        let wait = lambda.wait_for_calls(2);
        wait.within(Duration::from_millis(5)).block();
    });
    insta::assert_snapshot!(text, @r"
    error: waited 5ms for 2 calls, got 1
      help: make 1 more call before the deadline, or extend the deadline with `.within(..)`
      wait created at tests/it/any_transport/verification/matching.rs:LINE#1

    journal
      … 1 call before
    the journal has dropped 1 call (raise `FakeLambda::builder().journal_bytes(..)`); counts without `matching(..)` are exact
    ");
}
