//! From an outcome to the exact bytes of a reply.
//!
//! The only place that knows how AWS spells, cases and orders what it sends. Sources: headers of a 200 as logged in 2020, 2023 and 2025;
//! of a 202 in 2022; of errors in 2020 and 2026; bodies with members in ASCII order and no white space.

mod body;

use std::cell::Cell;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use self::body::{error_body, unmodeled_body};
use crate::era::{Era, TraceForm};
use crate::fault::Fault;
use crate::outcome::{Kind, Manner, Outcome};

/// Bodies up to this many bytes are copied behind the head, so that a reply is one write and one packet.
const INLINE: usize = 8 * 1024;

/// What a reply says of its request and of the moment.
pub(crate) struct Envelope<'a> {
    pub(crate) request_id: &'a str,
    /// The end of the log in base64, for the reply of a function that ran.
    pub(crate) log_result: Option<&'a str>,
    pub(crate) now: SystemTime,
    pub(crate) era: Era,
    /// Whether the connection ends with this reply.
    pub(crate) closes: bool,
    /// Whether the request's method was HEAD, which no reply's body follows.
    pub(crate) without_body: bool,
}

/// The bytes of a reply, in one or two pieces.
pub(crate) struct Rendered {
    pub(crate) head: Vec<u8>,
    /// Empty when the body stands behind the head already.
    pub(crate) body: Bytes,
}

/// Writes a reply as AWS would.
pub(crate) fn render(outcome: &Outcome, envelope: &Envelope<'_>) -> Rendered {
    let manner = outcome.manner.as_deref();
    let mut fields = Fields {
        out: Vec::with_capacity(640),
        changed: &outcome.headers,
        replaced: Vec::new(),
        manner,
    };
    // Without a status there is no reply, and nobody asks for its bytes.
    fields.status(outcome.status().unwrap_or_default());
    fields.put("Date", |out| write_date(out, envelope.now));
    let body = match &outcome.kind {
        Kind::Ran {
            body,
            failed,
            version,
            ..
        } => {
            let body = changed_body(manner).unwrap_or_else(|| body.clone());
            fields.json_framing(body.len(), envelope);
            fields.request_id(envelope);
            if *failed {
                fields.put("X-Amz-Function-Error", |out| {
                    out.extend_from_slice(b"Unhandled")
                });
            }
            fields.put("x-amzn-Remapped-Content-Length", |out| out.push(b'0'));
            fields.put("X-Amz-Executed-Version", |out| {
                out.extend_from_slice(version.as_bytes())
            });
            if let Some(log) = envelope.log_result {
                fields.put("X-Amz-Log-Result", |out| {
                    out.extend_from_slice(log.as_bytes())
                });
            }
            fields.trace_id(envelope);
            body
        }
        Kind::Accepted | Kind::DryRun => {
            let body = changed_body(manner).unwrap_or_default();
            // A 204 ends with its head.
            if outcome.status() != Some(204) {
                fields.length(body.len());
            }
            fields.without_content(envelope);
            body
        }
        Kind::Error(reply) => {
            let body = changed_body(manner).unwrap_or_else(|| error_body(reply));
            fields.json_framing(body.len(), envelope);
            fields.request_id(envelope);
            fields.put("x-amzn-ErrorType", |out| {
                out.extend_from_slice(reply.error.code().as_bytes())
            });
            if let Some(seconds) = reply.retry_after {
                fields.put("Retry-After", |out| write_number(out, seconds));
            }
            body
        }
        Kind::Unmodeled { code, message, .. } => {
            let body = changed_body(manner).unwrap_or_else(|| unmodeled_body(message.as_deref()));
            fields.json_framing(body.len(), envelope);
            fields.request_id(envelope);
            fields.put("x-amzn-ErrorType", |out| {
                out.extend_from_slice(code.as_bytes())
            });
            body
        }
        Kind::Http { body, .. } => {
            let body = changed_body(manner).unwrap_or_else(|| body.clone());
            fields.put("Content-Type", |out| out.extend_from_slice(b"text/html"));
            fields.framing(body.len(), envelope);
            body
        }
        Kind::Nothing => Bytes::new(),
    };
    let mut head = fields.end();
    if envelope.without_body {
        return Rendered {
            head,
            body: Bytes::new(),
        };
    }
    // What happens to a reply on its way tells head from body.
    if body.len() > INLINE || manner.is_some() {
        return Rendered { head, body };
    }
    head.extend_from_slice(&body);
    Rendered {
        head,
        body: Bytes::new(),
    }
}

