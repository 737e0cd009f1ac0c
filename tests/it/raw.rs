//! A client that is only a socket: it sends and gets bytes.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use fake_lambda::Handle;

use crate::transport::{Transport, port_of};

/// The deadline of a read. A machine with many busy threads needs seconds.
const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    stream: TcpStream,
    /// Bytes that arrived after the last reply.
    ahead: Vec<u8>,
}

/// How the other side ended a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// With a FIN: the end of the stream.
    Closed,
    /// With an RST: an error.
    Reset,
}

/// One HTTP reply, in bytes.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(lambda: &Handle) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port_of(lambda))).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        Self {
            stream,
            ahead: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// Sends an Invoke request; `fields` are lines of its head, such as
    /// `X-Amz-Invocation-Type: Event`.
    pub(crate) fn send_invoke(
        &mut self,
        function: &str,
        fields: &[&str],
        payload: impl AsRef<[u8]>,
    ) {
        let payload = payload.as_ref();
        let mut request = format!(
            "POST /2015-03-31/functions/{function}/invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n",
            payload.len()
        );
        for field in fields {
            request += &format!("{field}\r\n");
        }
        self.send(&[request.as_bytes(), b"\r\n", payload].concat());
    }

    /// Sends an InvokeWithResponseStream request with an empty payload.
    pub(crate) fn send_streamed(&mut self, function: &str, fields: &[&str]) {
        let mut request = format!(
            "POST /2021-11-15/functions/{function}/response-streaming-invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
        );
        for field in fields {
            request += &format!("{field}\r\n");
        }
        self.send(format!("{request}\r\n").as_bytes());
    }

    /// Sends one Invoke request and reads its reply.
    ///
    /// `label` is inserted in the path unchanged and can be followed by a query; `fields` are whole
    /// lines of the head, each with its CRLF.
    pub(crate) fn invoke(&mut self, label: &str, fields: &str, body: &[u8]) -> Reply {
        let (label, query) = label.split_once('?').unwrap_or((label, ""));
        let mark = if query.is_empty() { "" } else { "?" };
        let length = body.len();
        let head = format!(
            "POST /2015-03-31/functions/{label}/invocations{mark}{query} HTTP/1.1\r\nHost: lambda\r\n{fields}\
             Content-Length: {length}\r\n\r\n"
        );
        self.send(head.as_bytes());
        self.send(body);
        self.read_reply()
    }

    /// The next reply; panics if the connection ends before its last byte.
    pub(crate) fn read_reply(&mut self) -> Reply {
        let mut bytes = std::mem::take(&mut self.ahead);
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.read_more(&mut bytes);
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let head = match Transport::of_this_run() {
            Transport::Socket => head,
            #[cfg(feature = "in-memory")]
            Transport::Pipe => head,
            Transport::Wiremock => as_ours(&head),
        };
        if head.contains("\r\nTransfer-Encoding: chunked\r\n") {
            let mut rest = bytes.split_off(end);
            let body = self.read_chunks(&mut rest);
            self.ahead = rest;
            return Reply { head, body };
        }
        let length = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("Content-Length"))
            .map_or(0, |(_, length)| length.parse().unwrap());
        while bytes.len() < end + length {
            self.read_more(&mut bytes);
        }
        self.ahead = bytes.split_off(end + length);
        Reply {
            head,
            body: bytes.split_off(end),
        }
    }

    /// Reads a chunked body that begins with these bytes; what follows the body stays in `bytes`.
    fn read_chunks(&mut self, bytes: &mut Vec<u8>) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let end = loop {
                match bytes.windows(2).position(|two| two == b"\r\n") {
                    Some(end) => break end,
                    None => self.read_more(bytes),
                }
            };
            let size = std::str::from_utf8(&bytes[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            while bytes.len() < end + 2 + size + 2 {
                self.read_more(bytes);
            }
            let rest = bytes.split_off(end + 2 + size + 2);
            assert!(bytes.ends_with(b"\r\n"), "a chunk of another size");
            body.extend_from_slice(&bytes[end + 2..end + 2 + size]);
            *bytes = rest;
            if size == 0 {
                return body;
            }
        }
    }

    /// Everything until the other side closes.
    pub(crate) fn read_to_end(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.ahead);
        self.stream.read_to_end(&mut bytes).unwrap();
        bytes
    }

    /// Everything until the connection ends, and how it ends.
    pub(crate) fn read_out(&mut self) -> (Vec<u8>, End) {
        let mut bytes = std::mem::take(&mut self.ahead);
        let mut chunk = [0; 4096];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return (bytes, End::Closed),
                Ok(read) => bytes.extend_from_slice(&chunk[..read]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                    return (bytes, End::Reset);
                }
                Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&bytes)),
            }
        }
    }

    /// The next `count` bytes; panics if the connection ends before the last of them.
    pub(crate) fn read_bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.ahead);
        while bytes.len() < count {
            self.read_more(&mut bytes);
        }
        self.ahead = bytes.split_off(count);
        bytes
    }

    /// Returns `true` if the connection is open and nothing has arrived that was not read.
    pub(crate) fn is_silent(&self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false).unwrap();
        let is_quiet = matches!(peeked, Err(error) if error.kind() == ErrorKind::WouldBlock);
        is_quiet && self.ahead.is_empty()
    }

    pub(crate) fn close_sending_half(&mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Ends the connection immediately and discards what the other side has not read yet.
    pub(crate) fn reset(self) {
        let socket = socket2::SockRef::from(&self.stream);
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// The same connection, for a thread that sends while this one reads.
    pub(crate) fn again(&self) -> Self {
        Self {
            stream: self.stream.try_clone().unwrap(),
            ahead: Vec::new(),
        }
    }

    /// Waits for the first byte of a reply, and keeps it for the next read.
    pub(crate) fn wait_for_a_byte(&mut self) {
        while self.ahead.is_empty() {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).unwrap();
            self.ahead.extend_from_slice(&byte);
        }
    }

    fn read_more(&mut self, bytes: &mut Vec<u8>) {
        let mut chunk = [0; 4096];
        let read = self.stream.read(&mut chunk).unwrap();
        assert!(
            read > 0,
            "the connection ended after {:?}",
            String::from_utf8_lossy(bytes)
        );
        bytes.extend_from_slice(&chunk[..read]);
    }
}

