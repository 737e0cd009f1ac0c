//! Live edits.

use fake_lambda::matchers::attempt;
use fake_lambda::{Call, Script, ServiceError, sdk_client};
use rstest::rstest;
use serde_json::json;

use super::ask;
use crate::panics::caught;
use crate::raw::{self};
use crate::transport::FakeLambda;

#[test]
fn an_edit_that_a_rule_does_not_allow_is_refused() {
    let mistakes: [fn(&FakeLambda); 11] = [
        |lambda| drop(lambda.on("f").reply(json!(1)).times(0)),
        |lambda| drop(lambda.on("f").reply(json!(1)).times(2).times(3)),
        |lambda| {
            let script = lambda.on("f").named("a greedy one").reply(json!(1));
            ask(lambda, "f");
            ask(lambda, "f");
            script.times(1);
        },
        |lambda| {
            let script = lambda.on("f").reply(json!(1));
            ask(lambda, "f");
            ask(lambda, "f");
            script.then(json!(2));
        },
        |lambda| {
            let script = lambda.on("f").when(attempt(1)).reply(json!(1));
            script.remove();
            script.then(json!(2));
        },
        |lambda| {
            let script = lambda.on("f").reply(json!(1));
            script.remove();
            script.times(1);
        },
        |_| {
            let lambda = FakeLambda::start();
            let script = lambda.on("f").reply(json!(1)).expect_calls(0);
            drop(lambda);
            script.then(json!(2));
        },
        |_| {
            let lambda = FakeLambda::start();
            let script = lambda.on("f").reply(json!(1));
            lambda.assert_calls(0);
            drop(lambda);
            script.expect_calls(1);
        },
        |_| {
            let lambda = FakeLambda::start().handle();
            lambda.on("f").reply(json!(1));
        },
        |lambda| drop(lambda.on("f").reply(json!(1)).expect_calls(-1)),
        |lambda| drop(lambda.on("resize:live:2").reply(json!(1))),
    ];
    let texts = mistakes.map(|mistake| {
        let lambda = FakeLambda::start();
        let text = caught(|| mistake(&lambda)).text;
        lambda.try_assert_calls(0).ok();
        text
    });
    insta::assert_snapshot!(texts.join("\n\n"), @r#"
    error: `times(0)` makes a step that never answers
      help: remove this step, or use at least 1
      rule: `f`, scripted at tests/it/any_transport/scripts/edits.rs:LINE#1

    error: this step already has `times(2)`
      help: remove one of the two, or start the next step with `.then(..)`
      rule: `f`, scripted at tests/it/any_transport/scripts/edits.rs:LINE#1

    error: `times(1)` was called too late: this step has already answered 2 times
      help: write the whole script before the first call, or hold requests with `lambda.pause()`
      rule: "a greedy one" (`f`), scripted at tests/it/any_transport/scripts/edits.rs:LINE#1

    error: `then` was called too late: the step before it has already answered 2 times, and its limit is 1
      help: write the whole script before the first call, or hold requests with `lambda.pause()`
      rule: `f`, scripted at tests/it/any_transport/scripts/edits.rs:LINE#1

    error: cannot call `then`: this rule was removed
      help: start another rule with `lambda.on(..)`
      rule: `f` when attempt(1), scripted at tests/it/any_transport/scripts/edits.rs:LINE#1

    error: cannot call `times`: this rule was removed
      help: start another rule with `lambda.on(..)`
      rule: `f`, scripted at tests/it/any_transport/scripts/edits.rs:LINE#1

    error: cannot call `then`: the fake was dropped
      help: keep the `FakeLambda` in a variable until the end of the test; a `Handle` does not keep it alive
      rule: `f`, scripted at tests/it/any_transport/scripts/edits.rs:LINE#1

    error: cannot call `expect_calls`: the fake was dropped
      help: keep the `FakeLambda` in a variable until the end of the test; a `Handle` does not keep it alive
      rule: `f`, scripted at tests/it/any_transport/scripts/edits.rs:LINE#1

    error: cannot add a rule: the fake was dropped
      help: keep the `FakeLambda` in a variable until the end of the test; a `Handle` does not keep it alive

    error: `expect_calls` got a negative number: -1
      help: use a number of at least 0

    error: `resize:live:2` is not a valid function name: it has too many parts
      help: use a name, `name:qualifier`, partial ARN or ARN; names have letters, digits, `-`, `_` and `.`
    "#);
}

#[test]
fn an_edit_that_agrees_with_earlier_answers_is_accepted() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(json!(1));
    assert_eq!([ask(&lambda, "f"), ask(&lambda, "f")], ["1", "1"]);
    script.times(3).then(json!(2));
    assert_eq!([ask(&lambda, "f"), ask(&lambda, "f")], ["1", "2"]);
}

