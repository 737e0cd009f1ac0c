//! From a document whose shape is right to rules.
//!
//! What is wrong here is what no shape says: a function that is none, a reason that an error has not. It is refused in the words with
//! which the verb of the same name panics.

mod chaos;
mod constraints;
mod function_error;
mod head;
mod reply;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

pub(super) use self::constraints::ReadConstraint;
pub(super) use self::head::builder;
use super::document::{Problem, Value, ValueKind};
use super::shape::{Choice, kind_of};
use super::vocabulary::CONDITION;
use crate::aws::target::Target;
use crate::aws::versions::Versions;
use crate::behavior::chaos::Chaos;
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::reply::reply::Reply;
use crate::request::matchers::{self, Condition};

/// A rule as it was read.
pub(super) struct Loaded {
    pub(super) target: Option<Target>,
    pub(super) conditions: Vec<Condition>,
    pub(super) name: Option<Arc<str>>,
    pub(super) written_at: Location,
    pub(super) steps: Vec<(Reply, Option<u64>)>,
    pub(super) expected_calls: Option<Count>,
    pub(super) expected_attempts: Option<Count>,
}

/// A version or alias as it was read.
pub(super) enum Declared {
    Version(Target),
    Alias {
        target: Target,
        version: String,
        additional: Vec<(String, f64)>,
    },
}

/// Reads every rule, or what is wrong with each.
pub(super) fn rules(root: &Value<'_>) -> Result<Vec<Loaded>, Vec<Problem>> {
    let rules = root.member("rules");
    let rules = rules
        .iter()
        .flat_map(Value::items)
        .map(|value| rule(&value));
    collected(rules)
}

/// Reads every constraint, or what is wrong with each.
pub(super) fn constraints(root: &Value<'_>) -> Result<Vec<ReadConstraint>, Vec<Problem>> {
    let constraints = root.member("constraints");
    collected(
        constraints
            .iter()
            .flat_map(Value::items)
            .map(|value| constraints::constraint(&value)),
    )
}

/// Reads all chaos, or what is wrong with each.
pub(super) fn chaos(root: &Value<'_>) -> Result<Vec<(Chaos, Location)>, Vec<Problem>> {
    let chaos = root.member("chaos");
    collected(
        chaos
            .iter()
            .flat_map(Value::items)
            .map(|value| chaos::chaos(&value)),
    )
}

/// Reads every version and alias, or what is wrong with each.
pub(super) fn versions(root: &Value<'_>) -> Result<Vec<Declared>, Vec<Problem>> {
    // Whether a declaration is refused does not depend on those before it, so a set of its own finds out.
    let mut tried = Versions::default();
    let versions = root.member("versions");
    let versions = versions.iter().flat_map(Value::items).map(|value| {
        let target = target(&value)?;
        let declared = Declared::Version(target);
        declare(&declared, &mut tried).map_err(|text| value.problem(text))?;
        Ok(declared)
    });
    let versions: Vec<_> = versions.collect();
    let aliases = root.member("aliases");
    let aliases = aliases.iter().flat_map(Value::items).map(|value| {
        let declared = alias(&value)?;
        declare(&declared, &mut tried).map_err(|text| value.problem(text))?;
        Ok(declared)
    });
    let aliases: Vec<_> = aliases.collect();
    collected(versions.into_iter().chain(aliases))
}

/// Declares a version or an alias.
pub(super) fn declare(declared: &Declared, versions: &mut Versions) -> Result<(), String> {
    let refused = match declared {
        Declared::Version(target) => versions.publish(target.clone()),
        Declared::Alias {
            target,
            version,
            additional,
        } => {
            let routes = additional.iter();
            versions.alias(target.clone(), version).and_then(|()| {
                routes
                    .into_iter()
                    .try_for_each(|(version, share)| versions.route(target, version, *share))
            })
        }
    };
    refused.map_err(|error| error.to_string())
}

fn alias(value: &Value<'_>) -> Result<Declared, Problem> {
    let additional = value.member("additional_version");
    let additional = additional.iter().flat_map(Value::items).map(|value| {
        let share = value.needed("share");
        Ok((
            value.needed("version").text()?,
            share
                .raw()
                .parse()
                .map_err(|_| share.problem("this is no number"))?,
        ))
    });
    Ok(Declared::Alias {
        target: target(&value.needed("alias"))?,
        version: value.needed("version").text()?,
        additional: additional.collect::<Result<_, Problem>>()?,
    })
}

fn rule(value: &Value<'_>) -> Result<Loaded, Problem> {
    let (mut conditions, first) = match value.member("deny") {
        Some(deny) => {
            let condition = matchers::any_invocation_type().written(deny.location());
            (vec![condition], Reply::denied())
        }
        None => (Vec::new(), reply::reply(&value.needed("reply"))?),
    };
    for value in value.member("when").iter().flat_map(Value::items) {
        conditions.push(condition(&value)?);
    }
    let mut steps = vec![(first, times(value))];
    for step in value.member("then").iter().flat_map(Value::items) {
        steps.push((reply::reply(&step.needed("reply"))?, times(&step)));
    }
    let named = value.member("on").or_else(|| value.member("deny"));
    Ok(Loaded {
        target: named.as_ref().map(target).transpose()?,
        conditions,
        name: match value.member("named") {
            Some(name) => Some(name.text()?.into()),
            None => None,
        },
        written_at: value.location(),
        steps,
        expected_calls: value
            .member("expect_calls")
            .as_ref()
            .map(count)
            .transpose()?,
        expected_attempts: value
            .member("expect_attempts")
            .as_ref()
            .map(count)
            .transpose()?,
    })
}

