//! A JSON body as values that every serializer writes alike.
//!
//! It is not read as a `serde_json::Value`: what that makes of a number, and in which order it has members, depends on the features that any
//! crate of the build has turned on.

use std::collections::BTreeMap;

use serde::ser::{Serialize, Serializer};

use crate::ground::json::Tree;

/// How deep a body may nest, which is what `serde_json` reads: serialising uses the stack.
const DEEPEST: usize = 127;

/// A value whose numbers are of types that all serializers know.
#[derive(Debug, PartialEq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    List(Vec<Plain>),
    Object(BTreeMap<String, Plain>),
}

impl Plain {
    /// `None` if it is not JSON, nests deeper than a reader would go, or holds a number or a text that no type here can hold.
    pub(super) fn of(text: &str) -> Option<Self> {
        let tree = Tree::of(text.as_bytes())?;
        Self::node(&tree, Tree::ROOT, DEEPEST)
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
            // No integer has the sign of `-0`.
            Ok(number) if number != 0 => Some(Self::Signed(number)),
            _ => {
                let number: f64 = text.parse().ok()?;
                number.is_finite().then_some(Self::Float(number))
            }
        }
    }
}

impl Serialize for Plain {
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Plain;

    #[rstest]
    #[case::unsigned("18446744073709551615", Plain::Unsigned(u64::MAX))]
    #[case::signed("-9223372036854775808", Plain::Signed(i64::MIN))]
    #[case::beyond_integers("12345678901234567890123", Plain::Float(12345678901234567890123.0))]
    #[case::fraction("1.50", Plain::Float(1.5))]
    #[case::text(r#""\u00e9""#, Plain::Text("é".to_owned()))]
    #[case::twice(r#"{"a":1,"\u0061":2}"#, Plain::Object([("a".to_owned(), Plain::Unsigned(2))].into()))]
    fn a_value_is_of_the_type_that_holds_it(#[case] text: &str, #[case] expected: Plain) {
        assert_eq!(Plain::of(text), Some(expected));
    }

    #[test]
    fn the_sign_of_zero_is_kept() {
        let Some(Plain::Float(zero)) = Plain::of("-0") else {
            panic!("a negative zero is a float");
        };
        assert!(zero == 0.0 && zero.is_sign_negative());
    }

    #[rstest]
    #[case::beyond_floats("[1e400]".to_owned())]
    #[case::half_a_pair(r#""\ud800""#.to_owned())]
    #[case::no_json("<html>".to_owned())]
    #[case::too_deep("[".repeat(128) + &"]".repeat(128))]
    fn what_no_type_holds_is_none(#[case] text: String) {
        assert_eq!(Plain::of(&text), None);
    }

    #[test]
    fn the_deepest_that_serde_json_reads_is_some() {
        assert!(Plain::of(&("[".repeat(127) + &"]".repeat(127))).is_some());
    }
}
