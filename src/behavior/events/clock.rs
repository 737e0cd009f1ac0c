//! The virtual clock of events.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::ground::calendar;

/// The time at which every clock starts, in seconds since 1970: 2025-01-01T00:00:00Z.
const START: u64 = 1_735_689_600;

/// A time on the events' clock.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Moment(Duration);

impl Moment {
    /// The time at which every clock starts.
    pub(crate) const START: Self = Self(Duration::ZERO);

    /// The last time to which a clock can be moved, in the year 9999, because a year is written
    /// with four digits.
    pub(crate) const LAST: Self = Self(Duration::from_secs(253_402_214_399 - START));

    pub(crate) fn plus(self, length: Duration) -> Self {
        Self(self.0.saturating_add(length))
    }

    pub(crate) fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    pub(crate) fn system_time(self) -> SystemTime {
        UNIX_EPOCH + self.since_1970()
    }

    /// The time to the second: `2025-01-01T00:00:00Z`.
    pub(crate) fn seconds(self) -> String {
        let [year, month, day] = self.date();
        let [hour, minute, second] = self.time_of_day();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// `2025/01/01/2025-01-01T00.00.00`, as in the key of a record in a bucket.
    pub(crate) fn key(self) -> String {
        let [year, month, day] = self.date();
        let [hour, minute, second] = self.time_of_day();
        format!(
            "{year:04}/{month:02}/{day:02}/{year:04}-{month:02}-{day:02}T{hour:02}.{minute:02}.{second:02}"
        )
    }

    fn since_1970(self) -> Duration {
        self.0 + Duration::from_secs(START)
    }

    fn date(self) -> [u64; 3] {
        calendar::date(self.since_1970().as_secs() / 86_400)
    }

    fn time_of_day(self) -> [u64; 3] {
        let seconds = self.since_1970().as_secs();
        [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60]
    }
}

/// `2025-01-01T00:00:00.000Z`, as in records.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.seconds();
        let millis = self.0.subsec_millis();
        write!(f, "{}.{millis:03}Z", seconds.trim_end_matches('Z'))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Moment;

    #[test]
    fn the_clock_begins_with_2025() {
        assert_eq!(Moment::START.to_string(), "2025-01-01T00:00:00.000Z");
        assert_eq!(Moment::START.seconds(), "2025-01-01T00:00:00Z");
        assert_eq!(Moment::START.key(), "2025/01/01/2025-01-01T00.00.00");
    }

    #[test]
    fn a_time_is_written_to_the_millisecond() {
        let moment = Moment::START.plus(Duration::from_nanos(
            3 * 86_400_000_000_000 + 61_007_999_999,
        ));
        assert_eq!(moment.to_string(), "2025-01-04T00:01:01.007Z");
        assert_eq!(moment.seconds(), "2025-01-04T00:01:01Z");
        assert_eq!(moment.key(), "2025/01/04/2025-01-04T00.01.01");
    }

    #[test]
    fn the_last_time_is_a_day_before_the_end_of_the_year_9999() {
        assert_eq!(Moment::LAST.to_string(), "9999-12-30T23:59:59.000Z");
        let later = Moment::LAST.plus(Duration::from_secs(21_600));
        assert!(later > Moment::LAST && later.system_time() > Moment::START.system_time());
    }
}
