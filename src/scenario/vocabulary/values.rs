//! Values that many keys accept.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use super::super::document::{Problem, Value};
use super::super::entry::{AnyKind as _, Argument, ArgumentEntry, KindEntry, Options, Verb};
use super::super::print::Out;
use super::super::shape::{Form, Object, Takes};
use crate::aws::target::{NAME_LIMIT, NAME_PATTERN, Target, TargetError};
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::ground::nearest::Words;

/// Any JSON as written, without white space.
pub(super) struct Json(pub(super) String);

/// A whole number between two bounds.
pub(super) struct Within<N, const LEAST: u64, const MOST: u64>(pub(super) N);

/// A whole number from 0 to `u32::MAX`.
pub(super) type Small = Within<u32, 0, { u32::MAX as u64 }>;

/// A whole number without bounds, or with a lower bound only.
pub(super) type AtLeast<N, const LEAST: u64> = Within<N, LEAST, { u64::MAX }>;

/// A number of at least 0.
pub(super) struct Number(pub(super) f64);

/// A number from 0 to 1.
pub(super) struct Share(pub(super) f64);

/// A setting that is on if its key is present.
pub(super) struct True;

/// A version's number, or `$LATEST`.
pub(super) struct Version(pub(super) String);

/// A value and its location in the file.
pub(in crate::scenario) struct Located<A>(
    pub(in crate::scenario) A,
    pub(in crate::scenario) Location,
);

impl Argument for Json {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Json,
        read: |value| Ok(Self(value.compact())),
        write: |json, _| Out::plain(&json.0),
    };
}

impl Argument for String {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Text,
        read: |value| value.text(),
        write: |text, _| Out::text(text),
    };
}

impl<W: Words> Argument for W {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Word(W::NOUN, || W::ALL.iter().map(W::as_ref).collect()),
        read: |value| value.word(),
        write: |word, _| Out::text(word.as_ref()),
    };
}

impl Argument for bool {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Flag,
        read: |value| Ok(value.raw() == "true"),
        write: |flag, _| Out::plain(flag),
    };
}

impl Argument for True {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::True,
        read: |_| Ok(Self),
        write: |_, _| Out::plain(true),
    };
}

impl<N: FromStr + Display + 'static, const LEAST: u64, const MOST: u64> Argument
    for Within<N, LEAST, MOST>
{
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Whole(LEAST, MOST),
        read: |value| value.number().map(Self),
        write: |number, _| Out::plain(&number.0),
    };
}

impl Argument for Number {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Number,
        read: |value| value.number().map(Self),
        write: |number, _| Out::plain(number.0),
    };
}

impl Argument for Share {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Share,
        read: |value| value.number().map(Self),
        write: |share, _| Out::plain(share.0),
    };
}

impl Argument for Target {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Form(&FUNCTION),
        read: |value| {
            let text = value.text()?;
            let target = text.parse();
            value.accepts(target.map_err(|error: TargetError| error.message(&text)))
        },
        write: |target, _| Out::text(&target.written()),
    };
}

static FUNCTION: Form = Form {
    noun: "a function",
    pattern: NAME_PATTERN,
    most_bytes: Some(NAME_LIMIT),
    example: "resize:live",
};

impl Argument for Version {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Form(&VERSION),
        read: |value| value.text().map(Self),
        write: |version, _| Out::text(&version.0),
    };
}

static VERSION: Form = Form {
    noun: "a version",
    pattern: r"\$LATEST|[0-9]+",
    most_bytes: None,
    example: "7",
};

/// `50ms`: a whole number and its unit. Written with the largest unit up to seconds that gives a
/// whole number.
impl Argument for Duration {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Form(&DURATION),
        read: duration,
        write: |duration, _| {
            let nanos = duration.as_nanos();
            let units = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")];
            let whole = units.into_iter().find(|(size, _)| nanos % size == 0);
            let (size, unit) = whole.unwrap_or((1, "ns"));
            Out::text(&format!("{}{unit}", nanos / size))
        },
    };
}

static DURATION: Form = Form {
    noun: "a duration",
    pattern: "[0-9]+(ns|us|ms|s|m|h)",
    most_bytes: None,
    example: "50ms",
};