/// The reply to one Invoke request, on its own connection.
pub(crate) fn invoke(
    lambda: &Handle,
    function: &str,
    fields: &[&str],
    payload: impl AsRef<[u8]>,
) -> Reply {
    let mut client = Client::connect(lambda);
    client.send_invoke(function, fields, payload);
    client.read_reply()
}

/// Returns `true` if no fake with a reply for this function is at the port.
///
/// A connection can succeed although the port is closed: to the client itself, if the system gives
/// it this port, or to another process that has it now.
pub(crate) fn is_closed(port: u16, function: &str) -> bool {
    let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return true;
    };
    if stream.local_addr().ok() == stream.peer_addr().ok() {
        return true;
    }
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let request = format!(
        "POST /2015-03-31/functions/{function}/invocations HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
    );
    let mut answer = [0; 12];
    let sent = (&stream).write_all(request.as_bytes());
    match sent.and_then(|()| (&stream).read_exact(&mut answer)) {
        // Another process answers that it does not know the function.
        Ok(()) => !answer.ends_with(b" 200"),
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

/// The names that the fake's own server sends, in its order.
const NAMES: [&str; 14] = [
    "Date",
    "Content-Type",
    "Content-Length",
    "Connection",
    "x-amzn-RequestId",
    "X-Amz-Function-Error",
    "x-amzn-Remapped-Content-Length",
    "X-Amz-Executed-Version",
    "X-Amz-Log-Result",
    "X-Amz-Durable-Execution-Arn",
    "X-Amzn-Trace-Id",
    "x-amzn-ErrorType",
    "Retry-After",
    "X-Amz-Retry-After",
];

/// Rewrites a head of wiremock's server in the form of the fake's own server: only casing, order
/// and one phrase differ.
fn as_ours(head: &str) -> String {
    let (first, fields) = head.split_once("\r\n").unwrap();
    let fields = fields.strip_suffix("\r\n").unwrap();
    let mut fields: Vec<(usize, String)> = fields
        .split_inclusive("\r\n")
        .map(|field| {
            let (name, value) = field.split_once(": ").unwrap();
            let place = NAMES.iter().position(|own| own.eq_ignore_ascii_case(name));
            let name = place.map_or(name, |place| NAMES[place]);
            (place.unwrap_or(NAMES.len()), format!("{name}: {value}"))
        })
        .collect();
    fields.sort_by_key(|(place, _)| *place);
    let fields: String = fields.into_iter().map(|(_, field)| field).collect();
    let first = first.replace("Payload Too Large", "Request Entity Too Large");
    format!("{first}\r\n{fields}\r\n")
}

impl Reply {
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The value of a header field with exactly this casing of its name.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// All bytes of the reply, except those that change from run to run.
    pub(crate) fn masked(&self) -> String {
        let mut text = String::new();
        for line in self.head.split_inclusive("\r\n") {
            let masks = [
                ("Date: ", "<date>"),
                ("x-amzn-RequestId: ", "<request-id>"),
                ("X-Amzn-Trace-Id: ", "<trace-id>"),
            ];
            match masks.iter().find(|(name, _)| line.starts_with(name)) {
                Some((name, mask)) => text.extend([name, *mask, "\r\n"]),
                None => text.push_str(line),
            }
        }
        text + self.text()
    }

    /// The head without what changes from run to run, and the body as text.
    pub(crate) fn stable(&self) -> String {
        let mut text = String::new();
        for line in self.head.lines() {
            let name = line.split(':').next().unwrap_or_default();
            match name {
                "Date" => text.push_str("Date: <date>"),
                "x-amzn-RequestId" => text.push_str("x-amzn-RequestId: <request-id>"),
                "X-Amzn-Trace-Id" => text.push_str("X-Amzn-Trace-Id: <trace-id>"),
                _ => text.push_str(line),
            }
            text.push('\n');
        }
        text + &String::from_utf8_lossy(&self.body)
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.head, String::from_utf8_lossy(&self.body))
    }
}
