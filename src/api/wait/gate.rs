//! Waiting for replies to reach a gate.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::{Wait, Watched};
use crate::ground::count::{Number, plural};
use crate::ground::location::Location;
use crate::ground::message::accepted;
use crate::ground::unpolled::UnpolledWait;
use crate::ground::wakers::WaiterId;
use crate::record::journal::Journal;
use crate::record::report::{Shortfall, too_few_arrivals};
use crate::reply::gate::{Gate, SharedGate};

impl Gate {
    /// Waits until this many replies have reached the gate since it was created, including those
    /// that have already passed it and those whose client disconnected.
    ///
    /// If the deadline passes, the wait panics and lists the first ten replies that reached the
    /// gate. A wait that is dropped before its first poll is reported by a fake that has a rule
    /// with this gate.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Gate, Invocation, Reply, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let paying = Gate::new();
    /// lambda.on("pay").reply(Reply::json(json!({"paid": 42})).hold(&paying));
    /// // The order is canceled while its payment is in progress.
    /// let handle = paying.clone();
    /// lambda.on("cancel").handle(async move |_: Invocation| {
    ///     handle.reached(1).await;
    ///     json!({"canceled": true})
    /// });
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let pay = tokio::spawn(client.invoke().function_name("pay").send());
    /// client.invoke().function_name("cancel").send().await.unwrap();
    /// paying.open();
    /// pay.await.unwrap().unwrap();
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `times` is negative.
    #[track_caller]
    pub fn reached(&self, times: impl Into<Number>) -> Wait {
        let times = accepted(times.into().checked("reached"));
        let source = OnGate {
            shared: self.shared.clone(),
            times,
        };
        Wait::on(
            Box::new(source),
            format!("for {} at a gate", plural(times, "reply")),
        )
    }
}

struct OnGate {
    shared: Arc<SharedGate>,
    times: u64,
}

impl Watched for OnGate {
    fn poll(&self, waiter: WaiterId, context: &mut Context<'_>) -> Poll<()> {
        self.shared
            .poll_arrivals(self.times, waiter, context.waker())
    }

    fn forget(&self, waiter: WaiterId) {
        self.shared.forget(waiter);
    }

    /// Returns `false`, because another fake can still hold a reply at the gate.
    fn is_hopeless(&self) -> bool {
        false
    }

    /// Returns `false`, because a gate has no reference to its fakes, and for a fake in memory a
    /// paused clock is normal.
    fn is_clock_paused(&self) -> bool {
        false
    }

    fn seen(&self) -> (Option<Shortfall>, Option<Journal>) {
        let (came, named) = self.shared.arrivals();
        let (is_used, made_at) = (self.shared.is_used(), self.shared.made_at());
        let few = || too_few_arrivals(came, self.times, &named, is_used, made_at);
        ((came < self.times).then(few), None)
    }

    /// Does nothing: several fakes can share a gate, so its report contains no journal.
    fn note_printed_journal(&self, _: &str) {}

    fn note_poll(&self, made_at: &Location) {
        self.shared.unpolled(|waits| waits.note_poll(made_at));
    }

    /// Notes the wait. The first fake that verifies and has a rule with this gate reports it.
    fn dropped_unpolled(&self, wait: UnpolledWait) {
        self.shared.unpolled(|waits| waits.note_drop(wait));
    }
}
