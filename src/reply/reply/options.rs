//! How a reply is sent: late, held back, damaged, or with a lie at the level of HTTP.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Answer, Reply};
use crate::ground::message::accepted;
use crate::reply::delay::Delay;
use crate::reply::fault::Fault;
use crate::reply::gate::{Gate, SharedGate};

/// What is done to a reply on its way.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReplyOptions {
    pub(crate) gate: Option<Arc<SharedGate>>,
    pub(crate) delay: Option<Delay>,
    pub(crate) body_delay: Option<Delay>,
    pub(crate) fault: Option<Fault>,
    pub(crate) status: Option<u16>,
    pub(crate) body: Option<Bytes>,
    pub(crate) without: Vec<Arc<str>>,
    /// How long the function may take.
    pub(crate) timeout: Option<Duration>,
    /// Whether an Event meets the error behind its 202.
    pub(crate) in_queue: bool,
    /// How many copies there are of an Event beside the first.
    pub(crate) duplicates: u32,
    /// Whether an Event is accepted and never run.
    pub(crate) is_lost: bool,
}

impl ReplyOptions {
    /// How many times in all an Event is delivered, where that is not once.
    pub(crate) fn delivered_times(&self) -> Option<u32> {
        (self.duplicates > 0).then(|| self.duplicates + 1)
    }
}

impl Reply {
    /// Waits so long before the first byte: a [`Duration`](std::time::Duration), a range of them, or a [`Delay`].
    ///
    /// The attempt is *waiting* in the journal meanwhile. The caller of an Event gets its 202 at once, and nothing waits; a service error or a
    /// fault in place of the 202 does.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply};
    /// use serde_json::json;
    /// use std::time::Duration;
    ///
    /// let lambda = FakeLambda::start();
    /// let some = Duration::from_millis(5)..Duration::from_millis(50);
    /// lambda.on("slow").reply(Reply::json(json!({"ok": true})).delay(some));
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when the range goes backwards.
    #[track_caller]
    pub fn delay(self, delay: impl Into<Delay>) -> Self {
        accepted(self.try_delay(delay.into()))
    }

    /// Waits so long between head and body.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply};
    /// use serde_json::json;
    /// use std::time::Duration;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("slow").reply(Reply::json(json!({"ok": true})).body_delay(Duration::from_millis(5)));
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when the range goes backwards, or the reply has no body to come later.
    #[track_caller]
    pub fn body_delay(self, delay: impl Into<Delay>) -> Self {
        accepted(self.try_body_delay(delay.into()))
    }

    /// Holds the reply back until the gate lets it through.
    ///
    /// The step is used up and the attempt is in the journal, *waiting*, from the moment it arrives. With a
    /// [`delay`](Self::delay), too, the gate comes first. The caller of an Event gets its 202 at once, and no gate is reached; a service error
    /// or a fault in place of the 202 is held. A client that leaves does not open the gate: its function stays held, and
    /// [`wait_until_idle`](crate::Handle::wait_until_idle) waits for it.
    ///
    /// See [`Gate`] for an example.
    pub fn hold(mut self, gate: &Gate) -> Self {
        gate.shared.note_use();
        self.options_mut().gate = Some(gate.shared.clone());
        self
    }

    /// Damages the reply, or loses it: the function has run, if it is one of a function.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Fault, Reply, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let paid = || Reply::json(json!({"paid": 42}));
    /// lambda.on("pay").reply(paid().fault(Fault::ResetAfter(5))).then(paid());
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// client.invoke().function_name("pay").send().await.unwrap();
    /// let runs = lambda.only_call().attempts().iter().filter(|attempt| attempt.has_run()).count();
    /// assert_eq!(runs, 2); // the SDK has tried again: the order is paid twice
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when the reply has a fault already, and when this one cannot happen to it: a piece of 0 bytes, a cut behind the end of
    /// the body. Where the body is not known here, as a handler's, a fault that could not happen fails verification.
    #[track_caller]
    pub fn fault(self, fault: Fault) -> Self {
        accepted(self.try_fault(fault))
    }

