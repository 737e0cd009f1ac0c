//! Whatever bytes arrive, the fake answers as an HTTP server, records them once, and keeps working.
//!
//! The cases follow from a fixed seed, so a failure is the same in every run and no file stores it.

use std::fmt;

use fake_lambda::FakeLambda;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{RngAlgorithm, RngSeed};
use serde_json::json;

use crate::raw::{self, Client};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        // If the fake stopped answering, each smaller case would wait until a deadline.
        max_shrink_time: 5_000,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    }
}

/// The bytes that a test sends, in a form that is readable in a failure message.
struct Sent(Vec<u8>);

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// Bytes, nearly all of which are allowed in a head. A line feed is excluded, because another
/// request could begin after it.
fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        6 => 0x20..0x7f_u8,
        1 => proptest::sample::select(b"%:/?&=#+$!~\"\\ \t".to_vec()),
        1 => any::<u8>().prop_filter("no line feed", |byte| *byte != b'\n'),
    ];
    vec(byte, 0..most)
}

fn path() -> impl Strategy<Value = Vec<u8>> {
    let label = prop_oneof![
        bytes(40),
        "([a-z:!$]|%[0-9a-fA-F]{2}|%){1,12}".prop_map(String::into_bytes)
    ];
    let invoke = (label, "(|/|//)").prop_map(|(label, end)| {
        let start = b"/2015-03-31/functions/".as_slice();
        [start, &label, b"/invocations", end.as_bytes()].concat()
    });
    let good = Just(b"/2015-03-31/functions/f/invocations".to_vec());
    prop_oneof![3 => invoke, 2 => good, 1 => bytes(80)]
}

fn field() -> impl Strategy<Value = Vec<u8>> {
    let known = proptest::sample::select(vec![
        "Amz-Sdk-Invocation-Id",
        "Amz-Sdk-Request",
        "Authorization",
        "Connection",
        "Content-Type",
        "Expect",
        "X-Amz-Client-Context",
        "X-Amz-Durable-Execution-Name",
        "X-Amz-Invocation-Type",
        "X-Amz-Log-Type",
        "X-Amz-Tenant-Id",
        "X-Amzn-RequestId",
        "x-any",
    ]);
    let known = known.prop_map(|name| name.as_bytes().to_vec());
    let name = prop_oneof![8 => known, 1 => bytes(12)];
    (name, bytes(60)).prop_map(|(name, value)| [&name, b": ".as_slice(), &value, b"\r\n"].concat())
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let json = "(\\{\"a\": *[0-9]{1,3}\\}|\\[null, *true\\]|\"[a-z]*\"|)";
    prop_oneof![
        json.prop_map(String::into_bytes),
        bytes(60),
        vec(any::<u8>(), 0..60)
    ]
}

fn request() -> impl Strategy<Value = Sent> {
    let method =
        prop_oneof![6 => Just(b"POST".to_vec()), 1 => Just(b"GET".to_vec()), 1 => bytes(8)];
    let query = prop_oneof![
        3 => Just(Vec::new()),
        1 => bytes(40).prop_map(|value| [b"?Qualifier=".as_slice(), &value].concat()),
        1 => bytes(40).prop_map(|query| [b"?".as_slice(), &query].concat()),
    ];
    (method, path(), query, vec(field(), 0..5), body()).prop_map(
        |(method, path, query, fields, body)| {
            let length = format!("Host: lambda\r\nContent-Length: {}\r\n", body.len());
            Sent(
                [
                    &method,
                    b" ".as_slice(),
                    &path,
                    &query,
                    b" HTTP/1.1\r\n",
                    length.as_bytes(),
                    &fields.concat(),
                    b"\r\n",
                    &body,
                ]
                .concat(),
            )
        },
    )
}

