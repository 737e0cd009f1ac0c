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
    // A test checks that both passes have the same grammar. If they differ, the strict one
    // decides, because `canonical` relies on it.
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
///
/// The functions below read bytes by index and with `match`, because most tests run unoptimized,
/// where each call of an adapter costs as much as the byte itself.
fn skip_document(body: &[u8], start: usize) -> Option<()> {
    // The closing brackets: of the innermost open container, and of the containers around it.
    // Outside of every container, `closer` is 0.
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
    if at < body.len() && body[at] > b' ' {
        Some((body[at], at + 1))
    } else {
        next_byte_after_space(body, at)
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

/// Skips a member's name and the colon; `first` must be the opening quote of the name. Returns the
/// first byte of the value and the index after it.
#[inline(always)]
fn skip_name(body: &[u8], first: u8, at: usize) -> Option<(u8, usize)> {
    if first != b'"' {
        return None;
    }
    let end = skip_string(body, at)?;
    match next_byte(body, end) {
        Some((b':', at)) => next_byte(body, at),
        _ => None,
    }
}

/// Skips a string from the byte after the opening quote to the byte after the closing quote.
#[inline(always)]
fn skip_string(body: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = skip_plain(body, at);
        if at >= body.len() {
            return None;
        }
        let skipped = match body[at] {
            b'"' => return Some(at + 1),
            b'\\' => skip_escape(body, at + 1),
            0x80.. => skip_non_ascii(body, at),
            _ => None,
        };
        at = skipped?;
    }
}

/// Skips to the first byte that needs a check of its own: a quote, a backslash, a control character
/// or a byte that is not ASCII.
#[inline(always)]
fn skip_plain(body: &[u8], mut at: usize) -> usize {
    while at < body.len() && body.len() - at >= 8 {
        let found = stops(word(&body[at..], 0));
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
        // Most strings end within two words, before blocks are worth it.
        if body.len() - at < 8 {
            break;
        }
        let found = stops(word(&body[at..], 0));
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at = skip_plain_blocks(body, at + 8);
    }
    while at < body.len() && stops(u64::from(body[at]) | SPACES << 8) == 0 {
        at += 1;
    }
    at
}

/// Skips blocks of 32 bytes in a long string, up to the first block with a byte at which
/// [`skip_plain`] stops. Written so that the compiler compares a block with vector instructions.
#[inline(never)]
fn skip_plain_blocks(body: &[u8], mut at: usize) -> usize {
    while at < body.len() && body.len() - at >= 32 {
        let block = &body[at..at + 32];
        let stops = stops(word(block, 0))
            | stops(word(block, 8))
            | stops(word(block, 16))
            | stops(word(block, 24));
        if stops != 0 {
            break;
        }
        at += 32;
    }
    at
}

/// Eight bytes of a slice, the first one lowest.
#[inline(always)]
fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes([
        bytes[at],
        bytes[at + 1],
        bytes[at + 2],
        bytes[at + 3],
        bytes[at + 4],
        bytes[at + 5],
        bytes[at + 6],
        bytes[at + 7],
    ])
}

const EACH: u64 = 0x0101_0101_0101_0101;
const SPACES: u64 = EACH * 0x20;

/// Sets the high bit of the bytes at which [`skip_plain`] stops; the lowest bit that is set is
/// exact.
///
/// Flipping bit 1 moves the quote (0x22) to 0x20 and keeps control characters below it, so one
/// subtraction finds both. A borrow only affects bytes above one that is already set.
#[inline(always)]
fn stops(word: u64) -> u64 {
    let quotes_and_controls = (word ^ (EACH * 0x02)).wrapping_sub(EACH * 0x21);
    let backslashes = (word ^ (EACH * 0x5C)).wrapping_sub(EACH);
    (quotes_and_controls | backslashes | word) & (EACH * 0x80)
}

/// Skips an escape, from the byte after the backslash.
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

/// Skips a number, from the byte after the first digit. The caller checks what follows it.
#[inline(always)]
fn skip_number(body: &[u8], first: u8, mut at: usize) -> Option<usize> {
    if first != b'0' {
        at = skip_digits(body, at);
    }
    if at < body.len() && body[at] == b'.' {
        let start = at + 1;
        at = skip_digits(body, start);
        if at == start {
            return None;
        }
    }
    if at < body.len() && matches!(body[at], b'e' | b'E') {
        at += 1;
        if at < body.len() && matches!(body[at], b'+' | b'-') {
            at += 1;
        }
        let start = at;
        at = skip_digits(body, start);
        if at == start {
            return None;
        }
    }
    Some(at)
}

#[inline(always)]
#[expect(
    clippy::manual_is_ascii_check,
    reason = "`is_ascii_digit` is a call for each digit in an unoptimized build"
)]
fn skip_digits(body: &[u8], mut at: usize) -> usize {
    while at < body.len() && matches!(body[at], b'0'..=b'9') {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests;
