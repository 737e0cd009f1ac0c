//! Random faults, errors and delays that are the same for the same seed.
//!
//! A [`Chaos`] is data. By default, each decision depends only on the seed, the target and the
//! number of the attempt at that target, so calls to other functions do not change it. If the chaos
//! is keyed by payload, a decision depends on the seed, the target, the payload and the number of
//! the attempt within its call. This module uses no clock and no I/O; `exchange` applies a hit to
//! an attempt.

mod hit;
mod mode;
mod set;
mod shrink;
mod what;

use std::ops::RangeInclusive;

pub use self::hit::Hit;
pub(crate) use self::mode::AttemptPattern;
use self::mode::Mode;
pub(crate) use self::set::{
    ChaosId, ChaosSet, DrawnHit, IdleChaos, IdleKind, NamedTarget, Numbered, Summary,
};
pub use self::shrink::Shrink;
use self::what::HitKind;
pub use self::what::IntoEffect;
pub(crate) use self::what::{Effect, effect_of};
use crate::aws::target::{Target, target_of};
use crate::ground::count::Count;
use crate::ground::draws::ROUNDING;
use crate::ground::location::Location;
use crate::ground::message::{Message, accepted};
#[cfg(feature = "in-memory")]
use crate::reply::chunks::StreamChange;
use crate::reply::reply::Reply;

/// Random faults, errors and delays on top of any scripts, the same for the same seed. Start it
/// with [`Handle::chaos`](crate::Handle::chaos).
///
/// Whether an attempt is hit depends on one of two keys:
///
/// - By default, the seed, the target (function and qualifier) and the number of the attempt at
///   that target. Calls to other functions do not matter. The same numbers are hit in every run;
///   they belong to the same calls only if calls of one function do not overlap.
/// - With [`keyed_by_payload`](Self::keyed_by_payload), the seed, the target, the payload and the
///   number of the attempt within its call. Each payload is hit in the same way in every run, even
///   if calls of one function run in parallel.
///
/// Attempts at a target are counted from 1, from the start of the fake, including retries and
/// refused requests. The modes are tried in the order written, and the first that hits an attempt
/// applies.
///
/// A hit is a [`ServiceError`](crate::ServiceError), a [`FunctionError`](crate::FunctionError), a
/// [`Fault`](crate::Fault), a [`Delay`](crate::Delay), or a [`Reply`] that is an error or a plain
/// HTTP reply, has a fault, sets its status or body, or omits a header. A hit answers instead of
/// the script and consumes no step. The rule does not count the attempt, but `seen(..)` and the
/// fake's own assertions do. A [`Delay`](crate::Delay) is different: the script's own reply is sent
/// later, as if it had this [`delay`](Reply::delay) in addition to its own. A reply with a fault of
/// its own is not delayed, nor is an Event's 202.
///
/// A fault that damages a reply is different: it consumes the script's step and damages its reply.
/// If the fault cannot fire because the body is too short, or if the reply already has a fault, the
/// reply is sent as scripted. The journal says so in the first case, and in the second case if a
/// handler returned the reply.
///
/// A request is hit only if the service would accept it, its caller is not
/// [denied](crate::Handle::deny) and some rule covers its target. A DryRun is never hit. A hit that
/// answers instead of the script comes before all constraints except a denial, and does not count
/// toward them.
/// A reply with [`lost`](Reply::lost) or [`delivered_times`](Reply::delivered_times) can be a hit
/// even if it succeeds; it hits only Events.
///
/// The journal shows each hit with its reason. A failed test prints the seed of random
/// modes, and the hits as code for [`replay`](Self::replay).
///
/// ```
/// use fake_lambda::{Chaos, FakeLambda, Fault, ServiceError, sdk_client};
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let lambda = FakeLambda::start();
/// lambda.on("resize").reply(json!({"ok": true}));
/// let chaos = lambda.chaos(
///     Chaos::seeded(5)
///         .rate(0.2, ServiceError::ServiceException)
///         .rate(0.1, Fault::Reset)
///         .on("resize"),
/// );
///
/// let client = sdk_client!(aws_sdk_lambda, lambda);
/// for _ in 0..4 {
///     client.invoke().function_name("resize").send().await.unwrap(); // the SDK retries
/// }
/// let hits: Vec<String> = chaos.hits().iter().map(ToString::to_string).collect();
/// assert_eq!(hits, [r#"Hit::new("resize", 3, ServiceError::ServiceException)"#, r#"Hit::new("resize", 4, Fault::Reset)"#]);
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "chaos does nothing until it is started: `lambda.chaos(chaos)`"]
pub struct Chaos {
    source: Source,
    scope: Vec<Target>,
    /// Whether attempts are distinguished by their payload and counted within their call.
    is_keyed: bool,
    /// Whether the targets of one function are counted together.
    is_by_function: bool,
    spared: u64,
    modes: Vec<Mode>,
}

