//! Tests that need their own process, or the crate's source; without the AWS SDK, so that they
//! build quickly.

mod alone;
mod drops;
#[cfg(feature = "in-memory")]
mod in_memory;
mod journal;
mod layout;
#[cfg(target_os = "linux")]
mod memory;
mod page;
mod panics;
#[path = "../it/raw.rs"]
#[allow(dead_code, reason = "the other binary uses all of it")]
mod raw;
mod seed;
mod stalls;
mod starts;
#[cfg(target_os = "linux")]
mod streams;
#[path = "../it/text.rs"]
#[allow(dead_code, reason = "the other binary uses all of it")]
mod text;
#[path = "../it/transport.rs"]
#[allow(dead_code, reason = "`raw` asks only which one it is")]
mod transport;
mod unanswered;
mod unseen;

use fake_lambda::Handle;

/// A client that is still connected after its only call was answered with `body`.
#[track_caller]
fn answered(lambda: &Handle, body: &str) -> raw::Client {
    let mut client = raw::Client::connect(lambda);
    client.send_invoke("f", &[], "{}");
    let reply = client.read_reply();
    assert_eq!(
        (reply.status(), &*reply.body),
        (200, body.as_bytes()),
        "{reply}"
    );
    client
}
