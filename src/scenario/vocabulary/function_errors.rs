//! Function errors. An error with its own constructor is written under the constructor's name.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::super::document::{Problem, Value};
use super::super::entry::{
    AnyKind, Argument, ArgumentEntry, Code, KindEntry, ObjectEntry, Options, Part, Verb, with,
};
use super::super::print::Out;
use super::super::shape::{Kind, Takes};
use super::values::{Json, True, Within};
use crate::aws::function_error::{FunctionError, Payload, Thrown};
use crate::aws::words::Runtime;
use crate::ground::json::Tree;

static FUNCTION_ERRORS: ObjectEntry<FunctionError> = ObjectEntry {
    noun: "a function error",
    about: "A function error, as `FunctionError` makes it.",
    kinds: &[
        &OfRuntime,
        &PLATFORM,
        &TIMED_OUT,
        &OUT_OF_MEMORY,
        &EXITED,
        &EXTENSION,
        &RESPONSE_TOO_LARGE,
        &INVALID_ENTRYPOINT,
        &PAYLOAD,
        &BYTES,
    ],
};

impl Argument for FunctionError {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| FUNCTION_ERRORS.object()),
        read: |value| FUNCTION_ERRORS.read(value),
        write,
    };
}

/// The kind of error that a runtime writes.
struct OfRuntime;

impl AnyKind<FunctionError> for OfRuntime {
    fn kind(&'static self) -> Kind {
        THROWN.kind()
    }

    fn read(&self, object: &Value<'_>) -> Result<FunctionError, Problem> {
        let mut thrown = THROWN.read(object)?;
        if thrown.runtime.is_none() {
            follows_from_runtime(object)?;
        }
        hand_runtime_on(&mut thrown);
        object.accepts(FunctionError::of_parts(thrown))
    }
}

/// Refuses, in an error without a runtime, the keys that only a runtime's error can have.
fn follows_from_runtime(value: &Value<'_>) -> Result<(), Problem> {
    if let Some(cause) = value.member(CAUSE.word) {
        follows_from_runtime(&cause)?;
    }
    let mut words = [AT_INIT.word, STACK.word, CAUSE.word].into_iter();
    match words.find_map(|word| value.member(word)) {
        Some(part) => Err(part.problem("only allowed in an error with a `runtime`; add `runtime`")),
        None => Ok(()),
    }
}

/// Gives each inner error the runtime of the error that it caused.
fn hand_runtime_on(thrown: &mut Thrown) {
    if let Some(cause) = &mut thrown.cause {
        let cause = Arc::make_mut(cause);
        cause.runtime = thrown.runtime;
        hand_runtime_on(cause);
    }
}

/// Writes an error with the entry for its payload.
fn write(error: &FunctionError, code: &mut Code) -> Out {
    let constants = [&OUT_OF_MEMORY, &RESPONSE_TOO_LARGE, &INVALID_ENTRYPOINT];
    let is_made_by = |entry: &&&KindEntry<_, _>| (entry.make)((True,)).as_ref() == Ok(error);
    if let Some(entry) = constants.iter().find(is_made_by) {
        return entry.write((True,), error, code);
    }
    if let Some(status) = (0..=255).find(|status| FunctionError::exited(*status) == *error) {
        return EXITED.write((Within(status),), error, code);
    }
    match error.parts() {
        Payload::Thrown(thrown) => THROWN.write(message(thrown), thrown, code),
        Payload::Platform { error_type, text } => match timeout(error, text) {
            Some(timeout) => TIMED_OUT.write((Timeout(timeout),), error, code),
            None => {
                let platform = Platform(error_type.to_string(), text.to_string());
                PLATFORM.write((platform,), error, code)
            }
        },
        Payload::Extension {
            name,
            code: exit_code,
        } => {
            let extension = Extension(name.to_string(), *exit_code);
            EXTENSION.write((extension,), error, code)
        }
        Payload::Given(bytes) => match Tree::of(bytes).map(|tree| tree.compact(Tree::ROOT)) {
            Some(json) if json.as_bytes() == bytes => PAYLOAD.write((Json(json),), error, code),
            _ => BYTES.write((bytes.clone(),), error, code),
        },
    }
}

