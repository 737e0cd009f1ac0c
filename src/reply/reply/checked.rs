//! What a reply refuses, as a text: the public verbs panic with it at the line of the test, a scenario file reports it.

use std::time::Duration;

use bytes::Bytes;

use super::{Answer, ErrorReply, Reply};
use crate::aws::function_error::FunctionError;
use crate::aws::log_tail;
use crate::aws::words::ThrottleReason;
use crate::reply::delay::Delay;
use crate::reply::fault::Fault;
use crate::reply::response::HEADERS;

impl Reply {
    pub(crate) fn try_unmodeled_error(code: &str, status: u16) -> Result<Self, String> {
        if !(400..600).contains(&status) {
            return Err(format!(
                "`{status}` is no status of an error: `unmodeled_error` takes 400 to 599"
            ));
        }
        if code.is_empty() || http::HeaderValue::from_str(code).is_err() {
            return Err(format!(
                "`{code}` is no error code: it is sent as the value of the header `x-amzn-ErrorType`"
            ));
        }
        Ok(Self::new(Answer::Unmodeled {
            code: code.into(),
            status,
            message: None,
        }))
    }

    pub(crate) fn try_http(status: u16, body: Bytes) -> Result<Self, String> {
        if !(200..600).contains(&status) {
            return Err(format!(
                "`{status}` is no status of a final HTTP response: `http` takes 200 to 599"
            ));
        }
        if !body.is_empty() && matches!(status, 204 | 304) {
            let length = body.len();
            return Err(format!(
                "a {status} has no body, and {length} bytes were given"
            ));
        }
        Ok(Self::new(Answer::Http { status, body }))
    }

    pub(crate) fn try_message(mut self, text: &str) -> Result<Self, String> {
        match &mut self.answer {
            Answer::Error(ErrorReply { message, .. }) | Answer::Unmodeled { message, .. } => {
                *message = Some(text.into());
                Ok(self)
            }
            other @ (Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Http { .. }
            | Answer::Handler(_)
            | Answer::Fault(_)) => Err(format!(
                "{} has no message: `message` belongs to `Reply::error` and `Reply::unmodeled_error`",
                other.kind()
            )),
        }
    }

    pub(crate) fn try_reason(mut self, word: &str) -> Result<Self, String> {
        let reason: ThrottleReason = word.parse().map_err(|error| format!("{error}"))?;
        self.error_with("Reason")?.reason = Some(reason);
        Ok(self)
    }

    pub(crate) fn try_retry_after(mut self, after: Duration) -> Result<Self, String> {
        if after.subsec_nanos() != 0 {
            return Err(format!(
                "`{after:?}` is no whole number of seconds, and `Retry-After` counts in seconds"
            ));
        }
        self.error_with("Retry-After")?.retry_after = Some(after.as_secs());
        Ok(self)
    }

    pub(crate) fn try_ec2_error_code(mut self, code: &str) -> Result<Self, String> {
        self.error_with("EC2ErrorCode")?.ec2_error_code = Some(code.into());
        Ok(self)
    }

    pub(crate) fn try_header(mut self, name: &str, value: &str) -> Result<Self, String> {
        self.needs_reply("header")?;
        may_be_changed(name)?;
        if http::HeaderValue::from_str(value).is_err() {
            return Err(format!("`{value}` is no value of the header `{name}`"));
        }
        self.headers.push((name.into(), value.into()));
        Ok(self)
    }

    pub(crate) fn try_executed_version(mut self, version: &str) -> Result<Self, String> {
        let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        if version != "$LATEST" && !is_number {
            return Err(format!(
                "`{version}` is no version that could have run: use `$LATEST` or a number"
            ));
        }
        if !matches!(self.answer, Answer::Payload(_) | Answer::FunctionError(_)) {
            return Err(format!(
                "{} has no executed version: only a function that ran has one",
                self.answer.kind()
            ));
        }
        self.executed_version = Some(version.into());
        Ok(self)
    }

    pub(crate) fn try_log(mut self, text: &str) -> Result<Self, String> {
        let advice = match self.answer {
            Answer::Payload(_) | Answer::FunctionError(_) => None,
            Answer::Handler(_) => Some("write it inside, with `invocation.log(..)`"),
            Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Fault(_) => Some("only a function that ran has one"),
        };
        if let Some(advice) = advice {
            return Err(format!("{} has no log: {advice}", self.answer.kind()));
        }
        let log = log_tail::written(self.log.as_deref(), text);
        self.log = Some(log.into());
        Ok(self)
    }

