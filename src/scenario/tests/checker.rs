//! A checker for the subset of JSON Schema that the schema of scenarios uses.

use std::sync::LazyLock;

use regex::Regex;
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::schema::schema;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&schema()).unwrap());

/// The patterns of the schema, cached because each takes long to compile.
static PATTERNS: LazyLock<FxHashMap<String, Regex>> = LazyLock::new(|| {
    let mut patterns = FxHashMap::default();
    collect_patterns(&SCHEMA, &mut patterns);
    patterns
});

/// Returns `true` if the schema of scenarios accepts the value.
pub(super) fn takes(value: &Value) -> bool {
    holds(&SCHEMA, &SCHEMA, value)
}

fn collect_patterns(schema: &Value, patterns: &mut FxHashMap<String, Regex>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(pattern)) = members.get("pattern") {
                let compiled = || Regex::new(pattern).unwrap();
                patterns.entry(pattern.clone()).or_insert_with(compiled);
            }
            let members = members.values();
            members.for_each(|member| collect_patterns(member, patterns));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_patterns(item, patterns)),
        _ => {}
    }
}

fn holds(root: &Value, schema: &Value, value: &Value) -> bool {
    let schema = schema.as_object().expect("every schema here is an object");
    schema.iter().all(|(word, rule)| match &**word {
        "$ref" => {
            let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
            holds(root, root.pointer(pointer).unwrap(), value)
        }
        "allOf" => rule
            .as_array()
            .unwrap()
            .iter()
            .all(|rule| holds(root, rule, value)),
        "anyOf" => rule
            .as_array()
            .unwrap()
            .iter()
            .any(|rule| holds(root, rule, value)),
        "type" => match rule.as_str().unwrap() {
            "array" => value.is_array(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_u64() || value.is_i64(),
            "number" => value.is_number(),
            "object" => value.is_object(),
            "string" => value.is_string(),
            other => panic!("no type is called `{other}`"),
        },
        "const" => rule == value,
        "enum" => rule.as_array().unwrap().contains(value),
        "minimum" => value
            .as_f64()
            .is_none_or(|number| number >= rule.as_f64().unwrap()),
        "maximum" => value
            .as_f64()
            .is_none_or(|number| number <= rule.as_f64().unwrap()),
        "maxLength" => {
            let most = rule.as_u64().unwrap() as usize;
            value
                .as_str()
                .is_none_or(|text| text.chars().count() <= most)
        }
        "pattern" => {
            let pattern = &PATTERNS[rule.as_str().unwrap()];
            value.as_str().is_none_or(|text| pattern.is_match(text))
        }
        "items" => {
            let items = value.as_array();
            items.is_none_or(|items| items.iter().all(|item| holds(root, rule, item)))
        }
        "properties" => value.as_object().is_none_or(|members| {
            let properties = rule.as_object().unwrap();
            let mut known = members
                .iter()
                .filter_map(|(name, value)| Some((properties.get(name)?, value)));
            known.all(|(rule, value)| holds(root, rule, value))
        }),
        "minProperties" => {
            let least = rule.as_u64().unwrap() as usize;
            let members = value.as_object();
            members.is_none_or(|members| members.len() >= least)
        }
        "required" => value.as_object().is_none_or(|members| {
            let mut names = rule.as_array().unwrap().iter();
            names.all(|name| members.contains_key(name.as_str().unwrap()))
        }),
        "additionalProperties" => value.as_object().is_none_or(|members| {
            let properties = schema["properties"].as_object().unwrap();
            members.keys().all(|name| properties.contains_key(name))
        }),
        "$schema" | "title" | "description" | "definitions" => true,
        other => panic!("this checker does not know `{other}`"),
    })
}
