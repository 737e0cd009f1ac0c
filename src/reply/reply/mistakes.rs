//! What is wrong with a reply that no verb could refuse, since it takes a look at the whole.

use std::sync::Arc;

use super::{Answer, Reply};
use crate::reply::fault::Fault;

impl Reply {
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
        let fault = self.fault_of_its_own();
        match fault {
            None | Some(Fault::CloseBeforeReply) => {}
            Some(fault) => return Some(format!("`Fault::{fault:?}`")),
        }
        let options = self.options.as_ref()?;
        let is_date = |name: &Arc<str>| name.eq_ignore_ascii_case("date");
        let verb = if options.gate.is_some() {
            "`hold`"
        } else if options.body_delay.is_some() {
            "`body_delay`"
        } else if options.delay.is_some() && fault.is_some() {
            "a `delay` before a `Fault`"
        } else if options.without.iter().any(is_date) {
            "a reply without `Date`"
        } else {
            return None;
        };
        Some(verb.to_owned())
    }

    /// A timeout that can never be reached.
    fn idle_timeout(&self) -> Option<String> {
        let options = self.options.as_ref()?;
        let timeout = options.timeout?;
        let is_late = matches!(self.answer, Answer::Handler(_))
            || options.gate.is_some()
            || options.delay.is_some();
        (!is_late).then(|| {
            format!(
                "`timeout({timeout:?})` can never be reached: nothing makes this reply late, neither a handler nor `delay` nor \
                 `hold`; for a function that timed out write `FunctionError::timed_out(..)`"
            )
        })
    }
}