    pub(crate) fn try_delay(mut self, delay: Delay) -> Result<Self, String> {
        self.options_mut().delay = Some(possible(delay)?);
        Ok(self)
    }

    pub(crate) fn try_body_delay(mut self, delay: Delay) -> Result<Self, String> {
        self.needs_reply("body_delay")?;
        if self.known_body() == Some(0) {
            return Err(
                "the reply has no body that could come later: `delay` is before the first byte"
                    .to_owned(),
            );
        }
        self.options_mut().body_delay = Some(possible(delay)?);
        Ok(self)
    }

    pub(crate) fn try_fault(mut self, fault: Fault) -> Result<Self, String> {
        self.needs_reply("fault")?;
        if let Some(first) = self.options.as_ref().and_then(|options| options.fault) {
            return Err(format!(
                "the reply has a fault already, `{first:?}`: one reply meets one"
            ));
        }
        if let Some(mistake) = fault.mistake() {
            return Err(mistake);
        }
        self.options_mut().fault = Some(fault);
        self.fits_fault()
    }

    pub(crate) fn try_status(mut self, status: u16) -> Result<Self, String> {
        self.needs_reply("status")?;
        if !(200..600).contains(&status) || matches!(status, 204 | 304) {
            return Err(format!(
                "`{status}` is no status of a final HTTP response with a body: `status` takes 200 to 599 without 204 and 304"
            ));
        }
        self.options_mut().status = Some(status);
        Ok(self)
    }

    pub(crate) fn try_body(mut self, body: Bytes) -> Result<Self, String> {
        self.needs_reply("body")?;
        if matches!(self.answer, Answer::Handler(_)) {
            return Err("a handler makes its own body: give the reply inside it one".to_owned());
        }
        self.options_mut().body = Some(body);
        self.fits_fault()
    }

    pub(crate) fn try_without_header(mut self, name: &str) -> Result<Self, String> {
        self.needs_reply("without_header")?;
        may_be_changed(name)?;
        if !HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(format!(
                "no reply has a header `{name}` by rights; those that one may have are {}",
                HEADERS.join(", ")
            ));
        }
        self.options_mut().without.push(name.into());
        Ok(self)
    }

    pub(crate) fn try_timeout(mut self, timeout: Duration) -> Result<Self, String> {
        if !matches!(
            self.answer,
            Answer::Payload(_) | Answer::FunctionError(_) | Answer::Handler(_)
        ) {
            return Err(format!(
                "{} has no timeout: only a function that runs has one",
                self.answer.kind()
            ));
        }
        // Refuses now what it could not answer later.
        let _ = FunctionError::try_timed_out(timeout)?;
        self.options_mut().timeout = Some(timeout);
        Ok(self)
    }

    /// The length of the body, where it is known before a request comes.
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
            | Answer::Fault(_) => changed.map(Bytes::len),
        }
    }

    fn fits_fault(self) -> Result<Self, String> {
        let fault = self.options.as_ref().and_then(|options| options.fault);
        let Some((fault, body)) = fault.zip(self.known_body()) else {
            return Ok(self);
        };
        match fault.mistake_for(body) {
            Some(mistake) => Err(mistake),
            None => Ok(self),
        }
    }

    fn needs_reply(&self, verb: &str) -> Result<(), String> {
        if matches!(self.answer, Answer::Fault(_)) {
            return Err(format!(
                "`{verb}` is about a reply, and this is a fault without one: `Reply::json(..).{verb}(..)`"
            ));
        }
        Ok(())
    }

    /// The error of this reply, if its row has the member.
    fn error_with(&mut self, member: &str) -> Result<&mut ErrorReply, String> {
        match &mut self.answer {
            Answer::Error(reply) => {
                if !reply.error.extra_members().contains(&member) {
                    let error = reply.error;
                    return Err(format!("{error} has no `{member}` in the service model"));
                }
                Ok(reply)
            }
            other @ (Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Handler(_)
            | Answer::Fault(_)) => Err(format!(
                "{} has no `{member}`: it belongs to `Reply::error`",
                other.kind()
            )),
        }
    }
}

/// Lets through only names of headers that a test may change.
fn may_be_changed(name: &str) -> Result<(), String> {
    if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Err(format!("`{name}` is no name of a header"));
    }
    let framing = ["content-length", "transfer-encoding"];
    if framing
        .iter()
        .any(|framing| name.eq_ignore_ascii_case(framing))
    {
        return Err(format!("`{name}` follows from the body and cannot be set"));
    }
    Ok(())
}

fn possible(delay: Delay) -> Result<Delay, String> {
    match delay.mistake() {
        Some(mistake) => Err(mistake),
        None => Ok(delay),
    }
}
