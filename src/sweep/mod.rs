//! The failure-mode sweep: runs the tested code once for each combination of a function that it
//! calls, a failure mode and a persistence, and judges each result. [The
//! guide](crate::documentation::sweep) finds three bugs with it.
//!
//! Each run has a fake in memory and a paused tokio runtime of its own, so runs do not influence
//! each other, and waiting takes no real time. The result of a run with a failure is a [`Cell`].
//! This module decides nothing about replies: each failure is a hit of [`Chaos`](crate::Chaos) or
//! an [`Outage`](crate::Outage). It imports only `ground` and the public types of the crate. It
//! also uses non-public parts of these types: fakes that print nothing, the default key of work,
//! the executions of an attempt, the numbers of attempts and of refused connections, the check of
//! an effect, windows of streams, and the faults that can replace a reply.
//!
//! A run ends after 1,000 attempts, or after ten times as many as the golden run made, if that is
//! more: if the code retries without a wait, the paused clock does not move, and the patience never
//! runs out. The sweep cannot interrupt code that never awaits.

mod cell;
mod html;
mod judge;
mod mode;
mod observe;
mod part;
mod persistence;
mod report;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeSet;
use std::fmt::{self, Debug, Display};
use std::marker::PhantomData;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

pub use self::cell::{Cell, Verdict};
use self::cell::{EVERY_FUNCTION, Ended};
use self::judge::{Golden, MOST_ATTEMPTS, Rules};
pub use self::mode::{Mode, Modes, Nature};
use self::observe::{Injected, Seen, Tested};
use self::part::{Broken, Part};
pub use self::persistence::Persistence;
use self::report::Expected;
pub use self::report::Report;
use crate::ground::blocking::may_block;
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::ground::nearest::nearest;
use crate::{Duplicate, FakeLambda, Invocation};

/// The default time after which a run is unbounded.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// The upper limit of the patience: on a paused clock, the fake resets a request that is still open
/// after this time.
const WATCHDOG: Duration = Duration::from_secs(60 * 60 * 24 * 30);

/// Creates a sweep of failure modes: what does this code do if a function that it calls fails?
///
/// `setup` scripts a new fake; `run` is the tested code, which connects to that fake. Both are
/// called for the golden run, in which no failure occurs, and then for each cell: a combination of
/// a function that the golden run calls, a [mode](Sweep::modes) and a [`Persistence`]. The report
/// has a [`Verdict`] for each cell.
///
/// Each run has its own fake [in memory](FakeLambda::in_memory) and its own current-thread runtime,
/// whose clock is paused. Use `#[test]`, not `#[tokio::test]`. Several threads run cells at the
/// same time, and the order of the report does not depend on which of them ends first.
///
/// ```
/// use aws_sdk_lambda::operation::invoke::InvokeOutput;
/// use fake_lambda::sweep::{Modes, Verdict};
/// use fake_lambda::{FakeLambda, ServiceError, sdk_client};
/// use serde_json::json;
///
/// let report = fake_lambda::sweep(
///     |lambda: &FakeLambda| {
///         lambda.on("price").reply(json!({"amount": 42}));
///     },
///     async |lambda: &FakeLambda| {
///         let client = sdk_client!(aws_sdk_lambda, lambda);
///         let output = client.invoke().function_name("price").send().await;
///         output.map(|output| output.function_error().is_none())
///     },
/// )
/// .modes(Modes::from(ServiceError::TooManyRequestsException).and(Modes::function_errors()))
/// .run();
/// let verdicts: Vec<Verdict> = report.cells().iter().map(|cell| cell.verdict()).collect();
/// assert_eq!(verdicts[..3], [Verdict::Recovers, Verdict::Fails, Verdict::Wrong]);
/// ```
///
/// Build the client inside of `run`: if the runs share one, they share its retry quota, and one run
/// changes the next. Values that differ from run to run, such as ids and times, cause a false
/// [`Verdict::Wrong`]: leave them out of the result, or compare results with
/// [`same_if`](Sweep::same_if). Threads of the tested code, and code that waits in real time, are
/// not on the paused clock.
///
/// A panic of the tested code is a verdict and is not printed.
pub fn sweep<S, R, T, E>(setup: S, run: R) -> Sweep<S, R, T, E>
where
    S: Fn(&FakeLambda) + Sync,
    R: AsyncFn(&FakeLambda) -> Result<T, E> + Sync,
    T: Debug,
    E: Debug,
{
    Sweep {
        setup,
        run,
        modes: Modes::documented(),
        persistence: vec![Persistence::Once, Persistence::Always],
        on: Vec::new(),
        patience: PATIENCE,
        work: Box::new(Duplicate::payload_as_key),
        expected: Vec::new(),
        tolerated: BTreeSet::new(),
        degrading: BTreeSet::new(),
        is_same: None,
        threads: None,
        run_at: None,
        types: PhantomData,
    }
}

