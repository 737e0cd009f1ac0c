//! Enums of words, and the message about an unknown word.
//!
//! An unknown word is never guessed and never passed on. It is refused, and the message names the
//! nearest known word. This module contains no words itself.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use super::message::Message;

/// If no known word is near, the error lists all of them, but only if there are at most this many.
const FEW: usize = 8;

/// An unknown word, with the nearest known one.
///
/// The error of every public `FromStr` of this crate. The type has no public name; use its text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownWord {
    noun: &'static str,
    word: String,
    nearest: Option<&'static str>,
    /// Empty if there are too many to list.
    few: Vec<&'static str>,
}

impl UnknownWord {
    /// Creates the error that `word` is not a `noun`; the valid words are `known`.
    pub(crate) fn new(
        word: &str,
        noun: &'static str,
        known: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        Self::of(word, noun, known.into_iter().collect())
    }

    fn of(word: &str, noun: &'static str, mut known: Vec<&'static str>) -> Self {
        let nearest = nearest(word, known.iter().copied());
        if known.len() > FEW {
            known.clear();
        }
        Self {
            noun,
            word: word.to_owned(),
            nearest,
            few: known,
        }
    }

    /// The known word that was probably meant, if one is near.
    pub(crate) fn nearest(&self) -> Option<&'static str> {
        self.nearest
    }

    /// The message about a wrong argument.
    pub(crate) fn message(&self) -> Message {
        let help = match self.nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if self.few.is_empty() => "use a word that AWS defines".to_owned(),
            None => format!("use {}", self.listed()),
        };
        Message::new(format!("unknown {} `{}`", self.noun, self.word), help)
    }

    /// `` `a`, `b` or `c` ``.
    fn listed(&self) -> String {
        let words: Vec<String> = self.few.iter().map(|word| format!("`{word}`")).collect();
        match words.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => words.concat(),
        }
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {} `{}`", self.noun, self.word)?;
        if let Some(nearest) = self.nearest {
            return write!(f, "; did you mean `{nearest}`?");
        }
        match self.few.is_empty() {
            true => Ok(()),
            false => write!(f, "; expected {}", self.listed()),
        }
    }
}

impl Error for UnknownWord {}

/// The known word nearest to `word`, or `None` if all are too far away.
///
/// Case is ignored. A word is near if it differs by at most one edit (a letter added, removed,
/// replaced, or swapped with its neighbor) for every three letters, or one edit in a shorter word.
/// A word is also near if one of the two begins with the other, because omitting the end
/// (`TooManyRequests`) or adding one (`python3.12`) is a common mistake. Of equally near words the
/// first is used.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(word, &mut known.into_iter())
}

