//! The first difference between two JSON values, in one line.

use serde_json::{Number, Value};

use super::mismatch::{Change, Mismatch};
use crate::ground::cut::cut;

/// The most bytes to print of a value; its path shows where to look.
const LIMIT: usize = 120;

/// The first place where `got` differs from `expected`, or `None` if they are the same value.
pub(super) fn exact(expected: &Value, got: &Value) -> Option<Mismatch> {
    at("$", expected, got, true)
}

/// The first place where `got` lacks a part of `expected`, or `None` if it contains all of it.
pub(super) fn partial(expected: &Value, got: &Value) -> Option<Mismatch> {
    at("$", expected, got, false)
}

/// Returns `true` if there is no difference; `whole` allows no additional part.
pub(super) fn is_same(expected: &Value, got: &Value, whole: bool) -> bool {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            let has = |(name, expected): (&String, &Value)| {
                let got = got.get(name);
                got.is_some_and(|got| is_same(expected, got, whole))
            };
            expected.iter().all(has) && !(whole && got.len() > expected.len())
        }
        (Value::Array(expected), Value::Array(got)) => {
            let has = |(index, expected): (usize, &Value)| {
                let got = got.get(index);
                got.is_some_and(|got| is_same(expected, got, whole))
            };
            expected.iter().enumerate().all(has) && !(whole && got.len() > expected.len())
        }
        (expected, got) => same_scalar(expected, got),
    }
}

fn at(path: &str, expected: &Value, got: &Value, whole: bool) -> Option<Mismatch> {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => expected
            .iter()
            .find_map(|(name, expected)| {
                let path = member(path, name);
                match got.get(name) {
                    Some(got) => at(&path, expected, got, whole),
                    None => Some(other(path, short(expected), "nothing".to_owned())),
                }
            })
            .or_else(|| {
                let (name, extra) = got
                    .iter()
                    .find(|(name, _)| whole && !expected.contains_key(*name))?;
                Some(unexpected(member(path, name), extra))
            }),
        (Value::Array(expected), Value::Array(got)) => expected
            .iter()
            .enumerate()
            .find_map(|(index, expected)| {
                let path = format!("{path}[{index}]");
                match got.get(index) {
                    Some(got) => at(&path, expected, got, whole),
                    None => Some(other(path, short(expected), "nothing".to_owned())),
                }
            })
            .or_else(|| {
                let extra = got.get(expected.len()).filter(|_| whole)?;
                Some(unexpected(format!("{path}[{}]", expected.len()), extra))
            }),
        (expected, got) if same_scalar(expected, got) => None,
        (expected, got) => {
            let path = path.to_owned();
            let (printed, its) = (short(expected), short(got));
            Some(match (inner(expected), inner(got)) {
                (Some(value), _) if at(&path, &value, got, whole).is_none() => Mismatch {
                    text: format!("`{path}` expected the JSON text {printed}"),
                    got: Some(format!("the value {its}")),
                    change: Some(Change::Write { path, value: its }),
                },
                (_, Some(value)) if at(&path, expected, &value, whole).is_none() => other(
                    path,
                    format!("the value {printed}"),
                    format!("its JSON text {its}"),
                ),
                _ => other(path, printed, its),
            })
        }
    }
}

/// The reason if another value was expected at this path.
fn other(path: String, expected: String, got: String) -> Mismatch {
    Mismatch {
        text: format!("`{path}` expected {expected}"),
        got: Some(got),
        change: Some(Change::Send {
            path,
            value: expected,
        }),
    }
}

/// The reason if nothing was expected at this path.
fn unexpected(path: String, got: &Value) -> Mismatch {
    Mismatch {
        text: format!("`{path}` was not expected"),
        got: Some(short(got)),
        change: Some(Change::Remove { path }),
    }
}

/// The object or array of which this value is the JSON text.
fn inner(value: &Value) -> Option<Value> {
    let inner: Value = serde_json::from_str(value.as_str()?).ok()?;
    (inner.is_object() || inner.is_array()).then_some(inner)
}

/// Numbers are compared by value, so `1`, `1.0` and `1.00` are equal; everything else is compared
/// literally.
fn same_scalar(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Number(expected), Value::Number(got)) => same_number(expected, got),
        _ => expected == got,
    }
}

