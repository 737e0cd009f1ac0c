//! The vocabulary of scripts as JSON files.
//!
//! A file says what the verbs say, under their names, and means what they mean: it is read into the same rules, and rules are written
//! out into the same text. What is code in a script (closures, handlers, gates, wiremock's matchers) no file can say.

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
use self::shape::check;
use self::vocabulary::{Located, LocatedRule, Published, SCENARIO, Scenario, fake_of};
use crate::api::fake::{Builder, FakeLambda, Handle};
use crate::exchange::{Exchange, State};
use crate::record::finding::RuleLabel;
use crate::record::report::{self, Report};

impl Handle {
    /// Adds the rules, versions, aliases, configurations of events, constraints and chaos of a scenario file to those of the fake.
    ///
    /// The file says in JSON what a test says in verbs: [the page of the vocabulary](crate::documentation::scenarios) has every key, and
    /// `fixtures/scenario.schema.json` of this crate is a JSON Schema for editors. A relative path counts from the current directory, which is the package's in
    /// a test that Cargo runs. The rules are live at once and together, as if written at this line, oldest first; reports name each by
    /// its location in the file. [`seen`](Self::seen) asks what became of them.
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
    /// At this line when the file cannot be read or is no scenario: with line, column, JSON path and the nearest valid word of every mistake. Then
    /// nothing of it is added. Also when the fake was dropped, and when the file sets up a fake, which only
    /// [`FakeLambda::from_scenario`] does.
    #[track_caller]
    pub fn load(&self, path: impl AsRef<Path>) {
        if let Err(report) = self.try_load(path) {
            panic!("{report}");
        }
    }

    /// What [`load`](Self::load) would panic with.
    ///
    /// # Errors
    ///
    /// The report of every mistake in the file.
    pub fn try_load(&self, path: impl AsRef<Path>) -> Result<(), Report> {
        let file = File::read(path.as_ref())?;
        file.with(|root| {
            if let Some(fake) = fake_of(root) {
                return Err(vec![fake.problem_of_name(
                    "a fake that runs cannot be set up any more: leave this out, or start it with `FakeLambda::from_scenario(..)`",
                )]);
            }
            Scenario::read(root)
        })
        .and_then(|scenario| scenario.add_to(self))
    }

    /// The rules of the fake, oldest first and as they were scripted, with all else that a scenario file adds, as the text of one.
    ///
    /// Loaded into another fake, it answers the same. What a script has answered already is not said, nor what was removed or stopped,
    /// nor what the builder was told.
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
    /// Lists what a file cannot say, each with its line: handlers, gates, closures, wiremock's matchers. Also when the fake was dropped.
    pub fn to_scenario(&self) -> Result<String, Report> {
        let mut code = Code::new();
        let mut scenario = self.exchange.read(|state| match state.intake.is_closed() {
            true => Err(report::gone("cannot write a scenario")),
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
    /// Starts a fake as a scenario file sets it up, with the file's rules: [`Builder`](crate::Builder) and [`load`](Handle::load) in one.
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
    /// At this line when the file cannot be read or is no scenario, as [`load`](Handle::load) does, and when the fake cannot start.
    #[track_caller]
    pub fn from_scenario(path: impl AsRef<Path>) -> Self {
        let read = File::read(path.as_ref()).and_then(|file| {
            file.with(|root| {
                let scenario = Scenario::read(root)?;
                Ok((builder(root)?, scenario))
            })
        });
        match read {
            Ok((builder, scenario)) => {
                let fake = builder.start();
                scenario.add_to(&fake).expect("the fake has just started");
                fake
            }
            Err(report) => panic!("{report}"),
        }
    }
}

/// A builder with the settings of the file.
fn builder(root: &Value<'_>) -> Result<Builder, Vec<Problem>> {
    match fake_of(root) {
        Some(fake) => Builder::read(&fake).map_err(|problem| vec![problem]),
        None => Ok(Builder::default()),
    }
}

/// A file, before anything of it is understood.
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

    /// Reads what is wanted from a file whose shape is right.
    fn with<T>(
        &self,
        read: impl FnOnce(&Value<'_>) -> Result<T, Vec<Problem>>,
    ) -> Result<T, Report> {
        let read = || {
            let document = Document::of(&self.path, &self.text).map_err(|problem| vec![problem])?;
            let mut problems = Vec::new();
            check(&document.root(), SCENARIO, &mut problems);
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
    /// What a fake was told. What of it is code is added to `code`.
    fn of(state: &State, code: &mut Code) -> Self {
        let behavior = &state.behavior;
        let declared = behavior.versions.declared().into_iter();
        let (versions, aliases): (Vec<_>, _) =
            declared.partition(|one| one.target.qualifier.as_ref() == Some(&one.version));
        let versions = versions.into_iter().map(|one| Published(one.target));
        let constraints = behavior.constraints.in_force();
        let chaos = behavior.chaos.live().map(|(chaos, location, draws_after)| {
            if draws_after {
                code.push(format!(
                    "the chaos let loose at {location}, whose draws come behind those of one with the same seed that was stopped"
                ));
            }
            Located(chaos.clone(), location.clone())
        });
        let rules = behavior.rules.all().map(|(_, rule)| rule);
        let rules = rules.filter(|rule| !rule.is_removed());
        Self {
            versions: versions.collect(),
            aliases,
            events: state.events.queue.configs.all(),
            constraints: constraints
                .map(|one| Located(one.settings(), one.written_at.clone()))
                .collect(),
            chaos: chaos.collect(),
            rules: rules
                .map(|rule| LocatedRule(rule.scripted(), rule.written_at.clone()))
                .collect(),
        }
    }

    /// Adds all of it at one moment.
    fn add_to(self, handle: &Handle) -> Result<(), Report> {
        let exchange = &handle.exchange;
        self.suits_server(exchange)?;
        let (seed, now) = (exchange.config.seed, Instant::now());
        exchange.edit(|state| {
            if state.intake.is_closed() {
                return Err(report::gone("cannot load a scenario"));
            }
            let mut constraints = Vec::new();
            for Located(constraint, written_at) in &self.constraints {
                constraints.push(constraint.clone());
                if let Err(error) = state.behavior.constraints.check(&constraints) {
                    let why = error.message();
                    return Err(report::refused_scenario(written_at, why));
                }
            }
            self.add(state, seed, now);
            Ok(())
        })
    }

    /// Refuses what the server of this fake cannot do.
    fn suits_server(&self, exchange: &Exchange) -> Result<(), Report> {
        for LocatedRule(rule, written_at) in &self.rules {
            let mut replies = rule.steps.iter().map(|(reply, _)| reply);
            if let Some(need) = replies.find_map(|reply| exchange.cannot(reply.needs())) {
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
            let what = replies.find_map(|reply| exchange.cannot(reply.needs()))?;
            Some((written_at, what))
        });
        let constraints = self.constraints.iter();
        let constraints = constraints.filter_map(|Located((_, setting), written_at)| {
            let what = exchange.cannot(setting.needs())?;
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

    /// By what the verbs add with.
    fn add(self, state: &mut State, seed: u64, now: Instant) {
        let behavior = &mut state.behavior;
        for Published(target) in self.versions {
            let published = behavior.versions.publish(target);
            published.expect("it was tried when it was read");
        }
        for alias in &self.aliases {
            let declared = behavior.versions.declare_alias(alias);
            declared.expect("it was tried when it was read");
        }
        for (target, config) in self.events {
            state.events.queue.configs.add(&target, config);
        }
        for Located((target, setting), written_at) in self.constraints {
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
