//! Everything that measures time uses tokio's clock.

use std::time::{Duration, SystemTime};

use aws_sdk_lambda::types::{InvocationType, LogType};
use base64::Engine as _;
use fake_lambda::{
    Context, FakeLambda, FunctionError, Gate, Invocation, Reply, ServiceError, sdk_client,
};
use insta::assert_snapshot;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{ask, seconds};

#[tokio::test(start_paused = true)]
async fn the_journal_has_the_times_of_the_clock() {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .reply(Reply::json(json!(1)).delay(seconds(900)));
    let begun = Instant::now().into_std();
    sleep(seconds(7)).await; // on the paused clock: time is the subject
    ask(&lambda).await.unwrap();
    let call = lambda.only_call();
    assert_eq!(call.attempts()[0].arrived() - begun, seconds(7));
    assert_eq!(call.attempts()[0].ended().unwrap() - begun, seconds(907));
}

#[tokio::test(start_paused = true)]
async fn the_backoff_is_asserted_to_the_millisecond() {
    let lambda = FakeLambda::in_memory();
    let script = lambda.on("f").reply(ServiceError::TooManyRequestsException);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    client.invoke().function_name("f").send().await.unwrap_err();
    let waits = lambda.only_call().waits();
    assert_eq!(
        waits,
        [Duration::from_millis(314), Duration::from_millis(1790)]
    );
    let shortest = *waits.iter().min().unwrap();
    script.assert_backoff_at_least(shortest);
    let too_long = shortest + Duration::from_millis(1);
    let report = crate::panics::caught(|| script.assert_backoff_at_least(too_long));
    assert!(report.text.contains("on tokio's clock"), "{}", report.text);
    assert_snapshot!(lambda.timeline(), @r#"
    1 call, 3 attempts, in 2104.0 ms (on tokio's clock)
    1 |#....#.................................#| f RequestResponse (empty)
      0.0 ms + 0.0 ms: attempt 1/3, 0 bytes in → 429 TooManyRequestsException
      waited 314.0 ms
      314.0 ms + 0.0 ms: attempt 2/3, 0 bytes in → 429 TooManyRequestsException
      waited 1790.0 ms
      2104.0 ms + 0.0 ms: attempt 3/3, 0 bytes in → 429 TooManyRequestsException
    "#);
}

/// Outside of the runtime, the time is that of the system, which is before the attempt's.
#[test]
fn a_timeline_outside_of_the_runtime_shows_an_attempt_that_is_held() {
    let gate = Gate::new();
    let lambda = FakeLambda::in_memory();
    lambda
        .on("slow")
        .reply(Reply::json(json!(1)).delay(seconds(900)));
    lambda.on("f").reply(Reply::json(json!(1)).hold(&gate));
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let client = sdk_client!(aws_sdk_lambda, lambda);
        client.invoke().function_name("slow").send().await.unwrap();
        tokio::spawn(client.invoke().function_name("f").send());
        gate.reached(1).await;
    });
    let timeline = lambda.timeline().to_string();
    assert!(
        timeline.starts_with("2 calls, 2 attempts, in 900.0 s"),
        "{timeline}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_pending_function_a_rate_and_a_cold_start_take_virtual_time() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").reply(json!(1));
    let pending = lambda.pending("f", seconds(3600));
    ask(&lambda).await.unwrap_err();
    sleep(seconds(3599)).await; // on the paused clock: time is the subject
    ask(&lambda).await.unwrap_err();
    sleep(seconds(1)).await; // on the paused clock: time is the subject
    ask(&lambda).await.unwrap();
    drop(pending);

    let rate = lambda.rate_limit(1, 1);
    ask(&lambda).await.unwrap();
    ask(&lambda).await.unwrap_err();
    sleep(seconds(1)).await; // on the paused clock: time is the subject
    ask(&lambda).await.unwrap();
    rate.stop();

    let cold = lambda.cold_starts("f", seconds(120));
    let begun = Instant::now();
    ask(&lambda).await.unwrap();
    assert_eq!(begun.elapsed(), seconds(120));
    cold.stop();
}

