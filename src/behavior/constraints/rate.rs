//! A rate limit: a bucket of tokens that is refilled continuously.

use std::fmt;
use std::time::Instant;

use crate::ground::message::Message;

/// The number of attempts allowed per second, and the number allowed at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    pub(crate) per_second: f64,
    pub(crate) burst: u32,
}

/// The remaining tokens of a rate; the bucket starts full.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) rate: Rate,
    tokens: f64,
    filled_at: Instant,
}

impl Rate {
    /// The rate for a method, or the reason why these numbers are not valid.
    pub(crate) fn of(verb: &str, per_second: f64, burst: u32) -> Result<Self, Message> {
        if !(per_second.is_finite() && per_second >= 0.0) {
            return Err(Message::new(
                format!("`{verb}` got {per_second} attempts a second"),
                "use a number of at least 0; with 0, no attempt passes after the burst",
            ));
        }
        if burst == 0 {
            return Err(Message::new(
                format!("`{verb}` with a burst of 0 rejects every attempt"),
                "use a burst of at least 1",
            ));
        }
        Ok(Self { per_second, burst })
    }
}

impl Bucket {
    pub(super) fn new(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            tokens: f64::from(rate.burst),
            filled_at: now,
        }
    }

    /// Takes a token, if there is one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.filled_at = self.filled_at.max(now);
        let burst = f64::from(self.rate.burst);
        self.tokens = (self.tokens + passed * self.rate.per_second).min(burst);
        let is_there = self.tokens >= 1.0;
        if is_there {
            self.tokens -= 1.0;
        }
        is_there
    }
}

/// `10/s, burst 20`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s, burst {}", self.per_second, self.burst)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use rstest::rstest;

    use super::{Bucket, Rate};

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Rate::of("rate_limit", 2.0, 3).unwrap(), start);
        let taken = |bucket: &mut Bucket, millis| {
            let now = start + Duration::from_millis(millis);
            (0..10).filter(|_| bucket.take(now)).count()
        };
        assert_eq!(taken(&mut bucket, 0), 3);
        assert_eq!(taken(&mut bucket, 499), 0);
        assert_eq!(taken(&mut bucket, 500), 1);
        assert_eq!(taken(&mut bucket, 100), 0, "time never goes back");
        assert_eq!(taken(&mut bucket, 1_500), 2);
        assert_eq!(taken(&mut bucket, 60_000), 3, "it holds no more");
    }

    #[test]
    fn a_rate_of_zero_never_refills() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Rate::of("rate_limit", 0.0, 1).unwrap(), start);
        assert!(bucket.take(start));
        assert!(!bucket.take(start + Duration::from_secs(1_000_000)));
    }

    #[rstest]
    #[case::negative(-1.0, 1)]
    #[case::not_a_number(f64::NAN, 1)]
    #[case::endless(f64::INFINITY, 1)]
    #[case::no_burst(1.0, 0)]
    fn invalid_numbers_are_not_a_rate(#[case] per_second: f64, #[case] burst: u32) {
        assert!(Rate::of("rate_limit", per_second, burst).is_err());
    }
}
