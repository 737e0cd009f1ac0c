//! The fake itself: [`FakeLambda`] owns the server, [`Handle`] accesses it from anywhere,
//! [`Builder`] configures it.

mod alias;
mod builder;
mod chaos;
mod constraint;
mod constraints;
mod engine;
mod environment;
mod events;
mod handle;
#[cfg(feature = "in-memory")]
mod in_memory;
#[cfg(feature = "wiremock")]
mod mounted;
mod outage;
mod witness;

use std::fmt;
use std::io::{self, Write as _};
use std::ops::Deref;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

pub use self::alias::Alias;
pub use self::builder::Builder;
pub use self::chaos::ActiveChaos;
pub use self::constraint::Constraint;
use self::engine::{Engine, Reach};
pub use self::events::{EventInvokeConfig, EventsRun};
pub use self::outage::Outage;
use self::witness::{Unseen, Witness};
use crate::api::wait::wait_at_most;
use crate::exchange::{Config, Exchange, PrintsJournal, State};
use crate::ground::location::Location;
use crate::ground::panics;
use crate::record::record::Reported;
use crate::record::report::{self, AtDrop, Report, Unanswered, Voice};
use crate::transport::http1::Server;

/// How long verification waits for executions of events that could still meet an expectation.
const PATIENCE: Duration = Duration::from_secs(1);

/// A fake Invoke endpoint on its own loopback port.
///
/// Starting and scripting a fake are synchronous, so they work in any test, with or without an
/// async runtime.
///
/// Keep the fake in a variable of the test that uses it, and give tasks and threads a
/// [`handle`](Self::handle). When the fake is dropped, it closes the port and all connections and
/// verifies: an unscripted request, an unmet expectation or a panic of user code fails the test. A
/// fake in a `static` or an rstest `#[once]` fixture is never dropped, so it is never verified;
/// call [`verify`](Self::verify) there. If a fake is dropped in a spawned task or on a thread other
/// than the one that started it, its panic fails no test. At the end of a thread, the drop does not
/// panic. In both of these cases, the drop writes its report to standard error, past the test
/// harness.
///
/// ```
/// use fake_lambda::{FakeLambda, ServiceError};
/// use serde_json::json;
///
/// let lambda = FakeLambda::start();
/// lambda.on("resize").reply(ServiceError::TooManyRequestsException).times(2).then(json!({"ok": true}));
/// assert!(lambda.endpoint_url().starts_with("http://127.0.0.1:"));
/// ```
///
/// If a fake has rules but received no request, and the test has not asked for its address, for
/// example with [`sdk_client!`](crate::sdk_client), the drop prints one line on standard error: the
/// client probably has another endpoint. The test harness shows the line only if the test fails. If
/// the test makes no call, state that with an expectation or an assertion such as
/// `lambda.assert_calls(0)`.
///
/// # Methods
///
/// A fake dereferences to [`Handle`] and has all of its methods. This page lists them below, under
/// "Methods from `Deref<Target = Handle>`":
///
/// - Script: [`on`](Handle::on), [`on_any`](Handle::on_any), [`load`](Handle::load),
///   [`alias`](Handle::alias), [`publish_version`](Handle::publish_version),
///   [`event_invoke_config`](Handle::event_invoke_config).
/// - Activate until `stop()`: [`deny`](Handle::deny) and the other [constraints](Constraint),
///   [`chaos`](Handle::chaos), [`outage`](Handle::outage), [`pause`](Handle::pause).
/// - Connect: [`sdk_client!`](crate::sdk_client), [`endpoint_url`](Handle::endpoint_url),
///   [`env`](Handle::env).
/// - Wait: [`wait_for_calls`](Handle::wait_for_calls),
///   [`wait_for_attempts`](Handle::wait_for_attempts),
///   [`wait_until_idle`](Handle::wait_until_idle); for events [`advance`](Handle::advance) and
///   [`settle_events`](Handle::settle_events).
/// - Assert: [`assert_calls`](Handle::assert_calls) and the other assertions, about all calls or,
///   after [`seen`](Handle::seen) or [`matching`](Handle::matching), about some of them.
/// - Inspect: [`journal`](Handle::journal), [`calls`](Handle::calls),
///   [`deliveries`](Handle::deliveries), [`timeline`](Handle::timeline).
///
/// # Drop
/// If the fake is dropped while the test panics for another reason, it prints to standard error:
/// where it was started, what the client last got and why, and the newest entries of the journal.
/// It also prints what verification finds, requests without an answer, and the hits of chaos. The
/// environment variable `FAKE_LAMBDA_JOURNAL` sets when the journal is printed: `failure` (the
/// default) prints it if the fake is dropped during a panic, `always` at each drop, `off` never.
/// The message of a failed verification or assertion contains the journal in any case.
///
/// # Forks
///
/// A process that was forked without `exec` has a copy of the fake, but not its thread. Using the
/// copy is not supported. Dropping it does nothing: the fake of the parent keeps its sockets.
///
/// # Panics
/// Dropping the fake panics if verification finds a problem, unless the thread is already panicking
/// or [`verify_on_drop`](Builder::verify_on_drop) is `false`. At the end of a thread, where a panic
/// would end the process, the drop only prints.
pub struct FakeLambda {
    handle: Handle,
    engine: Engine,
    verifies_on_drop: bool,
    witness: Witness,
}