fn nearest_of<'a>(word: &str, known: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = folded(word);
    let bound = (word.len() / 3).max(1);
    let own = Letters::of(word.iter().copied());
    known
        .filter_map(|candidate| {
            let lower = candidate.chars().flat_map(char::to_lowercase);
            if own.are_far_from(&Letters::of(lower), bound) {
                return None;
            }
            let letters = folded(candidate);
            let edits = edits(&word, &letters);
            (edits <= bound || begins(&word, &letters)).then_some((edits, candidate))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// The known word that was probably meant by `word`, which differs from it by one slip inside a
/// word: a letter added, removed, replaced, or swapped with its neighbor.
///
/// This is stricter than [`nearest`], because many names of one program are similar on purpose.
/// Names that differ in a digit or at the start of a word, such as `get-user` and `set-user`, do
/// not count, and neither do names of fewer than three letters.
pub(crate) fn slip_of<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Shorter names are one slip away from many others.
    const SHORTEST: usize = 3;
    let own = folded(word);
    let is_slip = |candidate: &&str| {
        let other = folded(candidate);
        if own.len().min(other.len()) < SHORTEST || edits(&own, &other) != 1 {
            return false;
        }
        let same = own.iter().zip(&other).take_while(|(a, b)| a == b).count();
        let is_inside = same > 0 && own[same - 1].is_alphanumeric();
        is_inside && without_digits(&own) != without_digits(&other)
    };
    known.into_iter().find(is_slip)
}

fn without_digits(letters: &[char]) -> Vec<char> {
    let letters = letters.iter().copied();
    letters.filter(|letter| !letter.is_ascii_digit()).collect()
}

/// The letters of a word, to reject most of many names before their edits are counted.
struct Letters {
    /// One bit for each letter, which different letters can share.
    kinds: u64,
    count: usize,
}

impl Letters {
    fn of(word: impl Iterator<Item = char>) -> Self {
        word.fold(Self { kinds: 0, count: 0 }, |letters, letter| Self {
            kinds: letters.kinds | 1 << (u32::from(letter) % 64),
            count: letters.count + 1,
        })
    }

    /// Returns `true` only if neither word begins with the other and they differ by more than
    /// `bound` edits; it can return `false` for such words too. It relies on the fact that an edit
    /// adds at most one letter and removes at most one.
    fn are_far_from(&self, other: &Self, bound: usize) -> bool {
        let only_in = |one: &Self, other: &Self| (one.kinds & !other.kinds).count_ones() as usize;
        let (removed, added) = (only_in(self, other), only_in(other, self));
        let least = removed.max(added).max(self.count.abs_diff(other.count));
        removed > 0 && added > 0 && least > bound
    }
}

fn folded(word: &str) -> Vec<char> {
    word.chars().flat_map(char::to_lowercase).collect()
}

/// Returns `true` if one word begins with the other; words of under three letters never match.
fn begins(a: &[char], b: &[char]) -> bool {
    a.len().min(b.len()) >= 3 && (a.starts_with(b) || b.starts_with(a))
}

/// The number of edits from `a` to `b`: the Damerau-Levenshtein distance, in which swapped
/// neighbors are not edited again.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &right) in b.iter().enumerate() {
            let changed = last[j] + usize::from(left != right);
            let mut fewest = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && left == b[j - 1] && a[i - 1] == right {
                fewest = fewest.min(before_last[j - 1] + 1);
            }
            row.push(fewest);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// An enum of words, as [`words`] creates it.
pub(crate) trait Words: AsRef<str> + FromStr<Err = UnknownWord> + 'static {
    /// The noun for such a word, without an article.
    const NOUN: &'static str;
    const ALL: &'static [Self];
}

