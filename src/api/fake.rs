//! The fake itself: [`FakeLambda`] owns the server, [`Handle`] speaks to it from anywhere, [`Builder`] sets it up.

mod alias;
mod builder;
mod chaos;
mod constraint;
mod constraints;
mod engine;
mod environment;
mod events;
mod handle;
#[cfg(feature = "wiremock")]
mod mounted;
mod outage;

use std::fmt;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

pub use self::alias::Alias;
pub use self::builder::Builder;
pub use self::chaos::ActiveChaos;
pub use self::constraint::Constraint;
use self::engine::Engine;
pub use self::events::{EventInvokeConfig, EventsRun};
pub use self::outage::Outage;
use crate::api::wait::wait_at_most;
use crate::exchange::{Config, Exchange, State};
use crate::record::report::{self, Report, Voice};
use crate::transport::http1::{Server, Sockets};

/// How long verification waits for executions of events that may yet meet an expectation.
const PATIENCE: Duration = Duration::from_secs(1);

/// A fake Invoke endpoint on a loopback port of its own.
///
/// Starting and scripting it are plain functions: they work in any test, on any executor or none. It is the only owner: when it is dropped the
/// port is closed, every connection ends, and what was not scripted, not expected or panicked fails the test. So keep it in the test that uses it, one for each test: in a `static`, in
/// an rstest `#[once]` fixture or in a task whose panics nobody sees it would not be verified.
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
/// # Verbs
///
/// It has every method of a [`Handle`], to which it derefs. They are on this page too, below under "Methods from `Deref<Target = Handle>`":
///
/// - Script: [`on`](Handle::on), [`on_any`](Handle::on_any), [`load`](Handle::load), [`alias`](Handle::alias),
///   [`publish_version`](Handle::publish_version), [`event_invoke_config`](Handle::event_invoke_config).
/// - Switch on, until `stop()`: [`deny`](Handle::deny) and the other [constraints](Constraint), [`chaos`](Handle::chaos), [`outage`](Handle::outage),
///   [`pause`](Handle::pause).
/// - Connect: [`sdk_client!`](crate::sdk_client), [`endpoint_url`](Handle::endpoint_url), [`env`](Handle::env).
/// - Wait: [`wait_for_calls`](Handle::wait_for_calls), [`wait_for_attempts`](Handle::wait_for_attempts),
///   [`wait_until_idle`](Handle::wait_until_idle); for events [`advance`](Handle::advance) and [`settle_events`](Handle::settle_events).
/// - Assert: [`assert_calls`](Handle::assert_calls) and the other assertions, of the whole fake or, after [`seen`](Handle::seen) or
///   [`matching`](Handle::matching), of a part of the calls.
/// - Look: [`journal`](Handle::journal), [`calls`](Handle::calls), [`deliveries`](Handle::deliveries), [`timeline`](Handle::timeline).
///
/// # Panics
///
/// Its drop panics when verification finds something, unless the thread is panicking already: then the report goes to standard error.
pub struct FakeLambda {
    handle: Handle,
    engine: Engine,
    verifies_on_drop: bool,
}

/// Scripts, asserts and waits, without owning the fake.
///
/// Made by [`FakeLambda::handle`]; cheap to clone, and `Send`, `Sync` and `'static`: for tasks, application state and handlers. It keeps
/// nothing alive. After the fake is gone the journal can still be read, and a new rule panics.
#[derive(Clone)]
pub struct Handle {
    pub(crate) exchange: Arc<Exchange>,
    address: SocketAddr,
    /// None where the server is another's.
    sockets: Option<Arc<Sockets>>,
}

/// Holds requests undecided until [`stop`](Self::stop), or until this is dropped; made by [`Handle::pause`].
#[must_use = "the pause ends when this is dropped: keep it in a variable, `let paused = lambda.pause();`, and end it with `paused.stop()`"]
pub struct Paused(Arc<Exchange>);

