//! Prints the page of the vocabulary.

use std::fmt::Write as _;

use crate::scenario::shape::{Key, Kind, Object, Takes, expected, listed};
use crate::scenario::vocabulary::SCENARIO;

/// The text of `src/docs/scenarios.md`.
pub(super) fn page() -> String {
    let example = include_str!("../../../fixtures/scenarios/throttled_then_ok.json");
    let mut page = String::new();
    let mut described = Vec::new();
    let mut open = vec![SCENARIO];
    while !open.is_empty() {
        for takes in std::mem::take(&mut open) {
            section(takes, &mut described, &mut open, &mut page);
        }
    }
    let text = include_str!("page.md");
    text.replace("<example>", example)
        .replace("<tables>", page.trim_start())
}

/// Describes each object, or choice of objects, once, followed by the objects in it.
fn section(
    takes: Takes,
    described: &mut Vec<&'static str>,
    open: &mut Vec<Takes>,
    page: &mut String,
) {
    match takes.shape() {
        Takes::List(item) => section(item(), described, open, page),
        Takes::Either(several) => several
            .iter()
            .for_each(|takes| section(takes(), described, open, page)),
        Takes::Object(object) => {
            let object = object();
            if described.contains(&object.noun) {
                return;
            }
            described.push(object.noun);
            title(object.noun, object.about, page);
            match &*object.kinds {
                [only] => table(only, page),
                _ => kinds(&object, page),
            }
            let keys = object.kinds.iter().flat_map(|kind| &kind.keys);
            open.extend(keys.map(|key| key.takes));
        }
        _ => {}
    }
}

fn title(noun: &str, about: &str, page: &mut String) {
    let noun = noun.trim_start_matches("a ").trim_start_matches("an ");
    let (first, rest) = noun.split_at(1);
    write!(page, "\n## {}{rest}\n\n{about}\n", first.to_uppercase()).unwrap();
}

/// Lists every key once, with the kinds it belongs to if it does not belong to all.
fn kinds(object: &Object, page: &mut String) {
    writeln!(
        page,
        "\nOne of these keys identifies the kind: {}.",
        listed(object.leads())
    )
    .unwrap();
    let mut keys: Vec<&Key> = Vec::new();
    for kind in &object.kinds {
        keys.push(&kind.keys[0]);
    }
    for key in object.kinds.iter().flat_map(|kind| &kind.keys[1..]) {
        if !keys
            .iter()
            .any(|known| known.word == key.word && known.about == key.about)
        {
            keys.push(key);
        }
    }
    page.push_str("\n| key | value | meaning | used with |\n|---|---|---|---|\n");
    for key in keys {
        let has_it = |kind: &&Kind| {
            let mut own = kind.keys[1..].iter();
            own.any(|own| own.word == key.word && own.about == key.about)
        };
        let beside: Vec<_> = object.kinds.iter().filter(has_it).collect();
        let beside = match beside.len() {
            all if all == object.kinds.len() => "any".to_owned(),
            _ => listed(beside.iter().map(|kind| kind.lead())),
        };
        row(key, &format!(" {beside} |"), page);
    }
}

fn table(kind: &Kind, page: &mut String) {
    page.push_str("\n| key | value | meaning |\n|---|---|---|\n");
    kind.keys.iter().for_each(|key| row(key, "", page));
}

fn row(key: &Key, more: &str, page: &mut String) {
    let bold = if key.required { "**" } else { "" };
    let takes = described(key.takes);
    writeln!(
        page,
        "| {bold}`{}`{bold} | {takes} | {} |{more}",
        key.word, key.about
    )
    .unwrap();
}

fn described(takes: Takes) -> String {
    match takes.shape() {
        Takes::Checked(..) => unreachable!("a shape has no check"),
        Takes::Json => "any JSON".to_owned(),
        Takes::Text => "text".to_owned(),
        Takes::Form(form) => format!("{}, `\"{}\"`", form.noun, form.example),
        Takes::Word("service error", _) => "a name from [the page of errors]".to_owned(),
        Takes::Word(_, words) => {
            let words: Vec<_> = words().iter().map(|word| format!("`\"{word}\"`")).collect();
            words.join(", ")
        }
        Takes::Whole(..)
        | Takes::Number
        | Takes::Share
        | Takes::Flag
        | Takes::True
        | Takes::Null => expected(takes),
        Takes::List(item) => format!("an array: {}", described(item())),
        Takes::Object(object) => object().noun.to_owned(),
        Takes::Either(several) => {
            let several: Vec<_> = several.iter().map(|takes| described(takes())).collect();
            several.join(", or ")
        }
    }
}
