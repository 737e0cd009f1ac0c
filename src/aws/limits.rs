//! How long payloads may be, and payloads of just such a length.
//!
//! ```
//! use fake_lambda::limits::{REQUEST, payload_of};
//!
//! assert_eq!(payload_of(REQUEST + 1).len(), 6_291_457);
//! ```

use crate::ground::message::Message;

/// The most bytes of a request: 6 MiB. The service's words are at odds on whether exactly so many pass; here they do.
///
/// One more is a 413, `RequestEntityTooLargeException`, a name that no SDK models.
pub const REQUEST: usize = 6_291_456;

/// The most bytes of an Event: 1 MiB, since late 2025.
pub const EVENT: usize = 1_048_576;

/// The most bytes of a response: 6 MiB and 100 bytes. One more is a function error, `Function.ResponseSizeTooLarge`.
pub const RESPONSE: usize = 6_291_556;

/// A JSON payload of exactly this many bytes: a string of one letter, or a digit where there is room for no more.
///
/// # Panics
///
/// At this line when `length` is 0: no JSON is that short.
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
    fn a_payload_is_json_of_just_that_length(#[case] length: usize) {
        let payload = payload_of(length);
        assert_eq!(payload.len(), length);
        assert!(serde_json::from_str::<serde_json::Value>(&payload).is_ok());
    }

    #[test]
    #[should_panic(expected = "`payload_of(0)` is impossible")]
    fn no_json_has_no_bytes() {
        payload_of(0);
    }
}
