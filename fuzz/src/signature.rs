//! Requests that `aws-sigv4` signs are accepted; with one byte changed, they are accepted only if
//! the signer gives them the same signature.

use std::time::SystemTime;

use arbitrary::{Arbitrary, Unstructured};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use fake_lambda::Credentials;
use fake_lambda::fuzzing::refused_signature;

use crate::fake::end_at_panics;

const PIECES: [&str; 44] = [
    "f",
    "resize",
    "%20",
    "%2F",
    "%252F",
    "+",
    "%2B",
    "~",
    "-",
    "_",
    ".",
    "..",
    "/",
    "//",
    "%3A",
    ":",
    "$LATEST",
    "%24LATEST",
    "%C3%A9",
    "a",
    "A",
    "%7e",
    "%7E",
    "=",
    "&",
    "Qualifier=",
    "%26",
    "%3D",
    "@",
    "!",
    "*",
    "'",
    "(",
    ")",
    ",",
    ";",
    "0",
    "%00",
    "b=",
    "a=",
    "?",
    "%25",
    "/./",
    "/../",
];

const NAMES: [&str; 10] = [
    "x-a",
    "X-B",
    "x-amz-meta",
    "content-type",
    "X-Amz-Invocation-Type",
    "x-amz-client-context",
    "amz-sdk-request",
    "user-agent",
    "accept",
    "x-amzn-trace-id",
];

const VALUES: [&str; 16] = [
    "",
    "a",
    " b",
    "a  b",
    "  a   b  ",
    "\"a  b\"",
    "é",
    "a,b",
    "a, b",
    ";",
    ":",
    "=",
    "Event",
    "x/y",
    "%20",
    "b ",
];

const KEY: &str = "AKIAEXAMPLE";
const SECRET: &str = "secret";
const TOKEN: &str = "token/+=";
const REGION: &str = "us-east-1";
const HOST: &str = "lambda";

type Field = (String, String);

#[derive(Arbitrary)]
struct Drawn {
    label: Vec<u8>,
    query: Option<Vec<u8>>,
    fields: Vec<(u8, Vec<u8>)>,
    body: Vec<u8>,
    has_token: bool,
    changed: u16,
    byte: u8,
}

/// The parts of a request that are signed.
struct Request<'a> {
    method: &'a str,
    target: &'a str,
    fields: &'a [Field],
    body: &'a [u8],
    has_token: bool,
}

impl Request<'_> {
    /// The fields that the signer adds; `None` if it refuses the request.
    fn signed(&self, at: SystemTime) -> Option<Vec<Field>> {
        let token = self.has_token.then(|| TOKEN.to_owned());
        let credentials = aws_credential_types::Credentials::new(KEY, SECRET, token, None, "fuzz");
        let identity = credentials.into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name("lambda")
            .time(at)
            .settings(SigningSettings::default())
            .build()
            .unwrap();
        let url = format!("http://{HOST}{}", self.target);
        url.parse::<http::Uri>().ok()?;
        let fields = self.fields.iter();
        let fields = fields.map(|(name, value)| (name.as_str(), value.as_str()));
        let body = SignableBody::Bytes(self.body);
        let request = SignableRequest::new(self.method, url, fields, body).ok()?;
        let (signed, _) = sign(request, &params.into()).ok()?.into_parts();
        let added = signed.headers();
        let added = added.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(added.collect())
    }
}

