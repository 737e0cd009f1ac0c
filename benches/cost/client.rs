//! A blocking client with minimal cost, so that the comparison is about the servers.
//!
//! The request is built once, with the head that aws-sdk-rust sends; only its digits change
//! between calls. Reads block: under valgrind only one thread runs at a time, and the spinning of a
//! client would be counted.

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::ops::Range;
use std::thread;
use std::time::Duration;

use crate::engine::Reach;
use crate::meter::COUNTED_FLAG;

/// The time between two calls if instructions are counted: long enough for a server to finish and
/// wait for the next request, as it does for a real client. Without it, the order in which valgrind
/// runs the threads would decide how often a server waits.
pub(crate) const PAUSE: Duration = Duration::from_millis(1);

/// One kept-alive connection with its prebuilt request.
pub(crate) struct Client {
    stream: Stream,
    request: Vec<u8>,
    function_digits: Range<usize>,
    id_digits: Range<usize>,
    functions: usize,
    calls: usize,
    pauses: bool,
    /// The last reply; kept so that reading does not allocate.
    reply: Vec<u8>,
}

enum Stream {
    Socket(TcpStream),
    /// A connection in memory, with the runtime on which the fake serves it.
    #[cfg(feature = "in-memory")]
    Memory(tokio::runtime::Runtime, fake_lambda::MemoryConnection),
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => socket.read(bytes),
            #[cfg(feature = "in-memory")]
            Self::Memory(runtime, connection) => {
                runtime.block_on(tokio::io::AsyncReadExt::read(connection, bytes))
            }
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => socket.write(bytes),
            #[cfg(feature = "in-memory")]
            Self::Memory(runtime, connection) => {
                runtime.block_on(tokio::io::AsyncWriteExt::write(connection, bytes))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const REPLY: &[u8] = br#"{"ok":true}"#;
const FUNCTION_DIGITS: usize = 5;
const ID_DIGITS: usize = 8;

/// The distance between the functions of two consecutive calls. It is large, so a few calls already
/// reach distant functions, and coprime to the numbers of functions in use, so no function is
/// called again before all others were called.
const FUNCTION_STRIDE: usize = 6181;

/// The name of a function; all have the same length, so that a request can be patched in place.
pub(crate) fn function_name(number: usize) -> String {
    format!("fn-{number:0FUNCTION_DIGITS$}")
}

/// The path at which the function is invoked.
pub(crate) fn invocations_path(function: &str) -> String {
    format!("/2015-03-31/functions/{function}/invocations")
}

impl Client {
    /// Connects and builds the request; the calls will rotate through this many functions.
    pub(crate) fn connect(reach: &Reach, functions: usize, payload: &[u8]) -> Client {
        let (stream, port) = match reach {
            Reach::Port(port) => {
                let stream = TcpStream::connect(("127.0.0.1", *port)).expect("the server listens");
                stream
                    .set_nodelay(true)
                    .expect("a socket can be without delay");
                // A server that never answers must fail the bench, not hang it.
                stream
                    .set_read_timeout(Some(Duration::from_secs(60)))
                    .expect("a minute is a valid timeout");
                (Stream::Socket(stream), *port)
            }
            #[cfg(feature = "in-memory")]
            Reach::Memory(lambda) => {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("the system has the descriptors for a runtime");
                let connection = runtime.block_on(async { lambda.connect() });
                let connection = connection.expect("the fake runs");
                (Stream::Memory(runtime, connection), 80)
            }
        };

        let mut request = head(port, payload.len()).into_bytes();
        let function_digits = digits_after(&request, "/functions/fn-", FUNCTION_DIGITS);
        let id_digits = digits_after(&request, "-4000-8000-0000", ID_DIGITS);
        request.extend_from_slice(payload);
        Client {
            stream,
            request,
            function_digits,
            id_digits,
            functions,
            calls: 0,
            pauses: env::args().any(|argument| argument == COUNTED_FLAG),
            reply: Vec::with_capacity(4096),
        }
    }

    /// Sends one invocation and reads its whole reply.
    ///
    /// All replies of a server have the length of its first one, so only the first is parsed: the
    /// time to search a head is a cost of the client, not of a server.
    ///
    /// # Panics
    ///
    /// Panics if the reply is not the scripted one, because a figure for wrong answers would be
    /// worthless.
    pub(crate) fn call(&mut self) {
        let function = self.calls * FUNCTION_STRIDE % self.functions;
        write_digits(&mut self.request[self.function_digits.clone()], function);
        write_digits(&mut self.request[self.id_digits.clone()], self.calls);
        self.calls += 1;
        if self.pauses {
            thread::sleep(PAUSE);
        }
        self.stream
            .write_all(&self.request)
            .expect("the server reads the request");
        if self.reply.is_empty() {
            self.read_first();
        } else {
            self.stream
                .read_exact(&mut self.reply)
                .expect("the reply is as long as the first");
        }
        assert!(
            self.reply.starts_with(b"HTTP/1.1 200") && self.reply.ends_with(REPLY),
            "not the scripted reply: {:?}",
            String::from_utf8_lossy(&self.reply)
        );
    }

    /// Reads the first reply by its content-length.
    fn read_first(&mut self) {
        let mut chunk = [0; 4096];
        loop {
            let read = self.stream.read(&mut chunk).expect("the server replies");
            assert_ne!(read, 0, "the server closed the connection");
            self.reply.extend_from_slice(&chunk[..read]);
            let text = String::from_utf8_lossy(&self.reply).to_ascii_lowercase();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length
                .and_then(|length| length.trim().parse().ok())
                .expect("the reply has a content-length");
            if body.len() == length {
                return;
            }
        }
    }
}

/// The head of an invocation as aws-sdk-rust sends it, with the fields in the same order.
fn head(port: u16, length: usize) -> String {
    let path = invocations_path(&function_name(0));
    let user_agent = "aws-sdk-rust/1.7.0 ua/2.1 api/lambda/1.156.0 os/linux lang/rust/1.95.0 m/E,N md/http#hyper-1.x";
    let signature = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
    format!(
        "POST {path} HTTP/1.1\r\n\
         content-type: application/octet-stream\r\n\
         content-length: {length}\r\n\
         user-agent: {user_agent}\r\n\
         x-amz-user-agent: {user_agent}\r\n\
         x-amz-date: 20260102T030405Z\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/lambda/aws4_request, \
         SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-user-agent, Signature={signature}\r\n\
         amz-sdk-request: attempt=1; max=3\r\n\
         amz-sdk-invocation-id: 3f2a7c10-9b5e-4000-8000-000000000000\r\n\
         host: 127.0.0.1:{port}\r\n\
         \r\n"
    )
}

fn digits_after(request: &[u8], mark: &str, count: usize) -> Range<usize> {
    let at = request
        .windows(mark.len())
        .position(|window| window == mark.as_bytes());
    let start = at.expect("the head has the mark") + mark.len();
    start..start + count
}

fn write_digits(field: &mut [u8], mut number: usize) {
    for digit in field.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}
