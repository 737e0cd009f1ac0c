//! How often something should have happened: the argument of expectations, assertions, waits and
//! limits.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

use super::message::Message;

/// A number or a range of numbers: `3`, `2..=4`, `1..`, `..3`.
///
/// It has no public name: the methods accept the number or the range.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Count {
    least: i128,
    most: Option<i128>,
}

/// One number: the argument of waits and limits.
///
/// It has no public name: the methods accept every type of number that [`Count`] accepts.
#[derive(Clone, Copy, Debug)]
pub struct Number(i128);

impl Number {
    /// The number, or the message if it is negative.
    pub(crate) fn checked(self, verb: &str) -> Result<u64, Message> {
        u64::try_from(self.0).map_err(|_| {
            Message::new(
                format!("`{verb}` got a negative number: {}", self.0),
                "use a positive number",
            )
        })
    }
}

impl Count {
    pub(crate) fn contains(&self, number: u64) -> bool {
        let number = i128::from(number);
        self.least <= number && self.most.is_none_or(|most| number <= most)
    }

    /// The smallest and the largest number that it allows.
    pub(crate) fn bounds(&self) -> (u64, Option<u64>) {
        let within = |number: i128| u64::try_from(number.max(0)).unwrap_or(u64::MAX);
        (within(self.least), self.most.map(within))
    }

    pub(crate) fn between(least: u64, most: Option<u64>) -> Self {
        Self {
            least: least.into(),
            most: most.map(i128::from),
        }
    }

    /// The smallest number that it allows.
    pub(crate) fn least(&self) -> u64 {
        u64::try_from(self.least).unwrap_or(0)
    }

    /// The count as the argument of a method: `3`, `2..=4`, `1..`, `..=2`.
    pub(crate) fn code(&self) -> String {
        match (self.least, self.most) {
            (least, Some(most)) if least == most => least.to_string(),
            (0, Some(most)) => format!("..={most}"),
            (least, Some(most)) => format!("{least}..={most}"),
            (least, None) => format!("{least}.."),
        }
    }

    /// The message if the count is not valid: `-1`, `5..=2`.
    pub(crate) fn mistake(&self, verb: &str) -> Option<Message> {
        if self.can_reach(0) {
            return None;
        }
        Some(match self.most {
            Some(most) if self.least <= most => Message::new(
                format!("`{verb}` got a negative number: {self}"),
                "use a number of at least 0",
            ),
            Some(_) | None => Message::new(
                format!("`{verb}` got an empty range: {self}"),
                "use a range that contains a number, as in `1..3`",
            ),
        })
    }

    /// Returns `true` if it contains a number of at least `least`.
    pub(crate) fn can_reach(&self, least: u64) -> bool {
        self.most
            .is_none_or(|most| most >= i128::from(least) && self.least <= most)
    }
}

/// `3`, `2 to 4`, `at least 1`, `at most 2`.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (least, Some(most)) if least == most => write!(f, "{least}"),
            (least, Some(most)) if least <= 0 && most >= 0 => write!(f, "at most {most}"),
            (least, Some(most)) => write!(f, "{least} to {most}"),
            (least, None) => write!(f, "at least {least}"),
        }
    }
}

/// `1 call`, `2 calls`, `3 deliveries`.
pub(crate) fn plural(number: u64, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {}", several(noun)),
    }
}

/// `no calls`, `1 call`, `at least 2 calls`, `1 to 3 calls`.
pub(crate) fn counted(count: Count, noun: &str) -> String {
    match (count.least, count.most) {
        (..=0, Some(0)) => format!("no {}", several(noun)),
        (1, Some(1) | None) | (..=0, Some(1)) => format!("{count} {noun}"),
        _ => format!("{count} {}", several(noun)),
    }
}

/// The plural of a noun that messages count.
fn several(noun: &str) -> String {
    const IRREGULAR: [(&str, &str); 3] = [
        ("delivery", "deliveries"),
        ("reply", "replies"),
        ("retry", "retries"),
    ];
    let irregular = IRREGULAR.iter().find_map(|(one, several)| {
        let before = noun.strip_suffix(one)?;
        Some(format!("{before}{several}"))
    });
    irregular.unwrap_or_else(|| format!("{noun}s"))
}

