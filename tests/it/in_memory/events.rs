//! Events on tokio's clock.

use std::time::Duration;

use aws_sdk_lambda::types::InvocationType;
use fake_lambda::{EventsRun, FakeLambda, FunctionError, Invocation, Reply, sdk_client};
use insta::assert_snapshot;
use serde_json::json;
use tokio::time::sleep;

use super::seconds;
use crate::panics::caught;

fn on_tokios_clock() -> FakeLambda {
    FakeLambda::builder()
        .events_run(EventsRun::TokioClock)
        .in_memory()
}

/// On a paused clock, a retry takes no real time, so the help does not suggest another clock.
#[tokio::test(start_paused = true)]
async fn a_missed_wait_on_a_paused_clock_does_not_blame_the_clock() {
    let lambda = on_tokios_clock();
    lambda
        .on("f")
        .reply(FunctionError::new("Busy", "try again"))
        .then(json!(1));
    send_event(&lambda).await;
    lambda.wait_until_idle().await;
    let settled = tokio::spawn(lambda.settle_events().within(Duration::ZERO));
    let missed = settled.await.unwrap_err().into_panic();
    let text = missed.downcast_ref::<String>().unwrap();
    let help = text.lines().nth(1).unwrap();
    assert_snapshot!(help, @"  help: extend the deadline with `.within(..)`");
}

async fn send_event(lambda: &FakeLambda) {
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = client
        .invoke()
        .function_name("f")
        .invocation_type(InvocationType::Event);
    call.send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn retries_happen_while_the_test_sleeps() {
    let lambda = on_tokios_clock();
    let script = lambda
        .on("f")
        .reply(FunctionError::new("ValueError", "busy"))
        .times(2)
        .then(json!(1));
    sleep(seconds(1)).await;
    send_event(&lambda).await;
    sleep(Duration::from_millis(59_999)).await;
    script.assert_executions(1);
    sleep(Duration::from_millis(1)).await;
    tokio::task::yield_now().await;
    script.assert_executions(2);
    sleep(seconds(120)).await;
    tokio::task::yield_now().await;
    script.assert_delivered(1);
    assert_snapshot!(lambda.journal(), @r#"
    1 f Event (empty)
      attempt 1/3 → 202
        execution 1 → 200 function error {"errorMessage":"busy","errorType":"ValueError"}
        execution 2 after 1m → 200 function error {"errorMessage":"busy","errorType":"ValueError"}
        execution 3 after 3m → 200 1
        Success
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_sleeps_moves_the_clock_of_events() {
    let lambda = on_tokios_clock();
    let script = lambda.on("f").handle(async |_: Invocation| {
        sleep(seconds(30)).await;
        Reply::from(FunctionError::new("ValueError", "busy"))
    });
    send_event(&lambda).await;
    sleep(seconds(89)).await;
    script.assert_executions(1);
    // The first execution ends after 30 s. The second one begins a minute later and takes 30 s.
    sleep(seconds(32)).await;
    script.assert_executions(2);
    lambda.settle_events().await;
    script.assert_executions(3);
    let delivery = lambda.only_delivery();
    assert_eq!(delivery.waits(), [seconds(60), seconds(120)]);
    assert_snapshot!(delivery, @r#"
    delivery 1 of f {}
      execution 1 → 200 function error {"errorMessage":"busy","errorType":"ValueError"}
      execution 2 after 1m 30s → 200 function error {"errorMessage":"busy","errorType":"ValueError"}
      execution 3 after 4m → 200 function error {"errorMessage":"busy","errorType":"ValueError"}
      RetriesExhausted
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_the_end_lets_the_clock_run() {
    let lambda = on_tokios_clock();
    lambda
        .on("f")
        .reply(FunctionError::new("ValueError", "busy"));
    let begun = tokio::time::Instant::now();
    send_event(&lambda).await;
    lambda.settle_events().await;
    assert_eq!(begun.elapsed(), seconds(180));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_a_pause_holds_runs_after_it() {
    let lambda = on_tokios_clock();
    let script = lambda
        .on("f")
        .reply(FunctionError::new("ValueError", "busy"))
        .then(json!(1));
    send_event(&lambda).await;
    let paused = lambda.pause();
    sleep(seconds(100)).await;
    script.assert_executions(1);
    paused.stop();
    sleep(seconds(1)).await;
    script.assert_delivered(1);
}

#[tokio::test(start_paused = true)]
async fn the_clock_is_not_advanced_by_hand() {
    let lambda = on_tokios_clock();
    assert_snapshot!(caught(|| lambda.advance(seconds(60))).text, @r#"
    error: `advance` cannot move the events' clock: events run on tokio's clock
      help: sleep with `tokio::time::sleep(..)`, or remove `.events_run(EventsRun::TokioClock)`
    "#);
}

#[tokio::test(start_paused = true)]
async fn by_default_the_test_moves_the_clock_of_events() {
    let lambda = FakeLambda::in_memory();
    let script = lambda
        .on("f")
        .reply(FunctionError::new("ValueError", "busy"))
        .then(json!(1));
    send_event(&lambda).await;
    sleep(seconds(3600)).await;
    script.assert_executions(1);
    lambda.advance(seconds(60)).await;
    script.assert_delivered(1);
}

/// The task that runs events belongs to the runtime of the last client or of the last wait.
#[test]
fn another_runtime_runs_what_is_left() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let lambda = FakeLambda::in_memory();
    let script = lambda
        .on("f")
        .reply(FunctionError::new("ValueError", "busy"))
        .then(json!(1));
    runtime().block_on(send_event(&lambda));
    let second = runtime();
    second.block_on(async { lambda.settle_events().await });
    script.assert_delivered(1);
}
