//! Assertions.

use fake_lambda::ServiceError;
use serde_json::json;

use super::{ask, call};
use crate::panics::text_of;
use crate::transport::FakeLambda;

#[test]
fn a_count_of_the_whole_fake() {
    let text = text_of(|| {
        let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
        lambda.on("pay").reply(json!(1));
        ask(&lambda, "pay");
        lambda.assert_calls(2);
    });
    insta::assert_snapshot!(text, @r#"
    expected exactly 2 calls in all, got 1
      to change: make 1 more call, await that with `wait_for_calls(2)`, or expect 1 call

    journal
      1 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
        lambda.assert_attempts(1..);
    });
    insta::assert_snapshot!(text, @r#"
    expected at least 1 attempt in all, got 0
      to change: make the call, or await it with `wait_for_attempts(1)`; or is the client's endpoint not this fake's `endpoint_url()`?

    the journal is empty: no request has come
    "#);
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
    expected exactly 1 call answered by this rule, got 0
      "the payment" scripted at tests/it/any_transport/verification/assertions.rs:LINE#1, on pay
      to change: the rule at tests/it/any_transport/verification/assertions.rs:LINE#2 answered: take it out, or ask that one instead, or expect 0 calls
      1 attempt went to the rule scripted at tests/it/any_transport/verification/assertions.rs:LINE#2, on pay:live; it is more specific and newer, so it goes first
      came instead: call 1, pay:live RequestResponse {"id":"7"} → 200 2

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
    expected at most 2 attempts answered by this rule, got 3
      scripted at tests/it/any_transport/verification/assertions.rs:LINE#1, on any function
      to change: call 1 was retried after 500 ServiceException: take the retry from the client or the error from the script, or expect 3 attempts

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
    expected exactly 1 call of `rezise:live`, got 0
      to change: did you mean `resize:live`? that one was called, or expect 0 calls

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
    expected exactly 1 attempt of `resize:beta`, got 0
      to change: did you mean `resize:live`? that one was called, or expect 0 attempts

    journal
      1 resize:live RequestResponse {"id":"7"}
        attempt 1 → 200 1
    "#);
}

#[test]
fn only_one_call() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.only_call();
    });
    insta::assert_snapshot!(text, @r#"
    expected exactly 1 call in all, got 0
      to change: make the call, or await it with `wait_for_calls(1)`; or is the client's endpoint not this fake's `endpoint_url()`?

    the journal is empty: no request has come
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("pay").reply(json!(1));
        lambda.on("pay").reply(json!(2));
        ask(&lambda, "pay");
        script.only_call();
    });
    insta::assert_snapshot!(text, @r#"
    expected exactly 1 call answered by this rule, got 0
      scripted at tests/it/any_transport/verification/assertions.rs:LINE#1, on pay
      to change: the rule at tests/it/any_transport/verification/assertions.rs:LINE#2 answered: take it out, or ask that one instead, or expect 0 calls
      1 attempt went to the rule scripted at tests/it/any_transport/verification/assertions.rs:LINE#2, on pay; it is newer, so it goes first
      came instead: call 1, pay RequestResponse {"id":"7"} → 200 2

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
    expected exactly 1 call of `pay`, got 2
      to change: without `amz-sdk-invocation-id` a retry counts as a call: assert attempts, call less often, or expect 2 calls

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
    expected exactly 1 call in all, got 2
      to change: without `amz-sdk-invocation-id` a retry counts as a call: assert attempts, call less often, or expect 2 calls

    journal
      … 1 call before
      2 pay RequestResponse {"id":"7"}
        attempt 1 → 200 1
    the journal no longer keeps 1 call (raise `FakeLambda::builder().journal_calls(..)`); counts are exact
    "#);
}

#[test]
fn a_payload_that_is_no_longer_kept() {
    let text = text_of(|| {
        let lambda = FakeLambda::start_with(|builder| builder.journal_bytes(0));
        lambda.on("pay").reply(json!(1));
        ask(&lambda, "pay");
        lambda.wait_until_idle().block();
        lambda.only_call().first().payload_json();
    });
    insta::assert_snapshot!(text, @"the payload of this invocation of `pay` (10 bytes) is no longer kept: the journal was over its byte limit; raise it with `FakeLambda::builder().journal_bytes(..)`");
}
