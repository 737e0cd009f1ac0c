//! From rules to the text of a scenario that reads as them.

mod chaos;
mod constraints;
mod function_error;
mod reply;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use self::chaos::written_chaos;
use self::constraints::written_constraint;
use super::print::Out;
use crate::aws::target::Target;
use crate::aws::versions::Declared;
use crate::behavior::chaos::Chaos;
use crate::behavior::constraints::{ConstraintData, Setting};
use crate::exchange::State;
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::record::finding::RuleLabel;
use crate::record::report::{self, Report};
use crate::reply::reply::Reply;
use crate::request::matchers::{Condition, Known};

/// What a fake was told, to be written outside its lock.
pub(super) struct Scripted {
    rules: Vec<Rule>,
    declared: Vec<Declared>,
    constraints: Vec<(Option<Target>, Setting)>,
    /// With its location where it draws behind one that was stopped.
    chaos: Vec<(Chaos, Option<Location>)>,
    /// What `event_invoke_config` was called for.
    event_configs: Vec<Target>,
}

struct Rule {
    label: RuleLabel,
    target: Option<Target>,
    conditions: Arc<[Condition]>,
    steps: Vec<(Arc<Reply>, Option<u64>)>,
    expected_calls: Option<Count>,
    expected_attempts: Option<Count>,
    expects_deliveries: bool,
}

/// The members of an object that is being written, and what no scenario can say.
struct Members<'a> {
    members: Vec<(&'static str, Out)>,
    code: &'a mut Vec<String>,
}

impl Scripted {
    pub(super) fn of(state: &State) -> Self {
        let live = state
            .behavior
            .rules
            .all()
            .filter(|(_, rule)| !rule.is_removed());
        let rules = live.map(|(id, rule)| Rule {
            label: RuleLabel::of(id, rule),
            target: rule.target.clone(),
            conditions: rule.conditions.clone(),
            steps: rule
                .steps()
                .map(|(reply, times)| (reply.clone(), times))
                .collect(),
            expected_calls: rule.expected_calls,
            expected_attempts: rule.expected_attempts,
            expects_deliveries: rule.expected_delivered.is_some()
                || rule.expected_dead_lettered.is_some(),
        });
        Self {
            rules: rules.collect(),
            declared: state.behavior.versions.declared(),
            constraints: state
                .behavior
                .constraints
                .in_force()
                .map(ConstraintData::settings)
                .collect(),
            chaos: state
                .behavior
                .chaos
                .live()
                .map(|(chaos, location)| (chaos.clone(), location.cloned()))
                .collect(),
            event_configs: state.events.queue.configs.targets(),
        }
    }

    pub(super) fn written(&self) -> Result<String, Report> {
        let mut code = Vec::new();
        let rules = self.rules.iter().map(|rule| {
            let mut own = Vec::new();
            let written = rule.written(&mut own);
            let location = report::where_written(&rule.label);
            code.extend(
                own.into_iter()
                    .map(|what| format!("{what}\n    of the rule {location}")),
            );
            written
        });
        let rules: Vec<_> = rules.collect();
        let chaos = self.chaos.iter().map(|(chaos, behind)| {
            if let Some(location) = behind {
                code.push(format!(
                    "the chaos let loose at {location}, whose draws come behind those of one with the same seed that was stopped"
                ));
            }
            written_chaos(chaos, &mut code)
        });
        let chaos: Vec<_> = chaos.collect();
        code.extend(self.event_configs.iter().map(|target| {
            format!(
                "how events are treated: `event_invoke_config(\"{}\")`",
                target.written()
            )
        }));
        if !code.is_empty() {
            return Err(report::unwritable_scenario(&code));
        }
        let (versions, aliases): (Vec<_>, Vec<_>) = self
            .declared
            .iter()
            .partition(|one| one.target.qualifier.as_ref() == Some(&one.version));
        let versions = versions.iter().map(|one| Out::text(&one.target.written()));
        let sections = [
            ("versions", versions.collect()),
            ("aliases", aliases.into_iter().map(alias).collect()),
            (
                "constraints",
                self.constraints.iter().map(written_constraint).collect(),
            ),
            ("chaos", chaos),
        ];
        let sections = sections
            .into_iter()
            .filter(|(_, section): &(_, Vec<Out>)| !section.is_empty())
            .chain([("rules", rules)]);
        let sections = sections.map(|(name, section)| (name, Out::Array(section)));
        Ok(Out::object(sections).printed())
    }
}

fn alias(declared: &Declared) -> Out {
    let Declared {
        target,
        version,
        additional,
    } = declared;
    let mut members = vec![
        ("alias", Out::text(&target.written())),
        ("version", Out::text(version)),
    ];
    if !additional.is_empty() {
        let shares = additional.iter().map(|(version, share)| {
            let share = Out::Raw(share.to_string());
            Out::object([("version", Out::text(version)), ("share", share)])
        });
        members.push(("additional_version", Out::Array(shares.collect())));
    }
    Out::object(members)
}

