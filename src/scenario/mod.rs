//! Scripts as JSON files.
//!
//! The keys of a file have the names of the methods and the same meaning: a file is read into the
//! same rules, and rules are written out in the same form. A file cannot contain code: closures,
//! handlers, gates, or wiremock's matchers.

mod document;
mod entry;
mod print;
mod shape;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::path::Path;
use std::time::Instant;

use self::document::{Document, Problem, Value};
use self::entry::{Argument as _, Code};
use self::shape::{Problems, check};
use self::vocabulary::{Located, LocatedRule, Published, SCENARIO, Scenario, fake_of};
use crate::api::fake::{Builder, FakeLambda, Handle};
use crate::behavior::constraints::Setting;
use crate::exchange::{Exchange, State};
use crate::ground::location::Location;
use crate::record::finding::RuleLabel;
use crate::record::report::{self, Report};

impl Handle {
    /// Adds the rules, versions, aliases, event configurations, constraints and chaos of a scenario
    /// file to those of the fake.
    ///
    /// A file expresses in JSON what a test writes as method calls: [the page of the
    /// vocabulary](crate::documentation::scenarios) lists every key, and
    /// `fixtures/scenario.schema.json` of this crate is a JSON Schema for editors. A relative path
    /// is relative to the current directory, which is the package's directory in a test that Cargo
    /// runs. The rules take effect immediately and together, as if scripted by this call in the
    /// order of the file. Reports name each rule by its location in the file. No `Script` is
    /// returned: to query the calls of a function, use [`seen`](Self::seen).
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.load("fixtures/scenarios/throttled_then_ok.json");
    /// lambda.seen("resize").assert_calls(0);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the file cannot be read or is not a valid scenario. The message lists the mistakes
    /// (in a text that is not JSON, only the first), each with its line, column and JSON path, and
    /// for an unknown word the nearest valid one. Also panics if the fake was dropped, if the fake
    /// cannot give a reply of the file or apply a constraint or chaos of it, or if the file
    /// contains settings that only [`FakeLambda::from_scenario`] can apply. Nothing from the file
    /// is added then.
    #[track_caller]
    pub fn load(&self, path: impl AsRef<Path>) {
        if let Err(report) = self.try_load(path) {
            panic!("{report}");
        }
    }

    /// Does the same as [`load`](Self::load), but returns the report instead of panicking.
    ///
    /// # Errors
    ///
    /// Returns the [`Report`] in the cases in which [`load`](Self::load) panics.
    pub fn try_load(&self, path: impl AsRef<Path>) -> Result<(), Report> {
        let file = File::read(path.as_ref())?;
        let settings = |root: &Value<'_>| {
            let fake = fake_of(root)?;
            Some(fake.problem_of_name(
                "`fake` settings cannot change a running fake; remove them, or start with \
                 `FakeLambda::from_scenario(..)`",
            ))
        };
        file.with(settings, Scenario::read)
            .and_then(|scenario| scenario.add_to(self))
    }

    /// Returns the rules of the fake as the text of a scenario file, oldest first and as they were
    /// scripted, with everything else that a file can add.
    ///
    /// Loaded into another fake with the same settings, it gives the same answers. It does not say
    /// which steps were already consumed or what was removed or stopped, and omits the settings of
    /// the builder and [`expect_payload`](crate::Script::expect_payload).
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, ServiceError};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(ServiceError::TooManyRequestsException).times(2).then(json!({"ok": true}));
    /// assert_eq!(
    ///     lambda.to_scenario().unwrap(),
    ///     r#"{
    ///   "rules": [
    ///     {
    ///       "on": "resize",
    ///       "reply": {"error": "TooManyRequestsException"},
    ///       "times": 2,
    ///       "then": [{"reply": {"json": {"ok":true}}}]
    ///     }
    ///   ]
    /// }
    /// "#
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the [`Report`] with each part that a file cannot express and its line: handlers,
    /// replies of idempotent functions, gates, closures, wiremock's matchers, hits that are keyed
    /// by a payload that is not JSON, and chaos with the same seed as an earlier one that is now
    /// stopped. Also returns an error if the fake was dropped.
    pub fn to_scenario(&self) -> Result<String, Report> {
        let mut code = Code::new();
        let mut scenario = self.exchange.read(|state| match state.intake.is_closed() {
            true => Err(report::fake_was_dropped("cannot write a scenario")),
            false => Ok(Scenario::of(state, &mut code)),
        })?;
        let written = scenario.write(&mut code);
        match code.is_empty() {
            true => Ok(written.printed()),
            false => Err(report::unwritable_scenario(&code)),
        }
    }
}

