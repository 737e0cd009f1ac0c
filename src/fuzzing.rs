//! The internal functions that the targets in `fuzz` call; only with `cfg(fuzzing)`.

#![allow(missing_docs, reason = "not part of the API")]

use std::time::SystemTime;

use bytes::BytesMut;

use crate::aws::signature::{Credentials, Keys};
use crate::aws::target::{self, Target};
use crate::ground::head::Head;
use crate::ground::json;

pub const NAME_PATTERN: &str = target::NAME_PATTERN;
pub const NAME_LIMIT: usize = target::NAME_LIMIT;
pub const QUALIFIER_PATTERN: &str = target::QUALIFIER_PATTERN;

/// Returns a string that parses to the same target, if this string is a target.
pub fn written_target(text: &str) -> Option<String> {
    text.parse().ok().map(|target: Target| target.written())
}

/// Returns whether a rule for the first answers a request for the second, if both are targets.
pub fn covers(rule: &str, request: &str) -> Option<bool> {
    let (rule, request): (Target, Target) = (rule.parse().ok()?, request.parse().ok()?);
    Some(rule.covers(&request))
}

pub fn is_qualifier(text: &str) -> bool {
    target::is_qualifier(text)
}

/// The parser's sentence, the line and the column of a body that is not JSON.
pub fn json_error(body: &[u8]) -> Option<(String, usize, usize)> {
    let error = json::check(body).err()?;
    Some((error.to_string(), error.line(), error.column()))
}

/// Returns what the strict pass and the pass for the messages say about a body.
pub fn json_passes(body: &[u8]) -> (bool, bool) {
    json::passes(body)
}

pub fn canonical(body: &[u8]) -> Option<String> {
    json::canonical(body)
}

/// Checks a request's signature at the current time and returns the refusal, if there is one; `Err`
/// if `head` is not a complete head.
pub fn refused_signature(
    head: &[u8],
    body: &[u8],
    credentials: Credentials,
    region: &str,
) -> Result<Option<String>, String> {
    let head = Head::take(&mut BytesMut::from(head)).map_err(|error| format!("{error:?}"))?;
    let head = head.ok_or("the head does not end")?;
    let mut keys = Keys::default();
    keys.add(credentials);
    let refusal = keys.refusal(&head, body, region, SystemTime::now);
    Ok(refusal.map(|refusal| format!("{refusal:?}")))
}