fn duration(value: &Value<'_>) -> Result<Duration, Problem> {
    let text = value.text()?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let nanos: Option<u128> = match unit {
        "ns" => Some(1),
        "us" => Some(1_000),
        "ms" => Some(1_000_000),
        "s" => Some(1_000_000_000),
        "m" => Some(60_000_000_000),
        "h" => Some(3_600_000_000_000),
        _ => None,
    };
    let nanos = nanos.filter(|_| digits > 0).ok_or_else(|| {
        value.problem(format!(
            "`{text}` is not a duration; write a whole number and `ns`, `us`, \
             `ms`, `s`, `m` or `h`, as in `50ms`"
        ))
    })?;
    let exact = || {
        let all = number.parse::<u128>().ok()?.checked_mul(nanos)?;
        let seconds = u64::try_from(all / 1_000_000_000).ok()?;
        Some(Duration::new(seconds, (all % 1_000_000_000) as u32))
    };
    exact().ok_or_else(|| {
        value.problem(format!(
            "`{text}` is too long for a duration; use a shorter one"
        ))
    })
}

impl Argument for Count {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Either(&[AtLeast::<u64, 0>::takes, || Takes::Object(range)]),
        read: |value| {
            let Range(least, most) = match value.is_object() {
                true => RANGE.read(value)?,
                false => Range(Some(value.number()?), Some(value.number()?)),
            };
            let count = Count::between(least.unwrap_or(0), most);
            match count.mistake("count") {
                None => Ok(count),
                Some(_) => Err(value.problem(format!("empty range: {count}; swap the bounds"))),
            }
        },
        write: |count, code| match count.bounds() {
            (least, Some(most)) if most == least => Out::plain(least),
            (0, Some(most)) => RANGE.write((), &Range(None, Some(most)), code),
            (least, most) => RANGE.write((), &Range(Some(least), most), code),
        },
    };
}

struct Range(Option<u64>, Option<u64>);

fn range() -> Object {
    Object {
        least_members: 1,
        ..RANGE.object("a range")
    }
}

static RANGE: KindEntry<Range, ()> = KindEntry {
    about: "A range of numbers, its ends included. It has one of these keys or both.",
    parts: &[],
    make: |()| Ok(Range(None, None)),
    options: Some(&Options(&[&[
        &Verb::<Range, AtLeast<u64, 0>> {
            word: "at_least",
            about: "The lower bound; default: 0.",
            set: |range, least| Ok(Range(Some(least.0), range.1)),
            get: |range| range.0.map(Within),
        },
        &Verb::<Range, AtLeast<u64, 0>> {
            word: "at_most",
            about: "The upper bound; default: none.",
            set: |range, most| Ok(Range(range.0, Some(most.0))),
            get: |range| range.1.map(Within),
        },
    ]])),
};

/// Bytes, which are written as a string if they are valid UTF-8.
impl Argument for Bytes {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Either(&[String::takes, || Takes::Object(|| BINARY.object("a body"))]),
        read: |value| match value.is_object() {
            true => BINARY.read(value),
            false => value.text().map(Bytes::from),
        },
        write: |bytes, code| match std::str::from_utf8(bytes) {
            Ok(text) => Out::text(text),
            Err(_) => BINARY.write((Base64(bytes.clone()),), bytes, code),
        },
    };
}

static BINARY: KindEntry<Bytes, (Base64,)> = KindEntry {
    about: "Bytes that are not text.",
    parts: &[("base64", "The bytes in base64, padded.")],
    make: |(base64,)| Ok(base64.0),
    options: None,
};

struct Base64(Bytes);

impl Argument for Base64 {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Text,
        read: |value| base64(value).map(Self),
        write: |base64, _| Out::text(&BASE64_STANDARD.encode(&base64.0)),
    };
}

/// The bytes of a string in base64.
pub(super) fn base64(value: &Value<'_>) -> Result<Bytes, Problem> {
    match BASE64_STANDARD.decode(value.text()?) {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) => {
            let error = error.to_string();
            let error = error.trim_end_matches('.');
            Err(value.problem(format!(
                "not valid base64: {error}; encode the bytes with padding"
            )))
        }
    }
}

impl<A: Argument> Argument for Located<A> {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: A::takes,
        read: |value| Ok(Self(A::read(value)?, value.location())),
        write: |located, code| located.0.write(code),
    };
}
