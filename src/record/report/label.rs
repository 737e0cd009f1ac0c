//! The names of rules in messages.

use crate::aws::target::Target;
use crate::ground::count::plural;
use crate::record::finding::RuleLabel;

/// How a rule's conditions are printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Conditions {
    /// Only their number, because the verdict of each follows.
    Counted,
    Listed,
    Omitted,
}

/// `` `resize:live` ``, `any function`.
pub(super) fn function(target: Option<&Target>) -> String {
    let Some(target) = target else {
        return "any function".to_owned();
    };
    let place = match (&target.region, &target.account) {
        (Some(region), _) => format!(" in region {region}"),
        (None, Some(account)) => format!(" in account {account}"),
        (None, None) => String::new(),
    };
    format!("`{target}`{place}")
}

/// `` the rule for `resize` ``, `the rule "the worker"`.
pub(super) fn subject(rule: &RuleLabel) -> String {
    match &rule.name {
        Some(name) => format!("the rule \"{name}\""),
        None => format!("the rule for {}", function(rule.target.as_ref())),
    }
}

/// `` "the worker" (`resize` with 2 conditions), scripted at tests/a.rs:3:5 ``.
pub(super) fn rule(rule: &RuleLabel, conditions: Conditions) -> String {
    let mut text = function(rule.target.as_ref());
    let many = rule.conditions.len();
    match conditions {
        Conditions::Counted if many > 0 => {
            text.push_str(&format!(" with {}", plural(many as u64, "condition")));
        }
        Conditions::Listed if many > 0 => {
            text.push_str(&format!(" when {}", rule.conditions.join(", ")));
        }
        Conditions::Counted | Conditions::Listed | Conditions::Omitted => {}
    }
    let text = match &rule.name {
        Some(name) => format!("\"{name}\" ({text})"),
        None => text,
    };
    format!("{text}, scripted at {}", rule.written_at)
}

/// The name of a rule with its conditions and its line, for messages that print no reasons.
pub(crate) fn scripted(label: &RuleLabel) -> String {
    rule(label, Conditions::Listed)
}

/// `` `lambda.on("resize").reply(..)` ``.
pub(super) fn script(target: &str) -> String {
    format!("`lambda.on(\"{target}\").reply(..)`")
}

/// `` `lambda.alias("resize:beta", ..)` ``, or the call that declares a version.
pub(super) fn declaration(target: &str) -> String {
    let qualifier = target
        .rsplit_once(':')
        .map_or("", |(_, qualifier)| qualifier);
    match !qualifier.is_empty() && qualifier.bytes().all(|byte| byte.is_ascii_digit()) {
        true => format!("`lambda.publish_version(\"{target}\")`"),
        false => format!("`lambda.alias(\"{target}\", ..)`"),
    }
}
