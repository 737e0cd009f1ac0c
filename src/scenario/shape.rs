//! The shapes of a scenario's values, and the check of a value against its shape.
//!
//! The shapes come from the entries of `vocabulary`. A file is checked against them here, and the
//! JSON Schema and the vocabulary page are printed from them, so the three always agree.

use super::document::{Problem, Value, ValueKind};
use crate::ground::nearest::UnknownWord;

/// The values that are allowed at one point of a scenario.
#[derive(Clone, Copy)]
pub(super) enum Takes {
    /// Any JSON, kept as written.
    Json,
    /// Any text.
    Text,
    /// A string of one form.
    Form(&'static Form),
    /// One of a closed set of words, and the noun for such a word.
    Word(&'static str, fn() -> Vec<&'static str>),
    /// A whole number from the first to the second.
    Whole(u64, u64),
    /// A number from 0.
    Number,
    /// A number from 0 to 1.
    Share,
    /// `true` or `false`.
    Flag,
    /// `true`; presence of the key is what counts.
    True,
    Null,
    List(fn() -> Takes),
    Object(fn() -> Object),
    /// One of several shapes with different kinds of JSON.
    Either(&'static [fn() -> Takes]),
    /// A shape, and the mistake in a value that has it.
    Checked(fn() -> Takes, fn(&Value<'_>) -> Option<Problem>),
}

/// A string of one form.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "only used by the JSON Schema and the page")
)]
pub(super) struct Form {
    /// The noun for such a text, with its article: `a duration`.
    pub(super) noun: &'static str,
    /// The pattern that every such text matches.
    pub(super) pattern: &'static str,
    pub(super) most_bytes: Option<usize>,
    pub(super) example: &'static str,
}

/// An object with known members. If it has several kinds, the first key of each identifies the
/// kind.
pub(super) struct Object {
    /// Its name in the schema and in mistakes.
    pub(super) noun: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "only used by the JSON Schema and the page")
    )]
    pub(super) about: &'static str,
    pub(super) kinds: Vec<Kind>,
    /// The least number of members, for an object in which no single key is required.
    pub(super) least_members: usize,
}

/// One kind of an object.
pub(super) struct Kind {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "only used by the JSON Schema and the page")
    )]
    pub(super) about: &'static str,
    pub(super) keys: Vec<Key>,
    /// `None` if such an object is only refused as a whole.
    pub(super) refuses: Option<&'static dyn Refuses>,
}

/// A kind whose parts and options can be refused.
pub(super) trait Refuses {
    /// Returns the refusals of an object of which only these keys can be read.
    fn refusals(&self, object: &Value<'_>, readable: &[String]) -> Vec<Problem>;
}

/// A member of an object.
#[derive(Clone, Copy)]
pub(super) struct Key {
    pub(super) word: &'static str,
    pub(super) takes: Takes,
    pub(super) required: bool,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "only used by the JSON Schema and the page")
    )]
    pub(super) about: &'static str,
}

impl Kind {
    /// The key that identifies the kind.
    pub(super) fn lead(&self) -> &'static str {
        self.keys[0].word
    }

    fn key(&self, word: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.word == word)
    }

    pub(super) fn words(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.keys.iter().map(|key| key.word)
    }

    fn refusals(&self, object: &Value<'_>, readable: &[String]) -> Vec<Problem> {
        self.refuses
            .map_or_else(Vec::new, |kind| kind.refusals(object, readable))
    }
}

impl Object {
    /// The keys that identify the kinds; empty if there is one kind.
    pub(super) fn leads(&self) -> Vec<&'static str> {
        match &*self.kinds {
            [_] => Vec::new(),
            kinds => kinds.iter().map(Kind::lead).collect(),
        }
    }

    /// What it is called, without an article.
    fn name(&self) -> &'static str {
        let articles = ["a ", "an "].into_iter();
        let mut names = articles.filter_map(|article| self.noun.strip_prefix(article));
        names.next().unwrap_or(self.noun)
    }

    /// The kind of an object.
    pub(super) fn kind_of(&self, value: &Value<'_>) -> Option<usize> {
        let is_there = |kind: &Kind| value.member(kind.lead()).is_some();
        match self.kinds.len() {
            1 => Some(0),
            _ => self.kinds.iter().position(is_there),
        }
    }

    /// `a, b and c`, or `one of a, b and c`.
    fn described(&self) -> String {
        match &*self.kinds {
            [only] => listed(only.words()),
            _ => format!("one of {}", listed(self.leads())),
        }
    }
}

/// The mistakes that a check finds.
pub(super) struct Problems {
    pub(super) all: Vec<Problem>,
    /// Whether values are also read, which finds those of the right shape that are refused.
    reads: bool,
}

impl Problems {
    /// Creates an empty list for a check that finds every mistake.
    pub(super) fn complete() -> Self {
        Self {
            all: Vec::new(),
            reads: true,
        }
    }

    /// Creates an empty list for a check of the shape only.
    #[cfg(test)]
    pub(super) fn of_shape() -> Self {
        Self {
            all: Vec::new(),
            reads: false,
        }
    }

    fn push(&mut self, problem: Problem) {
        self.all.push(problem);
    }

    fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.all.extend(problems);
    }
}

/// Adds every mistake in the value and in its children. Returns `true` if the value can be read.
pub(super) fn check(value: &Value<'_>, takes: Takes, problems: &mut Problems) -> bool {
    if !takes.fits(value) {
        let got = described(value);
        problems.push(value.problem(format!("expected {}, got {got}", expected(takes))));
        return false;
    }
    let before = problems.all.len();
    match takes {
        Takes::Checked(shape, mistake) => {
            let shape = shape();
            return check(value, shape, problems) && check_read(value, shape, mistake, problems);
        }
        Takes::Form(_) | Takes::Text => problems.extend(value.text().err()),
        Takes::Word(noun, words) => {
            let known = words();
            match value.text() {
                Ok(word) if known.contains(&&*word) => {}
                Ok(word) => {
                    let unknown = UnknownWord::new(&word, noun, known);
                    problems.push(value.problem(unknown.message()));
                }
                Err(problem) => problems.push(problem),
            }
        }
        Takes::List(item) => {
            let mut can_read = true;
            for value in value.items() {
                can_read &= check(&value, item(), problems);
            }
            return can_read;
        }
        Takes::Object(object) => {
            let object = object();
            match object.kind_of(value) {
                Some(index) => {
                    return check_members(value, &object, &object.kinds[index], problems);
                }
                None => {
                    let missing = without_lead(value, &object);
                    problems.extend(unknown_members(value, &object, &missing));
                    problems.push(missing);
                }
            }
        }
        Takes::Either(several) => {
            let mut several = several.iter().map(|takes| takes());
            let fitting = several.find(|takes| takes.fits(value));
            return check(value, fitting.expect("it fits one of them"), problems);
        }
        Takes::Json
        | Takes::Whole(..)
        | Takes::Number
        | Takes::Share
        | Takes::Flag
        | Takes::True
        | Takes::Null => {}
    }
    problems.all.len() == before
}

/// Adds the mistake in a value of the right shape. If the value is an object with wrong options,
/// each option is checked by itself, and the mistakes of all options are added instead.
fn check_read(
    value: &Value<'_>,
    shape: Takes,
    mistake: fn(&Value<'_>) -> Option<Problem>,
    problems: &mut Problems,
) -> bool {
    let Some(problem) = Some(value).filter(|_| problems.reads).and_then(mistake) else {
        return true;
    };
    let refusals = match shape.of(value) {
        Takes::Object(object) => {
            let object = object();
            let index = object.kind_of(value).expect("it has the right shape");
            let names = value.members().into_iter().map(|(name, _)| name);
            object.kinds[index].refusals(value, &names.collect::<Vec<_>>())
        }
        Takes::Json
        | Takes::Text
        | Takes::Form(_)
        | Takes::Word(..)
        | Takes::Whole(..)
        | Takes::Number
        | Takes::Share
        | Takes::Flag
        | Takes::True
        | Takes::Null
        | Takes::List(_)
        | Takes::Either(_)
        | Takes::Checked(..) => Vec::new(),
    };
    match refusals.is_empty() {
        true => problems.push(problem),
        false => problems.extend(refusals),
    }
    false
}

/// Adds every mistake in the members of an object. Returns `true` if the object can be read; an
/// unknown key does not prevent that, because nothing looks for it.
fn check_members(
    object_value: &Value<'_>,
    object: &Object,
    kind: &Kind,
    problems: &mut Problems,
) -> bool {
    let mut seen: Vec<String> = Vec::new();
    let mut readable: Vec<String> = Vec::new();
    let mut can_read = true;
    for (name, value) in object_value.members() {
        if seen.contains(&name) {
            problems.push(
                value.problem_of_name(format!("duplicate key `{name}`; remove one of the two")),
            );
            can_read = false;
            continue;
        }
        match kind.key(&name) {
            Some(key) if check(&value, key.takes, problems) => readable.push(name.clone()),
            Some(_) => can_read = false,
            None => problems.push(value.problem_of_name(unknown_key(&name, object, kind))),
        }
        seen.push(name);
    }
    if seen.len() < object.least_members {
        problems.push(object_value.problem(format!(
            "missing key: {} needs at least one of {}",
            object.noun,
            listed(kind.words())
        )));
        can_read = false;
    }
    for key in kind.keys.iter().filter(|key| key.required) {
        if !seen.iter().any(|name| name == key.word) {
            problems.push(object_value.problem(format!("missing key `{}`", key.word)));
            can_read = false;
        }
    }
    if problems.reads && !can_read {
        problems.extend(kind.refusals(object_value, &readable));
    }
    can_read
}

fn unknown_key(name: &str, object: &Object, kind: &Kind) -> String {
    let lead = kind.lead();
    let with_key = object.kinds.iter().filter(|kind| kind.key(name).is_some());
    let others: Vec<_> = with_key.map(Kind::lead).collect();
    if others.contains(&name) {
        return format!("`{name}` cannot be combined with `{lead}`; remove one of the two");
    }
    if !others.is_empty() {
        return format!(
            "`{name}` is only allowed with {}, and this {} has `{lead}`",
            listed_with("or", others),
            object.name()
        );
    }
    let unknown = UnknownWord::new(name, "key", kind.words());
    match unknown.nearest() {
        Some(_) => unknown.to_string(),
        None => {
            let known = listed(kind.words());
            format!("unknown key `{name}`; {} takes {known}", object.noun)
        }
    }
}

/// The mistake in an object that has none of the keys that identify the kind: one of them is
/// misspelled or missing.
fn without_lead(value: &Value<'_>, object: &Object) -> Problem {
    let known = || object.kinds.iter().flat_map(Kind::words);
    for (name, value) in value.members() {
        if known().all(|word| word != name) {
            let unknown = UnknownWord::new(&name, "key", known());
            let mut leads = object.kinds.iter().map(Kind::lead);
            if leads.any(|lead| unknown.nearest() == Some(lead)) {
                return value.problem_of_name(unknown.to_string());
            }
        }
    }
    value.problem(format!(
        "missing key: {} needs {}",
        object.noun,
        object.described()
    ))
}

/// The keys that no kind of the object has, except the one that is already reported.
fn unknown_members(value: &Value<'_>, object: &Object, reported: &Problem) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, member) in value.members() {
        let is_known = object.kinds.iter().any(|kind| kind.key(&name).is_some());
        let words = object.kinds.iter().flat_map(Kind::words);
        let unknown = UnknownWord::new(&name, "key", words);
        let text = match unknown.nearest() {
            Some(_) => unknown.to_string(),
            None => format!("unknown key `{name}`; remove it"),
        };
        let problem = member.problem_of_name(text);
        if !is_known && problem.location != reported.location {
            problems.push(problem);
        }
    }
    problems
}