/// The source of the decisions.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// The seed of the fake.
    Fake,
    Seed(u64),
    /// All decisions are already made.
    Replay(Vec<Hit>),
}

impl Chaos {
    /// Creates chaos with the fake's own seed: [`Builder::seed`](crate::Builder::seed) or
    /// `FAKE_LAMBDA_SEED`.
    pub fn new() -> Self {
        Self::of(Source::Fake)
    }

    /// Creates chaos with this seed, independent of the fake's.
    ///
    /// If several `Chaos` values on one fake have the same seed, each of them draws different
    /// random numbers.
    pub fn seeded(seed: u64) -> Self {
        Self::of(Source::Seed(seed))
    }

    /// Creates chaos that has no seed and exactly these hits, for example those that a failed test
    /// printed or [`ActiveChaos::hits`](crate::ActiveChaos::hits) returned.
    ///
    /// A hit whose attempt does not occur has no effect.
    ///
    /// ```
    /// use fake_lambda::{Chaos, FakeLambda, Fault, Hit, ServiceError};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(json!({"ok": true}));
    /// lambda.chaos(Chaos::replay([
    ///     Hit::new("resize", 1, ServiceError::ServiceException),
    ///     Hit::new("resize", 4, Fault::Reset),
    /// ]));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if two hits are for the same attempt.
    #[track_caller]
    pub fn replay(hits: impl IntoIterator<Item = Hit>) -> Self {
        accepted(Self::try_replay(hits.into_iter().collect()))
    }

    /// Removes hits from a list as long as a test still fails with the others; see [`Shrink`].
    pub fn shrink(hits: impl IntoIterator<Item = Hit>) -> Shrink {
        Shrink::new(hits.into_iter().collect())
    }

    /// Hits this share of the attempts, from 0 to 1.
    ///
    /// Each rate is a share of all attempts: after `rate(0.1, a)`, `rate(0.02, b)` hits about 2 of
    /// 100 attempts with `b`, and `a` hits the same attempts as without `b`.
    ///
    /// # Panics
    ///
    /// Panics if `rate` is not between 0 and 1, if the sum of the rates is over 1, if `what`
    /// succeeds, is a handler or a stream, or has an invalid number or range, or if this is a
    /// replay.
    #[track_caller]
    pub fn rate(self, rate: f64, what: impl IntoEffect) -> Self {
        accepted(self.try_with(
            AttemptPattern::Rate(rate),
            effect_of(what),
            Location::here(),
        ))
    }

    /// Hits every n-th attempt at each target: with 3 the 3rd, the 6th, and so on.
    ///
    /// # Panics
    ///
    /// Panics if `n` is 0, if `what` succeeds, is a handler or a stream, or has an invalid number
    /// or range, or if this is a replay.
    #[track_caller]
    pub fn every_nth(self, n: u64, what: impl IntoEffect) -> Self {
        accepted(self.try_with(
            AttemptPattern::EveryNth(n),
            effect_of(what),
            Location::here(),
        ))
    }

    /// Hits this many consecutive attempts; at each attempt a burst starts with this probability,
    /// from 0 to 1.
    ///
    /// A burst that starts within another one makes it longer.
    ///
    /// # Panics
    ///
    /// Panics if `rate` is not between 0 and 1, if `attempts` is 0 or over 1,000, if `what`
    /// succeeds, is a handler or a stream, or has an invalid number or range, or if this is a
    /// replay.
    #[track_caller]
    pub fn burst(self, rate: f64, attempts: u64, what: impl IntoEffect) -> Self {
        let when = AttemptPattern::Burst { rate, attempts };
        accepted(self.try_with(when, effect_of(what), Location::here()))
    }

    /// Hits each attempt whose number at its target is in the window: `4..=6` for an outage, `1..`
    /// for a function that never works.
    ///
    /// # Panics
    ///
    /// Panics if the window contains no attempt (they are counted from 1), if `what` succeeds, is a
    /// handler or a stream, or has an invalid number or range, or if this is a replay.
    #[track_caller]
    pub fn window(self, attempts: impl Into<Count>, what: impl IntoEffect) -> Self {
        accepted(self.try_with(
            AttemptPattern::Window(attempts.into()),
            effect_of(what),
            Location::here(),
        ))
    }

    /// Panics at the caller's line if an effect is not valid; `verb` is what the test called.
    #[cfg(feature = "in-memory")]
    #[track_caller]
    pub(crate) fn check_effect(what: impl IntoEffect, verb: &str) {
        accepted(HitKind::of(effect_of(what), verb, Location::here()));
    }

