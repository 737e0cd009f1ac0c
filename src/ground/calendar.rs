//! Converts days since 1970 to dates.

/// The date this many days after January 1, 1970: year, month and day, the last two counted from 1.
pub(crate) fn date(days: u64) -> [u64; 3] {
    // Years from March to February, in eras of 400 years from the year 0, so that the leap day is
    // the last day of its year.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    [year, month, day]
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::date;

    #[rstest]
    #[case::first(0, [1970, 1, 1])]
    #[case::leap_day(19_782, [2024, 2, 29])]
    #[case::after_it(19_783, [2024, 3, 1])]
    #[case::leap_century(11_017, [2000, 3, 1])]
    #[case::no_leap_century(47_541, [2100, 3, 1])]
    #[case::last_of_a_year(20_088, [2024, 12, 31])]
    fn days_since_1970_have_a_date(#[case] days: u64, #[case] expected: [u64; 3]) {
        assert_eq!(date(days), expected);
    }
}