impl FakeLambda {
    /// Starts a fake with today's defaults.
    ///
    /// The port is bound when this returns. No runtime is needed; the fake has a thread of its own.
    ///
    /// # Panics
    ///
    /// At this line when the system has no port, thread or descriptor left.
    #[track_caller]
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// Sets up a fake that differs from the defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A handle that scripts, asserts and waits, and owns nothing.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Panics if anything was found: unscripted requests, panics of the test's closures, expectations unmet.
    ///
    /// Each finding is told once; what was told here is not told again at drop. Where the executions of events that are being run may yet meet an
    /// expectation, it waits for them, a second at most.
    ///
    /// # Panics
    ///
    /// At this line, with the report.
    #[track_caller]
    pub fn verify(&self) {
        if let Err(report) = self.try_verify() {
            panic!("{report}");
        }
    }

    /// What [`verify`](Self::verify) would panic with.
    ///
    /// # Errors
    ///
    /// The report of everything found since the last verification.
    pub fn try_verify(&self) -> Result<(), Report> {
        self.verified(Voice::Asked)
    }

    fn verified(&self, voice: Voice) -> Result<(), Report> {
        let exchange = &self.handle.exchange;
        let is_decided = |state: &State| !state.awaits_execution();
        wait_at_most(exchange, PATIENCE, is_decided);
        match exchange.take_findings() {
            None => Ok(()),
            Some(found) => {
                let config = &exchange.config;
                Err(report::verification(
                    &found.findings,
                    found.more_findings,
                    &found.journal,
                    found.chaos.as_ref(),
                    &config.started(),
                    found.has_drawn.then_some(config.seed),
                    voice,
                ))
            }
        }
    }

    fn start_with(config: Config, verifies_on_drop: bool) -> std::io::Result<Self> {
        let exchange = Arc::new(Exchange::new(config));
        let server = Server::start(exchange.clone())?;
        Ok(Self::with(exchange, Engine::Own(server), verifies_on_drop))
    }

    fn with(exchange: Arc<Exchange>, engine: Engine, verifies_on_drop: bool) -> Self {
        let handle = Handle {
            exchange,
            address: engine.address(),
            sockets: engine.sockets(),
        };
        Self {
            handle,
            engine,
            verifies_on_drop,
        }
    }
}

/// Everything a [`Handle`] does.
impl Deref for FakeLambda {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for FakeLambda {
    fn drop(&mut self) {
        let exchange = self.handle.exchange.clone();
        if self.verifies_on_drop && !thread::panicking() {
            wait_at_most(&exchange, PATIENCE, |state| !state.awaits_execution());
        }
        exchange.close();
        let unanswered = exchange.unanswered();
        if !unanswered.is_empty() {
            eprint!(
                "{}",
                report::unanswered(&exchange.config.started(), &unanswered)
            );
        }
        if !self.engine.stop() {
            let handler = exchange.polled();
            let started = exchange.config.started();
            eprint!("{}", report::left_behind(&started, handler.as_ref()));
        }
        let voice = match thread::panicking() {
            true => Voice::Panicking,
            false => Voice::Dropped,
        };
        let found = match self.verifies_on_drop {
            true => self.verified(voice).err(),
            false => None,
        };
        // Replies and conditions may hold handles of this fake; without them nothing keeps itself alive.
        drop(exchange.edit(|state| state.behavior.rules.strip()));
        match found {
            Some(report) if thread::panicking() => {
                eprintln!("{}", report.after(&exchange.printed_journal()));
            }
            Some(report) => panic!("{report}"),
            // The test failed by itself, and has to know with which hits.
            None if thread::panicking() => {
                if let Some(chaos) = exchange.read(|state| state.behavior.chaos.summary()) {
                    eprintln!("{}", report::chaos_of(&exchange.config.started(), &chaos));
                }
            }
            None => {}
        }
    }
}

impl Paused {
    /// Ends the pause: what was held is decided now, in the order of arrival.
    ///
    /// Without this it ends when the guard is dropped.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        self.0.resume();
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
