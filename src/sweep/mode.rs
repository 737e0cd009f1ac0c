//! The failure modes: what a sweep injects.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::persistence::Persistence;
use crate::ground::count::Count;
use crate::ground::message::Message;
use crate::{
    Attempt, Boundaries, Chaos, Chunks, Delay, Fault, FunctionError, IntoEffect, Reply,
    ServiceError,
};

/// One way in which a call can fail.
///
/// ```
/// use fake_lambda::FunctionError;
/// use fake_lambda::sweep::{Mode, Nature};
///
/// let declined = Mode::new("declined", FunctionError::new("CardDeclined", "no funds"));
/// let busy = Mode::new("busy", FunctionError::new("Busy", "try again")).nature(Nature::Temporary);
/// ```
#[derive(Clone)]
pub struct Mode {
    name: Arc<str>,
    kind: Kind,
    nature: Option<Nature>,
    /// The persistence of this mode, in place of that of the sweep.
    persistence: Option<Vec<Persistence>>,
    effect: Injection,
}

/// Whether it helps to repeat a request that failed in some mode.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Nature {
    /// A later attempt can succeed. This is the default only if the function did not run.
    Temporary,
    /// A later attempt fails as well.
    Permanent,
    /// The function ran or may have run, and its reply was lost, damaged or late. A retry can run
    /// it twice.
    Ambiguous,
}

/// Several failure modes, as [`Sweep::modes`](super::Sweep::modes) takes them.
///
/// ```
/// use fake_lambda::{Fault, ServiceError};
/// use fake_lambda::sweep::Modes;
/// use std::time::Duration;
///
/// // The default set, and replies that are late by five seconds.
/// let modes = Modes::documented().and(Duration::from_secs(5));
/// let few = Modes::from(ServiceError::TooManyRequestsException).and(Fault::Hang);
/// assert_eq!(few.iter().count(), 2);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Modes(Vec<Mode>);

/// The kind of a mode; in the order in which a report prints the kinds.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Kind {
    ServiceError,
    FunctionError,
    /// The function does not run.
    Fault,
    /// The function runs.
    Damage,
    Late,
    Throttle,
    Outage,
    Event,
    Stream,
    /// A mode of the user.
    Own,
}

/// The way to make the failure occur.
#[derive(Clone)]
pub(super) enum Injection {
    /// Adds it to a [`Chaos`] for the first attempts, or for all.
    Chaos(Arc<dyn Fn(Chaos, Option<u64>) -> Chaos + Send + Sync>),
    Outage,
}

impl Mode {
    /// Creates a mode with this name and effect: an error, a fault, a delay, or a [`Reply`] that
    /// [`Hit::new`](crate::Hit::new) accepts.
    ///
    /// Its nature follows from what the fake recorded: see [`nature`](Self::nature).
    ///
    /// # Panics
    ///
    /// Panics if the effect is not valid for [`Chaos::window`], such as a reply that succeeds, a
    /// handler or a stream.
    #[track_caller]
    pub fn new<W>(name: impl Into<String>, effect: W) -> Self
    where
        W: IntoEffect + Clone + Send + Sync + 'static,
    {
        Self::of(Kind::Own, name.into(), effect)
    }

    /// Sets whether it helps to repeat a request that failed in this mode.
    ///
    /// By default a service error is temporary if [`is_temporary`](ServiceError::is_temporary)
    /// returns `true`, and another error with a code is temporary if its status is 429 or 5xx;
    /// otherwise they are permanent. Function errors are permanent. An outage and a fault without a
    /// run of the function are temporary. Everything else is ambiguous, such as a fault in the
    /// reply of a function that ran, a late success or a plain HTTP reply.
    pub fn nature(mut self, nature: Nature) -> Self {
        self.nature = Some(nature);
        self
    }

