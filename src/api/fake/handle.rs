//! The methods of a fake.

use std::fmt;
use std::net::SocketAddr;

use super::{Handle, Paused};
use crate::api::rule::{Rule, Seen};
use crate::api::seen::Scope;
use crate::api::wait::Wait;
use crate::aws::target::{Target, target_of};
use crate::exchange::State;
use crate::ground::location::Location;
use crate::record::journal::{Journal, Timeline};
use crate::record::report;
use crate::reply::capability::{Capability, Need};

impl Handle {
    /// Starts a rule for a function, given as name, `name:qualifier`, partial ARN or full ARN.
    ///
    /// A target without a qualifier matches every qualifier, and one without a region or account
    /// matches every region or account. `name:$LATEST` matches both `$LATEST` and requests without
    /// a qualifier.
    ///
    /// If several rules match, the most specific one answers: a qualifier is more specific than a
    /// function name, and a name is more specific than [`on_any`](Self::on_any). Among equally
    /// specific rules the newest answers, so a test can override the defaults of a fixture.
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
    /// Panics if the text does not name a function.
    #[track_caller]
    pub fn on(&self, target: impl AsRef<str>) -> Rule {
        Rule::new(
            self.exchange.clone(),
            Some(target_of(target.as_ref())),
            Location::here(),
        )
    }

    /// Starts a rule for every function. Rules that name the function are tried first.
    #[track_caller]
    pub fn on_any(&self) -> Rule {
        Rule::new(self.exchange.clone(), None, Location::here())
    }

    /// Records a setting for a function; verification reports it if its name is a typo.
    pub(super) fn name_setting(&self, verb: &'static str, target: &Target, written_at: Location) {
        self.exchange.edit(|state| {
            state.behavior.name_setting(verb, target, written_at);
        });
    }

    /// Returns a view of the calls to a target, whichever rule answered them.
    ///
    /// # Panics
    ///
    /// Panics if the text does not name a function.
    #[track_caller]
    pub fn seen(&self, target: impl AsRef<str>) -> Seen {
        let target = target_of(target.as_ref());
        self.exchange.note_question(&target);
        Seen {
            exchange: self.exchange.clone(),
            scope: Scope::of_target(target),
        }
    }

    /// Holds requests, before any rule is tried, while you change several rules. The returned guard
    /// ends this when its [`stop`](Paused::stop) is called or when it is dropped.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, ServiceError};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// let old = lambda.on("resize").reply(json!(1));
    /// let paused = lambda.pause();
    /// old.remove();
    /// lambda.on("resize").reply(ServiceError::ServiceException).times(1).then(json!(2));
    /// paused.stop();
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the fake is mounted on a `wiremock::MockServer`.
    #[track_caller]
    pub fn pause(&self) -> Paused {
        self.require(Capability::Pause, "`pause`");
        self.exchange.pause();
        Paused {
            exchange: self.exchange.clone(),
            begun_at: Location::here(),
        }
    }

    /// Panics at the test's line unless the transport of this fake has the capability.
    #[track_caller]
    pub(super) fn require(&self, capability: Capability, written: &str) {
        if let Some(need) = self.exchange.unmet_need(Need::of(capability, written)) {
            panic!("{}", report::needs_server(&need));
        }
    }

    /// Returns the journal of everything so far, for snapshots and failure messages.
    pub fn journal(&self) -> Journal {
        self.exchange.note_check();
        self.exchange.read(|state| state.journal())
    }

    /// Returns the journal with its times, for printing: one lane for each call, with its attempts
    /// and the waits between them.
    ///
    /// `#` is a running attempt, `.` is the client's wait before a retry, and `x` is the end of an
    /// attempt that the client abandoned. Duplicate work is marked: the function ran for one
    /// attempt of a call and again for a later one. Executions of events are listed below the
    /// attempt that sent them, as in the journal. On a socket the times are real, so do not use
    /// this in snapshots; use [`journal`](Self::journal) there. A fake in memory takes its times
    /// from tokio's clock; if that clock is paused, they are the same in every run. The text has no
    /// colors.
    ///
    /// ```text
    /// 2 calls, 3 attempts, 1 abandoned, in 52.9 ms (real time: not for snapshots)
    /// 1 |#x.............................##       | pay RequestResponse {"id":7}
    ///   0.0 ms + 1.9 ms: attempt 1/3, 8 bytes in → no answer (ran, lost 200 {"ok":true}) (abandoned by the client)
    ///   waited 40.2 ms
    ///   42.1 ms + 0.3 ms: attempt 2/3, 8 bytes in, 11 out → 200 {"ok":true} (ran twice: attempt 1/3 had run it)
    /// 2 |                                       #| mail Event {}
    ///   52.7 ms + 0.2 ms: attempt 1/3, 2 bytes in → 202
    ///     execution 1 → 200 {"sent":true}
    ///     Success
    /// ```
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    ///
    /// let lambda = FakeLambda::start();
    /// assert_eq!(lambda.timeline().to_string(), "no request has arrived");
    /// ```
    pub fn timeline(&self) -> impl fmt::Display + fmt::Debug + use<> {
        Timeline::of(self.journal(), self.exchange.config.clock())
    }

    /// Waits until no attempt is open, no function is running for a client that disconnected, and
    /// no event is running.
    ///
    /// A fake that has not received the request yet is idle: wait for the request of a spawned task
    /// with [`wait_for_calls`](Self::wait_for_calls) first.
    ///
    /// An attempt is open until the last byte of its reply is sent or the client disconnects. A
    /// client that timed out disconnects a moment later, when its runtime closes the connection, so
    /// await this before you assert on abandoned attempts.
    ///
    /// If a handler never ends, the wait fails at its deadline and names the handler. (In memory,
    /// a handler is ended after 15 minutes, which take no real time on a paused clock.) Limit the
    /// handler with [`Reply::timeout`](crate::Reply::timeout), or wait with
    /// [`wait_for_attempts`](Self::wait_for_attempts), which does not wait for functions. Dropping
    /// the fake does not wait for them either, except for at most one second if verification needs
    /// the result of an event, and for at most one second if a handler blocks the fake's thread.
    #[track_caller]
    pub fn wait_until_idle(&self) -> Wait {
        Wait::new(
            self.exchange.clone(),
            "for the fake to become idle".to_owned(),
            State::is_idle,
            State::not_idle,
        )
    }

    /// Returns the URL at which clients reach the fake: `http://127.0.0.1:<port>`.
    ///
    /// The host name in the URL of a fake in memory never resolves; only the fake's own transport
    /// reaches it.
    pub fn endpoint_url(&self) -> String {
        self.exchange.note_address();
        self.reach.url()
    }

    /// Returns the port in the [`endpoint_url`](Self::endpoint_url).
    ///
    /// # Panics
    ///
    /// Panics if the fake is in memory.
    #[track_caller]
    pub fn port(&self) -> u16 {
        let address = self.address("`port`");
        self.exchange.note_address();
        address.port()
    }

    /// The address of the fake; panics at the test's line if it has none.
    #[track_caller]
    pub(super) fn address(&self, written: &str) -> SocketAddr {
        match self.reach.address() {
            Some(address) => address,
            None => panic!("{}", report::needs_port(written)),
        }
    }

    /// Returns the region of requests that do not name one: `us-east-1`, or the builder's.
    pub fn region(&self) -> &str {
        &self.exchange.config.defaults.region
    }
}
