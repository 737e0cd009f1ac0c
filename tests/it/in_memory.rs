//! The fake in memory runs on its clients' runtime and uses that runtime's clock. When the clock is
//! paused, waits take no real time.

mod abandoned;
mod clocks;
mod connections;
mod events;
mod faults;
mod hangs;
mod idempotency;
mod jitter;
mod places;
mod runtimes;
mod streams;
mod sweep;
mod tables;

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::error::{DisplayErrorContext, SdkError};
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use fake_lambda::{FakeLambda, sdk_client};

type Answer = Result<InvokeOutput, SdkError<InvokeError>>;

/// A client that makes at most this many attempts, with these timeouts and the SDK's own backoff.
fn client(lambda: &FakeLambda, timeouts: TimeoutConfig, attempts: u32) -> Client {
    sdk_client!(aws_sdk_lambda, lambda, |config| {
        config
            .retry_config(RetryConfig::standard().with_max_attempts(attempts))
            .timeout_config(timeouts)
    })
}

/// The answer of `f` to a client without timeouts, after one attempt.
async fn ask(lambda: &FakeLambda) -> Answer {
    let client = client(lambda, no_timeouts(), 1);
    client.invoke().function_name("f").send().await
}

fn no_timeouts() -> TimeoutConfig {
    TimeoutConfig::disabled()
}

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

/// The error with all of its sources.
fn error(answer: Answer) -> String {
    let text = DisplayErrorContext(answer.unwrap_err()).to_string();
    let (text, _) = text.split_once(" (DispatchFailure(").unwrap_or((&text, ""));
    text.to_owned()
}