/// A sweep that has been configured but has not run yet; created by [`sweep`].
#[must_use = "a sweep does nothing until `.run()`"]
pub struct Sweep<S, R, T, E> {
    setup: S,
    run: R,
    modes: Modes,
    persistence: Vec<Persistence>,
    /// The functions at which modes occur; if empty, every function that the golden run calls.
    on: Vec<String>,
    patience: Duration,
    work: Box<dyn Fn(&Invocation) -> String + Send + Sync>,
    expected: Vec<Expected>,
    tolerated: BTreeSet<Arc<str>>,
    degrading: BTreeSet<Arc<str>>,
    is_same: Option<Box<IsSame<T>>>,
    /// The number of threads; `None` for as many as the system can run at the same time.
    threads: Option<usize>,
    /// Where `run` is called.
    run_at: Option<Location>,
    types: PhantomData<fn() -> (T, E)>,
}

/// Compares the golden result with another one.
type IsSame<T> = dyn Fn(&T, &T) -> bool + Send + Sync;

impl<S, R, T, E> Sweep<S, R, T, E> {
    /// Sets the failure modes; the default is [`Modes::documented`].
    ///
    /// # Panics
    ///
    /// Panics if there are none.
    #[track_caller]
    pub fn modes(mut self, modes: impl Into<Modes>) -> Self {
        self.modes = modes.into();
        assert!(
            self.modes.iter().next().is_some(),
            "{}",
            Message::new(
                "`modes` got no mode",
                "add one, as in `Modes::documented()`"
            )
        );
        self
    }

    /// Sets how often each mode occurs; the default is [`Persistence::Once`] and
    /// [`Persistence::Always`]. Modes with a [persistence of their own](Mode::persistence) keep it.
    ///
    /// # Panics
    ///
    /// Panics if there is none, if one is given twice, or if a burst has fewer than two attempts
    /// or a duration is zero.
    #[track_caller]
    pub fn persistence(mut self, persistence: impl IntoIterator<Item = Persistence>) -> Self {
        self.persistence = persistence.into_iter().collect();
        if let Some(mistake) = Persistence::mistake(&self.persistence) {
            panic!("{mistake}");
        }
        self
    }