/// A reference to a fake that can be cloned and sent to other threads.
///
/// Use it in tasks, application state and handlers; [`FakeLambda::handle`] creates one. It is cheap
/// to clone, `Send`, `Sync` and `'static`. A handle does not keep the fake alive. Once the fake is
/// dropped, its journal can still be read, but adding a rule, a constraint, chaos or an outage
/// panics.
#[derive(Clone)]
pub struct Handle {
    pub(crate) exchange: Arc<Exchange>,
    reach: Reach,
}

/// Holds requests, before any rule is tried, until [`stop`](Self::stop) or until it is dropped;
/// created by [`Handle::pause`].
#[must_use = "the pause ends when this is dropped: keep it in a variable, `let paused = lambda.pause();`, and end it with `paused.stop()`"]
pub struct Paused {
    exchange: Arc<Exchange>,
    begun_at: Location,
}

impl FakeLambda {
    /// Starts a fake with the default settings.
    ///
    /// The port is bound when this returns. No runtime is needed, because the fake has its own
    /// thread.
    ///
    /// # Panics
    ///
    /// Panics if the system has no free port, thread or descriptor, or if an environment variable
    /// is not valid, as in [`Builder::start`].
    #[track_caller]
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// Returns a builder for a fake with other settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Returns a handle to the fake, which does not own it.
    ///
    /// Give it to tasks, threads and application state, and keep the fake itself in the test, where
    /// its verification can fail the test:
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// let handle = lambda.handle(); // not `lambda` itself: a panic inside the task would fail no test
    /// let worker = tokio::spawn(async move {
    ///     handle.on("resize").reply(json!({"ok": true}));
    ///     let client = sdk_client!(aws_sdk_lambda, handle);
    ///     client.invoke().function_name("resize").send().await.is_ok()
    /// });
    /// assert!(worker.await.unwrap());
    /// lambda.assert_calls(1);
    /// # }
    /// ```
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Asserts that verification finds no problem, such as an unscripted request, an unmet
    /// expectation or a panic of user code.
    ///
    /// Each problem is reported once: the drop does not repeat what this call has reported. If
    /// running executions of events could still meet an expectation, this waits for them, at most a
    /// second; a [`strict`](Builder::strict) fake waits for every execution. A fake in memory does
    /// not wait if the executions need this thread.
    ///
    /// # Panics
    ///
    /// Panics with the report if there is a problem.
    #[track_caller]
    pub fn verify(&self) {
        if let Err(report) = self.try_verify() {
            let exchange = &self.handle.exchange;
            exchange.note_printed_journal(report.journal().unwrap_or_default());
            exchange.note_printed_seed();
            panic!("{report}");
        }
    }

    /// Does the same as [`verify`](Self::verify), but returns the report instead of panicking.
    ///
    /// # Errors
    ///
    /// Returns the [`Report`] of all problems since the last verification.
    pub fn try_verify(&self) -> Result<(), Report> {
        let exchange = &self.handle.exchange;
        self.wait_for_executions();
        exchange.note_check();
        match exchange.take_findings() {
            None => Ok(()),
            Some(reported) => Err(self.verification(&reported, Voice::Asked)),
        }
    }

    /// Waits for executions that could still meet an expectation, unless they need this thread.
    fn wait_for_executions(&self) {
        let exchange = &self.handle.exchange;
        if self.handle.reach.runs_elsewhere() {
            let is_strict = exchange.config.is_strict;
            wait_at_most(exchange, PATIENCE, |state| {
                !state.awaits_execution(is_strict)
            });
        }
    }

    fn verification(&self, reported: &Reported, voice: Voice) -> Report {
        let config = &self.handle.exchange.config;
        report::verification(reported, &config.started(), config.seed, voice)
    }

    /// The report of a drop that does not panic itself.
    fn at_drop(
        &self,
        reported: Option<Reported>,
        unanswered: &[Unanswered],
        is_panicking: bool,
    ) -> Option<Report> {
        let exchange = &self.handle.exchange;
        let config = &exchange.config;
        let shows_journal = match config.prints_journal {
            PrintsJournal::Never => false,
            PrintsJournal::AtFailure => is_panicking,
            PrintsJournal::Always => true,
        };
        if reported.is_none() && !shows_journal && !is_panicking {
            return None;
        }
        let reported = reported.unwrap_or_else(|| exchange.unverified());
        let given_up = exchange.read(State::given_up);
        report::at_drop(&AtDrop {
            given_up: given_up.as_ref(),
            unused: &exchange.unused_rules(),
            newest_outage: exchange.read(|state| state.record.newest_outage.clone()),
            failed_pause: exchange.read(|state| state.record.failed_pause.clone()),
            last: exchange.last_answer(&reported.journal),
            reported: &reported,
            started: &config.started(),
            seed: config.seed,
            is_seed_printed: exchange.is_seed_printed(),
            transport: config.transport,
            is_panicking,
            shows_journal,
            printed_journal: &exchange.printed_journal(),
            unanswered,
        })
    }

