//! Every key and word of a scenario, each in one entry: the table for the parser, the writer, the
//! JSON Schema and the page.
//!
//! A key has the name of a method, whose documentation describes the effect; words are the names of
//! enum variants.

mod chaos;
mod conditions;
mod constraints;
mod events;
mod fake;
mod faults;
mod function_errors;
mod replies;
mod rules;
mod streams;
mod values;
mod versions;

use self::constraints::ScopedSetting;
use self::events::TargetConfig;
#[cfg(test)]
pub(super) use self::faults::PLAIN;
pub(super) use self::rules::LocatedRule;
pub(super) use self::values::Located;
pub(super) use self::versions::Published;
use super::document::{Problem, Value};
use super::entry::{AnySection, Argument, Code, Section, optional};
use super::print::Out;
use super::shape::{Key, Kind, Object, Takes};
use crate::api::fake::Builder;
use crate::aws::versions::Declared;
use crate::behavior::chaos::Chaos;

/// The whole file.
pub(super) const SCENARIO: Takes = Takes::Object(scenario);

/// The contents that a file adds to a fake, or that are written from a fake.
#[derive(Default)]
pub(super) struct Scenario {
    pub(super) versions: Vec<Published>,
    pub(super) aliases: Vec<Declared>,
    pub(super) events: Vec<Located<TargetConfig>>,
    pub(super) constraints: Vec<Located<ScopedSetting>>,
    pub(super) chaos: Vec<Located<Chaos>>,
    pub(super) rules: Vec<LocatedRule>,
}

fn scenario() -> Object {
    let mut keys = vec![
        optional("$schema", Takes::Text, "Where this schema is, for editors."),
        optional(
            "description",
            Takes::Text,
            "The purpose of the scenario; nothing reads it.",
        ),
        fake(),
    ];
    keys.extend(SECTIONS.iter().map(|section| section.key()));
    Object {
        noun: "a scenario",
        about: "The answers of a fake, as data.",
        kinds: vec![Kind {
            about: "",
            keys,
            refuses: None,
        }],
        least_members: 0,
    }
}

fn fake() -> Key {
    optional(
        "fake",
        Builder::takes(),
        "Settings for the start of a fake; only `FakeLambda::from_scenario` accepts them.",
    )
}

/// The sections, in the order in which they are written.
const SECTIONS: &[&dyn AnySection<Scenario>] = &[
    &Section::<Scenario, Published> {
        word: "versions",
        about: "Published versions, each as in `resize:7`, as `publish_version` declares them.",
        list: |scenario| &mut scenario.versions,
    },
    &Section::<Scenario, Declared> {
        word: "aliases",
        about: "Aliases and the versions they run, as `alias` declares them.",
        list: |scenario| &mut scenario.aliases,
    },
    &Section::<Scenario, Located<TargetConfig>> {
        word: "events",
        about: "How functions treat their events: `event_invoke_config`.",
        list: |scenario| &mut scenario.events,
    },
    &Section::<Scenario, Located<ScopedSetting>> {
        word: "constraints",
        about: "Limits, function states and starts of environments.",
        list: |scenario| &mut scenario.constraints,
    },
    &Section::<Scenario, Located<Chaos>> {
        word: "chaos",
        about: "Random faults, errors and delays, oldest first; the newest is tried first.",
        list: |scenario| &mut scenario.chaos,
    },
    &RULES,
];

const RULES: Section<Scenario, LocatedRule> = Section {
    word: "rules",
    about: "The rules, oldest first; of two equally specific rules the later one answers.",
    list: |scenario| &mut scenario.rules,
};

/// The fake's own settings in a file.
pub(super) fn fake_of<'d>(root: &Value<'d>) -> Option<Value<'d>> {
    root.member(fake().word)
}

impl Scenario {
    /// Reads a file of the right shape, or lists the mistakes in each of its elements.
    pub(super) fn read(root: &Value<'_>) -> Result<Self, Vec<Problem>> {
        let (mut scenario, mut problems) = (Self::default(), Vec::new());
        for section in SECTIONS {
            section.read(root, &mut scenario, &mut problems);
        }
        match problems.is_empty() {
            true => Ok(scenario),
            false => Err(problems),
        }
    }

    /// Writes the sections; empty ones are omitted, except the rules.
    pub(super) fn write(&mut self, code: &mut Code) -> Out {
        let sections = SECTIONS.iter().map(|section| {
            let word = section.key().word;
            (word, section.write(self, code))
        });
        let sections = sections.filter(|(word, list)| *word == RULES.word || !list.is_empty());
        Out::object(
            sections
                .map(|(word, list)| (word, Out::Array(list)))
                .collect(),
        )
    }
}
