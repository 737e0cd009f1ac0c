//! The text of one scenario: its values, their positions, and the mistakes in them.
//!
//! This module knows JSON and positions, but not the vocabulary of scenarios.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::ground::json::{self, Tree};
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::ground::nearest::UnknownWord;
use crate::request::matchers::member_path;

/// A valid JSON text.
pub(super) struct Document<'a> {
    path: Arc<str>,
    text: &'a str,
    tree: Tree<'a>,
    marks: Vec<Mark>,
}

/// A known position in the text. The lines and columns of later places are counted from here.
struct Mark {
    /// The index in the text, in bytes.
    start: usize,
    line: usize,
    column: usize,
}

/// The most characters from a mark to the next one, so that a location in a long line is as fast
/// as one in a short line.
const MARK_DISTANCE: usize = 256;

/// A value of a document, with its JSON path.
#[derive(Clone)]
pub(super) struct Value<'d> {
    document: &'d Document<'d>,
    node: usize,
    path: String,
}

/// The kind of JSON that a value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ValueKind {
    Array,
    Flag,
    Null,
    Number,
    Object,
    Text,
}

/// One mistake in a document.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) location: Location,
    /// The JSON path, as in `$.rules[0].reply`; empty if the text is not valid JSON.
    pub(super) path: String,
    pub(super) text: String,
}

impl<'a> Document<'a> {
    /// Parses the text of a file; its locations name `path`.
    pub(super) fn of(path: &str, text: &'a str) -> Result<Self, Problem> {
        let path: Arc<str> = path.into();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match Tree::of(text.as_bytes()) {
            Some(tree) => Ok(Self {
                path,
                text,
                tree,
                marks: marks_of(text),
            }),
            None => Err(not_json(path, text)),
        }
    }

    pub(super) fn root(&'a self) -> Value<'a> {
        Value {
            document: self,
            node: Tree::ROOT,
            path: "$".to_owned(),
        }
    }

    fn location(&self, start: usize) -> Location {
        let after = self.marks.partition_point(|mark| mark.start <= start);
        let mark = &self.marks[after - 1];
        Location::File {
            path: self.path.clone(),
            line: mark.line,
            column: mark.column + self.text[mark.start..start].chars().count(),
        }
    }
}

/// A mark at the start of each line, and more in long lines.
fn marks_of(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        for (count, (at, _)) in line.char_indices().enumerate().step_by(MARK_DISTANCE) {
            marks.push(Mark {
                start: start + at,
                line: index + 1,
                column: count + 1,
            });
        }
        start += line.len();
    }
    marks
}

impl<'d> Value<'d> {
    pub(super) fn kind(&self) -> ValueKind {
        match self.raw().as_bytes()[0] {
            b'{' => ValueKind::Object,
            b'[' => ValueKind::Array,
            b'"' => ValueKind::Text,
            b't' | b'f' => ValueKind::Flag,
            b'n' => ValueKind::Null,
            _ => ValueKind::Number,
        }
    }

    pub(super) fn is_object(&self) -> bool {
        self.kind() == ValueKind::Object
    }

    /// A scalar as written, or a container's opening bracket.
    pub(super) fn raw(&self) -> &'d str {
        self.document.tree.text(self.node)
    }

    /// The value as written, without white space.
    pub(super) fn compact(&self) -> String {
        self.document.tree.compact(self.node)
    }

    /// A decoded string.
    pub(super) fn text(&self) -> Result<String, Problem> {
        serde_json::from_str(self.raw()).map_err(|_| {
            self.problem(
                "not valid Unicode: half of a surrogate pair; write both halves, or the \
                 character itself",
            )
        })
    }

    /// The elements of an array.
    pub(super) fn items(&self) -> Vec<Value<'d>> {
        let mut items = Vec::new();
        for (index, node) in self.document.tree.entries(self.node).enumerate() {
            items.push(Value {
                document: self.document,
                node,
                path: format!("{}[{index}]", self.path),
            });
        }
        items
    }

    /// The members of an object with their names.
    pub(super) fn members(&self) -> Vec<(String, Value<'d>)> {
        let mut members = Vec::new();
        for node in self.document.tree.entries(self.node) {
            let name = self.document.tree.name(node);
            // Half of a surrogate pair cannot be decoded; it is shown as written.
            let name = serde_json::from_str(name).unwrap_or_else(|_| name.to_owned());
            let value = Value {
                document: self.document,
                node,
                path: member_path(&self.path, &name),
            };
            members.push((name, value));
        }
        members
    }

    pub(super) fn member(&self, word: &str) -> Option<Value<'d>> {
        let mut members = self.members().into_iter();
        members.find_map(|(name, value)| (name == word).then_some(value))
    }

    /// A member that the shape requires.
    pub(super) fn needed(&self, word: &str) -> Value<'d> {
        self.member(word)
            .unwrap_or_else(|| panic!("the shape requires `{word}`"))
    }

    /// A word that the shape allows.
    pub(super) fn word<W: FromStr<Err = UnknownWord>>(&self) -> Result<W, Problem> {
        let word = self.text()?.parse();
        word.map_err(|unknown: UnknownWord| self.problem(unknown.to_string()))
    }

    /// A number whose range the shape has already checked.
    pub(super) fn number<N: FromStr>(&self) -> Result<N, Problem> {
        let number = self.raw().parse();
        number.map_err(|_| {
            self.problem("the number is too large for this machine; use a smaller one")
        })
    }

    /// The result of a constructor, or its refusal as a problem of this value.
    pub(super) fn accepts<T>(&self, made: Result<T, Message>) -> Result<T, Problem> {
        match made {
            Ok(made) => Ok(made),
            Err(refusal) => Err(self.problem(String::from(refusal))),
        }
    }

    /// The start of the value.
    pub(super) fn location(&self) -> Location {
        self.document.location(self.document.tree.start(self.node))
    }

    /// A mistake in the value.
    pub(super) fn problem(&self, text: impl Into<String>) -> Problem {
        Problem {
            location: self.location(),
            path: self.path.clone(),
            text: text.into(),
        }
    }

    /// A mistake in the name of a member.
    pub(super) fn problem_of_name(&self, text: impl Into<String>) -> Problem {
        let start = self.document.tree.name_start(self.node);
        Problem {
            location: self.document.location(start),
            ..self.problem(text)
        }
    }
}