    /// Sets the functions at which modes occur; the default is every function that the golden run
    /// calls. [Outages](Modes::outages) occur at all functions, whatever is set here.
    pub fn on<N: Into<String>>(mut self, functions: impl IntoIterator<Item = N>) -> Self {
        self.on = functions.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the time, on tokio's clock, after which a run without a result is
    /// [`Verdict::Unbounded`]; the default is an hour. No real time passes.
    ///
    /// A run is also unbounded after 1,000 attempts, or after ten times as many as the golden run
    /// made, if that is more: if the code retries without a wait, no time passes on the paused
    /// clock. Connections that an outage refuses count as attempts.
    ///
    /// # Panics
    ///
    /// Panics unless it is longer than zero and shorter than 30 days.
    #[track_caller]
    pub fn patience(mut self, patience: Duration) -> Self {
        assert!(
            !patience.is_zero() && patience < WATCHDOG,
            "{}",
            Message::new(
                format!("`patience({patience:?})` is out of range"),
                "use a duration above zero and below 30 days",
            )
        );
        self.patience = patience;
        self
    }

    /// Sets what identifies work at a function: two executions of the function with an equal key
    /// do the same work. The default is the payload, byte for byte.
    ///
    /// ```
    /// # use fake_lambda::{FakeLambda, Invocation, sdk_client};
    /// # use serde_json::json;
    /// # let sweep = fake_lambda::sweep(
    /// #     |lambda: &FakeLambda| { lambda.on("pay").reply(json!(1)); },
    /// #     async |lambda: &FakeLambda| sdk_client!(aws_sdk_lambda, lambda).invoke().function_name("pay").send().await.map(drop),
    /// # );
    /// // Each attempt has a new timestamp, but pays the same order.
    /// let sweep = sweep.work(|invocation| invocation.payload_json()["order"].clone());
    /// ```
    pub fn work<K: Display>(
        mut self,
        key: impl Fn(&Invocation) -> K + Send + Sync + 'static,
    ) -> Self {
        self.work = Box::new(move |invocation| key(invocation).to_string());
        self
    }

    /// Declares the verdict of these modes at a function, or a list of the possible verdicts.
    /// Another verdict is a problem, and a declared one is not.
    ///
    /// The name `*` means the cells of modes that occur at all functions, such as
    /// [outages](Modes::outages).
    ///
    /// ```
    /// # use fake_lambda::{FakeLambda, Invocation, sdk_client};
    /// # use fake_lambda::sweep::{Modes, Verdict};
    /// # use serde_json::json;
    /// # let sweep = fake_lambda::sweep(
    /// #     |lambda: &FakeLambda| { lambda.on("price").reply(json!(1)); },
    /// #     async |lambda: &FakeLambda| sdk_client!(aws_sdk_lambda, lambda).invoke().function_name("price").send().await.map(drop),
    /// # );
    /// let sweep = sweep.expect("price", Modes::function_errors(), Verdict::Fails);
    /// ```
    ///
    /// [`run`](Self::run) panics if any of these modes is not in the sweep, and [`Report::assert`]
    /// panics if none of them occurs at the function: such a declaration would say nothing. If
    /// several declarations are about a cell, the last one counts.
    ///
    /// # Panics
    ///
    /// Panics if no verdict is given.
    #[track_caller]
    pub fn expect(
        mut self,
        function: impl Into<String>,
        modes: impl Into<Modes>,
        verdicts: impl AsRef<[Verdict]>,
    ) -> Self {
        let verdicts = verdicts.as_ref().to_vec();
        assert!(
            !verdicts.is_empty(),
            "{}",
            Message::new("`expect` got no verdict", "name at least one")
        );
        self.expected.push(Expected {
            function: function.into().into(),
            modes: modes.into().iter().map(|mode| mode.name().into()).collect(),
            verdicts,
            written_at: Location::here(),
        });
        self
    }

    /// Declares that the code returns `Ok` whatever happens at this function: a cell there whose
    /// result is not `Ok` is a problem. [`Report::assert`] panics if the sweep has no cell there.
    /// The name `*` has the same meaning as in [`expect`](Self::expect).
    pub fn tolerates(mut self, function: impl Into<String>) -> Self {
        self.tolerated.insert(function.into().into());
        self
    }

    /// Declares that the code may return another `Ok` if this function fails: a cell there is never
    /// [`Verdict::Wrong`]. The name `*` has the same meaning as in [`expect`](Self::expect).
    pub fn degrades(mut self, function: impl Into<String>) -> Self {
        self.degrading.insert(function.into().into());
        self
    }

    /// Sets when a result equals that of the golden run, which is the first argument of the
    /// closure. The default compares what `Debug` writes.
    ///
    /// The golden run is repeated on each thread that runs cells, because a result need not be
    /// `Send`.
    pub fn same_if(mut self, is_same: impl Fn(&T, &T) -> bool + Send + Sync + 'static) -> Self {
        self.is_same = Some(Box::new(is_same));
        self
    }

    /// Sets the number of threads that run cells at the same time.
    #[cfg(test)]
    pub(crate) fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }
}

