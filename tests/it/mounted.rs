//! The fake on a `wiremock::MockServer`: what it matches, what it refuses, and what it shares with
//! the fake's own server.

mod beside;
mod chaos;
mod handlers;
mod panics;
mod places;
mod refusals;
mod replies;
mod scoped_guards;

use fake_lambda::FakeLambda;
use wiremock::MockServer;

use crate::raw::{Client, Reply};

/// A server, and a fake that is dropped before it.
async fn mounted() -> (MockServer, FakeLambda) {
    let server = MockServer::start().await;
    let lambda = FakeLambda::mount_on(&server).await;
    (server, lambda)
}

/// The reply to a request without a body.
fn ask(lambda: &FakeLambda, method: &str, path: &str) -> Reply {
    let mut client = Client::connect(lambda);
    client.send(
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
            .as_bytes(),
    );
    client.read_reply()
}

fn invoke(lambda: &FakeLambda, function: &str) -> Reply {
    ask(lambda, "POST", &path_of(function))
}

fn path_of(function: &str) -> String {
    format!("/2015-03-31/functions/{function}/invocations")
}
