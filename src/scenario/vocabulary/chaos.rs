//! Trouble by chance.

use super::super::shape::{Choice, Key, Shape, Takes};
use super::replies::TROUBLE;
use super::{COUNT, FUNCTION, may, must};

pub(in crate::scenario) static CHAOS: Choice = Choice {
    noun: "chaos",
    about: "Trouble by chance over any scripts, the same in every run, as `Chaos` makes it.",
    kinds: &[
        Shape {
            noun: "chaos",
            about: "What hits by modes.",
            keys: &[
                must(
                    "modes",
                    Takes::List(&MODE_TAKEN),
                    "When attempts are hit, and with what; the first mode that hits is the hit.",
                ),
                may(
                    "seeded",
                    Takes::Whole(0, u64::MAX),
                    "The seed; that of the fake without it.",
                ),
                may(
                    "succeed_first",
                    Takes::Whole(0, u64::MAX),
                    "How many attempts at each target are spared first.",
                ),
                may(
                    "on",
                    Takes::List(&Takes::Form(&FUNCTION)),
                    "The functions that are hit; every one without it.",
                ),
            ],
        },
        Shape {
            noun: "chaos",
            about: "Exactly these hits.",
            keys: &[must("replay", Takes::List(&HIT_TAKEN), "The hits.")],
        },
    ],
};

static MODE_TAKEN: Takes = Takes::Choice(&MODE);

pub(in crate::scenario) static MODE: Choice = Choice {
    noun: "a mode",
    about: "When attempts at a target are hit, and with what.",
    kinds: &[
        mode(&[
            must(
                "rate",
                Takes::Share,
                "The share of the attempts that are hit.",
            ),
            WHAT,
        ]),
        mode(&[
            must(
                "every",
                Takes::Whole(1, u64::MAX),
                "Every so manieth attempt is hit.",
            ),
            WHAT,
        ]),
        mode(&[
            must("burst", Takes::Share, "The rate at which a burst begins."),
            must(
                "attempts",
                Takes::Whole(1, 1_000),
                "How many attempts in a row it hits.",
            ),
            WHAT,
        ]),
        mode(&[
            must("window", COUNT, "The numbers of the attempts that are hit."),
            WHAT,
        ]),
        mode(&[
            must(
                "ramp",
                Takes::Object(&RATES),
                "The rate of the first attempt, and the last rate.",
            ),
            must(
                "attempts",
                Takes::Whole(2, u64::MAX),
                "The attempt at which the last rate is reached.",
            ),
            WHAT,
        ]),
    ],
};

const WHAT: Key = must("what", Takes::Choice(&TROUBLE), "What they meet.");

static RATES: Shape = Shape {
    noun: "two rates",
    about: "A rate that moves evenly from one to another.",
    keys: &[
        must("from", Takes::Share, "The first."),
        must("to", Takes::Share, "The last."),
    ],
};

static HIT_TAKEN: Takes = Takes::Object(&HIT);

static HIT: Shape = Shape {
    noun: "a hit",
    about: "One attempt that is hit.",
    keys: &[
        must(
            "target",
            Takes::Form(&FUNCTION),
            "The function and its qualifier.",
        ),
        must(
            "attempt",
            Takes::Whole(1, u64::MAX),
            "The number of the attempt there, from 1.",
        ),
        WHAT,
    ],
};

const fn mode(keys: &'static [Key]) -> Shape {
    Shape {
        noun: "a mode",
        about: "",
        keys,
    }
}
