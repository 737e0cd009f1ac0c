//! Finds the client's mistake when its signature does not match, as far as the signature shows it.

use super::canonical::{Canonical, sha256};
use crate::ground::head::Head;

/// A value that can only be sent in a header that names it; never printed.
const TOKEN: &str = "x-amz-security-token";

/// The mistake that makes `fits` return `true`, or else the request that the service would have
/// signed. The first line is the short form.
pub(super) fn slip(
    head: &Head,
    right: &Canonical,
    payload: &[u8],
    fits: impl Fn(&Canonical) -> bool,
) -> String {
    if let Some(why) = slips(head, right).into_iter().find_map(|(why, signed)| {
        let differs = signed.text() != right.text();
        (differs && fits(&signed)).then_some(why)
    }) {
        return why;
    }
    if let Some((name, _)) = right
        .fields
        .iter()
        .find(|(name, _)| head.field(name).is_none())
    {
        return format!("`{name}` is in SignedHeaders and not in the request");
    }
    let named = head.field("x-amz-content-sha256");
    if named.is_some_and(|named| named != sha256(payload).as_bytes()) {
        return "the body is not the one that `x-amz-content-sha256` names".to_owned();
    }
    let mut shown = right.clone();
    for (name, value) in &mut shown.fields {
        if name == TOKEN {
            *value = b"<session token>".to_vec();
        }
    }
    let text = shown.text();
    let lines: String = String::from_utf8_lossy(&text)
        .split('\n')
        .map(|line| match line {
            "" => "\n  |".to_owned(),
            _ => format!("\n  | {line}"),
        })
        .collect();
    format!(
        "the secret is another, or what was signed is not what arrived\nthe service signs this canonical request:{lines}"
    )
}

/// The request as clients are known to sign it wrongly, with one mistake each.
fn slips(head: &Head, right: &Canonical) -> Vec<(String, Canonical)> {
    let with = |change: &dyn Fn(&mut Canonical)| {
        let mut signed = right.clone();
        change(&mut signed);
        signed
    };
    let path = Canonical::path_as_sent(head);
    let mut slips = vec![
        (
            format!(
                "the path was signed without the second encoding: sign `{}`",
                right.path
            ),
            with(&|signed| signed.path = path.clone()),
        ),
        (
            "the query was left out of what was signed".to_owned(),
            with(&|signed| signed.query.clear()),
        ),
        (
            "the host was signed without its port".to_owned(),
            with(&|signed| {
                for (name, value) in &mut signed.fields {
                    let port = value.iter().rposition(|byte| *byte == b':');
                    if let Some(port) = port.filter(|_| name == "host") {
                        value.truncate(port);
                    }
                }
            }),
        ),
        (
            "the payload was signed as if it were empty".to_owned(),
            with(&|signed| signed.payload_hash = sha256(b"")),
        ),
    ];
    if let Some(named) = head.field("x-amz-content-sha256") {
        let named = String::from_utf8_lossy(named).into_owned();
        slips.push((
            format!("the payload was signed as `{named}`, which is not its SHA-256"),
            with(&|signed| signed.payload_hash = named.clone()),
        ));
    }
    slips.push((
        "the payload was signed as `UNSIGNED-PAYLOAD`, which Lambda does not take".to_owned(),
        with(&|signed| signed.payload_hash = "UNSIGNED-PAYLOAD".to_owned()),
    ));
    slips
}