impl Problem {
    /// Line and column.
    pub(super) fn position(&self) -> (usize, usize) {
        match self.location {
            Location::File { line, column, .. } => (line, column),
            Location::Code(_) => (0, 0),
        }
    }
}

/// `fixtures/a.json:4:16 $.rules[0].reply: ..`
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.location)?;
        if !self.path.is_empty() {
            write!(f, " {}", self.path)?;
        }
        write!(f, ": {}", self.text)
    }
}

/// Whether a closing bracket or brace is at this index, and a comma before it.
fn is_after_comma(text: &str, index: usize) -> bool {
    let closes = matches!(text.as_bytes().get(index), Some(b']' | b'}'));
    let read = text.get(..index).unwrap_or_default();
    closes && read.trim_end().ends_with(',')
}

/// The reason why a file is not valid JSON, with serde_json's message if it has one.
fn not_json(path: Arc<str>, text: &str) -> Problem {
    let (line, column, words) = match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Err(error) => {
            let words = error.to_string();
            let end = words.rfind(" at line ").unwrap_or(words.len());
            // serde_json counts the column in bytes; it is 0 at the start of a line.
            let (line, bytes) = (error.line(), error.column());
            let before = text.split_inclusive('\n').take(line - 1);
            let start: usize = before.map(str::len).sum();
            let starts = text[start..].char_indices().map(|(at, _)| at);
            let column = starts.take_while(|at| *at < bytes).count().max(1);
            let words = match is_after_comma(text, start + bytes.saturating_sub(1)) {
                true => "remove the comma after the last value",
                false => &words[..end],
            };
            (line, column, words.to_owned())
        }
        Ok(_) => match json::check(text.as_bytes()) {
            Err(error) => (error.line(), error.column(), error.to_string()),
            Ok(()) => (1, 1, "the file is empty".to_owned()),
        },
    };
    Problem {
        location: Location::File { path, line, column },
        path: String::new(),
        text: format!("not valid JSON: {words}"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Document, MARK_DISTANCE, marks_of};

    /// The position of each element of the array in this text.
    fn positions(text: &str) -> Vec<(usize, usize)> {
        let document = Document::of("a.json", text).unwrap();
        let items = document.root().items().into_iter();
        items.map(|item| item.problem("").position()).collect()
    }

    #[test]
    fn a_location_counts_lines_and_characters() {
        let long = format!("[\"{}\", 1,\n\n  \"ü\", 2,\r\n3]", "ü€".repeat(500));
        assert_eq!(
            positions(&long),
            [(1, 2), (1, 1006), (3, 3), (3, 8), (4, 1)]
        );
    }

    /// A location counts the characters after a mark, so its cost does not grow with the file.
    #[rstest]
    #[case::many_lines("ü\n".repeat(1_000))]
    #[case::a_long_line("ü".repeat(10_000))]
    #[case::both(format!("{{\n{}\n}}", "ü".repeat(10_000)))]
    fn no_character_is_far_from_the_mark_before_it(#[case] text: String) {
        let starts: Vec<usize> = marks_of(&text).iter().map(|mark| mark.start).collect();
        assert_eq!(starts[0], 0);
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(text.len());
            let between = &text[*start..end];
            assert!(between.chars().count() <= MARK_DISTANCE);
            assert!(!between.trim_end_matches('\n').contains('\n'));
        }
    }
}