impl Rule {
    fn written(&self, code: &mut Vec<String>) -> Out {
        let mut members = Members {
            members: Vec::new(),
            code,
        };
        let is_denied = self
            .conditions
            .first()
            .is_some_and(|first| first.known() == Some(&Known::AnyInvocationType));
        match &self.target {
            Some(target) => members.put(
                if is_denied { "deny" } else { "on" },
                Out::text(&target.written()),
            ),
            None => members.put("on_any", Out::is_so()),
        }
        let conditions = self
            .conditions
            .iter()
            .filter(|condition| condition.known() != Some(&Known::AnyInvocationType));
        let conditions: Vec<_> = conditions
            .filter_map(|condition| members.condition(condition))
            .collect();
        if !conditions.is_empty() {
            members.put("when", Out::Array(conditions));
        }
        let mut steps = self
            .steps
            .iter()
            .enumerate()
            .map(|(index, (reply, times))| {
                let mut step = Members {
                    members: Vec::new(),
                    code: members.code,
                };
                if index > 0 || !is_denied {
                    step.reply("reply", reply);
                }
                if let Some(times) = times {
                    step.put("times", Out::Raw(times.to_string()));
                }
                step.members
            });
        let first = steps.next().expect("a live rule has at least one step");
        let then: Vec<_> = steps.map(Out::object).collect();
        members.members.extend(first);
        if !then.is_empty() {
            members.put("then", Out::Array(then));
        }
        for (name, count) in [
            ("expect_calls", self.expected_calls),
            ("expect_attempts", self.expected_attempts),
        ] {
            if let Some(count) = count {
                members.put(name, written_count(count));
            }
        }
        if self.expects_deliveries {
            members.code.push(
                "what events are to come to: `expect_delivered` or `expect_dead_lettered`"
                    .to_owned(),
            );
        }
        if let Some(name) = &self.label.name {
            members.put("named", Out::text(name));
        }
        Out::object(members.members)
    }
}

impl Members<'_> {
    fn put(&mut self, name: &'static str, value: Out) {
        self.members.push((name, value));
    }

    fn condition(&mut self, condition: &Condition) -> Option<Out> {
        let json = |value: &serde_json::Value| Out::Raw(value.to_string());
        let (name, value) = match condition.known() {
            Some(Known::PayloadIs(value)) => ("payload_is", json(value)),
            Some(Known::PayloadPartial(value)) => ("payload_partial", json(value)),
            Some(Known::ClientContextPartial(value)) => ("client_context_partial", json(value)),
            Some(Known::InvocationType(word)) => ("invocation_type", Out::text(word.as_str())),
            Some(Known::LogType(word)) => ("log_type", Out::text(word.as_str())),
            Some(Known::Attempt(number)) => ("attempt", Out::Raw(number.to_string())),
            Some(Known::SigningRegion(region)) => ("signing_region", Out::text(region)),
            Some(Known::AccessKeyId(id)) => ("access_key_id", Out::text(id)),
            Some(Known::HeaderContains { name, text }) => {
                let members = [
                    ("header_contains", Out::text(name)),
                    ("text", Out::text(text)),
                ];
                return Some(Out::object(members));
            }
            Some(Known::AnyInvocationType) => return None,
            None => {
                let (label, location) = (condition.label(), condition.written_at());
                self.code
                    .push(format!("a condition, `{label}`, written at {location}"));
                return None;
            }
        };
        Some(Out::object([(name, value)]))
    }
}

fn written_count(count: Count) -> Out {
    let (least, most) = count.bounds();
    let number = |number: u64| Out::Raw(number.to_string());
    match most {
        Some(most) if most == least => number(least),
        Some(most) if least == 0 => Out::object([("at_most", number(most))]),
        Some(most) => Out::object([("at_least", number(least)), ("at_most", number(most))]),
        None => Out::object([("at_least", number(least))]),
    }
}

fn written_bytes(bytes: &Bytes) -> Out {
    match std::str::from_utf8(bytes) {
        Ok(text) => Out::text(text),
        Err(_) => Out::object([("base64", Out::text(&BASE64_STANDARD.encode(bytes)))]),
    }
}

/// In the largest unit that leaves a whole number.
fn written_duration(duration: Duration) -> Out {
    let nanos = duration.as_nanos();
    let units = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")];
    let (size, unit) = units
        .into_iter()
        .find(|(size, _)| nanos % size == 0)
        .unwrap_or((1, "ns"));
    Out::text(&format!("{}{unit}", nanos / size))
}
