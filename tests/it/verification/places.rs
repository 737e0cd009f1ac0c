//! The line at which a mistake panics.

use std::panic::Location;
use std::time::Duration;

use fake_lambda::matchers::{attempt, invocation_type, log_type};
use fake_lambda::{FakeLambda, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use super::caught;
use crate::raw::{self, Client};

/// What panics, and the line on which it was written.
type Written = (u32, fn(&FakeLambda));

#[track_caller]
fn here(run: fn(&FakeLambda)) -> Written {
    (Location::caller().line(), run)
}

#[rstest]
#[case::verify(here(|l| l.verify()))]
#[case::on(here(|l| drop(l.on("a b"))))]
#[case::seen(here(|l| drop(l.seen("a b"))))]
#[case::assert_calls(here(|l| l.assert_calls(9)))]
#[case::assert_attempts(here(|l| l.assert_attempts(9)))]
#[case::assert_no_count_of_calls(here(|l| l.assert_calls(-1)))]
#[case::assert_no_count_of_attempts(here(|l| l.assert_attempts(-1)))]
#[case::try_no_count_of_calls(here(|l| drop(l.try_assert_calls(-1))))]
#[case::try_no_count_of_attempts(here(|l| drop(l.try_assert_attempts(-1))))]
#[case::assert_order(here(|l| l.assert_order(["f", "g"])))]
#[case::assert_order_of_nothing(here(|l| l.assert_order([""; 0])))]
#[case::assert_order_of_no_function(here(|l| l.assert_order(["a b"])))]
#[case::try_order_of_no_function(here(|l| drop(l.try_assert_order(["a b"]))))]
#[case::assert_waited(here(|l| l.assert_waited(Duration::ZERO)))]
#[case::matching_calls(here(|l| { l.wait_until_idle().block(); l.matching(attempt(1)).calls(); }))]
#[case::matching_assert_calls(here(|l| l.matching(attempt(1)).assert_calls(1)))]
#[case::seen_assert_waited(here(|l| l.seen("f").assert_waited(Duration::ZERO)))]
#[case::script_assert_order(here(|l| l.on("f").reply(json!(1)).assert_order(["f"])))]
#[case::log_type(here(|_| drop(log_type("tail"))))]
#[case::only_call(here(|l| drop(l.seen("g").only_call())))]
#[case::only_call_of_many(here(|l| drop(l.only_call())))]
#[case::seen_assert_calls(here(|l| l.seen("f").assert_calls(9)))]
#[case::seen_assert_attempts(here(|l| l.seen("f").assert_attempts(9)))]
#[case::script_assert_calls(here(|l| l.on("f").reply(json!(1)).assert_calls(9)))]
#[case::script_assert_attempts(here(|l| l.on("f").reply(json!(1)).assert_attempts(9)))]
#[case::script_only_call(here(|l| drop(l.on("f").reply(json!(1)).only_call())))]
#[case::times(here(|l| drop(l.on("f").reply(json!(1)).times(0))))]
#[case::then(here(|l| { let s = l.on("f").reply(json!(1)); s.remove(); s.then(json!(2)); }))]
#[case::expect_calls(here(|l| drop(l.on("f").reply(json!(1)).expect_calls(-1))))]
#[case::expect_attempts(here(|l| drop(l.on("f").reply(json!(1)).expect_attempts(-1))))]
#[case::reply(here(|_| { let l = FakeLambda::start().handle(); l.on("f").reply(json!(1)); }))]
#[case::handle(here(|_| { let l = FakeLambda::start().handle(); l.on("f").handle(async |_: Invocation| json!(1)); }))]
#[case::block(here(|l| l.wait_for_calls(9).within(Duration::ZERO).block()))]
#[case::wait_for_attempts(here(|l| { let _p = l.pause(); Client::connect(l).send_invoke("f", &[], ""); l.seen("g").wait_for_attempts(1).within(Duration::ZERO).block() }))]
#[case::invocation_type(here(|_| drop(invocation_type("event"))))]
#[case::attempt(here(|_| drop(attempt(0))))]
#[case::region(here(|_| drop(FakeLambda::builder().region("a b"))))]
#[case::account(here(|_| drop(FakeLambda::builder().account("1"))))]
#[case::journal_calls(here(|_| drop(FakeLambda::builder().journal_calls(0))))]
#[case::unmodeled_error(here(|_| drop(Reply::unmodeled_error("X", 200))))]
#[case::unmodeled_error_code(here(|_| drop(Reply::unmodeled_error("", 400))))]
#[case::http(here(|_| drop(Reply::http(100, ""))))]
#[case::http_body(here(|_| drop(Reply::http(204, "x"))))]
#[case::message(here(|_| drop(Reply::json(1).message("x"))))]
#[case::reason(here(|_| drop(Reply::error(ServiceError::TooManyRequestsException).reason("x"))))]
#[case::reason_of_another(here(|_| drop(Reply::json(1).reason("CallerRateLimitExceeded"))))]
#[case::retry_after(here(|_| drop(Reply::json(1).retry_after(Duration::from_secs(1)))))]
#[case::retry_after_in_parts(here(|_| drop(Reply::json(1).retry_after(Duration::from_millis(1)))))]
#[case::ec2_error_code(here(|_| drop(Reply::json(1).ec2_error_code("x"))))]
#[case::executed_version(here(|_| drop(Reply::json(1).executed_version("live"))))]
#[case::header_name(here(|_| drop(Reply::json(1).header("a b", "x"))))]
#[case::header_value(here(|_| drop(Reply::json(1).header("a", "\n"))))]
#[case::header_of_framing(here(|_| drop(Reply::json(1).header("Content-Length", "1"))))]
#[case::payload_json(here(|l| drop(l.calls()[1].first().payload_json())))]
#[case::payload(here(|l| { l.wait_until_idle().block(); l.calls()[0].first().payload(); }))]
fn a_mistake_panics_at_the_line_of_the_test(#[case] (line, run): Written) {
    let lambda = FakeLambda::builder()
        .journal_bytes(600)
        .verify_on_drop(false)
        .check_payloads(false)
        .start();
    raw::invoke(&lambda, "f", &[], "1".repeat(600));
    raw::invoke(&lambda, "f", &[], "no JSON");
    let panic = caught(|| run(&lambda));
    assert_eq!(
        (&*panic.file, panic.line),
        (file!(), line),
        "{}",
        panic.text
    );
}
