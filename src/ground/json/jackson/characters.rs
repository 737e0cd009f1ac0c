//! Strings, names, escapes and UTF-8, as the service's parser reads them.

use super::faults::described;
use super::{JsonError, Reader};

impl Reader<'_> {
    pub(super) fn string(&mut self) -> Result<(), JsonError> {
        loop {
            let start = self.at;
            match self.byte() {
                None => return Err(self.ended("in VALUE_STRING")),
                Some(b'"') => return Ok(()),
                Some(b'\\') => drop(self.escape()?),
                Some(byte @ ..0x20) => return Err(self.unquoted(byte, "string value")),
                Some(byte) => {
                    self.rest_of_character(byte)?;
                    self.strictly(start, self.at)?;
                }
            }
        }
    }

    /// A member's name. The parser checks its UTF-8 only after it has found the closing quote.
    pub(super) fn name(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        if self.peek().is_none() {
            return Err(self.fault(
                self.at,
                "Unexpected end-of-input: was expecting closing '\"' for name",
            ));
        }
        let mut name = Vec::new();
        loop {
            match self.byte() {
                None => return Err(self.ended("in field name")),
                Some(b'"') => break,
                Some(b'\\') => {
                    let unit = self.escape()?;
                    match unit {
                        ..=0x7F => name.push(unit as u8),
                        0x80..=0x7FF => {
                            name.extend([0xC0 | (unit >> 6) as u8, 0x80 | (unit & 0x3F) as u8])
                        }
                        _ => name.extend([
                            0xE0 | (unit >> 12) as u8,
                            0x80 | (unit >> 6 & 0x3F) as u8,
                            0x80 | (unit & 0x3F) as u8,
                        ]),
                    }
                }
                Some(byte @ ..0x20) => return Err(self.unquoted(byte, "name")),
                Some(byte) => name.push(byte),
            }
        }
        let mut index = 0;
        while let Some(&byte) = name.get(index) {
            let more = self.more_bytes(byte)?;
            if index + more >= name.len() {
                return Err(self.fault(self.at, "Unexpected end-of-input in field name"));
            }
            for (nth, index) in (index + 1..=index + more).enumerate() {
                if name[index] & 0xC0 != 0x80 {
                    // Except for the fourth byte of a character, the parser prints the byte
                    // together with those before it in its 32-bit word, sign-extended.
                    let mut word = [0; 4];
                    for (to, from) in word.iter_mut().zip(&name[index & !3..]) {
                        *to = *from;
                    }
                    let value = i32::from_be_bytes(word) >> (8 * (3 - (index & 3)));
                    let value = if nth == 2 { value & 0xFF } else { value };
                    return Err(
                        self.fault(self.at, format!("Invalid UTF-8 middle byte 0x{value:x}"))
                    );
                }
            }
            index += more + 1;
        }
        self.strictly(start, self.at)
    }

    /// The code unit of an escape whose backslash was already read.
    pub(super) fn escape(&mut self) -> Result<u32, JsonError> {
        const IN_ESCAPE: &str = "in character escape sequence";
        Ok(match self.byte().ok_or_else(|| self.ended(IN_ESCAPE))? {
            b'b' => 0x08,
            b't' => 0x09,
            b'n' => 0x0A,
            b'f' => 0x0C,
            b'r' => 0x0D,
            byte @ (b'"' | b'/' | b'\\') => byte.into(),
            b'u' => {
                let mut unit = 0;
                for _ in 0..4 {
                    let byte = self.byte().ok_or_else(|| self.ended(IN_ESCAPE))?;
                    let Some(digit) = char::from(byte).to_digit(16) else {
                        return Err(self.unexpected(
                            byte,
                            "expected a hex-digit for character escape sequence",
                        ));
                    };
                    unit = unit << 4 | digit;
                }
                unit
            }
            byte => {
                let code = self.rest_of_character(byte)?;
                return Err(self.fault(
                    self.at - 1,
                    format!("Unrecognized character escape {}", described(code)),
                ));
            }
        })
    }

    /// Decodes the character that begins with `first`, as loosely as the parser does, to the 16
    /// bits of a Java `char`.
    pub(super) fn rest_of_character(&mut self, first: u8) -> Result<u32, JsonError> {
        let more = self.more_bytes(first)?;
        let mut code = u32::from(first) & [0x7F, 0x1F, 0x0F, 0x07][more];
        for _ in 0..more {
            let byte = self.byte().ok_or_else(|| self.ended_in_token())?;
            if byte & 0xC0 != 0x80 {
                return Err(self.fault_after_last(format!("Invalid UTF-8 middle byte 0x{byte:x}")));
            }
            code = code << 6 | u32::from(byte & 0x3F);
        }
        Ok(code & 0xFFFF)
    }

    /// The number of bytes that follow this one in its character.
    pub(super) fn more_bytes(&self, first: u8) -> Result<usize, JsonError> {
        match first {
            ..0x80 => Ok(0),
            0xC0..=0xDF => Ok(1),
            0xE0..=0xEF => Ok(2),
            0xF0..=0xF7 => Ok(3),
            _ => Err(self.fault(self.at, format!("Invalid UTF-8 start byte 0x{first:x}"))),
        }
    }

    /// Rejects what the parser would accept although it is not UTF-8.
    pub(super) fn strictly(&self, start: usize, end: usize) -> Result<(), JsonError> {
        let Err(error) = std::str::from_utf8(&self.body[start..end]) else {
            return Ok(());
        };
        let at = start + error.valid_up_to();
        Err(match self.body[at..] {
            [0xED, second @ 0xA0..=0xBF, third, ..] => {
                let code = 0xD000 | u32::from(second & 0x3F) << 6 | u32::from(third & 0x3F);
                self.fault(
                    end,
                    format!("Invalid UTF-8: Illegal surrogate character 0x{code:x}"),
                )
            }
            _ => self.fault(
                at + 1,
                format!("Invalid UTF-8 start byte 0x{:x}", self.body[at]),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ground::json::jackson::tests::refused;

    #[test]
    fn control_characters_must_be_escaped() {
        refused(&[
            (
                b"\"a\nb\"",
                1,
                3,
                "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in \
                 string value",
            ),
            (
                b"{\"a\tb\":1}",
                1,
                4,
                "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in name",
            ),
            (
                b"[\x01]",
                1,
                3,
                "Illegal character ((CTRL-CHAR, code 1)): only regular white space (\\r, \\n, \\t) is allowed between tokens",
            ),
        ]);
    }

    #[test]
    fn an_unknown_escape_is_quoted() {
        refused(&[
            (
                b"\"a\\q\"",
                1,
                4,
                "Unrecognized character escape 'q' (code 113)",
            ),
            (
                b"\"\\\n\"",
                1,
                3,
                "Unrecognized character escape (CTRL-CHAR, code 10)",
            ),
            (
                b"\"\\\xE2\x82\xAC\"",
                1,
                5,
                "Unrecognized character escape '\u{20AC}' (code 8364 / 0x20ac)",
            ),
            (
                b"\"a\\u12g4\"",
                1,
                7,
                "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence",
            ),
        ]);
    }

    #[test]
    fn bad_utf8_names_the_byte() {
        refused(&[
            (b"\"\xFF\"", 1, 3, "Invalid UTF-8 start byte 0xff"),
            (b"\"\xE2x\"", 1, 4, "Invalid UTF-8 middle byte 0x78"),
            (b"\"\xF0\x90\x80x\"", 1, 6, "Invalid UTF-8 middle byte 0x78"),
            (b"{\"\xFF\":1}", 1, 5, "Invalid UTF-8 start byte 0xff"),
            // The parser's own mistake, kept: it shows the neighbors of the byte, and the sign.
            (
                b"{\"\xC3x\":1}",
                1,
                6,
                "Invalid UTF-8 middle byte 0xffffc378",
            ),
            (
                b"{\"\xC3\":1}",
                1,
                5,
                "Unexpected end-of-input in field name",
            ),
        ]);
    }

    #[test]
    fn utf8_that_only_a_lenient_decoder_accepts_is_refused() {
        refused(&[
            // The message of Jackson 2.21.
            (
                b"\"\xED\xA0\x80\"",
                1,
                5,
                "Invalid UTF-8: Illegal surrogate character 0xd800",
            ),
            // Our own: no version of the parser rejects these.
            (b"\"\xC0\x80\"", 1, 3, "Invalid UTF-8 start byte 0xc0"),
            (b"\"\xE0\x80\x80\"", 1, 3, "Invalid UTF-8 start byte 0xe0"),
            (
                b"\"\xF4\x90\x80\x80\"",
                1,
                3,
                "Invalid UTF-8 start byte 0xf4",
            ),
        ]);
    }
}
