//! The exact bytes of refusals with a concurrency that admits some attempts.

use fake_lambda::{FakeLambda, Handle};
use rstest::rstest;
use serde_json::json;

use crate::any_transport::constraints::refusals::{Answer, Set, assert_refuses, throttle};
use crate::any_transport::constraints::{THROTTLED, said};

#[rstest]
#[case::account_of_which_all_is_reserved(
    |l: &Handle| { l.reserve_concurrency("pay", 5); l.account_concurrency(5) },
    throttle("ConcurrentInvocationLimitExceeded", "Rate Exceeded."),
    "account concurrency 5, 5 reserved"
)]
#[case::function_s_rate_with_concurrency(
    |l: &Handle| { l.reserve_concurrency("resize", 1); let constraint = l.function_rate_limit("resize", 0, 1); assert_eq!(said(l, "resize"), "200"); constraint },
    throttle("ReservedFunctionInvocationRateLimitExceeded", "Rate Exceeded."),
    "function's rate 0/s, burst 1"
)]
fn a_constraint_rejects_with_the_service_s_text(
    #[case] set: Set,
    #[case] answer: Answer,
    #[case] text: &str,
) {
    assert_refuses(&FakeLambda::start(), set, answer, text);
}

#[test]
fn a_number_that_is_set_again_replaces_the_old_one() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let first = lambda.reserve_concurrency("f", 0);
    assert_eq!(said(&lambda, "f"), THROTTLED);
    let second = lambda.reserve_concurrency("f", 1);
    assert_eq!(said(&lambda, "f"), "200");
    assert_eq!((first.refused(), second.peak()), (1, 1));
    first.stop();
    lambda.reserve_concurrency("f", 0);
    assert_eq!(said(&lambda, "f"), THROTTLED);
}
