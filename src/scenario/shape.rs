//! What a value of a scenario may be, and whether one is.
//!
//! The vocabulary is a tree of these shapes. A file is checked against it here, and the JSON Schema and the page of the vocabulary are
//! printed from it, so the three cannot drift.

use super::document::{Problem, Value, ValueKind};
use crate::ground::nearest::UnknownWord;

/// What a scenario may say at one point.
pub(super) enum Takes {
    /// Any JSON, taken as it is written.
    Json,
    /// Any text.
    Text,
    /// A text of one form.
    Form(&'static Form),
    /// One of a closed set of words.
    Word(&'static Words),
    /// A whole number from the first to the second.
    Whole(u64, u64),
    /// A number from 0.
    Number,
    /// A number from 0 to 1.
    Share,
    /// `true` or `false`.
    Flag,
    /// `true`: being there says it.
    True,
    List(&'static Takes),
    Object(&'static Shape),
    Choice(&'static Choice),
    /// One of several that differ in their kind of JSON.
    Either(&'static [Takes]),
}

/// A text of one form.
pub(super) struct Form {
    /// With its article: `a duration`.
    pub(super) noun: &'static str,
    /// What every such text matches.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "what only the JSON Schema and the page say")
    )]
    pub(super) pattern: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "what only the JSON Schema and the page say")
    )]
    pub(super) most_bytes: Option<usize>,
    pub(super) example: &'static str,
}

/// A closed set of words.
pub(super) struct Words {
    pub(super) noun: &'static str,
    pub(super) all: fn() -> Vec<&'static str>,
}

/// An object whose members are known.
pub(super) struct Shape {
    /// What it is called, in the schema and in mistakes.
    pub(super) noun: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "what only the JSON Schema and the page say")
    )]
    pub(super) about: &'static str,
    pub(super) keys: &'static [Key],
}

/// A member of an object.
pub(super) struct Key {
    pub(super) word: &'static str,
    pub(super) takes: Takes,
    pub(super) required: bool,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "what only the JSON Schema and the page say")
    )]
    pub(super) about: &'static str,
}

/// An object that is one of several, told apart by the first key of each: the first shape whose key is there.
pub(super) struct Choice {
    pub(super) noun: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "what only the JSON Schema and the page say")
    )]
    pub(super) about: &'static str,
    pub(super) kinds: &'static [Shape],
}

impl Shape {
    pub(super) fn key(&self, word: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.word == word)
    }
}

impl Choice {
    pub(super) fn leads(&self) -> impl Iterator<Item = &'static str> {
        self.kinds.iter().map(|kind| kind.keys[0].word)
    }
}

/// Adds every mistake in the value and below it.
pub(super) fn check(value: &Value<'_>, takes: &'static Takes, problems: &mut Vec<Problem>) {
    if !takes.fits(value) {
        let got = described(value);
        problems.push(value.problem(format!("expected {}, got {got}", expected(takes))));
        return;
    }
    match takes {
        Takes::Form(_) | Takes::Text => problems.extend(value.text().err()),
        Takes::Word(words) => {
            let known = (words.all)();
            match value.text() {
                Ok(word) if known.contains(&&*word) => {}
                Ok(word) => {
                    let unknown = UnknownWord::new(&word, words.noun, known);
                    problems.push(value.problem(unknown.to_string()));
                }
                Err(problem) => problems.push(problem),
            }
        }
        Takes::List(item) => value
            .items()
            .for_each(|value| check(&value, item, problems)),
        Takes::Object(shape) => check_members(value, shape, None, problems),
        Takes::Choice(choice) => match kind_of(value, choice) {
            Some(kind) => check_members(value, kind, Some(choice), problems),
            None => problems.push(without_lead(value, choice)),
        },
        Takes::Either(several) => {
            let fitting = several.iter().find(|takes| takes.fits(value));
            check(value, fitting.expect("it fits one of them"), problems);
        }
        Takes::Json
        | Takes::Whole(..)
        | Takes::Number
        | Takes::Share
        | Takes::Flag
        | Takes::True => {}
    }
}