#[test]
fn a_removed_rule_answers_nothing_and_keeps_its_count() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!("below"));
    let script = lambda.on("f").reply(json!("above")).expect_calls(1);
    assert_eq!(ask(&lambda, "f"), r#""above""#);
    script.remove();
    assert_eq!(ask(&lambda, "f"), r#""below""#);
    script.remove();
    script.assert_calls(1);
}

#[rstest]
#[case::number([|s: &Script| s.expect_calls(2), |s: &Script| s.expect_attempts(2)], true)]
#[case::another_number([|s: &Script| s.expect_calls(3), |s: &Script| s.expect_attempts(3)], false)]
#[case::range([|s: &Script| s.expect_calls(1..3), |s: &Script| s.expect_attempts(1..3)], true)]
#[case::range_that_ends_before([|s: &Script| s.expect_calls(0..2), |s: &Script| s.expect_attempts(0..2)], false)]
#[case::inclusive_range([|s: &Script| s.expect_calls(0..=2), |s: &Script| s.expect_attempts(0..=2)], true)]
#[case::at_least([|s: &Script| s.expect_calls(3..), |s: &Script| s.expect_attempts(3..)], false)]
#[case::at_most([|s: &Script| s.expect_calls(..=2), |s: &Script| s.expect_attempts(..=2)], true)]
fn an_expectation_is_a_number_or_a_range(
    #[case] expecting: [fn(&Script) -> Script; 2],
    #[case] is_met: bool,
) {
    for expect in expecting {
        let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
        expect(&lambda.on("f").named("the one").reply(json!(1)));
        ask(&lambda, "f");
        ask(&lambda, "f");
        let verified = lambda.try_verify();
        assert_eq!(verified.is_ok(), is_met, "{verified:?}");
        if let Err(report) = verified {
            assert!(
                report.to_string().contains(
                    "\"the one\" (`f`), scripted at tests/it/any_transport/scripts/edits.rs:"
                ),
                "{report}"
            );
        }
    }
}

#[tokio::test]
async fn an_expectation_of_calls_counts_a_retried_call_once() {
    let lambda = FakeLambda::start();
    let script = lambda
        .on("f")
        .reply(ServiceError::ServiceException)
        .then(json!(1));
    script.expect_calls(1).expect_attempts(2);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    client.invoke().function_name("f").send().await.unwrap();
}

#[test]
fn an_assertion_counts_only_the_calls_in_its_scope() {
    let lambda = FakeLambda::start();
    let second = lambda.on("f").reply(json!(2));
    let first = lambda
        .on("f")
        .reply(ServiceError::ServiceException)
        .times(1);
    lambda.on("g:live").reply(json!(3));
    for number in ["attempt=1", "attempt=2"] {
        let number = format!("amz-sdk-request: {number}");
        raw::invoke(&lambda, "f", &["amz-sdk-invocation-id: 1f2e", &number], "1");
    }
    ask(&lambda, "f");
    ask(&lambda, "g:live");
    let numbers = |calls: Vec<Call>| calls.iter().map(Call::number).collect::<Vec<_>>();
    assert_eq!(
        numbers(first.calls()),
        [1],
        "a call counts for every rule that answered one of its attempts"
    );
    assert_eq!(numbers(second.calls()), [1, 2]);
    assert_eq!(numbers(lambda.seen("f").calls()), [1, 2]);
    assert_eq!(numbers(lambda.seen("g").calls()), [3]);
    assert!(lambda.seen("g:$LATEST").calls().is_empty());
    assert_eq!(numbers(lambda.calls()), [1, 2, 3]);
    assert_eq!(first.only_call().first().payload_json(), json!(1));
}
