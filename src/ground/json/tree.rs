//! The values of a body in an arena, each with the position of its text.
//!
//! Nothing is decoded here: a value is identified by the characters that were sent.

use std::ops::Range;

use super::{next_byte, skip_document, skip_number_or_word, skip_string};

/// A body that is JSON.
pub(crate) struct Tree<'a> {
    text: &'a str,
    nodes: Vec<Node>,
}

/// A value in the arena. Links are indexes, so neither depth nor dropping uses the call stack.
struct Node {
    /// The member's name with its quotes; empty for an element and for the root.
    name: Range<usize>,
    /// A scalar's text, or a container's opening bracket.
    text: Range<usize>,
    /// The first entry of a container; `next` links the entries in print order.
    first: Option<usize>,
    next: Option<usize>,
}

/// A container that is being read: its node, and its last entry so far.
struct Open {
    node: usize,
    last: Option<usize>,
}

impl<'a> Tree<'a> {
    /// The whole body.
    pub(crate) const ROOT: usize = 0;

    /// Parses a body; returns `None` if it is not JSON.
    pub(crate) fn of(body: &'a [u8]) -> Option<Self> {
        let start = byte_order_mark(body);
        skip_document(body, start)?;
        Some(Self {
            text: std::str::from_utf8(body).ok()?,
            nodes: parse(body, start)?,
        })
    }

    /// The name of a member with its quotes; empty for a value that is not a member.
    pub(crate) fn name(&self, node: usize) -> &'a str {
        &self.text[self.nodes[node].name.clone()]
    }

    /// A scalar's text, or a container's opening bracket.
    pub(crate) fn text(&self, node: usize) -> &'a str {
        &self.text[self.nodes[node].text.clone()]
    }

    /// The index at which the name of a member begins in the body, in bytes; 0 for a value that is
    /// not a member.
    pub(crate) fn name_start(&self, node: usize) -> usize {
        self.nodes[node].name.start
    }

    /// The index at which a value begins in the body, in bytes.
    pub(crate) fn start(&self, node: usize) -> usize {
        self.nodes[node].text.start
    }

    /// The members or elements of a container.
    pub(crate) fn entries(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.nodes[node].first, |entry| self.nodes[*entry].next)
    }

    /// Sorts the members of each object by the results of `decoded`, which gets their names with
    /// quotes.
    pub(super) fn sort_members<K: Ord>(&mut self, decoded: impl Fn(&'a str) -> K) {
        let mut members = Vec::new();
        for object in 0..self.nodes.len() {
            if self.text(object) != "{" {
                continue;
            }
            members.clear();
            members.extend(self.entries(object));
            members.sort_by_cached_key(|&member| decoded(self.name(member)));
            let mut next = None;
            for &member in members.iter().rev() {
                self.nodes[member].next = next.replace(member);
            }
            self.nodes[object].first = next;
        }
    }

    /// Of adjacent members with the same name, unlinks all but the last; for objects whose members
    /// are sorted.
    pub(super) fn keep_last_members(&mut self) {
        for object in 0..self.nodes.len() {
            if self.text(object) != "{" {
                continue;
            }
            let mut before: Option<usize> = None;
            let mut at = self.nodes[object].first;
            while let Some(member) = at {
                at = self.nodes[member].next;
                let is_repeated = at.is_some_and(|next| self.name(next) == self.name(member));
                if !is_repeated {
                    before = Some(member);
                    continue;
                }
                match before {
                    Some(before) => self.nodes[before].next = at,
                    None => self.nodes[object].first = at,
                }
            }
        }
    }

    /// Prints a value without white space.
    pub(crate) fn compact(&self, start: usize) -> String {
        let whole = if start == Self::ROOT {
            self.text.len()
        } else {
            0
        };
        let mut printed = String::with_capacity(whole);
        let mut open: Vec<(usize, char)> = Vec::new();
        let mut at = start;
        loop {
            if at != start && !self.name(at).is_empty() {
                printed.extend([self.name(at), ":"]);
            }
            let opening = self.text(at);
            printed.push_str(opening);
            let close = match opening {
                "{" => Some('}'),
                "[" => Some(']'),
                _ => None,
            };
            match (close, self.nodes[at].first) {
                (Some(close), Some(first)) => {
                    open.push((at, close));
                    at = first;
                    continue;
                }
                (Some(close), None) => printed.push(close),
                (None, _) => {}
            }
            loop {
                // The siblings of the value to print are not part of it.
                let Some((parent, close)) = open.last() else {
                    return printed;
                };
                if let Some(next) = self.nodes[at].next {
                    printed.push(',');
                    at = next;
                    break;
                }
                printed.push(*close);
                at = *parent;
                open.pop();
            }
        }
    }
}

/// Parses a body that is known to be JSON, so separators are not checked.
fn parse(body: &[u8], start: usize) -> Option<Vec<Node>> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut at = start;
    while let Some((mut byte, mut after)) = next_byte(body, at) {
        at = after;
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
            (byte, after) = next_byte(body, value)?;
        }
        let start = after - 1;
        at = match byte {
            b'{' | b'[' => after,
            b'"' => skip_string(body, after)?,
            _ => skip_number_or_word(body, byte, after)?,
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

/// The length of the byte order mark to skip. The parser looks for one only if there are at least
/// four bytes.
pub(super) fn byte_order_mark(body: &[u8]) -> usize {
    if body.len() >= 4 && body.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    }
}