fn message(thrown: &Thrown) -> (String, String) {
    (thrown.error_type.to_string(), thrown.message.to_string())
}

/// The timeout in the text of a timeout error, such as `Task timed out after 3.00 seconds`.
fn timeout(error: &FunctionError, text: &str) -> Option<Duration> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let hundredths: u64 = digits.parse().ok()?;
    let timeout = Duration::from_millis(hundredths.checked_mul(10)?);
    let made = FunctionError::try_timed_out(timeout);
    (made.as_ref() == Ok(error)).then_some(timeout)
}

static THROWN: KindEntry<Thrown, (String, String)> = KindEntry {
    about: "An error of the function or its runtime: `FunctionError::new`.",
    parts: MESSAGE,
    make: |(error_type, message)| Ok(Thrown::new(&error_type, &message)),
    options: Some(&Options(&[&[&RUNTIME, &AT_INIT, &STACK, &CAUSE]])),
};

/// The error that caused another one.
impl Argument for Thrown {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| INNER.object("an inner error")),
        read: |value| INNER.read(value),
        write: |thrown, code| INNER.write(message(thrown), thrown, code),
    };
}

static INNER: KindEntry<Thrown, (String, String)> = KindEntry {
    about: "An error of the same runtime that caused another one.",
    parts: MESSAGE,
    make: |(error_type, message)| Ok(Thrown::new(&error_type, &message)),
    options: Some(&Options(&[&[&STACK, &CAUSE]])),
};

const MESSAGE: &[Part] = &[
    ("error_type", "The type of the error."),
    ("message", "The message of the error."),
];

static RUNTIME: Verb<Thrown, Runtime> = Verb {
    word: "runtime",
    about: "The runtime that decides the form of the payload; required with `at_init`, `stack` or `cause`.",
    set: |thrown, runtime| with(thrown, |thrown| thrown.runtime = Some(runtime)),
    get: |thrown| thrown.runtime,
};

static AT_INIT: Verb<Thrown, True> = Verb {
    word: "at_init",
    about: "The error was raised before the handler ran.",
    set: |thrown, True| with(thrown, |thrown| thrown.at_init = true),
    get: |thrown| thrown.at_init.then_some(True),
};

static STACK: Verb<Thrown, Vec<String>> = Verb {
    word: "stack",
    about: "The frames of the stack.",
    set: |thrown, frames| with(thrown, |thrown| thrown.stack = Some(frames.into())),
    get: |thrown| thrown.stack.as_ref().map(|frames| frames.to_vec()),
};

static CAUSE: Verb<Thrown, Thrown> = Verb {
    word: "cause",
    about: "The error that caused this one.",
    set: |thrown, cause| with(thrown, |thrown| thrown.cause = Some(Arc::new(cause))),
    get: |thrown| thrown.cause.as_deref().cloned(),
};

static PLATFORM: KindEntry<FunctionError, (Platform,)> = KindEntry {
    about: "An error of the platform: `FunctionError::platform`.",
    parts: &[("platform", "An error that is the same on every runtime.")],
    make: |(Platform(error_type, text),)| Ok(FunctionError::platform(error_type, text)),
    options: None,
};

static TIMED_OUT: KindEntry<FunctionError, (Timeout,)> = KindEntry {
    about: "A function that ran into its timeout.",
    parts: &[("timed_out", "The function's timeout.")],
    make: |(timeout,)| FunctionError::try_timed_out(timeout.0),
    options: None,
};

static OUT_OF_MEMORY: KindEntry<FunctionError, (True,)> = KindEntry {
    about: "A function that was killed because it ran out of memory.",
    parts: &[(
        "out_of_memory",
        "The function was killed because it ran out of memory.",
    )],
    make: |(True,)| Ok(FunctionError::out_of_memory()),
    options: None,
};

