//! The answers of a step.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::super::document::{Problem, Value};
use super::super::entry::{
    AnyKind, Argument, ArgumentEntry, Code, Each, KindEntry, Member, ObjectEntry, Options, Parts,
    Single, Verb,
};
use super::super::print::Out;
use super::super::shape::{Kind, Takes};
use super::faults::Alone;
use super::values::{Json, True, Version, Within};
use crate::aws::function_error::FunctionError;
use crate::aws::log_tail::{self, LineForm};
use crate::aws::service_error::ServiceError;
use crate::aws::words::ThrottleReason;
use crate::behavior::chaos::Effect;
use crate::ground::location::Location;
use crate::reply::chunks::{Boundaries, Chunks};
use crate::reply::delay::Delay;
use crate::reply::fault::Fault;
use crate::reply::reply::{Answer, ErrorReply, Reply, ReplyOptions};

static REPLIES: ObjectEntry<Reply> = ObjectEntry {
    noun: "a reply",
    about: "The answer of a step, as `Reply` makes it.",
    kinds: &[
        &VALUE,
        &STREAM,
        &FAILURE,
        &ERROR,
        &UNMODELED,
        &HTTP,
        &LONE_FAULT,
    ],
};

impl Argument for Reply {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| REPLIES.object()),
        read: |value| {
            let reply = REPLIES.read(value)?;
            match reply.mistake() {
                Some(mistake) => Err(value.problem(mistake)),
                None => Ok(reply),
            }
        },
        write,
    };
}

/// The effect of chaos and its location in a file.
pub(super) struct LocatedEffect(pub(super) Effect, pub(super) Option<Location>);

static EFFECTS: ObjectEntry<Effect> = ObjectEntry {
    noun: "an effect",
    about: "The effect of a hit: an error; a plain HTTP reply; a reply that has a fault, has another status or body, or omits a header; a reply whose event is lost or delivered several times; a fault; or a delay of the script's own reply.",
    kinds: &[
        &Replied(&VALUE),
        &Replied(&FAILURE),
        &Replied(&ERROR),
        &Replied(&UNMODELED),
        &Replied(&HTTP),
        &Replied(&ANY_FAULT),
        &LATER,
    ],
};

impl Argument for LocatedEffect {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| EFFECTS.object()),
        read: |value| Ok(Self(EFFECTS.read(value)?, Some(value.location()))),
        write: |effect, code| match &effect.0 {
            Effect::Reply(reply) => write(reply, code),
            Effect::Delay(delay) => LATER.write(*delay, code),
            Effect::Stream(_) | Effect::Delivered(_) => {
                code.push("a failure mode of a sweep".to_owned());
                Out::nothing()
            }
        },
    };
}

/// A kind of reply, as an effect of chaos.
struct Replied<P: 'static>(&'static KindEntry<Reply, P>);

impl<P: Parts> AnyKind<Effect> for Replied<P> {
    fn kind(&'static self) -> Kind {
        self.0.kind()
    }

    fn read(&self, object: &Value<'_>) -> Result<Effect, Problem> {
        self.0.read(object).map(|reply| Effect::Reply(reply.into()))
    }
}

static LATER: Single<Effect, Delay> = Single {
    word: "delay",
    about: "How much later the script's own reply is sent.",
    make: |delay| match delay.mistake() {
        Some(mistake) => Err(mistake),
        None => Ok(Effect::Delay(delay)),
    },
};

/// Writes a reply with the entry for its answer, or lists it as code.
fn write(reply: &Reply, code: &mut Code) -> Out {
    // A new option must be named here, and needs an entry unless it is code.
    if let Some(ReplyOptions {
        gate: Some(gate),
        timeout: _,
        delay: _,
        chaos_delay: _,
        body_delay: _,
        fault: _,
        status: _,
        body: _,
        without: _,
        in_queue: _,
        duplicates: _,
        is_lost: _,
        is_replay: _,
        gate_was_dropped: _,
    }) = reply.options.as_deref()
    {
        code.push(format!("a gate, created at {}", gate.made_at()));
    }
    match &reply.answer {
        Answer::Payload(body) => {
            let json = String::from_utf8_lossy(body).into_owned();
            VALUE.write((Json(json),), reply, code)
        }
        Answer::FunctionError(error) => FAILURE.write((error.clone(),), reply, code),
        Answer::Error(error) => ERROR.write((error.error,), reply, code),
        Answer::Unmodeled {
            code: name, status, ..
        } => {
            let error = Unmodeled(name.to_string(), *status);
            UNMODELED.write((error,), reply, code)
        }
        Answer::Http { status, body } => {
            HTTP.write((PlainHttp(*status, body.clone()),), reply, code)
        }
        Answer::Fault(fault) => ANY_FAULT.write((*fault,), reply, code),
        Answer::Handler(handler) => {
            code.push(format!("a handler, written at {}", handler.written_at));
            Out::nothing()
        }
        Answer::Stream(chunks) => STREAM.write(((**chunks).clone(),), reply, code),
        Answer::Live(_) => unreachable!("a script has no running handler"),
    }
}