    /// Sets how often it occurs, in place of the [`persistence`](super::Sweep::persistence) of the
    /// sweep.
    ///
    /// # Panics
    ///
    /// Panics for a list for which [`Sweep::persistence`](super::Sweep::persistence) panics, and if
    /// an [outage](Modes::outages) gets a number of attempts: it refuses connections, so it hits no
    /// attempt.
    #[track_caller]
    pub fn persistence(mut self, persistence: impl IntoIterator<Item = Persistence>) -> Self {
        let persistence: Vec<Persistence> = persistence.into_iter().collect();
        if let Some(mistake) = Persistence::mistake(&persistence) {
            panic!("{mistake}");
        }
        if let (Injection::Outage, Some(counted)) = (
            &self.effect,
            persistence.iter().find(|one| one.last().is_some()),
        ) {
            let error = format!("an outage cannot have `{counted:?}`: it hits no attempt");
            let help = "use a duration, as in `Persistence::For(..)`, or `Persistence::Always`";
            panic!("{}", Message::new(error, help));
        }
        self.persistence = Some(persistence);
        self
    }

    /// Returns its name in reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    #[track_caller]
    fn of<W>(kind: Kind, name: String, effect: W) -> Self
    where
        W: IntoEffect + Clone + Send + Sync + 'static,
    {
        // Panics at the user's line, and not in a run.
        Chaos::check_effect(effect.clone(), "Mode::new");
        let inject = move |chaos: Chaos, last: Option<u64>| match last {
            Some(last) => chaos.window(1..=last, effect.clone()),
            None => chaos.window(1.., effect.clone()),
        };
        Self {
            name: name.into(),
            kind,
            nature: None,
            persistence: None,
            effect: Injection::Chaos(Arc::new(inject)),
        }
    }

