//! Writes a value of the test as JSON.
//!
//! The text is that of the equal `serde_json::Value`: members in order, the later of two with the
//! same name, no white space. It is not created through a `Value`, because its numbers and the
//! order of its members depend on the features that other crates of the build enable in
//! `serde_json`. So an `f32` keeps its own digits, `0.1`, as a client or a function with the same
//! type sends them.

use std::any::type_name;

use serde::Serialize;
use serde_json::Value;

use super::Tree;
use super::canonical::decoded;
use crate::ground::cut::short_type;
use crate::ground::message::Message;

/// The text of a value, or a panic at the test's line.
#[track_caller]
pub(crate) fn text_of<T: Serialize + ?Sized>(value: &T) -> String {
    match serde_json::to_vec(value) {
        Ok(text) => ordered(&text),
        Err(error) => {
            let help =
                "change what its `Serialize` writes, or pass a `serde_json::json!(..)` value";
            refuse::<T>("written as JSON", &error, help)
        }
    }
}

/// A value to compare with what a client sent. It is parsed from its text, like the client's, so
/// that equal JSON text gives equal values.
#[track_caller]
pub(crate) fn value_of<T: Serialize + ?Sized>(value: &T) -> Value {
    match serde_json::from_str(&text_of(value)) {
        Ok(value) => value,
        Err(error) => {
            let help =
                "nest it less deeply, or let the condition be a closure that takes `&Invocation`";
            refuse::<T>("compared with a payload", &error, help)
        }
    }
}

fn ordered(text: &[u8]) -> String {
    let mut tree = Tree::of(text).expect("serde_json writes JSON");
    tree.sort_members(decoded);
    tree.keep_last_members();
    tree.compact(Tree::ROOT)
}

#[track_caller]
fn refuse<T: ?Sized>(what: &str, error: &serde_json::Error, help: &str) -> ! {
    let name = short_type(type_name::<T>().trim_start_matches('&'));
    let error = format!("a value of type `{name}` cannot be {what}: {error}");
    panic!("{}", Message::new(error, help));
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use proptest::prelude::*;
    use rstest::rstest;
    use serde::Serialize;
    use serde_json::{Value, json};

    use super::{text_of, value_of};
    use crate::ground::same_cases::same_cases;

    #[derive(Serialize)]
    struct Order {
        id: u64,
        #[serde(rename = "Card")]
        card: Option<&'static str>,
        price: f64,
        items: Vec<(u8, Kind)>,
    }

    #[derive(Serialize)]
    enum Kind {
        Book,
        Gift { to: String },
    }

    /// A type with two members of the same name: its own, and one from the map.
    #[derive(Serialize)]
    struct Tagged {
        id: u64,
        z: u8,
        #[serde(flatten)]
        others: BTreeMap<&'static str, u64>,
    }

    #[rstest]
    #[case::value(text_of(&json!({"b": [1, 2.50, null], "a": "x"})), r#"{"a":"x","b":[1,2.5,null]}"#)]
    #[case::text(text_of("a \"b\"\n"), r#""a \"b\"\n""#)]
    #[case::number(text_of(&-7), "-7")]
    #[case::number_beyond_64_bits(text_of(&u128::MAX), "340282366920938463463374607431768211455")]
    #[case::digits_of_a_float(text_of(&[0.1_f32, 16777216.0]), "[0.1,16777216.0]")]
    #[case::no_number(text_of(&f64::NAN), "null")]
    #[case::unit(text_of(&()), "null")]
    #[case::nothing(text_of(&None::<Order>), "null")]
    #[case::map_of_numbers(text_of(&HashMap::from([(10, 'a'), (9, 'b')])), r#"{"10":"a","9":"b"}"#)]
    #[case::structure(
        text_of(&Order { id: 7, card: None, price: 1.0, items: vec![(2, Kind::Book), (1, Kind::Gift { to: "é".into() })] }),
        r#"{"Card":null,"id":7,"items":[[2,"Book"],[1,{"Gift":{"to":"é"}}]],"price":1.0}"#
    )]
    #[case::members_of_one_name(
        text_of(&Tagged { id: 1, z: 0, others: BTreeMap::from([("id", 2), ("a", 3)]) }),
        r#"{"a":3,"id":2,"z":0}"#
    )]
    fn a_value_is_written_as_the_equal_value_of_serde_json(
        #[case] text: String,
        #[case] expected: &str,
    ) {
        assert_eq!(text, expected);
    }

    #[test]
    fn nesting_is_limited_only_if_a_text_must_be_parsed() {
        let nested = |levels| (0..levels).fold(json!(1), |value, _| json!([value]));
        assert_eq!(text_of(&nested(200)).len(), 401);
        assert_eq!(value_of(&nested(127)), nested(127));
        assert!(std::panic::catch_unwind(|| value_of(&nested(128))).is_err());
    }

    fn value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,4}".prop_map(Value::from),
        ];
        scalar.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[a-c\"é]{0,2}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(same_cases(256))]

        /// In this build, which does not enable `preserve_order` of `serde_json`, a `Value` itself
        /// prints its members sorted by name.
        #[test]
        fn a_value_of_serde_json_is_written_as_it_prints(value in value()) {
            prop_assert_eq!(text_of(&value), value.to_string());
        }
    }
}
