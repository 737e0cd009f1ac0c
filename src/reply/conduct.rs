//! How a reply is sent: late, held back, damaged, or with a lie at the level of HTTP.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Answer, Reply};
use crate::delay::Delay;
use crate::fault::Fault;
use crate::gate::{Gate, Hinge};

/// What is done to a reply on its way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conduct {
    pub(crate) gate: Option<Arc<Hinge>>,
    pub(crate) delay: Option<Delay>,
    pub(crate) body_delay: Option<Delay>,
    pub(crate) fault: Option<Fault>,
    pub(crate) status: Option<u16>,
    pub(crate) body: Option<Bytes>,
    pub(crate) without: Vec<Arc<str>>,
    /// How long the function may take.
    pub(crate) timeout: Option<Duration>,
}

impl Reply {
    /// Waits so long before the first byte: a [`Duration`](std::time::Duration), a range of them, or a [`Delay`].
    ///
    /// The attempt is *waiting* in the journal meanwhile. The caller of an Event is not kept waiting: its function is, and a 202 comes at once.
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
    pub fn delay(mut self, delay: impl Into<Delay>) -> Self {
        self.conduct().delay = Some(possible(delay.into()));
        self
    }

    /// Waits so long between head and body.
    ///
    /// # Panics
    ///
    /// At this line when the range goes backwards, or the reply has no body to come later.
    #[track_caller]
    pub fn body_delay(mut self, delay: impl Into<Delay>) -> Self {
        self.needs_reply("body_delay");
        self.conduct().body_delay = Some(possible(delay.into()));
        self
    }

    /// Holds the reply back until the gate lets it through.
    ///
    /// The step is used up and the attempt is in the journal, *waiting*, from the moment it arrives. With a
    /// [`delay`](Self::delay), too, the gate comes first.
    pub fn hold(mut self, gate: &Gate) -> Self {
        self.conduct().gate = Some(gate.hinge.clone());
        self
    }

