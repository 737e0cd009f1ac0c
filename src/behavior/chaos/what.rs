//! The effect of a hit, and its code in a test.

use std::sync::Arc;
use std::time::Duration;

use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::reply::chunks::StreamChange;
use crate::reply::delay::{Delay, DelayKind};
use crate::reply::fault::Fault;
use crate::reply::reply::{Answer, ErrorReply, IntoReply, Reply};

/// Everything that [`Chaos`](crate::Chaos) and [`Hit`](crate::Hit) take: what [`IntoReply`] is
/// implemented for, and a [`Delay`] of the script's own reply.
///
/// The list is closed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an effect of chaos",
    label = "not an error, a fault or a delay",
    note = "an effect is a `ServiceError`, `FunctionError`, `Fault` or `Delay`, or a `Reply` that is an error or has a fault"
)]
pub trait IntoEffect: sealed::Sealed {}

mod sealed {
    pub trait Sealed {
        fn effect(self) -> super::Effect;
    }
}

impl<R: IntoReply> IntoEffect for R {}

impl<R: IntoReply> sealed::Sealed for R {
    fn effect(self) -> Effect {
        Effect::Reply(Arc::new(self.into_reply()))
    }
}

impl IntoEffect for Delay {}

impl sealed::Sealed for Delay {
    fn effect(self) -> Effect {
        Effect::Delay(self)
    }
}

/// Returns the effect of a hit.
pub(crate) fn effect_of(what: impl IntoEffect) -> Effect {
    sealed::Sealed::effect(what)
}

/// A change that a hit makes to an attempt.
#[derive(Clone, Debug)]
pub enum Effect {
    /// It answers in place of the script, or is a fault that damages the script's reply.
    Reply(Arc<Reply>),
    /// The script's reply comes later.
    Delay(Delay),
    /// The script's stream differs.
    Stream(StreamChange),
    /// The event that the script's reply accepts is delivered this many times.
    Delivered(u32),
}

/// The effect of a hit on an attempt.
#[derive(Clone, Debug)]
pub(crate) struct HitKind {
    pub(super) what: Effect,
    /// The code that creates it, or for most replies, which have no short code, the line where it
    /// was written.
    pub(super) code: Arc<str>,
}

impl HitKind {
    /// The effect that was written there, or the reason why it is not valid.
    pub(super) fn of(what: Effect, verb: &str, written_at: Location) -> Result<Self, Message> {
        let reply = match &what {
            Effect::Reply(reply) => reply,
            Effect::Delay(delay) => {
                return match delay.mistake() {
                    Some(mistake) => Err(mistake),
                    None => Ok(Self::late(*delay)),
                };
            }
            Effect::Stream(_) | Effect::Delivered(_) => {
                let code = format!("/* written at {written_at} */").into();
                return Ok(Self { what, code });
            }
        };
        let why = match &reply.answer {
            Answer::Handler(_) => Some("a handler"),
            Answer::Payload(_) if !reply.is_altered() => Some("a reply that succeeds"),
            Answer::Stream(_) | Answer::Live(_) => Some("a stream"),
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
                "use a service error, a function error, a fault or a delay; put successes and handlers in a rule",
            ));
        }
        if let Answer::Fault(fault) = reply.answer {
            if let Some(mistake) = fault.mistake() {
                return Err(mistake);
            }
        }
        let code = code(reply).unwrap_or_else(|| format!("/* written at {written_at} */"));
        Ok(Self {
            what,
            code: code.into(),
        })
    }

    /// The effect that delays the script's own reply.
    pub(super) fn late(delay: Delay) -> Self {
        let code = match delay.kind() {
            DelayKind::Range(least, most) if least == most => {
                format!("Delay::from({})", duration(least))
            }
            DelayKind::Range(least, most) => {
                format!("Delay::from({}..{})", duration(least), duration(most))
            }
            DelayKind::LogNormal(p50, p99) => {
                format!("Delay::log_normal({}, {})", duration(p50), duration(p99))
            }
        };
        Self {
            what: Effect::Delay(delay),
            code: code.into(),
        }
    }

    /// Whether it differs from draw to draw.
    pub(super) fn draws(&self) -> bool {
        match &self.what {
            Effect::Reply(_) | Effect::Stream(_) | Effect::Delivered(_) => false,
            Effect::Delay(delay) => delay.draws(),
        }
    }

    /// The fault that damages the script's reply; such a hit consumes the script's step.
    pub(super) fn damage(&self) -> Option<Fault> {
        let Effect::Reply(reply) = &self.what else {
            return None;
        };
        match reply.answer {
            Answer::Fault(fault) if !fault.can_replace_reply() => Some(fault),
            Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Handler(_)
            | Answer::Stream(_)
            | Answer::Live(_)
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
            type_value: None,
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
        | Answer::Handler(_)
        | Answer::Stream(_)
        | Answer::Live(_) => None,
    }
}

fn paced(name: &str, bytes: usize, every: Duration) -> String {
    let every = duration(every);
    format!("Fault::{name} {{ bytes: {bytes}, every: {every} }}")
}

fn duration(length: Duration) -> String {
    match Duration::from_millis(length.as_millis() as u64) == length {
        true => format!("Duration::from_millis({})", length.as_millis()),
        false => format!("Duration::from_nanos({})", length.as_nanos()),
    }
}