fn condition(value: &Value<'_>) -> Result<Condition, Problem> {
    let (name, argument) = value.first_of(&CONDITION);
    let json = || -> Result<serde_json::Value, Problem> {
        serde_json::from_str(&argument.compact()).map_err(|error| {
            argument.problem(format!("no payload can be compared with this: {error}"))
        })
    };
    let condition = match name {
        "payload_is" => matchers::payload_is(json()?),
        "payload_partial" => matchers::payload_partial(json()?),
        "client_context_partial" => matchers::client_context_partial(json()?),
        "invocation_type" => matchers::invocation_type(argument.text()?),
        "log_type" => matchers::log_type(argument.text()?),
        "attempt" => matchers::attempt(argument.number()),
        "signing_region" => matchers::signing_region(argument.text()?),
        "access_key_id" => matchers::access_key_id(argument.text()?),
        "header_contains" => {
            matchers::header_contains(argument.text()?, value.needed("text").text()?)
        }
        other => unreachable!("the vocabulary has no condition `{other}`"),
    };
    Ok(condition.written(value.location()))
}

fn target(value: &Value<'_>) -> Result<Target, Problem> {
    let text = value.text()?;
    text.parse()
        .map_err(|error| value.problem(format!("`{text}` is no function: {error}")))
}

fn times(step: &Value<'_>) -> Option<u64> {
    step.member("times").map(|times| times.number())
}

fn count(value: &Value<'_>) -> Result<Count, Problem> {
    let bound = |word| value.member(word).map(|bound| bound.number());
    let (least, most) = match value.raw() {
        "{" => (bound("at_least"), bound("at_most")),
        _ => (Some(value.number()), Some(value.number())),
    };
    if least.is_none() && most.is_none() {
        return Err(value.problem("a range has `at_least`, `at_most` or both"));
    }
    let count = Count::between(least.unwrap_or(0), most);
    match count.is_possible() {
        true => Ok(count),
        false => Err(value.problem(format!("no number of times is {count}"))),
    }
}

fn bytes(value: &Value<'_>) -> Result<Bytes, Problem> {
    if value.kind() == ValueKind::Text {
        return Ok(value.text()?.into());
    }
    let base64 = value.needed("base64");
    let decoded = BASE64_STANDARD.decode(base64.text()?);
    let decoded = decoded.map_err(|error| base64.problem(format!("this is no base64: {error}")))?;
    Ok(decoded.into())
}

/// `50ms`: a whole number and its unit.
fn duration(value: &Value<'_>) -> Result<Duration, Problem> {
    let text = value.text()?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let nanos: Option<u128> = match unit {
        "ns" => Some(1),
        "us" => Some(1_000),
        "ms" => Some(1_000_000),
        "s" => Some(1_000_000_000),
        "m" => Some(60_000_000_000),
        "h" => Some(3_600_000_000_000),
        _ => None,
    };
    let nanos = nanos.filter(|_| digits > 0).ok_or_else(|| {
        value.problem(format!("`{text}` is no duration: write a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`, as in `50ms`"))
    })?;
    let exact = || {
        let all = number.parse::<u128>().ok()?.checked_mul(nanos)?;
        let seconds = u64::try_from(all / 1_000_000_000).ok()?;
        Some(Duration::new(seconds, (all % 1_000_000_000) as u32))
    };
    exact().ok_or_else(|| value.problem(format!("`{text}` is too long for a duration")))
}

/// All of them, or what is wrong with each.
fn collected<T>(results: impl Iterator<Item = Result<T, Problem>>) -> Result<Vec<T>, Vec<Problem>> {
    let (mut read, mut problems) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(one) => read.push(one),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(read)
    } else {
        Err(problems)
    }
}

impl<'d> Value<'d> {
    /// A member that the shape requires.
    fn needed(&self, word: &str) -> Value<'d> {
        self.member(word)
            .unwrap_or_else(|| panic!("the shape requires `{word}`"))
    }

    /// The key that tells which of a choice it is, and its value.
    fn first_of(&self, choice: &Choice) -> (&'static str, Value<'d>) {
        let kind = kind_of(self, choice).expect("the shape is one of the choice");
        let word = kind.keys[0].word;
        (word, self.needed(word))
    }

    /// A number that the shape has found in range.
    fn number<N: std::str::FromStr>(&self) -> N {
        let number = self.raw().parse();
        number.unwrap_or_else(|_| {
            panic!(
                "the shape takes numbers that fit here, and not {}",
                self.raw()
            )
        })
    }

    /// A number of bytes or the like.
    fn size(&self) -> Result<usize, Problem> {
        let number: u64 = self.number();
        usize::try_from(number).map_err(|_| self.problem("no memory of this machine is that large"))
    }
}