static EXITED: KindEntry<FunctionError, (Within<i32, 0, 255>,)> = KindEntry {
    about: "A function whose process ended.",
    parts: &[("exited", "The exit code of the process.")],
    make: |(status,)| FunctionError::try_exited(status.0),
    options: None,
};

static EXTENSION: KindEntry<FunctionError, (Extension,)> = KindEntry {
    about: "A function whose extension ended while it started.",
    parts: &[("extension_exited", "The extension.")],
    make: |(Extension(name, exit_code),)| FunctionError::try_extension_exited(&name, exit_code),
    options: None,
};

/// The name and the exit code of an extension.
struct Extension(String, i32);

impl Argument for Extension {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| EXTENSION_PARTS.object("an extension")),
        read: |value| {
            let extension = EXTENSION_PARTS.read(value)?;
            let made = FunctionError::try_extension_exited(&extension.0, extension.1);
            value.accepts(made.map(|_| extension))
        },
        write: |extension, code| {
            let parts = (extension.0.clone(), Within(extension.1));
            EXTENSION_PARTS.write(parts, extension, code)
        },
    };
}

static EXTENSION_PARTS: KindEntry<Extension, (String, Within<i32, 0, 255>)> = KindEntry {
    about: "An extension that ended.",
    parts: &[
        ("name", "The name of the extension."),
        ("exit_code", "The exit code of its process."),
    ],
    make: |(name, exit_code)| Ok(Extension(name, exit_code.0)),
    options: None,
};

static RESPONSE_TOO_LARGE: KindEntry<FunctionError, (True,)> = KindEntry {
    about: "A function that returned too much.",
    parts: &[(
        "response_too_large",
        "The function returned over 6 MiB and 100 bytes.",
    )],
    make: |(True,)| Ok(FunctionError::response_too_large()),
    options: None,
};

static INVALID_ENTRYPOINT: KindEntry<FunctionError, (True,)> = KindEntry {
    about: "A function without a `bootstrap` file.",
    parts: &[(
        "invalid_entrypoint",
        "The custom runtime has no `bootstrap` file.",
    )],
    make: |(True,)| Ok(FunctionError::invalid_entrypoint()),
    options: None,
};

static PAYLOAD: KindEntry<FunctionError, (Json,)> = KindEntry {
    about: "A payload of any form.",
    parts: &[(
        "payload",
        "The payload, member by member as written here, without white space.",
    )],
    make: |(json,)| Ok(FunctionError::bytes(json.0)),
    options: None,
};

static BYTES: KindEntry<FunctionError, (Bytes,)> = KindEntry {
    about: "A payload of exactly these bytes.",
    parts: &[("bytes", "The payload, byte for byte.")],
    make: |(bytes,)| Ok(FunctionError::bytes(bytes)),
    options: None,
};

/// The type and the text of an error of the platform.
struct Platform(String, String);

impl Argument for Platform {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| PLATFORM_PARTS.object("an error of the platform")),
        read: |value| PLATFORM_PARTS.read(value),
        write: |platform, code| {
            let parts = (platform.0.clone(), platform.1.clone());
            PLATFORM_PARTS.write(parts, platform, code)
        },
    };
}

static PLATFORM_PARTS: KindEntry<Platform, (String, String)> = KindEntry {
    about: "An error of the platform, on any runtime.",
    parts: &[
        ("error_type", "The type, as in `Extension.Crash`."),
        ("text", "The text after `RequestId: <id> Error: `."),
    ],
    make: |(error_type, text)| Ok(Platform(error_type, text)),
    options: None,
};

/// A timeout that a function can have.
struct Timeout(Duration);

impl Argument for Timeout {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: Duration::takes,
        read: |value| {
            let timeout = Duration::read(value)?;
            let made = FunctionError::try_timed_out(timeout);
            value.accepts(made.map(|_| Self(timeout)))
        },
        write: |timeout, code| timeout.0.write(code),
    };
}
