//! The bytes of every kind of answer, read from a plain socket.

mod complaints;
mod ids;
mod names;
mod payloads;
mod replies;

use fake_lambda::Handle;
use serde_json::Value;

use crate::raw::{Client, Reply as RawReply};

/// The reply to one request on its own connection.
fn invoke(lambda: &Handle, label: &str, fields: &str, body: &[u8]) -> RawReply {
    Client::connect(lambda).invoke(label, fields, body)
}

/// Checks the whole head and body of a refusal, whose members are in ASCII order.
#[track_caller]
fn assert_refused(reply: RawReply, status: u16, code: &str, body: &Value) {
    let text = reply.text();
    assert_eq!(json_of(&reply), *body);
    // Compact and in ASCII order: capitals come first.
    assert!(
        !text.starts_with("{\"message\"") || !text.contains("\"Type\""),
        "{text}"
    );
    assert_eq!(text.len(), serde_json::to_string(body).unwrap().len());
    assert_eq!(
        (reply.status(), reply.field("x-amzn-ErrorType")),
        (status, Some(code))
    );
    let names: Vec<_> = reply
        .head
        .lines()
        .skip(1)
        .filter_map(|line| Some(line.split_once(": ")?.0))
        .collect();
    assert_eq!(
        names,
        [
            "Date",
            "Content-Type",
            "Content-Length",
            "Connection",
            "x-amzn-RequestId",
            "x-amzn-ErrorType"
        ]
    );
}

fn json_of(reply: &RawReply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}