/// Compares the values of two numbers. It does not use `==` first: if any crate in the build
/// enables the feature of `serde_json` that keeps the digits, `==` compares them as text.
fn same_number(expected: &Number, got: &Number) -> bool {
    let integer = |number: &Number| {
        let negative = number.as_i64().map(i128::from);
        negative.or_else(|| number.as_u64().map(i128::from))
    };
    // Every integer that a float can have is one of 128 bits, or is larger than all of these.
    let is_same = |integer: i128, float: &Number| {
        let float = float.as_f64();
        float.is_some_and(|float| float.fract() == 0.0 && float as i128 == integer)
    };
    match (integer(expected), integer(got)) {
        (Some(expected), Some(got)) => expected == got,
        (Some(expected), None) => is_same(expected, got),
        (None, Some(got)) => is_same(got, expected),
        (None, None) => match (expected.as_f64(), got.as_f64()) {
            (Some(expected), Some(got)) => expected == got,
            (None, _) | (_, None) => expected == got,
        },
    }
}

fn short(value: &Value) -> String {
    cut(&value.to_string(), LIMIT).into_owned()
}

/// The path of a member: `a` in `$` is `$.a`, and `b c` in `$.a` is `$.a["b c"]`.
pub(crate) fn member(path: &str, name: &str) -> String {
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain {
        format!("{path}.{name}")
    } else {
        format!("{path}[{}]", Value::from(name))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::is_same;

    fn exact(expected: &Value, got: &Value) -> Option<String> {
        super::exact(expected, got).map(|why| why.to_string())
    }

    fn partial(expected: &Value, got: &Value) -> Option<String> {
        super::partial(expected, got).map(|why| why.to_string())
    }

    #[rstest]
    #[case::type_of_a_member(json!({"id": 7}), json!({"id": "7"}), "`$.id` expected 7, got \"7\"")]
    #[case::missing_member(json!({"a": {"b": 1}}), json!({"a": {}}), "`$.a.b` expected 1, got nothing")]
    #[case::item(json!([1, 2]), json!([1, 3]), "`$[1]` expected 2, got 3")]
    #[case::short_array(json!([1, 2]), json!([1]), "`$[1]` expected 2, got nothing")]
    #[case::odd_name(json!({"a b": 1}), json!({"a b": 2}), "`$[\"a b\"]` expected 1, got 2")]
    #[case::root(json!(null), json!(0), "`$` expected null, got 0")]
    fn both_comparisons_name_the_path_and_both_values(
        #[case] expected: Value,
        #[case] got: Value,
        #[case] text: &str,
    ) {
        assert_eq!(exact(&expected, &got).as_deref(), Some(text));
        assert_eq!(partial(&expected, &got).as_deref(), Some(text));
        assert_eq!(
            [true, false].map(|whole| is_same(&expected, &got, whole)),
            [false; 2]
        );
    }

    #[rstest]
    #[case::in_the_condition(json!("[7]"), json!([7]), "`$` expected the JSON text \"[7]\", got the value [7]")]
    #[case::in_the_payload(json!({"a": [7]}), json!({"a": "[7]"}), "`$.a` expected the value [7], got its JSON text \"[7]\"")]
    #[case::of_another_value(json!([7]), json!("[8]"), "`$` expected [7], got \"[8]\"")]
    fn a_difference_only_in_the_encoding_is_named(
        #[case] expected: Value,
        #[case] got: Value,
        #[case] text: &str,
    ) {
        assert_eq!(exact(&expected, &got).as_deref(), Some(text));
        assert_eq!(partial(&expected, &got).as_deref(), Some(text));
    }

    #[rstest]
    #[case::member(json!({"a": 1}), json!({"a": 1, "b": 2}), "`$.b` was not expected, got 2")]
    #[case::nested_member(json!({"a": {}}), json!({"a": {"b": 2}}), "`$.a.b` was not expected, got 2")]
    #[case::item(json!([1]), json!([1, 2]), "`$[1]` was not expected, got 2")]
    fn an_additional_member_is_a_difference_only_in_exact(
        #[case] expected: Value,
        #[case] got: Value,
        #[case] text: &str,
    ) {
        assert_eq!(exact(&expected, &got).as_deref(), Some(text));
        assert_eq!(partial(&expected, &got), None);
        assert_eq!(
            [true, false].map(|whole| is_same(&expected, &got, whole)),
            [false, true]
        );
    }

    #[test]
    fn a_long_value_is_cut() {
        let text = exact(&json!("x".repeat(1_000)), &json!(7)).unwrap();
        assert!(text.ends_with("xx…, got 7"), "{text}");
        assert!(text.len() < 160, "{text}");
    }

    #[rstest]
    #[case::order_of_members(json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}))]
    #[case::number_spelled_otherwise(json!({"a": 1}), json!({"a": 1.0}))]
    fn the_same_value_has_no_difference(#[case] expected: Value, #[case] got: Value) {
        assert_eq!(exact(&expected, &got), None);
        assert_eq!(
            [true, false].map(|whole| is_same(&expected, &got, whole)),
            [true; 2]
        );
    }
}
