//! One run of the tested code with a fake and a paused runtime of its own, and what is seen of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{self, Runtime};
use tokio::time::{Instant, sleep, timeout};

use super::cell::{EVERY_FUNCTION, Ended};
use super::mode::{Injection, Mode};
use super::part::{Broken, Part};
use super::persistence::Persistence;
use crate::ground::count::plural;
use crate::ground::location::Location;
use crate::ground::panics::{CaughtPanic, catch_quietly};
use crate::ground::wakers::WaiterId;
use crate::{Attempt, Call, Chaos, EventsRun, FakeLambda, Invocation, Operation};

/// How long accepted events are waited for, on tokio's clock: AWS keeps them for six hours.
const EVENTS: Duration = Duration::from_secs(60 * 60 * 7);

/// The interval at which the run checks whether accepted events have ended.
const LOOK: Duration = Duration::from_secs(30);

/// The most lines that are kept of a timeline.
const MOST_LINES: usize = 1_000;

/// Identifies work: the function, and what the key says about the request.
pub(super) type Work = (Arc<str>, String);

/// The tested code, and how its work is identified.
pub(super) struct Tested<'a, S, R> {
    pub(super) setup: &'a S,
    pub(super) run: &'a R,
    pub(super) patience: Duration,
    /// The number of attempts after which a run ends. Code that retries without a wait never lets
    /// the paused clock move, so the patience does not end it.
    pub(super) most_attempts: u64,
    /// The line of the sweep's `run`, which its fakes name as the line that started them.
    pub(super) written_at: Location,
    pub(super) work: &'a (dyn Fn(&Invocation) -> String + Send + Sync),
}

/// A failure that is injected into a run.
#[derive(Clone, Copy)]
pub(super) struct Injected<'a> {
    pub(super) mode: &'a Mode,
    pub(super) persistence: Persistence,
}

