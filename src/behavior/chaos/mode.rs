//! Which attempts a mode of chaos hits: pure arithmetic on the number of an attempt.

use std::fmt;

use super::what::HitKind;
use crate::ground::count::Count;
use crate::ground::draws::{mixed, share};
use crate::ground::message::Message;

/// The longest burst. To decide about an attempt, chaos looks for the start of a burst at that
/// attempt and at those before it: at most this many in total.
const MAX_BURST: u64 = 1_000;

/// One mode of a `Chaos`.
#[derive(Clone, Debug)]
pub(super) struct Mode {
    pub(super) when: AttemptPattern,
    pub(super) what: HitKind,
}

impl Mode {
    /// Returns `true` if it is random, so that its reason must name the seed.
    pub(super) fn draws(&self) -> bool {
        self.when.draws() || self.what.draws()
    }
}

/// The attempts at a target that a mode hits, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AttemptPattern {
    Rate(f64),
    EveryNth(u64),
    Burst { rate: f64, attempts: u64 },
    Window(Count),
    Ramp { from: f64, to: f64, attempts: u64 },
}

/// The random numbers of one chaos at one target, or for one payload there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draws(pub(super) u64);

impl Draws {
    /// A number from 0 to 1 for one attempt; the streams are independent.
    fn share(self, stream: usize, attempt: u64) -> f64 {
        share(self.number(stream, attempt))
    }

    /// The random bits for one attempt, for a draw that needs more than a share; the streams are
    /// independent.
    pub(super) fn number(self, stream: usize, attempt: u64) -> u64 {
        let start = self.0 ^ mixed(stream as u64);
        mixed(start.wrapping_add(attempt))
    }
}

/// The index of the first mode that hits the attempt.
pub(super) fn first(modes: &[Mode], spared: u64, draws: Draws, attempt: u64) -> Option<usize> {
    if attempt <= spared {
        return None;
    }
    // All rates share one draw, so adding a rate does not change which attempts the earlier ones
    // hit.
    let mut passed = 0.0;
    modes.iter().enumerate().position(|(index, mode)| {
        passed += mode.when.rate_at(attempt);
        match mode.when {
            AttemptPattern::Rate(_) | AttemptPattern::Ramp { .. } => {
                draws.share(0, attempt) < passed
            }
            AttemptPattern::EveryNth(attempts) => attempt % attempts == 0,
            AttemptPattern::Burst { rate, attempts } => {
                let lasting = attempts.min(attempt - spared);
                (0..lasting).any(|since| draws.share(index + 1, attempt - since) < rate)
            }
            AttemptPattern::Window(window) => window.contains(attempt),
        }
    })
}

impl AttemptPattern {
    /// The share of attempts that it hits at this number, for modes that use the shared draw.
    fn rate_at(self, attempt: u64) -> f64 {
        match self {
            Self::Rate(rate) => rate,
            Self::Ramp { from, to, attempts } => {
                let way = (attempt.min(attempts) - 1) as f64 / (attempts - 1) as f64;
                from + (to - from) * way
            }
            Self::EveryNth(_) | Self::Burst { .. } | Self::Window(_) => 0.0,
        }
    }

    /// The reason why its numbers are not valid, if they are not.
    pub(super) fn mistake(self) -> Option<Message> {
        let verb = self.verb();
        let share = |rate: f64| {
            (!(0.0..=1.0).contains(&rate)).then(|| {
                let written = match self {
                    Self::Ramp { from, to, .. } => format!("{from:?}..={to:?}"),
                    Self::Rate(_) | Self::EveryNth(_) | Self::Burst { .. } | Self::Window(_) => {
                        format!("{rate:?}")
                    }
                };
                Message::new(
                    format!("`{verb}({written}, ..)` is out of range"),
                    "use a share of attempts from 0 to 1",
                )
            })
        };
        match self {
            Self::Rate(rate) => share(rate),
            Self::EveryNth(0) => Some(Message::new(
                format!("`{verb}(0, ..)` never hits"),
                format!("use `{verb}(1, ..)` to hit each attempt"),
            )),
            Self::EveryNth(_) => None,
            Self::Burst { rate, attempts } => share(rate).or_else(|| {
                (!(1..=MAX_BURST).contains(&attempts)).then(|| {
                    Message::new(
                        format!("`burst(_, {attempts}, ..)` is out of range"),
                        format!("use 1 to {MAX_BURST} attempts, or `window` for a longer burst"),
                    )
                })
            }),
            Self::Window(attempts) => attempts.mistake(verb).or_else(|| {
                (!attempts.can_reach(1)).then(|| {
                    Message::new(
                        format!("`{verb}` contains no attempt: {attempts}"),
                        "use a range that contains a number of at least 1; attempts are counted from 1",
                    )
                })
            }),
            Self::Ramp { from, to, attempts } => share(from).or_else(|| share(to)).or_else(|| {
                (attempts < 2).then(|| {
                    Message::new(
                        format!("`ramp(_, {attempts}, ..)` is too short"),
                        "use at least 2 attempts",
                    )
                })
            }),
        }
    }

    /// The largest share of the shared draw that it ever uses.
    pub(super) fn most(self) -> f64 {
        match self {
            Self::Ramp { from, to, .. } => from.max(to),
            other @ (Self::Rate(_) | Self::EveryNth(_) | Self::Burst { .. } | Self::Window(_)) => {
                other.rate_at(1)
            }
        }
    }

    /// Returns `true` if it hits at random.
    fn draws(self) -> bool {
        match self {
            Self::Rate(_) | Self::Burst { .. } | Self::Ramp { .. } => true,
            Self::EveryNth(_) | Self::Window(_) => false,
        }
    }

    /// The name of its method.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Rate(_) => "rate",
            Self::EveryNth(_) => "every_nth",
            Self::Burst { .. } => "burst",
            Self::Window(_) => "window",
            Self::Ramp { .. } => "ramp",
        }
    }
}

/// `rate 0.1`, as the journal prints it.
impl fmt::Display for AttemptPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate(rate) => write!(f, "rate {rate}"),
            Self::EveryNth(attempts) => write!(f, "every_nth {attempts}"),
            Self::Burst { rate, attempts } => write!(f, "burst of {attempts} at rate {rate}"),
            Self::Window(window) => {
                write!(f, "window {window}")
            }
            Self::Ramp { from, to, attempts } => {
                write!(f, "ramp {from} to {to} over {attempts}")
            }
        }
    }
}
