//! Trouble by chance that is the same in every run: which attempts meet what.
//!
//! A [`Chaos`] is data. Each decision is a function of its seed, the target and the number of the attempt at that target, so nothing that
//! other functions do meanwhile changes it. No clock and no I/O; what a hit does to an attempt is the work of `exchange`.

mod hit;
mod mode;
mod set;
mod shrink;
mod what;

use std::ops::RangeInclusive;

pub use self::hit::Hit;
pub(crate) use self::mode::AttemptPattern;
use self::mode::Mode;
pub(crate) use self::set::{ChaosId, ChaosSet, DrawnHit, NamedTarget, Summary};
pub use self::shrink::Shrink;
use self::what::HitKind;
use crate::aws::target::{Target, target_of};
use crate::ground::count::Count;
use crate::ground::location::Location;
use crate::ground::message::{Message, accepted};
use crate::reply::reply::{IntoReply, Reply};

/// How far a sum of rates may be over 1, since `0.1 + 0.2` is not `0.3`.
const ROUNDING: f64 = 1e-9;

/// Trouble by chance over any scripts, the same in every run; let loose with [`Handle::chaos`](crate::Handle::chaos).
///
/// Whether an attempt is hit follows from the seed, the target (function and qualifier) and the number of the attempt at that target, so it does
/// not matter what other functions do meanwhile. Attempts are counted from 1 for each target, from the start of the fake, retries and refused
/// requests included. The modes are asked in the order written, and the first that hits is the hit.
///
/// A hit is a [`ServiceError`](crate::ServiceError), a [`FunctionError`](crate::FunctionError), a [`Fault`](crate::Fault) or a [`Reply`] that is one of
/// them or has one. It answers in place of the script and uses none of its steps, and the rule does not count it: `seen(..)` and the
/// whole fake do. A fault that damages a reply is different: the script's step is used up and its reply damaged; where that cannot happen, as behind the
/// end of a short body or where the reply has a fault of its own, the reply is sent as scripted, and the journal says so in the first case. Hit are
/// only requests that the service would take, whose caller is not [denied](crate::Handle::deny) the function, and that some rule's target covers; a
/// DryRun is never hit. A hit that answers in place of the script comes before all other constraints, and takes no place under them.
/// With [`lost`](Reply::lost) or [`delivered_times`](Reply::delivered_times) a hit is a reply that goes well, and only Events are hit.
///
/// Each hit is in the journal with its reason. A failed test prints the seed and the hits, as code for [`replay`](Self::replay).
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
///     client.invoke().function_name("resize").send().await.unwrap(); // the SDK's retries cope
/// }
/// let hits: Vec<String> = chaos.hits().iter().map(ToString::to_string).collect();
/// assert_eq!(hits, [r#"Hit::new("resize", 3, ServiceError::ServiceException)"#, r#"Hit::new("resize", 4, Fault::Reset)"#]);
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "chaos does nothing until it is let loose: `lambda.chaos(chaos)`"]
pub struct Chaos {
    source: Source,
    scope: Vec<Target>,
    spared: u64,
    modes: Vec<Mode>,
}

/// What the decisions follow from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// The seed of the fake.
    Fake,
    Seed(u64),
    /// No decision is left.
    Replay(Vec<Hit>),
}

impl Chaos {
    /// Chaos that draws from the fake's own seed: [`Builder::seed`](crate::Builder::seed) or `FAKE_LAMBDA_SEED`.
    pub fn new() -> Self {
        Self::of(Source::Fake)
    }

    /// Chaos that draws from this seed, whatever the fake's is.
    ///
    /// Two with one seed at one fake do not hit alike: the second draws on.
    pub fn seeded(seed: u64) -> Self {
        Self::of(Source::Seed(seed))
    }

    /// Exactly these hits and no others, without any seed: what a failed test printed, or [`ActiveChaos::hits`](crate::ActiveChaos::hits) gave.
    ///
    /// A hit whose attempt never comes does nothing.
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
    /// At this line when two hits are for one attempt.
    #[track_caller]
    pub fn replay(hits: impl IntoIterator<Item = Hit>) -> Self {
        accepted(Self::try_replay(hits.into_iter().collect()))
    }

    /// Makes a list of hits with which something fails as short as it can be; see [`Shrink`].
    pub fn shrink(hits: impl IntoIterator<Item = Hit>) -> Shrink {
        Shrink::new(hits.into_iter().collect())
    }

    /// Hits this share of the attempts, from 0 to 1.
    ///
    /// The shares of several rates are of all attempts: after `rate(0.1, a)`, `rate(0.02, b)` hits 2 of 100 with `b`, and what `a` hits stays the same.
    ///
    /// # Panics
    ///
    /// At this line when `rate` is no share, when the rates are over 1 together, and when `what` goes well or is a handler.
    #[track_caller]
    pub fn rate(self, rate: f64, what: impl IntoReply) -> Self {
        accepted(self.try_with(
            AttemptPattern::Rate(rate),
            what.into_reply(),
            Location::here(),
        ))
    }

