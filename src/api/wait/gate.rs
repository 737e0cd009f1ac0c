//! Waiting for replies to come to a gate.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::{Wait, Watched};
use crate::record::journal::Journal;
use crate::reply::gate::{Gate, SharedGate};

impl Gate {
    /// Waits until so many replies have come here, counted since the gate was made: those that went on or whose client left, too.
    ///
    /// A missed deadline panics and names the first ten that did come.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Gate, Invocation, Reply, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let paying = Gate::new();
    /// lambda.on("pay").reply(Reply::json(json!({"paid": 42})).hold(&paying));
    /// // The order is cancelled while its payment is under way.
    /// let handle = paying.clone();
    /// lambda.on("cancel").handle(async move |_: Invocation| {
    ///     handle.reached(1).await;
    ///     json!({"cancelled": true})
    /// });
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let pay = tokio::spawn(client.invoke().function_name("pay").send());
    /// client.invoke().function_name("cancel").send().await.unwrap();
    /// paying.open();
    /// pay.await.unwrap().unwrap();
    /// # }
    /// ```
    #[track_caller]
    pub fn reached(&self, times: u64) -> Wait {
        let what = match times {
            1 => "1 reply at the gate".to_owned(),
            _ => format!("{times} replies at the gate"),
        };
        let source = OnGate {
            shared: self.shared.clone(),
            times,
        };
        Wait::on(
            Box::new(source),
            format!("{what} made at {}", self.shared.made_at()),
        )
    }
}

struct OnGate {
    shared: Arc<SharedGate>,
    times: u64,
}

impl Watched for OnGate {
    fn poll(&self, context: &mut Context<'_>) -> Poll<()> {
        match self.shared.arrivals(Some(context.waker())).0 {
            came if came >= self.times => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }

    /// Another fake may still hold a reply here.
    fn is_hopeless(&self) -> bool {
        false
    }

    fn seen(&self) -> (Option<String>, Option<Journal>) {
        let (came, named) = self.shared.arrivals(None);
        let missing = (came < self.times).then(|| {
            let mut text = match came {
                0 => "none came".to_owned(),
                came => format!("{came} came"),
            };
            for name in &named {
                text.push_str(&format!("\n    {name}"));
            }
            if came > named.len() as u64 {
                text.push_str(&format!("\n    … and {} more", came - named.len() as u64));
            }
            text
        });
        (missing, None)
    }
}
