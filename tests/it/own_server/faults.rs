//! Faults on the wire, malformed replies, gates and delays: as bytes on a socket and as the AWS SDK
//! sees them.

mod handlers;
mod holding;
mod journal;
mod lies;
mod mistakes;
mod reactions;
mod reuse;
pub(crate) mod rows;
mod timing;
mod wire;

use std::time::Duration;

use fake_lambda::{FakeLambda, FunctionError, Handle, Reply, ServiceError};
use serde_json::json;

use crate::raw::Client;

/// A duration that no test waits for: a reply with this delay never arrives.
const HOUR: Duration = Duration::from_secs(3600);

/// A reply of each kind, with a body of at least ten bytes.
#[derive(Clone, Copy, Debug)]
enum Sort {
    Success,
    ServiceError,
    FunctionError,
}

impl Sort {
    fn reply(self) -> Reply {
        match self {
            Self::Success => Reply::json(json!({"paid": 42})),
            Self::ServiceError => Reply::error(ServiceError::ResourceNotFoundException),
            Self::FunctionError => FunctionError::new("ValueError", "no such order").into(),
        }
    }

    /// Head and body of this reply without a fault.
    fn whole(self) -> (Vec<u8>, Vec<u8>) {
        let lambda = FakeLambda::start();
        lambda.on("f").reply(self.reply());
        let reply = asking(&lambda).read_reply();
        (steady(reply.head.into_bytes()), reply.body)
    }
}

/// A client that has called `f`.
fn asking(lambda: &Handle) -> Client {
    let mut client = Client::connect(lambda);
    client.send_invoke("f", &[], "{}");
    client
}

/// The same bytes with each byte of the date and of the trace id's time replaced by a dot, so that
/// cut positions stay the same.
fn steady(mut bytes: Vec<u8>) -> Vec<u8> {
    for (before, length) in [("Date: ", 29), ("Root=1-", 8)] {
        let found = bytes
            .windows(before.len())
            .position(|window| window == before.as_bytes());
        if let Some(found) = found {
            let start = found + before.len();
            let end = (start + length).min(bytes.len());
            bytes[start..end].fill(b'.');
        }
    }
    bytes
}

/// The journal, one call per line, without the call's number.
fn lines(lambda: &Handle) -> String {
    let journal = lambda.journal().to_string().replace("\n  ", " ");
    let lines = journal
        .lines()
        .map(|line| line.split_once(' ').unwrap().1.to_owned());
    lines.collect::<Vec<_>>().join("\n")
}