impl FakeLambda {
    /// Starts a fake with the settings and rules of a scenario file: [`Builder`](crate::Builder)
    /// and [`load`](Handle::load) in one.
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    ///
    /// let lambda = FakeLambda::from_scenario("fixtures/scenarios/other_region.json");
    /// assert_eq!(lambda.region(), "eu-west-1");
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the file cannot be read or is not a valid scenario, as [`load`](Handle::load)
    /// does, or if the fake cannot start.
    #[track_caller]
    pub fn from_scenario(path: impl AsRef<Path>) -> Self {
        let read = File::read(path.as_ref()).and_then(|file| {
            file.with(
                |_| None,
                |root| {
                    let scenario = Scenario::read(root)?;
                    Ok((builder(root)?, scenario))
                },
            )
        });
        match read {
            Ok((builder, scenario)) => {
                let fake = builder.start();
                if let Err(report) = scenario.add_to(&fake) {
                    panic!("{report}");
                }
                fake
            }
            Err(report) => panic!("{report}"),
        }
    }
}

/// A builder with the file's settings.
fn builder(root: &Value<'_>) -> Result<Builder, Vec<Problem>> {
    match fake_of(root) {
        Some(fake) => Builder::read(&fake).map_err(|problem| vec![problem]),
        None => Ok(Builder::default()),
    }
}

/// A file that is read but not parsed.
struct File {
    path: String,
    text: String,
}

