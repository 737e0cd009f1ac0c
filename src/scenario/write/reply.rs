//! Replies: values, errors and faults, and how they are sent.

use super::super::print::Out;
use super::super::vocabulary::{COUNTED_FAULTS, PLAIN_FAULTS};
use super::function_error::written_function_error;
use super::{Members, written_bytes, written_duration};
use crate::reply::delay::{self, Delay};
use crate::reply::fault::Fault;
use crate::reply::reply::{Answer, Reply, ReplyOptions};

impl Members<'_> {
    /// Adds a reply under that key.
    pub(super) fn reply(&mut self, key: &'static str, reply: &Reply) {
        let mut members = Members {
            members: Vec::new(),
            code: self.code,
        };
        members.answer(reply);
        if let Some(version) = &reply.executed_version {
            members.put("executed_version", Out::text(version));
        }
        if let Some(log) = &reply.log {
            let lines = log.split_terminator('\n').map(Out::text);
            members.put("log", Out::Array(lines.collect()));
        }
        if !reply.headers.is_empty() {
            let fields = reply.headers.iter();
            let fields = fields.map(|(name, value)| {
                Out::object([("name", Out::text(name)), ("value", Out::text(value))])
            });
            members.put("header", Out::Array(fields.collect()));
        }
        if let Some(options) = &reply.options {
            members.options(options);
        }
        let reply = Out::object(members.members);
        self.put(key, reply);
    }

    fn answer(&mut self, reply: &Reply) {
        match &reply.answer {
            Answer::Payload(body) => {
                self.put("json", Out::Raw(String::from_utf8_lossy(body).into_owned()))
            }
            Answer::FunctionError(error) => {
                self.put("function_error", written_function_error(error))
            }
            Answer::Error(reply) => {
                self.put("error", Out::text(reply.error.code()));
                if let Some(message) = &reply.message {
                    self.put("message", Out::text(message));
                }
                if let Some(reason) = reply.reason {
                    self.put("reason", Out::text(reason.as_str()));
                }
                if let Some(seconds) = reply.retry_after {
                    self.put("retry_after", Out::text(&format!("{seconds}s")));
                }
                if let Some(code) = &reply.ec2_error_code {
                    self.put("ec2_error_code", Out::text(code));
                }
            }
            Answer::Unmodeled {
                code,
                status,
                message,
            } => {
                let error = [
                    ("code", Out::text(code)),
                    ("status", Out::Raw(status.to_string())),
                ];
                self.put("unmodeled_error", Out::object(error));
                if let Some(message) = message {
                    self.put("message", Out::text(message));
                }
            }
            Answer::Http { status, body } => {
                let mut http = vec![("status", Out::Raw(status.to_string()))];
                if !body.is_empty() {
                    http.push(("body", written_bytes(body)));
                }
                self.put("http", Out::object(http));
            }
            Answer::Handler(handler) => self
                .code
                .push(format!("a handler, written at {}", handler.written_at)),
            Answer::Fault(fault) => self.put("fault", written_fault(*fault)),
        }
    }

    fn options(&mut self, options: &ReplyOptions) {
        let ReplyOptions {
            gate,
            timeout,
            delay,
            body_delay,
            fault,
            status,
            body,
            without,
            in_queue,
            duplicates,
            is_lost,
        } = options;
        if *in_queue || *duplicates > 0 || *is_lost {
            self.code.push(
                "what only an event meets: `in_queue`, `delivered_times` or `lost`".to_owned(),
            );
        }
        if !without.is_empty() {
            let names = without.iter().map(|name| Out::text(name));
            self.put("without_header", Out::Array(names.collect()));
        }
        if let Some(status) = status {
            self.put("status", Out::Raw(status.to_string()));
        }
        if let Some(body) = body {
            self.put("body", written_bytes(body));
        }
        if let Some(timeout) = timeout {
            self.put("timeout", written_duration(*timeout));
        }
        if let Some(delay) = delay {
            self.put("delay", written_delay(*delay));
        }
        if let Some(delay) = body_delay {
            self.put("body_delay", written_delay(*delay));
        }
        if let Some(fault) = fault {
            self.put("fault", written_fault(*fault));
        }
        if let Some(gate) = gate {
            let location = gate.made_at();
            self.code.push(format!("a gate, made at {location}"));
        }
    }
}

/// As text where they are some.
pub(super) fn written_delay(delay: Delay) -> Out {
    match delay.kind() {
        delay::DelayKind::Range(least, most) if least == most => written_duration(least),
        delay::DelayKind::Range(least, most) => Out::object([
            ("from", written_duration(least)),
            ("to", written_duration(most)),
        ]),
        delay::DelayKind::LogNormal(p50, p99) => Out::object([
            ("p50", written_duration(p50)),
            ("p99", written_duration(p99)),
        ]),
    }
}

fn written_fault(fault: Fault) -> Out {
    let pieces = |word, bytes: usize, every| {
        let pieces = [
            ("bytes", Out::Raw(bytes.to_string())),
            ("every", written_duration(every)),
        ];
        Out::object([(word, Out::object(pieces))])
    };
    match fault {
        Fault::SlowHead { bytes, every } => pieces("SlowHead", bytes, every),
        Fault::Dribble { bytes, every } => pieces("Dribble", bytes, every),
        Fault::TruncateAfter(bytes)
        | Fault::ResetAfter(bytes)
        | Fault::StallAfter(bytes)
        | Fault::LengthTooLong(bytes)
        | Fault::LengthTooShort(bytes) => {
            let &(word, _) = COUNTED_FAULTS
                .iter()
                .find(|(_, of)| of(bytes) == fault)
                .expect("the table has every fault with a number");
            Out::object([(word, Out::Raw(bytes.to_string()))])
        }
        plain @ (Fault::Reset
        | Fault::CloseBeforeReply
        | Fault::Hang
        | Fault::Garbage
        | Fault::ResetInHead
        | Fault::TruncateHead
        | Fault::BadChunk
        | Fault::CloseAfterReply
        | Fault::ResetOnReuse) => {
            let &(word, _) = PLAIN_FAULTS
                .iter()
                .find(|(_, known)| *known == plain)
                .expect("the table has every fault without one");
            Out::text(word)
        }
    }
}
