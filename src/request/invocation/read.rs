//! Creates an [`Invocation`] from a head and a body: where the parts of a request are in its bytes.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use super::log::Written;
use super::validation::{Checked, check};
use super::{Defaults, Invocation, Request, RequestId, Validity};
use crate::aws::versions::Resolved;
use crate::ground::head::{Head, whole_number};
use crate::request::operation::Requested;

impl Invocation {
    /// Reads a request that arrived completely.
    pub(crate) fn read(head: Head, payload: Bytes, defaults: &Defaults) -> Self {
        let (path, query) = head.path_and_query();
        let (requested, label) = Requested::of(head.method(), path);
        let (checked, label) = match requested {
            Requested::Unknown => (Checked::only(Validity::Valid), None),
            Requested::InvokeAsync => {
                (Checked::only(Validity::Valid), Some(percent_decoded(label)))
            }
            Requested::Call(operation) => {
                let label = percent_decoded(label);
                let checked = check(
                    operation,
                    &head,
                    &label,
                    qualifier_of(query).as_deref(),
                    &payload,
                    defaults,
                );
                (checked, Some(label))
            }
        };
        // If there is a target, it contains everything that the label does.
        let label = label
            .filter(|_| checked.target.is_none())
            .map(|label| label.as_ref().into());
        Self::of(
            head,
            requested,
            checked,
            label,
            payload,
            defaults.print_limit,
        )
    }

    /// An incomplete or invalid HTTP request, with the parts of it that were read.
    pub(crate) fn unreadable(head: Head, validity: Validity) -> Self {
        let checked = Checked::only(validity);
        Self::of(head, Requested::Unknown, checked, None, Bytes::new(), 0)
    }

    fn of(
        head: Head,
        requested: Requested,
        checked: Checked,
        label: Option<Box<str>>,
        payload: Bytes,
        print_limit: usize,
    ) -> Self {
        let (attempt, max_attempts) = attempt_of(&head);
        let Checked {
            validity,
            target,
            elsewhere,
            invocation_type,
            log_type,
            is_limited,
            era,
            has_own_id,
        } = checked;
        let request = Arc::new(Request {
            head,
            payload,
            requested,
            validity,
            label,
            target,
            elsewhere,
            invocation_type,
            log_type,
            attempt,
            max_attempts,
            is_limited,
            era,
            has_own_id,
            print_limit,
            written: Written::for_reply(invocation_type, log_type),
        });
        Self {
            request,
            request_id: RequestId::NONE,
            version: Resolved::Undeclared,
            durable_execution: None,
            is_execution: false,
            connection: None,
        }
    }
}

/// The value of `Qualifier` with exactly this spelling; an empty value counts as absent.
fn qualifier_of(query: &str) -> Option<Cow<'_, str>> {
    if query.is_empty() {
        return None;
    }
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("Qualifier="))
        .filter(|value| !value.is_empty())
        .map(percent_decoded)
}

/// Decodes percent escapes. An invalid escape stays as it is, and bytes that are not UTF-8 become
/// U+FFFD.
fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = match bytes[at..] {
            [b'%', high, low, ..] => digit(high)
                .zip(digit(low))
                .map(|(high, low)| high << 4 | low),
            _ => None,
        };
        decoded.push(escaped.unwrap_or(bytes[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

/// `attempt=2; max=3`, in any order and with other members such as `ttl`; if a member is repeated,
/// the last one counts.
fn attempt_of(head: &Head) -> (Option<u32>, Option<u32>) {
    let (mut attempt, mut max) = (None, None);
    let mut rest = head.field("amz-sdk-request").unwrap_or_default();
    while let [_, ..] = rest {
        let end = rest.iter().position(|byte| *byte == b';');
        let (member, after) = rest.split_at(end.unwrap_or(rest.len()));
        let member = member.trim_ascii();
        let number = |text| whole_number(text)?.try_into().ok();
        if let Some(text) = member.strip_prefix(b"attempt=") {
            attempt = number(text);
        } else if let Some(text) = member.strip_prefix(b"max=") {
            max = number(text);
        }
        rest = after.get(1..).unwrap_or_default();
    }
    (attempt, max)
}
