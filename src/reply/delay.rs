//! The delay of a reply.

use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use crate::ground::draws::{mixed, share};
use crate::ground::message::{Message, accepted};

/// The distance of a normal distribution's 99th percentile from its mean, in standard deviations.
const DEVIATIONS_TO_P99: f64 = 2.326_347_874_040_841;

/// The delay of a reply: a [`Duration`], a range of them, or [`log_normal`](Self::log_normal).
///
/// A random delay follows from the seed, the target and the number of the attempt at that target,
/// so it is the same in every run. While a reply is delayed, the journal shows the delay.
///
/// ```
/// use fake_lambda::{FakeLambda, Reply};
/// use serde_json::json;
/// use std::time::Duration;
///
/// let lambda = FakeLambda::start();
/// let (short, long) = (Duration::from_millis(5), Duration::from_millis(50));
/// lambda.on("resize").reply(Reply::json(json!({"ok": true})).delay(short));
/// lambda.on("crop").reply(Reply::json(json!({"ok": true})).delay(short..long));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delay(DelayKind);

/// The distribution of a delay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DelayKind {
    /// Any duration from the first to the second.
    Range(Duration, Duration),
    /// Given by the median and the 99th percentile.
    LogNormal(Duration, Duration),
}

impl Delay {
    /// Creates a delay with the usual shape of latency: half of all replies take at most `p50`, and
    /// 99 of 100 at most `p99`.
    ///
    /// ```
    /// use fake_lambda::{Delay, FakeLambda, Reply};
    /// use serde_json::json;
    /// use std::time::Duration;
    ///
    /// let lambda = FakeLambda::start();
    /// let latency = Delay::log_normal(Duration::from_millis(5), Duration::from_millis(80));
    /// lambda.on("resize").reply(Reply::json(json!({"ok": true})).delay(latency));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `p50` is zero, or if `p99` is shorter than `p50`.
    #[track_caller]
    pub fn log_normal(p50: Duration, p99: Duration) -> Self {
        accepted(Self::try_log_normal(p50, p99))
    }

    pub(crate) fn try_log_normal(p50: Duration, p99: Duration) -> Result<Self, Message> {
        if p50.is_zero() || p50 > p99 {
            return Err(Message::new(
                format!("`log_normal({p50:?}, {p99:?})` is not a valid delay"),
                "use a median above zero, and a 99th percentile that is at least as long",
            ));
        }
        Ok(Self(DelayKind::LogNormal(p50, p99)))
    }

    pub(crate) fn kind(self) -> DelayKind {
        self.0
    }

    /// The reason why the delay is not valid, if it is not.
    pub(crate) fn mistake(self) -> Option<Message> {
        match self.0 {
            DelayKind::Range(least, most) if least > most => Some(Message::new(
                format!("the delay range {least:?} to {most:?} is reversed"),
                "put the shorter bound first",
            )),
            DelayKind::Range(..) | DelayKind::LogNormal(..) => None,
        }
    }

    /// Returns `true` if the delay is random.
    pub(crate) fn draws(self) -> bool {
        match self.0 {
            DelayKind::Range(least, most) => least != most,
            DelayKind::LogNormal(..) => true,
        }
    }

    /// The delay for a random number.
    pub(crate) fn drawn(self, number: u64) -> Duration {
        match self.0 {
            DelayKind::Range(least, most) => least + (most - least).mul_f64(share(mixed(number))),
            DelayKind::LogNormal(p50, p99) => {
                let sigma = (p99.as_secs_f64() / p50.as_secs_f64()).ln() / DEVIATIONS_TO_P99;
                // The Box-Muller transform of two uniform numbers into a normal one.
                let (first, second) = (1.0 - share(mixed(number)), share(mixed(!number)));
                let normal = (-2.0 * first.ln()).sqrt() * (std::f64::consts::TAU * second).cos();
                let micros = (p50.as_secs_f64() * (sigma * normal).exp() * 1e6).round();
                // Rounded to microseconds, because the digits below can differ between machines.
                Duration::try_from_secs_f64(micros / 1e6).unwrap_or(Duration::MAX)
            }
        }
    }
}

impl From<Duration> for Delay {
    fn from(delay: Duration) -> Self {
        Self(DelayKind::Range(delay, delay))
    }
}

impl From<Range<Duration>> for Delay {
    fn from(range: Range<Duration>) -> Self {
        Self(DelayKind::Range(range.start, range.end))
    }
}

impl From<RangeInclusive<Duration>> for Delay {
    fn from(range: RangeInclusive<Duration>) -> Self {
        Self(DelayKind::Range(*range.start(), *range.end()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Delay;

    const MS: Duration = Duration::from_millis(1);

    fn drawn(delay: Delay, draws: u64) -> Vec<Duration> {
        let mut drawn: Vec<_> = (0..draws).map(|number| delay.drawn(number)).collect();
        drawn.sort();
        drawn
    }

    #[test]
    fn a_fixed_delay_does_not_vary() {
        assert_eq!(drawn(Delay::from(5 * MS), 3), [5 * MS; 3]);
        assert_eq!(Delay::from(Duration::MAX).drawn(1), Duration::MAX);
    }

    #[test]
    fn a_range_is_drawn_from_uniformly() {
        let drawn = drawn(Delay::from(10 * MS..20 * MS), 10_000);
        assert!(drawn[0] >= 10 * MS && drawn[9_999] < 20 * MS);
        let middle = drawn[5_000];
        assert!(
            (14_800 * MS / 1_000..15_200 * MS / 1_000).contains(&middle),
            "{middle:?}"
        );
    }

    #[test]
    fn a_log_normal_delay_has_its_percentiles() {
        let drawn = drawn(Delay::log_normal(5 * MS, 80 * MS), 10_000);
        let (p50, p99) = (drawn[5_000].as_secs_f64(), drawn[9_900].as_secs_f64());
        assert!((0.0047..0.0053).contains(&p50), "{p50}");
        assert!((0.068..0.092).contains(&p99), "{p99}");
    }

    #[test]
    fn a_reversed_range_is_a_mistake() {
        assert!(Delay::from(2 * MS..MS).mistake().is_some());
        assert!(Delay::from(MS..=MS).mistake().is_none());
    }

    #[test]
    #[should_panic(expected = "`log_normal(2ms, 1ms)` is not a valid delay")]
    fn reversed_percentiles_panic() {
        let _ = Delay::log_normal(2 * MS, MS);
    }
}