static VALUE: KindEntry<Reply, (Json,)> = KindEntry {
    about: "A function that returned a value: `Reply::json`.",
    parts: &[(
        "json",
        "The value: member by member as written here, without white space.",
    )],
    make: |(json,)| Ok(Reply::payload(json.0.into())),
    options: Some(&Options(&[RAN, SENT])),
};

static STREAM: KindEntry<Reply, (Chunks,)> = KindEntry {
    about: "A function that streams: `Reply::stream`.",
    parts: &[("stream", "The steps of the stream, in order.")],
    make: |(chunks,)| Ok(Reply::stream(chunks)),
    options: Some(&Options(&[
        &[&Verb::<Reply, Boundaries> {
            word: "boundaries",
            about: "How the chunks become events: `Chunks::boundaries`.",
            set: Reply::try_boundaries,
            get: |reply| {
                let Answer::Stream(chunks) = &reply.answer else {
                    return None;
                };
                chunks.own_boundaries()
            },
        }],
        RAN,
        SENT,
    ])),
};

static FAILURE: KindEntry<Reply, (FunctionError,)> = KindEntry {
    about: "A function that failed: `FunctionError`.",
    parts: &[(
        "function_error",
        "The error with which the function failed.",
    )],
    make: |(error,)| Ok(error.into()),
    options: Some(&Options(&[RAN, SENT])),
};

static ERROR: KindEntry<Reply, (ServiceError,)> = KindEntry {
    about: "An error of the service: `Reply::error`.",
    parts: &[(
        "error",
        "The name of the error, as on the wire or as in `ServiceError`.",
    )],
    make: |(error,)| Ok(Reply::error(error)),
    options: Some(&Options(&[SAID, MODELED, SENT])),
};

static UNMODELED: KindEntry<Reply, (Unmodeled,)> = KindEntry {
    about: "An error that is not in the service model: `Reply::unmodeled_error`.",
    parts: &[("unmodeled_error", "Its name and status.")],
    make: |(error,)| Reply::try_unmodeled_error(&error.0, error.1),
    options: Some(&Options(&[SAID, SENT])),
};

static HTTP: KindEntry<Reply, (PlainHttp,)> = KindEntry {
    about: "The reply of a load balancer or proxy: `Reply::http`.",
    parts: &[("http", "Its status and body.")],
    make: |(http,)| Reply::try_http(http.0, http.1),
    options: Some(&Options(&[SENT])),
};

static LONE_FAULT: KindEntry<Reply, (Alone,)> = KindEntry {
    about: "No reply: the fault happens and the function does not run.",
    parts: &[("fault", "The fault.")],
    make: |(fault,)| Ok(fault.0.into()),
    options: Some(&Options(&[&[&DELAY]])),
};

static ANY_FAULT: KindEntry<Reply, (Fault,)> = KindEntry {
    about: "A fault that replaces the script's reply or damages it.",
    parts: &[("fault", "The fault.")],
    make: |(fault,)| Ok(fault.into()),
    options: Some(&Options(&[&[&DELAY]])),
};

/// The options of replies of a function that ran.
const RAN: &[&dyn Member<Reply>] = &[
    &Verb::<Reply, Version> {
        word: "executed_version",
        about: "The version that ran: `$LATEST` or a number.",
        set: |reply, version| reply.try_executed_version(&version.0),
        get: |reply| text(&reply.executed_version).map(Version),
    },
    &Each::<Reply, LogLine> {
        word: "log",
        about: "Lines that the function writes to its log.",
        add: |reply, LogLine(form, line)| reply.try_log(&line, form),
        all: |reply| {
            let lines = log_tail::lines(reply.log.as_deref().unwrap_or_default());
            lines
                .map(|(form, line)| LogLine(form, line.to_owned()))
                .collect()
        },
    },
    &Verb::<Reply, Duration> {
        word: "timeout",
        about: "The timeout of the function; when it passes, the reply is a timeout error.",
        set: |reply, timeout| reply.try_timeout(timeout),
        get: |reply| option(reply, |options| options.timeout),
    },
    &Verb::<Reply, Within<u32, 1, 100>> {
        word: "delivered_times",
        about: "The total number of deliveries of an event that gets this reply.",
        set: |reply, times| reply.try_delivered_times(times.0),
        get: |reply| option(reply, ReplyOptions::delivered_times).map(Within),
    },
    &Verb::<Reply, True> {
        word: "lost",
        about: "An event that gets this reply is accepted but never run.",
        set: |reply, True| reply.try_lost(),
        get: |reply| option(reply, |options| options.is_lost.then_some(True)),
    },
];