impl File {
    fn read(path: &Path) -> Result<Self, Report> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self {
                path: path.display().to_string(),
                text,
            }),
            Err(error) => Err(report::unreadable_scenario(path, &error)),
        }
    }

    /// Checks the whole file, then reads a part of it. `refuse` finds one more mistake.
    fn with<T>(
        &self,
        refuse: impl FnOnce(&Value<'_>) -> Option<Problem>,
        read: impl FnOnce(&Value<'_>) -> Result<T, Vec<Problem>>,
    ) -> Result<T, Report> {
        let read = || {
            let document = Document::of(&self.path, &self.text).map_err(|problem| vec![problem])?;
            let mut problems = Problems::complete();
            check(&document.root(), SCENARIO, &mut problems);
            let mut problems = problems.all;
            problems.extend(refuse(&document.root()));
            problems.sort_by_key(Problem::position);
            if problems.is_empty() {
                read(&document.root())
            } else {
                Err(problems)
            }
        };
        read().map_err(|problems| {
            let problems = problems.iter().map(ToString::to_string).collect();
            report::wrong_scenario(&self.path, problems)
        })
    }
}

impl Scenario {
    /// The script of a fake. The parts that are code are added to `code`.
    fn of(state: &State, code: &mut Code) -> Self {
        let behavior = &state.behavior;
        let declared = behavior.versions.declared().into_iter();
        let (versions, aliases): (Vec<_>, _) =
            declared.partition(|one| one.target.qualifier.as_ref() == Some(&one.version));
        let here = Location::here();
        let versions = versions.into_iter();
        let versions = versions.map(|one| Published(one.target, here.clone()));
        let events = state.events.queue.configs.all().into_iter();
        let events = events.map(|config| Located(config, here.clone()));
        let constraints = behavior.constraints.active();
        let chaos = behavior.chaos.live().map(|(chaos, location, draws_after)| {
            if draws_after {
                code.push(format!(
                    "the chaos started at {location}: a stopped chaos with the same seed makes its \
                     hits differ"
                ));
            }
            Located(chaos.clone(), location.clone())
        });
        let rules = behavior.rules.all().map(|(_, rule)| rule);
        let rules = rules.filter(|rule| !rule.is_removed());
        Self {
            versions: versions.collect(),
            aliases,
            events: events.collect(),
            constraints: constraints
                .map(|one| Located(one.settings(), one.written_at.clone()))
                .collect(),
            chaos: chaos.collect(),
            rules: rules
                .map(|rule| LocatedRule(rule.scripted(), rule.written_at.clone()))
                .collect(),
        }
    }

    /// Adds everything in one step.
    fn add_to(self, handle: &Handle) -> Result<(), Report> {
        let exchange = &handle.exchange;
        self.check_capabilities(exchange)?;
        let (seed, now) = (exchange.config.seed, exchange.config.clock().now());
        exchange.edit(|state| {
            if state.intake.is_closed() {
                return Err(report::fake_was_dropped("cannot load a scenario"));
            }
            let mut constraints = Vec::new();
            for Located(constraint, written_at) in &self.constraints {
                constraints.push(constraint.clone());
                if let Err(error) = state.behavior.constraints.check(&constraints) {
                    let why = error.message();
                    return Err(report::refused_scenario(written_at, why));
                }
            }
            for Located(chaos, written_at) in &self.chaos {
                if let Some(why) = state.behavior.chaos.mistake(chaos) {
                    return Err(report::refused_scenario(written_at, why));
                }
            }
            self.add(state, seed, now);
            Ok(())
        })
    }

    /// Refuses what this fake's transport cannot do.
    fn check_capabilities(&self, exchange: &Exchange) -> Result<(), Report> {
        for LocatedRule(rule, written_at) in &self.rules {
            let mut replies = rule.steps.iter().map(|(reply, _)| reply);
            if let Some(need) = replies.find_map(|reply| exchange.unmet_need(reply.needs())) {
                let label = RuleLabel::unfinished(
                    rule.target.as_ref(),
                    &rule.conditions,
                    rule.name.as_ref(),
                    written_at,
                );
                return Err(report::reply_needs_server(&need, &label));
            }
        }
        let chaos = self.chaos.iter().filter_map(|Located(chaos, written_at)| {
            let mut replies = chaos.replies();
            let what = replies.find_map(|reply| exchange.unmet_need(reply.needs()))?;
            Some((written_at, what))
        });
        let constraints = self.constraints.iter();
        let constraints = constraints.filter_map(|Located((_, setting), written_at)| {
            let what = exchange.unmet_need(setting.needs())?;
            Some((written_at, what))
        });
        match chaos.chain(constraints).next() {
            Some((written_at, what)) => {
                let why = report::server_message(&what, None);
                Err(report::refused_scenario(written_at, why))
            }
            None => Ok(()),
        }
    }

    /// Adds everything, with the functions that the public methods use.
    fn add(self, state: &mut State, seed: u64, now: Instant) {
        let behavior = &mut state.behavior;
        for Published(target, written_at) in self.versions {
            behavior.name_setting("publish_version", &target, written_at.clone());
            let published = behavior.versions.publish(target, written_at);
            published.expect("it was tried when it was read");
        }
        for alias in &self.aliases {
            let written_at = alias.written_at.clone();
            let written_at = written_at.expect("an alias that is read has a location");
            behavior.name_setting("alias", &alias.target, written_at);
            let declared = behavior.versions.declare_alias(alias);
            declared.expect("it was tried when it was read");
        }
        for Located((target, config), written_at) in self.events {
            behavior.name_setting("event_invoke_config", &target, written_at);
            state.events.queue.configs.add(&target, config);
        }
        for Located((target, setting), written_at) in self.constraints {
            if let (Setting::Denied, Some(target)) = (&setting, &target) {
                behavior.name_setting(setting.verb(), target, written_at.clone());
            }
            let set = behavior.constraints.set(target, setting, now, written_at);
            set.expect("it was checked just now");
        }
        for Located(chaos, written_at) in self.chaos {
            behavior.chaos.add(chaos, seed, written_at);
        }
        for LocatedRule(rule, written_at) in self.rules {
            behavior.rules.add(rule, written_at);
        }
    }
}
