//! How long a state of a function lasts.

use std::time::{Duration, Instant};

/// How long a state lasts: for a number of attempts that meet it, or for a [`Duration`] from now on.
///
/// A duration is of real time; a number is the same in every run. It has no public name: the verbs take the number or the duration.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lasting(LastingKind);

/// What it counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LastingKind {
    Attempts(i128),
    Time(Duration),
}

/// What is left of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Remaining {
    Attempts(u64),
    /// `None` is a moment so far off that no clock holds it.
    Until(Option<Instant>),
}

impl Lasting {
    pub(crate) fn kind(self) -> LastingKind {
        self.0
    }

    /// `None` for a number that counts nothing.
    pub(super) fn left(self, now: Instant) -> Option<Remaining> {
        match self.0 {
            LastingKind::Attempts(attempts) => {
                u64::try_from(attempts).ok().map(Remaining::Attempts)
            }
            LastingKind::Time(length) => Some(Remaining::Until(now.checked_add(length))),
        }
    }

    /// Whether no attempt could ever meet it.
    pub(super) fn is_over(self) -> bool {
        matches!(
            self.0,
            LastingKind::Attempts(..=0) | LastingKind::Time(Duration::ZERO)
        )
    }
}

impl Remaining {
    /// Whether an attempt meets it, which counts.
    pub(super) fn meets(&mut self, now: Instant) -> bool {
        match self {
            Self::Attempts(0) => false,
            Self::Attempts(left) => {
                *left -= 1;
                true
            }
            Self::Until(moment) => moment.is_none_or(|moment| now < moment),
        }
    }
}

impl From<Duration> for Lasting {
    fn from(length: Duration) -> Self {
        Self(LastingKind::Time(length))
    }
}

macro_rules! from_numbers {
    ($($number:ty)+) => {$(
        impl From<$number> for Lasting {
            fn from(attempts: $number) -> Self {
                Self(LastingKind::Attempts(attempts as i128))
            }
        }
    )+};
}

// `i32` is what a bare literal becomes when several types would do.
from_numbers!(i32 u32 u64 usize);

/// `3 attempts`, `2s`.
impl std::fmt::Display for Lasting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            LastingKind::Attempts(1) => f.write_str("1 attempt"),
            LastingKind::Attempts(attempts) => write!(f, "{attempts} attempts"),
            LastingKind::Time(length) => write!(f, "{length:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Lasting;

    #[test]
    fn attempts_are_counted_and_time_is_not() {
        let now = Instant::now();
        let mut two = Lasting::from(2).left(now).unwrap();
        assert_eq!([(); 3].map(|()| two.meets(now)), [true, true, false]);
        let second = Duration::from_secs(1);
        let mut time = Lasting::from(second).left(now).unwrap();
        assert!(time.meets(now) && time.meets(now + second / 2));
        assert!(!time.meets(now + second));
        let mut ever = Lasting::from(Duration::MAX).left(now).unwrap();
        assert!(ever.meets(now + second));
    }

    #[test]
    fn less_than_nothing_is_a_mistake() {
        assert!(Lasting::from(-1).left(Instant::now()).is_none());
        assert!(Lasting::from(0).is_over() && Lasting::from(Duration::ZERO).is_over());
        assert!(!Lasting::from(1_u64).is_over());
    }
}
