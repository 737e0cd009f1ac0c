//! Which rule answers, and which step of it.

use fake_lambda::matchers::{payload_is, payload_partial};
use fake_lambda::{FunctionError, Invocation, Reply, ServiceError, sdk_client};
use rstest::rstest;
use serde_json::json;
use wiremock::matchers::header_exists;

use super::ask;
use crate::raw;
use crate::transport::FakeLambda;

// Which rule answers.

#[rstest]
#[case::a_name_beats_any(&["f", "*"], "f", 0)]
#[case::a_qualifier_beats_a_name(&["f:live", "f"], "f:live", 0)]
#[case::a_qualifier_beats_any(&["f:live", "*"], "f:live", 0)]
#[case::the_newest_of_a_name(&["f", "f", "g"], "f", 1)]
#[case::the_newest_of_any(&["*", "*"], "f", 1)]
#[case::the_newest_of_a_qualifier(&["f:live", "f:live", "f", "*"], "f:live", 1)]
#[case::another_qualifier_is_another_rule(&["f", "f:live"], "f:beta", 0)]
#[case::a_name_covers_every_qualifier(&["*", "f", "*"], "f:beta", 1)]
#[case::latest_answers_a_call_without_a_qualifier(&["f:$LATEST", "f"], "f", 0)]
#[case::latest_answers_a_call_of_latest(&["f:$LATEST", "f"], "f:$LATEST", 0)]
#[case::latest_is_not_an_alias(&["f", "f:$LATEST"], "f:live", 0)]
#[case::an_arn_covers_its_name(&["arn:aws:lambda:us-east-1:123456789012:function:f", "g"], "f", 0)]
#[case::an_arn_gives_no_rank(&["arn:aws:lambda:us-east-1:123456789012:function:f", "f"], "f", 1)]
#[case::an_arn_of_another_region(&["f", "arn:aws:lambda:eu-west-1:123456789012:function:f"], "f", 0)]
#[case::a_partial_arn_is_requested(&["f:live", "f"], "123456789012:function:f:live", 0)]
fn the_most_specific_rule_answers_and_among_equals_the_newest(
    #[case] written: &[&str],
    #[case] asked: &str,
    #[case] answering: usize,
) {
    let lambda = FakeLambda::start();
    for (place, target) in written.iter().enumerate() {
        let rule = match *target {
            "*" => lambda.on_any(),
            target => lambda.on(target),
        };
        rule.reply(json!(place));
    }
    assert_eq!(ask(&lambda, asked), answering.to_string());
}

#[test]
fn a_condition_does_not_affect_precedence() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .when(payload_is(json!({})))
        .reply(json!("older, with a condition"));
    lambda.on("f").reply(json!("newer"));
    assert_eq!(ask(&lambda, "f"), r#""newer""#);
}

#[test]
fn rules_that_do_not_match_or_are_exhausted_are_skipped() {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(json!("any"));
    lambda.on("f").reply(json!("once")).times(1);
    lambda
        .on("f:live")
        .when(|_: &Invocation| false)
        .reply(json!("never"));
    let said: Vec<_> = (0..3).map(|_| ask(&lambda, "f:live")).collect();
    assert_eq!(said, [r#""once""#, r#""any""#, r#""any""#]);
}

#[test]
fn several_conditions_must_all_be_met() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!("else"));
    let rule = lambda.on("f").when(payload_partial(json!({"a": 1})));
    rule.when(header_exists("x-tenant")).reply(json!("both"));
    let both = raw::invoke(&lambda, "f", &["x-tenant: a"], r#"{"a":1,"b":2}"#);
    let one = raw::invoke(&lambda, "f", &[], r#"{"a":1,"b":2}"#);
    assert_eq!(
        (&*both.body, &*one.body),
        (&b"\"both\""[..], &b"\"else\""[..])
    );
}

// Which step answers.

#[rstest]
#[case::a_reply_repeats(|l: &FakeLambda| { l.on("f").reply(json!(1)); }, "1 1 1")]
#[case::the_last_reply_repeats(|l: &FakeLambda| { l.on("f").reply(json!(1)).then(json!(2)); }, "1 2 2 2")]
#[case::times_bounds_its_step(|l: &FakeLambda| { l.on("f").reply(json!(1)).times(2).then(json!(2)); }, "1 1 2 2")]
#[case::the_last_step_may_be_bounded(|l: &FakeLambda| { l.on("f").reply(json!(1)).then(json!(2)).times(2); }, "1 2 2 any any")]
#[case::every_step_may_be_bounded(|l: &FakeLambda| { l.on("f").reply(json!(1)).times(1).then(json!(2)).times(2); }, "1 2 2 any")]
#[case::only_one_bound(|l: &FakeLambda| { l.on("f").reply(json!(1)).times(1); }, "1 any any")]
#[case::an_older_rule_of_the_target_is_next(|l: &FakeLambda| { l.on("f").reply(json!(1)); l.on("f").reply(json!(2)).times(1); }, "2 1 1")]
#[case::an_exhausted_script_continues_after_then(|l: &FakeLambda| { let s = l.on("f").reply(json!(1)).times(1); ask(l, "f"); s.then(json!(2)); }, "2 2")]
#[case::errors_are_steps(|l: &FakeLambda| { l.on("f").reply(ServiceError::ServiceException).then(FunctionError::payload(json!(0))).then(json!(3)); }, "500_ServiceException Unhandled_0 3")]
fn steps_are_consumed_in_order(#[case] script: fn(&FakeLambda), #[case] expected: &str) {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(Reply::http(200, "any"));
    script(&lambda);
    for (place, expected) in expected.split(' ').enumerate() {
        let said = ask(&lambda, "f").replace(' ', "_");
        assert_eq!(said, expected, "request {place}");
    }
}

#[tokio::test]
async fn each_attempt_of_a_call_consumes_a_step() {
    let lambda = FakeLambda::start();
    let throttled = ServiceError::TooManyRequestsException;
    let script = lambda
        .on("resize")
        .reply(throttled)
        .times(2)
        .then(json!({"ok": true}));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let reply = client
        .invoke()
        .function_name("resize")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.payload().unwrap().as_ref(), br#"{"ok":true}"#);
    script.assert_calls(1);
    script.assert_attempts(3);
    lambda.seen("resize").assert_attempts(3);
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 resize RequestResponse (empty)
      attempt 1/3 → 429 TooManyRequestsException
      attempt 2/3 → 429 TooManyRequestsException
      attempt 3/3 → 200 {"ok":true}
    "#);
}
