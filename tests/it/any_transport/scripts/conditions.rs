//! Conditions.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use fake_lambda::matchers::{
    attempt, client_context_partial, invocation_type, payload_is, payload_partial,
};
use fake_lambda::{Invocation, InvocationType, ServiceError, sdk_client};
use rstest::rstest;
use serde_json::json;
use wiremock::matchers::{body_partial_json, header_exists, method, path};

use super::{ask, holds};
use crate::raw;
use crate::transport::FakeLambda;

#[rstest]
#[case::the_same_value(payload_is(json!({"a": 1, "b": [2]})), &[], r#"{ "b":[2], "a":1.0 }"#, true)]
#[case::one_more_member(payload_is(json!({"a": 1})), &[], r#"{"a":1,"b":2}"#, false)]
#[case::no_payload_is_an_empty_object(payload_is(json!({})), &[], "", true)]
#[case::part_of_the_value(payload_partial(json!({"a": {"b": 1}})), &[], r#"{"a":{"b":1,"c":2},"d":3}"#, true)]
#[case::another_part(payload_partial(json!({"a": {"b": 1}})), &[], r#"{"a":{"b":"1"}}"#, false)]
#[case::the_context(client_context_partial(json!({"custom": {"t": "a"}})), &["X-Amz-Client-Context: eyJjdXN0b20iOnsidCI6ImEiLCJ1IjoxfX0="], "{}", true)]
#[case::another_context(client_context_partial(json!({"custom": {"t": "b"}})), &["X-Amz-Client-Context: eyJjdXN0b20iOnsidCI6ImEiLCJ1IjoxfX0="], "{}", false)]
#[case::no_context(client_context_partial(json!({})), &[], "{}", false)]
#[case::the_type_as_a_word(invocation_type("RequestResponse"), &[], "{}", true)]
#[case::another_type(invocation_type("Event"), &[], "{}", false)]
#[case::our_enum(invocation_type(InvocationType::RequestResponse), &["X-Amz-Invocation-Type: RequestResponse"], "{}", true)]
#[case::the_enum_of_the_sdk(invocation_type(aws_sdk_lambda::types::InvocationType::RequestResponse), &[], "{}", true)]
#[case::the_attempt(attempt(2), &["amz-sdk-request: attempt=2; max=3"], "{}", true)]
#[case::another_attempt(attempt(1), &["amz-sdk-request: attempt=2; max=3"], "{}", false)]
#[case::no_attempt(attempt(1), &[], "{}", false)]
fn each_matcher_checks_its_part_of_the_request(
    #[case] condition: fake_lambda::matchers::Condition,
    #[case] fields: &[&str],
    #[case] payload: &str,
    #[case] expected: bool,
) {
    assert_eq!(holds(condition, fields, payload), expected);
}

#[rstest]
#[case::header(holds(header_exists("x-tenant"), &["X-Tenant: a"], ""), true)]
#[case::no_header(holds(header_exists("x-tenant"), &[], ""), false)]
#[case::body(holds(body_partial_json(json!({"a": 1})), &[], r#"{"a":1,"b":2}"#), true)]
#[case::other_body(holds(body_partial_json(json!({"a": 1})), &[], r#"{"a":2}"#), false)]
#[case::method(holds(method("POST"), &[], ""), true)]
#[case::other_method(holds(method("GET"), &[], ""), false)]
#[case::path(holds(path("/2015-03-31/functions/f/invocations"), &[], ""), true)]
#[case::closure(holds(|r: &wiremock::Request| r.body.len() == 3, &[], "100"), true)]
#[case::closure_says_no(holds(|r: &wiremock::Request| r.body.len() == 3, &[], "10"), false)]
#[case::closure_over_the_invocation(holds(|i: &Invocation| i.payload_len() == 3, &[], "100"), true)]
#[case::closure_over_the_invocation_says_no(holds(|i: &Invocation| i.payload_len() == 3, &[], "10"), false)]
fn wiremock_matchers_and_closures_are_conditions(#[case] holds: bool, #[case] expected: bool) {
    assert_eq!(holds, expected);
}

#[tokio::test]
async fn a_condition_is_evaluated_once_per_attempt() {
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    let asked = Arc::new(AtomicUsize::new(0));
    let counting = |answer: bool| {
        let asked = asked.clone();
        move |_: &Invocation| {
            asked.fetch_add(1, Ordering::Relaxed);
            answer
        }
    };
    let yes = lambda
        .on("f")
        .when(counting(true))
        .reply(ServiceError::ServiceException)
        .times(3);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    client.invoke().function_name("f").send().await.unwrap_err();
    yes.assert_attempts(3);
    assert_eq!(
        asked.swap(0, Ordering::Relaxed),
        3,
        "evaluations for a rule that answers"
    );

    lambda
        .on("f")
        .when(counting(false))
        .when(counting(true))
        .reply(json!(1));
    client.invoke().function_name("f").send().await.unwrap_err();
    assert_eq!(
        asked.swap(0, Ordering::Relaxed),
        1,
        "evaluations for a rule that does not match; the conditions of exhausted rules are skipped"
    );
}

#[test]
fn values_of_conditions_and_handlers_are_dropped_with_the_fake() {
    let held = Arc::new(());
    let lambda = FakeLambda::start();
    let (one, two, handle) = (held.clone(), held.clone(), lambda.handle());
    let rule = lambda
        .on("f")
        .when(move |_: &Invocation| Arc::strong_count(&one) > 0);
    let script = rule
        .handle(async move |_: Invocation| json!([Arc::strong_count(&two), handle.endpoint_url()]));
    ask(&lambda, "f");
    assert_eq!(Arc::strong_count(&held), 3);
    drop(lambda);
    assert_eq!(Arc::strong_count(&held), 1);
    script.assert_calls(1);
}

#[test]
fn each_condition_is_evaluated_once_and_only_up_to_the_rule_that_matches() {
    const RULES: usize = 200;
    let lambda = FakeLambda::start();
    let evaluated = Arc::new(Mutex::new(Vec::new()));
    for id in 0..RULES {
        let evaluated = evaluated.clone();
        let condition = move |invocation: &Invocation| {
            evaluated.lock().unwrap().push(id);
            invocation.payload_json() == json!(id)
        };
        lambda.on("f").when(condition).reply(json!(id));
    }
    for id in [RULES - 1, RULES - 2, 150, 100, 1, 0] {
        let reply = raw::invoke(&lambda, "f", &[], id.to_string());
        assert_eq!(reply.text(), id.to_string());
        let evaluated = std::mem::take(&mut *evaluated.lock().unwrap());
        assert!(
            evaluated.iter().copied().eq((id..RULES).rev()),
            "{evaluated:?}"
        );
    }
}

#[test]
fn a_rule_that_is_exhausted_between_others_is_passed_over() {
    let lambda = FakeLambda::start();
    let id = |id: u32| payload_partial(json!({"id": id}));
    lambda.on("f").reply(json!("last"));
    for number in 0..100 {
        lambda.on("f").when(id(7)).reply(json!(number)).times(1);
        lambda
            .on("f")
            .when(id(number + 1_000))
            .reply(json!("other"));
    }
    let ask = || {
        raw::invoke(&lambda, "f", &[], r#"{"id":7}"#)
            .text()
            .to_owned()
    };
    for number in (0..100).rev() {
        assert_eq!(ask(), number.to_string());
    }
    assert_eq!(ask(), r#""last""#);
}
