//! How long a state of a function lasts.

use std::time::{Duration, Instant};

/// How long a state lasts: for a number of attempts that it rejects, or for a [`Duration`] from now
/// on.
///
/// A duration is measured on the fake's clock; a number has the same effect in every run. The type
/// has no public name: the methods accept the number or the duration.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lasting(LastingKind);

/// The number of attempts or the time that a state lasts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LastingKind {
    Attempts(i128),
    Time(Duration),
}

/// The remaining attempts or time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Remaining {
    Attempts(u64),
    /// `None` is a time so far in the future that no clock can represent it.
    Until(Option<Instant>),
}

impl Lasting {
    pub(crate) fn kind(self) -> LastingKind {
        self.0
    }

    /// Returns what is left if the state begins now; `None` for a negative number.
    pub(super) fn left(self, now: Instant) -> Option<Remaining> {
        match self.0 {
            LastingKind::Attempts(attempts) => {
                u64::try_from(attempts).ok().map(Remaining::Attempts)
            }
            LastingKind::Time(length) => Some(Remaining::Until(now.checked_add(length))),
        }
    }

    /// Returns `true` if it could not reject any attempt.
    pub(super) fn is_over(self) -> bool {
        matches!(
            self.0,
            LastingKind::Attempts(..=0) | LastingKind::Time(Duration::ZERO)
        )
    }
}

impl Remaining {
    /// Returns `true` if it rejects the attempt. If it lasts for a number of attempts, one fewer
    /// then remains.
    pub(super) fn rejects(&mut self, now: Instant) -> bool {
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

// A bare literal becomes an `i32` if several types are possible.
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
        assert_eq!([(); 3].map(|()| two.rejects(now)), [true, true, false]);
        let second = Duration::from_secs(1);
        let mut time = Lasting::from(second).left(now).unwrap();
        assert!(time.rejects(now) && time.rejects(now + second / 2));
        assert!(!time.rejects(now + second));
        let mut ever = Lasting::from(Duration::MAX).left(now).unwrap();
        assert!(ever.rejects(now + second));
    }

    #[test]
    fn a_negative_number_of_attempts_is_a_mistake() {
        assert!(Lasting::from(-1).left(Instant::now()).is_none());
        assert!(Lasting::from(0).is_over() && Lasting::from(Duration::ZERO).is_over());
        assert!(!Lasting::from(1_u64).is_over());
    }
}
