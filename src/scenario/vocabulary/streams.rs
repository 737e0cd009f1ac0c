//! Streams: chunks, pauses and failures in order.

use bytes::Bytes;

use super::super::entry::{
    AnyKind as _, Argument, ArgumentEntry, Code, KindEntry, ObjectEntry, Options, Single, Verb,
};
use super::super::print::Out;
use super::super::shape::Takes;
use super::replies::HeaderField;
use super::values::{AtLeast, Json, True, Within};
use crate::aws::event_stream::FrameDamage;
use crate::aws::function_error::FunctionError;
use crate::aws::service_error::ServiceError;
use crate::ground::message::Message;
use crate::reply::chunks::{Boundaries, Chunks, End, Odd, Part};
use crate::reply::delay::Delay;
use crate::reply::fault::Fault;

/// A list of steps, each added to those before it.
impl Argument for Chunks {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::List(Step::takes),
        read: |value| {
            let mut items = value.items().into_iter();
            items.try_fold(Chunks::new(), |chunks, item| {
                item.accepts(Step::read(&item)?.added_to(chunks))
            })
        },
        write: |chunks, code| {
            let mut steps: Vec<Out> = Vec::new();
            for part in chunks.parts() {
                steps.extend(write_part(part, code));
            }
            match chunks.end() {
                End::Complete => {}
                End::Failed(error) => steps.push(FAIL.write(error.clone(), code)),
                End::Missing => steps.push(NO_END.write(True, code)),
            }
            Out::Array(steps)
        },
    };
}

/// One step as a file writes it.
enum Step {
    Send(Bytes),
    Http(HttpStart),
    Wait(Delay),
    Fault(Fault),
    BadChecksum,
    BadPrelude,
    Exception(ServiceError),
    ErrorMessage(ErrorText),
    Event(NamedEvent),
    Fail(FunctionError),
    NoEnd,
}

impl Step {
    fn added_to(self, chunks: Chunks) -> Result<Chunks, Message> {
        match self {
            Self::Send(chunk) => chunks.try_add("send", Part::Send(chunk)),
            Self::Http(HttpStart { status, headers }) => {
                let headers = headers.iter();
                let headers =
                    headers.map(|HeaderField(name, value)| (name.as_str(), value.as_str()));
                chunks.try_http(status, headers)
            }
            Self::Wait(delay) => chunks.try_wait(delay),
            Self::Fault(fault) => chunks.try_fault(fault),
            Self::BadChecksum => chunks.try_add("bad_checksum", Part::Damage(FrameDamage::Message)),
            Self::BadPrelude => chunks.try_add("bad_prelude", Part::Damage(FrameDamage::Prelude)),
            Self::Exception(error) => {
                chunks.try_add("exception", Part::Message(Odd::Exception(error)))
            }
            Self::ErrorMessage(ErrorText { code, text }) => chunks.try_error_message(&code, &text),
            Self::Event(NamedEvent { name, payload }) => chunks.try_event(&name, &payload),
            Self::Fail(error) => chunks.try_end("fail", End::Failed(error)),
            Self::NoEnd => chunks.try_end("no_end", End::Missing),
        }
    }
}

impl Argument for Step {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Either(&[String::takes, || Takes::Object(|| STEPS.object())]),
        read: |value| match value.is_object() {
            true => STEPS.read(value),
            false => value.text().map(|text| Self::Send(text.into())),
        },
        write: |_, _| unreachable!("the parts of the chunks are written"),
    };
}

static STEPS: ObjectEntry<Step> = ObjectEntry {
    noun: "a step of a stream",
    about: "One step of a stream, as `Chunks` makes it. A string is a chunk.",
    kinds: &[
        &BASE64,
        &HTTP,
        &WAIT,
        &FAULT,
        &BAD_CHECKSUM,
        &BAD_PRELUDE,
        &EXCEPTION,
        &ERROR_MESSAGE,
        &EVENT,
        &FAIL,
        &NO_END,
    ],
};