/// The options of every error of the service.
const SAID: &[&dyn Member<Reply>] = &[
    &Verb::<Reply, String> {
        word: "message",
        about: "The error's message.",
        set: |reply, message| reply.try_message(&message),
        get: |reply| {
            let (Answer::Error(ErrorReply { message, .. }) | Answer::Unmodeled { message, .. }) =
                &reply.answer
            else {
                return None;
            };
            text(message)
        },
    },
    &Verb::<Reply, True> {
        word: "in_queue",
        about: "The error occurs in the queue, after the event was accepted.",
        set: |reply, True| reply.try_in_queue(),
        get: |reply| option(reply, |options| options.in_queue.then_some(True)),
    },
];

/// The options of errors in the service model.
const MODELED: &[&dyn Member<Reply>] = &[
    &Verb::<Reply, ThrottleReason> {
        word: "reason",
        about: "The `Reason` of a throttle.",
        set: |reply, reason| reply.try_reason(reason.as_str()),
        get: |reply| modeled(reply)?.reason,
    },
    &Verb::<Reply, Duration> {
        word: "retry_after",
        about: "The `Retry-After` of a throttle, in whole seconds.",
        set: |reply, after| reply.try_retry_after(after),
        get: |reply| modeled(reply)?.retry_after.map(Duration::from_secs),
    },
    &Verb::<Reply, String> {
        word: "ec2_error_code",
        about: "The `EC2ErrorCode` of an `EC2UnexpectedException`.",
        set: |reply, code| reply.try_ec2_error_code(&code),
        get: |reply| text(&modeled(reply)?.ec2_error_code),
    },
    &Verb::<Reply, TextOrNull> {
        word: "type_value",
        about: "The `Type` of the error's body.",
        set: |reply, value| reply.try_type_value(value.0.as_deref()),
        get: |reply| {
            let value = modeled(reply)?.type_value.as_ref()?;
            Some(TextOrNull(text(value)))
        },
    },
];

/// The options of every reply that is not a fault alone.
const SENT: &[&dyn Member<Reply>] = &[
    &Each::<Reply, HeaderField> {
        word: "header",
        about: "Additional response headers, or other values of existing ones.",
        add: |reply, field| reply.try_header(&field.0, &field.1),
        all: |reply| {
            let headers = reply.headers.iter();
            headers
                .map(|(name, value)| HeaderField(name.to_string(), value.to_string()))
                .collect()
        },
    },
    &Each::<Reply, String> {
        word: "without_header",
        about: "The names of response headers to omit.",
        add: |reply, name| reply.try_without_header(&name),
        all: |reply| {
            let options = reply.options.iter();
            let names = options.flat_map(|options| &options.without);
            names.map(|name| name.to_string()).collect()
        },
    },
    &Verb::<Reply, Status> {
        word: "status",
        about: "Overrides the status; 204 and 304 are not allowed.",
        set: |reply, status| reply.try_status(status.0),
        get: |reply| option(reply, |options| options.status).map(Within),
    },
    &Verb::<Reply, Bytes> {
        word: "body",
        about: "Overrides the body.",
        set: |reply, body| reply.try_body(body),
        get: |reply| option(reply, |options| options.body.clone()),
    },
    &DELAY,
    &Verb::<Reply, Delay> {
        word: "body_delay",
        about: "The pause between head and body.",
        set: |reply, delay| reply.try_body_delay(delay),
        get: |reply| option(reply, |options| options.body_delay),
    },
    &Verb::<Reply, Fault> {
        word: "fault",
        about: "The fault that damages the reply or loses it; if the reply is a function's, the function has run.",
        set: |reply, fault| reply.try_fault(fault),
        get: |reply| option(reply, |options| options.fault),
    },
];

const DELAY: Verb<Reply, Delay> = Verb {
    word: "delay",
    about: "The delay of the first byte.",
    set: |reply, delay| reply.try_delay(delay),
    get: |reply| option(reply, |options| options.delay),
};

type Status = Within<u16, 200, 599>;

/// An option of a reply, if it is set.
fn option<'r, O>(reply: &'r Reply, get: impl FnOnce(&'r ReplyOptions) -> Option<O>) -> Option<O> {
    reply.options.as_deref().and_then(get)
}

fn modeled(reply: &Reply) -> Option<&ErrorReply> {
    let Answer::Error(error) = &reply.answer else {
        return None;
    };
    Some(error)
}

fn text(text: &Option<Arc<str>>) -> Option<String> {
    text.as_deref().map(str::to_owned)
}

