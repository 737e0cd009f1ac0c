//! The memory that a long stream needs, measured in a process of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use fake_lambda::{ChunkSender, FakeLambda, FunctionError, Invocation};

use crate::alone::{alone, this_test};

const MIB: usize = 1 << 20;

/// The journal's limit.
const LIMIT: usize = 8 * MIB;

/// The most memory that this process has used.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
    kib.parse::<usize>().unwrap() * 1024
}

/// The sending side holds one chunk, and the journal no more than its limit.
#[test]
fn a_stream_of_200_mib_needs_little_more_memory_than_the_journals_limit() {
    alone(this_test!(), stream_200_mib);
}

fn stream_200_mib() {
    let lambda = FakeLambda::builder().journal_bytes(LIMIT).start();
    lambda
        .on("f")
        .handle_stream(async |_: Invocation, out: ChunkSender| {
            for _ in 0..201 {
                out.send(vec![b'x'; MIB]).await;
            }
            Ok::<_, FunctionError>(())
        });
    let mut client = TcpStream::connect(("127.0.0.1", lambda.port())).unwrap();
    client
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let request = "POST /2021-11-15/functions/f/response-streaming-invocations HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    client.write_all(request.as_bytes()).unwrap();
    let mut bytes = vec![0; 64 * 1024];
    let before = peak();
    let (mut length, mut last) = (0, Vec::new());
    loop {
        let read = client.read(&mut bytes).unwrap();
        if read == 0 {
            break;
        }
        length += read;
        last.extend_from_slice(&bytes[..read]);
        last.drain(..last.len().saturating_sub(400));
    }
    let grown = peak() - before;
    // The chunk that exceeds the limit of the service is not sent.
    let last = String::from_utf8_lossy(&last);
    assert!(last.contains("(209715200 bytes)"), "{last}");
    assert!((200 * MIB..201 * MIB).contains(&length), "{length}");
    assert!(grown < LIMIT + 12 * MIB, "{} MiB", grown / MIB);
    lambda.wait_for_attempts(1).block();
    let attempt = lambda.only_call().attempts()[0].clone();
    assert!(attempt.chunks().is_empty());
    assert!(
        attempt
            .to_string()
            .starts_with("200 stream, 200 chunks <209715200 bytes, dropped>, then function error"),
        "{attempt}"
    );
}
