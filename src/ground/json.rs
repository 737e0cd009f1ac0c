//! Checks in one pass that a body is UTF-8 and JSON; otherwise reports the service's message, line
//! and column.
//!
//! `check` accepts exactly the bodies that are UTF-8 and JSON (RFC 8259), with any depth of nesting
//! and any length of numbers. It accepts a lone surrogate escape and `1e999`, as the service does.
//! The pass keeps no counters, does not recurse, and allocates one byte for each level of nesting.
//! Only a rejected body is read again, by `jackson`, for its message.
//!
//! A leading UTF-8 byte order mark is skipped, as the service's parser does. UTF-16, which that
//! parser would detect, is rejected. No value is decoded here.

mod canonical;
mod jackson;
mod tree;
mod written;

use std::fmt;

pub(crate) use self::canonical::{Data, canonical};
pub(crate) use self::tree::Tree;
use self::tree::byte_order_mark;
pub(crate) use self::written::{text_of, value_of};

/// Checks that this body is UTF-8 and JSON.
///
/// # Errors
///
/// Returns the first problem that the service's parser would report, with its message and column.
pub(crate) fn check(body: &[u8]) -> Result<(), JsonError> {
    if skip_document(body, byte_order_mark(body)).is_some() {
        return Ok(());
    }
    jackson::explain(body)?;
    // A test checks that both passes have the same grammar. If they differ, this one decides,
    // because `canonical` relies on it.
    Err(JsonError {
        words: "Unexpected end-of-input".to_owned(),
        line: 1,
        column: 1,
    })
}

/// Returns what the strict pass and the pass for the messages say about a body.
#[cfg(fuzzing)]
pub(crate) fn passes(body: &[u8]) -> (bool, bool) {
    let strict = skip_document(body, byte_order_mark(body));
    (strict.is_some(), jackson::explain(body).is_ok())
}

/// The reason why a body is not JSON, with the service's parser's message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct JsonError {
    words: String,
    line: usize,
    column: usize,
}

impl JsonError {
    /// The line, counted from 1; `\n`, `\r` and `\r\n` each end a line.
    pub(crate) fn line(&self) -> usize {
        self.line
    }

    /// The column that the parser reports, counted in bytes from 1.
    pub(crate) fn column(&self) -> usize {
        self.column
    }
}

/// Only the parser's sentence: no prefix before it, and no `\n at [Source: …` after it.
impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for JsonError {}

/// The strict pass. Returns `None` at the first byte that is not JSON; `jackson` finds out where
/// and why.
fn skip_document(body: &[u8], start: usize) -> Option<()> {
    // The closing bracket of the innermost open container, and those around it; 0 is outside.
    let (mut closer, mut outer) = (0, Vec::new());
    let (mut byte, mut at) = next_byte(body, start)?;
    loop {
        // `byte` starts a value, and `at` is the index after it. The closing bracket of an empty
        // container is left to the loop below.
        match byte {
            b'"' => at = skip_string(body, at)?,
            b'{' => {
                enter(b'}', &mut closer, &mut outer);
                let (first, after) = next_byte(body, at)?;
                if first != b'}' {
                    (byte, at) = skip_name(body, first, after)?;
                    continue;
                }
            }
            b'[' => {
                enter(b']', &mut closer, &mut outer);
                let (first, after) = next_byte(body, at)?;
                if first != b']' {
                    (byte, at) = (first, after);
                    continue;
                }
            }
            _ => at = skip_number_or_word(body, byte, at)?,
        }
        loop {
            let Some((mark, after)) = next_byte(body, at) else {
                return (closer == 0).then_some(());
            };
            at = after;
            if closer == 0 {
                return None;
            }
            if mark == b',' {
                (byte, at) = next_byte(body, at)?;
                if closer == b'}' {
                    (byte, at) = skip_name(body, byte, at)?;
                }
                break;
            }
            if mark != closer {
                return None;
            }
            closer = outer.pop().unwrap_or(0);
        }
    }
}

/// Makes this container the innermost. Most payloads are one flat object, and need no allocation.
#[inline(always)]
fn enter(bracket: u8, closer: &mut u8, outer: &mut Vec<u8>) {
    if *closer != 0 {
        outer.push(*closer);
    }
    *closer = bracket;
}

/// The first byte that is not white space, and the index after it.
#[inline(always)]
fn next_byte(body: &[u8], at: usize) -> Option<(u8, usize)> {
    match body.get(at) {
        Some(&byte) if byte > b' ' => Some((byte, at + 1)),
        _ => next_byte_after_space(body, at),
    }
}

#[inline(never)]
fn next_byte_after_space(body: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        let byte = *body.get(at)?;
        at += 1;
        if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
            return Some((byte, at));
        }
    }
}

/// From a member's opening quote, which was already read, to the first byte of its value.
#[inline(always)]
fn skip_name(body: &[u8], first: u8, at: usize) -> Option<(u8, usize)> {
    if first != b'"' {
        return None;
    }
    let (colon, at) = next_byte(body, skip_string(body, at)?)?;
    if colon == b':' {
        next_byte(body, at)
    } else {
        None
    }
}

/// From the byte after the opening quote to the byte after the closing quote.
#[inline(always)]
fn skip_string(body: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = skip_plain(body, at);
        match *body.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at = skip_escape(body, at + 1)?,
            0x80.. => at = skip_non_ascii(body, at)?,
            _ => return None,
        }
    }
}