    /// Damages the reply, or loses it: the function has run, if it is one of a function.
    ///
    /// # Panics
    ///
    /// At this line when the reply has a fault already, and when this one cannot happen to it: a piece of 0 bytes, a cut behind the end of
    /// the body. Where the body is not known here, as a handler's, a fault that could not happen fails verification.
    #[track_caller]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.needs_reply("fault");
        if let Some(first) = self.conduct.as_ref().and_then(|conduct| conduct.fault) {
            panic!("the reply has a fault already, `{first:?}`: one reply meets one");
        }
        let body = match &self.answer {
            Answer::Payload(body) | Answer::Http { body, .. } => Some(body.len()),
            _ => None,
        };
        let mistake = fault
            .mistake()
            .or_else(|| body.and_then(|body| fault.mistake_for(body)));
        if let Some(mistake) = mistake {
            panic!("{mistake}");
        }
        self.conduct().fault = Some(fault);
        self
    }

    /// Another status than the reply has by rights: a lie at the level of HTTP.
    ///
    /// # Panics
    ///
    /// At this line when it is not between 200 and 599, or one that HTTP gives no body to (204 and 304).
    #[track_caller]
    pub fn status(mut self, status: u16) -> Self {
        self.needs_reply("status");
        assert!(
            (200..600).contains(&status) && !matches!(status, 204 | 304),
            "`{status}` is no status of a final HTTP response with a body: `status` takes 200 to 599 without 204 and 304"
        );
        self.conduct().status = Some(status);
        self
    }

    /// Other bytes than the reply has by rights, under the same head but for its length: HTML from a proxy, an array where an object belongs.
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
    /// At this line when there is no reply: behind a [`Fault`] alone, or a handler.
    #[track_caller]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.needs_reply("body");
        assert!(
            !matches!(self.answer, Answer::Handler(_)),
            "a handler makes its own body: give the reply inside it one"
        );
        self.conduct().body = Some(body.into());
        self
    }

    /// Leaves a response header out that the reply has by rights.
    ///
    /// # Panics
    ///
    /// At this line when HTTP allows no such name, and for `content-length` and `transfer-encoding`, without which a reply has no end.
    #[track_caller]
    pub fn without_header(mut self, name: impl AsRef<str>) -> Self {
        let name = name.as_ref();
        self.needs_reply("without_header");
        super::refuse_framing(name);
        self.conduct().without.push(name.into());
        self
    }

    /// What no line has refused yet: a fault that converted into a reply was not looked at.
    pub(crate) fn mistake(&self) -> Option<String> {
        let Answer::Fault(fault) = self.answer else {
            return self.idle_timeout();
        };
        match fault.stands_alone() {
            true => fault.mistake(),
            false => Some(format!(
                "`Fault::{fault:?}` needs a reply to damage: `Reply::json(..).fault(Fault::{fault:?})`"
            )),
        }
    }

    /// What of it a server cannot do that only sends whole replies: the verb as the test writes it.
    pub(crate) fn beyond_http(&self) -> Option<String> {
        let conduct = self.conduct.as_ref();
        let fault = match self.answer {
            Answer::Fault(fault) => Some(fault),
            _ => conduct.and_then(|conduct| conduct.fault),
        };
        match fault {
            None | Some(Fault::CloseBeforeReply) => {}
            Some(fault) => return Some(format!("`Fault::{fault:?}`")),
        }
        let conduct = conduct?;
        let is_date = |name: &Arc<str>| name.eq_ignore_ascii_case("date");
        let verb = if conduct.gate.is_some() {
            "`hold`"
        } else if conduct.body_delay.is_some() {
            "`body_delay`"
        } else if conduct.delay.is_some() && fault.is_some() {
            "a `delay` before a `Fault`"
        } else if conduct.without.iter().any(is_date) {
            "a reply without `Date`"
        } else {
            return None;
        };
        Some(verb.to_owned())
    }

    /// The same reply, under what was said of the handler that made it; what the reply says itself goes before.
    pub(crate) fn under(mut self, outer: Option<&Arc<Conduct>>) -> Self {
        let Some(outer) = outer else { return self };
        let own = self.conduct();
        let outer = (**outer).clone();
        own.gate = own.gate.take().or(outer.gate);
        own.delay = own.delay.or(outer.delay);
        own.body_delay = own.body_delay.or(outer.body_delay);
        own.fault = own.fault.or(outer.fault);
        own.status = own.status.or(outer.status);
        own.without.extend(outer.without);
        own.timeout = own.timeout.or(outer.timeout);
        if matches!(self.answer, Answer::Fault(_)) {
            self.conduct().fault = None;
        }
        self
    }

    /// The same reply, with nothing that makes it late.
    pub(crate) fn at_once(mut self) -> Self {
        if self.conduct.is_some() {
            let conduct = self.conduct();
            (conduct.gate, conduct.delay, conduct.timeout) = (None, None, None);
        }
        self
    }

    /// A timeout that can never be reached.
    fn idle_timeout(&self) -> Option<String> {
        let conduct = self.conduct.as_ref()?;
        let timeout = conduct.timeout?;
        let is_late = matches!(self.answer, Answer::Handler(_))
            || conduct.gate.is_some()
            || conduct.delay.is_some();
        (!is_late).then(|| {
            format!(
                "`timeout({timeout:?})` can never be reached: nothing makes this reply late, neither a handler nor `delay` nor \
                 `hold`; for a function that timed out write `FunctionError::timed_out(..)`"
            )
        })
    }

    /// Whether something is done to it on its way that its reader notices.
    pub(crate) fn is_troubled(&self) -> bool {
        self.conduct.as_ref().is_some_and(|conduct| {
            conduct.fault.is_some()
                || conduct.status.is_some()
                || conduct.body.is_some()
                || !conduct.without.is_empty()
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
        damage.conduct().fault = Some(fault);
        Some(self.clone().under(damage.conduct.as_ref()))
    }

    /// The fault it was written with, alone or on it.
    pub(crate) fn fault_of_its_own(&self) -> Option<Fault> {
        match self.answer {
            Answer::Fault(fault) => Some(fault),
            _ => self.conduct.as_ref()?.fault,
        }
    }

    pub(super) fn conduct(&mut self) -> &mut Conduct {
        Arc::make_mut(self.conduct.get_or_insert_default())
    }

    #[track_caller]
    fn needs_reply(&self, verb: &str) {
        assert!(
            !matches!(self.answer, Answer::Fault(_)),
            "`{verb}` is about a reply, and this is a fault without one: `Reply::json(..).{verb}(..)`"
        );
    }
}

#[track_caller]
fn possible(delay: Delay) -> Delay {
    if let Some(mistake) = delay.mistake() {
        panic!("{mistake}");
    }
    delay
}
