//! The JSON Schema, printed from the vocabulary.

use crate::scenario::print::Out;
use crate::scenario::shape::{Choice, Key, Shape, Takes};
use crate::scenario::vocabulary::SCENARIO;

/// The text of `fixtures/scenario.schema.json`.
pub(super) fn schema() -> String {
    let Takes::Object(root) = &SCENARIO else {
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
    members.extend(object(root, &mut definitions));
    let definitions = definitions.into_iter().map(|(name, schema)| {
        let schema = schema.expect("every definition that was begun is finished");
        (name.into(), schema)
    });
    members.push(("definitions", Out::Object(definitions.collect())));
    Out::object(members).printed()
}

/// By name; `None` while what it refers to is being printed.
type Definitions = Vec<(String, Option<Out>)>;

fn taken(takes: &Takes, definitions: &mut Definitions) -> Vec<(&'static str, Out)> {
    let of_type = |name| ("type", Out::text(name));
    match takes {
        Takes::Json => vec![],
        Takes::Text => vec![of_type("string")],
        Takes::Form(form) => {
            let mut members = vec![
                of_type("string"),
                ("pattern", Out::text(&format!("^(?:{})$", form.pattern))),
            ];
            members.extend(
                form.most_bytes
                    .map(|most| ("maxLength", Out::Raw(most.to_string()))),
            );
            members
        }
        Takes::Word(words) => {
            let words = (words.all)();
            vec![(
                "enum",
                Out::Array(words.into_iter().map(Out::text).collect()),
            )]
        }
        Takes::Whole(least, most) => {
            let mut members = vec![of_type("integer"), ("minimum", Out::Raw(least.to_string()))];
            members.extend((*most < u64::MAX).then(|| ("maximum", Out::Raw(most.to_string()))));
            members
        }
        Takes::Number => vec![of_type("number"), ("minimum", Out::Raw("0".to_owned()))],
        Takes::Share => vec![
            of_type("number"),
            ("minimum", Out::Raw("0".to_owned())),
            ("maximum", Out::Raw("1".to_owned())),
        ],
        Takes::Flag => vec![of_type("boolean")],
        Takes::True => vec![("const", Out::is_so())],
        Takes::List(item) => vec![
            of_type("array"),
            ("items", Out::object(taken(item, definitions))),
        ],
        Takes::Object(shape) => {
            let name = defined(shape.noun, definitions, |definitions| {
                Out::object(object(shape, definitions))
            });
            vec![("$ref", name)]
        }
        Takes::Choice(choice) => {
            let name = defined(choice.noun, definitions, |definitions| {
                chosen(choice, definitions)
            });
            vec![("$ref", name)]
        }
        Takes::Either(several) => {
            let several = several.iter();
            let several = several.map(|takes| Out::object(taken(takes, definitions)));
            vec![("anyOf", Out::Array(several.collect()))]
        }
    }
}

fn chosen(choice: &Choice, definitions: &mut Definitions) -> Out {
    let kinds = choice.kinds.iter();
    let kinds = kinds.map(|kind| Out::object(object(kind, definitions)));
    let kinds = Out::Array(kinds.collect());
    Out::object([("description", Out::text(choice.about)), ("anyOf", kinds)])
}

fn object(shape: &Shape, definitions: &mut Definitions) -> Vec<(&'static str, Out)> {
    let properties = shape
        .keys
        .iter()
        .map(|key| (key.word.into(), property(key, definitions)));
    let properties = Out::Object(properties.collect());
    let required = shape.keys.iter().filter(|key| key.required);
    let required: Vec<_> = required.map(|key| Out::text(key.word)).collect();
    let mut members = Vec::new();
    if !shape.about.is_empty() {
        members.push(("description", Out::text(shape.about)));
    }
    members.extend([("type", Out::text("object")), ("properties", properties)]);
    if !required.is_empty() {
        members.push(("required", Out::Array(required)));
    }
    members.push(("additionalProperties", Out::Raw("false".to_owned())));
    members
}

fn property(key: &Key, definitions: &mut Definitions) -> Out {
    let mut members = vec![("description", Out::text(key.about))];
    match key.takes {
        // What stands beside a `$ref` is not looked at.
        Takes::Object(_) | Takes::Choice(_) => {
            let reference = Out::object(taken(&key.takes, definitions));
            members.push(("allOf", Out::Array(vec![reference])));
        }
        _ => members.extend(taken(&key.takes, definitions)),
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