pub fn run(data: &[u8]) {
    end_at_panics();
    let Ok(drawn) = Drawn::arbitrary(&mut Unstructured::new(data)) else {
        return;
    };
    let label = joined(&PIECES, &drawn.label, 8);
    let mut target = format!("/2015-03-31/functions/{label}/invocations");
    if let Some(query) = &drawn.query {
        target = format!("{target}?{}", joined(&PIECES, query, 10));
    }
    let fields = drawn.fields.iter().take(5).map(|(name, value)| {
        let name = NAMES[usize::from(*name) % NAMES.len()];
        (name.to_owned(), joined(&VALUES, value, 3))
    });
    let fields: Vec<Field> = fields.collect();
    let request = Request {
        method: "POST",
        target: &target,
        fields: &fields,
        body: &drawn.body,
        has_token: drawn.has_token,
    };
    let now = SystemTime::now();
    let Some(added) = request.signed(now) else {
        return;
    };
    let length = drawn.body.len();
    let mut head =
        format!("POST {target} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {length}\r\n");
    for (name, value) in fields.iter().chain(&added) {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";
    match refused(head.as_bytes(), &drawn.body, drawn.has_token) {
        Some(None) => {}
        Some(Some(refusal)) => panic!("refused, although it is signed: {refusal}\n{head}"),
        None => return,
    }
    let mut changed = head.clone().into_bytes();
    changed.extend(&drawn.body);
    let at = usize::from(drawn.changed) % changed.len();
    if changed[at] != drawn.byte {
        let before = changed[at];
        changed[at] = drawn.byte;
        check_changed(&changed, head.len(), at, before, &drawn, &added, now);
    }
}

/// Checks a signed request after one byte was changed.
fn check_changed(
    changed: &[u8],
    head_length: usize,
    at: usize,
    before: u8,
    drawn: &Drawn,
    added: &[Field],
    now: SystemTime,
) {
    let (head, body) = changed.split_at(head_length);
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut fields);
    if request.parse(head) != Ok(httparse::Status::Complete(head_length)) {
        return;
    }
    let Some(refusal) = refused(head, body, drawn.has_token) else {
        return;
    };
    let is_accepted = refusal.is_none();
    let shown = changed.escape_ascii();
    if at >= head_length {
        assert!(!is_accepted, "accepted with another body: {shown}");
        return;
    }
    let value_of = |name: &str| {
        let mut found = added.iter().filter(|field| field.0 == name);
        found.next().map_or("", |field| field.1.as_str())
    };
    let has_only = |name: &str, value: &str| {
        let found = request.headers.iter();
        let found = found.filter(|field| field.name.eq_ignore_ascii_case(name));
        found.map(|field| field.value).eq([value.as_bytes()])
    };
    let signature = value_of("authorization");
    if !has_only("authorization", signature) {
        let is_space = before == b' ' && drawn.byte == b'\t';
        assert!(
            !is_accepted || is_space,
            "accepted with another signature: {shown}"
        );
        return;
    }
    let target = request.path.unwrap();
    if !target.starts_with('/') || target.contains('#') {
        return;
    }
    // What arrived is signed again, with the names that were signed.
    let (_, names) = signature.split_once("SignedHeaders=").unwrap();
    let names: Vec<&str> = names.split(',').next().unwrap().split(';').collect();
    let is_added = |name: &str| matches!(name, "host" | "x-amz-date" | "x-amz-security-token");
    let mut kept = Vec::new();
    for field in request.headers.iter() {
        let name = field.name.to_ascii_lowercase();
        if !names.contains(&name.as_str()) {
            // The service refuses an `x-amz-` field that was added after signing.
            if name.starts_with("x-amz-") {
                assert!(!is_accepted, "accepted with `{name}`: {shown}");
                return;
            }
        } else if !is_added(&name) {
            let Ok(value) = std::str::from_utf8(field.value) else {
                assert!(!is_accepted, "accepted although it is not text: {shown}");
                return;
            };
            kept.push((field.name.to_owned(), value.to_owned()));
        }
    }
    let arrived = Request {
        method: request.method.unwrap(),
        target,
        fields: &kept,
        body,
        has_token: drawn.has_token,
    };
    let is_whole = has_only("host", HOST)
        && has_only("x-amz-date", value_of("x-amz-date"))
        && (!drawn.has_token || has_only("x-amz-security-token", TOKEN));
    let again = arrived.signed(now);
    let is_same = again.as_ref().is_some_and(|added| {
        let mut added = added.iter().filter(|field| field.0 == "authorization");
        added.next().is_some_and(|field| field.1 == signature)
    });
    if !is_whole || again.is_some() {
        assert_eq!(
            is_accepted,
            is_whole && is_same,
            "{refusal:?} for byte {at}: {shown}"
        );
    }
}

/// The refusal of a request, or `Some(None)` if it is accepted; `None` if the head is not complete.
fn refused(head: &[u8], body: &[u8], has_token: bool) -> Option<Option<String>> {
    let credentials = Credentials::new(KEY, SECRET);
    let credentials = match has_token {
        true => credentials.session_token(TOKEN),
        false => credentials,
    };
    refused_signature(head, body, credentials, REGION).ok()
}

fn joined(pieces: &[&str], draws: &[u8], most: usize) -> String {
    let draws = draws.iter().take(most);
    draws
        .map(|draw| pieces[usize::from(*draw) % pieces.len()])
        .collect()
}
