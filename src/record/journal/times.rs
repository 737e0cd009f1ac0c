//! When things happened: real time, so nothing of it is in the journal's text.

use std::time::{Duration, Instant};

use super::{Attempt, Call, WaitReason};

impl Call {
    /// How long the client waited before each of its retries: from the end of one attempt to the arrival of the next.
    ///
    /// One shorter than [`attempts`](Self::attempts). Zero where a retry came before the fake knew that the client had given up
    /// on the attempt before it.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, ServiceError, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(ServiceError::ServiceException).then(json!({"ok": true}));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// client.invoke().function_name("resize").send().await.unwrap();
    /// assert_eq!(lambda.only_call().waits().len(), 1);
    /// # }
    /// ```
    pub fn waits(&self) -> Vec<Duration> {
        let pairs = self.attempts.windows(2);
        pairs
            .map(|pair| match pair[0].ended {
                Some(ended) => pair[1].arrived.saturating_duration_since(ended),
                None => Duration::ZERO,
            })
            .collect()
    }

    /// The earlier attempt that ran the function as well as this one: the client got nothing of it, or it would not have asked again.
    pub(crate) fn ran_before(&self, index: usize) -> Option<usize> {
        let ran = |index: &usize| self.attempts[*index].has_begun();
        if !ran(&index) {
            return None;
        }
        (0..index).rev().find(ran)
    }
}

impl Attempt {
    /// When the last byte of the request had arrived.
    pub fn arrived(&self) -> Instant {
        self.arrived
    }

    /// When the last byte of the reply was handed to the system, or the client was found to have left; `None` before that.
    pub fn ended(&self) -> Option<Instant> {
        self.ended
    }

    /// Whether the function ran for this attempt, or runs: also when its client left meanwhile.
    fn has_begun(&self) -> bool {
        self.has_run() || matches!(self.wait_reason, Some(WaitReason::Handler(_)))
    }
}
