//! The content of a reply, before a transport turns it into bytes.
//!
//! Only this module and `error_body` know the spelling, the casing and the order in which AWS sends
//! header fields and the members of an error. Sources: headers of a 200 as logged in 2020, 2023 and
//! 2025, of a 202 in 2022, and of errors in 2020 and 2026. The recorded bodies of errors have their
//! members in ASCII order, without white space.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use super::error_body::{error_body, unmodeled_body};
use crate::aws::era::{Era, TraceForm};
use crate::reply::fault::Framing;
use crate::reply::outcome::{Alterations, Outcome, OutcomeKind};

/// The name of a header field, as AWS writes it.
#[derive(Clone, Copy)]
struct Header(&'static str);

/// Lists each header field that a reply can have: `fields` writes them, and a test can omit them.
macro_rules! headers {
    ($($constant:ident = $name:literal,)+) => {
        $(const $constant: Header = Header($name);)+

        /// The header fields that a reply can have, except those that state its length.
        pub(crate) const HEADERS: &[&str] = &[$($name),+];
    };
}

headers! {
    CONNECTION = "Connection",
    CONTENT_TYPE = "Content-Type",
    DATE = "Date",
    RETRY_AFTER = "Retry-After",
    DURABLE_EXECUTION_ARN = "X-Amz-Durable-Execution-Arn",
    EXECUTED_VERSION = "X-Amz-Executed-Version",
    FUNCTION_ERROR = "X-Amz-Function-Error",
    LOG_RESULT = "X-Amz-Log-Result",
    ERROR_TYPE = "x-amzn-ErrorType",
    REMAPPED_CONTENT_LENGTH = "x-amzn-Remapped-Content-Length",
    REQUEST_ID = "x-amzn-RequestId",
    TRACE_ID = "X-Amzn-Trace-Id",
}

/// The data about the request and the current time that a reply contains.
pub(crate) struct Envelope<'a> {
    pub(crate) request_id: &'a str,
    /// The end of the log in base64, for the reply of a function that ran.
    pub(crate) log_result: Option<&'a str>,
    pub(crate) now: SystemTime,
    pub(crate) era: Era,
    /// Whether the connection ends with this reply.
    pub(crate) closes: bool,
    /// Whether the request's method was HEAD, so that no body follows.
    pub(crate) without_body: bool,
}

impl Envelope<'_> {
    /// The envelope of the answer to bytes that are not a request; the connection ends with it.
    pub(crate) fn closing(now: SystemTime) -> Self {
        Self {
            request_id: "",
            log_result: None,
            now,
            era: Era::TODAY,
            closes: true,
            without_body: false,
        }
    }
}

/// A status, header fields in AWS's order, and a body: a view of an outcome, from which each
/// transport makes the bytes it sends.
pub(crate) struct Response<'a> {
    outcome: &'a Outcome,
    envelope: Envelope<'a>,
    body: Bytes,
}

/// One header field.
pub(crate) enum Field<'a> {
    Is(&'a str, &'a [u8]),
    /// The position of the field with the body's length, if the transport writes that.
    Length,
}

impl<'a> Response<'a> {
    /// The response for an outcome; a body that the test has set replaces its own.
    pub(crate) fn of(outcome: &'a Outcome, envelope: Envelope<'a>) -> Self {
        let alterations = outcome.alterations.as_deref();
        let changed = alterations.and_then(|alterations| alterations.body.clone());
        let body = changed.unwrap_or_else(|| match &outcome.kind {
            OutcomeKind::Ran { .. } if outcome.stream().is_some() => Bytes::new(),
            OutcomeKind::Ran { body, .. } | OutcomeKind::Http { body, .. } => body.clone(),
            OutcomeKind::Accepted | OutcomeKind::DryRun | OutcomeKind::Nothing => Bytes::new(),
            OutcomeKind::Error(reply) => error_body(reply),
            OutcomeKind::Unmodeled { message, .. } => unmodeled_body(message.as_deref()),
        });
        Self {
            outcome,
            envelope,
            body,
        }
    }

    pub(crate) fn status(&self) -> u16 {
        // Without a status there is no reply, and nothing reads its bytes.
        self.outcome.status().unwrap_or_default()
    }

    /// Returns `true` if the body is a stream of frames, which has no stated length.
    pub(crate) fn is_stream(&self) -> bool {
        let alterations = self.outcome.alterations.as_deref();
        alterations.is_some_and(Alterations::is_stream)
    }

    /// Returns `true` if the head says that the connection ends with this reply.
    pub(crate) fn closes(&self) -> bool {
        self.envelope.closes
    }

    /// The bytes after the head.
    pub(crate) fn body(&self) -> Bytes {
        match self.envelope.without_body {
            false => self.body.clone(),
            true => Bytes::new(),
        }
    }

