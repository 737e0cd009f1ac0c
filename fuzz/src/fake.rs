//! A fake, its clients, and the panics that are defects.

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::{Once, OnceLock};
use std::thread;
use std::time::Duration;

use fake_lambda::{FakeLambda, Handle};
use serde_json::json;

/// The timeout of reads, writes and waits, longer than any answer takes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(8);

/// The first word of the panic message of a client that gets no answer.
const HANG: &str = "HANG";

static ON_FAILURE: OnceLock<fn()> = OnceLock::new();

thread_local! {
    /// Whether a verb runs that may panic at the caller's line.
    static MAY_PANIC: Cell<bool> = const { Cell::new(false) };
}

/// Sets what runs before a failure ends the process.
pub fn on_failure(run: fn()) {
    let _ = ON_FAILURE.set(run);
    end_at_panics();
}

/// Makes each panic end the process from now on, even in a thread of the fake. The only exceptions
/// are panics of a handler, of a condition or in [`may_panic`] whose line is in this crate: a test
/// could have them too.
pub(crate) fn end_at_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        panic::set_hook(Box::new(|info| {
            let thread = thread::current();
            let is_fakes = thread
                .name()
                .is_some_and(|name| name.starts_with("fake-lambda"));
            let location = info.location().map(ToString::to_string).unwrap_or_default();
            let is_here = !location.contains("fake-lambda/src") && location.starts_with("src/");
            let is_expected = is_fakes || MAY_PANIC.get();
            if is_here && is_expected && !info.to_string().contains(HANG) {
                return;
            }
            eprintln!("{info}\n{}", Backtrace::force_capture());
            if let Some(run) = ON_FAILURE.get() {
                run();
            }
            std::process::abort();
        }));
    });
}

/// Runs a verb that may panic at the caller's line.
pub(crate) fn may_panic<T>(verb: impl FnOnce() -> T) -> Option<T> {
    let outer = MAY_PANIC.replace(true);
    let result = catch_unwind(AssertUnwindSafe(verb)).ok();
    MAY_PANIC.set(outer);
    result
}

/// A fake that answers every call.
pub(crate) fn fake() -> FakeLambda {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    lambda.on_any().reply(json!({"ok": true}));
    lambda
}

pub(crate) fn connect(lambda: &Handle) -> TcpStream {
    let client = TcpStream::connect(("127.0.0.1", lambda.port())).unwrap();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    client.set_write_timeout(Some(DEADLINE)).unwrap();
    client.set_nodelay(true).unwrap();
    client
}

/// Sends the bytes in pieces, and closes the sending half. Each cut is the end of a piece, in
/// 256ths of the length.
pub(crate) fn send_in_pieces(client: &mut TcpStream, bytes: &[u8], cuts: &[u8]) {
    let mut ends: Vec<usize> = cuts
        .iter()
        .map(|cut| usize::from(*cut) * bytes.len() / 256)
        .chain([0, bytes.len()])
        .collect();
    ends.sort_unstable();
    for piece in ends.windows(2) {
        if client.write_all(&bytes[piece[0]..piece[1]]).is_err() {
            break;
        }
        thread::yield_now();
    }
    let _ = client.shutdown(Shutdown::Write);
}

/// Everything until the connection ends.
pub(crate) fn read_all(client: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut piece = [0; 65_536];
    loop {
        match client.read(&mut piece) {
            Ok(0) => return bytes,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return bytes,
            Err(error) => panic!("{HANG}: {error} after {}", bytes.escape_ascii()),
        }
    }
}

/// The number of final replies in these bytes, without the interim ones; panics if a reply is
/// malformed.
pub(crate) fn count_replies(mut bytes: &[u8]) -> usize {
    let mut count = 0;
    while !bytes.is_empty() {
        let mut fields = [httparse::EMPTY_HEADER; 64];
        let mut reply = httparse::Response::new(&mut fields);
        let Ok(httparse::Status::Complete(head)) = reply.parse(bytes) else {
            panic!("malformed reply: {}", bytes.escape_ascii());
        };
        assert_eq!(reply.version, Some(1));
        let status = reply.code.unwrap();
        let lengths: Vec<usize> = reply
            .headers
            .iter()
            .filter(|field| field.name.eq_ignore_ascii_case("content-length"))
            .map(|field| std::str::from_utf8(field.value).unwrap().parse().unwrap())
            .collect();
        let is_chunked = reply
            .headers
            .iter()
            .any(|field| field.name.eq_ignore_ascii_case("transfer-encoding"));
        let has_length = status != 204 && status >= 200 && !is_chunked;
        let reply = bytes.escape_ascii();
        assert_eq!(lengths.len(), usize::from(has_length), "{reply}");
        let end = match is_chunked {
            true => head + chunked_length(&bytes[head..]),
            false => head + lengths.first().unwrap_or(&0),
        };
        assert!(end <= bytes.len(), "short reply: {reply}");
        bytes = &bytes[end..];
        count += usize::from(status >= 200);
    }
    count
}

/// The length of a chunked body without trailer fields; panics if it is malformed.
fn chunked_length(body: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let Ok(httparse::Status::Complete((line, size))) = httparse::parse_chunk_size(&body[at..])
        else {
            panic!("malformed chunk: {}", body[at..].escape_ascii());
        };
        at += line + size as usize + 2;
        assert!(
            body[..at].ends_with(b"\r\n"),
            "malformed chunk: {}",
            body.escape_ascii()
        );
        if size == 0 {
            return at;
        }
    }
}

/// Checks that each request of these bytes got one reply and one attempt in the journal.
pub(crate) fn check_replies(lambda: &FakeLambda, sent: &[u8], received: &[u8], attempts: usize) {
    // A reply to HEAD has the length of a body that is not sent.
    if sent.windows(4).any(|word| word == b"HEAD") {
        return;
    }
    let replies = count_replies(received);
    // The last request may be incomplete.
    assert!(
        attempts == replies || attempts == replies + 1,
        "{replies} replies and {attempts} attempts\n{}\nsent: {}\nreceived: {}",
        lambda.journal(),
        sent.escape_ascii(),
        received.escape_ascii()
    );
}

/// The number of attempts in the journal, of calls and of entries that are not calls.
pub(crate) fn count_attempts(lambda: &FakeLambda) -> usize {
    let journal = lambda.journal().to_string();
    let lines = journal.lines().map(str::trim_start);
    lines
        .filter(|line| line.starts_with("attempt ") || line.starts_with('→'))
        .count()
}

/// Checks that a new client gets its answer.
pub(crate) fn check_health(lambda: &Handle) {
    let mut client = connect(lambda);
    let request = b"POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
    client.write_all(request).unwrap();
    let reply = read_all(&mut client);
    assert!(
        reply.starts_with(b"HTTP/1.1 200 OK\r\n") && reply.ends_with(b"{\"ok\":true}"),
        "{}",
        reply.escape_ascii()
    );
}