    fn start_with(config: Config, verifies_on_drop: bool) -> std::io::Result<Self> {
        let exchange = Arc::new(Exchange::new(config));
        let server = Server::start(exchange.clone())?;
        Ok(Self::with(exchange, Engine::Own(server), verifies_on_drop))
    }

    fn with(exchange: Arc<Exchange>, engine: Engine, verifies_on_drop: bool) -> Self {
        let handle = Handle {
            exchange,
            reach: engine.reach(),
        };
        Self {
            handle,
            engine,
            verifies_on_drop,
            witness: Witness::here(),
        }
    }
}

/// All methods of [`Handle`].
impl Deref for FakeLambda {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        Witness::note_use();
        &self.handle
    }
}

impl Drop for FakeLambda {
    fn drop(&mut self) {
        if self.witness.is_in_a_fork() {
            return;
        }
        let exchange = self.handle.exchange.clone();
        let is_panicking = thread::panicking();
        if self.verifies_on_drop && !is_panicking {
            self.wait_for_executions();
        }
        exchange.close();
        let unanswered = exchange.unanswered();
        if !self.engine.stop() {
            let handler = exchange.polled_handler();
            let started = exchange.config.started();
            eprint!(
                "{}",
                report::thread_left_running(&started, handler.as_ref())
            );
        }
        let reported = match self.verifies_on_drop {
            true => exchange.take_findings(),
            false => None,
        };
        if self.verifies_on_drop && reported.is_none() && !is_panicking {
            let rules = exchange.unreached_rules();
            let config = &exchange.config;
            let unused = report::no_request(&config.started(), &rules, config.transport);
            if let Some(unused) = unused {
                eprint!("{unused}");
            }
        }
        // A client that has given up can still be connected, so nothing is printed for a test that
        // passes.
        if reported.is_some() && !is_panicking && !unanswered.is_empty() {
            let started = exchange.config.started();
            eprint!("{}", report::unanswered(&started, &unanswered));
        }
        let (failed, printed) = match reported {
            Some(reported) if !is_panicking => {
                (Some(self.verification(&reported, Voice::Dropped)), None)
            }
            reported => (None, self.at_drop(reported, &unanswered, is_panicking)),
        };
        // Replies and conditions may own handles to this fake; dropping them breaks the reference
        // cycle.
        let (steps, conditions) = exchange.edit(|state| state.behavior.rules.strip());
        let dropped = panics::try_for_each(steps, drop);
        let dropped = dropped.and(panics::try_for_each(conditions, drop));
        let unseen = match failed.is_some() || dropped.is_err() {
            true => self.witness.unseen(),
            false => None,
        };
        if let (Some(failed), Some(unseen)) = (&failed, &unseen) {
            print_past_harness(&report::unseen_verification(failed, &unseen.place()));
        }
        if let Some(printed) = printed {
            eprintln!("{printed}");
        }
        let dropped = match dropped {
            // The panic hook has printed this panic, and the report is more important. During a
            // panic or at the end of the thread, another panic would end the process.
            Err(panic) if failed.is_some() || is_panicking || unseen == Some(Unseen::ThreadEnd) => {
                drop(panics::panic_text(panic));
                Ok(())
            }
            dropped => dropped,
        };
        match failed {
            // It was printed above, and a panic here would end the process.
            Some(_) if unseen == Some(Unseen::ThreadEnd) => {}
            Some(failed) => panic!("{failed}"),
            None => {}
        }
        if let Err(panic) = dropped {
            resume_unwind(panic);
        }
    }
}

/// Prints to standard error past a test harness, which captures what `eprint!` prints and discards
/// it if the test passes.
fn print_past_harness(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

impl Paused {
    /// Ends the pause: the held requests are decided now, in the order of arrival, unless another
    /// pause still holds them.
    ///
    /// Without this call, the pause ends when the guard is dropped.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        let exchange = &self.exchange;
        if thread::panicking() && exchange.read(|state| state.intake.holds()) {
            let begun_at = self.begun_at.clone();
            exchange.edit(|state| state.record.failed_pause = Some(begun_at));
        }
        exchange.resume();
    }
}

impl fmt::Debug for Paused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Paused")
    }
}

impl fmt::Debug for FakeLambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeLambda")
            .field("endpoint_url", &self.endpoint_url())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("endpoint_url", &self.endpoint_url())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use serde_json::json;

    use super::FakeLambda;

    /// A test cannot fork, so this one pretends that another process started the fake.
    #[test]
    fn a_copy_in_a_forked_process_is_dropped_without_effect() {
        let mut lambda = FakeLambda::start();
        lambda.on("f").reply(json!(1));
        let handle = lambda.handle();
        let mut client = TcpStream::connect(("127.0.0.1", handle.port())).unwrap();
        lambda.witness.leave_process();
        // The copy has a finding, but its drop neither panics nor waits for the fake's thread.
        handle.on("g").reply(json!(2)).expect_calls(1);
        drop(lambda);
        let request = "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        client.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        client.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
        TcpStream::connect(("127.0.0.1", handle.port())).unwrap();
    }
}