/// Writes a step; nothing for a gate, which is code.
fn write_part(part: &Part, code: &mut Code) -> Option<Out> {
    Some(match part {
        Part::Send(chunk) => chunk.write(code),
        Part::Http(prelude) => {
            let headers = prelude.headers.iter().cloned();
            let start = HttpStart {
                status: prelude.status,
                headers: headers
                    .map(|(name, value)| HeaderField(name, value))
                    .collect(),
            };
            HTTP.write(start, code)
        }
        Part::Wait(delay) => WAIT.write(*delay, code),
        Part::Hold(gate) => {
            code.push(format!("a gate, created at {}", gate.made_at()));
            return None;
        }
        Part::Fault(fault) => FAULT.write(*fault, code),
        Part::Damage(FrameDamage::Message) => BAD_CHECKSUM.write(True, code),
        Part::Damage(FrameDamage::Prelude) => BAD_PRELUDE.write(True, code),
        Part::Message(Odd::Exception(error)) => EXCEPTION.write(*error, code),
        Part::Message(Odd::Error { code: name, text }) => {
            let (name, text) = (name.to_string(), text.to_string());
            ERROR_MESSAGE.write(ErrorText { code: name, text }, code)
        }
        Part::Message(Odd::Event { name, payload }) => {
            let (name, payload) = (name.to_string(), payload.to_string());
            EVENT.write(NamedEvent { name, payload }, code)
        }
    })
}

static BASE64: Single<Step, Base64Chunk> = Single {
    word: "base64",
    about: "A chunk that is not text, in base64, padded.",
    make: |chunk| Ok(Step::Send(chunk.0)),
};

static HTTP: Single<Step, HttpStart> = Single {
    word: "http",
    about: "The prelude of an HTTP response, as a chunk.",
    make: |start| Ok(Step::Http(start)),
};

static WAIT: Single<Step, Delay> = Single {
    word: "wait",
    about: "A pause.",
    make: |delay| Ok(Step::Wait(delay)),
};

static FAULT: Single<Step, Fault> = Single {
    word: "fault",
    about: "A fault here, or inside what is sent next; not one about the head, the length or the end of a reply.",
    make: |fault| Ok(Step::Fault(fault)),
};

static BAD_CHECKSUM: Single<Step, True> = Single {
    word: "bad_checksum",
    about: "The next frame has a wrong checksum of its content.",
    make: |True| Ok(Step::BadChecksum),
};

static BAD_PRELUDE: Single<Step, True> = Single {
    word: "bad_prelude",
    about: "The next frame has a wrong checksum of its lengths.",
    make: |True| Ok(Step::BadPrelude),
};

static EXCEPTION: Single<Step, ServiceError> = Single {
    word: "exception",
    about: "A message of the type `exception` with this error.",
    make: |error| Ok(Step::Exception(error)),
};

static ERROR_MESSAGE: Single<Step, ErrorText> = Single {
    word: "error_message",
    about: "A message of the type `error`.",
    make: |error| Ok(Step::ErrorMessage(error)),
};

static EVENT: Single<Step, NamedEvent> = Single {
    word: "event",
    about: "An event of another type.",
    make: |event| Ok(Step::Event(event)),
};

static FAIL: Single<Step, FunctionError> = Single {
    word: "fail",
    about: "The error at the end of the stream.",
    make: |error| Ok(Step::Fail(error)),
};

static NO_END: Single<Step, True> = Single {
    word: "no_end",
    about: "The stream has no `InvokeComplete`.",
    make: |True| Ok(Step::NoEnd),
};

/// A chunk that a file writes in base64.
struct Base64Chunk(Bytes);

impl Argument for Base64Chunk {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Text,
        read: |value| super::values::base64(value).map(Self),
        write: |_, _| unreachable!("a chunk is written as bytes are"),
    };
}

/// The status and the headers of a prelude.
struct HttpStart {
    status: u16,
    headers: Vec<HeaderField>,
}