    /// The header fields in order.
    pub(crate) fn fields(&self, each: &mut dyn FnMut(Field<'_>)) {
        let Self {
            outcome, envelope, ..
        } = self;
        let alterations = outcome.alterations.as_deref();
        let mut fields = Fields {
            each,
            changed: &outcome.headers,
            replaced: Vec::new(),
            without: alterations.map_or(&[], |alterations| &alterations.without),
        };
        let connection = if envelope.closes {
            "close"
        } else {
            "keep-alive"
        };
        let has_id = !matches!(
            outcome.kind,
            OutcomeKind::Http { .. } | OutcomeKind::Nothing
        );
        let is_streamed = outcome.stream().is_some();
        let content_type = match &outcome.kind {
            OutcomeKind::Ran { .. } if is_streamed => Some("application/vnd.amazon.eventstream"),
            OutcomeKind::Ran { .. } | OutcomeKind::Error(_) | OutcomeKind::Unmodeled { .. } => {
                Some("application/json")
            }
            OutcomeKind::Http { .. } => Some("text/html"),
            OutcomeKind::Accepted | OutcomeKind::DryRun | OutcomeKind::Nothing => None,
        };
        let since_1970 = envelope.now.duration_since(UNIX_EPOCH);
        let seconds = since_1970.map_or(0, |since| since.as_secs());
        with_date(seconds, |date| fields.put(DATE, date));
        if let Some(content_type) = content_type {
            fields.put(CONTENT_TYPE, content_type);
        }
        // A 204 ends with its head; only one from a load balancer may state a length.
        if self.status() != 204 || matches!(outcome.kind, OutcomeKind::Http { .. }) {
            (fields.each)(Field::Length);
        }
        fields.put(CONNECTION, connection);
        if has_id {
            fields.put(REQUEST_ID, envelope.request_id);
        }
        match &outcome.kind {
            // The error and the log are in the event at the end.
            OutcomeKind::Ran { version, .. } if is_streamed => {
                fields.put(EXECUTED_VERSION, &**version);
                fields.put(TRACE_ID, trace_id(envelope, seconds, &mut [0; 96]));
            }
            OutcomeKind::Ran {
                failure, version, ..
            } => {
                if let Some(failure) = failure {
                    fields.put(FUNCTION_ERROR, failure.as_str());
                }
                fields.put(REMAPPED_CONTENT_LENGTH, "0");
                fields.put(EXECUTED_VERSION, &**version);
                if let Some(log) = envelope.log_result {
                    fields.put(LOG_RESULT, log);
                }
                if let Some(arn) = &outcome.durable_execution {
                    fields.put(DURABLE_EXECUTION_ARN, &**arn);
                }
                fields.put(TRACE_ID, trace_id(envelope, seconds, &mut [0; 96]));
            }
            OutcomeKind::Accepted | OutcomeKind::DryRun => {
                fields.put(REMAPPED_CONTENT_LENGTH, "0");
                if let Some(arn) = &outcome.durable_execution {
                    fields.put(DURABLE_EXECUTION_ARN, &**arn);
                }
                fields.put(TRACE_ID, trace_id(envelope, seconds, &mut [0; 96]));
            }
            OutcomeKind::Error(reply) => {
                fields.put(ERROR_TYPE, reply.error.code());
                if let Some(seconds) = reply.retry_after {
                    fields.put(RETRY_AFTER, seconds.to_string());
                }
            }
            OutcomeKind::Unmodeled { code, .. } => fields.put(ERROR_TYPE, &**code),
            OutcomeKind::Http { .. } | OutcomeKind::Nothing => {}
        }
        fields.end();
    }

    /// The head as HTTP/1.1; `framing` decides what it states about the body's length.
    pub(crate) fn head(&self, framing: Framing) -> Vec<u8> {
        let mut out = Vec::with_capacity(640);
        let status = http::StatusCode::from_u16(self.status()).unwrap_or_default();
        out.extend_from_slice(b"HTTP/1.1 ");
        out.extend_from_slice(status.as_str().as_bytes());
        out.push(b' ');
        out.extend_from_slice(phrase(status).as_bytes());
        out.extend_from_slice(b"\r\n");
        self.fields(&mut |field| {
            match field {
                Field::Is(name, value) => {
                    out.extend_from_slice(name.as_bytes());
                    out.extend_from_slice(b": ");
                    out.extend_from_slice(value);
                }
                Field::Length if self.is_stream() => {
                    out.extend_from_slice(b"Transfer-Encoding: chunked");
                }
                Field::Length => {
                    let length = self.body.len();
                    let length = match framing {
                        Framing::BadChunk => {
                            return out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
                        }
                        Framing::True => length,
                        Framing::TooLong(bytes) => length.saturating_add(bytes),
                        Framing::TooShort(bytes) => length.saturating_sub(bytes),
                    };
                    out.extend_from_slice(b"Content-Length: ");
                    out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
                }
            }
            out.extend_from_slice(b"\r\n");
        });
        out.extend_from_slice(b"\r\n");
        out
    }
}

/// Writes the header fields one by one.
struct Fields<'a> {
    each: &'a mut dyn FnMut(Field<'_>),
    /// The test's header fields: each replaces a field of the same name, or is appended.
    changed: &'a [(Arc<str>, Arc<str>)],
    /// The indices in `changed` of the fields that have already replaced one.
    replaced: Vec<usize>,
    /// The fields that the test omits.
    without: &'a [Arc<str>],
}

