//! The journal of parallel clients, whose order of arrival changes from run to run.

use super::{Call, Journal};

impl Journal {
    /// The same calls sorted by what was asked and answered, and numbered anew: for snapshots of parallel clients.
    ///
    /// Sorted by function, qualifier, invocation type and payload, each as text, then by the attempts; attempts of one call keep their
    /// order. Which client got which step of a shared script is not undone by sorting: give parallel calls replies that follow from
    /// what they ask.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Invocation, sdk_client};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("echo").handle(async |invocation: Invocation| invocation.payload_json());
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let call = |text: &str| client.invoke().function_name("echo").payload(text.as_bytes().to_vec().into()).send();
    /// let (a, b) = tokio::join!(call("2"), call("1"));
    /// # a.unwrap(); b.unwrap();
    /// assert_eq!(
    ///     lambda.journal().sorted().to_string(),
    ///     "1 echo RequestResponse 1\n  attempt 1/3 → 200 1\n2 echo RequestResponse 2\n  attempt 1/3 → 200 2"
    /// );
    /// # }
    /// ```
    #[must_use = "the journal itself stays in order of arrival"]
    pub fn sorted(mut self) -> Self {
        for call in &mut self.entries {
            call.number = 0;
        }
        self.entries.sort_by_cached_key(key);
        for (index, call) in self.entries.iter_mut().enumerate() {
            call.number = index as u64 + 1;
        }
        self
    }
}

/// Everything that a snapshot could show of a call.
fn key(call: &Call) -> (String, String) {
    let serialized = serde_json::to_string(call).expect("a call is made of strings and numbers");
    (serialized, call.to_string())
}
