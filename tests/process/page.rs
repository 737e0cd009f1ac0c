//! The page "when a test fails" shows what these processes print.

use std::panic::Location;

use crate::text::without_lines;

const PAGE: &str = include_str!("../../src/docs/when_a_test_fails.md");

/// Asserts that `text` begins with a block of the page, as if the caller's file were the test in
/// it. The block is the one that contains `part`.
#[track_caller]
pub(crate) fn begins_as_on_the_page(part: &str, text: &str) {
    let blocks = PAGE.split("```text\n").skip(1);
    let mut blocks = blocks.map(|block| block.split_once("\n```").unwrap().0);
    let shown = blocks.find(|block| block.contains(part));
    let shown = shown.unwrap_or_else(|| panic!("the page does not show `{part}`"));
    let shown = shown.replace("tests/pay.rs", Location::caller().file());
    let lines: Vec<&str> = text.lines().take(shown.lines().count()).collect();
    assert_eq!(without_lines(lines.join("\n")), without_lines(shown));
}
