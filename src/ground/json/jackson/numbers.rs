//! Numbers, and names of numbers that JSON does not have, as the service's parser reads them.

use super::{JsonError, Reader, VALID_VALUES};

impl Reader<'_> {
    pub(super) fn number(&mut self, first: u8) -> Result<&'static str, JsonError> {
        let mut lead = first;
        if lead == b'-' {
            lead = self.byte().ok_or_else(|| self.ended_in_token())?;
            if lead == b'.' {
                return Err(
                    self.unexpected(lead, &format!("expected a valid value {VALID_VALUES}"))
                );
            }
            if !lead.is_ascii_digit() {
                return Err(self.not_a_number(lead, '-'));
            }
        }
        let mut kind = "VALUE_NUMBER_INT";
        if lead == b'0' && self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.fault(self.at, "Invalid numeric value: Leading zeroes not allowed"));
        }
        self.digits();
        if self.peek() == Some(b'.') {
            kind = "VALUE_NUMBER_FLOAT";
            self.at += 1;
            if self.digits() == 0 {
                let byte = self.byte().unwrap_or(b'.');
                return Err(
                    self.unexpected_in_number(byte, "Decimal point not followed by a digit")
                );
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            kind = "VALUE_NUMBER_FLOAT";
            self.at += 1;
            let mut byte = self.byte().ok_or_else(|| self.ended_in_token())?;
            if let b'+' | b'-' = byte {
                byte = self.byte().ok_or_else(|| self.ended_in_token())?;
            }
            if !byte.is_ascii_digit() {
                return Err(
                    self.unexpected_in_number(byte, "Exponent indicator not followed by a digit")
                );
            }
            self.digits();
        }
        match self.peek() {
            Some(byte) if self.open.is_empty() && !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') => {
                self.at += 1;
                Err(self.unexpected(byte, "Expected space separating root-level values"))
            }
            _ => Ok(kind),
        }
    }

    /// The error for a sign that is not followed by a digit.
    pub(super) fn not_a_number(&mut self, byte: u8, sign: char) -> JsonError {
        let mut byte = byte;
        if byte == b'I' {
            byte = match self.number_byte() {
                Ok(b'N') => return self.non_standard(&format!("{sign}INF"), 3),
                Ok(b'n') => return self.non_standard(&format!("{sign}Infinity"), 3),
                Ok(other) => other,
                Err(error) => return error,
            };
        }
        if sign == '+' {
            let words = "JSON spec does not allow numbers to have plus signs: enable \
                         `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow";
            return self.unexpected_in_number(b'+', words);
        }
        self.unexpected_in_number(
            byte,
            "expected digit (0-9) to follow minus sign, for valid numeric value",
        )
    }

    /// The error for the name of a number, such as `NaN`, which JSON does not have; a misspelled
    /// name is an unknown token.
    pub(super) fn non_standard(&mut self, word: &str, known: usize) -> JsonError {
        match self.literal(word, known, "") {
            Ok(_) => {
                let words = format!(
                    "Non-standard token '{word}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"
                );
                self.fault(self.at, words)
            }
            Err(error) => error,
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    pub(super) fn number_byte(&mut self) -> Result<u8, JsonError> {
        self.byte().ok_or_else(|| self.ended("in a Number value"))
    }
}

#[cfg(test)]
mod tests {
    use crate::ground::json::jackson::tests::refused;

    #[test]
    fn numbers_follow_the_grammar() {
        let number = "in numeric value:";
        refused(&[
            (
                b"[01]",
                1,
                3,
                "Invalid numeric value: Leading zeroes not allowed",
            ),
            (
                b"-01",
                1,
                3,
                "Invalid numeric value: Leading zeroes not allowed",
            ),
            (
                b"1.x",
                1,
                3,
                &format!(
                    "Unexpected character ('x' (code 120)) {number} Decimal point not followed by a digit"
                ),
            ),
            (
                b"1.",
                1,
                2,
                &format!(
                    "Unexpected character ('.' (code 46)) {number} Decimal point not followed by a digit"
                ),
            ),
            (
                b"1ex",
                1,
                3,
                &format!(
                    "Unexpected character ('x' (code 120)) {number} Exponent indicator not followed by a digit"
                ),
            ),
            (
                b"-a",
                1,
                2,
                &format!(
                    "Unexpected character ('a' (code 97)) {number} expected digit (0-9) to follow minus sign, for valid numeric value"
                ),
            ),
            (
                b"+1",
                1,
                2,
                &format!(
                    "Unexpected character ('+' (code 43)) {number} JSON spec does not allow numbers to have plus signs: \
                     enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow"
                ),
            ),
        ]);
    }
}
