//! The text of a failure as a snapshot holds it.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The text with each `file.rs:line:column` replaced by `file.rs:LINE#n`, so that no snapshot changes when a test moves.
///
/// The text's places in one file are numbered in the order of the source: where a text names several places, a snapshot still says
/// which is which. `verification::places` holds the exact lines and columns.
pub(crate) fn without_lines(text: impl Display) -> String {
    static PLACE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"([A-Za-z0-9_./-]+\.rs):([0-9]+):([0-9]+)").unwrap());
    let text = text.to_string();
    let place = |found: &Captures| -> (String, u32, u32) {
        let number = |group: usize| found[group].parse().unwrap();
        (found[1].to_owned(), number(2), number(3))
    };
    let places: BTreeSet<_> = PLACE
        .captures_iter(&text)
        .map(|found| place(&found))
        .collect();
    let numbered = PLACE.replace_all(&text, |found: &Captures| {
        let this = place(found);
        let upto = places.range(..=&this);
        let number = upto.filter(|other| other.0 == this.0).count();
        format!("{}:LINE#{number}", this.0)
    });
    numbered.into_owned()
}

#[test]
fn places_are_numbered_in_the_order_of_the_source() {
    let at = |file: &str, line: u32, column: u32| format!("{file}.rs:{line}:{column}");
    let places = [at("a", 20, 3), at("b", 7, 1), at("a", 3, 9), at("a", 20, 1)];
    let text = format!("{}, {}", places.join(", "), at("a", 20, 3));
    assert_eq!(
        without_lines(text),
        "a.rs:LINE#3, b.rs:LINE#1, a.rs:LINE#1, a.rs:LINE#2, a.rs:LINE#3"
    );
}
