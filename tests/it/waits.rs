//! Waits of tests, each with a deadline.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use aws_sdk_lambda::error::SdkError;
use aws_sdk_lambda::operation::invoke::builders::InvokeFluentBuilder;
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use fake_lambda::Wait;

/// The deadline of every call and wait of a test.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// `send` with a deadline: a reply that never ends fails its test instead of hanging it.
pub(crate) trait SendInTime {
    async fn send_in_time(self) -> Result<InvokeOutput, SdkError<InvokeError>>;
}

impl SendInTime for InvokeFluentBuilder {
    async fn send_in_time(self) -> Result<InvokeOutput, SdkError<InvokeError>> {
        let answer = tokio::time::timeout(DEADLINE, self.send()).await;
        answer.expect("the call has no end")
    }
}

/// A wait that has begun and not ended.
#[track_caller]
pub(crate) fn begun(mut wait: Wait) -> Wait {
    let mut context = Context::from_waker(Waker::noop());
    let ended = Pin::new(&mut wait).poll(&mut context);
    assert!(ended.is_pending(), "it has ended");
    wait
}

/// Waits for a state that no `Wait` covers, for example that a request has arrived but is not
/// answered.
#[track_caller]
pub(crate) fn until(holds: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < deadline, "it never came");
        thread::yield_now();
    }
}