#[tokio::test(start_paused = true)]
async fn a_handler_sees_the_clock_and_the_system_time_stays_real() {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .handle_json(async |_: Value, context: Context| {
            let before = context.remaining_time();
            let spawned = tokio::spawn(sleep(seconds(600)));
            spawned.await.unwrap();
            let until = context
                .deadline()
                .duration_since(SystemTime::now())
                .unwrap();
            assert!(until > seconds(890), "{until:?}");
            Ok::<_, FunctionError>([before.as_secs(), context.remaining_time().as_secs()])
        });
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let output = client
        .invoke()
        .function_name("f")
        .log_type(LogType::Tail)
        .send()
        .await
        .unwrap();
    assert_eq!(output.payload().unwrap().as_ref(), b"[900,300]");
    let log = base64::engine::general_purpose::STANDARD
        .decode(output.log_result().unwrap())
        .unwrap();
    let log = String::from_utf8(log).unwrap();
    assert!(
        log.contains("\tDuration: 600000.00 ms\tBilled Duration: "),
        "{log}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_duration_in_a_log_does_not_include_the_cold_start() {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .reply(Reply::json(json!(1)).delay(seconds(5)));
    let cold = lambda.cold_starts("f", seconds(120));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let output = client
        .invoke()
        .function_name("f")
        .log_type(LogType::Tail)
        .send()
        .await
        .unwrap();
    let log = base64::engine::general_purpose::STANDARD
        .decode(output.log_result().unwrap())
        .unwrap();
    let log = String::from_utf8(log).unwrap();
    assert!(
        log.contains("\tDuration: 5000.00 ms\tBilled Duration: 125000 ms"),
        "{log}"
    );
    assert!(log.contains("\tInit Duration: 120000.00 ms"), "{log}");
    cold.stop();
}

#[tokio::test(start_paused = true)]
async fn a_gate_and_a_limit_work_as_over_a_socket() {
    let lambda = FakeLambda::in_memory();
    let gate = fake_lambda::Gate::new();
    lambda.on("held").reply(Reply::json(json!(1)).hold(&gate));
    lambda
        .on("slow")
        .reply(Reply::json(json!(2)).delay(seconds(60)));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let held = tokio::spawn(client.invoke().function_name("held").send());
    gate.reached(1).await;
    gate.open();
    held.await.unwrap().unwrap();

    let limit = lambda.reserve_concurrency("slow", 2);
    let once = super::client(&lambda, super::no_timeouts(), 1);
    let calls: Vec<_> = (0..5)
        .map(|_| tokio::spawn(once.invoke().function_name("slow").send()))
        .collect();
    let mut succeeded = 0;
    for call in calls {
        succeeded += usize::from(call.await.unwrap().is_ok());
    }
    assert_eq!(succeeded, 2);
    limit.stop();

    let event = client
        .invoke()
        .function_name("slow")
        .invocation_type(InvocationType::Event);
    event.send().await.unwrap();
    lambda.settle_events().await;
    lambda.assert_delivered(1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_is_in_the_journal() {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .reply(Reply::json(json!(1)).delay(seconds(60)));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = client.invoke().function_name("f").send();
    tokio::time::timeout(seconds(5), call).await.unwrap_err();
    sleep(seconds(60)).await; // on the paused clock: time is the subject
    lambda.wait_until_idle().await;
    assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse (empty)
      attempt 1/3 → no answer (ran, lost 200 1) (abandoned by the client)
    "#);
}

/// A timeout ends only a function, and a service error is not from one.
#[tokio::test(start_paused = true)]
async fn a_service_error_of_a_handler_with_a_timeout_is_held_and_delayed_as_long_as_any() {
    let lambda = FakeLambda::in_memory();
    let gate = Gate::new();
    let refuses = || {
        let reply = Reply::handle(async |_: Invocation| ServiceError::KmsNotFoundException);
        reply.timeout(seconds(1))
    };
    let script = lambda.on("f").reply(refuses().delay(seconds(5)));
    script.then(refuses().hold(&gate));
    let begun = Instant::now();
    ask(&lambda).await.unwrap_err();
    assert_eq!(begun.elapsed(), seconds(5));
    let hour = tokio::time::timeout(seconds(3600), ask(&lambda)).await;
    assert!(hour.is_err(), "the gate is closed");
    gate.open();
    lambda.wait_until_idle().await;
}
