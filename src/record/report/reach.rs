//! What is said of faults, chaos and constraints that cannot happen.

use super::where_written;
use crate::ground::location::Location;
use crate::record::finding::RuleLabel;

pub(super) fn push_unreachable(
    text: &mut String,
    rule: &RuleLabel,
    undeclared: Option<&str>,
    newer: Option<&RuleLabel>,
) {
    text.push_str(&format!(
        "✗ a fault that cannot happen: {}\n",
        where_written(rule)
    ));
    if let Some(target) = undeclared {
        text.push_str(&format!(
            "    its qualifier is not declared, and others of the function are, so every call of it gets a 404\n    \
             to change: declare it, with `lambda.alias(\"{target}\", ..)` or `lambda.publish_version(\"{target}\")`, or correct the rule\n"
        ));
    }
    if let Some(newer) = newer {
        text.push_str(&format!(
            "    all that it could answer goes to the newer rule {}\n    \
             to change: write the rule with the fault behind the other one, or, where that is to replace it, take it out with `.remove()`\n",
            where_written(newer)
        ));
    }
}

pub(super) fn push_aimless(
    text: &mut String,
    target: &str,
    near: Option<&str>,
    is_undeclared: bool,
    written_at: &Location,
) {
    let why = match is_undeclared {
        true => "its qualifier is not declared, and others of the function are",
        false => "no rule is for it",
    };
    text.push_str(&format!(
        "✗ chaos that cannot hit `{target}`, let loose at {written_at}: {why}\n"
    ));
    if let Some(near) = near {
        text.push_str(&format!("    did you mean `{near}`? it has a rule\n"));
    }
    let otherwise = match is_undeclared {
        true => format!("declare it, with `lambda.alias(\"{target}\", ..)`"),
        false => format!("script `lambda.on(\"{target}\").reply(..)`"),
    };
    text.push_str(&format!(
        "    to change: correct the target of the chaos, or {otherwise}\n"
    ));
}

pub(super) fn push_aimless_constraint(
    text: &mut String,
    constraint: &str,
    target: &str,
    near: Option<&str>,
    written_at: &Location,
) {
    text.push_str(&format!(
        "✗ a constraint that nothing can meet, `{constraint}`, written at {written_at}: no rule is for `{target}`\n"
    ));
    if let Some(near) = near {
        text.push_str(&format!("    did you mean `{near}`? it has a rule\n"));
    }
    text.push_str(&format!(
        "    to change: correct the target of the constraint, or script `lambda.on(\"{target}\").reply(..)`\n"
    ));
}
