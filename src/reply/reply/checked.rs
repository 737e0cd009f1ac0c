//! Checks of a reply's arguments. The public methods panic with the message at the test's line; the
//! reader of a scenario file reports it.

use std::time::Duration;

use bytes::Bytes;

use super::{Answer, ErrorReply, Reply};
use crate::aws::function_error::FunctionError;
use crate::aws::log_tail::{self, LineForm};
use crate::aws::words::ThrottleReason;
use crate::ground::count::plural;
use crate::ground::message::Message;
use crate::ground::nearest::UnknownWord;
use crate::reply::delay::Delay;
use crate::reply::fault::Fault;
use crate::reply::response::HEADERS;

impl Reply {
    pub(crate) fn try_unmodeled_error(code: &str, status: u16) -> Result<Self, Message> {
        if !(400..600).contains(&status) {
            return Err(Message::new(
                format!("`{status}` is not an error status"),
                "use a status from 400 to 599",
            ));
        }
        if code.is_empty() || http::HeaderValue::from_str(code).is_err() {
            return Err(Message::new(
                format!("`{}` is not a valid error code", code.escape_debug()),
                "use a code that fits into the header `x-amzn-ErrorType`",
            ));
        }
        Ok(Self::new(Answer::Unmodeled {
            code: code.into(),
            status,
            message: None,
        }))
    }

    pub(crate) fn try_http(status: u16, body: Bytes) -> Result<Self, Message> {
        if !(200..600).contains(&status) {
            return Err(Message::new(
                format!("`{status}` is not the status of a final HTTP response"),
                "use a status from 200 to 599",
            ));
        }
        fits_status(&body, status)?;
        Ok(Self::new(Answer::Http { status, body }))
    }

    pub(crate) fn try_message(mut self, text: &str) -> Result<Self, Message> {
        match &mut self.answer {
            Answer::Error(ErrorReply { message, .. }) | Answer::Unmodeled { message, .. } => {
                *message = Some(text.into());
                Ok(self)
            }
            other @ (Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Http { .. }
            | Answer::Handler(_)
            | Answer::Stream(_)
            | Answer::Live(_)
            | Answer::Fault(_)) => Err(Message::new(
                format!("{} has no message", other.kind()),
                "use `message` with `Reply::error` or `Reply::unmodeled_error`",
            )),
        }
    }

    pub(crate) fn try_reason(mut self, word: &str) -> Result<Self, Message> {
        let reason: ThrottleReason = word
            .parse()
            .map_err(|unknown: UnknownWord| unknown.message())?;
        self.error_with("Reason")?.reason = Some(reason);
        Ok(self)
    }

    pub(crate) fn try_retry_after(mut self, after: Duration) -> Result<Self, Message> {
        if after.subsec_nanos() != 0 {
            return Err(Message::new(
                format!("`retry_after({after:?})` is not a whole number of seconds"),
                "use whole seconds",
            ));
        }
        self.error_with("Retry-After")?.retry_after = Some(after.as_secs());
        Ok(self)
    }

    pub(crate) fn try_ec2_error_code(mut self, code: &str) -> Result<Self, Message> {
        self.error_with("EC2ErrorCode")?.ec2_error_code = Some(code.into());
        Ok(self)
    }

    pub(crate) fn try_type_value(mut self, value: Option<&str>) -> Result<Self, Message> {
        match &mut self.answer {
            Answer::Error(reply) if reply.error.type_value().is_none() => {
                let error = reply.error;
                Err(Message::new(
                    format!("the body of {error} has no `Type`"),
                    "use an error of the service model, or remove this setting",
                ))
            }
            Answer::Error(reply) => {
                reply.type_value = Some(value.map(Into::into));
                Ok(self)
            }
            other @ (Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Handler(_)
            | Answer::Stream(_)
            | Answer::Live(_)
            | Answer::Fault(_)) => Err(Message::new(
                format!("{} has no `Type`", other.kind()),
                "start with `Reply::error(..)`",
            )),
        }
    }

    pub(crate) fn try_header(mut self, name: &str, value: &str) -> Result<Self, Message> {
        self.needs_reply("header")?;
        check_changeable(name)?;
        if http::HeaderValue::from_str(value).is_err() {
            return Err(Message::new(
                format!(
                    "`{}` is not a valid value of the header `{name}`",
                    value.escape_debug()
                ),
                "use visible ASCII characters, without line breaks",
            ));
        }
        self.headers.push((name.into(), value.into()));
        Ok(self)
    }

