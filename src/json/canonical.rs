//! JSON text in one order, for journals and snapshots.
//!
//! Two bodies that differ only in white space or in the order of their members print alike, and
//! every scalar prints with the characters that were sent: a number is never read as a number.
//! Members are ordered by their decoded names, code point by code point, so that how a client
//! spells a character in a name cannot move the member; it is the order of a `BTreeMap<String, _>`.

use std::cmp::Ordering;
use std::ops::Range;

use super::{byte_order_mark, next_byte, skip_document, skip_number_or_word, skip_string};

/// Prints a body with its members in order and no white space.
///
/// Members with one name keep the order they were sent in. `None` if the body is not JSON.
pub(crate) fn canonical(body: &[u8]) -> Option<String> {
    let start = byte_order_mark(body);
    skip_document(body, start)?;
    let text = std::str::from_utf8(body).ok()?;
    let mut nodes = parse(body, start)?;
    sort_members(body, &mut nodes);
    Some(print(text, &nodes))
}

/// A value in the arena. Links are indexes, so neither depth nor dropping uses the call stack.
struct Node {
    /// The member's name with its quotes; empty for an element and for the root.
    name: Range<usize>,
    /// A scalar's text, or a container's opening bracket.
    text: Range<usize>,
    /// In a container, its entries as printed come after one another by `next`.
    first: Option<usize>,
    next: Option<usize>,
}

/// A container being read: where its node is, and its last entry so far.
struct Open {
    node: usize,
    last: Option<usize>,
}

/// Reads a body that is known to be JSON, so separators need no checking.
fn parse(body: &[u8], start: usize) -> Option<Vec<Node>> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut at = start;
    while let Some((mut byte, mut behind)) = next_byte(body, at) {
        at = behind;
        match byte {
            b',' => continue,
            b'}' | b']' => {
                open.pop();
                continue;
            }
            _ => {}
        }
        let mut name = 0..0;
        if open
            .last()
            .is_some_and(|open| body[nodes[open.node].text.start] == b'{')
        {
            let end = skip_string(body, at)?;
            name = at - 1..end;
            let (_colon, value) = next_byte(body, end)?;
            (byte, behind) = next_byte(body, value)?;
        }
        let start = behind - 1;
        at = match byte {
            b'{' | b'[' => behind,
            b'"' => skip_string(body, behind)?,
            _ => skip_number_or_word(body, byte, behind)?,
        };
        let index = nodes.len();
        if let Some(parent) = open.last_mut() {
            match parent.last.replace(index) {
                Some(last) => nodes[last].next = Some(index),
                None => nodes[parent.node].first = Some(index),
            }
        }
        if let b'{' | b'[' = byte {
            open.push(Open {
                node: index,
                last: None,
            });
        }
        nodes.push(Node {
            name,
            text: start..at,
            first: None,
            next: None,
        });
    }
    Some(nodes)
}

/// Links the members of each object anew, in order.
fn sort_members(body: &[u8], nodes: &mut [Node]) {
    let mut members = Vec::new();
    for object in 0..nodes.len() {
        if body[nodes[object].text.start] != b'{' {
            continue;
        }
        members.clear();
        let mut next = nodes[object].first;
        while let Some(member) = next {
            members.push(member);
            next = nodes[member].next;
        }
        members.sort_by(|&one, &other| {
            compare_names(
                &body[nodes[one].name.clone()],
                &body[nodes[other].name.clone()],
            )
        });
        for &member in members.iter().rev() {
            nodes[member].next = next.replace(member);
        }
        nodes[object].first = next;
    }
}

fn print(text: &str, nodes: &[Node]) -> String {
    let mut printed = String::with_capacity(text.len());
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut at = 0;
    loop {
        let node = &nodes[at];
        if !node.name.is_empty() {
            printed.push_str(&text[node.name.clone()]);
            printed.push(':');
        }
        let opening = &text[node.text.clone()];
        printed.push_str(opening);
        let close = match opening {
            "{" => Some('}'),
            "[" => Some(']'),
            _ => None,
        };
        match (close, node.first) {
            (Some(close), Some(first)) => {
                open.push((at, close));
                at = first;
                continue;
            }
            (Some(close), None) => printed.push(close),
            (None, _) => {}
        }
        loop {
            if let Some(next) = nodes[at].next {
                printed.push(',');
                at = next;
                break;
            }
            let Some((parent, close)) = open.pop() else {
                return printed;
            };
            printed.push(close);
            at = parent;
        }
    }
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