/// One whole reply and what follows it; panics if the bytes are not a reply.
fn split_reply(bytes: &[u8]) -> (u16, &[u8]) {
    let mut fields = [httparse::EMPTY_HEADER; 32];
    let mut reply = httparse::Response::new(&mut fields);
    let Ok(httparse::Status::Complete(head)) = reply.parse(bytes) else {
        panic!("no reply: {:?}", String::from_utf8_lossy(bytes));
    };
    let status = reply.code.unwrap();
    assert_eq!(reply.version, Some(1));
    let lengths: Vec<usize> = reply
        .headers
        .iter()
        .filter(|field| field.name.eq_ignore_ascii_case("content-length"))
        .map(|field| std::str::from_utf8(field.value).unwrap().parse().unwrap())
        .collect();
    let has_no_body = status == 204 || status < 200;
    assert_eq!(lengths.len(), usize::from(!has_no_body), "one clear length");
    let length = lengths.first().copied().unwrap_or(0);
    (status, &bytes[head + length..])
}

/// The journal, one entry per line.
fn entries(lambda: &FakeLambda) -> Vec<String> {
    let journal = lambda.journal().to_string().replace("\n  ", " ");
    journal.lines().map(str::to_owned).collect()
}

/// A fake that does not verify when it is dropped: refused requests, and bytes that are not a
/// request, are findings that these tests are not about.
fn start() -> FakeLambda {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    lambda.on_any().reply(json!({"ok": true}));
    lambda
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn any_request_has_one_reply_and_one_journal_line(request in request()) {
        let lambda = start();
        let mut client = Client::connect(&lambda);
        client.send(&request.0);
        client.close_sending_half();
        let got = client.read_to_end();

        lambda.wait_until_idle().block();
        let (mut status, mut rest) = split_reply(&got);
        if status == 100 {
            (status, rest) = split_reply(rest);
        }
        prop_assert!((200..600).contains(&status));
        prop_assert_eq!(rest, b"", "one reply and no more");
        let entries = entries(&lambda);
        prop_assert_eq!(entries.len(), 1, "{:?}", entries);
        prop_assert!(entries[0].contains(&format!("→ {status}")), "{:?}", entries);

        let good = raw::invoke(&lambda, "f", &[], "{}");
        prop_assert_eq!((good.status(), good.text()), (200, r#"{"ok":true}"#));
    }

    /// Such bytes can be several requests, or end inside one.
    #[test]
    fn a_mutated_request_gets_whole_replies(
        request in request(), place in any::<Index>(), removed in 0..8_usize, bytes in vec(any::<u8>(), 0..8)
    ) {
        let mut request = request.0;
        let start_at = place.index(request.len());
        let end = (start_at + removed).min(request.len());
        request.splice(start_at..end, bytes);
        let lambda = start();

        let mut client = Client::connect(&lambda);
        client.send(&request);
        client.close_sending_half();
        let got = client.read_to_end();

        lambda.wait_until_idle().block();
        let (mut rest, mut replies) = (got.as_slice(), 0);
        while !rest.is_empty() {
            let (status, behind) = split_reply(rest);
            rest = behind;
            replies += usize::from(status != 100);
        }
        let entries = entries(&lambda);
        prop_assert!(
            (replies..=replies + 1).contains(&entries.len()),
            "{} replies to {:?}: {:?}", replies, Sent(request), entries
        );
        prop_assert_eq!(raw::invoke(&lambda, "f", &[], "{}").status(), 200);
    }

    /// These bytes do not even look like a request: the fake refuses them or only closes.
    #[test]
    fn the_fake_survives_any_bytes(bytes in vec(any::<u8>(), 1..200).prop_map(Sent)) {
        let lambda = start();
        let mut client = Client::connect(&lambda);
        client.send(&bytes.0);
        client.close_sending_half();
        let got = client.read_to_end();

        lambda.wait_until_idle().block();
        let entries = entries(&lambda);
        prop_assert!(entries.len() <= 1, "{:?}", entries);
        if !got.is_empty() {
            let (status, rest) = split_reply(&got);
            prop_assert_eq!((status, rest), (400, b"".as_slice()));
            prop_assert_eq!(entries.len(), 1);
        }
        prop_assert_eq!(raw::invoke(&lambda, "f", &[], "{}").status(), 200);
    }
}

#[test]
fn a_line_break_in_a_refused_name_is_printed_as_an_escape() {
    let lambda = start();
    let reply = raw::invoke(&lambda, "a%0Ab", &[], "{}");
    assert_eq!(reply.status(), 400);
    let entry = r"1 a\nb RequestResponse {} attempt 1 → 400 ValidationException";
    assert_eq!(entries(&lambda), [entry]);
}
