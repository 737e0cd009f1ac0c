//! The text of a failure in a snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::fs;
use std::panic::Location;
use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// `file.rs:line:column`, as the crate and the compiler print it.
static PLACE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"([A-Za-z0-9_./-]+\.rs):([0-9]+):([0-9]+)").unwrap());

/// The text with each `file.rs:line:column` replaced by `file.rs:LINE#n`, so that snapshots do not
/// change when a test moves.
///
/// The locations of one file are numbered in the order of the source, so that a snapshot with
/// several locations still distinguishes them. The tests in `any_transport::verification::places`
/// check the exact lines and columns.
pub(crate) fn without_lines(text: impl Display) -> String {
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

/// Exact locations in the code of a test, each with a name that a snapshot shows instead.
#[derive(Default)]
pub(crate) struct Places(BTreeMap<String, &'static str>);

impl Places {
    /// Names the location where this code is next written: below this line, and not where another
    /// name is set.
    #[track_caller]
    pub(crate) fn next(&mut self, name: &'static str, code: &str) {
        let here = Location::caller();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(here.file());
        let source = fs::read_to_string(path).unwrap();
        let below = source.lines().zip(1..).skip(here.line() as usize);
        let mut below = below.filter(|(text, _)| !text.contains(".next("));
        let found = below.find_map(|(text, line)| Some((line, text.find(code)? + 1)));
        let (line, column) = found.unwrap_or_else(|| panic!("no `{code}` follows"));
        let place = format!("{}:{line}:{column}", here.file());
        let other = self.0.insert(place, name);
        assert_eq!(other, None, "`{name}` is the same place");
    }

    /// The text with `<name>` for each location that has a name.
    pub(crate) fn named(&self, text: impl Display) -> String {
        let named = |found: &Captures| match self.0.get(&found[0]) {
            Some(name) => format!("<{name}>"),
            None => found[0].to_owned(),
        };
        PLACE.replace_all(&text.to_string(), named).into_owned()
    }

    /// The lines of the text that contain a location. Each must have a name.
    #[track_caller]
    pub(crate) fn lines(&self, text: impl Display) -> String {
        let text = self.named(text);
        assert!(!PLACE.is_match(&text), "a place without a name:\n{text}");
        let tells = |line: &&str| {
            self.0
                .values()
                .any(|name| line.contains(&format!("<{name}>")))
        };
        text.lines().filter(tells).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn locations_are_numbered_in_the_order_of_the_source() {
    let at = |file: &str, line: u32, column: u32| format!("{file}.rs:{line}:{column}");
    let places = [at("a", 20, 3), at("b", 7, 1), at("a", 3, 9), at("a", 20, 1)];
    let text = format!("{}, {}", places.join(", "), at("a", 20, 3));
    assert_eq!(
        without_lines(text),
        "a.rs:LINE#3, b.rs:LINE#1, a.rs:LINE#1, a.rs:LINE#2, a.rs:LINE#3"
    );
}

#[test]
fn a_location_has_its_name_only_at_its_line_and_column() {
    let mut places = Places::default();
    places.next("here", "line!()");
    let line = line!();
    let at = |line: u32, column: u32| format!("at {}:{line}:{column}", file!());
    assert_eq!(places.named(at(line, 16)), "at <here>");
    for other in [at(line, 1), at(line, 160), at(line + 1, 16)] {
        assert_eq!(places.named(&other), other);
    }
}