    /// Changes the script's streams in the window: [`Chunks`](crate::Chunks) replace everything
    /// after the first chunk; [`Boundaries`](crate::Boundaries) apply to the whole stream. Only
    /// attempts that get a stream are hit, and of these not the ones that a handler answers.
    #[cfg(feature = "in-memory")]
    pub(crate) fn window_of_streams(
        self,
        attempts: impl Into<Count>,
        change: impl Into<StreamChange>,
    ) -> Self {
        accepted(self.try_with(
            AttemptPattern::Window(attempts.into()),
            Effect::Stream(change.into()),
            Location::here(),
        ))
    }

    /// Delivers the events in the window this many times, each time with the script's own replies.
    #[cfg(feature = "in-memory")]
    pub(crate) fn window_of_events(self, attempts: impl Into<Count>, delivered_times: u32) -> Self {
        accepted(self.try_with(
            AttemptPattern::Window(attempts.into()),
            Effect::Delivered(delivered_times),
            Location::here(),
        ))
    }

    /// Counts attempts at a function, whatever its qualifier, region and account are, in place of
    /// attempts at a target.
    #[cfg(feature = "in-memory")]
    pub(crate) fn counted_by_function(mut self) -> Self {
        self.is_by_function = true;
        self
    }

    /// Hits at a rate that changes linearly: it starts at the first value, reaches the second value
    /// at attempt number `attempts` at a target, and then stays constant.
    ///
    /// The greater of its rates counts in the sum of the rates.
    ///
    /// # Panics
    ///
    /// Panics if a rate is not between 0 and 1, if the sum of the rates is over 1, if `attempts` is
    /// under 2, if `what` succeeds, is a handler or a stream, or has an invalid number or range, or
    /// if this is a replay.
    #[track_caller]
    pub fn ramp(self, rates: RangeInclusive<f64>, attempts: u64, what: impl IntoEffect) -> Self {
        let (from, to) = rates.into_inner();
        let when = AttemptPattern::Ramp { from, to, attempts };
        accepted(self.try_with(when, effect_of(what), Location::here()))
    }

    /// Never hits the attempts with the numbers 1 to `attempts` at each target, whatever the modes
    /// say. Together with `window(1.., ..)`, it simulates a function that breaks after a while.
    ///
    /// # Panics
    ///
    /// Panics if this is a replay.
    #[track_caller]
    pub fn succeed_first(mut self, attempts: u64) -> Self {
        accepted(self.replay_refuses("succeed_first"));
        self.spared = attempts;
        self
    }

    /// Distinguishes attempts by their payload, for callers that work in parallel.
    ///
    /// By default, the number of an attempt is its position in the order of arrival at its target.
    /// Parallel calls of one function can arrive in a different order in every run, so different
    /// calls are hit. With this method, the seed, the target, the payload and the number of the
    /// attempt within its call (1 for the first, 2 for the first retry) decide whether an attempt
    /// is hit. A given payload then gets the same result in every run, whenever it arrives.
    /// Calls with equal payloads share a result. JSON is compared member by member; the order of
    /// the members and the white space between them do not matter.
    ///
    /// The modes also count within the call: `every_nth(2, ..)` hits the first retry of each call,
    /// `window(1, ..)` hits its first attempt, and [`succeed_first(1)`](Self::succeed_first) spares
    /// its first attempt. A client that sends neither `amz-sdk-invocation-id` nor `amz-sdk-request`
    /// makes only first attempts: chaos that hits one of its requests hits each repetition of it.
    /// The same is true for a retry policy above the SDK, with the SDK's own retries disabled: each
    /// try is a new call. Use the default key for such a policy.
    ///
    /// ```
    /// use fake_lambda::{Chaos, FakeLambda, ServiceError, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").reply(json!({"paid": true}));
    /// let chaos = lambda.chaos(Chaos::seeded(5).rate(0.5, ServiceError::ServiceException).keyed_by_payload());
    ///
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let pay = |order: u64| {
    ///     let payload = format!(r#"{{"order":{order}}}"#).into_bytes();
    ///     client.invoke().function_name("pay").payload(payload.into()).send()
    /// };
    /// let _ = tokio::join!(pay(1), pay(2), pay(3)); // in whatever order they arrive
    /// let hits: Vec<String> = chaos.hits().iter().map(ToString::to_string).collect();
    /// assert_eq!(hits, [r##"Hit::new("pay", 1, ServiceError::ServiceException).keyed_by_payload(r#"{"order":3}"#)"##]);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if this is a replay: each of its hits says whether it is keyed by payload.
    #[track_caller]
    pub fn keyed_by_payload(self) -> Self {
        accepted(self.try_keyed_by_payload())
    }

    /// Hits only this function, or this qualifier of it, written as in
    /// [`Handle::on`](crate::Handle::on). A second `on` adds a target. Without `on`, every function
    /// can be hit.
    ///
    /// # Panics
    ///
    /// Panics if the text does not name a function, or if this is a replay, because its hits have
    /// their own targets.
    #[track_caller]
    pub fn on(self, target: impl AsRef<str>) -> Self {
        accepted(self.try_on(target_of(target.as_ref())))
    }

    /// The problem with the chaos as a whole, if there is one.
    pub(crate) fn mistake(&self) -> Option<Message> {
        let is_replay = matches!(self.source, Source::Replay(_));
        (self.modes.is_empty() && !is_replay).then(|| {
            Message::new(
                "this chaos never hits",
                "add a mode, as in `Chaos::seeded(7).rate(0.1, ServiceError::ServiceException)`",
            )
        })
    }

    /// All replies that it can answer with.
    pub(crate) fn replies(&self) -> impl Iterator<Item = &Reply> {
        let replayed = match &self.source {
            Source::Replay(hits) => hits.as_slice(),
            Source::Fake | Source::Seed(_) => &[],
        };
        let drawn = self.modes.iter().map(|mode| &mode.what.what);
        let all = drawn.chain(replayed.iter().map(Hit::what));
        all.filter_map(|what| match what {
            Effect::Reply(reply) => Some(&**reply),
            Effect::Delay(_) | Effect::Stream(_) | Effect::Delivered(_) => None,
        })
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            scope: Vec::new(),
            is_keyed: false,
            is_by_function: false,
            spared: 0,
            modes: Vec::new(),
        }
    }

