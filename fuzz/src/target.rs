//! The name of a function against the patterns that the service publishes.

use std::sync::LazyLock;

use fake_lambda::fuzzing::{
    NAME_LIMIT, NAME_PATTERN, QUALIFIER_PATTERN, covers, is_qualifier, written_target,
};
use regex::bytes::{Regex, RegexBuilder};

use crate::fake::end_at_panics;

/// Control characters that stand for the parts of an ARN, which a draw would seldom hit.
const PARTS: [(char, &str); 8] = [
    ('\u{1}', "arn:aws:lambda:"),
    ('\u{2}', "us-east-1:"),
    ('\u{3}', "123456789012:"),
    ('\u{4}', "function:"),
    ('\u{5}', "$LATEST"),
    ('\u{6}', ".PUBLISHED"),
    ('\u{7}', "us-gov-west-1:"),
    ('\u{8}', "eusc-de-east-1:"),
];

static NAME: LazyLock<Regex> = LazyLock::new(|| whole(NAME_PATTERN));
static QUALIFIER: LazyLock<Regex> = LazyLock::new(|| whole(QUALIFIER_PATTERN));

fn whole(pattern: &str) -> Regex {
    let mut builder = RegexBuilder::new(&format!("^(?:{pattern})$"));
    builder.unicode(false).build().unwrap()
}

pub fn run(data: &[u8]) {
    end_at_panics();
    let mut text = String::from_utf8_lossy(data).into_owned();
    for (letter, part) in PARTS {
        text = text.replace(letter, part);
    }
    assert_eq!(
        is_qualifier(&text),
        QUALIFIER.is_match(text.as_bytes()),
        "{text:?}"
    );
    let is_name = text.len() <= NAME_LIMIT && NAME.is_match(text.as_bytes());
    let written = written_target(&text);
    assert_eq!(written.is_some(), is_name, "{text:?}");
    let Some(written) = written else { return };
    assert_eq!(covers(&text, &text), Some(true), "{text:?}");
    match written_target(&written) {
        Some(again) => {
            assert_eq!(again, written, "{text:?}");
            assert_eq!(
                covers(&text, &written),
                Some(true),
                "{text:?} and {written:?}"
            );
            assert_eq!(
                covers(&written, &text),
                Some(true),
                "{text:?} and {written:?}"
            );
        }
        None => assert!(written.len() > NAME_LIMIT, "{text:?} becomes {written:?}"),
    }
}
