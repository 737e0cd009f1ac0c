//! The settings for the start of a fake. They are never written.

use super::super::entry::{
    AnyKind as _, Argument, ArgumentEntry, KindEntry, Member, ObjectEntry, Options, Verb,
};
use super::super::print::Out;
use super::super::shape::Takes;
use super::values::{AtLeast, True, Within};
use crate::api::fake::{Builder, EventsRun};
use crate::aws::signature::Credentials;
use crate::aws::words::LogFormat;
use crate::ground::count::Count;
use crate::ground::message::Message;
use crate::reply::chunks::Boundaries;

impl Argument for Builder {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| FAKE.object("a fake")),
        read: |value| FAKE.read(value),
        write: |_, _| Out::nothing(),
    };
}

static FAKE: KindEntry<Builder, ()> = KindEntry {
    about: "The settings of `Builder`.",
    parts: &[],
    make: |()| Ok(Builder::default()),
    options: Some(&Options(&[SETTINGS])),
};

const SETTINGS: &[&dyn Member<Builder>] = &[
    &Verb::<Builder, String> {
        word: "region",
        about: "The region of requests that do not name one.",
        set: |builder, region| builder.try_region(&region),
        get: |_| None,
    },
    &Verb::<Builder, String> {
        word: "account",
        about: "The account of requests whose function name does not contain one.",
        set: |builder, account| builder.try_account(&account),
        get: |_| None,
    },
    &Verb::<Builder, AtLeast<u64, 0>> {
        word: "seed",
        about: "The seed of all random numbers.",
        set: |builder, seed| Ok(builder.seed(seed.0)),
        get: |_| None,
    },
    &Verb::<Builder, bool> {
        word: "allow_unscripted",
        about: "Whether verification ignores requests that match no rule.",
        set: |builder, allows| match allows {
            true => Ok(builder.allow_unscripted()),
            false => Ok(builder),
        },
        get: |_| None,
    },
    &Verb::<Builder, bool> {
        word: "strict",
        about: "Whether verification also reports unused rules and steps and unfinished events.",
        set: |builder, is_strict| match is_strict {
            true => Ok(builder.strict()),
            false => Ok(builder),
        },
        get: |_| None,
    },
    &Verb::<Builder, bool> {
        word: "verify_on_drop",
        about: "Whether dropping the fake verifies it.",
        set: |builder, verifies| Ok(builder.verify_on_drop(verifies)),
        get: |_| None,
    },
    &Verb::<Builder, bool> {
        word: "check_payloads",
        about: "Whether payloads must be JSON within the service's limits.",
        set: |builder, checks| Ok(builder.check_payloads(checks)),
        get: |_| None,
    },
    &Verb::<Builder, Within<u16, 2017, 2026>> {
        word: "era",
        about: "The year whose answers the fake gives.",
        set: |builder, year| builder.try_era(year.0),
        get: |_| None,
    },
    &Verb::<Builder, LogFormat> {
        word: "log_format",
        about: "The format of the functions' logs.",
        set: |builder, format| builder.try_log_format(format.as_str()),
        get: |_| None,
    },
    &Verb::<Builder, Boundaries> {
        word: "boundaries",
        about: "How the chunks of a stream become events.",
        set: Builder::try_boundaries,
        get: |_| None,
    },
    &Verb::<Builder, True> {
        word: "limit_stream_rate",
        about: "Streams are sent at the rate that AWS documents.",
        set: |builder, True| Ok(builder.limit_stream_rate()),
        get: |_| None,
    },
    &Verb::<Builder, EventsRun> {
        word: "events_run",
        about: "When the events' clock advances.",
        set: |builder, when| Ok(builder.events_run(when)),
        get: |_| None,
    },
    &Verb::<Builder, Vec<Credentials>> {
        word: "require_signature",
        about: "The credentials that requests must be signed with; requires the feature `signature`.",
        set: signed,
        get: |_| None,
    },
    &Verb::<Builder, Count> {
        word: "expect_refusals",
        about: "The number of requests that are refused for their signatures; requires the feature `signature`.",
        set: refused,
        get: |_| None,
    },
    &Verb::<Builder, AtLeast<usize, 1>> {
        word: "journal_calls",
        about: "The maximum number of calls that the journal keeps.",
        set: |builder, calls| builder.try_journal_calls(calls.0),
        get: |_| None,
    },
    &Verb::<Builder, AtLeast<usize, 0>> {
        word: "journal_bytes",
        about: "The maximum number of bytes that the journal keeps.",
        set: |builder, bytes| Ok(builder.journal_bytes(bytes.0)),
        get: |_| None,
    },
    &Verb::<Builder, AtLeast<usize, 0>> {
        word: "print_limit",
        about: "The maximum number of bytes of a body that the journal, the timeline and reports print.",
        set: |builder, bytes| Ok(builder.print_limit(bytes.0)),
        get: |_| None,
    },
];