    /// Hits every n-th attempt at each target: with 3 the 3rd, the 6th, and so on.
    ///
    /// # Panics
    ///
    /// At this line when `n` is 0, and when `what` goes well or is a handler.
    #[track_caller]
    pub fn every_nth(self, n: u64, what: impl IntoReply) -> Self {
        accepted(self.try_with(
            AttemptPattern::EveryNth(n),
            what.into_reply(),
            Location::here(),
        ))
    }

    /// Hits this many attempts in a row; at each attempt a burst begins at this rate, from 0 to 1.
    ///
    /// A burst that begins within another makes it longer.
    ///
    /// # Panics
    ///
    /// At this line when `rate` is no share, when `attempts` is 0 or over 1,000, and when `what` goes well or is a handler.
    #[track_caller]
    pub fn burst(self, rate: f64, attempts: u64, what: impl IntoReply) -> Self {
        let when = AttemptPattern::Burst { rate, attempts };
        accepted(self.try_with(when, what.into_reply(), Location::here()))
    }

    /// Hits each attempt whose number at its target is in the window: an outage from `4..=6`, a function that never comes up, `1..`.
    ///
    /// # Panics
    ///
    /// At this line when no attempt is in the window, since they are counted from 1, and when `what` goes well or is a handler.
    #[track_caller]
    pub fn window(self, attempts: impl Into<Count>, what: impl IntoReply) -> Self {
        accepted(self.try_with(
            AttemptPattern::Window(attempts.into()),
            what.into_reply(),
            Location::here(),
        ))
    }

    /// Hits at a rate that moves evenly from the first to the second between the first and the `attempts`th attempt at a target, and stays there.
    ///
    /// Its greater rate counts in the sum of the rates.
    ///
    /// # Panics
    ///
    /// At this line when a rate is no share, when the rates are over 1 together, when `attempts` is under 2, and when `what` goes well or is a handler.
    #[track_caller]
    pub fn ramp(self, rates: RangeInclusive<f64>, attempts: u64, what: impl IntoReply) -> Self {
        let (from, to) = rates.into_inner();
        let when = AttemptPattern::Ramp { from, to, attempts };
        accepted(self.try_with(when, what.into_reply(), Location::here()))
    }

    /// Spares the first attempts at each target, whatever the modes say: with `window(1.., ..)` a function that breaks after a while.
    ///
    /// # Panics
    ///
    /// At this line when this is a replay.
    #[track_caller]
    pub fn succeed_first(mut self, attempts: u64) -> Self {
        accepted(self.replay_refuses("succeed_first"));
        self.spared = attempts;
        self
    }

    /// Hits only this function, or this qualifier of it, written as in [`Handle::on`](crate::Handle::on); call it again for more. Otherwise every
    /// function is hit.
    ///
    /// # Panics
    ///
    /// At this line when the text names no function, and when this is a replay, whose hits have their targets.
    #[track_caller]
    pub fn on(self, target: impl AsRef<str>) -> Self {
        accepted(self.try_on(target_of(target.as_ref())))
    }

    /// What is wrong with it as a whole.
    pub(crate) fn mistake(&self) -> Option<Message> {
        let is_replay = matches!(self.source, Source::Replay(_));
        (self.modes.is_empty() && !is_replay).then(|| {
            Message::new(
                "this chaos never hits",
                "add a mode, as in `Chaos::seeded(7).rate(0.1, ServiceError::ServiceException)`",
            )
        })
    }

    /// Everything it may answer with.
    pub(crate) fn replies(&self) -> impl Iterator<Item = &Reply> {
        let replayed = match &self.source {
            Source::Replay(hits) => hits.as_slice(),
            Source::Fake | Source::Seed(_) => &[],
        };
        let drawn = self.modes.iter().map(|mode| &*mode.what.reply);
        drawn.chain(replayed.iter().map(Hit::reply))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            scope: Vec::new(),
            spared: 0,
            modes: Vec::new(),
        }
    }

    /// One more mode, or why it cannot be.
    pub(crate) fn try_with(
        mut self,
        when: AttemptPattern,
        what: Reply,
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

    /// The same, drawn from this seed.
    pub(crate) fn drawn_from(mut self, seed: u64) -> Self {
        self.source = Source::Seed(seed);
        self
    }

    /// One more target that is hit, or why it cannot be.
    pub(crate) fn try_on(mut self, target: Target) -> Result<Self, Message> {
        self.replay_refuses("on")?;
        self.scope.push(target);
        Ok(self)
    }

    /// A replay, or why it cannot be.
    pub(crate) fn try_replay(hits: Vec<Hit>) -> Result<Self, Message> {
        for (index, hit) in hits.iter().enumerate() {
            let twice = hits[..index].iter().find(|known| known.meets_with(hit));
            if let Some(first) = twice {
                return Err(Message::new(
                    format!("`{hit}` and `{first}` are for the same attempt"),
                    "keep one of the two",
                ));
            }
        }
        Ok(Self::of(Source::Replay(hits)))
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// The targets it hits; every one when there is none.
    pub(crate) fn scope(&self) -> &[Target] {
        &self.scope
    }

    /// How many attempts at each target it spares.
    pub(crate) fn spared(&self) -> u64 {
        self.spared
    }

    /// When it hits, and with what.
    pub(crate) fn modes(&self) -> impl Iterator<Item = (AttemptPattern, &Reply)> {
        self.modes.iter().map(|mode| (mode.when, &*mode.what.reply))
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