/// The observations of a run.
pub(super) struct Seen<T> {
    pub(super) ended: Ended,
    pub(super) value: Option<T>,
    pub(super) elapsed: Duration,
    /// The functions in the order of their first calls, with the number of attempts and executions.
    pub(super) functions: Vec<(Arc<str>, Counts)>,
    /// The functions that are called with `InvokeWithResponseStream`.
    pub(super) streamed: BTreeSet<Arc<str>>,
    pub(super) work: BTreeMap<Work, usize>,
    /// The first attempt that was hit.
    pub(super) hit: Option<Attempt>,
    /// Whether an outage refused a connection.
    pub(super) was_refused: bool,
    pub(super) calls_after: usize,
    pub(super) unscripted: BTreeSet<Arc<str>>,
    pub(super) timeline: String,
    /// The problems that verification found, if it ran.
    pub(super) problems: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Counts {
    pub(super) attempts: usize,
    pub(super) executions: usize,
}

impl<S, R> Tested<'_, S, R> {
    /// Runs the code once. `injected` is the failure to inject, if any, and the function at which
    /// it occurs; without a function, it occurs at all of them. The error is a panic outside of the
    /// tested code.
    pub(super) fn observe<T, E>(
        &self,
        injected: Option<(Option<&str>, Injected<'_>)>,
    ) -> Result<Seen<T>, Broken>
    where
        S: Fn(&FakeLambda),
        R: AsyncFn(&FakeLambda) -> Result<T, E>,
        T: Debug,
        E: Debug,
    {
        let observed = Part::Rest.watch(|| {
            let runtime = runtime::Builder::new_current_thread()
                .enable_all()
                .start_paused(true)
                .build()
                .expect("the system has a descriptor for a runtime");
            // Outside of the runtime, the clock of events would begin at the system's time.
            let inside = runtime.enter();
            // The seed is fixed, so that the environment does not change a report.
            let builder = FakeLambda::builder().seed(0);
            let lambda = builder
                .events_run(EventsRun::TokioClock)
                // A call that the journal drops cannot be judged.
                .journal_calls(usize::MAX)
                .journal_bytes(usize::MAX)
                .quiet(self.written_at.clone())
                .in_memory();
            drop(inside);
            Part::Setup.watch(|| (self.setup)(&lambda))?;
            let begun = runtime.block_on(async { Instant::now() });
            let ended = catch_quietly(|| runtime.block_on(self.run_within(&lambda, injected)));
            let ended = ended.unwrap_or_else(|CaughtPanic { text, panicked_at }| {
                let at = panicked_at;
                Err(Ended::Panicked { text, at })
            });
            let elapsed = runtime.block_on(async { begun.elapsed() });
            let seen = self.look(&runtime, &lambda, ended, elapsed, injected.is_none());
            // Dropped here, because tasks of the tested code can panic or use the fake when they
            // are dropped.
            drop(runtime);
            seen
        });
        observed?
    }

    async fn run_within<T, E>(
        &self,
        lambda: &FakeLambda,
        injected: Option<(Option<&str>, Injected<'_>)>,
    ) -> Result<Result<T, E>, Ended>
    where
        R: AsyncFn(&FakeLambda) -> Result<T, E>,
    {
        if let Some((function, injected)) = injected {
            injected.start(lambda, function);
        }
        let run = timeout(self.patience, (self.run)(lambda));
        match self.bounded(lambda, run).await {
            Some(result) => result.map_err(|_| Ended::TimedOut),
            None => Err(Ended::TooManyAttempts(self.most_attempts)),
        }
    }

    /// The output of a future; `None` if the fake gets too many attempts before it ends. The
    /// connections that an outage refuses count as attempts.
    async fn bounded<V>(&self, lambda: &FakeLambda, future: impl Future<Output = V>) -> Option<V> {
        let exchange = &lambda.exchange;
        let waiter = WaiterId::new();
        let too_many = poll_fn(|context| {
            exchange.poll_waiter(waiter, context, |state| {
                let reached = state.record.log.counters.total().attempts;
                let attempts = reached + state.record.refused_connections;
                (attempts >= self.most_attempts).then_some(())
            })
        });
        let output = tokio::select! {
            biased;
            () = too_many => None,
            output = future => Some(output),
        };
        exchange.forget(waiter);
        output
    }

    /// Collects everything that the judgment needs.
    fn look<T: Debug, E: Debug>(
        &self,
        runtime: &Runtime,
        lambda: &FakeLambda,
        ended: Result<Result<T, E>, Ended>,
        elapsed: Duration,
        verifies: bool,
    ) -> Result<Seen<T>, Broken> {
        let (timeline, problems) = runtime.block_on(async {
            let mut timeline = lambda.timeline().to_string();
            if !lambda.deliveries().is_empty() {
                self.bounded(lambda, settle(lambda)).await;
                timeline = lambda.timeline().to_string();
            }
            let timeline = first_lines(&timeline, MOST_LINES);
            let problems = match verifies {
                true => lambda.try_verify().err(),
                false => None,
            };
            (timeline, problems.map(|report| report.to_string()))
        });
        let (ended, value) = match ended {
            Err(ended) => (ended, None),
            Ok(result) => {
                let is_ok = result.is_ok();
                let text = Part::Debug.watch(|| format!("{result:?}"))?;
                (Ended::Returned { is_ok, text }, result.ok())
            }
        };
        let calls = lambda.calls();
        let failed = first_hit(&calls);
        let mut seen = Seen {
            ended,
            value,
            elapsed,
            functions: Vec::new(),
            streamed: BTreeSet::new(),
            work: BTreeMap::new(),
            hit: failed.map(|(_, attempt)| attempt.clone()),
            was_refused: lambda
                .exchange
                .read(|state| state.record.refused_connections > 0),
            calls_after: failed.map_or(0, |(failed, _)| {
                let after = calls.iter().filter(|call| call.number() > failed);
                after.count()
            }),
            unscripted: BTreeSet::new(),
            timeline,
            problems,
        };
        for attempt in calls.iter().flat_map(Call::attempts) {
            seen.count(attempt, self.work)?;
        }
        Ok(seen)
    }
}

impl<T> Seen<T> {
    fn count(
        &mut self,
        attempt: &Attempt,
        work: &dyn Fn(&Invocation) -> String,
    ) -> Result<(), Broken> {
        let name = attempt.invocation().function_name();
        let known = self
            .functions
            .iter()
            .position(|(known, _)| **known == *name);
        let index = known.unwrap_or_else(|| {
            self.functions.push((name.into(), Counts::default()));
            self.functions.len() - 1
        });
        let (name, counts) = &mut self.functions[index];
        let executions = attempt.work_executions();
        counts.attempts += 1;
        counts.executions += executions;
        if attempt.is_unscripted() {
            self.unscripted.insert(name.clone());
        }
        if attempt.invocation().operation() == Operation::InvokeWithResponseStream {
            self.streamed.insert(name.clone());
        }
        if executions > 0 {
            let key = Part::Work.watch(|| work(attempt.invocation()))?;
            *self.work.entry((name.clone(), key)).or_default() += executions;
        }
        Ok(())
    }

    pub(super) fn counts(&self, function: &str) -> Counts {
        Counts::at(function, &self.functions)
    }
}

impl Counts {
    /// The counts of a function, or of all together.
    pub(super) fn at(function: &str, functions: &[(Arc<str>, Self)]) -> Self {
        let is_meant = |name: &str| function == EVERY_FUNCTION || name == function;
        let functions = functions.iter().filter(|(name, _)| is_meant(name));
        functions.fold(Self::default(), |sum, (_, counts)| Self {
            attempts: sum.attempts + counts.attempts,
            executions: sum.executions + counts.executions,
        })
    }
}

impl Injected<'_> {
    /// Starts to inject the failure at this function, or at all functions if it is `None`.
    fn start(self, lambda: &FakeLambda, function: Option<&str>) {
        let inject = match self.mode.effect() {
            Injection::Chaos(inject) => inject,
            Injection::Outage => {
                let outage = lambda.outage();
                let length = match self.persistence {
                    Persistence::For(length) => length,
                    // An outage hits no attempt: its mode refuses a number of attempts.
                    Persistence::Once | Persistence::Burst(_) | Persistence::Always => {
                        Duration::MAX
                    }
                };
                tokio::spawn(async move {
                    sleep(length).await;
                    outage.stop();
                });
                return;
            }
        };
        let chaos = inject(Chaos::new().counted_by_function(), self.persistence.last());
        let chaos = lambda.chaos(match function {
            Some(function) => chaos.on(function),
            None => chaos,
        });
        if let Persistence::For(length) = self.persistence {
            tokio::spawn(async move {
                sleep(length).await;
                chaos.stop();
            });
        }
    }
}

/// The first lines of a timeline, and the number of the others.
pub(super) fn first_lines(timeline: &str, most: usize) -> String {
    let mut lines = timeline.lines();
    let kept: Vec<&str> = lines.by_ref().take(most).collect();
    let kept = kept.join("\n");
    match lines.count() {
        0 => kept,
        more => format!("{kept}\n… {}", plural(more as u64, "more line")),
    }
}

/// Waits until accepted events have ended.
async fn settle(lambda: &FakeLambda) {
    let begun = Instant::now();
    let is_left = || lambda.deliveries().iter().any(|one| !one.is_settled());
    while is_left() && begun.elapsed() < EVENTS {
        sleep(LOOK).await;
    }
}

fn first_hit(calls: &[Call]) -> Option<(u64, &Attempt)> {
    let attempts = calls.iter().flat_map(|call| {
        let attempts = call.attempts().iter();
        attempts.map(|attempt| (call.number(), attempt))
    });
    let hit = attempts.filter(|(_, attempt)| attempt.hit().is_some());
    hit.min_by_key(|(_, attempt)| attempt.arrived())
}
