//! What a rule may ask of an invocation.

use super::super::shape::{Choice, Key, Shape, Takes};
use super::{INVOCATION_TYPES, LOG_TYPES, must};

pub(in crate::scenario) static CONDITION: Choice = Choice {
    noun: NOUN,
    about: "A condition: a matcher of `matchers` and what it is given.",
    kinds: &[
        kind(&[must(
            "payload_is",
            Takes::Json,
            "The payload is this JSON value.",
        )]),
        kind(&[must(
            "payload_partial",
            Takes::Json,
            "The payload contains this JSON value.",
        )]),
        kind(&[must(
            "client_context_partial",
            Takes::Json,
            "The decoded client context contains this JSON value.",
        )]),
        kind(&[must(
            "invocation_type",
            Takes::Word(&INVOCATION_TYPES),
            "The invocation type is this one.",
        )]),
        kind(&[must(
            "log_type",
            Takes::Word(&LOG_TYPES),
            "The log type is this one.",
        )]),
        kind(&[must(
            "attempt",
            Takes::Whole(1, u32::MAX as u64),
            "The SDK says that this is its attempt of that number, from 1.",
        )]),
        kind(&[must(
            "signing_region",
            Takes::Text,
            "The request is signed for this region.",
        )]),
        kind(&[must(
            "access_key_id",
            Takes::Text,
            "The request is signed with this access key id.",
        )]),
        kind(&[
            must(
                "header_contains",
                Takes::Text,
                "A header field of this name contains the text.",
            ),
            must("text", Takes::Text, "What it contains."),
        ]),
    ],
};

const NOUN: &str = "a condition";

const fn kind(keys: &'static [Key]) -> Shape {
    Shape {
        noun: NOUN,
        about: "",
        keys,
    }
}
