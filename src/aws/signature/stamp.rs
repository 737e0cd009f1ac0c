//! A moment as SigV4 writes it: `20150830T123600Z`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::ground::calendar::date;

const DAY: u64 = 86_400;

/// The time that such a string means, if it is a valid one since 1970.
pub(super) fn parsed(text: &str) -> Option<SystemTime> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| {
        let digits = &bytes[from..to];
        let add = |number: u64, byte: &u8| {
            byte.is_ascii_digit()
                .then(|| number * 10 + u64::from(byte - b'0'))
        };
        digits.iter().try_fold(0, add)
    };
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let (year, month, day) = (digits(0, 4)?, digits(4, 6)?, digits(6, 8)?);
    let (hour, minute, second) = (digits(9, 11)?, digits(11, 13)?, digits(13, 15)?);
    let is_moment = year >= 1970
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let seconds = days(year, month, day) * DAY + hour * 3_600 + minute * 60 + second;
    let moment = UNIX_EPOCH + Duration::from_secs(seconds);
    // A date such as 30 February is written back as a day in March.
    (is_moment && written(moment) == text).then_some(moment)
}

pub(super) fn written(moment: SystemTime) -> String {
    let seconds = moment
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let (days, second) = (seconds / DAY, seconds % DAY);
    let [year, month, day] = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// The days from 1970 to a date, whose month and day are counted from 1.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = match month {
        0..=2 => (year.saturating_sub(1), month + 9),
        _ => (year, month - 3),
    };
    let (era, year) = (year / 400, year % 400);
    let days = era * 146_097 + year * 365 + year / 4 - year / 100 + (153 * month + 2) / 5 + day;
    days.saturating_sub(719_469)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use rstest::rstest;

    use super::{parsed, written};

    #[rstest]
    #[case::first("19700101T000000Z", 0)]
    #[case::of_the_test_suite("20150830T123600Z", 1_440_938_160)]
    #[case::leap_day("20240229T235959Z", 1_709_251_199)]
    #[case::leap_century("20000301T000000Z", 951_868_800)]
    #[case::no_leap_century("21000301T000000Z", 4_107_542_400)]
    fn a_time_converts_to_text_and_back(#[case] text: &str, #[case] seconds: u64) {
        let moment = UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(parsed(text), Some(moment));
        assert_eq!(written(moment), text);
    }

    #[rstest]
    #[case::no_such_day("20230229T000000Z")]
    #[case::no_month("20230029T000000Z")]
    #[case::before_1970("19691231T235959Z")]
    #[case::year_0("00000101T000000Z")]
    #[case::with_hyphens("2023-02-28T00:00Z")]
    #[case::no_zone("20230228T000000+")]
    #[case::hour_24("20230228T240000Z")]
    #[case::no_digits("2023é228T00000Z")]
    fn invalid_texts_are_not_a_time(#[case] text: &str) {
        assert_eq!(parsed(text), None);
    }
}
