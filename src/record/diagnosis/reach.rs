//! Parts of the script that cannot apply: faults of rules that nothing reaches, chaos and
//! constraints for functions that no rule covers.

use std::mem;

use crate::aws::target::Target;
use crate::aws::versions::Resolved;
use crate::behavior::behavior::Behavior;
use crate::behavior::chaos::NamedTarget;
use crate::behavior::constraints::{ConstraintData, Setting};
use crate::behavior::rules::{RuleData, RuleId, Rules};
use crate::ground::nearest::{nearest, slip_of};
use crate::record::finding::{Finding, Misnamed, RuleLabel};
use crate::record::record::Record;

/// Each part of the script that can no longer have an effect, once.
///
/// A setting for a function that the test does not use is normal in a shared helper. It is reported
/// only if its name or qualifier is probably a mistake, or if the test is strict.
pub(crate) fn unreachable(
    behavior: &mut Behavior,
    record: &Record,
    is_strict: bool,
) -> Vec<Finding> {
    let mut findings = unreachable_faults(behavior);
    findings.extend(aimless_chaos(behavior, record, is_strict));
    findings.extend(aimless_constraints(behavior, record, is_strict));
    let unpublished = behavior.versions.unpublished().into_iter();
    findings.extend(unpublished.map(Finding::UnpublishedVersion));
    for (index, misnamed) in misnamed(behavior, record) {
        behavior.named[index].reported = true;
        findings.push(Finding::Misnamed(misnamed));
    }
    findings
}

/// Each setting that was probably meant for another function, with its index, unless it was already
/// reported.
pub(crate) fn misnamed(behavior: &Behavior, record: &Record) -> Vec<(usize, Misnamed)> {
    let settings = behavior.named.iter().enumerate();
    let settings = settings.filter(|(_, setting)| !setting.reported);
    let misnamed = settings.filter_map(|(index, setting)| {
        let own = &*setting.target.name;
        if ruled(&behavior.rules).any(|name| name == own) {
            return None;
        }
        let near = meant(own, &behavior.rules, record)?;
        let mut alike = behavior.named.iter();
        if alike.any(|other| other.verb == setting.verb && &*other.target.name == near) {
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

/// The function that was probably meant by a setting: one that is called or has a rule, and whose
/// name differs by one slip. `None` if the test uses the function itself.
fn meant<'a>(own: &str, rules: &'a Rules, record: &'a Record) -> Option<&'a str> {
    if is_used(own, record) {
        return None;
    }
    slip_of(own, ruled(rules).chain(called(record)))
}

/// Returns `true` if the function is called, or the test asks about it.
fn is_used(name: &str, record: &Record) -> bool {
    record.asked.contains(name) || called(record).any(|called| called == name)
}

fn called(record: &Record) -> impl Iterator<Item = &str> {
    let targets = record.log.counters.targets();
    targets.map(|target| &*target.name)
}

fn ruled(rules: &Rules) -> impl Iterator<Item = &str> {
    let rules = rules.all();
    rules.filter_map(|(_, rule)| Some(&*rule.target.as_ref()?.name))
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
fn aimless_chaos(behavior: &mut Behavior, record: &Record, is_strict: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A replay can name one function many times.
    let mut reported = Vec::new();
    for named in behavior.chaos.unreported() {
        let target = named.target.to_string();
        let name = &*named.target.name;
        let is_undeclared = is_undeclared(behavior, &named.in_full);
        let is_reported =
            is_undeclared || is_strict || meant(name, &behavior.rules, record).is_some();
        if is_met(behavior, &named)
            || is_used(name, record)
            || !is_reported
            || reported.contains(&(named.by, target.clone()))
        {
            continue;
        }
        reported.push((named.by, target.clone()));
        behavior.chaos.mark_reported(named.by);
        let near = nearest(name, ruled(&behavior.rules));
        findings.push(Finding::AimlessChaos {
            target,
            near: near.filter(|near| *near != name).map(str::to_owned),
            is_undeclared,
            written_at: named.written_at,
        });
    }
    findings
}

/// Each constraint for a target that no rule has ever covered, once; otherwise a typo in its name
/// would go unnoticed.
fn aimless_constraints(behavior: &mut Behavior, record: &Record, is_strict: bool) -> Vec<Finding> {
    let Behavior {
        rules, constraints, ..
    } = behavior;
    let settings: Vec<_> = constraints.active().map(ConstraintData::settings).collect();
    let is_set = |name: &str, setting: Setting| {
        settings.iter().any(|(target, other)| {
            let is_alike = mem::discriminant(other) == mem::discriminant(&setting);
            is_alike && target.as_ref().is_some_and(|target| &*target.name == name)
        })
    };
    let mut findings = Vec::new();
    for constraint in constraints.unmet() {
        let Some(target) = constraint.target.as_ref() else {
            continue;
        };
        let name = &*target.name;
        if is_used(name, record) || rules.all().any(|(_, rule)| rule.overlaps(target)) {
            continue;
        }
        let has_other_qualifier = ruled(rules).any(|ruled| ruled == name);
        let is_slip = || {
            let meant = meant(name, rules, record);
            meant.is_some_and(|near| !is_set(near, constraint.setting))
        };
        if !(is_strict || has_other_qualifier || is_slip()) {
            continue;
        }
        let near = nearest(name, ruled(rules)).filter(|near| *near != name);
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
    // A rule that never answered is a default that the test replaces.
    let newer = newer.filter(|_| rule.answered() > 0);
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

/// Returns `true` if every call to this target gets a 404, because other qualifiers of the function
/// were declared.
fn is_undeclared(behavior: &Behavior, in_full: &Target) -> bool {
    behavior.versions.resolve(in_full, || 0.0) == Resolved::Unknown
}

/// Returns `true` if an unreachable fault of this rule is a mistake. An expectation of the rule
/// already states what the test intends.
fn is_watched(rule: &RuleData) -> bool {
    let is_expected = rule.expected_calls.is_some() || rule.expected_attempts.is_some();
    rule.has_unused_fault() && !rule.is_removed() && !is_expected && !rule.reported_unreachable
}
