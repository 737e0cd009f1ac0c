//! Requests that clients and fuzzers send, with the fake's verdict and hyper's: where they differ,
//! the fake is the stricter one, except that it accepts longer trailers.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rstest::rstest;

use super::{DEADLINE, TO_F, is_accepted, is_refused, start};
use crate::raw::Client;

/// A verdict on the body of a request.
#[derive(Debug, Eq, PartialEq)]
enum Verdict {
    /// Its body is `{}`.
    Accepts,
    Refuses,
}
use Verdict::{Accepts, Refuses};

/// Stands for the reason of a refusal in the cases that the fake accepts.
const ACCEPTED: &str = "";

#[rstest]
// Sizes.
#[case::leading_zeros("0002\r\n{}\r\n0\r\n\r\n", ACCEPTED, Accepts)]
#[case::more_than_16_digits("00000000000000000002\r\n{}\r\n000\r\n\r\n", ACCEPTED, Accepts)]
#[case::blanks_after_a_size("2 \t\r\n{}\r\n0 \r\n\r\n", ACCEPTED, Accepts)]
#[case::blanks_before_an_extension("2 ;a\r\n{}\r\n0\r\n\r\n", ACCEPTED, Accepts)]
#[case::a_blank_before_a_size(" 2\r\n{}\r\n0\r\n\r\n", "` 2` is not a valid chunk size", Refuses)]
#[case::a_blank_between_digits(
    "0 2\r\n{}\r\n0\r\n\r\n",
    "`0 2` is not a valid chunk size",
    Refuses
)]
#[case::a_form_feed_after_a_size(
    "2\x0c\r\n{}\r\n0\r\n\r\n",
    "`2\\x0c` is not a valid chunk size",
    Refuses
)]
#[case::a_carriage_return_after_a_size(
    "2\r\r\n{}\r\n0\r\n\r\n",
    "`2\\r` is not a valid chunk size",
    Refuses
)]
#[case::a_carriage_return_and_a_blank(
    "2\r \r\n{}\r\n0\r\n\r\n",
    "`2\\r` is not a valid chunk size",
    Refuses
)]
#[case::no_size(";a\r\n{}\r\n0\r\n\r\n", "`` is not a valid chunk size", Refuses)]
#[case::a_size_beyond_32_bits("100000000\r\n{}", "`100000000` is not a valid chunk size", Refuses)]
// Extensions.
#[case::an_extension("2;a=b\r\n{}\r\n0;c\r\n\r\n", ACCEPTED, Accepts)]
#[case::a_quoted_extension("2;a=\"b;\tc\"\r\n{}\r\n0\r\n\r\n", ACCEPTED, Accepts)]
#[case::a_carriage_return_in_an_extension(
    "2;a\rb\r\n{}\r\n0\r\n\r\n",
    "the extension of a chunk size contains a control character",
    Refuses
)]
#[case::a_nul_in_an_extension(
    "2;a\0b\r\n{}\r\n0\r\n\r\n",
    "the extension of a chunk size contains a control character",
    Accepts
)]
#[case::a_nul_in_the_last_extension(
    "2\r\n{}\r\n0;\0\r\n\r\n",
    "the extension of a chunk size contains a control character",
    Accepts
)]
// Trailers.
#[case::a_trailer("2\r\n{}\r\n0\r\nA: b\r\nC:\r\n\r\n", ACCEPTED, Accepts)]
#[case::a_trailer_with_a_length("2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n", ACCEPTED, Accepts)]
#[case::a_trailer_without_a_colon(
    "2\r\n{}\r\n0\r\nGET / HTTP/1.1\r\n\r\n",
    "`GET / HTTP/1.1` is not a valid trailer field",
    Refuses
)]
#[case::a_trailer_without_a_name(
    "2\r\n{}\r\n0\r\n: b\r\n\r\n",
    "`: b` is not a valid trailer field",
    Refuses
)]
#[case::a_folded_trailer(
    "2\r\n{}\r\n0\r\nA: b\r\n c: d\r\n\r\n",
    "` c: d` is not a valid trailer field",
    Refuses
)]
#[case::a_blank_before_the_colon_of_a_trailer(
    "2\r\n{}\r\n0\r\nA : b\r\n\r\n",
    "`A : b` is not a valid trailer field",
    Refuses
)]
#[case::a_carriage_return_in_a_trailer(
    "2\r\n{}\r\n0\r\nA: b\rc\r\n\r\n",
    "`A: b\\rc` is not a valid trailer field",
    Refuses
)]
#[case::a_nul_in_a_trailer(
    "2\r\n{}\r\n0\r\nA: \0\r\n\r\n",
    "`A: \\x00` is not a valid trailer field",
    Refuses
)]
fn a_chunked_body_is_judged_like_hyper_or_more_strictly(
    #[case] chunks: &'static str,
    #[case] why: &str,
    #[case] hyper: Verdict,
) {
    let bytes = format!("{TO_F}Transfer-Encoding: chunked\r\n\r\n{chunks}");
    match why {
        ACCEPTED => is_accepted(bytes.as_bytes(), "{}"),
        why => is_refused(bytes.as_bytes(), "400 Bad Request", why),
    }
    let seen = seen_by_hyper(bytes.as_bytes());
    let verdict = match seen.as_slice() {
        [] => Refuses,
        [(_, body)] if body == "{}" => Accepts,
        other => panic!("hyper sees {other:?}"),
    };
    assert_eq!(verdict, hyper);
}

