//! Finds the client's mistake when its signature does not match, as far as the signature shows it.

use super::canonical::{Canonical, sha256};
use crate::ground::head::Head;

/// The header with the session token, whose value is never printed.
const TOKEN: &str = "x-amz-security-token";

const HOST: &str = "host";

/// The mistake that makes `fits` return `true`, or else a signed field that the request does not
/// have, or else a body with another hash, or else the request that the service would have signed.
/// The first line is the short form.
pub(super) fn find_mistake(
    head: &Head,
    names: &[String],
    right: &Canonical,
    payload: &[u8],
    region: &str,
    fits: impl Fn(&Canonical) -> bool,
) -> String {
    if let Some(why) = mistakes(head, right).into_iter().find_map(|(why, signed)| {
        let differs = signed.text() != right.text();
        (differs && fits(&signed)).then_some(why)
    }) {
        return why;
    }
    if let Some((signed, called)) = other_host(head, right, region, &fits) {
        return format!("the signed host is `{signed}`, but the request was sent to `{called}`");
    }
    if let Some(name) = names.iter().find(|name| head.field(name).is_none()) {
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
        "the secret differs, or the request was changed after it was signed\nthe service signs this canonical request:{lines}"
    )
}

/// Returns the host that was signed instead of the called one, and the called one. A signature does
/// not name its host, so this tries the hosts that clients are known to sign.
fn other_host(
    head: &Head,
    right: &Canonical,
    region: &str,
    fits: impl Fn(&Canonical) -> bool,
) -> Option<(String, String)> {
    let index = right.fields.iter().position(|(name, _)| name == HOST)?;
    let called = String::from_utf8_lossy(&right.fields[index].1).into_owned();
    let mut signed = right.clone();
    let hosts = likely_hosts(head, &called, region).into_iter();
    let mut others = hosts.filter(|host| *host != called);
    let other = others.find(|host| {
        signed.fields[index].1 = host.clone().into_bytes();
        fits(&signed)
    });
    Some((other?, called))
}

/// The hosts that a client may have signed: the service itself, this machine by its other names,
/// and the host before a proxy.
fn likely_hosts(head: &Head, called: &str, region: &str) -> Vec<String> {
    /// The names under which clients call this machine, from itself and from containers.
    const HERE: [&str; 6] = [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "0.0.0.0",
        "host.docker.internal",
        "localstack",
    ];
    let (name, port) = match called.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && !port.ends_with(']') => (name, Some(port)),
        Some(_) | None => (called, None),
    };
    let mut hosts: Vec<String> = [
        "lambda.{region}.amazonaws.com",
        "lambda-fips.{region}.amazonaws.com",
        "lambda.{region}.amazonaws.com.cn",
        "lambda.{region}.api.aws",
    ]
    .iter()
    .map(|host| host.replace("{region}", region))
    .collect();
    let ports = [port, Some("4566"), Some("80"), Some("443")];
    for name in HERE.iter().copied().chain([name]) {
        let ports = ports.iter().flatten();
        hosts.push(name.to_owned());
        hosts.extend(ports.map(|port| format!("{name}:{port}")));
    }
    let with_port: Vec<String> = hosts[..4]
        .iter()
        .map(|host| format!("{host}:443"))
        .collect();
    hosts.extend(with_port);
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    hosts.extend(head.field("x-forwarded-host").map(text));
    let authority = head.target().split_once("://");
    let authority = authority.and_then(|(_, rest)| rest.split(['/', '?']).next());
    hosts.extend(authority.map(str::to_owned));
    hosts
}

/// The mistakes that clients are known to make, each with the request that is signed with it.
fn mistakes(head: &Head, right: &Canonical) -> Vec<(String, Canonical)> {
    let with = |change: &dyn Fn(&mut Canonical)| {
        let mut signed = right.clone();
        change(&mut signed);
        signed
    };
    let path = Canonical::path_as_sent(head);
    let mut mistakes = vec![
        (
            format!(
                "the path was signed without the second encoding: sign `{}`",
                right.path
            ),
            with(&|signed| signed.path = path.clone()),
        ),
        (
            "the query was not signed".to_owned(),
            with(&|signed| signed.query.clear()),
        ),
        (
            "the payload was signed as if it were empty".to_owned(),
            with(&|signed| signed.payload_hash = sha256(b"")),
        ),
    ];
    if let Some(named) = head.field("x-amz-content-sha256") {
        let named = String::from_utf8_lossy(named).into_owned();
        mistakes.push((
            format!("the payload was signed as `{named}`, which is not its SHA-256"),
            with(&|signed| signed.payload_hash = named.clone()),
        ));
    }
    mistakes.push((
        "the payload was signed as `UNSIGNED-PAYLOAD`, which Lambda does not accept".to_owned(),
        with(&|signed| signed.payload_hash = "UNSIGNED-PAYLOAD".to_owned()),
    ));
    mistakes
}
