//! Every key and word of a scenario: one table for the parser, the writer, the JSON Schema and the page.
//!
//! A key is the verb of the same name, so what a key does is said there; words are those of the enums. The first key of a kind tells it.

mod chaos;
mod conditions;
mod constraints;
mod fake;
mod faults;
mod function_errors;
mod replies;

pub(super) use self::chaos::{CHAOS, MODE};
pub(super) use self::conditions::CONDITION;
pub(super) use self::constraints::CONSTRAINT;
pub(super) use self::faults::{COUNTED_FAULTS, MEASURED_FAULT, PLAIN_FAULTS};
pub(super) use self::function_errors::FUNCTION_ERROR;
use super::shape::{Choice, Form, Key, Shape, Takes, Words};
use crate::aws::service_error::ServiceError;
use crate::aws::target::{NAME_LIMIT, NAME_PATTERN};
use crate::aws::words::{InvocationType, LogFormat, LogType, Runtime, ThrottleReason};

/// The whole file.
pub(super) static SCENARIO: Takes = Takes::Object(&SCENARIO_SHAPE);

static SCENARIO_SHAPE: Shape = Shape {
    noun: "a scenario",
    about: "What a fake answers, as data.",
    keys: &[
        may("$schema", Takes::Text, "Where this schema is, for editors."),
        may(
            "description",
            Takes::Text,
            "What the scenario is for; nothing reads it.",
        ),
        may(
            "fake",
            Takes::Object(&fake::FAKE),
            "What can be set before a fake starts; only `FakeLambda::from_scenario` takes it.",
        ),
        may(
            "versions",
            Takes::List(&Takes::Form(&FUNCTION)),
            "Published versions, each as in `resize:7`: `publish_version`.",
        ),
        may(
            "aliases",
            Takes::List(&Takes::Object(&ALIAS)),
            "Aliases and the versions they run: `alias`.",
        ),
        may(
            "constraints",
            Takes::List(&CAUSE_TAKEN),
            "Limits, states and starts of functions.",
        ),
        may(
            "chaos",
            Takes::List(&CHAOS_TAKEN),
            "Trouble by chance, oldest first: the latest is asked first.",
        ),
        may(
            "rules",
            Takes::List(&Takes::Choice(&RULE)),
            "The rules, oldest first: of two alike the later one answers.",
        ),
    ],
};

static CAUSE_TAKEN: Takes = Takes::Choice(&CONSTRAINT);

static CHAOS_TAKEN: Takes = Takes::Choice(&CHAOS);

static ALIAS: Shape = Shape {
    noun: "an alias",
    about: "An alias and the version it runs, as `alias` declares it.",
    keys: &[
        must(
            "alias",
            Takes::Form(&FUNCTION),
            "The function and the alias, as in `resize:live`.",
        ),
        must(
            "version",
            Takes::Form(&VERSION),
            "The version it runs: a number or `$LATEST`.",
        ),
        may(
            "additional_version",
            Takes::List(&Takes::Object(&SHARE)),
            "Other versions, each with its share of the calls.",
        ),
    ],
};

static SHARE: Shape = Shape {
    noun: "an additional version",
    about: "A version that gets a share of an alias's calls.",
    keys: &[
        must("version", Takes::Form(&VERSION), "A number or `$LATEST`."),
        must(
            "share",
            Takes::Share,
            "Its share of the calls; 1 together at most.",
        ),
    ],
};

static RULE: Choice = Choice {
    noun: "a rule",
    about: "Which calls are answered, and with what.",
    kinds: &[
        Shape {
            noun: "a rule",
            about: "A rule for a function, as `on` begins it.",
            keys: &[
                must(
                    "on",
                    Takes::Form(&FUNCTION),
                    "The function: its name, `name:qualifier`, partial ARN or full ARN.",
                ),
                WHEN,
                REPLY,
                TIMES,
                THEN,
                EXPECT_CALLS,
                EXPECT_ATTEMPTS,
                NAMED,
            ],
        },
        Shape {
            noun: "a rule",
            about: "A rule for every function that no other rule wants, as `on_any` begins it.",
            keys: &[
                must(
                    "on_any",
                    Takes::True,
                    "Every function that no other rule wants.",
                ),
                WHEN,
                REPLY,
                TIMES,
                THEN,
                EXPECT_CALLS,
                EXPECT_ATTEMPTS,
                NAMED,
            ],
        },
        Shape {
            noun: "a rule",
            about: "A function that the caller may not invoke, as `deny` says it.",
            keys: &[
                must(
                    "deny",
                    Takes::Form(&FUNCTION),
                    "The function: 403 `AccessDeniedException`, to a DryRun, too.",
                ),
                TIMES,
                THEN,
                EXPECT_CALLS,
                EXPECT_ATTEMPTS,
                NAMED,
            ],
        },
    ],
};