/// The kind that the first key of an object tells.
pub(super) fn kind_of(value: &Value<'_>, choice: &Choice) -> Option<&'static Shape> {
    let there = |kind: &&Shape| value.member(kind.keys[0].word).is_some();
    choice.kinds.iter().find(there)
}

fn check_members(
    object: &Value<'_>,
    shape: &'static Shape,
    choice: Option<&Choice>,
    problems: &mut Vec<Problem>,
) {
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in object.members() {
        if seen.contains(&name) {
            problems.push(value.problem_of_name(format!("`{name}` stands here twice")));
            continue;
        }
        match shape.key(&name) {
            Some(key) => check(&value, &key.takes, problems),
            None => {
                let text = unknown_key(&name, shape, choice);
                problems.push(value.problem_of_name(text));
            }
        }
        seen.push(name);
    }
    for key in shape.keys.iter().filter(|key| key.required) {
        if !seen.iter().any(|name| name == key.word) {
            problems.push(object.problem(format!("{} has no `{}`", shape.noun, key.word)));
        }
    }
}

fn unknown_key(name: &str, shape: &Shape, choice: Option<&Choice>) -> String {
    let lead = shape.keys[0].word;
    let mut others = choice.iter().flat_map(|choice| choice.kinds);
    if let Some(other) = others.find(|kind| kind.key(name).is_some()) {
        return match other.keys[0].word {
            other if other == name => format!("`{name}` and `{lead}` exclude each other"),
            other => format!("`{name}` belongs beside `{other}`, and this has `{lead}`"),
        };
    }
    let known = || shape.keys.iter().map(|key| key.word);
    let unknown = UnknownWord::new(name, "key", known());
    match unknown.nearest() {
        Some(_) => unknown.to_string(),
        None => format!(
            "unknown key `{name}`: {} has {}",
            shape.noun,
            listed(known())
        ),
    }
}

/// None of the keys that tell what it is: perhaps one is spelled wrong.
fn without_lead(object: &Value<'_>, choice: &Choice) -> Problem {
    let known = || {
        choice
            .kinds
            .iter()
            .flat_map(|kind| kind.keys)
            .map(|key| key.word)
    };
    for (name, value) in object.members() {
        if known().all(|word| word != name) {
            let unknown = UnknownWord::new(&name, "key", known());
            if unknown.nearest().is_some() {
                return value.problem_of_name(unknown.to_string());
            }
        }
    }
    object.problem(format!(
        "{} has one of {}",
        choice.noun,
        listed(choice.leads())
    ))
}

impl Takes {
    /// Whether the value is of the right kind, and in range where that is all there is to it.
    fn fits(&self, value: &Value<'_>) -> bool {
        let kind = value.kind();
        match self {
            Self::Json => true,
            Self::Form(_) | Self::Text | Self::Word(_) => kind == ValueKind::Text,
            Self::Whole(least, most) => {
                let number = value.raw().parse();
                kind == ValueKind::Number
                    && number.is_ok_and(|number| (*least..=*most).contains(&number))
            }
            Self::Number => {
                let number = value.raw().parse::<f64>();
                kind == ValueKind::Number
                    && number.is_ok_and(|number| number.is_finite() && number >= 0.0)
            }
            Self::Share => {
                let number = value.raw().parse::<f64>();
                kind == ValueKind::Number
                    && number.is_ok_and(|number| (0.0..=1.0).contains(&number))
            }
            Self::Flag => kind == ValueKind::Flag,
            Self::True => value.raw() == "true",
            Self::List(_) => kind == ValueKind::Array,
            Self::Object(_) | Self::Choice(_) => kind == ValueKind::Object,
            Self::Either(several) => several.iter().any(|takes| takes.fits(value)),
        }
    }
}

/// `text`, `a whole number from 1`, `an object with one of ..`.
pub(super) fn expected(takes: &Takes) -> String {
    match takes {
        Takes::Json => "any JSON".to_owned(),
        Takes::Text => "text".to_owned(),
        Takes::Form(form) => format!("{} as in `{}`", form.noun, form.example),
        Takes::Word(words) => format!("the word of a {}", words.noun),
        Takes::Whole(least, u64::MAX) => format!("a whole number from {least}"),
        Takes::Whole(least, most) => format!("a whole number from {least} to {most}"),
        Takes::Number => "a number from 0".to_owned(),
        Takes::Share => "a number from 0 to 1".to_owned(),
        Takes::Flag => "`true` or `false`".to_owned(),
        Takes::True => "`true`".to_owned(),
        Takes::List(_) => "an array".to_owned(),
        Takes::Object(shape) => format!(
            "an object with {}",
            listed(shape.keys.iter().map(|key| key.word))
        ),
        Takes::Choice(choice) => format!("an object with one of {}", listed(choice.leads())),
        Takes::Either(several) => {
            let several: Vec<_> = several.iter().map(expected).collect();
            several.join(" or ")
        }
    }
}

/// `5`, `"two"`, `an object`.
fn described(value: &Value<'_>) -> String {
    match value.kind() {
        ValueKind::Array => "an array".to_owned(),
        ValueKind::Object => "an object".to_owned(),
        ValueKind::Flag | ValueKind::Null | ValueKind::Number | ValueKind::Text => {
            match value.raw().char_indices().nth(40) {
                Some((end, _)) => format!("{}…", &value.raw()[..end]),
                None => value.raw().to_owned(),
            }
        }
    }
}

/// `` `a`, `b` and `c` ``.
pub(super) fn listed(words: impl Iterator<Item = &'static str>) -> String {
    let words: Vec<_> = words.map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