    pub(crate) fn try_executed_version(mut self, version: &str) -> Result<Self, Message> {
        let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        if version != "$LATEST" && !is_number {
            return Err(Message::new(
                format!("`{version}` is not a version that can run"),
                "use `$LATEST` or a number",
            ));
        }
        if !matches!(
            self.answer,
            Answer::Payload(_) | Answer::FunctionError(_) | Answer::Stream(_)
        ) {
            return Err(Message::new(
                format!("{} has no executed version", self.answer.kind()),
                "use `executed_version` with a payload, a function error or a stream",
            ));
        }
        self.executed_version = Some(version.into());
        Ok(self)
    }

    pub(crate) fn try_log(mut self, text: &str, form: LineForm) -> Result<Self, Message> {
        let help = match self.answer {
            Answer::Payload(_) | Answer::FunctionError(_) | Answer::Stream(_) | Answer::Live(_) => {
                None
            }
            Answer::Handler(_) => {
                Some("write the log inside the handler, with `invocation.log(..)`")
            }
            Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Fault(_) => Some("use `log` with a payload, a function error or a stream"),
        };
        if let Some(help) = help {
            return Err(Message::new(
                format!("{} has no log", self.answer.kind()),
                help,
            ));
        }
        let log = log_tail::written(self.log.as_deref(), text, form);
        self.log = Some(log.into());
        Ok(self)
    }

    pub(crate) fn try_delay(mut self, delay: Delay) -> Result<Self, Message> {
        self.options_mut().delay = Some(possible(delay)?);
        Ok(self)
    }

    pub(crate) fn try_body_delay(mut self, delay: Delay) -> Result<Self, Message> {
        self.needs_reply("body_delay")?;
        self.options_mut().body_delay = Some(possible(delay)?);
        self.fits_body_delay()
    }

    pub(crate) fn try_fault(mut self, fault: Fault) -> Result<Self, Message> {
        self.needs_reply("fault")?;
        if let Some(first) = self.options.as_ref().and_then(|options| options.fault) {
            return Err(Message::new(
                format!("the reply already has a fault: `{first:?}`"),
                "keep one fault per reply; use `.then(..)` for the next attempt",
            ));
        }
        if let Some(mistake) = fault.mistake() {
            return Err(mistake);
        }
        if let Answer::Stream(chunks) = &self.answer {
            if chunks.has_fault() {
                return Err(Message::new(
                    "the stream already has a fault between its chunks",
                    "remove it, or remove the fault of the whole reply",
                ));
            }
        }
        self.options_mut().fault = Some(fault);
        self.fits_fault()
    }

    pub(crate) fn try_status(mut self, status: u16) -> Result<Self, Message> {
        self.needs_reply("status")?;
        if !(200..600).contains(&status) || matches!(status, 204 | 304) {
            return Err(Message::new(
                format!("`{status}` is not the status of a final HTTP response with a body"),
                "use a status from 200 to 599, except 204 and 304",
            ));
        }
        self.options_mut().status = Some(status);
        Ok(self)
    }

    pub(crate) fn try_body(mut self, body: Bytes) -> Result<Self, Message> {
        self.needs_reply("body")?;
        if matches!(self.answer, Answer::Handler(_)) {
            return Err(Message::new(
                "a handler creates its own body",
                "set the body of the reply that the handler returns",
            ));
        }
        if let Answer::Http { status, .. } = self.answer {
            let other = self.options.as_ref().and_then(|options| options.status);
            fits_status(&body, other.unwrap_or(status))?;
        }
        self.options_mut().body = Some(body);
        self.fits_fault()?.fits_body_delay()
    }

