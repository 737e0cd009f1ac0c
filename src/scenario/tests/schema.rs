//! Prints the JSON Schema from the vocabulary.

use crate::scenario::print::Out;
use crate::scenario::shape::{Key, Kind, Object, Takes};
use crate::scenario::vocabulary::SCENARIO;

/// The text of `fixtures/scenario.schema.json`.
pub(super) fn schema() -> String {
    let Takes::Object(root) = SCENARIO else {
        unreachable!("a scenario is an object");
    };
    let mut definitions = Vec::new();
    let mut members = vec![
        (
            "$schema",
            Out::text("http://json-schema.org/draft-07/schema#"),
        ),
        ("title", Out::text("A scenario of fake-lambda")),
    ];
    let root = root();
    members.extend(kind(&root.kinds[0], root.about, &mut definitions));
    let definitions = definitions.into_iter().map(|(name, schema)| {
        let schema = schema.expect("every definition that was begun is finished");
        (name.into(), schema)
    });
    members.push(("definitions", Out::Object(definitions.collect())));
    Out::object(members).printed()
}

/// The definitions by name; `None` while a definition is being printed.
type Definitions = Vec<(String, Option<Out>)>;

fn taken(takes: Takes, definitions: &mut Definitions) -> Vec<(&'static str, Out)> {
    let of_type = |name| ("type", Out::text(name));
    match takes.shape() {
        Takes::Checked(..) => unreachable!("a shape has no check"),
        Takes::Json => vec![],
        Takes::Text => vec![of_type("string")],
        Takes::Form(form) => {
            let mut members = vec![
                of_type("string"),
                ("pattern", Out::text(&format!("^(?:{})$", form.pattern))),
            ];
            members.extend(form.most_bytes.map(|most| ("maxLength", Out::plain(most))));
            members
        }
        Takes::Word(_, words) => {
            let words = words();
            vec![(
                "enum",
                Out::Array(words.into_iter().map(Out::text).collect()),
            )]
        }
        Takes::Whole(least, most) => {
            let mut members = vec![of_type("integer"), ("minimum", Out::plain(least))];
            members.extend((most < u64::MAX).then(|| ("maximum", Out::plain(most))));
            members
        }
        Takes::Number => vec![of_type("number"), ("minimum", Out::plain(0))],
        Takes::Share => vec![
            of_type("number"),
            ("minimum", Out::plain(0)),
            ("maximum", Out::plain(1)),
        ],
        Takes::Flag => vec![of_type("boolean")],
        Takes::True => vec![("const", Out::plain(true))],
        Takes::Null => vec![("const", Out::plain("null"))],
        Takes::List(item) => vec![
            of_type("array"),
            ("items", Out::object(taken(item(), definitions))),
        ],
        Takes::Object(made) => {
            let made = made();
            let name = defined(made.noun, definitions, |definitions| {
                object(&made, definitions)
            });
            vec![("$ref", name)]
        }
        Takes::Either(several) => {
            let several = several.iter();
            let several = several.map(|takes| Out::object(taken(takes(), definitions)));
            vec![("anyOf", Out::Array(several.collect()))]
        }
    }
}

fn object(object: &Object, definitions: &mut Definitions) -> Out {
    if let [only] = &*object.kinds {
        let mut members = kind(only, object.about, definitions);
        if object.least_members > 0 {
            members.push(("minProperties", Out::plain(object.least_members)));
        }
        return Out::object(members);
    }
    let kinds = object.kinds.iter();
    let kinds = kinds.map(|one| Out::object(kind(one, one.about, definitions)));
    let kinds = Out::Array(kinds.collect());
    Out::object(vec![
        ("description", Out::text(object.about)),
        ("anyOf", kinds),
    ])
}

fn kind(kind: &Kind, about: &str, definitions: &mut Definitions) -> Vec<(&'static str, Out)> {
    let properties = kind
        .keys
        .iter()
        .map(|key| (key.word.into(), property(key, definitions)));
    let properties = Out::Object(properties.collect());
    let required = kind.keys.iter().filter(|key| key.required);
    let required: Vec<_> = required.map(|key| Out::text(key.word)).collect();
    let mut members = Vec::new();
    if !about.is_empty() {
        members.push(("description", Out::text(about)));
    }
    members.extend([("type", Out::text("object")), ("properties", properties)]);
    if !required.is_empty() {
        members.push(("required", Out::Array(required)));
    }
    members.push(("additionalProperties", Out::plain(false)));
    members
}

fn property(key: &Key, definitions: &mut Definitions) -> Out {
    let mut members = vec![("description", Out::text(key.about))];
    match key.takes.shape() {
        // A schema ignores the siblings of a `$ref`.
        Takes::Object(_) => {
            let reference = Out::object(taken(key.takes, definitions));
            members.push(("allOf", Out::Array(vec![reference])));
        }
        _ => members.extend(taken(key.takes, definitions)),
    }
    Out::object(members)
}

/// A reference to a definition, which is printed once.
fn defined(
    noun: &str,
    definitions: &mut Definitions,
    print: impl FnOnce(&mut Definitions) -> Out,
) -> Out {
    let name = noun
        .trim_start_matches("a ")
        .trim_start_matches("an ")
        .replace(' ', "-");
    let index = match definitions.iter().position(|(known, _)| *known == name) {
        Some(index) => index,
        None => {
            definitions.push((name.clone(), None));
            let index = definitions.len() - 1;
            definitions[index].1 = Some(print(definitions));
            index
        }
    };
    Out::text(&format!("#/definitions/{}", definitions[index].0))
}
