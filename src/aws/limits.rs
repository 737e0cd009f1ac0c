//! Size limits of payloads, and payloads of an exact length.
//!
//! ```
//! use fake_lambda::limits::{REQUEST, payload_of};
//!
//! assert_eq!(payload_of(REQUEST + 1).len(), 6_291_457);
//! ```

use crate::ground::message::Message;

/// The maximum length of a request in bytes: 6 MiB. AWS's own sources disagree on whether exactly
/// this many bytes are accepted; the fake accepts them.
///
/// One more byte is a 413 `RequestEntityTooLargeException`, a name that no SDK models.
pub const REQUEST: usize = 6_291_456;

/// The maximum length of an Event in bytes: 1 MiB, since late 2025.
pub const EVENT: usize = 1_048_576;

/// The maximum length of a response in bytes: 6 MiB and 100 bytes. One more byte is a function
/// error, `Function.ResponseSizeTooLarge`.
pub const RESPONSE: usize = 6_291_556;

/// The maximum length in bytes of an answer that is sent in chunks: 200 MiB, since July 2025. Bytes
/// over the limit are not sent, and the stream ends with `Function.ResponseSizeTooLarge`, the name
/// that AWS's runtime interface emulator uses.
pub const STREAMED_RESPONSE: usize = 209_715_200;

/// Returns a JSON payload of exactly this many bytes: a string of one repeated letter, or a digit
/// if there is no room for a string.
///
/// # Panics
///
/// Panics if `length` is 0, because no JSON text is empty.
#[track_caller]
pub fn payload_of(length: usize) -> String {
    match length {
        0 => panic!(
            "{}",
            Message::new(
                "`payload_of(0)` is impossible: no JSON has 0 bytes",
                "use at least 1",
            )
        ),
        1 => "0".to_owned(),
        _ => format!("\"{}\"", "x".repeat(length - 2)),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{REQUEST, payload_of};

    #[rstest]
    #[case::shortest(1)]
    #[case::quotes(2)]
    #[case::one_letter(3)]
    #[case::at_the_limit(REQUEST)]
    fn a_payload_is_json_of_exactly_that_length(#[case] length: usize) {
        let payload = payload_of(length);
        assert_eq!(payload.len(), length);
        assert!(serde_json::from_str::<serde_json::Value>(&payload).is_ok());
    }

    #[test]
    #[should_panic(expected = "`payload_of(0)` is impossible")]
    fn a_payload_of_length_zero_panics() {
        payload_of(0);
    }
}
