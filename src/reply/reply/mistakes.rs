//! Checks of a whole reply that its individual methods cannot make.

use std::sync::Arc;

use super::{Answer, Reply};
use crate::ground::message::Message;
use crate::reply::capability::{Capability, Need};
use crate::reply::delay::Delay;

impl Reply {
    /// A problem that no earlier line has reported: a fault that was converted to a reply without a
    /// check, or a timeout that can never be reached.
    pub(crate) fn mistake(&self) -> Option<Message> {
        let Answer::Fault(fault) = self.answer else {
            return self.idle_timeout();
        };
        match fault.can_replace_reply() {
            true => fault.mistake(),
            false => Some(Message::new(
                format!("`Fault::{fault:?}` needs a reply to damage"),
                format!("use `Reply::json(..).fault(Fault::{fault:?})`"),
            )),
        }
    }

    /// The capability it needs that not every transport has.
    pub(crate) fn needs(&self) -> Option<Need> {
        let fault = self.own_fault();
        if let Some(fault) = fault.filter(|fault| fault.damage().needs_raw_bytes()) {
            return Some(Need::of(
                Capability::RawBytes,
                format!("`Fault::{fault:?}`"),
            ));
        }
        if let Answer::Stream(chunks) = &self.answer {
            if let Some(written) = chunks.beyond_chunks() {
                return Some(Need::of(Capability::Streaming, written));
            }
        }
        let options = self.options.as_ref()?;
        let is_date = |name: &Arc<str>| name.eq_ignore_ascii_case("date");
        let (capability, written) = if options.gate.is_some() {
            (Capability::Hold, "`hold`")
        } else if options.body_delay.is_some() {
            (Capability::BodyDelay, "`body_delay`")
        } else if options.delay.is_some() && fault.is_some() {
            (Capability::DelayedClose, "`delay` before a `Fault`")
        } else if options.without.iter().any(is_date) {
            (Capability::NoDate, "`without_header(\"date\")`")
        } else {
            return None;
        };
        Some(Need::of(capability, written))
    }

    /// Returns `true` if one of its delays is random.
    pub(crate) fn draws(&self) -> bool {
        if matches!(&self.answer, Answer::Stream(chunks) if chunks.draws()) {
            return true;
        }
        let mut delays = self
            .waits()
            .flat_map(|options| [options.delay, options.body_delay]);
        delays.any(|delay| delay.is_some_and(Delay::draws))
    }

    /// Reports a timeout that can never be reached.
    fn idle_timeout(&self) -> Option<Message> {
        let options = self.options.as_ref()?;
        let timeout = options.timeout?;
        let is_late = matches!(self.answer, Answer::Handler(_))
            || matches!(&self.answer, Answer::Stream(chunks) if chunks.pauses())
            || options.gate.is_some()
            || options.delay.is_some();
        (!is_late).then(|| {
            Message::new(
                format!(
                    "`timeout({timeout:?})` can never be reached: nothing makes this reply late"
                ),
                "reply with `FunctionError::timed_out(..)`, or add a `delay` or `hold`",
            )
        })
    }
}