/// A refusal of bytes that no HTTP server accepts, in the words of this crate: AWS's own are not known.
pub(crate) fn render_malformed(status: u16, why: &str, now: SystemTime) -> Rendered {
    let body = format!("fake-lambda: {why}\n");
    let mut fields = Fields {
        out: Vec::with_capacity(256),
        changed: &[],
        replaced: Vec::new(),
        manner: None,
    };
    fields.status(status);
    fields.put("Date", |out| write_date(out, now));
    fields.put("Content-Type", |out| out.extend_from_slice(b"text/plain"));
    fields.put("Content-Length", |out| write_number(out, body.len() as u64));
    fields.put("Connection", |out| out.extend_from_slice(b"close"));
    let mut head = fields.end();
    head.extend_from_slice(body.as_bytes());
    Rendered {
        head,
        body: Bytes::new(),
    }
}

/// The body that the test put in the place of the right one.
fn changed_body(manner: Option<&Manner>) -> Option<Bytes> {
    manner?.body.clone()
}

/// The header fields written so far.
struct Fields<'a> {
    out: Vec<u8>,
    /// What the test set: it takes the place of a field of the same name, or stands at the end.
    changed: &'a [(Arc<str>, Arc<str>)],
    /// Which of them have replaced one.
    replaced: Vec<usize>,
    manner: Option<&'a Manner>,
}

