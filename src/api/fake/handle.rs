//! The verbs of a fake.

use std::fmt;

use super::{Handle, Paused};
use crate::api::rule::{Rule, Seen};
use crate::api::seen::Scope;
use crate::api::wait::Wait;
use crate::aws::target::{Target, target_of};
use crate::behavior::named::NamedSetting;
use crate::exchange::State;
use crate::ground::location::Location;
use crate::record::journal::{Journal, Timeline};
use crate::record::report;
use crate::reply::capability::{Capability, Need};

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
            Location::here(),
        )
    }

    /// Begins a rule for every function that no other rule wants.
    #[track_caller]
    pub fn on_any(&self) -> Rule {
        Rule::new(self.exchange.clone(), None, Location::here())
    }

    /// Notes a setting for a function, which verification reports where its name is a typo.
    pub(super) fn name_setting(&self, verb: &'static str, target: &Target, written_at: Location) {
        self.exchange.edit(|state| {
            let named = &mut state.behavior.named;
            if !named.iter().any(|known| known.is(verb, target)) {
                named.push(NamedSetting::new(verb, target.clone(), written_at));
            }
        });
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
            scope: Scope::of_target(target_of(target.as_ref())),
        }
    }

    /// Holds requests undecided while several rules change, until [`stop`](Paused::stop) or until the guard is dropped.
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
    /// At this line when the fake is mounted on a `wiremock::MockServer`.
    #[track_caller]
    pub fn pause(&self) -> Paused {
        self.require(Capability::Pause, "`pause`");
        self.exchange.pause();
        Paused(self.exchange.clone())
    }

    /// Panics at the line of the test unless the transport of this fake can do that.
    #[track_caller]
    pub(super) fn require(&self, capability: Capability, written: &str) {
        if let Some(need) = self.exchange.cannot(Need::of(capability, written)) {
            panic!("{}", report::needs_server(&need));
        }
    }

    /// Everything seen so far, for snapshots and failure texts.
    pub fn journal(&self) -> Journal {
        self.exchange.read(|state| state.journal())
    }

    /// The journal with its times, to be printed: one lane for each call, with its attempts and the waits between them.
    ///
    /// `#` is an attempt at work, `.` the client's wait before a retry, and `x` the end of an attempt that the client gave up on. Work that was done
    /// twice is marked: the function ran for one attempt of a call and again for a later one. The times are real, so this is not for
    /// snapshots; [`journal`](Self::journal) is. There are no colors.
    ///
    /// ```text
    /// 2 calls, 3 attempts, 1 abandoned, in 52.9 ms (real time: not for snapshots)
    /// 1 |#x..............................#       | pay RequestResponse {"id":7}
    ///   0.0 ms + 1.9 ms: attempt 1/3, 8 bytes in → no answer (ran, lost 200 {"ok":true}) (abandoned by the client)
    ///   waited 40.2 ms
    ///   42.1 ms + 0.3 ms: attempt 2/3, 8 bytes in, 11 out → 200 {"ok":true} (ran twice: attempt 1/3 had run it)
    /// 2 |                                       #| mail Event {}
    ///   52.7 ms + 0.2 ms: attempt 1/3, 2 bytes in → 202
    /// ```
    ///
    /// ```
    /// use fake_lambda::FakeLambda;
    ///
    /// let lambda = FakeLambda::start();
    /// assert_eq!(lambda.timeline().to_string(), "no request has come");
    /// ```
    pub fn timeline(&self) -> impl fmt::Display + fmt::Debug + use<> {
        Timeline::of(self.journal())
    }

    /// Waits until every attempt has its final answer or was abandoned, every function has ended whose client left, and no accepted event is being
    /// run.
    ///
    /// A client that timed out is gone only once its own runtime has closed the connection: wait for that here before asserting. A handler
    /// that never ends never becomes idle: the wait then fails at its deadline and names the handler. Bound it with
    /// [`Reply::timeout`](crate::Reply::timeout), or wait with [`wait_for_attempts`](Self::wait_for_attempts), which does not wait for functions. A
    /// drop of the fake does not wait either.
    #[track_caller]
    pub fn wait_until_idle(&self) -> Wait {
        Wait::new(
            self.exchange.clone(),
            "for the fake to become idle".to_owned(),
            State::is_idle,
            State::not_idle,
        )
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
