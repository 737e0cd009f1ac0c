//! JSON text in one order, for journals and snapshots.
//!
//! Two bodies that differ only in white space or in the order of their members print alike, and
//! every scalar prints with the characters that were sent: a number is never read as a number.
//! Members are ordered by their decoded names, code point by code point, so that how a client
//! spells a character in a name cannot move the member; it is the order of a `BTreeMap<String, _>`.

use std::cmp::Ordering;

use super::Tree;

/// Prints a body with its members in order and no white space.
///
/// Members with one name keep the order they were sent in. `None` if the body is not JSON.
pub(crate) fn canonical(body: &[u8]) -> Option<String> {
    let mut tree = Tree::of(body)?;
    tree.sort_members(compare_names);
    Some(tree.compact(Tree::ROOT))
}

/// Names of equal spelling need no decoding, nor do two without a backslash: UTF-8 already sorts
/// by code point. Both come with their quotes.
fn compare_names(one: &[u8], other: &[u8]) -> Ordering {
    let (one, other) = (&one[1..one.len() - 1], &other[1..other.len() - 1]);
    if !one.contains(&b'\\') && !other.contains(&b'\\') {
        return one.cmp(other);
    }
    Decoded(one).cmp(Decoded(other))
}

/// The code points of a name. Half of a surrogate pair, which no `String` holds, is itself.
struct Decoded<'a>(&'a [u8]);

impl Iterator for Decoded<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (code, length) = match *self.0 {
            [] => return None,
            [b'\\', b'u', ..] => match (unit(self.0), unit(self.0.get(6..).unwrap_or_default())) {
                (Some(high @ 0xD800..=0xDBFF), Some(low @ 0xDC00..=0xDFFF)) => {
                    (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00), 12)
                }
                (code, _) => (code.unwrap_or_default(), 6),
            },
            [b'\\', escaped, ..] => {
                let code = match escaped {
                    b'b' => 0x08,
                    b'f' => 0x0C,
                    b'n' => 0x0A,
                    b'r' => 0x0D,
                    b't' => 0x09,
                    itself => itself,
                };
                (code.into(), 2)
            }
            [first, ..] => {
                let length = match first {
                    ..=0xBF => 1,
                    0xC0..=0xDF => 2,
                    0xE0..=0xEF => 3,
                    _ => 4,
                };
                let character = std::str::from_utf8(self.0.get(..length)?)
                    .ok()?
                    .chars()
                    .next()?;
                (character.into(), length)
            }
        };
        self.0 = self.0.get(length..)?;
        Some(code)
    }
}

/// The number in a `\uXXXX` at the start of `text`.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
