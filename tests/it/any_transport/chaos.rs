//! Chaos: which attempts are hit, and the effect of a hit on a whole reply.

mod delays;
mod hits;
mod payloads;
mod places;
mod replay;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use fake_lambda::{ActiveChaos, Handle};

use crate::raw;
use crate::transport::port_of;

/// One call as the client sees it: the status and body, or how the connection ended and after how
/// many bytes.
pub(crate) fn ask(lambda: &Handle, function: &str) -> String {
    ask_as(lambda, function, "")
}

/// Like [`ask`], with `field` as one more line of the head.
pub(crate) fn ask_as(lambda: &Handle, function: &str, field: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port_of(lambda))).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let field = match field {
        "" => String::new(),
        field => format!("{field}\r\n"),
    };
    let head = format!(
        "POST /2015-03-31/functions/{function}/invocations HTTP/1.1\r\nHost: lambda\r\nConnection: close\r\n{field}\
         Content-Length: 2\r\n\r\n{{}}"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {
            format!("reset after {} bytes", bytes.len())
        }
        Err(error) => panic!("{error}"),
        Ok(_) => {
            let text = String::from_utf8_lossy(&bytes);
            let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
            let status = head.split(' ').nth(1).unwrap_or("none");
            format!("{status} {body}").trim_end().to_owned()
        }
    }
}

pub(crate) fn codes(chaos: &ActiveChaos) -> Vec<String> {
    chaos.hits().iter().map(ToString::to_string).collect()
}

/// The bytes of a reply, except those that change from run to run.
pub(crate) fn bytes(lambda: &Handle, function: &str) -> String {
    raw::invoke(lambda, function, &[], "{}").masked()
}