macro_rules! from_numbers {
    ($($number:ty)+) => {$(
        impl From<$number> for Count {
            fn from(number: $number) -> Self {
                Self { least: number as i128, most: Some(number as i128) }
            }
        }
        impl From<$number> for Number {
            fn from(number: $number) -> Self {
                Self(number as i128)
            }
        }
        impl From<Range<$number>> for Count {
            fn from(range: Range<$number>) -> Self {
                Self { least: range.start as i128, most: Some(range.end as i128 - 1) }
            }
        }
        impl From<RangeInclusive<$number>> for Count {
            fn from(range: RangeInclusive<$number>) -> Self {
                Self { least: *range.start() as i128, most: Some(*range.end() as i128) }
            }
        }
        impl From<RangeFrom<$number>> for Count {
            fn from(range: RangeFrom<$number>) -> Self {
                Self { least: range.start as i128, most: None }
            }
        }
        impl From<RangeTo<$number>> for Count {
            fn from(range: RangeTo<$number>) -> Self {
                Self { least: 0, most: Some(range.end as i128 - 1) }
            }
        }
        impl From<RangeToInclusive<$number>> for Count {
            fn from(range: RangeToInclusive<$number>) -> Self {
                Self { least: 0, most: Some(range.end as i128) }
            }
        }
    )+};
}

// A bare literal becomes an `i32` if several types are possible.
from_numbers!(i32 u32 u64 usize);

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Count, Number, counted, plural};

    #[rstest]
    #[case::none(Count::from(0), "no calls")]
    #[case::one(Count::from(1), "1 call")]
    #[case::two(Count::from(2), "2 calls")]
    #[case::from(Count::from(1..), "at least 1 call")]
    #[case::below(Count::from(..2), "at most 1 call")]
    #[case::range(Count::from(1..=3), "1 to 3 calls")]
    fn a_count_agrees_with_its_noun(#[case] count: Count, #[case] text: &str) {
        assert_eq!(counted(count, "call"), text);
        assert_eq!(plural(2, "accepted delivery"), "2 accepted deliveries");
    }

    #[rstest]
    #[case::number(Count::from(3), "3", "3", &[3], &[2, 4])]
    #[case::range(Count::from(2..5), "2 to 4", "2..=4", &[2, 4], &[1, 5])]
    #[case::inclusive(Count::from(2..=4_usize), "2 to 4", "2..=4", &[2, 4], &[1, 5])]
    #[case::from(Count::from(1_u64..), "at least 1", "1..", &[1, 99], &[0])]
    #[case::below(Count::from(..3), "at most 2", "..=2", &[0, 2], &[3])]
    #[case::up_to(Count::from(..=2_u32), "at most 2", "..=2", &[0, 2], &[3])]
    fn a_count_contains_its_numbers(
        #[case] count: Count,
        #[case] text: &str,
        #[case] code: &str,
        #[case] inside: &[u64],
        #[case] outside: &[u64],
    ) {
        assert_eq!((&*count.to_string(), &*count.code()), (text, code));
        assert!(inside.iter().all(|number| count.contains(*number)));
        assert!(!outside.iter().any(|number| count.contains(*number)));
    }

    #[rstest]
    #[case::negative(Count::from(-1), "a negative number: -1")]
    #[case::negative_range(Count::from(-3..-1), "a negative number: -3 to -2")]
    #[case::backwards(Count::from(RANGE_BACKWARDS), "an empty range: 5 to 1")]
    #[case::nothing(Count::from(3..3), "an empty range: 3 to 2")]
    #[case::below_zero(Count::from(..0), "an empty range: 0 to -1")]
    fn a_count_without_a_valid_number_is_a_mistake(#[case] count: Count, #[case] what: &str) {
        let message = count.mistake("assert_calls").unwrap().to_string();
        let headline = format!("error: `assert_calls` got {what}\n");
        assert!(message.starts_with(&headline), "{message}");
    }

    #[test]
    fn a_number_has_any_usual_type_and_is_not_negative() {
        let checked = |number: Number| {
            number
                .checked("times")
                .map_err(|message| message.to_string())
        };
        assert_eq!(checked(3.into()), Ok(3));
        assert_eq!(checked([(); 3].len().into()), Ok(3));
        assert_eq!(checked(u64::MAX.into()), Ok(u64::MAX));
        assert_eq!(
            checked((-1).into()).unwrap_err(),
            "error: `times` got a negative number: -1\n  help: use a positive number"
        );
    }

    // Built from its fields, because a reversed literal range is a lint error.
    const RANGE_BACKWARDS: std::ops::Range<i32> = std::ops::Range { start: 5, end: 2 };
}