impl Fields<'_> {
    fn put(&mut self, header: Header, value: impl AsRef<[u8]>) {
        self.put_bytes(header, value.as_ref());
    }

    fn put_bytes(&mut self, Header(name): Header, value: &[u8]) {
        let is = |other: &str| other.eq_ignore_ascii_case(name);
        if self.without.iter().any(|without| is(without)) {
            return;
        }
        match self.changed.iter().position(|(changed, _)| is(changed)) {
            None => (self.each)(Field::Is(name, value)),
            Some(index) => {
                let (name, value) = &self.changed[index];
                (self.each)(Field::Is(name, value.as_bytes()));
                self.replaced.push(index);
            }
        }
    }

    fn end(self) {
        for (index, (name, value)) in self.changed.iter().enumerate() {
            if !self.replaced.contains(&index) {
                (self.each)(Field::Is(name, value.as_bytes()));
            }
        }
    }
}

fn phrase(status: http::StatusCode) -> &'static str {
    match status {
        // AWS was recorded sending the phrase of RFC 2616.
        http::StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
        status => status.canonical_reason().unwrap_or("Unknown"),
    }
}

/// The value of the header with the trace. Its first number is the time in seconds; the others
/// follow from the request id.
fn trace_id<'a>(envelope: &Envelope<'_>, seconds: u64, out: &'a mut [u8; 96]) -> &'a [u8] {
    let seconds = seconds as u32;
    let id = envelope.request_id;
    let mut end = 0;
    let mut put = |text: &[u8]| {
        out[end..end + text.len()].copy_from_slice(text);
        end += text.len();
    };
    let form = envelope.era.trace_form();
    let (before, middle, after) = match form {
        TraceForm::Capital => ("Root=1-", ";Parent=", ";Sampled=0;Lineage=1:"),
        TraceForm::Parent => ("root=1-", ";parent=", ";sampled=0;lineage="),
        TraceForm::Lineage => ("root=1-", "", ";sampled=0;lineage="),
        TraceForm::Root => ("root=1-", "", ";sampled=0"),
    };
    let hex = [28, 24, 20, 16, 12, 8, 4, 0]
        .map(|shift| b"0123456789abcdef"[(seconds >> shift) as usize & 0xf]);
    put(before.as_bytes());
    put(&hex);
    // The digits of a UUID are in groups of 8, 4, 4, 4 and 12.
    let id = id.as_bytes();
    for part in [&b"-"[..], &id[..8], &id[9..13], &id[14..18], &id[28..36]] {
        put(part);
    }
    if !middle.is_empty() {
        put(middle.as_bytes());
        put(&id[19..23]);
        put(&id[24..36]);
    }
    put(after.as_bytes());
    if form != TraceForm::Root {
        put(&id[..8]);
        put(b":0");
    }
    &out[..end]
}

/// The last second of the year 9999, counted from 1970: a date has four digits for the year.
const LAST_SECOND: u64 = 253_402_300_799;

/// Passes this many seconds since 1970 to `take` as a date in the HTTP format. The text of the last
/// call is reused within the same second.
fn with_date(seconds: u64, take: impl FnOnce(&str)) {
    thread_local! {
        static LAST: RefCell<(u64, String)> = const { RefCell::new((0, String::new())) };
    }
    let seconds = seconds.min(LAST_SECOND);
    LAST.with_borrow_mut(|(known, text)| {
        if *known != seconds || text.is_empty() {
            let moment = UNIX_EPOCH + Duration::from_secs(seconds);
            (*known, *text) = (seconds, httpdate::HttpDate::from(moment).to_string());
        }
        take(text);
    });
}

#[cfg(test)]
mod tests {
    use super::{LAST_SECOND, with_date};

    #[test]
    fn a_clock_beyond_the_year_9999_shows_its_last_second() {
        let shown = |seconds| {
            let mut shown = String::new();
            with_date(seconds, |date| shown = date.to_owned());
            shown
        };
        assert_eq!(shown(LAST_SECOND), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(shown(LAST_SECOND + 1), shown(LAST_SECOND));
        assert_eq!(shown(1 << 40), shown(LAST_SECOND));
        assert_eq!(shown(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
