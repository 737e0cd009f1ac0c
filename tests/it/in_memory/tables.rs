//! Virtual times of the real SDK, with its own backoff.

use std::time::Duration;

use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::error::SdkError;
use fake_lambda::{Context, FakeLambda, Fault, FunctionError, Invocation, Reply, ServiceError};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{client, no_timeouts, seconds};

/// The caller's result, the time it waits and the number of its attempts.
async fn outcome(reply: Reply, timeouts: TimeoutConfig, attempts: u32) -> String {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").reply(reply);
    let client = client(&lambda, timeouts, attempts);
    let begun = Instant::now();
    let got = client.invoke().function_name("f").send().await;
    let took = begun.elapsed();
    let got = match &got {
        Ok(output) => format!(
            "{}{}",
            output.function_error().unwrap_or("success "),
            String::from_utf8_lossy(output.payload().map_or(&[], |payload| payload.as_ref()))
        ),
        Err(SdkError::DispatchFailure(failure)) if failure.is_timeout() => {
            "DispatchFailure, a timeout".to_owned()
        }
        Err(SdkError::DispatchFailure(failure)) => format!("DispatchFailure: {failure:?}"),
        Err(SdkError::TimeoutError(_)) => "TimeoutError".to_owned(),
        Err(SdkError::ServiceError(error)) => format!("ServiceError {}", error.err()),
        Err(error) => format!("{error:?}"),
    };
    let number = lambda.only_call().attempts().len();
    format!("{got} after {took:?} and {number} attempt(s)")
}

#[tokio::test(start_paused = true)]
async fn a_reply_after_15_minutes() {
    let reply = Reply::json(json!({"ok": true})).delay(seconds(900));
    insta::assert_snapshot!(outcome(reply, no_timeouts(), 3).await, @r#"success {"ok":true} after 900s and 1 attempt(s)"#);
}

#[tokio::test(start_paused = true)]
async fn errors_with_the_sdks_own_backoff() {
    insta::assert_snapshot!(outcome(ServiceError::ServiceException.into(), no_timeouts(), 3).await, @r#"ServiceError ServiceException: An error occurred and the request cannot be processed. after 2.104s and 3 attempt(s)"#);
    insta::assert_snapshot!(outcome(ServiceError::TooManyRequestsException.into(), no_timeouts(), 5).await, @r#"ServiceError TooManyRequestsException: Rate Exceeded. after 4.124s and 5 attempt(s)"#);
}

#[tokio::test(start_paused = true)]
async fn functions_that_take_a_long_time() {
    let never = || Reply::handle(async |_: Invocation| std::future::pending::<Reply>().await);
    insta::assert_snapshot!(outcome(never().timeout(seconds(300)), no_timeouts(), 3).await, @r#"Unhandled{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: b6e10bb0-943b-4f0f-92f5-a99771e4d8eb Error: Task timed out after 300.00 seconds"} after 300s and 1 attempt(s)"#);
    // 15 minutes is the longest run on AWS.
    insta::assert_snapshot!(outcome(never(), no_timeouts(), 3).await, @r#"Unhandled{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: b6e10bb0-943b-4f0f-92f5-a99771e4d8eb Error: Task timed out after 900.00 seconds"} after 900s and 1 attempt(s)"#);
    let sleeps = Reply::handle_json(async |_: Value, context: Context| {
        tokio::time::sleep(seconds(600)).await;
        Ok::<_, FunctionError>(format!("{:?} left", context.remaining_time()))
    });
    insta::assert_snapshot!(outcome(sleeps, no_timeouts(), 3).await, @r#"success "300s left" after 600s and 1 attempt(s)"#);
}

#[tokio::test(start_paused = true)]
async fn a_hang_and_each_timeout_of_the_client() {
    let timeouts = TimeoutConfig::builder;
    let operation = timeouts().operation_timeout(seconds(30)).build();
    insta::assert_snapshot!(outcome(Fault::Hang.into(), operation, 3).await, @r#"TimeoutError after 30s and 1 attempt(s)"#);
    let attempt = timeouts().operation_attempt_timeout(seconds(10)).build();
    insta::assert_snapshot!(outcome(Fault::Hang.into(), attempt, 3).await, @r#"TimeoutError after 32.104s and 3 attempt(s)"#);
    let read = timeouts().read_timeout(seconds(10)).build();
    insta::assert_snapshot!(outcome(Fault::Hang.into(), read, 3).await, @r#"DispatchFailure, a timeout after 32.104s and 3 attempt(s)"#);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_waits_for_the_timeout_of_the_operation() {
    let reply = Reply::json(json!({"ok": true})).fault(Fault::StallAfter(3));
    let hour = TimeoutConfig::builder()
        .operation_timeout(Duration::from_secs(3600))
        .build();
    insta::assert_snapshot!(outcome(reply, hour, 3).await, @r#"TimeoutError after 3600s and 1 attempt(s)"#);
}
