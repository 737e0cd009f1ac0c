//! The fake itself: [`FakeLambda`] owns the server, [`Handle`] speaks to it from anywhere, [`Builder`] sets it up.

mod alias;
mod builder;
mod chaos;
mod environment;
mod outage;

use std::fmt;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::thread;

pub use self::alias::Alias;
pub use self::builder::Builder;
pub use self::chaos::ActiveChaos;
pub use self::outage::Outage;
use crate::exchange::{Config, Exchange};
use crate::journal::Journal;
use crate::matchers;
use crate::place::Place;
use crate::report::{self, Report};
use crate::rule::{Rule, Script, Seen};
use crate::server::{Server, Sockets};
use crate::service_error::ServiceError;
use crate::target::target_of;
use crate::wait::Wait;

/// A fake Invoke endpoint on a loopback port of its own.
///
/// Starting and scripting it are plain functions: they work in any test, on any executor or none. Everything a
/// [`Handle`] does, it does too. It is the only owner: when it is dropped the port is closed, every connection ends, and what was not scripted,
/// not expected or panicked fails the test. So keep it in the test that uses it, one for each test: in a `static`, in
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
/// # Panics
///
/// Its drop panics when verification finds something, unless the thread is panicking already: then the report goes to standard error.
pub struct FakeLambda {
    handle: Handle,
    server: Server,
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
    sockets: Arc<Sockets>,
}

/// Holds requests undecided until it is dropped; made by [`Handle::pause`].
#[must_use = "the pause ends when this is dropped: keep it in a variable, `let _paused = lambda.pause();`"]
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
    /// Each finding is told once; what was told here is not told again at drop.
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
        let exchange = &self.handle.exchange;
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
                    config.seed,
                ))
            }
        }
    }

    fn start_with(config: Config, verifies_on_drop: bool) -> std::io::Result<Self> {
        let exchange = Arc::new(Exchange::new(config));
        let server = Server::start(exchange.clone())?;
        let handle = Handle {
            exchange,
            address: server.address(),
            sockets: server.sockets(),
        };
        Ok(Self {
            handle,
            server,
            verifies_on_drop,
        })
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
        exchange.freeze();
        let unanswered = exchange.unanswered();
        if !unanswered.is_empty() {
            eprint!(
                "{}",
                report::unanswered(&exchange.config.started(), &unanswered)
            );
        }
        if !self.server.stop() {
            let handler = match exchange.polled() {
                Some(place) => format!("the handler written at {place}"),
                None => "something".to_owned(),
            };
            eprintln!(
                "fake-lambda, {}: {handler} still blocks the fake's thread after a second; it is left behind",
                exchange.config.started()
            );
        }
        let found = if self.verifies_on_drop {
            self.try_verify().err()
        } else {
            None
        };
        // Replies and conditions may hold handles of this fake; without them nothing keeps itself alive.
        drop(exchange.edit(|state| state.rules.strip()));
        match found {
            Some(report) if thread::panicking() => eprintln!("{report}"),
            Some(report) => panic!("{report}"),
            // The test failed by itself, and has to know with which hits.
            None if thread::panicking() => {
                if let Some(chaos) = exchange.read(|state| state.chaos.summary()) {
                    eprint!("{}", report::chaos_of(&exchange.config.started(), &chaos));
                }
            }
            None => {}
        }
    }
}

impl Handle {
    /// Begins a rule for a function: its name, `name:qualifier`, partial ARN or full ARN.
    ///
    /// Without a qualifier the rule is for every one; `:$LATEST` is for `$LATEST` and for none. Without region or account it is for every one.
    /// A rule that names a function goes before [`on_any`](Self::on_any), one that names a qualifier before one that does not, and of
    /// two alike the newer goes first: a fixture sets defaults, and a test overrides them.
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(json!({"ok": true}));
    /// lambda.on("resize:live").reply(json!({"ok": 1}));
    /// lambda.on("arn:aws:lambda:us-east-1:123456789012:function:resize:$LATEST").reply(json!({"beta": true}));
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when the text names no function.
    #[track_caller]
    pub fn on(&self, target: impl AsRef<str>) -> Rule {
        Rule::new(
            self.exchange.clone(),
            Some(target_of(target.as_ref())),
            Place::here(),
        )
    }

    /// Begins a rule for every function that no other rule wants.
    #[track_caller]
    pub fn on_any(&self) -> Rule {
        Rule::new(self.exchange.clone(), None, Place::here())
    }

    /// Denies the caller a function, as a missing permission does: 403 `AccessDeniedException` in AWS's words for it, to a DryRun, too.
    ///
    /// A rule like any other: a newer one for the same target goes before it, and [`remove`](crate::Script::remove) ends it.
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.deny("resize").expect_calls(0);
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when the text names no function.
    #[track_caller]
    pub fn deny(&self, target: impl AsRef<str>) -> Script {
        let denied = ServiceError::AccessDeniedException;
        self.on(target)
            .when(matchers::any_invocation_type())
            .reply(denied)
    }

    /// What was seen of a target, whichever rules answered.
    ///
    /// # Panics
    ///
    /// At this line when the text names no function.
    #[track_caller]
    pub fn seen(&self, target: impl AsRef<str>) -> Seen {
        Seen {
            exchange: self.exchange.clone(),
            target: target_of(target.as_ref()),
        }
    }

    /// Holds requests undecided while several rules change; they are decided when the guard is dropped.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, ServiceError};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// let old = lambda.on("resize").reply(json!(1));
    /// {
    ///     let _paused = lambda.pause();
    ///     old.remove();
    ///     lambda.on("resize").reply(ServiceError::ServiceException).times(1).then(json!(2));
    /// }
    /// ```
    pub fn pause(&self) -> Paused {
        self.exchange.pause();
        Paused(self.exchange.clone())
    }

    /// Everything seen so far, for snapshots and failure texts.
    pub fn journal(&self) -> Journal {
        self.exchange.read(|state| state.log.journal())
    }

    /// Waits until every attempt has its final answer or was abandoned, and no handler of an accepted event runs.
    ///
    /// A client that timed out is gone only once its own runtime has closed the connection: wait for that here before asserting.
    #[track_caller]
    pub fn wait_until_idle(&self) -> Wait {
        Wait::new(self.exchange.clone(), "an idle fake".to_owned(), |state| {
            (!state.is_idle())
                .then(|| report::not_idle(state.log.open_attempts(), state.late_handlers()))
        })
    }

    /// Where clients find the fake: `http://127.0.0.1:<port>`.
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port alone.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The region of requests that name none: `us-east-1` unless the builder says otherwise.
    pub fn region(&self) -> &str {
        &self.exchange.config.defaults.region
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
