//! The subject of a count.

use std::fmt;

use super::label;
use crate::ground::count::{Count, counted, plural};
use crate::record::finding::{CountSubject, CountedOf};
use crate::request::matchers::CLOSURE;

/// `` to `resize` matching a closure ``, empty for the whole fake.
impl fmt::Display for CountSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = match &self.whose {
            CountedOf::Fake => String::new(),
            CountedOf::Rule(_) => "answered by this rule".to_owned(),
            CountedOf::Target { target, .. } => format!("to `{}`", target.written()),
        };
        f.write_str(&matching(whose, self))
    }
}

impl CountSubject {
    /// `` 1 call to `resize` ``.
    pub(super) fn expected(&self, count: Count, noun: &str) -> String {
        joined(&counted(count, noun), &self.to_string())
    }

    /// `` 2 attempts answered by the rule for `resize` ``: for messages that do not name the rule
    /// elsewhere.
    pub(crate) fn awaited(&self, wanted: u64, noun: &str) -> String {
        let whose = match &self.whose {
            CountedOf::Rule(rule) => {
                let verb = if noun == "chunk" { "sent" } else { "answered" };
                matching(format!("{verb} by {}", label::subject(rule)), self)
            }
            CountedOf::Target { target, .. } if noun == "chunk" => {
                matching(format!("sent by `{}`", target.written()), self)
            }
            CountedOf::Fake | CountedOf::Target { .. } => self.to_string(),
        };
        joined(&plural(wanted, noun), &whose)
    }

    /// `` 1 delivered event of `resize` ``: an event is `of` a rule, not `answered by` it.
    pub(super) fn expected_events(&self, count: Count, noun: &str) -> String {
        joined(&counted(count, noun), &self.events())
    }

    /// `` of `resize` ``, `of this rule`, empty for the whole fake.
    pub(super) fn events(&self) -> String {
        let whose = match &self.whose {
            CountedOf::Fake => String::new(),
            CountedOf::Rule(_) => "of this rule".to_owned(),
            CountedOf::Target { target, .. } => format!("of `{}`", target.written()),
        };
        matching(whose, self)
    }

    /// `rule: ..`, if it is about one.
    pub(super) fn rule_line(&self, conditions: label::Conditions) -> Option<String> {
        match &self.whose {
            CountedOf::Rule(rule) => Some(format!("rule: {}", label::rule(rule, conditions))),
            CountedOf::Fake | CountedOf::Target { .. } => None,
        }
    }
}

fn matching(whose: String, subject: &CountSubject) -> String {
    let named = |label: &String| match &**label {
        CLOSURE => format!("a {CLOSURE}"),
        label => label.to_owned(),
    };
    let conditions: Vec<String> = subject.matching.iter().map(named).collect();
    match conditions.is_empty() {
        true => whose,
        false => joined(&whose, &format!("matching {}", conditions.join(", "))),
    }
}

fn joined(first: &str, second: &str) -> String {
    match (first, second) {
        ("", one) | (one, "") => one.to_owned(),
        _ => format!("{first} {second}"),
    }
}
