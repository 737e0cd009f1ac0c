//! Delays, and what goes wrong on the wire.

use super::super::shape::{Choice, Key, Shape, Takes, Words};
use super::{DURATION, must};
use crate::reply::fault::Fault;

pub(super) const DELAY: Takes =
    Takes::Either(&[Takes::Form(&DURATION), Takes::Choice(&DISTRIBUTION)]);

static DISTRIBUTION: Choice = Choice {
    noun: "a delay",
    about: "Delays that differ from attempt to attempt, drawn by the seed.",
    kinds: &[
        Shape {
            noun: "a delay",
            about: "Any delay from one to another.",
            keys: &[
                must("from", Takes::Form(&DURATION), "The shortest."),
                must("to", Takes::Form(&DURATION), "The longest."),
            ],
        },
        Shape {
            noun: "a delay",
            about: "A log-normal delay, as `Delay::log_normal` makes it.",
            keys: &[
                must(
                    "p50",
                    Takes::Form(&DURATION),
                    "Half of all replies come within it.",
                ),
                must(
                    "p99",
                    Takes::Form(&DURATION),
                    "99 of 100 replies come within it.",
                ),
            ],
        },
    ],
};

pub(super) const FAULT: Takes =
    Takes::Either(&[Takes::Word(&PLAIN), Takes::Choice(&MEASURED_FAULT)]);

pub(super) static ALONE: Words = Words {
    noun: "fault without a reply",
    all: || {
        PLAIN_FAULTS
            .iter()
            .filter(|(_, fault)| fault.stands_alone())
            .map(|(word, _)| *word)
            .collect()
    },
};

static PLAIN: Words = Words {
    noun: "fault",
    all: || PLAIN_FAULTS.iter().map(|(word, _)| *word).collect(),
};

/// The faults that have no number.
pub(in crate::scenario) const PLAIN_FAULTS: [(&str, Fault); 9] = [
    ("Reset", Fault::Reset),
    ("CloseBeforeReply", Fault::CloseBeforeReply),
    ("Hang", Fault::Hang),
    ("Garbage", Fault::Garbage),
    ("ResetInHead", Fault::ResetInHead),
    ("TruncateHead", Fault::TruncateHead),
    ("BadChunk", Fault::BadChunk),
    ("CloseAfterReply", Fault::CloseAfterReply),
    ("ResetOnReuse", Fault::ResetOnReuse),
];

/// The faults that have one, and what makes them of it.
pub(in crate::scenario) const COUNTED_FAULTS: [CountedFault; 5] = [
    ("TruncateAfter", Fault::TruncateAfter),
    ("ResetAfter", Fault::ResetAfter),
    ("StallAfter", Fault::StallAfter),
    ("LengthTooLong", Fault::LengthTooLong),
    ("LengthTooShort", Fault::LengthTooShort),
];

/// A word and what makes a fault of a number.
type CountedFault = (&'static str, fn(usize) -> Fault);

pub(in crate::scenario) static MEASURED_FAULT: Choice = Choice {
    noun: "a fault",
    about: "A fault with its measure.",
    kinds: &[
        counted(&[must(
            COUNTED_FAULTS[0].0,
            NUMBER,
            "The head and so many bytes of the body, then a close.",
        )]),
        counted(&[must(
            COUNTED_FAULTS[1].0,
            NUMBER,
            "The head and so many bytes of the body, then a reset.",
        )]),
        counted(&[must(
            COUNTED_FAULTS[2].0,
            NUMBER,
            "The head and so many bytes of the body, then nothing.",
        )]),
        counted(&[must(
            COUNTED_FAULTS[3].0,
            NUMBER,
            "A `Content-Length` that is so many bytes too long.",
        )]),
        counted(&[must(
            COUNTED_FAULTS[4].0,
            NUMBER,
            "A `Content-Length` that is so many bytes too short.",
        )]),
        counted(&[must(
            "SlowHead",
            Takes::Object(&PIECES),
            "The head in pieces.",
        )]),
        counted(&[must(
            "Dribble",
            Takes::Object(&PIECES),
            "The body in pieces.",
        )]),
    ],
};

const NUMBER: Takes = Takes::Whole(0, u64::MAX);

static PIECES: Shape = Shape {
    noun: "pieces",
    about: "Pieces of so many bytes, with a pause before each.",
    keys: &[
        must("bytes", Takes::Whole(1, u64::MAX), "The size of a piece."),
        must("every", Takes::Form(&DURATION), "The pause."),
    ],
};

const fn counted(keys: &'static [Key]) -> Shape {
    Shape {
        noun: "a fault",
        about: "",
        keys,
    }
}
