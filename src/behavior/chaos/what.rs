//! The effect of a hit, and its code in a test.

use std::sync::Arc;
use std::time::Duration;

use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::reply::fault::Fault;
use crate::reply::reply::{Answer, ErrorReply, Reply};

/// The effect of a hit on an attempt.
#[derive(Clone, Debug)]
pub(crate) struct HitKind {
    pub(super) reply: Arc<Reply>,
    /// The code that creates it; if that is too long, the line where it was written.
    pub(super) code: Arc<str>,
}

impl HitKind {
    /// The effect that was written there, or the reason why it is not valid.
    pub(super) fn of(reply: Reply, verb: &str, written_at: Location) -> Result<Self, Message> {
        let why = match &reply.answer {
            Answer::Handler(_) => Some("a handler"),
            Answer::Payload(_) if !reply.is_troubled() => Some("a reply that succeeds"),
            Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Fault(_) => None,
        };
        if let Some(why) = why {
            return Err(Message::new(
                format!("`{verb}` got {why}"),
                "use a service error, a function error or a fault; put successes and handlers in a rule",
            ));
        }
        if let Answer::Fault(fault) = reply.answer {
            if let Some(mistake) = fault.mistake() {
                return Err(mistake);
            }
        }
        let code = code(&reply).unwrap_or_else(|| format!("/* written at {written_at} */"));
        Ok(Self {
            reply: Arc::new(reply),
            code: code.into(),
        })
    }

    /// The fault that damages the script's reply; such a hit consumes the script's step.
    pub(super) fn damage(&self) -> Option<Fault> {
        match self.reply.answer {
            Answer::Fault(fault) if !fault.stands_alone() => Some(fault),
            Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Handler(_)
            | Answer::Fault(_) => None,
        }
    }
}

/// The code of the reply, if it is short.
fn code(reply: &Reply) -> Option<String> {
    if reply.options.is_some() || reply.log.is_some() || !reply.headers.is_empty() {
        return None;
    }
    match &reply.answer {
        Answer::Error(ErrorReply {
            error,
            message: None,
            reason,
            retry_after: None,
            ec2_error_code: None,
        }) => Some(match reason {
            None => format!("ServiceError::{error:?}"),
            Some(reason) => {
                format!("Reply::error(ServiceError::{error:?}).reason(ThrottleReason::{reason:?})")
            }
        }),
        Answer::Fault(Fault::SlowHead { bytes, every }) => Some(paced("SlowHead", *bytes, *every)),
        Answer::Fault(Fault::Dribble { bytes, every }) => Some(paced("Dribble", *bytes, *every)),
        Answer::Fault(fault) => Some(format!("Fault::{fault:?}")),
        Answer::Payload(_)
        | Answer::FunctionError(_)
        | Answer::Error(_)
        | Answer::Unmodeled { .. }
        | Answer::Http { .. }
        | Answer::Handler(_) => None,
    }
}

fn paced(name: &str, bytes: usize, every: Duration) -> String {
    let whole = Duration::from_millis(every.as_millis() as u64) == every;
    let every = match whole {
        true => format!("Duration::from_millis({})", every.as_millis()),
        false => format!("Duration::from_nanos({})", every.as_nanos()),
    };
    format!("Fault::{name} {{ bytes: {bytes}, every: {every} }}")
}