    /// A mode that changes the script's own replies.
    fn of_script(
        kind: Kind,
        name: &str,
        nature: Nature,
        change: impl Fn(Chaos, Count) -> Chaos + Send + Sync + 'static,
    ) -> Self {
        let inject = move |chaos: Chaos, last: Option<u64>| match last {
            Some(last) => change(chaos, (1..=last).into()),
            None => change(chaos, (1..).into()),
        };
        Self {
            name: name.into(),
            kind,
            nature: Some(nature),
            persistence: None,
            effect: Injection::Chaos(Arc::new(inject)),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns `true` if it occurs at all functions at the same time.
    pub(super) fn is_for_all(&self) -> bool {
        match self.effect {
            Injection::Chaos(_) => false,
            Injection::Outage => true,
        }
    }

    /// Returns `true` if it changes a stream.
    pub(super) fn is_of_streams(&self) -> bool {
        self.kind == Kind::Stream
    }

    pub(super) fn effect(&self) -> &Injection {
        &self.effect
    }

    /// How often it occurs, if that is not left to the sweep.
    pub(super) fn own_persistence(&self) -> Option<&[Persistence]> {
        self.persistence.as_deref()
    }

    /// Its nature in a run in which `hit` is the first attempt that it hit; `hit` is `None` if it
    /// hit none.
    pub(super) fn nature_of(&self, hit: Option<&Attempt>) -> Nature {
        if let Some(nature) = self.nature {
            return nature;
        }
        let Some(hit) = hit else {
            return Nature::Temporary;
        };
        if hit.fault().is_some() {
            // The function of an accepted event runs after its 202, even if the 202 is lost.
            let is_accepted = !hit.deliveries().is_empty();
            return match is_accepted || hit.has_run() || hit.is_running() {
                true => Nature::Ambiguous,
                false => Nature::Temporary,
            };
        }
        if hit.is_function_error() {
            return Nature::Permanent;
        }
        let Some(code) = hit.error_code() else {
            return Nature::Ambiguous;
        };
        let is_temporary = match code.parse::<ServiceError>() {
            Ok(error) => error.is_temporary(),
            Err(_) => hit
                .status()
                .is_some_and(|status| status == 429 || status >= 500),
        };
        match is_temporary {
            true => Nature::Temporary,
            false => Nature::Permanent,
        }
    }
}

impl Modes {
    /// Returns the default set: the 30 service errors of the API reference, and the modes of all
    /// the functions below, from [`function_errors`](Self::function_errors) to
    /// [`streams`](Self::streams).
    pub fn documented() -> Self {
        Self::errors().and(Self::without_errors())
    }

    /// Returns every mode: [`documented`](Self::documented), and the service errors that the API
    /// reference does not list.
    pub fn all() -> Self {
        let errors = ServiceError::ALL.iter().copied();
        errors
            .map(Mode::from)
            .collect::<Self>()
            .and(Self::without_errors())
    }

    /// Returns the 30 service errors of the API reference.
    pub fn errors() -> Self {
        let errors = ServiceError::ALL.iter().copied();
        let documented = errors.filter(|error| error.documented());
        documented.map(Mode::from).collect()
    }

    /// Returns four ways in which a function fails: it throws, it takes too long, it has too little
    /// memory, or its response is too large.
    pub fn function_errors() -> Self {
        let error = |name: &str, error| Mode::of(Kind::FunctionError, name.to_owned(), error);
        Self(vec![
            error("function error", FunctionError::new("Error", "boom")),
            error("timeout", FunctionError::timed_out(Duration::from_secs(3))),
            error("out of memory", FunctionError::out_of_memory()),
            error("response too large", FunctionError::response_too_large()),
        ])
    }

    /// Returns every fault: four in place of a reply, and the twelve that happen to a reply.
    pub fn faults() -> Self {
        let every = Duration::from_secs(1);
        let faults = [
            Fault::Reset,
            Fault::CloseBeforeReply,
            Fault::Hang,
            Fault::Garbage,
            Fault::ResetInHead,
            Fault::TruncateHead,
            Fault::SlowHead { bytes: 16, every },
            Fault::TruncateAfter(0),
            Fault::ResetAfter(0),
            Fault::StallAfter(0),
            Fault::Dribble { bytes: 1, every },
            Fault::BadChunk,
            Fault::LengthTooLong(1),
            Fault::LengthTooShort(1),
            Fault::CloseAfterReply,
            Fault::ResetOnReuse,
        ];
        faults.into_iter().map(Mode::from).collect()
    }

    /// Returns replies that are late by a second, by 30 seconds and by 15 minutes.
    ///
    /// The timeouts of a client are not known to the sweep: add a duration just above each of them.
    pub fn latencies() -> Self {
        let lengths = [1, 30, 900].map(Duration::from_secs);
        lengths.into_iter().map(Mode::from).collect()
    }

    /// Returns a throttle with four persistences of its own, whatever that of the sweep: one, two
    /// and five attempts, and ten seconds.
    pub fn throttles() -> Self {
        let throttle = ServiceError::TooManyRequestsException;
        let mode = Mode::of(Kind::Throttle, "throttle".to_owned(), throttle);
        Self(vec![mode.persistence([
            Persistence::Once,
            Persistence::Burst(2),
            Persistence::Burst(5),
            Persistence::For(Duration::from_secs(10)),
        ])])
    }

    /// Returns an outage of five seconds, whatever the persistence of the sweep: no connection to
    /// any function is possible.
    pub fn outages() -> Self {
        Self(vec![Mode {
            name: "outage".into(),
            kind: Kind::Outage,
            nature: None,
            persistence: Some(vec![Persistence::For(Duration::from_secs(5))]),
            effect: Injection::Outage,
        }])
    }

    /// Returns what can happen to an accepted event: it is lost, or it is delivered twice.
    pub fn events() -> Self {
        let lost = Reply::json(()).lost();
        let twice = |chaos: Chaos, attempts| chaos.window_of_events(attempts, 2);
        let (kind, name) = (Kind::Event, "event delivered twice");
        Self(vec![
            Mode::of(kind, "lost event".to_owned(), lost),
            Mode::of_script(kind, name, Nature::Ambiguous, twice),
        ])
    }

    /// Returns what can happen to a stream. After the first chunk, when no SDK retries the call
    /// anymore, the function fails, the stream ends without an event at the end, nothing more
    /// comes, or the connection ends inside of an event. In two more modes nothing is lost: all
    /// chunks arrive as one event, or cut into many.
    ///
    /// They occur only at functions that the golden run calls with `InvokeWithResponseStream`, and
    /// not at those that a handler answers.
    pub fn streams() -> Self {
        let rest = |name, nature, rest: Chunks| {
            Mode::of_script(Kind::Stream, name, nature, move |chaos, attempts| {
                chaos.window_of_streams(attempts, rest.clone())
            })
        };
        let same = |name, boundaries: Boundaries| {
            Mode::of_script(
                Kind::Stream,
                name,
                Nature::Ambiguous,
                move |chaos, attempts| chaos.window_of_streams(attempts, boundaries),
            )
        };
        let error = Chunks::new().fail(FunctionError::new("Error", "boom"));
        let cut = Chunks::new().fault(Fault::TruncateAfter(20));
        let stall = Chunks::new().fault(Fault::Hang);
        Self(vec![
            rest("error after a chunk", Nature::Permanent, error),
            rest("no end event", Nature::Ambiguous, Chunks::new().no_end()),
            rest("stall after a chunk", Nature::Ambiguous, stall),
            rest("cut event", Nature::Ambiguous, cut),
            same("merged chunks", Boundaries::Merged),
            same("split chunks", Boundaries::Every(1)),
        ])
    }

    /// Adds modes. One that has the name of an earlier one replaces it.
    #[must_use]
    pub fn and(mut self, more: impl Into<Self>) -> Self {
        for mode in more.into().0 {
            self.0.retain(|known| known.name != mode.name);
            self.0.push(mode);
        }
        self
    }

    /// Returns the modes in order.
    pub fn iter(&self) -> impl Iterator<Item = &Mode> {
        self.0.iter()
    }

    /// Every mode that is not a service error.
    fn without_errors() -> Self {
        Self::function_errors()
            .and(Self::faults())
            .and(Self::latencies())
            .and(Self::throttles())
            .and(Self::outages())
            .and(Self::events())
            .and(Self::streams())
    }
}

/// A service error under its code.
impl From<ServiceError> for Mode {
    fn from(error: ServiceError) -> Self {
        Self::of(Kind::ServiceError, error.code().to_owned(), error)
    }
}

/// A fault under the name of its variant: one that can replace a reply does so, and any other
/// happens to the script's reply.
impl From<Fault> for Mode {
    #[track_caller]
    fn from(fault: Fault) -> Self {
        let kind = match fault.can_replace_reply() {
            true => Kind::Fault,
            false => Kind::Damage,
        };
        let text = format!("{fault:?}");
        let name = text.split(|c: char| !c.is_alphanumeric()).next();
        Self::of(kind, name.unwrap_or_default().to_owned(), fault)
    }
}

/// A reply that is late by this duration.
impl From<Duration> for Mode {
    fn from(late: Duration) -> Self {
        Self::of(Kind::Late, format!("{late:?} late"), Delay::from(late))
    }
}

impl<M: Into<Mode>> From<M> for Modes {
    #[track_caller]
    fn from(mode: M) -> Self {
        Self(vec![mode.into()])
    }
}

impl<N: Into<String>> From<Vec<(N, Reply)>> for Modes {
    #[track_caller]
    fn from(modes: Vec<(N, Reply)>) -> Self {
        let mut all = Self::default();
        for (name, reply) in modes {
            all = all.and(Mode::new(name, reply));
        }
        all
    }
}

impl FromIterator<Mode> for Modes {
    fn from_iter<I: IntoIterator<Item = Mode>>(modes: I) -> Self {
        modes.into_iter().fold(Self::default(), Self::and)
    }
}

impl fmt::Debug for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mode")
            .field("name", &self.name)
            .field("nature", &self.nature)
            .field("persistence", &self.persistence)
            .finish_non_exhaustive()
    }
}

/// `temporary`, `permanent` or `ambiguous`.
impl fmt::Display for Nature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Temporary => "temporary",
            Self::Permanent => "permanent",
            Self::Ambiguous => "ambiguous",
        })
    }
}