    pub(crate) fn try_without_header(mut self, name: &str) -> Result<Self, Message> {
        self.needs_reply("without_header")?;
        check_changeable(name)?;
        if !HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(Message::new(
                format!("no reply normally has a header `{name}`"),
                format!("use one of {}", HEADERS.join(", ")),
            ));
        }
        self.options_mut().without.push(name.into());
        Ok(self)
    }

    pub(crate) fn try_timeout(mut self, timeout: Duration) -> Result<Self, Message> {
        if !matches!(
            self.answer,
            Answer::Payload(_) | Answer::FunctionError(_) | Answer::Stream(_) | Answer::Handler(_)
        ) {
            return Err(Message::new(
                format!("{} has no timeout", self.answer.kind()),
                "use `timeout` with a handler, a payload, a stream or a function error",
            ));
        }
        // Fails now if the timeout could not be answered later.
        let _ = FunctionError::try_timed_out(timeout)?;
        self.options_mut().timeout = Some(timeout);
        Ok(self)
    }

    /// The length of the body, if it is known before a request arrives.
    fn known_body(&self) -> Option<usize> {
        let changed = self
            .options
            .as_ref()
            .and_then(|options| options.body.as_ref());
        match &self.answer {
            Answer::Payload(body) | Answer::Http { body, .. } => {
                Some(changed.unwrap_or(body).len())
            }
            Answer::FunctionError(_)
            | Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Handler(_)
            | Answer::Stream(_)
            | Answer::Live(_)
            | Answer::Fault(_) => changed.map(Bytes::len),
        }
    }

    fn fits_fault(self) -> Result<Self, Message> {
        let fault = self.options.as_ref().and_then(|options| options.fault);
        let Some((fault, body)) = fault.zip(self.known_body()) else {
            return Ok(self);
        };
        match fault.misfit(body) {
            Some(misfit) => Err(misfit.message()),
            None => Ok(self),
        }
    }

    fn fits_body_delay(self) -> Result<Self, Message> {
        let options = self.options.as_ref();
        let is_delayed = options.is_some_and(|options| options.body_delay.is_some());
        match is_delayed && self.known_body() == Some(0) {
            true => Err(Message::new(
                "`body_delay` cannot delay an empty body",
                "use `delay`, which comes before the first byte",
            )),
            false => Ok(self),
        }
    }

    fn needs_reply(&self, verb: &str) -> Result<(), Message> {
        if matches!(self.answer, Answer::Fault(_)) {
            return Err(Message::new(
                format!("`.{verb}(..)` needs a reply, but this step is a fault without one"),
                format!("use `Reply::json(..).{verb}(..)`"),
            ));
        }
        Ok(())
    }

    /// The error of this reply, if the service model gives it the member.
    fn error_with(&mut self, member: &str) -> Result<&mut ErrorReply, Message> {
        match &mut self.answer {
            Answer::Error(reply) => {
                if !reply.error.extra_members().contains(&member) {
                    let error = reply.error;
                    return Err(Message::new(
                        format!("{error} has no `{member}` in the service model"),
                        "use an error that has it, or remove this setting",
                    ));
                }
                Ok(reply)
            }
            other @ (Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Handler(_)
            | Answer::Stream(_)
            | Answer::Live(_)
            | Answer::Fault(_)) => Err(Message::new(
                format!("{} has no `{member}`", other.kind()),
                "start with `Reply::error(..)`",
            )),
        }
    }
}

/// Checks that HTTP allows this body with the status.
fn fits_status(body: &Bytes, status: u16) -> Result<(), Message> {
    match status {
        204 | 304 if !body.is_empty() => Err(Message::new(
            format!(
                "a {status} cannot have a body, got {}",
                plural(body.len() as u64, "byte")
            ),
            "leave the body empty, or use another status",
        )),
        _ => Ok(()),
    }
}

/// Accepts only names of headers that a test can change.
fn check_changeable(name: &str) -> Result<(), Message> {
    if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Err(Message::new(
            format!("`{name}` is not a valid header name"),
            "use letters, digits and `-`",
        ));
    }
    let framing = ["content-length", "transfer-encoding"];
    if framing
        .iter()
        .any(|framing| name.eq_ignore_ascii_case(framing))
    {
        return Err(Message::new(
            format!("`{name}` follows from the body and cannot be changed"),
            "use `Fault::LengthTooLong`, `Fault::LengthTooShort` or `Fault::BadChunk` for wrong framing",
        ));
    }
    Ok(())
}

fn possible(delay: Delay) -> Result<Delay, Message> {
    match delay.mistake() {
        Some(mistake) => Err(mistake),
        None => Ok(delay),
    }
}
