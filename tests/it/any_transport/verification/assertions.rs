//! Assertions.

use fake_lambda::ServiceError;
use serde_json::json;

use super::{ask, call};
use crate::panics::text_of;
use crate::transport::{FakeLambda, as_on_a_socket};

#[test]
fn a_count_of_the_whole_fake() {
    let text = text_of(|| {
        let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
        lambda.on("pay").reply(json!(1));
        ask(&lambda, "pay");
        lambda.assert_calls(2);
    });
    insta::assert_snapshot!(text, @r#"
    error: expected 2 calls, got 1
      help: make 1 more call, wait for it with `wait_for_calls(2)`, or expect 1 call

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
        lambda.assert_attempts(1..);
    });
    insta::assert_snapshot!(as_on_a_socket(&text), @r"
    error: expected at least 1 attempt, got none
      help: await the call, check that its client uses `lambda.endpoint_url()`, and wait for background calls with `wait_for_attempts(1)`

    journal: empty, no request arrived
    ");
}

#[test]
fn a_count_of_a_rule() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("pay").named("the payment").reply(json!(1));
        lambda.on("pay:live").reply(json!(2));
        ask(&lambda, "pay:live");
        script.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    error: expected 1 call answered by this rule, got none
      help: count the calls of the more specific rule at tests/it/any_transport/verification/assertions.rs:LINE#2, or remove it
      rule: "the payment" (`pay`), scripted at tests/it/any_transport/verification/assertions.rs:LINE#1
      got: call 1 was answered by the rule for `pay:live`, which is more specific and takes precedence: pay:live RequestResponse {"id":"7"} → 200 2

    journal
      1 pay:live RequestResponse {"id":"7"}
        attempt 1 → 200 2
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on_any().reply(ServiceError::ServiceException);
        call(&lambda, "pay");
        script.assert_attempts(..=2);
    });
    insta::assert_snapshot!(text, @r#"
    error: expected at most 2 attempts answered by this rule, got 3
      help: disable retries of 500 ServiceException in the client, script another error, or expect 3 attempts
      rule: any function, scripted at tests/it/any_transport/verification/assertions.rs:LINE#1

    journal
      1 pay RequestResponse {"id":7}
        attempt 1/3 → 500 ServiceException
        attempt 2/3 → 500 ServiceException
        attempt 3/3 → 500 ServiceException
    "#);
}

#[test]
fn a_count_of_a_target() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on_any().reply(json!(1));
        ask(&lambda, "resize:live");
        lambda.seen("rezise:live").assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    error: expected 1 call to `rezise:live`, got none
      help: did you mean `resize:live`? it was called

    journal
      1 resize:live RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on_any().reply(json!(1));
        ask(&lambda, "resize:live");
        lambda.seen("resize:beta").assert_attempts(1);
    });
    insta::assert_snapshot!(text, @r#"
    error: expected 1 attempt to `resize:beta`, got none
      help: did you mean `resize:live`? it was called

    journal
      1 resize:live RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
}

#[test]
fn a_count_of_a_target_in_another_region_or_account() {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(json!(1));
    ask(&lambda, "resize");
    let text = text_of(|| {
        let other = "arn:aws:lambda:eu-west-1:123456789012:function:resize";
        lambda.seen(other).assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    error: expected 1 call to `eu-west-1:123456789012:resize`, got none
      help: did you mean `us-east-1:123456789012:resize`? it was called

    journal
      1 resize RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
    let text = text_of(|| lambda.seen("999988887777:resize").assert_calls(1));
    insta::assert_snapshot!(text, @r#"
    error: expected 1 call to `999988887777:resize`, got none
      help: did you mean `123456789012:resize`? it was called

    journal
      1 resize RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
}

#[test]
fn an_only_call() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.only_call();
    });
    insta::assert_snapshot!(as_on_a_socket(&text), @r"
    error: expected 1 call, got none
      help: await the call, check that its client uses `lambda.endpoint_url()`, and wait for background calls with `wait_for_calls(1)`

    journal: empty, no request arrived
    ");
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("pay").reply(json!(1));
        lambda.on("pay").reply(json!(2));
        ask(&lambda, "pay");
        script.only_call();
    });
    insta::assert_snapshot!(text, @r#"
    error: expected 1 call answered by this rule, got none
      help: remove the newer rule at tests/it/any_transport/verification/assertions.rs:LINE#2, or count its calls instead
      rule: `pay`, scripted at tests/it/any_transport/verification/assertions.rs:LINE#1
      got: call 1 was answered by the newer rule, which takes precedence: pay RequestResponse {"id":"7"} → 200 2

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 2
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1));
        ask(&lambda, "pay");
        ask(&lambda, "pay:live");
        lambda.seen("pay").only_call();
    });
    insta::assert_snapshot!(text, @r#"
    error: expected 1 call to `pay`, got 2
      help: make fewer calls, count attempts, or expect 2 calls; without the header `amz-sdk-invocation-id` each retry counts as a call

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
      2 pay:live RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start_with(|builder| builder.journal_calls(1));
        lambda.on("pay").reply(json!(1));
        ask(&lambda, "pay");
        lambda.wait_until_idle().block();
        ask(&lambda, "pay");
        lambda.only_call();
    });
    insta::assert_snapshot!(text, @r#"
    error: expected 1 call, got 2
      help: make fewer calls, count attempts, or expect 2 calls; without the header `amz-sdk-invocation-id` each retry counts as a call

    journal
      … 1 call before
      2 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
    the journal has dropped 1 call (raise `FakeLambda::builder().journal_calls(..)`); counts without `matching(..)` are exact
    "#);
}

#[test]
fn an_only_call_that_the_journal_has_dropped() {
    let text = text_of(|| {
        let lambda = FakeLambda::start_with(|builder| builder.journal_bytes(0));
        lambda.on("pay").reply(json!(1));
        ask(&lambda, "pay");
        lambda.wait_until_idle().block();
        lambda.only_call();
    });
    insta::assert_snapshot!(text, @r"
    error: the journal has dropped the only call
      help: raise its limit with `FakeLambda::builder().journal_bytes(..)`
    ");
}
