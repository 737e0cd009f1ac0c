//! Messages about faults, chaos and settings that cannot apply.

use super::label::{self, Conditions, declaration, script};
use crate::aws::versions::UnpublishedVersion;
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::record::finding::{Misnamed, RuleLabel};

/// A fault of a rule that no request reaches.
pub(super) fn unreachable(
    rule: &RuleLabel,
    undeclared: Option<&str>,
    newer: Option<&RuleLabel>,
) -> Message {
    let function = label::function(rule.target.as_ref());
    let line = format!("rule: {}", label::rule(rule, Conditions::Listed));
    let newer =
        newer.map(|newer| format!("newer rule: {}", label::rule(newer, Conditions::Listed)));
    match undeclared {
        Some(target) => Message::new(
            format!(
                "the fault in the rule for {function} can never fire: its qualifier is not \
                 declared"
            ),
            format!("declare it: {}, or correct the rule", declaration(target)),
        )
        .line(line)
        .line(
            "the test declares other qualifiers of this function, so every call with this one \
             gets 404",
        )
        .lines(newer),
        None => Message::new(
            format!(
                "the fault in the rule for {function} can never fire: a newer rule answers \
                 every request"
            ),
            "script this rule after the newer one, or remove this rule with `.remove()`",
        )
        .line(line)
        .lines(newer),
    }
}

/// Chaos for a target that no rule matches.
pub(super) fn aimless_chaos(
    target: &str,
    near: Option<&str>,
    is_undeclared: bool,
    written_at: &Location,
) -> Message {
    let (why, otherwise) = match is_undeclared {
        true => (
            "its qualifier is not declared, but others of the function are".to_owned(),
            format!("declare it: {}", declaration(target)),
        ),
        false => (
            "no rule matches it".to_owned(),
            format!("script {}", script(target)),
        ),
    };
    Message::new(
        format!("the chaos started at {written_at} can never hit `{target}`: {why}"),
        did_you_mean(near, &otherwise),
    )
}

/// A setting for a target that no rule matches: `` the constraint `pending("resise", ..)` ``.
pub(super) fn aimless_setting(
    setting: &str,
    target: &str,
    near: Option<&str>,
    written_at: &Location,
) -> Message {
    Message::new(
        format!("{setting} can never apply: no rule matches `{target}`"),
        did_you_mean(near, &format!("script {}", script(target))),
    )
    .line(format!("set at {written_at}"))
}

/// A setting for a function that nothing else names.
pub(super) fn misnamed(misnamed: &Misnamed) -> Message {
    let Misnamed {
        setting,
        target,
        near,
        written_at,
    } = misnamed;
    Message::new(
        format!("`{setting}` had no effect: no call or rule names `{target}`"),
        format!("change the name to `{near}`, or remove this setting"),
    )
    .line(format!("set at {written_at}"))
}

/// An alias of a version that the test does not publish, although it publishes others.
pub(super) fn unpublished(unpublished: &UnpublishedVersion) -> Message {
    let UnpublishedVersion {
        alias,
        version,
        target,
        published,
        written_at,
    } = unpublished;
    Message::new(
        format!("the alias `{alias}` names version {version}, which the test does not publish"),
        format!(
            "publish it with `lambda.publish_version(\"{target}\")`, or change {version} to \
             {published}"
        ),
    )
    .line(format!("set at {written_at}"))
    .line("on AWS an alias can only name a published version or `$LATEST`")
}

fn did_you_mean(near: Option<&str>, otherwise: &str) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`? otherwise {otherwise}"),
        None => format!("correct the name, or {otherwise}"),
    }
}
