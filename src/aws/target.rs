//! The function that a rule or a request names: one parser for every form the service accepts.
//!
//! A name, a partial ARN, a full ARN and `name:qualifier` all become the same four parts, so a rule
//! and a request are compared part by part and never as text. Percent signs and the query are
//! handled in `invocation`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::ground::message::Message;

/// The pattern the service quotes when it refuses a function name.
///
/// Source: the service model's `NamespacedFunctionName`, and the text recorded from the service in
/// November 2025.
pub(crate) const NAME_PATTERN: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";

/// The pattern the service quotes when it refuses a qualifier.
pub(crate) const QUALIFIER_PATTERN: &str = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";

/// The longest function name, ARN included, in bytes.
pub(crate) const NAME_LIMIT: usize = 256;

/// The longest qualifier in bytes.
pub(crate) const QUALIFIER_LIMIT: usize = 128;

/// A function, optionally with its version or alias, region and account.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Target {
    pub(crate) region: Option<Arc<str>>,
    pub(crate) account: Option<Arc<str>>,
    pub(crate) name: Arc<str>,
    pub(crate) qualifier: Option<Arc<str>>,
}

/// The reason why a string does not name a function.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum TargetError {
    Empty,
    TooLong(usize),
    Pattern,
}

impl Target {
    /// Returns `true` if a rule for `self` answers a request for `request`, whose region and
    /// account are filled in.
    ///
    /// A part that the rule omits matches anything. An unqualified request runs `$LATEST`, so
    /// `$LATEST` matches it.
    pub(crate) fn covers(&self, request: &Self) -> bool {
        self.covers_function(request) && self.covers_qualifier(request.qualifier.as_deref())
    }

    /// Returns `true` if both name the same function, regardless of qualifiers.
    pub(crate) fn covers_function(&self, request: &Self) -> bool {
        let same =
            |own: &Option<Arc<str>>, theirs: &Option<Arc<str>>| own.is_none() || own == theirs;
        self.name == request.name
            && same(&self.region, &request.region)
            && same(&self.account, &request.account)
    }

    /// The functions of this name, whatever their qualifier, region and account are.
    pub(crate) fn by_name(&self) -> Self {
        Self {
            region: None,
            account: None,
            name: self.name.clone(),
            qualifier: None,
        }
    }

    /// A string that parses to this target.
    pub(crate) fn written(&self) -> String {
        let place = [&self.region, &self.account].into_iter().flatten();
        let place: String = place.map(|part| format!("{part}:")).collect();
        // Before a qualifier, a name of twelve digits would be read as an account, and `function`
        // as a part of the ARN.
        let forms = [format!("{place}{self}"), format!("{place}function:{self}")];
        let is_same = |form: &&String| form.parse().as_ref() == Ok(self);
        let shortest = forms.iter().find(is_same);
        shortest.unwrap_or(&forms[1]).clone()
    }

    /// Returns `true` if some request matches both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let meet = |own: &Option<Arc<str>>, theirs: &Option<Arc<str>>| {
            own.is_none() || theirs.is_none() || own == theirs
        };
        self.name == other.name
            && meet(&self.region, &other.region)
            && meet(&self.account, &other.account)
            && meet(&self.qualifier, &other.qualifier)
    }

    /// Returns `true` if a rule for `self` answers this qualifier of its function.
    pub(crate) fn covers_qualifier(&self, asked: Option<&str>) -> bool {
        match self.qualifier.as_deref() {
            None => true,
            Some("$LATEST") => matches!(asked, None | Some("$LATEST")),
            Some(own) => asked == Some(own),
        }
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        if text.is_empty() {
            return Err(TargetError::Empty);
        }
        if text.len() > NAME_LIMIT {
            return Err(TargetError::TooLong(text.len()));
        }
        parts_of(text).ok_or(TargetError::Pattern)
    }
}

/// Parses a target that a test wrote, or panics at its line.
#[track_caller]
pub(crate) fn target_of(text: &str) -> Target {
    match text.parse() {
        Ok(target) => target,
        Err(error) => {
            let error: TargetError = error;
            panic!("{}", error.message(text))
        }
    }
}

/// Splits a function name of any length as the service's pattern does.
pub(crate) fn parts_of(text: &str) -> Option<Target> {
    if is_name(text) {
        return Some(Target {
            region: None,
            account: None,
            name: text.into(),
            qualifier: None,
        });
    }
    let rest = strip_arn_prefix(text).unwrap_or(text);
    let (region, after_region) = strip_segment(rest, is_region);
    let (account, after_account) = strip_segment(after_region, is_account);
    let (_, after_function) = strip_segment(after_account, |segment| segment == "function");
    // The optional parts are greedy, as in the pattern. If nothing that can be a name follows them,
    // the last of them is the name: `function:$LATEST` is a function called `function`.
    let readings = [
        (after_function, region, account),
        (after_account, region, account),
        (after_region, region, None),
        (rest, None, None),
    ];
    readings.into_iter().find_map(|(tail, region, account)| {
        let (name, qualifier) = name_and_qualifier(tail)?;
        Some(Target {
            region: region.map(Arc::from),
            account: account.map(Arc::from),
            name: name.into(),
            qualifier: qualifier.map(Arc::from),
        })
    })
}

