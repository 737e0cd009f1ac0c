//! On a paused clock, a request that would never end is reported.

use std::pin::pin;
use std::time::Duration;

use aws_sdk_lambda::config::timeout::TimeoutConfig;
use fake_lambda::{FakeLambda, Fault, Gate, Reply};
use insta::assert_snapshot;
use serde_json::json;
use tokio::time::{Instant, timeout};

use super::{ask, client, error, no_timeouts, seconds};
use crate::text::without_lines;

const DAY: Duration = Duration::from_secs(86_400);

/// The report of a verification, without its journal.
fn report(lambda: &FakeLambda) -> String {
    let report = lambda.try_verify().unwrap_err().to_string();
    without_lines(report.split("\n\njournal").next().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_client_without_a_timeout_is_reported() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").reply(Fault::Hang);
    let begun = Instant::now();
    assert_snapshot!(error(ask(&lambda).await), @"dispatch failure: io error: client error (SendRequest): connection error: Connection reset by peer (os error 104)");
    assert_eq!(begun.elapsed(), 30 * DAY);
    assert_snapshot!(report(&lambda), @r#"
    fake-lambda (started at tests/it/in_memory/hangs.rs:LINE#1) found 1 problem

    error: call 1 would never end: hanging, as scripted at tests/it/in_memory/hangs.rs:LINE#2: f RequestResponse (empty)
      help: give the client a timeout
      nothing else could happen for 30 days on tokio's clock, so the connection was reset
    "#);
    assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse (empty)
      attempt 1/1 → no byte, hanging (reset by the fake: nothing would have ended it)
    "#);
}

#[tokio::test(start_paused = true)]
async fn all_attempts_that_hang_in_the_same_way_are_one_problem() {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .reply(Reply::json(json!({"ok": true})).fault(Fault::StallAfter(3)));
    let client = client(&lambda, no_timeouts(), 3);
    for _ in 0..2 {
        client.invoke().function_name("f").send().await.unwrap_err();
    }
    assert_snapshot!(report(&lambda), @r#"
    fake-lambda (started at tests/it/in_memory/hangs.rs:LINE#1) found 1 problem

    error: calls 1 and 2 would never end: stalled after 3 bytes of the body, as scripted at tests/it/in_memory/hangs.rs:LINE#2: f RequestResponse (empty)
      help: give the clients a timeout
      nothing else could happen for 30 days on tokio's clock, so the connection was reset
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_stays_closed_is_reported() {
    let lambda = FakeLambda::in_memory();
    let gate = Gate::new();
    lambda.on("f").reply(Reply::json(json!(1)).hold(&gate));
    ask(&lambda).await.unwrap_err();
    assert_snapshot!(report(&lambda), @r#"
    fake-lambda (started at tests/it/in_memory/hangs.rs:LINE#1) found 1 problem

    error: call 1 would never end: held by the gate created at tests/it/in_memory/hangs.rs:LINE#2: f RequestResponse (empty)
      help: give the client a timeout, or open the gate
      nothing else could happen for 30 days on tokio's clock, so the connection was reset
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_pause_without_an_end_is_reported() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").reply(json!(1));
    let paused = lambda.pause();
    ask(&lambda).await.unwrap_err();
    assert_snapshot!(report(&lambda), @r#"
    fake-lambda (started at tests/it/in_memory/hangs.rs:LINE#1) found 1 problem

    error: call 1 would never end: held by `lambda.pause()`: f RequestResponse (empty)
      help: give the client a timeout, or drop the guard of `lambda.pause()`
      nothing else could happen for 30 days on tokio's clock, so the connection was reset
    "#);
    drop(paused);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_the_client_comes_first() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").reply(Fault::Hang);
    let timeouts = TimeoutConfig::builder().operation_timeout(29 * DAY).build();
    let begun = Instant::now();
    let client = client(&lambda, timeouts, 1);
    client.invoke().function_name("f").send().await.unwrap_err();
    assert_eq!(begun.elapsed(), 29 * DAY);
    lambda.verify();
}

#[tokio::test(start_paused = true)]
async fn what_ends_by_itself_may_take_longer() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").reply(Reply::json(json!(1)).delay(70 * DAY));
    let begun = Instant::now();
    ask(&lambda).await.unwrap();
    assert_eq!(begun.elapsed(), 70 * DAY);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_opens_the_gate_later_is_waited_for() {
    let lambda = FakeLambda::in_memory();
    let gate = Gate::new();
    lambda.on("f").reply(Reply::json(json!(1)).hold(&gate));
    let opens = gate.clone();
    tokio::spawn(async move {
        tokio::time::sleep(seconds(3600)).await;
        opens.open();
    });
    ask(&lambda).await.unwrap();
}

/// Tokio's clock does not move while a blocking task runs.
#[tokio::test(start_paused = true)]
async fn a_blocking_task_that_opens_the_gate_is_waited_for() {
    let lambda = FakeLambda::in_memory();
    let gate = Gate::new();
    lambda.on("f").reply(Reply::json(json!(1)).hold(&gate));
    let opens = gate.clone();
    let runtime = tokio::runtime::Handle::current();
    let opened = tokio::task::spawn_blocking(move || {
        runtime.block_on(opens.reached(1));
        opens.open();
    });
    ask(&lambda).await.unwrap();
    opened.await.unwrap();
}

/// The clock stands still during the wait, which has a deadline in real time.
#[tokio::test(start_paused = true)]
async fn a_wait_of_the_test_stops_the_count() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").reply(Fault::Hang);
    let once = client(&lambda, no_timeouts(), 1);
    let call = tokio::spawn(once.invoke().function_name("f").send());
    tokio::task::yield_now().await;
    let begun = Instant::now();
    let wait = lambda
        .wait_for_attempts(1)
        .within(Duration::from_millis(50));
    tokio::spawn(wait).await.unwrap_err();
    assert_eq!(begun.elapsed(), seconds(0));
    call.await.unwrap().unwrap_err();
    assert_eq!(begun.elapsed(), 30 * DAY);
    assert_snapshot!(report(&lambda), @r#"
    fake-lambda (started at tests/it/in_memory/hangs.rs:LINE#1) found 1 problem

    error: call 1 would never end: hanging, as scripted at tests/it/in_memory/hangs.rs:LINE#2: f RequestResponse (empty)
      help: give the client a timeout
      nothing else could happen for 30 days on tokio's clock, so the connection was reset
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_has_ended_does_not_stop_the_count() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").reply(json!(1)).then(Fault::Hang);
    let mut wait = pin!(lambda.wait_for_calls(1));
    let (_, answer) = tokio::join!(&mut wait, ask(&lambda));
    answer.unwrap();
    let reset = timeout(31 * DAY, ask(&lambda)).await;
    reset.expect("the fake ends the request").unwrap_err();
    lambda.try_verify().unwrap_err();
}

#[tokio::test]
async fn nothing_is_reported_on_a_clock_that_runs() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").reply(Fault::Hang);
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(Duration::from_millis(20))
        .build();
    let client = client(&lambda, timeouts, 1);
    client.invoke().function_name("f").send().await.unwrap_err();
    lambda.wait_until_idle().await;
    lambda.verify();
}

#[tokio::test]
async fn a_failed_assertion_suggests_that_the_client_uses_another_transport() {
    let lambda = FakeLambda::in_memory();
    let script = lambda.on("f").reply(json!(1));
    assert_snapshot!(crate::panics::text_of(|| script.assert_calls(1)), @"
    error: expected 1 call answered by this rule, got none
      help: await the call, check that its client was created with `sdk_client!`, or uses `lambda.http_client()` or `lambda.connect()`, and wait for background calls with `wait_for_calls(1)`
      rule: `f`, scripted at tests/it/in_memory/hangs.rs:LINE#1

    journal: empty, no request arrived
    ");
}

/// The name in the `endpoint_url()` of a fake in memory never resolves, so it is not suggested.
#[tokio::test(start_paused = true)]
async fn a_missed_wait_names_what_reaches_a_fake_in_memory() {
    let lambda = FakeLambda::in_memory();
    let wait = lambda.wait_for_calls(1).within(Duration::ZERO);
    let missed = tokio::spawn(wait).await.unwrap_err().into_panic();
    let text = missed.downcast_ref::<String>().unwrap();
    assert_snapshot!(without_lines(text), @"
    error: waited 0ns for 1 call, got none
      help: check that the client was created with `sdk_client!`, or uses `lambda.http_client()` or `lambda.connect()`, and that it runs while the test waits
      wait created at tests/it/in_memory/hangs.rs:LINE#1

    journal: empty, no request arrived
    ");
}