/// A line of a function's log.
struct LogLine(LineForm, String);

impl Argument for LogLine {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || {
            Takes::Either(&[String::takes, || {
                Takes::Object(|| RAW_LINE.object("a raw line"))
            }])
        },
        read: |value| match value.is_object() {
            true => RAW_LINE.read(value),
            false => value.text().map(|text| Self(LineForm::Record, text)),
        },
        write: |line, code| match line.0 {
            LineForm::Record => Out::text(&line.1),
            LineForm::Raw => RAW_LINE.write((line.1.clone(),), line, code),
        },
    };
}

static RAW_LINE: KindEntry<LogLine, (String,)> = KindEntry {
    about: "A line that the JSON format does not wrap in a record: `Reply::log_raw`.",
    parts: &[("raw", "The line.")],
    make: |(line,)| Ok(LogLine(LineForm::Raw, line)),
    options: None,
};

/// A string, or `null`.
struct TextOrNull(Option<String>);

impl Argument for TextOrNull {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Either(&[String::takes, || Takes::Null]),
        read: |value| match value.raw() {
            "null" => Ok(Self(None)),
            _ => value.text().map(|text| Self(Some(text))),
        },
        write: |value, _| match &value.0 {
            Some(text) => Out::text(text),
            None => Out::plain("null"),
        },
    };
}

/// The name and the value of a header.
#[derive(Clone)]
pub(super) struct HeaderField(pub(super) String, pub(super) String);

impl Argument for HeaderField {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| HEADER_FIELD.object("a header")),
        read: |value| HEADER_FIELD.read(value),
        write: |field, code| HEADER_FIELD.write((field.0.clone(), field.1.clone()), field, code),
    };
}

static HEADER_FIELD: KindEntry<HeaderField, (String, String)> = KindEntry {
    about: "A response header.",
    parts: &[("name", "Its name."), ("value", "Its value.")],
    make: |(name, value)| Ok(HeaderField(name, value)),
    options: None,
};

/// The code and the status of an error that is not in the service model.
struct Unmodeled(String, u16);

impl Argument for Unmodeled {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| UNMODELED_PARTS.object("an unmodeled error")),
        read: |value| UNMODELED_PARTS.read(value),
        write: |error, code| {
            let parts = (ErrorCode(error.0.clone()), Within(error.1));
            UNMODELED_PARTS.write(parts, error, code)
        },
    };
}

static UNMODELED_PARTS: KindEntry<Unmodeled, (ErrorCode, Within<u16, 400, 599>)> = KindEntry {
    about: "An error that is not in the service model.",
    parts: &[
        ("code", "The value of `x-amzn-ErrorType`."),
        ("status", "The HTTP status."),
    ],
    make: |(code, status)| Ok(Unmodeled(code.0, status.0)),
    options: None,
};

/// A valid value of `x-amzn-ErrorType`.
struct ErrorCode(String);

impl Argument for ErrorCode {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Text,
        read: |value| {
            let code = value.text()?;
            let made = Reply::try_unmodeled_error(&code, 400);
            value.accepts(made.map(|_| Self(code)))
        },
        write: |code, _| Out::text(&code.0),
    };
}

/// The status and the body of a reply that is not Lambda's.
struct PlainHttp(u16, Bytes);

impl Argument for PlainHttp {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| PLAIN_HTTP.object("a plain HTTP reply")),
        read: |value| {
            let http = PLAIN_HTTP.read(value)?;
            let made = Reply::try_http(http.0, http.1.clone());
            value.accepts(made.map(|_| http))
        },
        write: |http, code| PLAIN_HTTP.write((Within(http.0),), http, code),
    };
}

static PLAIN_HTTP: KindEntry<PlainHttp, (Status,)> = KindEntry {
    about: "A status and a body, with none of Lambda's headers.",
    parts: &[("status", "The HTTP status.")],
    make: |(status,)| Ok(PlainHttp(status.0, Bytes::new())),
    options: Some(&Options(&[&[&Verb::<PlainHttp, Bytes> {
        word: "body",
        about: "The body; default: empty.",
        set: |http, body| Ok(PlainHttp(http.0, body)),
        get: |http| (!http.1.is_empty()).then(|| http.1.clone()),
    }]])),
};

impl Argument for ServiceError {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Word("service error", names),
        read: |value| value.word(),
        write: |error, _| Out::text(error.code()),
    };
}

/// The names on the wire, followed by the variant names that differ.
fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = ServiceError::ALL.iter().map(|error| error.code()).collect();
    for variant in ServiceError::ALL.iter().map(|error| error.variant()) {
        if !names.contains(&variant) {
            names.push(variant);
        }
    }
    names
}