/// `name` or `name:qualifier`, the form in which every report prints a target.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.qualifier {
            Some(qualifier) => write!(f, ":{qualifier}"),
            None => Ok(()),
        }
    }
}

impl TargetError {
    /// Why this text does not name a function.
    pub(crate) fn message(&self, text: &str) -> Message {
        const FORMS: &str = "use a name, `name:qualifier`, partial ARN or ARN; names have letters, digits, `-`, `_` and `.`";
        match self {
            Self::Empty => Message::new("the name of the function is empty", FORMS),
            Self::TooLong(length) => Message::new(
                format!("the name of the function has {length} bytes"),
                format!("use at most {NAME_LIMIT} bytes: the service accepts no more"),
            ),
            Self::Pattern => Message::new(
                format!(
                    "`{text}` is not a valid function name: {}",
                    wrong_part(text)
                ),
                FORMS,
            ),
        }
    }
}

/// Returns `true` if only a region or an account precedes `function` in a partial ARN.
fn has_valid_place(text: &str) -> bool {
    let Some((before, _)) = text.split_once(":function:") else {
        return true;
    };
    match before.split_once(':') {
        Some((region, account)) => is_region(region) && is_account(account),
        None => is_region(before) || is_account(before),
    }
}

/// The reason why a string is not the name of a function: which part of it is wrong.
fn wrong_part(text: &str) -> String {
    let is_allowed = |letter: &char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | ':' | '$')
    };
    let after_place = text.split_once(":function:").map(|(_, rest)| rest);
    match text.chars().find(|letter| !is_allowed(letter)) {
        Some(' ') => "spaces are not allowed".to_owned(),
        Some(letter) => format!("`{}` is not allowed", letter.escape_debug()),
        None if text.starts_with("arn:") => "this is not the ARN of a function".to_owned(),
        None if !has_valid_place(text) => {
            let before = text.split(":function:").next().unwrap_or(text);
            format!("`{before}` is not a region, an account id of twelve digits, or both")
        }
        None if after_place == Some("") => "the name is empty".to_owned(),
        None => match after_place.unwrap_or(text).rsplit_once(':') {
            Some((_, "")) => "the qualifier is empty".to_owned(),
            Some((_, qualifier))
                if !qualifier.bytes().all(is_word)
                    && !matches!(qualifier, "$LATEST" | "$LATEST.PUBLISHED") =>
            {
                format!(
                    "`{qualifier}` is not a version, an alias, `$LATEST` or `$LATEST.PUBLISHED`"
                )
            }
            Some(("", _)) => "the name is empty".to_owned(),
            // Without another colon, only a `$` can make the name invalid.
            Some((name, _)) if !name.contains(':') => {
                "`$` is allowed only in `$LATEST`, after a colon".to_owned()
            }
            Some(_) => "it has too many parts".to_owned(),
            None => "`$` is allowed only in `$LATEST`, after a colon".to_owned(),
        },
    }
}

/// Returns `true` if this matches the service's pattern of a `Qualifier` in a query; its length is
/// checked separately.
pub(crate) fn is_qualifier(text: &str) -> bool {
    text == "$LATEST.PUBLISHED"
        || (!text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'$')))
}

fn strip_arn_prefix(text: &str) -> Option<&str> {
    let (partition, rest) = text.strip_prefix("arn:")?.split_once(':')?;
    let rest = rest.strip_prefix("lambda:")?;
    let known = partition.is_empty()
        || partition.strip_prefix("aws").is_some_and(|more| {
            more.bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
        });
    known.then_some(rest)
}

/// Removes the first segment and the colon after it, if there is a colon and the segment `fits`.
fn strip_segment(text: &str, fits: impl Fn(&str) -> bool) -> (Option<&str>, &str) {
    match text.split_once(':') {
        Some((segment, rest)) if fits(segment) => (Some(segment), rest),
        _ => (None, text),
    }
}

fn is_region(segment: &str) -> bool {
    let segment = segment.strip_prefix("eusc-").unwrap_or(segment);
    let Some((country, rest)) = segment.split_once('-') else {
        return false;
    };
    let lower = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase());
    if country.len() != 2 || !lower(country) {
        return false;
    }
    let place_and_number = |text: &str| {
        text.rsplit_once('-').is_some_and(|(index, number)| {
            lower(index) && number.len() == 1 && number.as_bytes()[0].is_ascii_digit()
        })
    };
    if place_and_number(rest) {
        return true;
    }
    match rest.split_once('-') {
        Some(("gov", rest)) => place_and_number(rest),
        Some((isolated, rest)) => {
            isolated
                .strip_prefix("iso")
                .is_some_and(|letter| letter.is_empty() || (letter.len() == 1 && lower(letter)))
                && place_and_number(rest)
        }
        None => false,
    }
}

fn is_account(segment: &str) -> bool {
    segment.len() == 12 && segment.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn name_and_qualifier(text: &str) -> Option<(&str, Option<&str>)> {
    let (name, qualifier) = match text.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (text, None),
    };
    let good_qualifier = qualifier.is_none_or(|text| {
        matches!(text, "$LATEST" | "$LATEST.PUBLISHED")
            || (!text.is_empty() && text.bytes().all(is_word))
    });
    (is_name(name) && good_qualifier).then_some((name, qualifier))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| is_word(byte) || byte == b'.')
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
