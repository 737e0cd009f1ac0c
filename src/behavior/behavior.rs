//! Everything that decides which reply an invocation gets.

use std::sync::Arc;

use super::chaos::{ChaosSet, DrawnHit, Effect, Numbered};
use super::constraints::Constraints;
use super::environments::Environments;
use super::named::{NamedSetting, UnfinishedRules};
use super::rules::Rules;
use crate::aws::target::Target;
use crate::aws::versions::Versions;
use crate::aws::words::InvocationType;
use crate::ground::location::Location;
use crate::request::invocation::Invocation;

/// The script of one fake.
pub(crate) struct Behavior {
    pub(crate) rules: Rules,
    pub(crate) versions: Versions,
    pub(crate) chaos: ChaosSet,
    pub(crate) constraints: Constraints,
    pub(crate) environments: Environments,
    /// The settings made for functions by name, in order.
    pub(crate) named: Vec<NamedSetting>,
    pub(crate) unfinished: UnfinishedRules,
}

impl Behavior {
    /// An empty script of a fake with this region and account.
    pub(crate) fn new(region: Arc<str>, account: Arc<str>) -> Self {
        Self {
            rules: Rules::default(),
            versions: Versions::default(),
            chaos: ChaosSet::new(region, account),
            constraints: Constraints::default(),
            environments: Environments::default(),
            named: Vec::new(),
            unfinished: UnfinishedRules::default(),
        }
    }

    /// Records a setting for a function, so that verification can report a typo in its name.
    pub(crate) fn name_setting(
        &mut self,
        verb: &'static str,
        target: &Target,
        written_at: Location,
    ) {
        if !self.named.iter().any(|known| known.is(verb, target)) {
            self.named
                .push(NamedSetting::new(verb, target.clone(), written_at));
        }
    }

    /// Returns `true` if anything in the script depends on the fake's seed.
    pub(crate) fn draws(&self) -> bool {
        let mut rules = self.rules.all();
        self.chaos.draws_of_fake()
            || self.versions.draws()
            || self.constraints.draws()
            || rules.any(|(_, rule)| rule.replies().any(|reply| reply.draws()))
    }

    /// The hit of chaos on a well-formed request with these numbers at its target, at its function
    /// and within its call, if there is one.
    ///
    /// Nothing is hit if no rule covers the target: chaos must not hide that the request is
    /// unscripted.
    pub(crate) fn draw_hit(
        &self,
        invocation: &Invocation,
        at_target: u64,
        at_function: impl FnOnce(&Target) -> u64,
        in_call: u64,
    ) -> Option<DrawnHit> {
        if self.chaos.is_empty() || invocation.invocation_type() == InvocationType::DryRun {
            return None;
        }
        let target = invocation.target()?;
        let is_event = invocation.invocation_type() == InvocationType::Event;
        let attempt = Numbered {
            target,
            at_target,
            at_function: at_function(target),
            in_call,
            payload: self.chaos.payload_of(invocation),
        };
        let drawn = self.chaos.draw(&attempt, |hit| match hit.what() {
            Effect::Reply(reply) => is_event || !reply.affects_only_events(),
            // No client waits for the reply to an Event.
            Effect::Delay(_) => !is_event,
            Effect::Stream(_) => invocation.is_streamed(),
            Effect::Delivered(_) => is_event,
        })?;
        let is_scripted = self.rules.matching_target(target).next().is_some();
        is_scripted.then_some(drawn)
    }

    /// Returns `true` if a rule covers the function; if the request names none, `true` if a rule
    /// covers every function.
    pub(crate) fn covers(&self, invocation: &Invocation) -> bool {
        match invocation.target() {
            Some(target) => self.rules.matching_target(target).next().is_some(),
            None => self.rules.has_any(),
        }
    }
}