const WHEN: Key = may(
    "when",
    Takes::List(&CONDITION_TAKEN),
    "Conditions that must all hold, asked in this order.",
);
const REPLY: Key = must(
    "reply",
    Takes::Choice(&replies::REPLY),
    "What the first step answers.",
);
const TIMES: Key = may(
    "times",
    Takes::Whole(1, u64::MAX),
    "How often the step answers; without it once if another follows, else for ever.",
);
const THEN: Key = may(
    "then",
    Takes::List(&STEP),
    "The steps behind the first, in order.",
);
const EXPECT_CALLS: Key = may(
    "expect_calls",
    COUNT,
    "How many calls the rule answers by the time of verification.",
);
const EXPECT_ATTEMPTS: Key = may(
    "expect_attempts",
    COUNT,
    "How many attempts it answers, retries included.",
);
const NAMED: Key = may("named", Takes::Text, "A name for the reports.");

static CONDITION_TAKEN: Takes = Takes::Choice(&CONDITION);

static STEP: Takes = Takes::Object(&STEP_SHAPE);

static STEP_SHAPE: Shape = Shape {
    noun: "a step",
    about: "A step of a script, as `then` adds it.",
    keys: &[
        must(
            "reply",
            Takes::Choice(&replies::REPLY),
            "What the step answers.",
        ),
        TIMES,
    ],
};

const COUNT: Takes = Takes::Either(&[Takes::Whole(0, u64::MAX), Takes::Object(&RANGE)]);

static RANGE: Shape = Shape {
    noun: "a range",
    about: "A range of numbers, its ends included.",
    keys: &[
        may(
            "at_least",
            Takes::Whole(0, u64::MAX),
            "The least; 0 without it.",
        ),
        may(
            "at_most",
            Takes::Whole(0, u64::MAX),
            "The most; any number without it.",
        ),
    ],
};

/// Bytes: text, or base64 where they are none.
const BYTES: Takes = Takes::Either(&[Takes::Text, Takes::Object(&BASE64)]);

static BASE64: Shape = Shape {
    noun: "a body",
    about: "Bytes that are no text.",
    keys: &[must("base64", Takes::Text, "The bytes in base64, padded.")],
};

static FUNCTION: Form = Form {
    noun: "a function",
    pattern: NAME_PATTERN,
    most_bytes: Some(NAME_LIMIT),
    example: "resize:live",
};

static VERSION: Form = Form {
    noun: "a version",
    pattern: r"\$LATEST|[0-9]+",
    most_bytes: None,
    example: "7",
};

static DURATION: Form = Form {
    noun: "a duration",
    pattern: "[0-9]+(ns|us|ms|s|m|h)",
    most_bytes: None,
    example: "50ms",
};

static INVOCATION_TYPES: Words = Words {
    noun: "invocation type",
    all: || {
        InvocationType::ALL
            .iter()
            .map(|word| word.as_str())
            .collect()
    },
};

static LOG_TYPES: Words = Words {
    noun: "log type",
    all: || LogType::ALL.iter().map(|word| word.as_str()).collect(),
};

static LOG_FORMATS: Words = Words {
    noun: "log format",
    all: || LogFormat::ALL.iter().map(|word| word.as_str()).collect(),
};

static RUNTIMES: Words = Words {
    noun: "runtime",
    all: || Runtime::ALL.iter().map(|word| word.as_str()).collect(),
};

static THROTTLE_REASONS: Words = Words {
    noun: "throttle reason",
    all: || {
        ThrottleReason::ALL
            .iter()
            .map(|word| word.as_str())
            .collect()
    },
};

/// The names on the wire, and behind them those of the variants that differ.
static SERVICE_ERRORS: Words = Words {
    noun: "service error",
    all: || {
        let codes = ServiceError::ALL.iter().map(|error| error.code());
        let variants = ServiceError::ALL.iter().map(|error| error.variant());
        codes
            .chain(variants.filter(|variant| {
                !ServiceError::ALL
                    .iter()
                    .any(|error| error.code() == *variant)
            }))
            .collect()
    },
};

const fn may(word: &'static str, takes: Takes, about: &'static str) -> Key {
    Key {
        word,
        takes,
        required: false,
        about,
    }
}

const fn must(word: &'static str, takes: Takes, about: &'static str) -> Key {
    Key {
        word,
        takes,
        required: true,
        about,
    }
}
