//! The message and position that the service's parser reports for a body that is not JSON.
//!
//! The service parses with Jackson. This module follows `UTF8StreamJsonParser` of jackson-core
//! 2.18.2 over a byte array, token by token and with its quirks, so that message, line and column
//! are the same as the service's. It reads only bodies that the strict pass rejected, so its speed
//! does not matter.
//!
//! Recorded from AWS (November 2025): "Unexpected character (…): expected a valid value (…)" and
//! "Invalid UTF-8 start byte 0x…", with their columns. A recording of 2018 has "Unrecognized token
//! '…'", but with an older list of expectations and an older column; one of 2023 has "Unexpected
//! character (…)" with an older column. All other messages were taken from jackson-core itself.
//! Three of them are choices that no recording confirms:
//! - text after the root value is rejected as by `FAIL_ON_TRAILING_TOKENS`;
//! - a surrogate in UTF-8 has the message of 2.21 (2.18 accepts it). An overlong form or a code
//!   point above U+10FFFF, which Jackson accepts, has the message of an invalid start byte, because
//!   such a body is not UTF-8;
//! - a body of only white space has the message for no content at all.

mod characters;
mod faults;
mod numbers;

use self::faults::{described, is_control, is_identifier_part, printable};
use super::{JsonError, byte_order_mark};

/// Reads the body as the parser does, up to the first error.
pub(super) fn explain(body: &[u8]) -> Result<(), JsonError> {
    let at = byte_order_mark(body);
    let mut reader = Reader {
        body,
        at,
        token: "null",
        open: Vec::new(),
        fresh: false,
    };
    reader.document()
}

const VALID_VALUES: &str =
    "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const SOURCE: &str =
    "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: ";
const LONGEST_TOKEN: usize = 256;