impl Takes {
    /// The shape without its checks.
    pub(super) fn shape(self) -> Self {
        match self {
            Self::Checked(shape, _) => shape().shape(),
            Self::Json
            | Self::Text
            | Self::Form(_)
            | Self::Word(..)
            | Self::Whole(..)
            | Self::Number
            | Self::Share
            | Self::Flag
            | Self::True
            | Self::Null
            | Self::List(_)
            | Self::Object(_)
            | Self::Either(_) => self,
        }
    }

    /// The shape that the value has, which is one of those that are allowed.
    fn of(self, value: &Value<'_>) -> Self {
        let shape = self.shape();
        let Self::Either(several) = shape else {
            return shape;
        };
        let mut several = several.iter().map(|takes| takes());
        let fitting = several.find(|takes| takes.fits(value));
        fitting.map_or(shape, |takes| takes.of(value))
    }

    /// Returns `true` if the value is of the right kind and, for shapes without children, in range.
    fn fits(self, value: &Value<'_>) -> bool {
        let kind = value.kind();
        match self {
            Self::Json => true,
            Self::Form(_) | Self::Text | Self::Word(..) => kind == ValueKind::Text,
            Self::Whole(least, most) => {
                let number = value.raw().parse();
                kind == ValueKind::Number
                    && number.is_ok_and(|number| (least..=most).contains(&number))
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
            Self::Null => kind == ValueKind::Null,
            Self::List(_) => kind == ValueKind::Array,
            Self::Object(_) => kind == ValueKind::Object,
            Self::Either(several) => several.iter().any(|takes| takes().fits(value)),
            Self::Checked(shape, _) => shape().fits(value),
        }
    }
}

/// `text`, `a whole number of at least 1`, `an object with one of ..`.
pub(super) fn expected(takes: Takes) -> String {
    match takes {
        Takes::Json => "any JSON".to_owned(),
        Takes::Text => "text".to_owned(),
        Takes::Form(form) => format!("{} as in `{}`", form.noun, form.example),
        Takes::Word(noun, _) => format!("the name of {}", with_article(noun)),
        Takes::Whole(least, u64::MAX) => format!("a whole number of at least {least}"),
        Takes::Whole(least, most) => format!("a whole number from {least} to {most}"),
        Takes::Number => "a number of at least 0".to_owned(),
        Takes::Share => "a number from 0 to 1".to_owned(),
        Takes::Flag => "`true` or `false`".to_owned(),
        Takes::True => "`true`".to_owned(),
        Takes::Null => "`null`".to_owned(),
        Takes::List(_) => "an array".to_owned(),
        Takes::Object(object) => format!("an object with {}", object().described()),
        Takes::Either(several) => {
            let several: Vec<_> = several.iter().map(|takes| expected(takes())).collect();
            several.join(" or ")
        }
        Takes::Checked(shape, _) => expected(shape()),
    }
}

/// `a fault`, `an invocation type`.
fn with_article(noun: &str) -> String {
    let article = match noun.starts_with(['a', 'e', 'i', 'o', 'u', 'A']) {
        true => "an",
        false => "a",
    };
    format!("{article} {noun}")
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
pub(super) fn listed(words: impl IntoIterator<Item = &'static str>) -> String {
    listed_with("and", words)
}

fn listed_with(before_last: &str, words: impl IntoIterator<Item = &'static str>) -> String {
    let words: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {before_last} {last}", others.join(", ")),
        None => String::new(),
    }
}
