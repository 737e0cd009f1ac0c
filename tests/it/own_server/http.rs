//! HTTP as bytes on a socket: where a request ends, when a connection ends, and which requests are
//! refused.

mod abuses;
mod bodies;
mod boundaries;
mod connections;
mod load;
mod paths;
mod refusals;
mod reports;

use std::sync::{Arc, mpsc};
use std::time::Duration;

use bytes::Bytes;
use fake_lambda::{FakeLambda, Invocation, Script};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::raw::Client;

/// A fake with the function `f`.
fn start() -> FakeLambda {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!({"ok": true}));
    lambda
}

/// The longest wait of a test.
const DEADLINE: Duration = Duration::from_secs(10);

/// The answer of `f` on a connection that stays open.
const OK: &str = "HTTP/1.1 200 OK
Date: <date>
Content-Type: application/json
Content-Length: 11
Connection: keep-alive
x-amzn-RequestId: <request-id>
x-amzn-Remapped-Content-Length: 0
X-Amz-Executed-Version: $LATEST
X-Amzn-Trace-Id: <trace-id>

{\"ok\":true}";

/// The start of every request for `f`.
const TO_F: &str = "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: lambda\r\n";

/// A complete request with a length.
fn request(function: &str, payload: &str) -> Vec<u8> {
    format!(
        "POST /2015-03-31/functions/{function}/invocations HTTP/1.1\r\nHost: lambda\r\n\
         Content-Length: {}\r\n\r\n{payload}",
        payload.len()
    )
    .into_bytes()
}

/// A connection whose replies prove that the fake has read what others sent before.
///
/// The fake has one thread, which processes socket events in the order in which they happened.
struct Barrier(Client);

impl Barrier {
    fn of(lambda: &FakeLambda) -> Self {
        lambda.on("barrier").reply(json!(null));
        Self(Client::connect(lambda))
    }

    fn pass(&mut self) {
        // A new connection is accepted in the first round and read from in the second.
        for _ in 0..2 {
            self.0.send(&request("barrier", ""));
            assert_eq!(self.0.read_reply().status(), 200);
        }
    }
}

/// The journal, one entry per line, without numbers and without the requests of a [`Barrier`].
fn entries(lambda: &FakeLambda) -> Vec<String> {
    let journal = lambda.journal().to_string().replace("\n  ", " ");
    let lines = journal.lines().filter(|line| !line.contains(" barrier "));
    lines
        .map(|line| line.split_once(' ').unwrap().1.to_owned())
        .collect()
}

/// Asserts that another connection is answered.
#[track_caller]
fn still_answers(lambda: &FakeLambda) {
    let mut client = Client::connect(lambda);
    client.send(&request("f", "\"still\""));
    assert_eq!(client.read_reply().stable(), OK);
}

/// Everything the fake sent until it closed, with the date replaced.
fn all_bytes(client: &mut Client) -> String {
    let text = String::from_utf8(client.read_to_end()).unwrap();
    let lines = text
        .split("\r\n")
        .map(|line| match line.starts_with("Date: ") {
            true => "Date: <date>",
            false => line,
        });
    lines.collect::<Vec<_>>().join("\r\n")
}

/// The exact bytes of a refusal.
fn refusal(status: &str, why: &str) -> String {
    let body = format!("fake-lambda: {why}\n");
    format!(
        "HTTP/1.1 {status}\r\nDate: <date>\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Asserts that exactly this refusal arrives, the connection closes, journal and verification
/// report it, and the fake keeps working.
#[track_caller]
fn is_refused(bytes: &[u8], status: &str, why: &str) {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(bytes);
    assert_eq!(all_bytes(&mut client), refusal(status, why));
    still_answers(&lambda);
    let entries = entries(&lambda);
    assert_eq!(entries.len(), 2, "{entries:?}");
    let code = &status[..3];
    let told = format!("→ {code} ({why})");
    assert!(entries[0].ends_with(&told), "{entries:?}");
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains("found 1 problem"), "{report}");
    assert!(
        report.contains(&format!("was not valid HTTP and got {code} ({why})")),
        "{report}"
    );
}

/// A function that waits until the test releases it.
struct Waiting {
    script: Script,
    began: mpsc::Receiver<()>,
    ended: mpsc::Receiver<()>,
    go: Arc<Notify>,
}

impl Waiting {
    fn on(lambda: &FakeLambda, function: &str, reply: Value) -> Self {
        let (begins, began) = mpsc::channel();
        let (ends, ended) = mpsc::channel();
        let go = Arc::new(Notify::new());
        let goes = go.clone();
        let script = lambda.on(function).handle(async move |_: Invocation| {
            begins.send(()).unwrap();
            goes.notified().await;
            ends.send(()).unwrap();
            reply.clone()
        });
        Self {
            script,
            began,
            ended,
            go,
        }
    }

    fn has_begun(&self) {
        self.began.recv_timeout(DEADLINE).unwrap();
    }

    fn let_go(&self) {
        self.go.notify_one();
        self.ended.recv_timeout(DEADLINE).unwrap();
    }
}

#[track_caller]
fn is_accepted(bytes: &[u8], payload: &'static str) {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(bytes);
    assert_eq!(client.read_reply().stable(), OK);
    let call = lambda.only_call();
    assert_eq!(
        call.first().payload(),
        Bytes::from_static(payload.as_bytes())
    );
    lambda.verify();
}

/// A JSON string of this length, whose parts are all different.
fn json_text(length: usize) -> String {
    let mut text = String::with_capacity(length + 16);
    text.push('"');
    for number in 0.. {
        if text.len() >= length - 1 {
            break;
        }
        text.push_str(&format!("{number} "));
    }
    text.truncate(length - 1);
    text.push('"');
    text
}
