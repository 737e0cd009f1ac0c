//! How a function may fail.

use super::super::shape::{Choice, Shape, Takes};
use super::{BYTES, DURATION, RUNTIMES, may, must};

const NOUN: &str = "a function error";

pub(in crate::scenario) static FUNCTION_ERROR: Choice = Choice {
    noun: NOUN,
    about: "How the function failed, as `FunctionError` makes it.",
    kinds: &[
        Shape {
            noun: NOUN,
            about: "An error of the function or its runtime: `FunctionError::new`.",
            keys: &[
                must("error_type", Takes::Text, "The type of the error."),
                must("message", Takes::Text, "What it says."),
                may(
                    "runtime",
                    Takes::Word(&RUNTIMES),
                    "Which runtime's form the payload has.",
                ),
                may(
                    "at_init",
                    Takes::True,
                    "It was raised before the handler ran.",
                ),
                may(
                    "stack",
                    Takes::List(&Takes::Text),
                    "The frames of the stack.",
                ),
                may(
                    "cause",
                    Takes::Object(&CAUSE),
                    "The error that caused this one.",
                ),
            ],
        },
        Shape {
            noun: NOUN,
            about: "An error of the platform: `FunctionError::platform`.",
            keys: &[must(
                "platform",
                Takes::Object(&PLATFORM),
                "An error that every runtime's function can have.",
            )],
        },
        Shape {
            noun: NOUN,
            about: "A function that ran into its timeout.",
            keys: &[must(
                "timed_out",
                Takes::Form(&DURATION),
                "The function's timeout.",
            )],
        },
        Shape {
            noun: NOUN,
            about: "A function that was killed for its memory.",
            keys: &[must(
                "out_of_memory",
                Takes::True,
                "The function was killed for its memory.",
            )],
        },
        Shape {
            noun: NOUN,
            about: "A function whose process ended.",
            keys: &[must(
                "exited",
                Takes::Whole(0, 255),
                "The exit code of the process.",
            )],
        },
        Shape {
            noun: NOUN,
            about: "A function that returned too much.",
            keys: &[must(
                "response_too_large",
                Takes::True,
                "The function returned over 6 MiB.",
            )],
        },
        Shape {
            noun: NOUN,
            about: "A function without its `bootstrap`.",
            keys: &[must(
                "invalid_entrypoint",
                Takes::True,
                "The custom runtime has no `bootstrap`.",
            )],
        },
        Shape {
            noun: NOUN,
            about: "A payload of its own form.",
            keys: &[must(
                "payload",
                Takes::Json,
                "The payload, member by member as written here, without white space.",
            )],
        },
        Shape {
            noun: NOUN,
            about: "A payload of exactly these bytes.",
            keys: &[must("bytes", BYTES, "The payload, byte by byte.")],
        },
    ],
};

static CAUSE: Shape = Shape {
    noun: "an inner error",
    about: "An error of the same runtime that caused another one.",
    keys: &[
        must("error_type", Takes::Text, "The type of the error."),
        must("message", Takes::Text, "What it says."),
        may(
            "stack",
            Takes::List(&Takes::Text),
            "The frames of the stack.",
        ),
        may(
            "cause",
            Takes::Object(&CAUSE),
            "The error that caused this one.",
        ),
    ],
};

static PLATFORM: Shape = Shape {
    noun: "an error of the platform",
    about: "An error of the platform, whatever the runtime.",
    keys: &[
        must(
            "error_type",
            Takes::Text,
            "The type, as in `Extension.Crash`.",
        ),
        must(
            "text",
            Takes::Text,
            "What stands behind `RequestId: <id> Error: `.",
        ),
    ],
};