impl Argument for HttpStart {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| HTTP_START.object("the prelude of an HTTP response")),
        read: |value| HTTP_START.read(value),
        write: |start, code| HTTP_START.write((Within(start.status),), start, code),
    };
}

static HTTP_START: KindEntry<HttpStart, (Within<u16, 200, 599>,)> = KindEntry {
    about: "The status and the headers of an HTTP response.",
    parts: &[("status", "The status.")],
    make: |(status,)| {
        Ok(HttpStart {
            status: status.0,
            headers: Vec::new(),
        })
    },
    options: Some(&Options(&[&[&Verb::<HttpStart, Vec<HeaderField>> {
        word: "headers",
        about: "The headers, in order; default: none.",
        set: |start, headers| Ok(HttpStart { headers, ..start }),
        get: |start| (!start.headers.is_empty()).then(|| start.headers.clone()),
    }]])),
};

/// The parts of a message of the type `error`.
struct ErrorText {
    code: String,
    text: String,
}

impl Argument for ErrorText {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| ERROR_TEXT.object("an error message")),
        read: |value| ERROR_TEXT.read(value),
        write: |error, code| {
            ERROR_TEXT.write((error.code.clone(), error.text.clone()), error, code)
        },
    };
}

static ERROR_TEXT: KindEntry<ErrorText, (String, String)> = KindEntry {
    about: "A code and a message.",
    parts: &[
        ("code", "The `:error-code`."),
        ("text", "The `:error-message`."),
    ],
    make: |(code, text)| Ok(ErrorText { code, text }),
    options: None,
};

/// The parts of an event.
struct NamedEvent {
    name: String,
    payload: String,
}

impl Argument for NamedEvent {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| NAMED_EVENT.object("an event of another type")),
        read: |value| NAMED_EVENT.read(value),
        write: |event, code| {
            let parts = (event.name.clone(), Json(event.payload.clone()));
            NAMED_EVENT.write(parts, event, code)
        },
    };
}

static NAMED_EVENT: KindEntry<NamedEvent, (String, Json)> = KindEntry {
    about: "A type and a payload.",
    parts: &[
        ("type", "The `:event-type`."),
        ("payload", "The payload, as written here."),
    ],
    make: |(name, payload)| {
        Ok(NamedEvent {
            name,
            payload: payload.0,
        })
    },
    options: None,
};

impl Argument for Boundaries {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || {
            Takes::Either(&[
                || {
                    Takes::Word("kind of boundaries", || {
                        WORDS.map(|(word, _)| word).to_vec()
                    })
                },
                || Takes::Object(|| EVERY_OBJECT.object()),
            ])
        },
        read: |value| match value.is_object() {
            true => EVERY_OBJECT.read(value),
            false => {
                let word = value.text()?;
                let known = WORDS.iter().find(|(known, _)| *known == word);
                Ok(known.expect("the shape allows only known words").1)
            }
        },
        write: |boundaries, code| match boundaries {
            Self::AsSent => Out::text(const { WORDS[0].0 }),
            Self::Merged => Out::text(const { WORDS[1].0 }),
            Self::Random => Out::text(const { WORDS[2].0 }),
            Self::Every(bytes) => EVERY.write(Within(*bytes), code),
        },
    };
}

const WORDS: [(&str, Boundaries); 3] = [
    ("AsSent", Boundaries::AsSent),
    ("Merged", Boundaries::Merged),
    ("Random", Boundaries::Random),
];

static EVERY_OBJECT: ObjectEntry<Boundaries> = ObjectEntry {
    noun: "boundaries",
    about: "Events of a fixed length.",
    kinds: &[&EVERY],
};

static EVERY: Single<Boundaries, AtLeast<usize, 1>> = Single {
    word: "Every",
    about: "Events of this many bytes.",
    make: |bytes| Ok(Boundaries::Every(bytes.0)),
};