struct Reader<'a> {
    body: &'a [u8],
    /// The next byte to read.
    at: usize,
    /// The parser's name for the last complete token, with which some of its messages end.
    token: &'static str,
    /// Where each open container starts.
    open: Vec<usize>,
    /// Nothing has been read in the innermost container yet, so no comma is expected.
    fresh: bool,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), JsonError> {
        let Some(first) = self.after_space()? else {
            return Err(self.fault(self.at, "No content to map due to end-of-input"));
        };
        match first {
            b']' | b'}' => self.close(first)?,
            _ => self.value(first)?,
        }
        while let Some(&start) = self.open.last() {
            self.entry(start)?;
        }
        let Some(first) = self.after_space()? else {
            return Ok(());
        };
        let start = self.at - 1;
        match first {
            b']' | b'}' => self.close(first)?,
            // A string counts as a token before its end is found.
            b'"' => self.token = "VALUE_STRING",
            _ => self.value(first)?,
        }
        Err(self.fault(
            start,
            format!(
                "Trailing token (of type {}) found after value (bound as \
                 `com.fasterxml.jackson.databind.JsonNode`): not allowed as per \
                 `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`",
                self.token
            ),
        ))
    }

    /// An element, a member, or the end of the container that starts at `start`.
    fn entry(&mut self, start: usize) -> Result<(), JsonError> {
        let kind = self.kind(start);
        let Some(mut byte) = self.after_space()? else {
            let (line, column) = self.line_and_column(start);
            return Err(self.fault(
                self.at,
                format!(
                    "Unexpected end-of-input: expected close marker for {kind} (start marker at \
                     {SOURCE}{line}, column: {column}])"
                ),
            ));
        };
        if let b']' | b'}' = byte {
            return self.close(byte);
        }
        if !self.fresh {
            if byte != b',' {
                return Err(self.unexpected(
                    byte,
                    &format!("was expecting comma to separate {kind} entries"),
                ));
            }
            byte = self.within(kind)?;
        }
        if kind == "Object" {
            if byte != b'"' {
                let code = self.rest_of_character(byte)?;
                let words = "was expecting double-quote to start field name";
                return Err(self.fault(
                    self.at - 1,
                    format!("Unexpected character ({}): {words}", described(code)),
                ));
            }
            self.name()?;
            self.token = "FIELD_NAME";
            byte = self.within(kind)?;
            if byte != b':' {
                return Err(self.unexpected(
                    byte,
                    "was expecting a colon to separate field name and value",
                ));
            }
            byte = self.within(kind)?;
        }
        self.value(byte)
    }

    fn close(&mut self, marker: u8) -> Result<(), JsonError> {
        let (opening, other) = if marker == b']' {
            (b'[', '}')
        } else {
            (b'{', ']')
        };
        let start = self.open.last().copied();
        if start.is_some_and(|start| self.body[start] == opening) {
            self.open.pop();
            self.fresh = false;
            self.token = if marker == b']' {
                "END_ARRAY"
            } else {
                "END_OBJECT"
            };
            return Ok(());
        }
        let opened = match start.map(|start| (self.kind(start), self.line_and_column(start))) {
            Some((kind, (line, column))) => {
                format!("{kind} starting at {SOURCE}{line}, column: {column}]")
            }
            // The root has a line but no column.
            None => format!("root starting at {SOURCE}1]"),
        };
        let words = format!(
            "Unexpected close marker '{}': expected '{other}' (for {opened})",
            char::from(marker)
        );
        Err(self.fault(self.at - 1, words))
    }

    /// Reads a value whose first byte was already read; of a container, only the opening bracket.
    fn value(&mut self, first: u8) -> Result<(), JsonError> {
        self.fresh = false;
        self.token = match first {
            b'"' => {
                self.token = "VALUE_STRING";
                self.string()?;
                "VALUE_STRING"
            }
            b'{' | b'[' => {
                self.open.push(self.at - 1);
                self.fresh = true;
                if first == b'{' {
                    "START_OBJECT"
                } else {
                    "START_ARRAY"
                }
            }
            b't' => self.literal("true", 1, "VALUE_TRUE")?,
            b'f' => self.literal("false", 1, "VALUE_FALSE")?,
            b'n' => self.literal("null", 1, "VALUE_NULL")?,
            b'-' | b'0'..=b'9' => self.number(first)?,
            _ => return Err(self.not_a_value(first)),
        };
        Ok(())
    }

    fn not_a_value(&mut self, byte: u8) -> JsonError {
        let in_array = self
            .open
            .last()
            .is_some_and(|&start| self.body[start] == b'[');
        match byte {
            b',' | b'}' => self.unexpected(byte, "expected a value"),
            b']' if in_array => self.unexpected(byte, "expected a value"),
            b'N' => self.non_standard("NaN", 1),
            b'I' => self.non_standard("Infinity", 1),
            b'+' => match self.number_byte() {
                Ok(next) => self.not_a_number(next, '+'),
                Err(error) => error,
            },
            // The first byte is read as Latin-1, the rest of the token as UTF-8.
            _ if is_identifier_part(byte.into())
                && !is_control(byte.into())
                && !byte.is_ascii_digit()
                && byte != 0xAD =>
            {
                self.unrecognized(char::from(byte).to_string())
            }
            _ => self.unexpected(byte, &format!("expected a valid value {VALID_VALUES}")),
        }
    }

    /// The rest of a word of which `known` bytes were already read.
    fn literal(
        &mut self,
        word: &str,
        known: usize,
        kind: &'static str,
    ) -> Result<&'static str, JsonError> {
        for (index, expected) in word.bytes().enumerate().skip(known) {
            if self.peek() != Some(expected) {
                return Err(self.unrecognized(word[..index].to_owned()));
            }
            self.at += 1;
        }
        if let Some(next @ (b'0'..=b'\\' | b'^'..=b'|' | b'~'..)) = self.peek() {
            // The parser decodes this character without stepping over its first byte, so a
            // character that is not ASCII is always invalid UTF-8 to it.
            let code = self.rest_of_character(next)?;
            if is_identifier_part(code) {
                return Err(self.unrecognized(word.to_owned()));
            }
        }
        Ok(kind)
    }

    fn unrecognized(&mut self, mut token: String) -> JsonError {
        let mut length = token.chars().count();
        while let Some(byte) = self.byte() {
            let code = match self.rest_of_character(byte) {
                Ok(code) => code,
                Err(error) => return error,
            };
            if !is_identifier_part(code) {
                break;
            }
            token.push(printable(code));
            length += 1;
            if length >= LONGEST_TOKEN {
                token.push_str("...");
                break;
            }
        }
        self.fault_after_last(format!(
            "Unrecognized token '{token}': was expecting {VALID_VALUES}"
        ))
    }

    fn after_space(&mut self) -> Result<Option<u8>, JsonError> {
        loop {
            match self.byte() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => {}
                Some(byte @ ..0x20) => {
                    let words = format!(
                        "Illegal character ({}): only regular white space (\\r, \\n, \\t) is \
                         allowed between tokens",
                        described(byte.into())
                    );
                    return Err(self.fault(self.at, words));
                }
                Some(b'/') => {
                    let words = "maybe a (non-standard) comment? (not recognized as one since \
                                 Feature 'ALLOW_COMMENTS' not enabled for parser)";
                    return Err(self.unexpected(b'/', words));
                }
                other => return Ok(other),
            }
        }
    }

    /// The next byte that is not white space, at a position where the container cannot end.
    fn within(&mut self, kind: &str) -> Result<u8, JsonError> {
        self.after_space()?
            .ok_or_else(|| self.ended(&format!("within/between {kind} entries")))
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.body.get(self.at).copied()
    }

    fn kind(&self, start: usize) -> &'static str {
        if self.body[start] == b'{' {
            "Object"
        } else {
            "Array"
        }
    }
}

#[cfg(test)]
mod tests;
