//! The check of a payload against `serde_json`, and its two passes against each other.

use fake_lambda::fuzzing::{json_error, json_passes};
use serde::de::IgnoredAny;

use crate::fake::end_at_panics;

pub fn run(data: &[u8]) {
    end_at_panics();
    let error = json_error(data);
    let is_text = std::str::from_utf8(data).is_ok();
    let theirs = serde_json::from_slice::<IgnoredAny>(&data[mark(data)..]);
    let shown = data.escape_ascii();
    assert_eq!(
        error.is_none(),
        is_text && theirs.is_ok(),
        "serde_json: {theirs:?} for {shown}"
    );
    assert_eq!(
        json_passes(data),
        (error.is_none(), error.is_none()),
        "{shown}"
    );
    if let Some((sentence, line, column)) = error {
        assert!(!sentence.is_empty(), "{shown}");
        assert!(
            line >= 1 && column <= data.len() + 2,
            "{line}:{column} of {shown}"
        );
    }
}

/// The length of a byte order mark before a document.
pub(crate) fn mark(data: &[u8]) -> usize {
    match data {
        [0xEF, 0xBB, 0xBF, _, ..] => 3,
        _ => 0,
    }
}
