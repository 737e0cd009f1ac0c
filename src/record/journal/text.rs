//! How a body is printed: the same in every run and with any set of `serde_json` features.

use std::borrow::Cow;
use std::fmt::{self, Write};

use serde::ser::{Serialize, Serializer};

use crate::ground::cut::start_of;
use crate::ground::json;
use crate::request::invocation::Invocation;

/// The longest body that is printed whole by default, in bytes of its text.
pub(crate) const DEFAULT_PRINT_LIMIT: usize = 1_024;

/// The placeholder for the attempt's own request id.
const REQUEST_ID: &str = "<request-id>";

/// A body as the journal shows it: canonical JSON, or else text, or else a length and the first
/// bytes.
pub(crate) struct BodyText<'a> {
    body: &'a [u8],
    request_id: &'a str,
    limit: usize,
}

impl<'a> BodyText<'a> {
    /// The body of this invocation or of its answer.
    pub(crate) fn of(invocation: &'a Invocation, body: &'a [u8]) -> Self {
        Self {
            body,
            request_id: invocation.request_id(),
            limit: invocation.print_limit(),
        }
    }

    /// A body that contains this request id, with the limit for printing.
    pub(crate) fn with(body: &'a [u8], request_id: &'a str, limit: usize) -> Self {
        Self {
            body,
            request_id,
            limit,
        }
    }

    fn text(&self) -> Option<String> {
        let text = match json::canonical(self.body) {
            Some(text) => text,
            None => std::str::from_utf8(self.body).ok()?.to_owned(),
        };
        match without_id(&text, self.request_id) {
            Cow::Borrowed(_) => Some(text),
            Cow::Owned(replaced) => Some(replaced),
        }
    }
}

/// The text with a placeholder for the attempt's own request id.
pub(super) fn without_id<'a>(text: &'a str, request_id: &str) -> Cow<'a, str> {
    // The client may have sent its own id. An invalid one is refused but may be any text, so only
    // an id with the length of a UUID is replaced.
    match request_id.len() == 36 && text.contains(request_id) {
        true => text.replace(request_id, REQUEST_ID).into(),
        false => text.into(),
    }
}

impl fmt::Display for BodyText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) if text.len() <= self.limit => printable(&text, f),
            Some(text) => {
                printable(start_of(&text, self.limit), f)?;
                write!(f, "… ({} bytes)", self.body.len())
            }
            None => {
                write!(f, "<{} bytes:", self.body.len())?;
                self.body
                    .iter()
                    .take(16)
                    .try_for_each(|byte| write!(f, " {byte:02x}"))?;
                f.write_str(if self.body.len() > 16 { " …>" } else { ">" })
            }
        }
    }
}

/// JSON as JSON, anything else as the printed text.
impl Serialize for BodyText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let data = |text: String| json::Data::of(text.as_bytes());
        match self.text().and_then(data) {
            Some(data) => data.serialize(serializer),
            None => serializer.collect_str(self),
        }
    }
}

/// Writes line breaks and other control characters as escapes, so that a body never breaks the
/// journal's lines.
fn printable(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.chars().try_for_each(|letter| {
        if letter.is_control() {
            write!(f, "{}", letter.escape_default())
        } else {
            f.write_char(letter)
        }
    })
}

/// The short form of text with several lines.
pub(crate) fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::BodyText;

    const ID: &str = "00000000-0000-4000-8000-000000000007";

    fn shown(body: &[u8], limit: usize) -> BodyText<'_> {
        BodyText {
            body,
            request_id: ID,
            limit,
        }
    }

    #[rstest]
    #[case::members_by_name(br#"{"b": 1.0, "a": [ 1e999 ]}"#, r#"{"a":[1e999],"b":1.0}"#)]
    #[case::not_json(b"<html>\r\n</html>", r"<html>\r\n</html>")]
    #[case::binary(&[0xff, 0x00], "<2 bytes: ff 00>")]
    #[case::the_request_id(
        br#"{"id":"00000000-0000-4000-8000-000000000007"}"#,
        r#"{"id":"<request-id>"}"#
    )]
    fn a_body_is_shown_on_one_line(#[case] body: &[u8], #[case] text: &str) {
        assert_eq!(shown(body, 1_024).to_string(), text);
    }

    #[test]
    fn a_long_body_is_cut_between_characters_and_shows_its_length() {
        let body = format!("\"{}\"", "é".repeat(2_000));
        let text = shown(body.as_bytes(), 1_024).to_string();
        assert!(text.ends_with("é… (4002 bytes)"), "{text}");
        assert!(text.len() < 1_100);
    }

    #[rstest]
    #[case::nothing(0, "… (10 bytes)")]
    #[case::inside_a_character(2, "\"… (10 bytes)")]
    #[case::all_but_the_end(9, "\"éééé… (10 bytes)")]
    #[case::whole(10, "\"éééé\"")]
    fn a_body_is_cut_at_the_limit(#[case] limit: usize, #[case] text: &str) {
        assert_eq!(shown("\"éééé\"".as_bytes(), limit).to_string(), text);
    }

    #[test]
    fn json_serializes_as_json_and_the_rest_as_text() {
        assert_eq!(serde_json::to_value(shown(b"[1]", 0)).unwrap(), json!([1]));
        assert_eq!(
            serde_json::to_value(shown(b"[1", 1_024)).unwrap(),
            json!("[1")
        );
    }
}
