//! What can be set before a fake starts.

use super::super::shape::{Choice, Shape, Takes};
use super::{LOG_FORMATS, may, must};

pub(super) static FAKE: Shape = Shape {
    noun: "a fake",
    about: "What `Builder` sets before the fake starts.",
    keys: &[
        may(
            "region",
            Takes::Text,
            "The region of requests that name none.",
        ),
        may(
            "account",
            Takes::Text,
            "The account of requests whose function name holds none.",
        ),
        may("seed", Takes::Whole(0, u64::MAX), "The seed of every draw."),
        may(
            "allow_unscripted",
            Takes::Flag,
            "Whether verification passes over requests that no rule wants.",
        ),
        may("verify_on_drop", Takes::Flag, "Whether the drop verifies."),
        may(
            "check_payloads",
            Takes::Flag,
            "Whether payloads must be JSON within the service's limits.",
        ),
        may(
            "era",
            Takes::Whole(2017, 2026),
            "The year whose answers are given.",
        ),
        may(
            "log_format",
            Takes::Word(&LOG_FORMATS),
            "How the functions write their logs.",
        ),
        may(
            "require_signature",
            Takes::List(&Takes::Choice(&CREDENTIALS)),
            "The credentials that requests must be signed with; takes the feature `signature`.",
        ),
        may(
            "journal_calls",
            Takes::Whole(0, u64::MAX),
            "How many calls the journal keeps.",
        ),
        may(
            "journal_bytes",
            Takes::Whole(0, u64::MAX),
            "How many bytes the journal keeps.",
        ),
        may(
            "print_limit",
            Takes::Whole(0, u64::MAX),
            "The most bytes of a body that reports print.",
        ),
    ],
};

static CREDENTIALS: Choice = Choice {
    noun: "credentials",
    about: "Credentials that the fake accepts.",
    kinds: &[
        Shape {
            noun: "credentials",
            about: "Credentials of the test's own.",
            keys: &[
                must("access_key_id", Takes::Text, "The id of the access key."),
                must("secret_access_key", Takes::Text, "Its secret."),
                may(
                    "session_token",
                    Takes::Text,
                    "The token of temporary credentials.",
                ),
                may("expired", Takes::True, "They are known but expired."),
            ],
        },
        Shape {
            noun: "credentials",
            about: "The credentials of `sdk_client!` and `env()`.",
            keys: &[must(
                "default",
                Takes::True,
                "The credentials of `sdk_client!` and `env()`.",
            )],
        },
    ],
};
