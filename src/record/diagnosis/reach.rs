//! Parts of the script that cannot apply: faults of rules that nothing reaches, chaos and
//! constraints for functions that no rule covers.

use crate::aws::target::Target;
use crate::aws::versions::Resolved;
use crate::behavior::behavior::Behavior;
use crate::behavior::chaos::NamedTarget;
use crate::behavior::rules::{RuleData, RuleId};
use crate::ground::nearest::nearest;
use crate::record::finding::{Finding, Misnamed, RuleLabel};
use crate::record::journal::Log;

/// Shorter names are similar to many others.
const SHORTEST: usize = 4;

/// Everything in the script that can no longer happen, each once.
pub(crate) fn unreachable(behavior: &mut Behavior, log: &Log) -> Vec<Finding> {
    let mut findings = unreachable_faults(behavior);
    findings.extend(aimless_chaos(behavior));
    findings.extend(aimless_constraints(behavior));
    let unpublished = behavior.versions.unpublished().into_iter();
    findings.extend(unpublished.map(Finding::UnpublishedVersion));
    for (index, misnamed) in misnamed(behavior, log) {
        behavior.named[index].reported = true;
        findings.push(Finding::Misnamed(misnamed));
    }
    findings
}

/// Each setting that was probably meant for another function, with its index, unless it was already
/// reported.
///
/// This is the case if no call and no other rule names its function, and one of them has a similar
/// name. Short names, and names that differ only in a digit, are ignored, because tests use these
/// on purpose.
pub(crate) fn misnamed(behavior: &Behavior, log: &Log) -> Vec<(usize, Misnamed)> {
    let called: Vec<&str> = log.counters.targets().map(|target| &*target.name).collect();
    let settings = behavior.named.iter().enumerate();
    let settings = settings.filter(|(_, setting)| !setting.reported);
    let misnamed = settings.filter_map(|(index, setting)| {
        let own = &*setting.target.name;
        let ruled = behavior.rules.all();
        let ruled = ruled.filter_map(|(_, rule)| Some(&*rule.target.as_ref()?.name));
        let known: Vec<&str> = ruled.chain(called.iter().copied()).collect();
        if own.len() < SHORTEST || known.contains(&own) {
            return None;
        }
        let near = nearest(own, known)?;
        let mut alike = behavior.named.iter();
        let is_set_itself =
            alike.any(|other| other.verb == setting.verb && &*other.target.name == near);
        if is_set_itself || without_digits(own) == without_digits(near) {
            return None;
        }
        let target = setting.target.to_string();
        let misnamed = Misnamed {
            setting: format!("{}(\"{target}\")", setting.verb),
            target: own.to_owned(),
            near: near.to_owned(),
            written_at: setting.written_at.clone(),
        };
        Some((index, misnamed))
    });
    misnamed.collect()
}

fn without_digits(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_ascii_digit())
        .collect()
}

/// Each fault that can no longer happen, once.
fn unreachable_faults(behavior: &mut Behavior) -> Vec<Finding> {
    let findings: Vec<_> = behavior
        .rules
        .all()
        .filter(|(_, rule)| is_watched(rule))
        .filter_map(|(id, rule)| Some((id, unreachable_fault(behavior, id, rule)?)))
        .collect();
    let reported = findings.into_iter().map(|(id, finding)| {
        behavior.rules[id].reported_unreachable = true;
        finding
    });
    reported.collect()
}

/// Each chaos whose target no rule covers, once.
fn aimless_chaos(behavior: &mut Behavior) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A replay can name one function many times.
    let mut reported = Vec::new();
    for named in behavior.chaos.unreported() {
        let target = named.target.to_string();
        if is_met(behavior, &named) || reported.contains(&(named.by, target.clone())) {
            continue;
        }
        reported.push((named.by, target.clone()));
        behavior.chaos.mark_reported(named.by);
        let names = behavior
            .rules
            .all()
            .filter_map(|(_, rule)| rule.target.as_ref());
        let names: Vec<&str> = names.map(|target| &*target.name).collect();
        let near = nearest(&named.target.name, names);
        findings.push(Finding::AimlessChaos {
            target,
            near: near
                .filter(|near| *near != &*named.target.name)
                .map(str::to_owned),
            is_undeclared: is_undeclared(behavior, &named.in_full),
            written_at: named.written_at,
        });
    }
    findings
}

/// Each constraint for a target that no rule has ever covered, once; otherwise a typo in its name
/// would go unnoticed.
fn aimless_constraints(behavior: &mut Behavior) -> Vec<Finding> {
    let Behavior {
        rules, constraints, ..
    } = behavior;
    let mut findings = Vec::new();
    for constraint in constraints.unmet() {
        let Some(target) = constraint.target.as_ref() else {
            continue;
        };
        if rules.all().any(|(_, rule)| rule.overlaps(target)) {
            continue;
        }
        let targets = rules.all().filter_map(|(_, rule)| rule.target.as_ref());
        let names: Vec<&str> = targets.map(|target| &*target.name).collect();
        let near = nearest(&target.name, names).filter(|near| *near != &*target.name);
        findings.push(Finding::AimlessSetting {
            setting: format!("the constraint `{constraint}`"),
            target: target.to_string(),
            near: near.map(str::to_owned),
            written_at: constraint.written_at.clone(),
        });
        constraint.reported = true;
    }
    findings
}

fn unreachable_fault(behavior: &Behavior, id: RuleId, rule: &RuleData) -> Option<Finding> {
    let target = rule.target.as_ref();
    let undeclared =
        target.filter(|target| is_undeclared(behavior, &behavior.chaos.in_full(target)));
    let newer = behavior.rules.all().skip(id.index() + 1);
    let newer = newer.filter(|(_, newer)| newer.hides(rule)).last();
    if undeclared.is_none() && newer.is_none() {
        return None;
    }
    Some(Finding::Unreachable {
        rule: RuleLabel::of(id, rule),
        undeclared: undeclared.map(Target::to_string),
        newer: newer.map(|(id, rule)| RuleLabel::of(id, rule)),
    })
}

fn is_met(behavior: &Behavior, named: &NamedTarget) -> bool {
    let met = |(_, rule): (RuleId, &RuleData)| match named.is_exact {
        true => rule
            .target
            .as_ref()
            .is_none_or(|own| own.covers(&named.in_full)),
        false => rule.overlaps(&named.target),
    };
    behavior.rules.all().any(met) && !is_undeclared(behavior, &named.in_full)
}

/// Returns `true` if every call to it gets a 404, because other qualifiers of the function were
/// declared.
fn is_undeclared(behavior: &Behavior, in_full: &Target) -> bool {
    behavior.versions.resolve(in_full, || 0.0) == Resolved::Unknown
}

/// Returns `true` if it is a mistake if nothing reaches it. An expectation states the intention of
/// the test itself.
fn is_watched(rule: &RuleData) -> bool {
    let is_expected = rule.expected_calls.is_some() || rule.expected_attempts.is_some();
    rule.has_unused_fault() && !rule.is_removed() && !is_expected && !rule.reported_unreachable
}
