//! Rules and their scripts.

use super::super::entry::{
    AnyKind as _, Argument, ArgumentEntry, Code, Each, KindEntry, Member, Needed, ObjectEntry,
    Options, Verb, with,
};
use super::super::shape::Takes;
use super::values::{AtLeast, True, Within};
use crate::aws::target::Target;
use crate::behavior::rules::ScriptedRule;
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::record::finding::RuleLabel;
use crate::record::report;
use crate::reply::reply::Reply;
use crate::request::matchers::Condition;

/// A rule, and its location in the file.
pub(in crate::scenario) struct LocatedRule(
    pub(in crate::scenario) ScriptedRule,
    pub(in crate::scenario) Location,
);

static RULES: ObjectEntry<ScriptedRule> = ObjectEntry {
    noun: "a rule",
    about: "A rule: which calls it answers, and with what.",
    kinds: &[&ON, &ON_ANY],
};

impl Argument for LocatedRule {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| RULES.object()),
        read: |value| Ok(Self(RULES.read(value)?, value.location())),
        write: |LocatedRule(rule, written_at), code| {
            let mut own = Code::new();
            let written = match &rule.target {
                Some(target) => ON.write((target.clone(),), rule, &mut own),
                None => ON_ANY.write((True,), rule, &mut own),
            };
            let label = RuleLabel::unfinished(
                rule.target.as_ref(),
                &rule.conditions,
                rule.name.as_ref(),
                written_at,
            );
            let rule = report::scripted(&label);
            let own = own.into_iter();
            code.extend(own.map(|what| format!("{what}\n  of the rule {rule}")));
            written
        },
    };
}

/// A placeholder; the required key `reply` replaces it with the reply of the rule.
fn placeholder() -> Reply {
    Reply::json(serde_json::Value::Null)
}

static ON: KindEntry<ScriptedRule, (Target,)> = KindEntry {
    about: "A rule for a function, as `on` starts it.",
    parts: &[(
        "on",
        "The function: its name, `name:qualifier`, partial ARN or full ARN.",
    )],
    make: |(target,)| Ok(ScriptedRule::new(Some(target), placeholder())),
    options: Some(&Options(&[ANSWERED, SCRIPT])),
};

static ON_ANY: KindEntry<ScriptedRule, (True,)> = KindEntry {
    about: "A rule for every function, as `on_any` starts it. Rules that name the function are tried first.",
    parts: &[(
        "on_any",
        "Every function. Rules that name the function are tried first.",
    )],
    make: |(True,)| Ok(ScriptedRule::new(None, placeholder())),
    options: Some(&Options(&[ANSWERED, SCRIPT])),
};

/// The conditions and the first reply of every rule.
const ANSWERED: &[&dyn Member<ScriptedRule>] = &[
    &Each::<ScriptedRule, Condition> {
        word: "when",
        about: "Conditions that must all be met, evaluated in this order.",
        add: |rule, condition| with(rule, |rule| rule.conditions.push(condition)),
        all: |rule| rule.conditions.clone(),
    },
    &Needed(Verb::<ScriptedRule, Reply> {
        word: "reply",
        about: "The answer of the first step.",
        set: |rule, reply| with(rule, |rule| rule.steps[0].0 = reply),
        get: |rule| Some(rule.steps[0].0.clone()),
    }),
];

/// The script, the expectations and the name of every rule.
const SCRIPT: &[&dyn Member<ScriptedRule>] = &[
    &Verb::<ScriptedRule, AtLeast<u64, 1>> {
        word: "times",
        about: TIMES,
        set: |rule, times| with(rule, |rule| rule.steps[0].1 = Some(times.0)),
        get: |rule| rule.steps[0].1.map(Within),
    },
    &Each::<ScriptedRule, LaterStep> {
        word: "then",
        about: "The steps after the first, in order.",
        add: |rule, LaterStep(reply, times)| with(rule, |rule| rule.steps.push((reply, times))),
        all: |rule| {
            let then = rule.steps[1..].iter();
            then.map(|(reply, times)| LaterStep(reply.clone(), *times))
                .collect()
        },
    },
    &Verb::<ScriptedRule, Count> {
        word: "expect_calls",
        about: "The number of calls that the rule has answered when the fake verifies.",
        set: |rule, count| with(rule, |rule| rule.expected_calls = Some(count)),
        get: |rule| rule.expected_calls,
    },
    &Verb::<ScriptedRule, Count> {
        word: "expect_attempts",
        about: "The number of attempts that the rule has answered, retries included.",
        set: |rule, count| with(rule, |rule| rule.expected_attempts = Some(count)),
        get: |rule| rule.expected_attempts,
    },
    &Verb::<ScriptedRule, Count> {
        word: "expect_delivered",
        about: "The number of delivered events whose last execution consumed a step of the rule.",
        set: |rule, count| with(rule, |rule| rule.expected_delivered = Some(count)),
        get: |rule| rule.expected_delivered,
    },
    &Verb::<ScriptedRule, Count> {
        word: "expect_dead_lettered",
        about: "The number of dead-lettered events whose last execution consumed a step of the rule.",
        set: |rule, count| with(rule, |rule| rule.expected_dead_lettered = Some(count)),
        get: |rule| rule.expected_dead_lettered,
    },
    &Verb::<ScriptedRule, String> {
        word: "named",
        about: "A name for the reports.",
        set: |rule, name| with(rule, |rule| rule.name = Some(name.into())),
        get: |rule| rule.name.as_deref().map(str::to_owned),
    },
];

const TIMES: &str =
    "How often the step answers; default: once if another step follows, or else without limit.";

/// A step after the first: its answer and its limit.
struct LaterStep(Reply, Option<u64>);

impl Argument for LaterStep {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| LATER_STEP.object("a step")),
        read: |value| LATER_STEP.read(value),
        write: |step, code| LATER_STEP.write((step.0.clone(),), step, code),
    };
}

static LATER_STEP: KindEntry<LaterStep, (Reply,)> = KindEntry {
    about: "A step of a script, as `then` adds it.",
    parts: &[("reply", "The answer of the step.")],
    make: |(reply,)| Ok(LaterStep(reply, None)),
    options: Some(&Options(&[&[&Verb::<LaterStep, AtLeast<u64, 1>> {
        word: "times",
        about: TIMES,
        set: |step, times| Ok(LaterStep(step.0, Some(times.0))),
        get: |step| step.1.map(Within),
    }]])),
};
