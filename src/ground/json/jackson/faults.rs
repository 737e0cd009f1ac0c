//! The position of a fault, and the message of the service's parser about it.

use super::{JsonError, Reader};

impl Reader<'_> {
    pub(super) fn ended(&self, context: &str) -> JsonError {
        self.fault(
            self.body.len(),
            format!("Unexpected end-of-input {context}"),
        )
    }

    pub(super) fn ended_in_token(&self) -> JsonError {
        self.ended(&format!("in {}", self.token))
    }

    pub(super) fn unquoted(&self, byte: u8, context: &str) -> JsonError {
        let character = described(byte.into());
        let words = format!(
            "Illegal unquoted character ({character}): has to be escaped using backslash to be included in {context}"
        );
        self.fault(self.at - 1, words)
    }

    pub(super) fn unexpected(&self, byte: u8, why: &str) -> JsonError {
        self.fault(
            self.at - 1,
            format!("Unexpected character ({}): {why}", described(byte.into())),
        )
    }

    pub(super) fn unexpected_in_number(&self, byte: u8, why: &str) -> JsonError {
        let character = described(byte.into());
        self.fault(
            self.at - 1,
            format!("Unexpected character ({character}) in numeric value: {why}"),
        )
    }

    /// A fault after the last byte read, which the parser has not yet checked for a line break.
    pub(super) fn fault_after_last(&self, words: String) -> JsonError {
        let (line, column) = self.line_and_column(self.at - 1);
        JsonError {
            words,
            line,
            column: column + 1,
        }
    }

    pub(super) fn fault(&self, at: usize, words: impl Into<String>) -> JsonError {
        let (line, column) = self.line_and_column(at);
        JsonError {
            words: words.into(),
            line,
            column,
        }
    }

    /// The line and the column of a byte. Line breaks before a fault are always white space, so
    /// they can be counted without tokens.
    pub(super) fn line_and_column(&self, at: usize) -> (usize, usize) {
        let (mut line, mut line_start) = (1, 0);
        for (index, &byte) in self.body[..at].iter().enumerate() {
            if byte == b'\n' || byte == b'\r' && self.body.get(index + 1) != Some(&b'\n') {
                line += 1;
                line_start = index + 1;
            }
        }
        (line, at - line_start + 1)
    }
}

/// A character as the parser shows it.
pub(super) fn described(code: u32) -> String {
    match code {
        _ if is_control(code) => format!("(CTRL-CHAR, code {code})"),
        ..=0xFF => format!("'{}' (code {code})", printable(code)),
        _ => format!("'{}' (code {code} / 0x{code:x})", printable(code)),
    }
}

pub(super) fn printable(code: u32) -> char {
    // Java prints half of a surrogate pair as a question mark.
    char::from_u32(code).unwrap_or('?')
}

pub(super) fn is_control(code: u32) -> bool {
    matches!(code, ..0x20 | 0x7F..0xA0)
}

/// Java's `isJavaIdentifierPart`: exact up to U+00FF, near enough above.
pub(super) fn is_identifier_part(code: u32) -> bool {
    match code {
        0x24 | 0x5F | 0xA2..=0xA5 | 0xAD | 0x20A0..=0x20C0 => true,
        0x09..=0x0D | 0x1C..=0x1F => false,
        _ if is_control(code) => true,
        _ => char::from_u32(code).is_some_and(|c| c.is_alphabetic() || c.is_ascii_digit()),
    }
}