/// The fake accepts longer trailers than hyper, up to 64 KiB.
#[rstest]
#[case::of_64_kib(64 * 1024, true)]
#[case::over_64_kib(64 * 1024 + 1, false)]
fn a_trailer_has_a_limit(#[case] length: usize, #[case] is_short: bool) {
    let line = format!("A: {}\r\n", "b".repeat(1019));
    let mut trailers = line.repeat(length / line.len() - 1);
    let rest = length - trailers.len() - "A: \r\n".len();
    trailers += &format!("A: {}\r\n", "b".repeat(rest));
    assert_eq!(trailers.len(), length);
    let bytes = format!("{TO_F}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n{trailers}\r\n");
    match is_short {
        true => is_accepted(bytes.as_bytes(), "{}"),
        false => is_refused(
            bytes.as_bytes(),
            "431 Request Header Fields Too Large",
            "the trailer fields are longer than 65536 bytes",
        ),
    }
    assert_eq!(seen_by_hyper(bytes.as_bytes()), []);
}

#[rstest]
#[case::with_a_scheme("http://lambda/2015-03-31/functions/f/invocations", true)]
#[case::with_an_upper_case_scheme("HTTP://lambda/2015-03-31/functions/f/invocations", true)]
#[case::with_a_path_in_its_query("http://lambda?a=/2015-03-31/functions/f/invocations", false)]
#[case::with_a_query_and_no_path("http://lambda?/2015-03-31/functions/f/invocations", false)]
fn an_absolute_target_is_judged_like_hyper_or_more_strictly(
    #[case] target: &str,
    #[case] is_invoke: bool,
) {
    let bytes = format!("POST {target} HTTP/1.1\r\nHost: lambda\r\nContent-Length: 2\r\n\r\n{{}}");
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(bytes.as_bytes());
    let status = if is_invoke { 200 } else { 403 };
    assert_eq!(client.read_reply().status(), status);
    lambda.assert_calls(u64::from(is_invoke));
    assert_eq!(lambda.try_verify().is_ok(), is_invoke);
    let path = match is_invoke {
        true => "/2015-03-31/functions/f/invocations",
        false => "/",
    };
    let seen = seen_by_hyper(bytes.as_bytes());
    assert_eq!(seen, [(path.to_owned(), "{}".to_owned())]);
}

/// The path and the body of each request that hyper accepts among these bytes.
fn seen_by_hyper(bytes: &[u8]) -> Vec<(String, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    let (stream, _) = listener.accept().unwrap();
    stream.set_nonblocking(true).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sees = seen.clone();
    let serving = thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_io().build().unwrap().block_on(async {
            let stream = tokio::net::TcpStream::from_std(stream).unwrap();
            let answer = |request: Request<Incoming>| {
                let sees = sees.clone();
                async move {
                    let (head, body) = request.into_parts();
                    let body = body.collect().await?.to_bytes();
                    let body = String::from_utf8_lossy(&body).into_owned();
                    sees.lock()
                        .unwrap()
                        .push((head.uri.path().to_owned(), body));
                    Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::new())))
                }
            };
            // Its error is a refusal.
            let _ = http1::Builder::new()
                .half_close(true)
                .serve_connection(TokioIo::new(stream), service_fn(answer))
                .await;
        });
    });
    client.write_all(bytes).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    // A refused connection can also be reset.
    let _ = client.read_to_end(&mut Vec::new());
    serving.join().unwrap();
    let mut seen = seen.lock().unwrap();
    std::mem::take(&mut *seen)
}
