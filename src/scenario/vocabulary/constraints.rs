//! Limits, states and starts of functions.

use super::super::shape::{Choice, Key, Shape, Takes};
use super::faults::DELAY;
use super::{DURATION, FUNCTION, must};

pub(in crate::scenario) static CONSTRAINT: Choice = Choice {
    noun: NOUN,
    about: "What refuses or delays calls that a rule would answer: a verb of `Handle` and what it is given.",
    kinds: &[
        constraint(&[
            must(
                "reserve_concurrency",
                Takes::Form(&FUNCTION),
                "The function that concurrency is reserved for.",
            ),
            must(
                "executions",
                Takes::Whole(0, u32::MAX as u64),
                "How many executions at once; with 0, none.",
            ),
        ]),
        constraint(&[must(
            "account_concurrency",
            Takes::Whole(0, u32::MAX as u64),
            "The executions at once of all functions together.",
        )]),
        constraint(&[
            must(
                "rate_limit",
                Takes::Number,
                "How many attempts a second the caller may send.",
            ),
            BURST,
        ]),
        constraint(&[
            must(
                "function_rate_limit",
                Takes::Form(&FUNCTION),
                "The function whose invocations are bounded.",
            ),
            must("per_second", Takes::Number, "How many attempts a second."),
            BURST,
        ]),
        constraint(&[
            must(
                "pending",
                Takes::Form(&FUNCTION),
                "A function that is not active yet.",
            ),
            LASTING,
        ]),
        constraint(&[
            must(
                "updating",
                Takes::Form(&FUNCTION),
                "A function that is being updated.",
            ),
            LASTING,
        ]),
        constraint(&[
            must(
                "cold_starts",
                Takes::Form(&FUNCTION),
                "A function whose environments take time to start.",
            ),
            must("init", DELAY, "How long that takes."),
        ]),
        constraint(&[
            must(
                "snap_start",
                Takes::Form(&FUNCTION),
                "A version whose environments are restored from a snapshot.",
            ),
            must(
                "not_ready",
                LASTS,
                "How long the snapshot is not ready: for so many attempts, or for a duration from the start.",
            ),
            must("restore", DELAY, "How long a restore takes."),
        ]),
    ],
};

const NOUN: &str = "a constraint";
const BURST: Key = must(
    "burst",
    Takes::Whole(1, u32::MAX as u64),
    "How many at once.",
);
const LASTING: Key = must(
    "lasting",
    LASTS,
    "How long: for so many attempts, or for a duration from the start.",
);
const LASTS: Takes = Takes::Either(&[Takes::Whole(0, u64::MAX), Takes::Form(&DURATION)]);

const fn constraint(keys: &'static [Key]) -> Shape {
    Shape {
        noun: NOUN,
        about: "",
        keys,
    }
}