/// Creates a public enum of words from one list of rows: variant, word, docs.
///
/// ```text
/// words! {
///     /// How loud it is.
///     "volume" => Volume {
///         /// It can be heard.
///         Loud = "Loud",
///     }
/// }
/// ```
macro_rules! words {
    (
        $(#[$about:meta])*
        $noun:literal => $name:ident {
            $($(#[$doc:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            #[doc = concat!("Every ", $noun, ", by name.")]
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the word as it is written, with its case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl $crate::ground::nearest::Words for $name {
            const NOUN: &'static str = $noun;
            const ALL: &'static [Self] = Self::ALL;
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ground::nearest::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::ground::nearest::UnknownWord::new(word, $noun, [$($word),+])),
                }
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro makes public enums only")]
mod tests {
    use super::*;

    words! {
        /// Two words, so that a test can list both.
        "pet" => Pet {
            /// Purrs.
            Cat = "cat",
            /// Barks.
            Dog = "Dog",
        }
    }

    const NAMES: [&str; 4] = ["orders", "order", "Refunds", "payments"];

    #[track_caller]
    fn is_nearest(word: &str, known: Option<&str>) {
        assert_eq!(nearest(word, NAMES), known, "nearest to `{word}`");
    }

    #[test]
    fn one_edit_in_three_letters_is_near() {
        is_nearest("paymnets", Some("payments"));
        is_nearest("paiments", Some("payments"));
        is_nearest("apyment", Some("payments"));
        is_nearest("pxyxexts", None);
        is_nearest("", None);
    }

    #[test]
    fn a_short_word_can_differ_by_one_letter() {
        assert_eq!(nearest("gp", ["go"]), Some("go"));
        assert_eq!(nearest("pp", ["go"]), None);
    }

    #[test]
    fn case_is_ignored() {
        is_nearest("REFUNDS", Some("Refunds"));
        assert_eq!(nearest("ÜBUNG", ["übung"]), Some("übung"));
    }

    #[test]
    fn the_fewest_edits_win_and_then_the_first_word() {
        is_nearest("ordes", Some("orders"));
        is_nearest("order", Some("order"));
        assert_eq!(nearest("cot", ["cat", "cut"]), Some("cat"));
        assert_eq!(nearest("cot", ["cut", "cat"]), Some("cut"));
    }

    #[test]
    fn a_missing_or_added_tail_is_near_however_long() {
        is_nearest("pay", Some("payments"));
        is_nearest("refunds-of-last-year", Some("Refunds"));
        is_nearest("pa", None);
    }

    #[test]
    fn one_slip_inside_a_word_is_probably_a_typo() {
        for slip in [
            "send-mial",
            "sendmail",
            "send-mails",
            "send-mai",
            "Send-Maol",
        ] {
            assert_eq!(
                slip_of(slip, ["resize", "send-mail"]),
                Some("send-mail"),
                "{slip}"
            );
        }
        for (word, other) in [
            ("send-mail", "send-mail"),
            ("get-user", "set-user"),
            ("user-get", "user-set"),
            ("create-order", "update-order"),
            ("pay", "payment"),
            ("pay", "bay"),
            ("order-1", "order-2"),
            ("order", "order2"),
            ("fa", "fb"),
        ] {
            assert_eq!(slip_of(word, [other]), None, "`{word}` and `{other}`");
            assert_eq!(slip_of(other, [word]), None, "`{other}` and `{word}`");
        }
    }

    #[test]
    fn a_word_that_is_rejected_by_its_letters_is_far() {
        const WORDS: [&str; 10] = [
            "", "a", "ab", "abc", "cab", "abcd", "xyz", "order", "orders", "Refunds",
        ];
        let mut rejected = 0;
        for (one, other) in WORDS.iter().flat_map(|one| WORDS.map(|other| (one, other))) {
            let (one, other) = (folded(one), folded(other));
            let [own, theirs] = [&one, &other].map(|word| Letters::of(word.iter().copied()));
            for bound in 1..4 {
                let is_near = edits(&one, &other) <= bound || begins(&one, &other);
                let is_rejected = own.are_far_from(&theirs, bound);
                assert!(!(is_near && is_rejected), "{one:?} and {other:?}");
                rejected += usize::from(is_rejected);
            }
        }
        assert!(rejected > 100, "{rejected} of 300");
    }

    #[test]
    fn swapped_neighbors_count_as_one_edit() {
        let count = |a, b| edits(&folded(a), &folded(b));
        assert_eq!(count("", "abc"), 3);
        assert_eq!(count("abc", ""), 3);
        assert_eq!(count("abcd", "abdc"), 1);
        assert_eq!(count("ca", "abc"), 3);
        assert_eq!(count("kitten", "sitting"), 3);
    }

    #[test]
    fn a_word_converts_to_text_and_back() {
        for pet in Pet::ALL {
            assert_eq!(pet.as_str().parse(), Ok(*pet));
            assert_eq!(pet.to_string(), pet.as_ref());
        }
        assert_eq!(format!("{:>5}|", Pet::Cat), "  cat|");
    }

    #[test]
    fn a_word_in_the_wrong_case_is_refused_with_the_right_one() {
        let error = "dog".parse::<Pet>().unwrap_err();
        assert_eq!(error.to_string(), "unknown pet `dog`; did you mean `Dog`?");
        assert_eq!(error.nearest(), Some("Dog"));
    }

    #[test]
    fn an_error_without_a_near_word_lists_a_few() {
        let error = "parrot".parse::<Pet>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown pet `parrot`; expected `cat` or `Dog`"
        );
        assert_eq!(error.nearest(), None);
    }

    #[test]
    fn an_error_without_a_near_word_does_not_list_many() {
        let error = UnknownWord::new("xyz", "pet", ["cat"; FEW + 1]);
        assert_eq!(error.to_string(), "unknown pet `xyz`");
    }
}