/// Skips to the first byte that a string cannot contain directly: a quote, a backslash, a control
/// character or the start of a character that is not ASCII.
#[inline(always)]
fn skip_plain(body: &[u8], mut at: usize) -> usize {
    while let Some((head, tail)) = body
        .get(at..)
        .and_then(|rest| rest.split_first_chunk::<8>())
    {
        let found = stops(u64::from_le_bytes(*head));
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
        // Most strings end within two words, before blocks are worth it.
        let Some(word) = tail.first_chunk::<8>() else {
            break;
        };
        let found = stops(u64::from_le_bytes(*word));
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at = skip_plain_blocks(body, at + 8);
    }
    while body
        .get(at)
        .is_some_and(|&byte| stops(u64::from(byte) | SPACES << 8) == 0)
    {
        at += 1;
    }
    at
}

/// For long strings: 32 bytes at a time, written so that the compiler compares them with vector
/// instructions.
#[inline(never)]
fn skip_plain_blocks(body: &[u8], mut at: usize) -> usize {
    while let Some(block) = body.get(at..).and_then(|rest| rest.first_chunk::<32>()) {
        // As a signed number, a byte that is not ASCII is less than a space as well.
        let stops = block.iter().fold(0, |stops, &byte| {
            stops | u8::from((byte as i8) < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\')
        });
        if stops != 0 {
            break;
        }
        at += 32;
    }
    at
}

const EACH: u64 = 0x0101_0101_0101_0101;
const SPACES: u64 = EACH * 0x20;

/// Sets the high bit of the bytes that a string cannot contain directly; the lowest bit that is set
/// is exact.
///
/// Flipping bit 1 moves the quote (0x22) to 0x20 and keeps control characters below it, so one
/// subtraction finds both. A borrow only affects bytes above one that is already set.
#[inline(always)]
fn stops(word: u64) -> u64 {
    let quotes_and_controls = (word ^ (EACH * 0x02)).wrapping_sub(EACH * 0x21);
    let backslashes = (word ^ (EACH * 0x5C)).wrapping_sub(EACH);
    (quotes_and_controls | backslashes | word) & (EACH * 0x80)
}

/// From the byte after the backslash.
fn skip_escape(body: &[u8], at: usize) -> Option<usize> {
    match *body.get(at)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 1),
        // Any four digits are valid: half of a surrogate pair is still JSON.
        b'u' => {
            let digits = body.get(at + 1..at + 5)?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(at + 5)
        }
        _ => None,
    }
}

/// Skips a run of characters that are not ASCII, each well-formed UTF-8 (Unicode, table 3-7).
fn skip_non_ascii(body: &[u8], mut at: usize) -> Option<usize> {
    while body.get(at).is_some_and(|byte| !byte.is_ascii()) {
        at += match body.get(at..)? {
            [0xC2..=0xDF, 0x80..=0xBF, ..] => 2,
            [0xE0, 0xA0..=0xBF, 0x80..=0xBF, ..]
            | [0xE1..=0xEC | 0xEE | 0xEF, 0x80..=0xBF, 0x80..=0xBF, ..]
            | [0xED, 0x80..=0x9F, 0x80..=0xBF, ..] => 3,
            [0xF0, 0x90..=0xBF, 0x80..=0xBF, 0x80..=0xBF, ..]
            | [0xF1..=0xF3, 0x80..=0xBF, 0x80..=0xBF, 0x80..=0xBF, ..]
            | [0xF4, 0x80..=0x8F, 0x80..=0xBF, 0x80..=0xBF, ..] => 4,
            _ => return None,
        };
    }
    Some(at)
}

/// Skips a scalar that is not a string, from the byte after its first.
#[inline(always)]
fn skip_number_or_word(body: &[u8], first: u8, at: usize) -> Option<usize> {
    let rest: &[u8] = match first {
        b'0'..=b'9' => return skip_number(body, first, at),
        b'-' => {
            let digit = *body.get(at)?;
            return if digit.is_ascii_digit() {
                skip_number(body, digit, at + 1)
            } else {
                None
            };
        }
        b't' => b"rue",
        b'f' => b"alse",
        b'n' => b"ull",
        _ => return None,
    };
    body.get(at..)?.starts_with(rest).then_some(at + rest.len())
}

/// From the byte after the first digit. The caller checks what follows the number.
#[inline(always)]
fn skip_number(body: &[u8], first: u8, mut at: usize) -> Option<usize> {
    if first != b'0' {
        at = skip_digits(body, at);
    }
    if body.get(at) == Some(&b'.') {
        at = skip_some_digits(body, at + 1)?;
    }
    if let Some(b'e' | b'E') = body.get(at) {
        let sign = matches!(body.get(at + 1), Some(b'+' | b'-'));
        at = skip_some_digits(body, at + 1 + usize::from(sign))?;
    }
    Some(at)
}

#[inline(always)]
fn skip_digits(body: &[u8], mut at: usize) -> usize {
    while body.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

#[inline(always)]
fn skip_some_digits(body: &[u8], start: usize) -> Option<usize> {
    let at = skip_digits(body, start);
    (at > start).then_some(at)
}

#[cfg(test)]
mod tests;
