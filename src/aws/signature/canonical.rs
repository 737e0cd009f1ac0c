//! A request in its canonical form, which both sides hash, and the signature of that form.

use std::fmt::Write;
use std::time::SystemTime;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::authorization::CredentialScope;
use super::stamp;
use crate::ground::head::Head;

/// The canonical request, part by part.
#[derive(Clone, Debug)]
pub(super) struct Canonical {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    /// The signed header fields: names in lower case, values without redundant spaces, the values
    /// of a repeated field joined by commas.
    pub(super) fields: Vec<(String, Vec<u8>)>,
    /// The names of all signed header fields, as they were sent.
    pub(super) names: String,
    pub(super) payload_hash: String,
}

impl Canonical {
    pub(super) fn of(head: &Head, signed_headers: &[String], payload: &[u8]) -> Self {
        let (path, query) = head.path_and_query();
        let field = |name: &String| {
            let values: Vec<Vec<u8>> = head.values(name).map(folded).collect();
            // An absent field is not an empty one.
            (!values.is_empty()).then(|| (name.clone(), values.join(&b',')))
        };
        Self {
            method: head.method().to_owned(),
            path: encoded(normal(path).as_bytes(), true),
            query: sorted(query),
            fields: signed_headers.iter().filter_map(field).collect(),
            names: signed_headers.join(";"),
            payload_hash: sha256(payload),
        }
    }

    /// The path encoded once, as it was sent, which services other than S3 do not accept.
    pub(super) fn path_as_sent(head: &Head) -> String {
        normal(head.path_and_query().0)
    }

    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for line in [&self.method, &self.path, &self.query] {
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
        for (name, value) in &self.fields {
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            text.extend_from_slice(value);
            text.push(b'\n');
        }
        text.push(b'\n');
        text.extend_from_slice(self.names.as_bytes());
        text.push(b'\n');
        text.extend_from_slice(self.payload_hash.as_bytes());
        text
    }

    /// The signature of this request, in hexadecimal digits.
    pub(super) fn signature(
        &self,
        key: &[u8],
        scope: &CredentialScope,
        signed_at: SystemTime,
    ) -> String {
        let CredentialScope {
            date,
            region,
            service,
            terminator,
        } = scope;
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{}\n{date}/{region}/{service}/{terminator}\n{}",
            stamp::written(signed_at),
            sha256(&self.text())
        );
        hex(&keyed(key, &to_sign))
    }
}

/// The key for all requests of one secret in one scope.
pub(super) fn signing_key(secret: &str, scope: &CredentialScope) -> Vec<u8> {
    let start = format!("AWS4{secret}").into_bytes();
    let parts = [
        &scope.date,
        &scope.region,
        &scope.service,
        &scope.terminator,
    ];
    parts.iter().fold(start, |key, part| keyed(&key, part))
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC accepts a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string accepts any text");
        text
    })
}

/// The path without `.`, `..` and doubled slashes.
fn normal(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    let is_folder = !kept.is_empty() && ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    format!("/{}{}", kept.join("/"), if is_folder { "/" } else { "" })
}

/// Escapes every byte that is not unreserved, percent signs included, so an encoded path is encoded
/// twice.
fn encoded(bytes: &[u8], keeps_slashes: bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'/' if keeps_slashes => text.push('/'),
            b'-' | b'_' | b'.' | b'~' => text.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            _ => write!(text, "%{byte:02X}").expect("a string accepts any text"),
        }
    }
    text
}

/// The query's pairs sorted by name and value, each encoded once, however the client encoded them.
fn sorted(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let once = |text: &str| encoded(&decoded(text), false);
            (once(name), once(value))
        })
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// Decodes escapes, and a plus sign as a space; a percent sign that does not begin an escape stays.
fn decoded(text: &str) -> Vec<u8> {
    let text = text.replace('+', " ");
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let escape = part
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => {
                bytes.push(b'%');
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    bytes
}

/// Trims a value and reduces each run of spaces to one.
fn folded(value: &[u8]) -> Vec<u8> {
    let words = value
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}