/// A cell to run, or to leave out because its mode did not occur.
struct Job<'a> {
    function: Arc<str>,
    injected: Injected<'a>,
}

impl<S, R, T, E> Sweep<S, R, T, E>
where
    S: Fn(&FakeLambda) + Sync,
    R: AsyncFn(&FakeLambda) -> Result<T, E> + Sync,
    T: Debug,
    E: Debug,
{
    /// Runs every cell. This blocks; on a multi-core system cells run at the same time.
    ///
    /// This does not panic because of a bad verdict: [`Report::assert`] checks the verdicts.
    ///
    /// # Panics
    ///
    /// Panics if the golden run does not return `Ok` or calls no function of the fake, if
    /// verification finds a problem in it, if `setup`, the closure of [`work`](Self::work) or
    /// [`same_if`](Self::same_if), or the `Debug` or `Drop` of a result panics, if a function that
    /// was named is not called in the golden run, if [`on`](Self::on) names `*`, if a declaration
    /// names `*` and no mode occurs at all functions, if a mode that [`expect`](Self::expect) names
    /// is not one of the sweep, if the sweep has only [modes of streams](Modes::streams) and no
    /// function of the sweep streams in the golden run, or if `run` is called in async code of a
    /// tokio runtime.
    #[track_caller]
    pub fn run(mut self) -> Report {
        assert!(
            may_block(),
            "{}",
            Message::new(
                "`run` of a sweep was called inside of a tokio runtime",
                "use `#[test]` in place of `#[tokio::test]`, or `tokio::task::spawn_blocking`: \
                 each cell has a runtime of its own",
            )
        );
        self.run_at = Some(Location::here());
        // Not in closures: a panic there would name a line of this crate.
        let golden = match self.golden() {
            Ok(golden) => golden,
            Err(mistake) => panic!("{mistake}"),
        };
        if let Some(mistake) = self.unknown_function(&golden) {
            panic!("{mistake}");
        }
        if let Some(mistake) = self.unknown_mode() {
            panic!("{mistake}");
        }
        let functions = golden.functions(&self.on);
        let jobs = self.jobs(&functions, &golden);
        if jobs.is_empty() {
            panic!("{}", no_stream());
        }
        match self.cells(&jobs, &golden) {
            Ok(cells) => {
                let varied = self.varied(&golden, &cells);
                Report::of(
                    golden,
                    jobs.iter().map(|job| {
                        let Injected { mode, persistence } = job.injected;
                        (job.function.clone(), mode.name().into(), persistence)
                    }),
                    cells,
                    self.expected.clone(),
                    self.tolerated.clone(),
                    varied,
                )
            }
            Err(mistake) => panic!("{mistake}"),
        }
    }

    /// The result of another golden run, if it differs. That run is made only if a cell is wrong,
    /// which may be due to a result that is never the same.
    fn varied(&self, golden: &Golden, cells: &[Option<Cell>]) -> Option<Ended> {
        let mut cells = cells.iter().flatten();
        if self.is_same.is_some() || cells.all(|cell| cell.verdict() != Verdict::Wrong) {
            return None;
        }
        let again = self.golden().ok()?.ended().clone();
        (again != *golden.ended()).then_some(again)
    }

    /// The run without a failure, which must succeed.
    fn golden(&self) -> Result<Golden, Message> {
        let observed = on_named_thread(|| {
            let seen = self.tested(MOST_ATTEMPTS).observe::<T, E>(None);
            seen.map(|seen| Golden::of(&seen))
        });
        observed.map_err(Broken::message)?
    }

    fn tested(&self, most_attempts: u64) -> Tested<'_, S, R> {
        Tested {
            setup: &self.setup,
            run: &self.run,
            patience: self.patience,
            most_attempts,
            written_at: self.run_at.clone().unwrap_or_else(Location::here),
            work: &*self.work,
        }
    }

    /// The message about a function that was named and is not called.
    fn unknown_function(&self, golden: &Golden) -> Option<Message> {
        let expected = self.expected.iter().map(|one| ("expect", &*one.function));
        let tolerated = self.tolerated.iter().map(|name| ("tolerates", &**name));
        let degrading = self.degrading.iter().map(|name| ("degrades", &**name));
        let on = self.on.iter().map(|name| ("on", &**name));
        let mut named = on.chain(expected).chain(tolerated).chain(degrading);
        let called: Vec<&str> = golden.names().collect();
        let is_for_all = self.modes.iter().any(Mode::is_for_all);
        let is_known = |verb: &str, name: &str| match name {
            EVERY_FUNCTION => is_for_all && verb != "on",
            _ => called.contains(&name),
        };
        let (verb, name) = named.find(|(verb, name)| !is_known(verb, name))?;
        if name == EVERY_FUNCTION {
            return Some(match verb {
                "on" => Message::new(
                    "`on` got `*`, which is not a function",
                    "remove it: without `on`, modes occur at every function",
                ),
                _ => Message::new(
                    format!(
                        "`{verb}` got `*`, but the sweep has no mode that occurs at every function"
                    ),
                    "add one, as in `Modes::outages()`, or name a function",
                ),
            });
        }
        let unqualified = name.split_once(':').map(|(function, _)| function);
        let unqualified = unqualified.filter(|function| called.contains(function));
        let help = match (unqualified, nearest(name, called.iter().copied())) {
            (Some(function), _) => {
                format!("use the name without its qualifier: `{verb}` accepts `{function}`")
            }
            (None, Some(nearest)) => format!("did you mean `{nearest}`?"),
            (None, None) => format!("use a function that it calls: {}", called.join(", ")),
        };
        Some(Message::new(
            format!("`{verb}` names `{name}`, which is not a function that the golden run calls"),
            help,
        ))
    }

    /// The message about a mode whose verdict is declared and which the sweep does not have.
    fn unknown_mode(&self) -> Option<Message> {
        let modes: Vec<&str> = self.modes.iter().map(Mode::name).collect();
        let declared = self.expected.iter();
        let mut declared = declared.flat_map(|one| one.modes.iter().map(move |mode| (one, mode)));
        let (expected, mode) = declared.find(|(_, mode)| !modes.contains(&&***mode))?;
        let help = match nearest(mode, modes.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "add it to `modes`, or remove it from `expect`".to_owned(),
        };
        let error = format!("`expect` names the mode `{mode}`, which the sweep does not have");
        Some(Message::new(error, help).line(format!("declared at {}", expected.written_at)))
    }

    /// Every cell, in the order of the report.
    fn jobs(&self, functions: &[Arc<str>], golden: &Golden) -> Vec<Job<'_>> {
        let mut jobs = Vec::new();
        let mut add = |function: &Arc<str>, is_for_all: bool| {
            let modes = self.modes.iter();
            for mode in modes.filter(|mode| mode.is_for_all() == is_for_all) {
                if mode.is_of_streams() && !golden.streams(function) {
                    continue;
                }
                for persistence in mode.own_persistence().unwrap_or(&self.persistence) {
                    jobs.push((function.clone(), mode, *persistence));
                }
            }
        };
        for function in functions {
            add(function, false);
        }
        add(&EVERY_FUNCTION.into(), true);
        let job = |(function, mode, persistence): (Arc<str>, _, _)| Job {
            injected: Injected { mode, persistence },
            function,
        };
        jobs.into_iter().map(job).collect()
    }

    /// Runs the jobs; `None` for each whose mode did not occur.
    fn cells(&self, jobs: &[Job<'_>], golden: &Golden) -> Result<Vec<Option<Cell>>, Message> {
        let next = AtomicUsize::new(0);
        let available = || thread::available_parallelism().map_or(1, usize::from);
        let threads = self
            .threads
            .unwrap_or_else(available)
            .clamp(1, jobs.len().max(1));
        let work = || {
            let same = match &self.is_same {
                Some(is_same) => Some((&**is_same, self.golden_value()?)),
                None => None,
            };
            let same = same.as_ref().map(|(is_same, golden)| (*is_same, golden));
            let mut done = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(index) else {
                    return Ok(done);
                };
                let cell = Part::Rest.watch(|| self.cell(job, golden, same));
                done.push((index, cell.and_then(|cell| cell).map_err(Broken::message)?));
            }
        };
        let mut cells: Vec<Option<Cell>> = vec![None; jobs.len()];
        let mut mistake = None;
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|_| {
                    named()
                        .spawn_scoped(scope, work)
                        .expect("the system has a thread")
                })
                .collect();
            for worker in workers {
                match worker.join() {
                    Ok(Ok(done)) => done
                        .into_iter()
                        .for_each(|(index, cell)| cells[index] = cell),
                    Ok(Err(other)) => mistake = mistake.take().or(Some(other)),
                    Err(panic) => resume_unwind(panic),
                }
            }
        });
        match mistake {
            Some(mistake) => Err(mistake),
            None => Ok(cells),
        }
    }

    /// The value of another golden run, for this thread.
    fn golden_value(&self) -> Result<T, Message> {
        let seen = self.tested(MOST_ATTEMPTS).observe::<T, E>(None);
        let seen = seen.map_err(Broken::message)?;
        let repeats = "in a repetition for `same_if`";
        Golden::of(&seen).map_err(|mistake| mistake.under(repeats))?;
        Ok(seen.value.expect("a golden run has a value"))
    }

    /// The cell of a job; `same` compares its result with the golden one.
    fn cell(
        &self,
        job: &Job<'_>,
        golden: &Golden,
        same: Option<(&IsSame<T>, &T)>,
    ) -> Result<Option<Cell>, Broken> {
        let function = (!job.injected.mode.is_for_all()).then_some(&*job.function);
        let seen: Seen<T> = self
            .tested(golden.most_attempts())
            .observe::<T, E>(Some((function, job.injected)))?;
        let is_same = match (same, &seen.value) {
            (Some((is_same, golden)), Some(value)) => {
                Part::SameIf.watch(|| is_same(golden, value))?
            }
            // The closure compares what is `Ok`.
            (Some(_), None) => false,
            (None, _) => golden.ended() == &seen.ended,
        };
        let rules = Rules {
            is_same,
            may_differ: self.degrading.contains(&job.function),
        };
        Ok(judge::cell(
            &job.function,
            job.injected,
            &seen,
            golden,
            rules,
        ))
    }
}

/// A thread whose name shows the source of what it prints.
fn named() -> thread::Builder {
    thread::Builder::new().name("fake-lambda sweep".to_owned())
}

fn on_named_thread<V: Send>(run: impl FnOnce() -> V + Send) -> V {
    thread::scope(|scope| {
        let worker = named().spawn_scoped(scope, run);
        let worker = worker.expect("the system has a thread");
        worker.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

fn no_stream() -> Message {
    Message::new(
        "every mode changes a stream, but no function of the sweep streams in the golden run",
        "add other modes, or let the code call a function with `InvokeWithResponseStream`",
    )
}

impl<S, R, T, E> fmt::Debug for Sweep<S, R, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweep")
            .field("modes", &self.modes)
            .field("persistence", &self.persistence)
            .field("on", &self.on)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}
