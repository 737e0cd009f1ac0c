//! Compares our parser with the published pattern itself, for more names than a table has.

use std::sync::LazyLock;

use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use regex::bytes::{Regex, RegexBuilder};

use super::{
    NAME_LIMIT, NAME_PATTERN, QUALIFIER_PATTERN, Target, TargetError, is_qualifier, parts_of,
};
use crate::ground::same_cases::same_cases;

/// A pattern as the service uses it: anchored at both ends, and with `\d` for ASCII digits only.
fn whole(pattern: &str) -> Regex {
    let mut builder = RegexBuilder::new(&format!("^(?:{pattern})$"));
    builder
        .unicode(false)
        .build()
        .expect("the published pattern is a valid regular expression")
}

static NAME: LazyLock<Regex> = LazyLock::new(|| whole(NAME_PATTERN));
static QUALIFIER: LazyLock<Regex> = LazyLock::new(|| whole(QUALIFIER_PATTERN));

fn region() -> impl Strategy<Value = String> {
    "(eusc-)?[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]{1,5}-[0-9]"
}

fn account() -> impl Strategy<Value = String> {
    "[0-9]{12}"
}

/// Includes the words that have a meaning elsewhere in a name, where a parser is likely to go
/// wrong.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9_.-]{1,12}",
        1 => "function|arn|lambda|aws|us-east-1|eusc-de-east-1|[0-9]{12}",
        1 => "[a-z]{150,250}",
    ]
}

fn qualifier() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z0-9_-]{1,8}",
        2 => r"\$LATEST(\.PUBLISHED)?",
        1 => "function|us-east-1|[0-9]{12}",
    ]
}

/// The parts of a name in their order, each optional except the name itself.
fn grammatical() -> impl Strategy<Value = String> {
    let arn = option::of("arn:(aws[a-zA-Z-]{0,8})?:lambda:");
    let function = option::of(Just("function:"));
    (
        arn,
        option::of(region()),
        option::of(account()),
        function,
        name(),
        option::of(qualifier()),
    )
        .prop_map(|(arn, region, account, function, name, qualifier)| {
            let mut text = arn.unwrap_or_default();
            for part in [region, account].into_iter().flatten() {
                text += &format!("{part}:");
            }
            text += function.unwrap_or_default();
            text += &name;
            if let Some(qualifier) = qualifier {
                text += &format!(":{qualifier}");
            }
            text
        })
}

/// A name with up to two letters added, removed or replaced.
fn near_miss() -> impl Strategy<Value = String> {
    let letters = select(":::!@$.-_/ \n0aA9é٣".chars().collect::<Vec<_>>());
    let edit = (any::<Index>(), select(vec![0, 1]), option::of(letters));
    (grammatical(), proptest::collection::vec(edit, 1..3)).prop_map(|(text, edits)| {
        let mut letters: Vec<char> = text.chars().collect();
        for (index, removed, letter) in edits {
            let index = index.index(letters.len() + 1);
            let end = (index + removed).min(letters.len());
            letters.splice(index..end, letter);
        }
        letters.into_iter().collect()
    })
}

/// Regions and accounts with too many or too few parts, or parts that are too long or too short.
fn misshapen() -> impl Strategy<Value = String> {
    let region = prop_oneof![
        "(eusc-){0,2}[a-z]{1,3}(-gov|-iso[a-z]{0,2}){0,2}(-[a-z]{0,3}){0,2}-[0-9]{0,2}",
        "us-iso[a-z]{0,3}-east-1",
    ];
    let account = "[0-9]{11,13}:";
    (region, option::of(account), name()).prop_map(|(region, account, name)| {
        let account = account.unwrap_or_default();
        format!("arn:aws:lambda:{region}:{account}{name}")
    })
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![3 => grammatical(), 4 => near_miss(), 3 => misshapen(), 1 => "\\PC{0,20}"]
}

/// Region, account, name and qualifier as the pattern's groups capture them.
fn groups(text: &str) -> Option<[Option<String>; 4]> {
    let captures = NAME.captures(text.as_bytes())?;
    let group = |number: usize| {
        let bytes = captures.get(number)?.as_bytes();
        Some(String::from_utf8_lossy(bytes).trim_matches(':').to_owned())
    };
    Some([3, 9, 11, 13].map(group))
}

fn parts(target: &Target) -> [Option<String>; 4] {
    let owned = |part: &Option<_>| part.as_ref().map(<std::sync::Arc<str>>::to_string);
    [
        owned(&target.region),
        owned(&target.account),
        Some(target.name.to_string()),
        owned(&target.qualifier),
    ]
}

proptest! {
    #![proptest_config(same_cases(1_024))]

    #[test]
    fn a_name_parses_as_the_published_pattern_matches_it(text in any_name()) {
        prop_assert_eq!(parts_of(&text).as_ref().map(parts), groups(&text));
    }

    #[test]
    fn a_target_parses_if_the_pattern_matches_within_the_limit(text in any_name()) {
        let verdict = match text.len() {
            0 => Err(TargetError::Empty),
            length if length > NAME_LIMIT => Err(TargetError::TooLong(length)),
            _ if NAME.is_match(text.as_bytes()) => Ok(()),
            _ => Err(TargetError::Pattern),
        };
        prop_assert_eq!(text.parse::<Target>().map(drop), verdict);
    }

    #[test]
    fn a_qualifier_is_valid_if_the_published_pattern_matches(
        text in prop_oneof![qualifier(), "[$a-zA-Z0-9_.-]{0,6}", near_miss()]
    ) {
        prop_assert_eq!(is_qualifier(&text), QUALIFIER.is_match(text.as_bytes()));
    }

    #[test]
    fn a_printed_target_parses_to_its_parts(
        region in region(), account in account(), name in name(), qualifier in option::of(qualifier())
    ) {
        let target = Target {
            region: Some(region.as_str().into()),
            account: Some(account.as_str().into()),
            name: name.as_str().into(),
            qualifier: qualifier.as_deref().map(Into::into),
        };
        let arn = format!("arn:aws:lambda:{region}:{account}:function:{target}");
        prop_assert_eq!(parts_of(&arn), Some(target));
    }
}
