//! Mistakes in event configurations and in assertions about events.

use std::time::Duration;

use fake_lambda::Reply;
use fake_lambda::matchers::attempt;
use rstest::rstest;
use serde_json::json;

use super::{Written, here};
use crate::raw;
use crate::transport::FakeLambda;

const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:q";
const EVENT: &str = "X-Amz-Invocation-Type: Event";

#[rstest]
#[case::in_queue(here(|_| drop(Reply::json(json!(1)).in_queue())))]
#[case::delivered_times(here(|_| drop(Reply::json(json!(1)).delivered_times(0))))]
#[case::lost(here(|_| drop(Reply::http(502, "").lost())))]
#[case::event_invoke_config(here(|l| drop(l.event_invoke_config("a b"))))]
#[case::maximum_retry_attempts(here(|l| drop(l.event_invoke_config("f").maximum_retry_attempts(3))))]
#[case::maximum_event_age(here(|l| drop(l.event_invoke_config("f").maximum_event_age(Duration::ZERO))))]
#[case::on_success(here(|l| drop(l.event_invoke_config("f").on_success("q"))))]
#[case::on_failure(here(|l| drop(l.event_invoke_config("f").on_failure("q"))))]
#[case::dead_letter_queue(here(|l| drop(l.event_invoke_config("f").dead_letter_queue("q"))))]
#[case::deliveries(here(|l| drop(l.matching(attempt(1)).deliveries())))]
#[case::only_delivery(here(|l| drop(l.only_delivery())))]
#[case::assert_delivered(here(|l| l.assert_delivered(9)))]
#[case::try_negative_delivered(here(|l| drop(l.try_assert_delivered(-1))))]
#[case::assert_dead_lettered(here(|l| l.seen("f").assert_dead_lettered(9)))]
#[case::try_negative_dead_lettered(here(|l| drop(l.try_assert_dead_lettered(-1))))]
#[case::assert_executions(here(|l| l.assert_executions(9)))]
#[case::try_negative_executions(here(|l| drop(l.try_assert_executions(-1))))]
#[case::assert_event_retry_delays(here(|l| l.assert_event_retry_delays([Duration::ZERO])))]
#[case::expect_delivered(here(|l| drop(l.on("f").reply(json!(1)).expect_delivered(-1))))]
#[case::expect_dead_lettered(here(|l| drop(l.on("f").reply(json!(1)).expect_dead_lettered(-1))))]
#[case::advance(here(|l| l.advance(Duration::ZERO).within(Duration::ZERO).block()))]
#[case::settle_events(here(|l| l.settle_events().within(Duration::ZERO).block()))]
#[case::json(here(|l| drop(l.deliveries()[0].record().unwrap().json())))]
fn a_mistake_about_events_panics_at_the_line_of_the_test(#[case] written: Written) {
    let lambda = FakeLambda::start_with(|builder| builder.journal_bytes(600).verify_on_drop(false));
    lambda.on("f").reply(json!(1)).times(1).then(Reply::handle(
        async |_: fake_lambda::Invocation| std::future::pending::<Reply>().await,
    ));
    lambda.event_invoke_config("f").on_success(QUEUE);
    // The journal drops the call with the first payload, which is over its limit; a `Value` cannot
    // hold the second one.
    raw::invoke(&lambda, "g", &[], format!("\"{}\"", "x".repeat(600)));
    raw::invoke(&lambda, "f", &[EVENT], "1e999");
    raw::invoke(&lambda, "f", &[EVENT], "{}");
    written.panics_there(&lambda);
}