impl Argument for EventsRun {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || {
            Takes::Word("way to run events", || {
                EVENTS_RUN.map(|(word, _)| word).to_vec()
            })
        },
        read: |value| {
            let word = value.text()?;
            let known = EVENTS_RUN.iter().find(|(known, _)| *known == word);
            Ok(known.expect("the shape allows only known words").1)
        },
        write: |_, _| Out::nothing(),
    };
}

const EVENTS_RUN: [(&str, EventsRun); 2] =
    [("Auto", EventsRun::Auto), ("Manual", EventsRun::Manual)];

#[cfg(feature = "signature")]
fn signed(builder: Builder, credentials: Vec<Credentials>) -> Result<Builder, Message> {
    let credentials = credentials.into_iter();
    Ok(credentials.fold(builder, Builder::require_signature))
}

#[cfg(not(feature = "signature"))]
fn signed(_: Builder, _: Vec<Credentials>) -> Result<Builder, Message> {
    Err(unsigned())
}

#[cfg(feature = "signature")]
fn refused(builder: Builder, count: Count) -> Result<Builder, Message> {
    builder.try_expect_refusals(count, None)
}

#[cfg(not(feature = "signature"))]
fn refused(_: Builder, _: Count) -> Result<Builder, Message> {
    Err(unsigned())
}

#[cfg(not(feature = "signature"))]
fn unsigned() -> Message {
    Message::new(
        "signatures are not checked: the feature `signature` is off",
        "turn it on in the test's `Cargo.toml`",
    )
}

impl Argument for Credentials {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| CREDENTIALS.object()),
        read: |value| CREDENTIALS.read(value),
        write: |_, _| Out::nothing(),
    };
}

static CREDENTIALS: ObjectEntry<Credentials> = ObjectEntry {
    noun: "credentials",
    about: "Credentials that the fake accepts.",
    kinds: &[&OWN, &DEFAULT],
};

static OWN: KindEntry<Credentials, (String, String)> = KindEntry {
    about: "The test's own credentials.",
    parts: &[
        ("access_key_id", "The id of the access key."),
        ("secret_access_key", "The secret of the access key."),
    ],
    make: |(id, secret)| Ok(Credentials::new(id, secret)),
    options: Some(&Options(&[&[
        &Verb::<Credentials, String> {
            word: "session_token",
            about: "The token of temporary credentials.",
            set: |credentials, token| Ok(credentials.session_token(token)),
            get: |_| None,
        },
        &Verb::<Credentials, True> {
            word: "expired",
            about: "The credentials are known but expired.",
            set: |credentials, True| Ok(credentials.expired()),
            get: |_| None,
        },
    ]])),
};

static DEFAULT: KindEntry<Credentials, (True,)> = KindEntry {
    about: "The credentials of `sdk_client!` and `env()`.",
    parts: &[("default", "The credentials of `sdk_client!` and `env()`.")],
    make: |(True,)| Ok(Credentials::default()),
    options: None,
};