    /// Another status than the reply has by rights: a lie at the level of HTTP.
    ///
    /// For an Event and a DryRun it takes the place of 202 and 204.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply, ServiceError};
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").reply(Reply::error(ServiceError::TooManyRequestsException).status(503));
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when it is not between 200 and 599, or one that HTTP gives no body to (204 and 304).
    #[track_caller]
    pub fn status(self, status: u16) -> Self {
        accepted(self.try_status(status))
    }

    /// Other bytes than the reply has by rights, under the same head but for its length: HTML from a proxy, an array where an object belongs.
    ///
    /// They are what the caller of an Event gets, too; the 204 of a DryRun has no body. No limit is checked.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Reply, ServiceError};
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").reply(Reply::error(ServiceError::TooManyRequestsException).body("<html>slow down</html>"));
    /// lambda.on("pay").reply(Reply::error(ServiceError::ServiceException).without_header("x-amzn-ErrorType").body("[]"));
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when there is no reply, behind a [`Fault`] alone or a handler; and when a fault that the reply has cannot happen to these
    /// bytes.
    #[track_caller]
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        accepted(self.try_body(body.into()))
    }

    /// Leaves a response header out that the reply has by rights.
    ///
    /// # Panics
    ///
    /// At this line when no reply of Lambda has such a header, and for `content-length` and `transfer-encoding`, without which a reply has no
    /// end.
    #[track_caller]
    pub fn without_header(self, name: impl AsRef<str>) -> Self {
        accepted(self.try_without_header(name.as_ref()))
    }

    /// The same reply, under what was said of the handler that made it; what the reply says itself goes before.
    pub(crate) fn under(mut self, outer: Option<&Arc<ReplyOptions>>) -> Self {
        let Some(outer) = outer else { return self };
        let own = self.options_mut();
        let outer = (**outer).clone();
        own.gate = own.gate.take().or(outer.gate);
        own.delay = own.delay.or(outer.delay);
        own.body_delay = own.body_delay.or(outer.body_delay);
        own.fault = own.fault.or(outer.fault);
        own.status = own.status.or(outer.status);
        own.without.extend(outer.without);
        own.timeout = own.timeout.or(outer.timeout);
        if matches!(self.answer, Answer::Fault(_)) {
            self.options_mut().fault = None;
        }
        self
    }

    /// The same reply, with nothing that makes it late.
    pub(crate) fn at_once(mut self) -> Self {
        if self.options.is_some() {
            let options = self.options_mut();
            (options.gate, options.delay, options.timeout) = (None, None, None);
        }
        self
    }

    /// Whether something is done to it on its way that its reader notices.
    pub(crate) fn is_troubled(&self) -> bool {
        self.options.as_ref().is_some_and(|options| {
            options.fault.is_some()
                || options.status.is_some()
                || options.body.is_some()
                || !options.without.is_empty()
                || options.is_lost
                || options.duplicates > 0
        })
    }

    /// The same reply, damaged by what was written as a fault alone; `None` when it has a fault of its own.
    pub(crate) fn damaged(&self, by: &Self) -> Option<Self> {
        let Answer::Fault(fault) = by.answer else {
            return None;
        };
        if self.fault_of_its_own().is_some() {
            return None;
        }
        let mut damage = by.clone();
        damage.options_mut().fault = Some(fault);
        Some(self.clone().under(damage.options.as_ref()))
    }

    /// The fault it was written with, alone or on it.
    pub(crate) fn fault_of_its_own(&self) -> Option<Fault> {
        match self.answer {
            Answer::Fault(fault) => Some(fault),
            Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Handler(_) => self.options.as_ref()?.fault,
        }
    }

    pub(super) fn options_mut(&mut self) -> &mut ReplyOptions {
        Arc::make_mut(self.options.get_or_insert_default())
    }
}