    /// Adds a mode, or returns the reason why it is not valid.
    pub(crate) fn try_with(
        mut self,
        when: AttemptPattern,
        what: Effect,
        written_at: Location,
    ) -> Result<Self, Message> {
        if let Some(mistake) = when.mistake() {
            return Err(mistake);
        }
        let what = HitKind::of(what, when.verb(), written_at)?;
        self.replay_refuses(when.verb())?;
        self.modes.push(Mode { when, what });
        let sum: f64 = self.modes.iter().map(|mode| mode.when.most()).sum();
        match sum <= 1.0 + ROUNDING {
            true => Ok(self),
            false => Err(Message::new(
                format!("the rates of this chaos add up to {sum}"),
                "keep their sum at 1 or below",
            )),
        }
    }

    /// This chaos with this seed.
    pub(crate) fn drawn_from(mut self, seed: u64) -> Self {
        self.source = Source::Seed(seed);
        self
    }

    /// This chaos, keyed by payload, or the reason why that is not possible.
    pub(crate) fn try_keyed_by_payload(mut self) -> Result<Self, Message> {
        self.replay_refuses("keyed_by_payload")?;
        self.is_keyed = true;
        Ok(self)
    }

    /// Adds a target, or returns the reason why it is not valid.
    pub(crate) fn try_on(mut self, target: Target) -> Result<Self, Message> {
        self.replay_refuses("on")?;
        self.scope.push(target);
        Ok(self)
    }

    /// A replay, or the reason why it is not valid.
    pub(crate) fn try_replay(hits: Vec<Hit>) -> Result<Self, Message> {
        match self::hit::on_one_attempt(&hits) {
            Some((first, second)) => Err(hits[second].repeats(&hits[first])),
            None => Ok(Self::of(Source::Replay(hits))),
        }
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// The targets it hits; empty means every target.
    pub(crate) fn scope(&self) -> &[Target] {
        &self.scope
    }

    /// Returns `true` if attempts are distinguished by their payload and counted within their call.
    pub(crate) fn is_keyed(&self) -> bool {
        self.is_keyed
    }

    /// How many attempts at each target (if keyed, of each call) pass before it can hit one.
    pub(crate) fn spared(&self) -> u64 {
        self.spared
    }

    /// Its modes: the attempts that each hits, and the effect.
    pub(crate) fn modes(&self) -> impl Iterator<Item = (AttemptPattern, &Effect)> {
        self.modes.iter().map(|mode| (mode.when, &mode.what.what))
    }

    fn replay_refuses(&self, verb: &str) -> Result<(), Message> {
        match self.source {
            Source::Replay(_) => Err(Message::new(
                format!("a replay cannot have `{verb}`: it has its hits and nothing else"),
                "start a second chaos for it",
            )),
            Source::Fake | Source::Seed(_) => Ok(()),
        }
    }
}

/// The same as [`Chaos::new`].
impl Default for Chaos {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