impl Fields<'_> {
    fn status(&mut self, status: u16) {
        self.out.extend_from_slice(b"HTTP/1.1 ");
        write_number(&mut self.out, u64::from(status));
        self.out.push(b' ');
        let reason = match http::StatusCode::from_u16(status) {
            // AWS was seen to send the phrase of RFC 2616.
            Ok(http::StatusCode::PAYLOAD_TOO_LARGE) => Some("Request Entity Too Large"),
            Ok(status) => status.canonical_reason(),
            Err(_) => None,
        };
        self.out
            .extend_from_slice(reason.unwrap_or("Unknown").as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    fn put(&mut self, name: &str, value: impl FnOnce(&mut Vec<u8>)) {
        if let Some(manner) = self.manner
            && manner
                .without
                .iter()
                .any(|without| without.eq_ignore_ascii_case(name))
        {
            return;
        }
        let changed = self
            .changed
            .iter()
            .position(|(changed, _)| changed.eq_ignore_ascii_case(name));
        let Some(place) = changed else {
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(b": ");
            value(&mut self.out);
            self.out.extend_from_slice(b"\r\n");
            return;
        };
        let (name, value) = &self.changed[place];
        for part in [name.as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            self.out.extend_from_slice(part);
        }
        self.replaced.push(place);
    }

    fn json_framing(&mut self, length: usize, envelope: &Envelope<'_>) {
        self.put("Content-Type", |out| {
            out.extend_from_slice(b"application/json")
        });
        self.framing(length, envelope);
    }

    fn framing(&mut self, length: usize, envelope: &Envelope<'_>) {
        self.length(length);
        self.connection(envelope);
    }

    fn length(&mut self, length: usize) {
        let fault = self.manner.and_then(|manner| manner.fault);
        // What cannot happen to a body is not promised in its head.
        match fault.filter(|fault| fault.mistake_for(length).is_none()) {
            Some(Fault::BadChunk) => {
                self.put("Transfer-Encoding", |out| out.extend_from_slice(b"chunked"))
            }
            fault => {
                let length = match fault {
                    Some(Fault::LengthTooLong(bytes)) => length.saturating_add(bytes),
                    Some(Fault::LengthTooShort(bytes)) => length.saturating_sub(bytes),
                    _ => length,
                };
                self.put("Content-Length", |out| write_number(out, length as u64));
            }
        }
    }

    fn connection(&mut self, envelope: &Envelope<'_>) {
        let value: &[u8] = if envelope.closes {
            b"close"
        } else {
            b"keep-alive"
        };
        self.put("Connection", |out| out.extend_from_slice(value));
    }

    /// What a 202 and a 204 have in common.
    fn without_content(&mut self, envelope: &Envelope<'_>) {
        self.connection(envelope);
        self.request_id(envelope);
        self.put("x-amzn-Remapped-Content-Length", |out| out.push(b'0'));
        self.trace_id(envelope);
    }

    fn request_id(&mut self, envelope: &Envelope<'_>) {
        self.put("x-amzn-RequestId", |out| {
            out.extend_from_slice(envelope.request_id.as_bytes())
        });
    }

    /// The first number is the time in seconds, the others follow from the request id.
    fn trace_id(&mut self, envelope: &Envelope<'_>) {
        let since = envelope.now.duration_since(UNIX_EPOCH);
        let seconds = since.map_or(0, |since| since.as_secs() as u32);
        let id = envelope.request_id.as_bytes();
        // A UUID's digits stand in groups of 8, 4, 4, 4 and 12.
        let root: [&[u8]; 5] = [b"-", &id[..8], &id[9..13], &id[14..18], &id[28..36]];
        let parent: [&[u8]; 2] = [&id[19..23], &id[24..36]];
        let (before, middle, after): (&[u8], &[u8], &[u8]) = match envelope.era.trace_form() {
            TraceForm::Capital => (b"Root=1-", b";Parent=", b";Sampled=0;Lineage=1:"),
            TraceForm::Parent => (b"root=1-", b";parent=", b";sampled=0;lineage="),
            TraceForm::Lineage => (b"root=1-", b"", b";sampled=0;lineage="),
            TraceForm::Root => (b"root=1-", b"", b";sampled=0"),
        };
        self.put("X-Amzn-Trace-Id", |out| {
            out.extend_from_slice(before);
            for shift in (0..8).rev() {
                out.push(b"0123456789abcdef"[(seconds >> (shift * 4)) as usize & 0xf]);
            }
            root.iter().for_each(|part| out.extend_from_slice(part));
            if !middle.is_empty() {
                out.extend_from_slice(middle);
                parent.iter().for_each(|part| out.extend_from_slice(part));
            }
            out.extend_from_slice(after);
            if envelope.era.trace_form() != TraceForm::Root {
                out.extend_from_slice(&id[..8]);
                out.extend_from_slice(b":0");
            }
        });
    }

    fn end(mut self) -> Vec<u8> {
        for (place, (name, value)) in self.changed.iter().enumerate() {
            if self.replaced.contains(&place) {
                continue;
            }
            for part in [name.as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                self.out.extend_from_slice(part);
            }
        }
        self.out.extend_from_slice(b"\r\n");
        self.out
    }
}

fn write_number(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    let mut rest = number;
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// The date in the form of HTTP; it is worked out once a second.
fn write_date(out: &mut Vec<u8>, now: SystemTime) {
    thread_local! {
        static LAST: Cell<(u64, [u8; 29])> = const { Cell::new((0, [0; 29])) };
    }
    let seconds = now
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let (known, mut text) = LAST.get();
    if known != seconds || text[0] == 0 {
        let moment = UNIX_EPOCH + Duration::from_secs(seconds);
        write!(&mut text[..], "{}", httpdate::HttpDate::from(moment))
            .expect("a date of HTTP has 29 bytes");
        LAST.set((seconds, text));
    }
    out.extend_from_slice(&text);
}
