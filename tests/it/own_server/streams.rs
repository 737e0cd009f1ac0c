//! Streams on the fake's own server: bytes on a socket, gates, faults, and clients that leave.

mod bytes;
mod faults;
mod functions;
mod handlers;
mod mistakes;
mod reactions;
pub(crate) mod rows;

use fake_lambda::Handle;

use crate::raw::Client;

/// A client that has called `f`.
fn asking(lambda: &Handle) -> Client {
    let mut client = Client::connect(lambda);
    client.send_streamed("f", &[]);
    client
}

/// The answers that the journal shows, one for each attempt.
fn lines(lambda: &Handle) -> String {
    let journal = lambda.journal().to_string();
    let lines = journal
        .lines()
        .filter_map(|line| line.split_once("→ "))
        .map(|(_, answer)| answer);
    lines.collect::<Vec<_>>().join("\n")
}

/// Reads the head of a reply.
fn read_head(client: &mut Client) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.extend(client.read_bytes(1));
    }
    String::from_utf8(head).unwrap()
}
