//! The canonical text of JSON: it has the same value as the input, and does not depend on the order
//! of members or on white space.

use std::fmt::Write;

use fake_lambda::fuzzing::{canonical, json_error};
use serde_json::Value;

use crate::fake::end_at_panics;
use crate::json::mark;

pub fn run(data: &[u8]) {
    end_at_panics();
    let text = canonical(data);
    assert_eq!(text.is_some(), json_error(data).is_none());
    let Some(text) = text else { return };
    assert_eq!(canonical(text.as_bytes()).as_ref(), Some(&text));
    // serde_json has no value for half of a surrogate pair or for a number that is too large.
    let Ok(value) = serde_json::from_slice::<Value>(&data[mark(data)..]) else {
        return;
    };
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    let sorted = value.to_string();
    assert_eq!(canonical(sorted.as_bytes()), Some(sorted.clone()));
    let mut reversed = String::new();
    write_reversed(&value, &mut reversed);
    assert_eq!(canonical(reversed.as_bytes()), Some(sorted), "{reversed}");
}

/// Writes the members of each object in the opposite order, with white space.
fn write_reversed(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            out.push('{');
            for (index, (name, value)) in members.iter().rev().enumerate() {
                let comma = if index > 0 { " ,\n" } else { "" };
                write!(out, "{comma}{} : ", Value::from(name.as_str())).unwrap();
                write_reversed(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write_reversed(item, out);
            }
            out.push_str(" ]");
        }
        scalar => write!(out, "{scalar}").unwrap(),
    }
}
