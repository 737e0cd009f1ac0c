//! The credential of a SigV4 signature: the key, the day, the region.

use std::sync::Arc;

use crate::ground::head::Head;

/// The region that a request is signed for; `default` if it is not signed.
pub(super) fn region_of(head: &Head, default: &Arc<str>) -> Arc<str> {
    if is_signed_for(head, default) {
        return default.clone();
    }
    match credential_scope(head) {
        Some([_, _, region, ..]) => region.into(),
        None => default.clone(),
    }
}

/// Returns `true` if the signature is for this region, in the form that SDKs write. This is the
/// case for nearly every request, and saves a full parse, which would take 8% of a call's
/// instructions.
fn is_signed_for(head: &Head, region: &str) -> bool {
    let scope = head
        .field("authorization")
        .and_then(|value| value.strip_prefix(b"AWS4-HMAC-SHA256 Credential="));
    let dated =
        scope.and_then(|scope| Some(&scope[scope.iter().position(|byte| *byte == b'/')? + 1..]));
    let placed = dated.and_then(|dated| dated.get(8..)?.strip_prefix(b"/"));
    placed
        .and_then(|placed| placed.strip_prefix(region.as_bytes()))
        .is_some_and(|rest| rest.starts_with(b"/lambda/"))
}

/// `AKID`, date, region, service and `aws4_request` of a SigV4 `Authorization`.
pub(super) fn credential_scope(head: &Head) -> Option<[&str; 5]> {
    let value = head
        .field("authorization")?
        .strip_prefix(b"AWS4-HMAC-SHA256")?;
    let value = value.trim_ascii_start();
    // Every SDK puts the credential first; any other order is also valid.
    let credential = match value.strip_prefix(b"Credential=") {
        Some(credential) => credential,
        None => value
            .split(|byte| *byte == b',')
            .find_map(|part| part.trim_ascii().strip_prefix(b"Credential="))?,
    };
    let end = credential
        .iter()
        .position(|byte| matches!(byte, b',' | b' '))
        .unwrap_or(credential.len());
    let scope = std::str::from_utf8(&credential[..end]).ok()?;
    scope.split('/').collect::<Vec<_>>().try_into().ok()
}
