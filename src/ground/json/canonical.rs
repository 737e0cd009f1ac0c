//! JSON in a canonical order, for journals and snapshots: as text, and as data that every
//! serializer writes the same way.
//!
//! Two bodies that differ only in white space or in the order of their members print the same, and
//! every scalar prints with the characters that were sent: only `Data` parses numbers. Members are
//! sorted by their decoded names, by code point, so that the spelling of a character in a name does
//! not affect the order. It is the order of a `BTreeMap<String, _>`.
//!
//! Nothing is read as a `serde_json::Value`, because its numbers and the order of its members
//! depend on the features that other crates of the build enable.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::Tree;

/// The deepest nesting of a [`Data`], limited because serializing uses the stack. `serde_json`
/// reads to the same depth.
const DEEPEST: usize = 127;

/// Prints a body with its members in order and without white space.
///
/// Members with the same name keep the order in which they were sent. Returns `None` if the body is
/// not JSON.
pub(crate) fn canonical(body: &[u8]) -> Option<String> {
    let mut tree = Tree::of(body)?;
    tree.sort_members(decoded);
    Some(tree.compact(Tree::ROOT))
}

/// The code points of a name, as bytes with the same sort order. The argument has its quotes.
///
/// Half of a surrogate pair, which a `String` cannot hold, becomes three bytes like a character.
pub(super) fn decoded(name: &str) -> Cow<'_, [u8]> {
    struct Bytes;

    impl<'de> Visitor<'de> for Bytes {
        type Value = Cow<'de, [u8]>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(bytes))
        }

        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
            Ok(Cow::Owned(bytes.to_vec()))
        }
    }

    let mut name = serde_json::Deserializer::from_str(name);
    name.deserialize_bytes(Bytes)
        .expect("the names of a tree are JSON strings")
}

/// A value with numbers of types that all serializers support, and members in order.
#[derive(Debug, PartialEq)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    List(Vec<Data>),
    /// The members; of those with the same name, only the last one.
    Object(BTreeMap<String, Data>),
}

impl Data {
    /// Returns the data of a body; `None` if the body is not JSON, is nested more deeply than
    /// `DEEPEST`, or contains a number or a string that no type here can hold.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        Self::node(&Tree::of(body)?, Tree::ROOT, DEEPEST)
    }

    fn node(tree: &Tree<'_>, node: usize, depth: usize) -> Option<Self> {
        Some(match tree.text(node) {
            "null" => Self::Null,
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            "[" => {
                let depth = depth.checked_sub(1)?;
                let items = tree.entries(node).map(|item| Self::node(tree, item, depth));
                Self::List(items.collect::<Option<_>>()?)
            }
            "{" => {
                let depth = depth.checked_sub(1)?;
                let members = tree.entries(node).map(|member| {
                    let name = serde_json::from_str(tree.name(member)).ok()?;
                    Some((name, Self::node(tree, member, depth)?))
                });
                Self::Object(members.collect::<Option<_>>()?)
            }
            text if text.starts_with('"') => Self::Text(serde_json::from_str(text).ok()?),
            number => Self::number(number)?,
        })
    }

    fn number(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse() {
            return Some(Self::Unsigned(number));
        }
        match text.parse() {
            // No integer can have the sign of `-0`.
            Ok(number) if number != 0 => Some(Self::Signed(number)),
            _ => {
                let number: f64 = text.parse().ok()?;
                number.is_finite().then_some(Self::Float(number))
            }
        }
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Unsigned(number) => serializer.serialize_u64(*number),
            Self::Signed(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members),
        }
    }
}
