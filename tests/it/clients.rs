//! The real SDK as a witness: what it sends reaches the rules and the journal as meant.

mod attempts;
mod calls;
mod configuration;
mod names;

use std::time::Duration;

use aws_sdk_lambda::error::SdkError;
use aws_sdk_lambda::operation::invoke::builders::InvokeFluentBuilder;
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use serde_json::Value;

/// No call of a test takes longer.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// `send` with a deadline: a reply that never ends fails its test and does not hang it.
pub(crate) trait SendInTime {
    async fn send_in_time(self) -> Result<InvokeOutput, SdkError<InvokeError>>;
}

impl SendInTime for InvokeFluentBuilder {
    async fn send_in_time(self) -> Result<InvokeOutput, SdkError<InvokeError>> {
        let answer = tokio::time::timeout(DEADLINE, self.send()).await;
        answer.expect("the call has no end")
    }
}

fn payload_of(output: &InvokeOutput) -> Value {
    serde_json::from_slice(output.payload().expect("a function ran").as_ref()).unwrap()
}
